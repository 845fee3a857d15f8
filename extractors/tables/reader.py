"""Reading the streams of a source that is a database, all of them in one snapshot.

Belongs here: from what is wanted to batches. Does not: connecting (connecting.py), queries (statements.py), writing
(batches.py). Nothing later than the snapshot is read, so the streams fit each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.types import Date, DateTime, TypeEngine

from contracts.extraction import Extracted, Wanted
from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable
from contracts.source import SourceContract, StreamContract, TableLayout
from extractors.header import likely_renames, listed
from extractors.tables.batches import Known, Way, Written, way_for
from extractors.tables.connecting import snapshot, source_clock, telling
from extractors.tables.positions import instant_of, position_after, span_wanted, stamp_of
from extractors.tables.statements import Place, TableQueries, table_name


@contextmanager
def open_tables(url: str) -> Iterator[TableReader]:
    """The reader of one database, for one extraction: every stream read through it comes from the same snapshot.

    Raises SourceUnavailable, and UsageError for an address that cannot be used. The address is repeated nowhere.
    """
    with snapshot(url) as connection:
        yield TableReader(connection, source_clock(connection))


def read_table(source: SourceContract, stream: StreamContract, wanted: Wanted, url: str) -> Iterator[Extracted]:
    """One stream in a snapshot of its own."""
    with open_tables(url) as reader:
        yield from reader.read(source, stream, wanted)


@dataclass(frozen=True, slots=True)
class TableReader:
    """A database at one moment, `now` by its own clock. One stream at a time; batches may be taken in any thread."""

    connection: Connection
    now: datetime
    way: Way | None = None

    def read(self, source: SourceContract, stream: StreamContract, wanted: Wanted) -> Iterator[Extracted]:
        """The batches wanted of a stream, oldest change first; each page's file is complete when it is handed out.

        Raises SourceUnavailable, and DeliveryRefused when the table no longer has the contract's columns.
        """
        layout = stream.layout
        if not isinstance(layout, TableLayout):
            raise TypeError(f"{source.name}.{stream.name} is no table")
        queries = TableQueries(
            stream, layout, self._types(source, stream, layout), self.connection.dialect.name == "postgresql"
        )
        reading = _Reading(self, source, stream, layout, queries, wanted)
        return reading.whole() if layout.changed_at is None else reading.changed()

    def write(self, stream: StreamContract, what: str, *arguments: Any) -> Written:
        """Writes one answer; `what` names it in messages."""
        way = self.way or way_for(self.connection)
        with telling(what):
            return way(self.connection, stream, *arguments)

    def _types(
        self, source: SourceContract, stream: StreamContract, layout: TableLayout
    ) -> Mapping[str, TypeEngine[Any]]:
        schema, name = table_name(layout)
        with telling(f"the columns of {layout.table}"):
            try:
                held = inspect(self.connection).get_columns(name, schema=schema)
            except NoSuchTableError:
                held = []
        if not held:
            raise SourceUnavailable(
                f"{source.name}: the database has no table {layout.table}, or the login may not see it",
                hint="Check the database's name in the address, and what the login may read.",
            )
        types = {column["name"]: column["type"] for column in held}
        _refuse_drift(f"{source.name}.{stream.name}", stream, layout, types)
        return types


@dataclass(frozen=True, slots=True)
class _Reading:
    """One stream being read."""

    reader: TableReader
    source: SourceContract
    stream: StreamContract
    layout: TableLayout
    queries: TableQueries
    wanted: Wanted

    def whole(self) -> Iterator[Extracted]:
        """The table in one batch; an empty one too, so that the refusal of it is on record."""
        file = self.wanted.folder / f"{self._plain_table}.csv"
        self.reader.write(self.stream, self.layout.table, self.queries.whole(), file, None)
        yield Extracted(file, f"{self.layout.table}, whole", self.reader.now, None)

    def changed(self) -> Iterator[Extracted]:
        """Page after page of what changed, then the rows that carry no stamp."""
        zone, aware = self.source.zone, bool(getattr(self.queries.types[self._changed_at], "timezone", False))
        span = span_wanted(self.layout, self.wanted, zone, aware=aware)
        known = None if span.begin is None else self._known(instant_of(span.begin, zone))
        after: Place | None = None
        number, full = 0, True
        while full:
            number += 1
            file = self.wanted.folder / f"{self._plain_table}-{number:04}.csv"
            query = self.queries.page(span, after, self.layout.page_rows)
            written = self.reader.write(self.stream, self.layout.table, query, file, known)
            full = written.rows == self.layout.page_rows
            if written.last is not None:
                self._refuse_standstill(after, written.last)
                after = written.last
            if written.kept and after is not None:
                yield self._batch(file, after)
            else:
                file.unlink()
        if not self.wanted.backfill:
            yield from self._unstamped()

    def _known(self, since: datetime) -> Known | None:
        landed, digest = self.wanted.known(since), self.wanted.digest
        return (lambda record: digest(record) in landed) if landed else None

    def _batch(self, file: Any, last: Place) -> Extracted:
        until = stamp_of(last, self.stream)
        position = (
            None if self.wanted.backfill else position_after(last, self.reader.now, self.source.zone, self.stream)
        )
        named = file.with_name(f"{file.stem}-{until:%Y%m%dT%H%M%S}.csv")
        file.rename(named)
        return Extracted(named, f"{self.layout.table}, changed up to {until.isoformat(' ')}", self.reader.now, position)

    def _unstamped(self) -> Iterator[Extracted]:
        """Rows without a stamp: no page brings them, and none may be lost. The same ones again are the same bytes."""
        file = self.wanted.folder / f"{self._plain_table}-unstamped.csv"
        written = self.reader.write(self.stream, self.layout.table, self.queries.unstamped(), file, None)
        if written.rows:
            yield Extracted(file, f"{self.layout.table}, rows without {self._changed_at}", self.reader.now, None)
        else:
            file.unlink()

    def _refuse_standstill(self, before: Place | None, last: Place) -> None:
        if before is not None and (before.changed_at, before.key) == (last.changed_at, last.key):
            raise SourceUnavailable(
                f"{self.source.name}: reading {self.layout.table} does not get on: a page ended where the one before did",
                hint="Does the driver round the change stamps? Read the table through a view that casts them.",
            )

    @property
    def _changed_at(self) -> str:
        assert self.layout.changed_at is not None
        return self.layout.changed_at

    @property
    def _plain_table(self) -> str:
        return table_name(self.layout)[1].replace("/", "_")


def _refuse_drift(name: str, stream: StreamContract, layout: TableLayout, types: Mapping[str, TypeEngine[Any]]) -> None:
    """Columns the contract does not name are the source's own affair; ones it names must be there."""
    named = {field.name for field in stream.fields}
    dropped = [field.name for field in stream.fields if field.name not in types]
    hint = "if the source changed for good, change its contract"
    if dropped:
        renamed = likely_renames(dropped, [column for column in types if column not in named])
        told = "".join(f"; {old!r} is probably now {new!r}" for old, new in renamed)
        problem = DeliveryProblem.COLUMN_RENAMED if renamed else DeliveryProblem.COLUMN_DROPPED
        raise DeliveryRefused(problem, f"{name}: the table {layout.table} lacks {listed(dropped)}{told}", hint=hint)
    if layout.changed_at is not None and not isinstance(types[layout.changed_at], DateTime | Date):
        raise DeliveryRefused(
            DeliveryProblem.COLUMN_RETYPED,
            f"{name}: {layout.changed_at} says when a row changed, and is no moment in {layout.table}",
            hint=hint,
        )
