"""Records of the portal one by one: any writing, odd values told, and fields that are not the contract's refused.

Belongs here: the careful reading of one page's records. Does not: pages that are written evenly (page_columns.py), or
which pages there are (pages.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec
import polars as pl

from contracts.records import QuarantinedField
from contracts.source import FieldContract, ServiceLayout, StreamContract
from extractors.header import refuse_drift
from extractors.page_columns import canonical_json
from extractors.row_hashes import RowHashes
from extractors.text_records import TextRecords, row_text_schema, shown

_split = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, Any])
#: Bytes at either end of a page in which a record is looked for that stands there.
_END = 4_096


def split_records(records: bytes | msgspec.Raw) -> list[msgspec.Raw]:
    """Each record of a JSON array as sent. Raises msgspec.DecodeError."""
    return _split.decode(records)


def records_at(records: bytes | msgspec.Raw, places: Sequence[int], count: int) -> list[Any]:
    """The records at some places of a JSON array that has `count`. Raises msgspec.DecodeError.

    Where a page's first and last record are all that is wanted, the others are not looked at.
    """
    found: dict[int, Any] = {}
    if len(places) <= 2 and set(places) <= {0, count - 1}:
        view = memoryview(records)
        first, last = bytes(view[:_END]), bytes(view[-_END:])
        ends = {0: first[1 : first.find(b"},{") + 1], count - 1: last[last.rfind(b"},{") + 2 : -1]}
        found = {at: record for at in places if (record := _whole(ends[at])) is not None}
    if len(found) < len(places):
        split = split_records(records)
        found = {at: msgspec.json.decode(split[at]) for at in places}
    return [found[at] for at in places]


def _whole(text: bytes) -> dict[str, Any] | None:
    """The object that a text is, if it is one.

    What stands between a valid array's bracket and "},{", or the other way round, and is an object by itself, is its first
    or last record: inside a string the quotes, and inside another object the brackets, would not come out even.
    """
    try:
        return _object.decode(text)
    except msgspec.MsgspecError:
        return None


def canonical(record: Any) -> bytes:
    """A record's canonical JSON, which its hash is of."""
    return canonical_json.encode(record)


