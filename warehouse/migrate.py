"""Brings a database to the shape this version of the program needs: roles, schemas, audit, release store, raw tables.

Belongs here: applying warehouse/schema/*.sql and the tables that contracts ask for. Does not: marts (warehouse/marts),
which follow the dbt manifest. Everything can be applied again and is skipped when nothing changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import psycopg
from psycopg import sql

from contracts.checks import RequiredCheck
from contracts.failures import ContractError, DatabaseUnavailable
from contracts.source import FieldType, SourceContract, StreamContract
from warehouse.database import Database
from warehouse.fault_points import reached

SCHEMA_FILES = Path(__file__).parent / "schema"
COLUMN_TYPES: dict[FieldType, str] = {
    "text": "text",
    "integer": "bigint",
    "number": "numeric(38, 10)",
    "boolean": "boolean",
    "date": "date",
    "instant": "timestamptz",
    "json": "jsonb",
}


def migrate(database: Database, sources: Iterable[SourceContract], required: Iterable[RequiredCheck]) -> None:
    """Applies what is missing. Raises DatabaseUnavailable when the login has not the rights, ContractError on drift."""
    try:
        with database.connect() as connection:
            connection.execute("select pg_advisory_xact_lock(hashtextextended('motcua.migrate', 0))")
            _apply_schema(connection)
            connection.execute("set role motcua_loader")
            for source in sources:
                for stream in source.streams:
                    _ensure_raw_table(connection, source.name, stream)
            connection.execute("set role motcua_owner")
            _set_required(connection, required)
            reached("prepare.schema_changed")
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseUnavailable(
            f"the login {database.user} lacks rights: {error.diag.message_primary}",
            hint="It must own the database and be allowed to create roles (alter role … createrole).",
        ) from error


def _apply_schema(connection: psycopg.Connection) -> None:
    scripts = sorted(SCHEMA_FILES.glob("*.sql"))
    digest = hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()
    known = connection.execute("select to_regclass('audit.schema_state') is not null").fetchone()
    if known is not None and known[0]:
        held = connection.execute("select digest from audit.schema_state").fetchone()
        if held is not None and held[0] == digest:
            return
    for script in scripts:
        connection.execute(script.read_text(encoding="utf-8").encode())
    connection.execute("set role motcua_owner")
    connection.execute(
        "create table if not exists audit.schema_state (only_row boolean primary key default true check (only_row), digest text)"
    )
    connection.execute(
        "insert into audit.schema_state (digest) values (%s) on conflict (only_row) do update set digest = excluded.digest",
        (digest,),
    )
    connection.execute("reset role")


def apply_rooms(connection: psycopg.Connection) -> None:
    """Makes the roles and the empty schemas: what must be there before a dump's tables find their owners."""
    for script in ("010_roles.sql", "020_schemas.sql"):
        connection.execute((SCHEMA_FILES / script).read_text(encoding="utf-8").encode())


def raw_table(source: str, stream: str) -> sql.Identifier:
    """The table a stream lands in: raw.<source>__<stream>."""
    return sql.Identifier("raw", f"{source}__{stream}")


def _ensure_raw_table(connection: psycopg.Connection, source: str, stream: StreamContract) -> None:
    wanted = {field.column: COLUMN_TYPES[field.type] for field in stream.fields}
    held: dict[str, str] = dict(
        connection.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
            (f"raw.{source}__{stream.name}",),
        ).fetchall()
    )
    table = raw_table(source, stream.name)
    if not held:
        connection.execute(
            sql.SQL("create table {} ({})").format(
                table,
                sql.SQL(
                    "_delivery_id bigint not null, _row_number bigint not null, _row_sha256 bytea not null, {}"
                ).format(
                    sql.SQL(", ").join(
                        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in wanted.items()
                    )
                ),
            )
        )
        connection.execute(sql.SQL("grant select on {} to motcua_transformer").format(table))
        _show_pseudonyms(connection, table, stream)
        return
    for name, kind in wanted.items():
        if name not in held:
            connection.execute(
                sql.SQL("alter table {} add column {} {}").format(table, sql.Identifier(name), sql.SQL(kind))
            )
        elif held[name].replace("timestamp with time zone", "timestamptz").replace(",", ", ") != kind:
            raise ContractError(
                f"{source}.{stream.name}: the contract makes {name} a {kind}, the landed rows hold {held[name]}",
                hint="Give the changed field a new column_name: landed rows are never rewritten.",
            )
    _show_pseudonyms(connection, table, stream)


def _show_pseudonyms(connection: psycopg.Connection, table: sql.Identifier, stream: StreamContract) -> None:
    """Lets the inspector follow pseudonyms to the row they landed in, and read nothing else of it."""
    wanted = [field.column for field in stream.personal_fields]
    if not wanted:
        return
    held = {
        row[0]
        for row in connection.execute(
            "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
            " and has_column_privilege('motcua_inspector', attrelid, attnum, 'select')",
            (table.as_string(connection),),
        ).fetchall()
    }
    shown = ["_delivery_id", "_row_number", *wanted]
    if not held.issuperset(shown):
        connection.execute(
            sql.SQL("grant select ({}) on {} to motcua_inspector").format(
                sql.SQL(", ").join(map(sql.Identifier, shown)), table
            )
        )


def _set_required(connection: psycopg.Connection, required: Iterable[RequiredCheck]) -> None:
    wanted = {check.name: check for check in required}
    connection.execute("delete from release.required_check where not name = any(%s)", (list(wanted),))
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into release.required_check as held (name, reason, severity) values (%s, %s, %s)"
            " on conflict (name) do update set reason = excluded.reason, severity = excluded.severity"
            " where (held.reason, held.severity) <> (excluded.reason, excluded.severity)",
            [(check.name, check.reason, check.severity) for check in wanted.values()],
        )
