"""Pages of the portal that are written evenly, as columns at once: text between quotes, in one order of fields.

Belongs here: learning how a page writes its records, and taking pages apart that way with proof that nothing else stands in
them. Does not: any other page (page_records.py reads those), or what a field may hold (values.py).

A gateway writes every record of a page alike: the same fields in the same order, text as their values. Such a page is a
table whose separator is the quote, so polars reads it as one, without a Python object for each value and without Python's
lock. The proof is the way back: values put between the texts that the first record has between its own must give the page
byte for byte. As no value holds a quote, and the page no backslash, JSON can be read in no other way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import msgspec
import polars as pl

#: Keys sorted, no blanks: a record's canonical form. Objects inside are sorted too; structs by their definition.
canonical_json = msgspec.json.Encoder(order="deterministic")
_record = msgspec.json.Decoder(dict[str, Any])

#: Ends a row where records are a table: a value that holds one stands in too many rows, which the proof would tell.
_ROW_END = "{"
_SEPARATOR = '"'


@dataclass(frozen=True, slots=True)
class Writing:
    """How a page writes its records: the fields whose values are text, and what stands before, between and after them.

    Values that are no text stand in `between` as the first record has them. `canonical_names` and `canonical_between` say
    the same of a record's canonical form.
    """

    names: tuple[str, ...]
    between: tuple[str, ...]
    canonical_names: tuple[str, ...]
    canonical_between: tuple[str, ...]

    @classmethod
    def of(cls, record: dict[str, Any]) -> Writing:
        """How a record of these fields is written without blanks, its keys in this order."""
        return cls(*_texts(record), *_texts(dict(sorted(record.items()))))

    def columns(self, pages: Sequence[bytes]) -> pl.DataFrame | None:
        """The text of every record of pages (JSON arrays) in columns, "" as null; None when any of it is not so written."""
        # The very first brace would end a row of nothing.
        rows = b",".join([memoryview(page)[2 - bool(at) : -1] for at, page in enumerate(pages)])
        quotes = list(accumulate((text.count(_SEPARATOR) for text in self.between), initial=0))
        # `between` begins with the brace that is left out, and a row ends with a comma or nothing after the last text.
        at = {quotes[index + 1]: name for index, name in enumerate(self.names)}
        schema = {at.get(place, f"\0{place}"): pl.String() for place in range(quotes[-1] + 1)}
        try:
            found = (
                pl.scan_csv(
                    rows, has_header=False, schema=schema, separator=_SEPARATOR, quote_char=None, eol_char=_ROW_END
                )
                .select(self.names)
                .collect()
            )
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
            return None  # rows of unlike length, or bytes that are no text
        rebuilt = _joined(found, self.names, (self.between[0][1:], *self.between[1:]))
        return found if rebuilt.str.join(",{").cast(pl.Binary).item() == rows else None

    def canonical(self, columns: pl.DataFrame) -> pl.Series:
        """The canonical form of each record."""
        return _joined(columns, self.canonical_names, self.canonical_between)


def writing_of(records: bytes, wanted: Collection[str], ignored: Collection[str]) -> Writing | None:
    """How a page writes its first record; None when it must be read record by record.

    That is when a field is missing or unknown, a wanted one is no text, or anything is escaped or written with blanks.
    """
    if b"\\" in records:
        return None
    end = records.find(b"},{")
    first = records[1 : end + 1 if end > 0 else -1]
    try:
        record = _record.decode(first)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if any(not isinstance(record.get(name), str) for name in wanted):
        return None
    if any(name not in wanted and name not in ignored for name in record):
        return None
    writing = Writing.of(record)
    # Written otherwise: with blanks, a key twice, a number that is spelt in another way. A brace inside would end a row.
    if _put_together(writing, record) != first or any(_ROW_END in text for text in writing.between[1:]):
        return None
    return writing


def _texts(record: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the text fields in order, and the texts around their values."""
    names, between, text = [], [], ""
    for name, value in record.items():
        text += f'{"," if text else "{"}"{name}":'
        if isinstance(value, str):
            names.append(name)
            between.append(text + '"')
            text = '"'
        else:
            text += canonical_json.encode(value).decode()
    return tuple(names), (*between, text + "}")


def _put_together(writing: Writing, record: dict[str, Any]) -> bytes:
    pieces = [text + record[name] for name, text in zip(writing.names, writing.between, strict=False)]
    return "".join([*pieces, writing.between[-1]]).encode()


def _joined(columns: pl.DataFrame, names: Sequence[str], between: Sequence[str]) -> pl.Series:
    """Each row's values between texts, in one text."""
    pieces: list[pl.Expr] = []
    text = between[0]
    for name, following in zip(names, between[1:], strict=True):
        # Fields that nobody fills are many, and a fifth of the time.
        if not pieces or columns[name].null_count() < columns.height:
            pieces += [pl.lit(text), pl.col(name)]
            text = ""
        text += following
    return columns.select(pl.concat_str([*pieces, pl.lit(text)], ignore_nulls=True).alias("record")).to_series()
