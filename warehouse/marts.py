"""The published tables: marts.* and history.*, made and extended as the dbt manifest declares them.

Belongs here: additive migration from the manifest (tables, columns, comments, grants). Does not: rows; those change
only in release.publish(), which knows nothing of DDL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from contracts.failures import ContractError
from warehouse.database import Database
from warehouse.fault_points import reached


@dataclass(frozen=True, slots=True)
class MartColumn:
    """One column with its SQL type and what it means."""

    name: str
    type: str
    meaning: str
    #: The table and column whose rows it names, where it names one.
    references: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Mart:
    """One published table: its columns in order, and the key that tells its rows apart."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[MartColumn, ...]


def sync_marts(database: Database, marts: Iterable[Mart]) -> None:
    """Makes marts and history able to hold these tables; never drops or rewrites a column.

    Raises ContractError for a change that is not additive.
    """
    wanted = sorted(marts, key=lambda mart: mart.name)
    with database.connect("motcua_owner") as connection:
        connection.execute("select pg_advisory_xact_lock(hashtextextended('motcua.publish', 0))")
        held = {
            row[0]: (tuple(row[1]), tuple(row[2]))
            for row in connection.execute("select name, key_columns, columns from release.mart").fetchall()
        }
        for mart in wanted:
            described = (mart.key, tuple(column.name for column in mart.columns))
            _sync_table(connection, mart)
            if mart.name in held and held[mart.name][0] != mart.key:
                _tell_apart_anew(connection, mart)
            if held.get(mart.name) != described:
                connection.execute(
                    "insert into release.mart (name, key_columns, columns) values (%s, %s, %s) on conflict (name) do update"
                    " set key_columns = excluded.key_columns, columns = excluded.columns",
                    (mart.name, list(mart.key), list(described[1])),
                )
        gone = sorted(set(held) - {mart.name for mart in wanted})
        if gone:
            connection.execute("delete from release.mart where name = any(%s)", (gone,))
        _sync_references(connection, wanted)
        connection.execute("select release.guard_rows(name), release.leave_room(name) from release.mart order by name")
        reached("transform.marts_synced")


def _sync_references(connection: psycopg.Connection, wanted: list[Mart]) -> None:
    declared = {
        (mart.name, column.name, *column.references)
        for mart in wanted
        for column in mart.columns
        if column.references is not None
    }
    known = {(mart.name, column.name) for mart in wanted for column in mart.columns}
    for mart, column, *target in sorted(declared):
        if tuple(target) not in known:
            raise ContractError(f"{mart}.{column} names {'.'.join(target)}, which is no column of a published table")
    held = set(
        connection.execute("select mart, column_name, to_mart, to_column from release.mart_reference").fetchall()
    )
    if held != declared:
        connection.execute("delete from release.mart_reference")
        connection.cursor().executemany(
            "insert into release.mart_reference (mart, column_name, to_mart, to_column) values (%s, %s, %s, %s)",
            sorted(declared),
        )


def _sync_table(connection: psycopg.Connection, mart: Mart) -> None:
    before = _columns_of(connection, f"marts.{mart.name}")
    if not before:
        _create(connection, mart)
    held = dict(before or _columns_of(connection, f"marts.{mart.name}"))
    for column in mart.columns:
        if column.name not in held:
            for schema in ("marts", "history"):
                connection.execute(
                    sql.SQL("alter table {} add column {} {}").format(
                        sql.Identifier(schema, mart.name), sql.Identifier(column.name), sql.SQL(column.type)
                    )
                )
            held[column.name] = (column.type, None)
        elif _plain(held[column.name][0]) != _plain(column.type):
            raise ContractError(
                f"marts.{mart.name}.{column.name} is {held[column.name][0]} and the model declares {column.type}",
                hint="Published columns are never retyped: publish the new type under a new name.",
            )
        if held[column.name][1] != column.meaning:
            _comment(
                connection, sql.SQL("column {}").format(sql.Identifier("marts", mart.name, column.name)), column.meaning
            )
    if held.keys() != before.keys():
        connection.execute("select release.show_as_of(%s)", (mart.name,))


def _tell_apart_anew(connection: psycopg.Connection, mart: Mart) -> None:
    """Another key than before. Rows of the standing release may have nothing in its columns yet, so it is no primary key."""
    table, name = sql.Identifier("marts", mart.name), f"{mart.name}_key"
    for former in (f"{mart.name}_pkey", name):
        connection.execute(sql.SQL("alter table {} drop constraint if exists {}").format(table, sql.Identifier(former)))
    connection.execute(
        sql.SQL("alter table {} add constraint {} unique ({})").format(
            table, sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, mart.key))
        )
    )


def _columns_of(connection: psycopg.Connection, table: str) -> dict[str, tuple[str, str | None]]:
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
        (table,),
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


_SPELLINGS = {
    "timestamp with time zone": "timestamptz", "character varying": "text", "varchar": "text", "int": "integer",
    "bool": "boolean", "int8": "bigint", "string": "text",
}  # fmt: skip


def _plain(type_name: str) -> str:
    lowered = type_name.lower().replace(" ", " ").strip()
    return _SPELLINGS.get(lowered, lowered).replace(", ", ",")


def _create(connection: psycopg.Connection, mart: Mart) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type)) for column in mart.columns
    )
    name = sql.Identifier("marts", mart.name)
    connection.execute(
        sql.SQL("create table {} (release_from bigint not null, {}, primary key ({}))").format(
            name, columns, sql.SQL(", ").join(map(sql.Identifier, mart.key))
        )
    )
    connection.execute(
        sql.SQL("create table {} (release_from bigint not null, release_to bigint not null, {})").format(
            sql.Identifier("history", mart.name), columns
        )
    )
    connection.execute("select release.guard_history(%s)", (mart.name,))
    _comment(connection, sql.SQL("table {}").format(name), mart.meaning)
    _comment(
        connection, sql.SQL("column {}").format(sql.Identifier("marts", mart.name, "release_from")),
        "the release since which the row has stood as it is",
    )  # fmt: skip
    connection.execute(
        sql.SQL("grant select on {} to motcua_bi, motcua_inspector, motcua_checker, motcua_transformer").format(name)
    )
    connection.execute(sql.SQL("grant select on {} to motcua_inspector").format(sql.Identifier("history", mart.name)))


def _comment(connection: psycopg.Connection, what: sql.Composable, text: str) -> None:
    connection.execute(sql.SQL("comment on {} is {}").format(what, sql.Literal(text)))
