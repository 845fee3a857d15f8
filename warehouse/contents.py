"""What small tables hold, as one hash: to tell whether anything is otherwise than it was.

Belongs here: that hash. Does not: which tables matter (contacts.py, orchestration/building.py), or large tables (release store).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg
from psycopg import sql

Table = tuple[str, str]


def tables_of(connection: psycopg.Connection, schema: str) -> list[Table]:
    """Every table of a schema, in the order of their names."""
    rows = connection.execute(
        "select schemaname, tablename from pg_tables where schemaname = %s order by tablename", (schema,)
    ).fetchall()
    return [(str(schema), str(name)) for schema, name in rows]


def contents_of(connection: psycopg.Connection, tables: Iterable[Table], without: Sequence[str] = ()) -> str:
    """SHA-256 over every row of the tables, whatever its order, some columns left out."""
    parts = [
        sql.SQL(
            "(select {name} || coalesce(string_agg(row_text, E'\\n' order by row_text), '')"
            " from (select (to_jsonb(t) - {without}::text[])::text as row_text from {table} as t) as rows)"
        ).format(
            name=sql.Literal(f"{schema}.{name}:"),
            without=sql.Literal(list(without)),
            table=sql.Identifier(schema, name),
        )
        for schema, name in tables
    ]
    query = sql.SQL("select encode(sha256(convert_to(concat_ws(E'\\n', {}), 'UTF8')), 'hex')")
    [(found,)] = connection.execute(query.format(sql.SQL(", ").join([sql.SQL("''"), *parts]))).fetchall()
    return str(found)
