"""Pages of the national portal as they are kept, and their records as text.

Belongs here: the kept form (a line of JSON about each page, then the page's bytes as sent), and which way each page is
read: many at once where they are written evenly (page_columns.py), else record by record (page_records.py), with the same
result. Does not: asking the portal (portal/), or typing values (values.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec
import polars as pl

from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable
from contracts.source import ServiceLayout, StreamContract
from extractors.envelope import UnreadableReply, opened
from extractors.page_columns import Writing, writing_of
from extractors.page_records import Gathered, Shape
from extractors.row_hashes import RowHashes
from extractors.text_records import TextRecords

#: Bytes of pages read at once: eight of 1,000 dossiers. More of them gain no time, and take memory.
_BYTES_AT_ONCE = 6 << 20
_LONGEST_HEADER = 1 << 20


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


def read_pages(
    stream: StreamContract, layout: ServiceLayout, file: Path, name: str, hashes: RowHashes
) -> Iterator[TextRecords]:
    """The records of a kept file, numbered through it; `name` is the file's name for messages.

    Raises SourceUnavailable, and DeliveryRefused: for fields added, dropped or renamed, a page that is no answer, or no
    record where the stream must have one.
    """
    reading = _Reading(Shape.of(stream, layout), hashes, name)
    for header, body in kept_pages(file, name):
        reading.take(body, frozenset(header.repeats))
        if reading.waiting_bytes >= _BYTES_AT_ONCE:
            yield from reading.ready()
    yield from reading.ready()
    if reading.taken == 0 and stream.empty == "refused":
        raise DeliveryRefused(
            DeliveryProblem.EMPTY, f"{name} holds no record", hint="ask the portal's operator why the list is empty"
        )


@dataclass(slots=True)
class _Reading:
    """A kept file on its way to text. `alike` are the last pages, not read yet, all written in one way."""

    shape: Shape
    hashes: RowHashes
    name: str
    number: int = 1
    taken: int = 0
    waiting_bytes: int = 0
    alike: list[bytes] = field(default_factory=list)
    writing: Writing | None = None
    parts: list[TextRecords] = field(default_factory=list)

    def take(self, body: bytes, repeats: frozenset[int]) -> None:
        """Takes in a page. Raises DeliveryRefused."""
        try:
            records = bytes(memoryview(opened(body).records or b"[]"))
        except (UnreadableReply, RecursionError) as error:
            self._read_alike()
            raise self._no_answer(error) from error
        writing = writing_of(records, self.shape.wanted, self.shape.ignored)
        if self.alike and (writing != self.writing or repeats):
            self._read_alike()
        self.waiting_bytes += len(records)
        self.writing = writing
        if writing is not None and not repeats:
            self.alike.append(records)
        else:
            self._read_page(records, repeats)

    def ready(self) -> Iterator[TextRecords]:
        """The records of the pages taken so far, in few pieces."""
        self._read_alike()
        if self.parts:
            yield _together(self.parts)
        self.parts, self.waiting_bytes = [], 0

    def _read_alike(self) -> None:
        pages, self.alike = self.alike, []
        if not pages:
            return
        assert self.writing is not None
        columns = self.writing.columns(pages)
        if columns is not None:
            self._add_columns(self.writing, columns, frozenset())
        elif len(pages) > 1:
            # One of them is at fault; the others need not be slow with it.
            for page in pages:
                self._read_page(page, frozenset())
        else:
            self._read_records(pages[0], frozenset())

    def _read_page(self, records: bytes, repeats: frozenset[int]) -> None:
        columns = None if self.writing is None else self.writing.columns([records])
        if self.writing is None or columns is None:
            self._read_records(records, repeats)
        else:
            self._add_columns(self.writing, columns, repeats)

    def _add_columns(self, writing: Writing, columns: pl.DataFrame, repeats: frozenset[int]) -> None:
        count = columns.height
        numbers = range(self.number, self.number + count)
        chosen = [at for at in range(count) if at not in repeats] if repeats else None
        if chosen is not None:
            columns = columns[chosen]
        self._add(
            TextRecords(
                columns.select([item.name for item in self.shape.stream.fields]),
                numbers if chosen is None else [numbers[at] for at in chosen],
                self.hashes.of(writing.canonical(columns)),
            ),
            count,
        )

    def _read_records(self, records: bytes, repeats: frozenset[int]) -> None:
        gathered = Gathered(self.shape, self.number, self.name)
        try:
            count = gathered.take(records, repeats)
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._no_answer(error) from error
        self._add(gathered.records(self.hashes), count)

    def _add(self, records: TextRecords, count: int) -> None:
        self.number += count
        self.taken += records.read
        if records.read:
            self.parts.append(records)

    def _no_answer(self, error: Exception) -> DeliveryRefused:
        return DeliveryRefused(
            DeliveryProblem.MALFORMED,
            f"{self.name}: the page before record {self.number:,} is no readable answer: {error}",
        )


def _together(parts: list[TextRecords]) -> TextRecords:
    """Pieces as one."""
    if len(parts) == 1:
        return parts[0]
    return TextRecords(
        pl.concat([part.columns for part in parts]),
        [number for part in parts for number in part.numbers],
        pl.concat([part.hashes for part in parts]),
        tuple(fault for part in parts for fault in part.unreadable),
        tuple(fault for part in parts for fault in part.field_faults),
    )
