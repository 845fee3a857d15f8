"""Builds of the models as the ledger has them: whether one may go on from the last, its beginning, its end.

Belongs here: these questions and rows. Does not: building (orchestration), or what a build reads (the caller says).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from warehouse.database import Database


@dataclass(frozen=True, slots=True)
class Build:
    """A build that began. `because` says why it is made whole; None: it goes on from the last one."""

    build_id: int
    because: str | None


def content_hash(database: Database, tables: Sequence[tuple[str, str]], without: Sequence[str] = ()) -> str:
    """SHA-256 over every row of small tables (schema, name), some columns left out."""
    parts = [
        sql.SQL(
            "(select {name} || coalesce(string_agg((to_jsonb(t) - {without}::text[])::text, E'\\n' order by"
            " (to_jsonb(t) - {without}::text[])::text), '') from {table} as t)"
        ).format(
            name=sql.Literal(f"{schema}.{name}:"),
            without=sql.Literal(list(without)),
            table=sql.Identifier(schema, name),
        )
        for schema, name in tables
    ]
    query = sql.SQL("select encode(sha256(convert_to(concat_ws(E'\\n', {}), 'UTF8')), 'hex')").format(
        sql.SQL(", ").join(parts)
    )
    with database.connect("motcua_loader") as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def newest_lists(database: Database, streams: Sequence[tuple[str, str]]) -> list[str]:
    """The bytes that stand as the newest of each whole list (source, stream), by hash."""
    with database.connect("motcua_loader") as connection:
        rows = connection.execute(
            "select distinct on (source, stream) source || '.' || stream || '=' || file_sha256 from audit.delivery"
            " where retracted_at is null and (source, stream) in (select * from unnest(%s::text[], %s::text[]))"
            " order by source, stream, version desc, file_sha256 desc",
            ([source for source, _ in streams], [stream for _, stream in streams]),
        ).fetchall()
    return [str(row[0]) for row in rows]


def delivering_streams(database: Database) -> list[str]:
    """Streams of which anything stands: what is not there yet may be what others are compared with."""
    with database.connect("motcua_loader") as connection:
        rows = connection.execute(
            "select distinct source || '.' || stream as delivering from audit.delivery where retracted_at is null"
            " order by delivering"
        ).fetchall()
    return [str(row[0]) for row in rows]


def open_build(database: Database, run_id: UUID, basis: str) -> Build:
    """Puts a build on record before it begins, and decides whether it goes on from the last one.

    It does when that one ended, was of the same basis, each delivery it was made of stands as it stood, no as-of instant
    lies before its own, and its tables are as it left them. Anything else is built whole: slower, and the same.
    """
    with database.connect("motcua_loader") as connection:
        because = _reason_for_whole(connection, basis) or _touched_since(database, connection)
        [(upto,)] = connection.execute("select coalesce(max(delivery_id), 0) from audit.delivery").fetchall()
        [(build_id,)] = connection.execute(
            "insert into audit.build (run_id, basis, standing, upto_delivery, as_whole, because)"
            " values (%s, %s, %s, %s, %s, %s) returning build_id",
            (run_id, basis, _standing(connection, upto), upto, because is not None, because),
        ).fetchall()
        connection.execute(
            "insert into audit.build_as_of select %s, jurisdiction, as_of from reference.jurisdiction", (build_id,)
        )
    return Build(int(build_id), because)


def _reason_for_whole(connection: psycopg.Connection, basis: str) -> str | None:
    last = connection.execute(
        "select build_id, basis, standing, upto_delivery, ended_at from audit.build order by build_id desc limit 1"
    ).fetchone()
    if last is None:
        return "nothing was built before"
    build_id, held, standing, upto, ended_at = last
    if ended_at is None:
        return "the build before did not end"
    if held != basis:
        return "the models, the deployment or a list they read changed"
    if _standing(connection, upto) != standing:
        return "a delivery was withdrawn or restored"
    back = connection.execute(
        "select from audit.build_as_of as kept"
        " inner join reference.jurisdiction as now on now.jurisdiction = kept.jurisdiction"
        " where kept.build_id = %s and now.as_of < kept.as_of",
        (build_id,),
    ).fetchone()
    return None if back is None else "an as-of instant moved back"


def _touched_since(database: Database, connection: psycopg.Connection) -> str | None:
    """Whether a table of the last build holds other rows than it left: by their number, and by who wrote them when."""
    [(ended_in, left)] = connection.execute(
        "select ended_in::xid::text, tables from audit.build order by build_id desc limit 1"
    ).fetchall()
    with database.connect("motcua_transformer") as transformer:
        found = _tables(transformer)
        younger = [name for name in found if name in left and _has_younger(transformer, name, ended_in)]
    changed = sorted(younger) or sorted(name for name in left if found.get(name) != left[name])
    return f"{changed[0]} is not as the last build left it" if changed else None


def _tables(connection: psycopg.Connection) -> dict[str, int]:
    """The tables of the transformation and how many rows each holds."""
    names = connection.execute(
        "select schemaname, tablename from pg_tables where schemaname in ('intermediate', 'candidate')"
    ).fetchall()
    counts = {}
    for schema, name in names:
        query = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
        [(counts[f"{schema}.{name}"],)] = connection.execute(query).fetchall()
    return counts


def _has_younger(connection: psycopg.Connection, table: str, ended_in: str) -> bool:
    query = sql.SQL("select exists (select from {} where age(xmin) <= age(%s::xid))")
    row = connection.execute(query.format(sql.Identifier(*table.split(".", 1))), (ended_in,)).fetchone()
    return bool(row and row[0])


def _standing(connection: psycopg.Connection, upto: int) -> str:
    """SHA-256 over the deliveries that stand, up to one of them.

    Reading a list again moves its version and not what it says; lists that models read are part of the basis.
    """
    [(standing,)] = connection.execute(
        "select encode(sha256(convert_to(coalesce(string_agg(row(delivery_id, source, stream, file_sha256,"
        " case when version_rule <> 'reading' then version end)::text, E'\\n' order by delivery_id), ''), 'UTF8')), 'hex')"
        " from audit.delivery where retracted_at is null and delivery_id <= %s",
        (upto,),
    ).fetchall()
    return str(standing)


def close_build(database: Database, build: Build) -> None:
    """Every model was made and every test of its rows held."""
    with database.connect("motcua_transformer") as transformer:
        tables = _tables(transformer)
    with database.connect("motcua_loader") as connection:
        connection.execute(
            "update audit.build set ended_at = clock_timestamp(), ended_in = pg_current_xact_id(), tables = %s"
            " where build_id = %s",
            (json.dumps(tables), build.build_id),
        )
