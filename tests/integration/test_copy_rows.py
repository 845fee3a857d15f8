"""Typed rows arrive in PostgreSQL as what they are: every field type, at its extremes, with and without nulls.

Belongs here: the binary rows against a real server. Does not: reading files, deliveries.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from contracts.records import ROW_HASH, ROW_NUMBER
from contracts.source import SourceContract, StreamContract
from expectations.suite import required_checks
from tests.conftest import deployed
from warehouse.copy_rows import copy_rows, copy_statement
from warehouse.database import Database
from warehouse.migrate import migrate, raw_table
from warehouse.server.launcher import EmbeddedServer

_CONTRACT = SourceContract.model_validate({
    "name": "types", "owner": "", "cadence": "", "zone": "UTC",
    "streams": [{
        "name": "all", "files": "*.csv", "delivery": "full", "key": ["t"], "layout": {"kind": "delimited"},
        "version": {"by": "high_water", "fields": ["i"]},
        "fields": [
            {"name": "t", "required": True}, {"name": "n", "type": "integer"}, {"name": "d", "type": "number"},
            {"name": "b", "type": "boolean"}, {"name": "day", "type": "date", "format": "%Y-%m-%d"},
            {"name": "i", "type": "instant", "format": "%Y-%m-%dT%H:%M:%S.%f%z"}, {"name": "j", "type": "json"},
        ],
    }],
})  # fmt: skip
_STREAM: StreamContract = _CONTRACT.stream("all")
_SCHEMA = {
    ROW_NUMBER: pl.Int64, ROW_HASH: pl.Binary, "t": pl.String, "n": pl.Int64, "d": pl.Decimal(38, 10), "b": pl.Boolean,
    "day": pl.Date, "i": pl.Datetime("us", "UTC"), "j": pl.String,
}  # fmt: skip


def _of_units(units: int) -> Decimal:
    """A number of 38 digits, ten of them behind the point (Decimal's own arithmetic would round to 28)."""
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -10))


_text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
_numbers = st.integers(-(10**38) + 1, 10**38 - 1).map(_of_units)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
).map(lambda value: json.dumps(value, ensure_ascii=False))
_rows = st.lists(
    st.tuples(
        _text,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | _numbers,
        st.none() | st.booleans(),
        st.none() | st.dates(),
        st.none() | st.datetimes(timezones=st.just(UTC)),
        st.none() | _json,
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def typed(session_server: EmbeddedServer, deliveries: Path) -> Iterator[Database]:
    """A database with one raw table of every type."""
    with deployed(deliveries, f"types_{uuid.uuid4().hex[:8]}") as ready:
        migrate(ready.database, [_CONTRACT], required_checks())
        yield ready.database


def _landed(database: Database, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    frame = pl.DataFrame(
        [(at, hashlib.sha256(str(at).encode()).digest(), *row) for at, row in enumerate(rows, 1)], _SCHEMA, orient="row"
    )
    table = raw_table(_CONTRACT.name, _STREAM.name)
    with database.connect("motcua_loader") as connection:
        connection.execute(sql.SQL("delete from {}").format(table))
        with connection.cursor().copy(copy_statement(_CONTRACT.name, _STREAM)) as copy:
            for chunk in copy_rows(_STREAM, 7, frame):
                copy.write(chunk)
        return connection.execute(sql.SQL("select * from {} order by _row_number").format(table)).fetchall()


@settings(max_examples=60, deadline=None)
@given(_rows)
def test_what_is_sent_is_what_stands_there(typed: Database, rows: list[tuple[Any, ...]]) -> None:
    for at, (held, sent) in enumerate(zip(_landed(typed, rows), rows, strict=True), 1):
        assert held[:3] == (7, at, hashlib.sha256(str(at).encode()).digest())
        assert held[3:9] == sent[:6]
        assert held[9] == (None if sent[6] is None else json.loads(sent[6]))


def test_the_ends_of_every_type(typed: Database) -> None:
    most, least = _of_units(10**38 - 1), _of_units(-(10**38) + 1)
    rows = [
        (
            "\\N\t\r\n",
            2**63 - 1,
            most,
            True,
            date(9999, 12, 31),
            datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
            "{}",
        ),
        ("", -(2**63), least, False, date(1, 1, 1), datetime(1, 1, 1, tzinfo=UTC), '"\\u00e9"'),
        ("𐍈", 0, Decimal("0.0000000001"), None, date(2000, 1, 1), datetime(1999, 12, 31, 23, 59, 59, 1, UTC), "null"),
    ]
    held = _landed(typed, rows)
    assert [row[3:9] for row in held] == [row[:6] for row in rows]
    assert [row[9] for row in held] == [{}, "é", None]


def test_no_rows_are_no_rows(typed: Database) -> None:
    assert _landed(typed, []) == []


def test_rows_cut_off_on_the_way_do_not_stand(typed: Database) -> None:
    rows = [(str(at), None, None, None, None, None, None) for at in range(100)]
    frame = pl.DataFrame([(at, b"", *row) for at, row in enumerate(rows, 1)], _SCHEMA, orient="row")
    whole = b"".join(copy_rows(_STREAM, 8, frame))
    with (
        pytest.raises(psycopg.errors.BadCopyFileFormat),
        typed.connect("motcua_loader") as connection,
        connection.cursor().copy(copy_statement(_CONTRACT.name, _STREAM)) as copy,
    ):
        copy.write(whole[:-40])
    with typed.connect("motcua_loader") as connection:
        query = sql.SQL("select count(*) from {} where _delivery_id = 8").format(
            raw_table(_CONTRACT.name, _STREAM.name)
        )
        assert connection.execute(query).fetchone() == (0,)
