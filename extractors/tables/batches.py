"""One answer of the database, written to a batch's file.

Belongs here: the two ways there (PostgreSQL's COPY, and any driver's server-side cursor), leaving out known rows. Does
not: which question to ask (statements.py, reader.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, Select

from contracts.source import KEPT_TABLE, StreamContract, TableLayout
from extractors.delimited import split_record
from extractors.tables.copied import copy_lines
from extractors.tables.kept_text import header, record
from extractors.tables.statements import Place

_BUFFER = 1 << 20
#: Rows that a driver hands over at a time: with 25 columns about 10 MB of Python objects.
_FETCHED = 5_000


@dataclass(frozen=True, slots=True)
class Written:
    """A page as written: rows the database gave, rows left in the file, and the last row's place."""

    rows: int
    kept: int
    last: Place | None


#: Whether the row with that record (without line end) has landed.
Known = Callable[[bytes | memoryview], bool]


class Way(Protocol):
    """A way of writing the rows of a SELECT, with a header, to a file."""

    def __call__(
        self,
        connection: Connection,
        stream: StreamContract,
        query: Select[Any],
        file: Path,
        known: Known | None,
    ) -> Written:
        """Rows that are known are left out."""


def way_for(connection: Connection) -> Way:
    """The fastest way this database offers."""
    dialect = connection.dialect
    return by_copy if (dialect.name, dialect.driver) == ("postgresql", "psycopg") else by_cursor


def by_copy(
    connection: Connection, stream: StreamContract, query: Select[Any], file: Path, known: Known | None
) -> Written:
    """COPY (…) TO STDOUT: the server itself writes the text, three times as fast as rows through a driver."""
    compiled = query.compile(dialect=connection.dialect)
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    statement = psycopg.ClientCursor(raw).mogrify(f"copy ({compiled}) to stdout (format csv)".encode(), compiled.params)
    left_out = 0
    with file.open("wb", buffering=_BUFFER) as out:
        out.write(header(field.name for field in stream.fields))

        def unless_known(line: memoryview) -> None:
            nonlocal left_out
            if known is not None and known(line[:-1]):
                left_out += 1
            else:
                out.write(line)

        rows, last = copy_lines(raw, statement.encode(), out.write if known is None else unless_known)
    return Written(rows, rows - left_out, _place_in_text(stream, last) if rows else None)


def by_cursor(
    connection: Connection, stream: StreamContract, query: Select[Any], file: Path, known: Known | None
) -> Written:
    """Rows through a server-side cursor, a few thousand at a time."""
    names = tuple(field.name for field in stream.fields)
    rows, left_out, last = 0, 0, None
    streamed = query.execution_options(stream_results=True, yield_per=_FETCHED)
    with file.open("wb", buffering=_BUFFER) as out, connection.execute(streamed) as result:
        out.write(header(names))
        for last in result:
            rows += 1
            text = record(names, last)
            if known is not None and known(text):
                left_out += 1
            else:
                out.write(text + b"\n")
    return Written(rows, rows - left_out, None if last is None else _place_in_row(stream, names, last))


def _place_in_text(stream: StreamContract, line: bytes) -> Place | None:
    stamp = _stamp(stream)
    if stamp is None:
        return None
    values = split_record(line.removesuffix(b"\n").decode(), KEPT_TABLE.delimiter, KEPT_TABLE.quote)
    named = {field.name: value for field, value in zip(stream.fields, values, strict=True)}
    return Place(named[stamp], tuple(named[name] for name in stream.key), text=True)


def _place_in_row(stream: StreamContract, names: tuple[str, ...], row: Sequence[Any]) -> Place | None:
    stamp = _stamp(stream)
    if stamp is None:
        return None
    named = dict(zip(names, row, strict=True))
    return Place(named[stamp], tuple(named[name] for name in stream.key))


def _stamp(stream: StreamContract) -> str | None:
    assert isinstance(stream.layout, TableLayout)  # the reader of tables is asked for tables
    return stream.layout.changed_at
