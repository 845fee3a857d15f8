"""Pages of the national portal as they are kept, and their records as text.

Belongs here: the kept form (a line of JSON about each page, then the page's bytes as sent) and reading it strictly, so
that a field nobody agreed on is told. Does not: asking the portal (portal/), or typing values (values.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import polars as pl

from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable
from contracts.records import QuarantinedField
from contracts.source import FieldContract, ServiceLayout, StreamContract
from extractors.envelope import UnreadableReply, opened
from extractors.header import refuse_drift
from extractors.row_hashes import RowHashes
from extractors.text_records import TextRecords, row_text_schema, shown

#: Records handed on at once. From 4,000 to 50,000 the time is the same, the memory is not: 300 MB at the peak with 8,000,
#: 410 with 16,000.
_ROWS_AT_ONCE = 8_000
_LONGEST_HEADER = 1 << 20

#: Keys sorted, no blanks: a record's canonical form. Objects inside are sorted too; structs by their definition.
_canonical = msgspec.json.Encoder(order="deterministic")
_split = msgspec.json.Decoder(list[msgspec.Raw])


class PageHeader(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept about a page: what was asked (never the session), how it was answered, how long the body is.

    `repeats` are the places (from 0) of records that had been read before, and are left out when the page is read.
    """

    service: str
    parameters: dict[str, str]
    status: int
    length: int
    received: str = ""
    repeats: list[int] = []  # msgspec copies an empty list for each


_header = msgspec.json.Decoder(PageHeader)


def write_page(file: BinaryIO, header: PageHeader, body: bytes) -> None:
    """Appends one page to a kept file."""
    file.write(msgspec.json.encode(header) + b"\n")
    file.write(body)
    file.write(b"\n")


def kept_pages(file: Path, name: str) -> Iterator[tuple[PageHeader, bytes]]:
    """The pages of a kept file. Raises SourceUnavailable, and DeliveryRefused (TRUNCATED, MALFORMED)."""
    try:
        with file.open("rb") as kept:
            while line := kept.readline(_LONGEST_HEADER):
                try:
                    header = _header.decode(line)
                except msgspec.MsgspecError as error:
                    raise DeliveryRefused(
                        DeliveryProblem.MALFORMED, f"{name} holds no kept pages: no header where a page begins"
                    ) from error
                body = kept.read(header.length)
                if len(body) != header.length or kept.read(1) != b"\n":
                    raise DeliveryRefused(DeliveryProblem.TRUNCATED, f"{name} was cut off inside a page")
                yield header, body
    except OSError as error:
        raise SourceUnavailable(f"{name} cannot be read: {error.strerror or error}") from error


def split_records(records: bytes | msgspec.Raw) -> list[msgspec.Raw]:
    """Each record of a JSON array as sent. Raises msgspec.DecodeError."""
    return _split.decode(records)


def canonical(record: Any) -> bytes:
    """A record's canonical JSON, which its hash is of."""
    return _canonical.encode(record)


def read_pages(
    stream: StreamContract, layout: ServiceLayout, file: Path, name: str, hashes: RowHashes
) -> Iterator[TextRecords]:
    """The records of a kept file, numbered through it; `name` is the file's name for messages.

    Raises SourceUnavailable, and DeliveryRefused: for fields added, dropped or renamed, a page that is no answer, or no
    record where the stream must have one.
    """
    shape = _Shape.of(stream, layout)
    block, number, taken = _Block(stream, hashes), 1, 0
    for header, body in kept_pages(file, name):
        try:
            records = opened(body).records or b"[]"
            count = _add_page(block, shape, records, number, frozenset(header.repeats), name)
        except (UnreadableReply, msgspec.DecodeError, RecursionError) as error:
            raise DeliveryRefused(
                DeliveryProblem.MALFORMED, f"{name}: the page before record {number:,} is no readable answer: {error}"
            ) from error
        number += count
        taken += count - len(header.repeats)
        if len(block.numbers) + len(block.unreadable) >= _ROWS_AT_ONCE:
            yield block.records()
            block = _Block(stream, hashes)
    if taken == 0 and stream.empty == "refused":
        raise DeliveryRefused(
            DeliveryProblem.EMPTY, f"{name} holds no record", hint="ask the portal's operator why the list is empty"
        )
    if block.numbers or block.unreadable:
        yield block.records()


