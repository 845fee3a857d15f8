"""Kept bytes landed again: a delivery whose contract was mended becomes another one, and the one before counts no more.

Belongs here: finding such deliveries and putting one in the place of another, in one transaction. Does not: reading files
(extractors/), or which contract is right. Rows, quarantine and counts of the one before stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from contracts.failures import UsageError
from contracts.records import RecordBatch
from contracts.source import StreamContract
from warehouse.database import Database
from warehouse.fault_points import reached
from warehouse.landing import Arrival, Landed, close_attempt, land_rows, on_record
from warehouse.migrate import raw_table


@dataclass(frozen=True, slots=True)
class Replayable:
    """A standing delivery as the ledger has it."""

    delivery_id: int
    source: str
    stream: str
    file_name: str
    file_sha256: str
    bytes: int
    version: datetime
    version_rule: str
    rows_read: int
    rows_landed: int
    rows_quarantined: int


_COLUMNS = (
    "d.delivery_id, d.source, d.stream, d.file_name, d.file_sha256, d.bytes, d.version, d.version_rule, d.rows_read,"
    " d.rows_landed, d.rows_quarantined"
)


def with_faults(database: Database, source: str, stream: str | None) -> list[Replayable]:
    """The standing deliveries of a source (or of one stream) of which anything is in quarantine, in order of landing."""
    with (
        database.connect("motcua_loader") as connection,
        connection.cursor(row_factory=class_row(Replayable)) as cursor,
    ):
        return cursor.execute(
            f"select {_COLUMNS} from audit.delivery as d where d.retracted_at is null and d.source = %(source)s"
            " and (%(stream)s::text is null or d.stream = %(stream)s)"
            " and exists (select from raw.quarantine as q where q.delivery_id = d.delivery_id) order by d.delivery_id",
            {"source": source, "stream": stream},
        ).fetchall()


def standing(database: Database, delivery_id: int) -> Replayable:
    """One delivery that counts. Raises UsageError for any other."""
    with (
        database.connect("motcua_loader") as connection,
        connection.cursor(row_factory=class_row(Replayable)) as cursor,
    ):
        found = cursor.execute(
            f"select {_COLUMNS} from audit.delivery as d where d.retracted_at is null and d.delivery_id = %s",
            (delivery_id,),
        ).fetchone()
    if found is None:
        raise UsageError(
            f"there is no delivery {delivery_id}, or it was withdrawn or read again already",
            hint="`motcua delivery list` shows them.",
        )
    return found


def land_again(database: Database, arrival: Arrival, before: Replayable, batches: Iterable[RecordBatch]) -> Landed:
    """Puts what the contract makes of the bytes today in the place of what it made of them before, or leaves it.

    It is left (`new` false) when both are the same, so that doing it twice changes nothing. Raises what reading raised,
    after recording it; the delivery before then counts as it did.
    """
    held = Landed(
        before.delivery_id, False, before.rows_read, before.rows_landed, before.rows_quarantined, before.version
    )
    landed = held
    with database.connect("motcua_loader") as loader, on_record(database, loader, arrival) as attempt:
        with loader.transaction() as trial:
            # Set aside first, and by itself for now: the same bytes are one delivery that counts.
            _set_aside(loader, before.delivery_id, before.delivery_id)
            reached("replay.set_aside")
            landed = land_rows(loader, arrival, batches)
            if landed.version == held.version and not _differ(loader, arrival, before.delivery_id, landed.delivery_id):
                landed = held
                raise psycopg.Rollback(trial)
            _set_aside(loader, before.delivery_id, landed.delivery_id)
            _hand_over(loader, before.delivery_id, landed.delivery_id)
            close_attempt(loader, attempt, landed)
            reached("replay.handed_over")
        if not landed.new:
            with loader.transaction():
                close_attempt(loader, attempt, landed)
                reached("replay.left_as_it_was")
    return landed


def _set_aside(connection: psycopg.Connection, before: int, after: int) -> None:
    connection.execute(
        "update audit.delivery set retracted_at = clock_timestamp(), retracted_because = %s, superseded_by = %s"
        " where delivery_id = %s",
        (f"read again by a mended contract as delivery {after}", after, before),
    )


def _hand_over(connection: psycopg.Connection, before: int, after: int) -> None:
    """What was noted of the delivery is now of the other: who dropped it, and since when a list reads so."""
    for table in ("arrival", "list_state"):
        connection.execute(
            sql.SQL("update audit.{} set delivery_id = %s where delivery_id = %s").format(sql.Identifier(table)),
            (after, before),
        )


def _differ(connection: psycopg.Connection, arrival: Arrival, before: int, after: int) -> bool:
    """Whether two deliveries of the same bytes hold other rows or other faults."""
    landed = ("_row_number", "_row_sha256", *_landed_columns(arrival.stream))
    faults = ("row_number", "field", "value", "reason", "whole_row")
    return any(
        _holds_more(connection, *compared, first, second)
        for compared in (
            (raw_table(arrival.source, arrival.stream.name), "_delivery_id", landed),
            (sql.Identifier("raw", "quarantine"), "delivery_id", faults),
        )
        for first, second in ((before, after), (after, before))
    )


def _landed_columns(stream: StreamContract) -> list[str]:
    return [field.column for field in stream.fields]


def _holds_more(
    connection: psycopg.Connection, table: sql.Identifier, key: str, columns: Iterable[str], one: int, other: int
) -> bool:
    row = connection.execute(
        sql.SQL(
            "select exists (select {columns} from {table} where {key} = %s"
            " except select {columns} from {table} where {key} = %s)"
        ).format(columns=sql.SQL(", ").join(map(sql.Identifier, columns)), table=table, key=sql.Identifier(key)),
        (one, other),
    ).fetchone()
    assert row is not None
    return bool(row[0])
