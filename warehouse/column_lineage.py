"""The lineage of columns as the ledger keeps it: once for each wording of the models.

Belongs here: these rows, and the columns that the database really has. Does not: reading lineage off SQL (orchestration).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import psycopg

from contracts.lineage import Edge, Source
from warehouse.database import Database
from warehouse.fault_points import reached

#: Where models read and write.
ROOMS = ("raw", "audit", "reference", "staging", "intermediate", "candidate")


def has_lineage(database: Database, project: str, method: str) -> bool:
    """Whether the lineage of these models is on record, by these rules."""
    with database.connect("motcua_loader") as connection:
        known = connection.execute(
            "select from audit.project_lineage where project = %s and method = %s", (project, method)
        ).fetchone()
    return known is not None


def lineage_on_record(database: Database, project: str, method: str) -> list[Edge]:
    """What is on record of these models by these rules; nothing where they are not."""
    with database.connect("motcua_loader") as connection:
        rows = connection.execute(
            "select model_schema, model, column_name, source_schema, source_table, source_column, kind"
            " from audit.column_lineage where project = %s and method = %s order by model_schema, model",
            (project, method),
        ).fetchall()
    return [Edge(row[0], row[1], row[2], Source(*row[3:6]) if row[4] else None, row[6]) for row in rows]


def columns_of_rooms(database: Database) -> dict[str, dict[str, list[str]]]:
    """The columns of every table and view that models read or make, in their order, by schema and name."""
    found: dict[str, dict[str, list[str]]] = {}
    with database.connect("motcua_transformer") as connection:
        rows = connection.execute(
            "select n.nspname, c.relname, array_agg(a.attname::text order by a.attnum) from pg_attribute as a"
            " inner join pg_class as c on c.oid = a.attrelid inner join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname = any(%s) and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped"
            " group by n.nspname, c.relname",
            (list(ROOMS),),
        ).fetchall()
    for schema, table, columns in rows:
        found.setdefault(schema, {})[table] = columns
    return found


def published_columns(database: Database) -> dict[str, list[tuple[str, str, str]]]:
    """The columns of every published table in their order: name, type, meaning."""
    with database.connect("motcua_inspector") as connection:
        rows = connection.execute(
            "select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),"
            " coalesce(col_description(c.oid, a.attnum), '') from pg_attribute as a"
            " inner join pg_class as c on c.oid = a.attrelid inner join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname = 'marts' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped"
            " order by c.relname, a.attnum"
        ).fetchall()
    found: dict[str, list[tuple[str, str, str]]] = {}
    for table, *column in rows:
        found.setdefault(table, []).append((column[0], column[1], column[2]))
    return found


def keep_lineage(database: Database, run_id: UUID, project: str, method: str, edges: Sequence[Edge]) -> None:
    """Puts the lineage of these models on record; what another run noted of the same stands."""
    with database.connect("motcua_loader") as connection:
        noted = connection.execute(
            "insert into audit.project_lineage (project, method, run_id) values (%s, %s, %s) on conflict do nothing"
            " returning project",
            (project, method, run_id),
        ).fetchone()
        if noted is not None:
            _copy(connection, project, method, edges)
        reached("transform.lineage_kept")


def _copy(connection: psycopg.Connection, project: str, method: str, edges: Sequence[Edge]) -> None:
    columns = "project, method, model_schema, model, column_name, source_schema, source_table, source_column, kind"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy audit.column_lineage ({columns}) from stdin".encode()) as copy,
    ):
        for edge in edges:
            source = edge.source
            told = (None, None, None) if source is None else (source.schema, source.table, source.column)
            copy.write_row((project, method, edge.schema, edge.model, edge.column, *told, edge.kind))