@dataclass(frozen=True, slots=True)
class Shape:
    """A stream's record as a type: the contract's fields and those left out on purpose, nothing else."""

    stream: StreamContract
    wanted: frozenset[str]
    ignored: frozenset[str]
    decoder: msgspec.json.Decoder[list[Any]]
    attributes: dict[str, str]

    @classmethod
    def of(cls, stream: StreamContract, layout: ServiceLayout) -> Shape:
        """The fields in the order of their names, so that encoding them is the canonical form."""
        contracted = frozenset(item.name for item in stream.fields)
        ignored = frozenset(layout.ignored)
        names = sorted(contracted | ignored)
        attributes = {name: f"field_{at}" for at, name in enumerate(names)}
        record = msgspec.defstruct(
            "Record",
            [
                (attributes[name], str) if name in contracted else (attributes[name], Any, msgspec.UNSET)
                for name in names
            ],
            rename={attribute: name for name, attribute in attributes.items()},
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        return cls(
            stream, contracted, ignored, msgspec.json.Decoder(list[record]), attributes  # type: ignore[valid-type]
        )  # fmt: skip


@dataclass(slots=True)
class Gathered:
    """Records of one page, as they are read; `number` is the place of the page's first one in the file."""

    shape: Shape
    number: int
    name: str
    numbers: list[int] = field(default_factory=list)
    canonical: list[bytes] = field(default_factory=list)
    texts: dict[str, list[str | None]] = field(default_factory=dict)
    unreadable: list[QuarantinedField] = field(default_factory=list)
    field_faults: list[QuarantinedField] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.texts = {item.name: [] for item in self.shape.stream.fields}

    def records(self, hashes: RowHashes) -> TextRecords:
        """What was gathered, empty text as null."""
        columns = pl.DataFrame(self.texts, schema=row_text_schema(list(self.texts)))
        every = pl.all()
        return TextRecords(
            columns.with_columns(pl.when(every != "").then(every).name.keep()),
            self.numbers,
            hashes.of(pl.Series("record", self.canonical, dtype=pl.Binary)),
            tuple(self.unreadable),
            tuple(self.field_faults),
        )

    def take(self, records: bytes, repeats: Collection[int]) -> int:
        """Takes in a page's records, those left out that are `repeats`, and gives the number of all.

        Raises msgspec.DecodeError or RecursionError for what cannot be read, and DeliveryRefused.
        """
        try:
            found = self.shape.decoder.decode(records)
        except msgspec.ValidationError:
            return self._take_one_by_one(records, repeats)
        lines = canonical_json.encode_lines(found)
        # As long as sent (a comma for each line end, and brackets): written without blanks and no key twice. Text that
        # holds a NUL, and pages written otherwise, are looked at record by record.
        if found and (len(records) != len(lines) + 1 or b"\\u0000" in lines) and _odd_records(records):
            return self._take_one_by_one(records, repeats)
        chosen = [at for at in range(len(found)) if at not in repeats]
        forms = lines.split(b"\n")
        taken = [found[at] for at in chosen]
        self.numbers += [self.number + at for at in chosen]
        self.canonical += [forms[at] for at in chosen]
        for item in self.shape.stream.fields:
            self.texts[item.name] += map(attrgetter(self.shape.attributes[item.name]), taken)
        return len(found)

    def _take_one_by_one(self, records: bytes, repeats: Collection[int]) -> int:
        """The careful way: tells which record is at fault, and refuses a delivery for fields that are not the contract's."""
        stream, split = self.shape.stream, split_records(records)
        for index, raw in enumerate(split):
            if index in repeats:
                continue
            place = self.number + index
            record = msgspec.json.decode(raw)
            fault = _fault(raw, record)
            if fault:
                self.unreadable.append(QuarantinedField(place, "", shown(bytes(memoryview(raw))), fault))
                continue
            names = [key for key in record if key not in self.shape.ignored]
            if set(names) != self.shape.wanted:
                refuse_drift(stream, names, self.shape.wanted, f"{self.name}, record {place:,},")
            self.numbers.append(place)
            self.canonical.append(canonical(record))
            for item in stream.fields:
                text, wrong = _text(item, record[item.name])
                self.texts[item.name].append(text)
                if wrong:
                    value = msgspec.json.encode(record[item.name]).decode()
                    self.field_faults.append(QuarantinedField(place, item.name, shown(value), wrong))
        return len(split)


class _KeyTwiceError(ValueError):
    """An object names a key twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _KeyTwiceError
    return found


def _odd_records(records: bytes) -> bool:
    """Whether any record names a key twice or holds a NUL."""
    if b"\\u0000" in records:
        return True
    try:
        json.loads(records, object_pairs_hook=_once)
    except _KeyTwiceError:
        return True
    return False


def _fault(raw: msgspec.Raw, record: Any) -> str:
    """Why a record cannot be taken at all, or ""."""
    if not isinstance(record, dict):
        return "is no object"
    try:
        json.loads(bytes(memoryview(raw)), object_pairs_hook=_once)
    except _KeyTwiceError:
        return "an object in it names a key twice"
    return ""


def _text(item: FieldContract, value: Any) -> tuple[str | None, str]:
    """A value as the text its field's conversion judges, and what is wrong with its kind ("" when nothing is)."""
    if value is None:
        return None, ""
    if isinstance(value, str):
        return (None, "holds a NUL character") if "\0" in value else (value, "")
    if item.type == "json":
        return canonical(value).decode(), ""
    kind = "true or false" if isinstance(value, bool) else "a number" if isinstance(value, int | float) else "no text"
    return None, f"is {kind}, where the portal sends text"