@dataclass(frozen=True, slots=True)
class _Shape:
    """A stream's record as a type: the contract's fields and those left out on purpose, nothing else."""

    stream: StreamContract
    ignored: frozenset[str]
    decoder: msgspec.json.Decoder[list[Any]]
    attributes: dict[str, str]

    @classmethod
    def of(cls, stream: StreamContract, layout: ServiceLayout) -> _Shape:
        """The fields in the order of their names, so that encoding them is the canonical form."""
        contracted = {item.name for item in stream.fields}
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
            stream, ignored, msgspec.json.Decoder(list[record]), attributes  # type: ignore[valid-type]
        )  # fmt: skip


@dataclass(slots=True)
class _Block:
    """Records gathered for one TextRecords."""

    stream: StreamContract
    hashes: RowHashes
    numbers: list[int] = field(default_factory=list)
    canonical: list[bytes] = field(default_factory=list)
    texts: dict[str, list[str | None]] = field(default_factory=dict)
    unreadable: list[QuarantinedField] = field(default_factory=list)
    field_faults: list[QuarantinedField] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.texts = {item.name: [] for item in self.stream.fields}

    def records(self) -> TextRecords:
        """What was gathered, empty text as null."""
        columns = pl.DataFrame(self.texts, schema=row_text_schema(list(self.texts)))
        every = pl.all()
        return TextRecords(
            columns.with_columns(pl.when(every != "").then(every).name.keep()),
            self.numbers,
            self.hashes.of(pl.Series("record", self.canonical, dtype=pl.Binary)),
            tuple(self.unreadable),
            tuple(self.field_faults),
        )


def _add_page(
    block: _Block, shape: _Shape, records: bytes | msgspec.Raw, number: int, repeats: frozenset[int], name: str
) -> int:
    """Adds a page's records to the block and gives their number. `number` is the first one's place in the file."""
    try:
        found = shape.decoder.decode(records)
    except msgspec.ValidationError:
        return _add_one_by_one(block, shape, records, number, repeats, name)
    lines = _canonical.encode_lines(found)
    # As long as sent (a comma for each line end, and brackets): written without blanks and no key twice. Text that holds
    # a NUL, and pages written otherwise, are looked at record by record.
    if found and (len(memoryview(records)) != len(lines) + 1 or b"\\u0000" in lines):
        odd = _odd_records(records)
        if odd:
            return _add_one_by_one(block, shape, records, number, repeats, name)
    canonical_lines = lines.split(b"\n")
    numbers: list[int] = list(range(number, number + len(found)))
    if repeats:
        chosen = [at for at in range(len(found)) if at not in repeats]
        canonical_lines, numbers = [canonical_lines[at] for at in chosen], [numbers[at] for at in chosen]
        taken = [found[at] for at in chosen]
    else:
        canonical_lines.pop()
        taken = found
    block.numbers += numbers
    block.canonical += canonical_lines
    for item in shape.stream.fields:
        block.texts[item.name] += map(attrgetter(shape.attributes[item.name]), taken)
    return len(found)


def _add_one_by_one(
    block: _Block, shape: _Shape, records: bytes | msgspec.Raw, number: int, repeats: frozenset[int], name: str
) -> int:
    """The careful way: tells which record is at fault, and refuses the delivery for fields that are not the contract's."""
    split = split_records(records)
    for index, raw in enumerate(split):
        if index in repeats:
            continue
        place = number + index
        record = msgspec.json.decode(raw)
        fault = _fault(raw, record)
        if fault:
            block.unreadable.append(QuarantinedField(place, "", shown(bytes(memoryview(raw))), fault))
            continue
        expected = {item.name for item in shape.stream.fields}
        names = [key for key in record if key not in shape.ignored]
        if set(names) != expected:
            refuse_drift(shape.stream, names, expected, f"{name}, record {place:,},")
        block.numbers.append(place)
        block.canonical.append(canonical(record))
        for item in shape.stream.fields:
            text, wrong = _text(item, record[item.name])
            block.texts[item.name].append(text)
            if wrong:
                value = msgspec.json.encode(record[item.name]).decode()
                block.field_faults.append(QuarantinedField(place, item.name, shown(value), wrong))
    return len(split)


class _KeyTwiceError(ValueError):
    """An object names a key twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _KeyTwiceError
    return found


def _odd_records(records: bytes | msgspec.Raw) -> bool:
    """Whether any record names a key twice or holds a NUL."""
    data = bytes(memoryview(records))
    if b"\\u0000" in data:
        return True
    try:
        json.loads(data, object_pairs_hook=_once)
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
        return _canonical.encode(value).decode(), ""
    kind = "true or false" if isinstance(value, bool) else "a number" if isinstance(value, int | float) else "no text"
    return None, f"is {kind}, where the portal sends text"
