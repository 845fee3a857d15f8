"""Deliveries on record: listing them, and retracting one that should not have come.

Belongs here: those two. Does not: landing (warehouse/landing). Retracting removes nothing: the rows and the bytes stay,
and the models leave them out from the next run on.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from contracts.failures import UsageError
from warehouse.database import Database
from warehouse.fault_points import reached


def list_deliveries(database: Database) -> list[dict[str, Any]]:
    """Every delivery, newest version first within its stream; `counts` marks those the next run reads. Raises UsageError."""
    query = """
        select d.delivery_id, d.source, d.stream, d.file_name, d.version::text as version, d.rows_landed, d.rows_quarantined,
            d.landed_at::text as landed_at, d.retracted_because,
            d.retracted_at is null and row_number() over (
                partition by d.source, d.stream, d.retracted_at is null,
                    case when d.kind = 'full' then null else d.version end
                order by d.version desc, d.file_sha256 desc
            ) = 1 as counts
        from audit.delivery as d
        order by d.source collate "C", d.stream collate "C", d.version desc, d.file_sha256 desc
    """
    try:
        with database.connect("motcua_inspector") as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode()).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidParameterValue) as error:
        raise UsageError("nothing was ever delivered here", hint="Run the pipeline first: motcua run") from error


def rows_landed(database: Database, source: str, stream: str) -> int:
    """The rows of a stream's raw table, by the ledger: none is ever removed from it, so nothing is counted for this."""
    with database.connect("motcua_loader") as connection:
        [(rows,)] = connection.execute(
            "select coalesce(sum(rows_landed), 0)::bigint from audit.delivery where source = %s and stream = %s",
            (source, stream),
        ).fetchall()
    return int(rows)


def retract(database: Database, delivery_id: int, because: str) -> str:
    """Marks a delivery as withdrawn, with the reason; gives its file's name. Raises UsageError."""
    if not because.strip():
        raise UsageError("a retraction needs a reason", hint="--because 'what was wrong with it'")
    with database.connect("motcua_loader") as connection:
        row = connection.execute(
            "update audit.delivery set retracted_at = clock_timestamp(), retracted_because = %s"
            " where delivery_id = %s and retracted_at is null returning file_name",
            (because.strip(), delivery_id),
        ).fetchone()
        reached("delivery.retracted")
    if row is None:
        raise UsageError(
            f"there is no delivery {delivery_id}, or it is retracted already", hint="`motcua delivery list` shows them."
        )
    return str(row[0])


def restore(database: Database, delivery_id: int) -> str:
    """Takes a retraction back; gives the file's name. Raises UsageError."""
    with database.connect("motcua_loader") as connection:
        row = connection.execute(
            "update audit.delivery set retracted_at = null, retracted_because = null"
            " where delivery_id = %s and retracted_at is not null and superseded_by is null returning file_name",
            (delivery_id,),
        ).fetchone()
        reached("delivery.restored")
    if row is None:
        raise UsageError(
            f"there is no retracted delivery {delivery_id}, or its bytes were read again as another one",
            hint="`motcua delivery list` shows them.",
        )
    return str(row[0])
