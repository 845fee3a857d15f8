"""Which sources answered, where their readings stand, which rows are known, and what a run's candidates follow from.

Belongs here: these questions to the ledger, and noting the answers. Does not: landing rows (landing.py) or runs (ledger.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from contracts.records import ROW_HASH
from contracts.source import StreamContract
from warehouse.contents import contents_of, tables_of
from warehouse.database import Database
from warehouse.fault_points import reached
from warehouse.migrate import raw_table

_FETCHED = 20_000


@dataclass(frozen=True, slots=True)
class SourceAge:
    """When a source last answered, as a release sees it. None: it never did."""

    source: str
    answered_at: datetime | None
    version: datetime | None


def note_contact(database: Database, run_id: UUID, source: str, stream: str, problem: str | None) -> None:
    """Records that a source answered, or why not."""
    with database.connect("motcua_loader") as connection:
        connection.execute(
            "insert into audit.contact (run_id, source, stream, answered, problem) values (%s, %s, %s, %s, %s)",
            (run_id, source, stream, problem is None, problem),
        )
        reached("deliver.contact_noted")


def position_of(database: Database, source: str, stream: str) -> dict[str, Any] | None:
    """Where the next reading of a stream goes on; None when nothing was read yet."""
    with database.connect("motcua_loader") as connection:
        row = connection.execute(
            "select position from audit.position where source = %s and stream = %s", (source, stream)
        ).fetchone()
    return None if row is None else dict(row[0])


def move_position(
    connection: psycopg.Connection, source: str, stream: str, position: dict[str, Any], delivery_id: int
) -> None:
    """Moves it, in the transaction that lands the batch it comes after."""
    connection.execute(
        "insert into audit.position (source, stream, position, delivery_id) values (%s, %s, %s, %s)"
        " on conflict (source, stream) do update set position = excluded.position,"
        " delivery_id = excluded.delivery_id, noted_at = clock_timestamp()",
        (source, stream, json.dumps(position), delivery_id),
    )


def known_rows(database: Database, source: str, stream: StreamContract, since: datetime) -> frozenset[bytes]:
    """The hashes of the rows that landed with a version at or after an instant: what an overlap would bring again.

    Rows of a stream whose records carry no version are not known by it: the answer is empty.
    """
    rule = stream.version
    if rule.by != "field":
        return frozenset()
    with database.connect("motcua_loader") as connection, connection.cursor("known", binary=True) as rows:
        # A cursor of the server's: a backfill may begin with the first row of all, and the answer as one result would be
        # held twice more beside the set.
        rows.itersize = _FETCHED
        rows.execute(
            sql.SQL("select {} from {} where {} >= %s").format(
                sql.Identifier(ROW_HASH),
                raw_table(source, stream.name),
                sql.Identifier(stream.field(rule.field).column),
            ),
            (since,),
        )
        return frozenset(row[0] for row in rows)


def standing_inputs(database: Database) -> str:
    """Hashes of the deliveries that stand and of the deployment as rows: what models read besides their own text."""
    with database.connect("motcua_loader") as connection:
        [(delivered,)] = connection.execute(
            "select encode(sha256(convert_to(concat_ws(E'\\n',"
            # A list that reads as it did before is as new as its last reading: that it is newer matters only where it
            # overtakes another one, so its place counts and not its time.
            " (select string_agg(row(delivery_id, source, stream, file_sha256, place,"
            " case when version_rule <> 'reading' then version end)::text, E'\n' order by delivery_id) from ("
            " select *, rank() over (partition by source, stream order by version, file_sha256) as place"
            " from audit.delivery where retracted_at is null) as standing),"
            " (select string_agg(row(delivery_id, version)::text, E'\\n' order by source, stream, version)"
            " from audit.list_state),"
            # Of sources from which something is expected: there, who delivered when is published.
            " (select string_agg(a::text, E'\\n' order by arrival_id) from audit.arrival as a"
            "  where a.source in (select source from reference.expected))"
            "), 'UTF8')), 'hex')"
        ).fetchall()
        return f"{delivered}\n{contents_of(connection, tables_of(connection, 'reference'))}"


def release_made_of(database: Database, inputs: str) -> int | None:
    """The published release, when a run that ended well was made from exactly these inputs and it has stood since."""
    with database.connect("motcua_inspector") as connection:
        row = connection.execute(
            "select pointer.release_id from release.pointer as pointer where exists ("
            " select 1 from audit.run as run where run.inputs = %s and run.release_id = pointer.release_id"
            " and run.outcome in ('published', 'unchanged'))",
            (inputs,),
        ).fetchone()
    return None if row is None else int(row[0])


def note_inputs(database: Database, run_id: UUID, inputs: str) -> None:
    """Records what a run's candidates follow from, before they are made."""
    with database.connect("motcua_loader") as connection:
        connection.execute("update audit.run set inputs = %s where run_id = %s", (inputs, run_id))
        reached("transform.inputs_noted")


def source_ages(database: Database, at: datetime) -> list[SourceAge]:
    """For each deployed source, when it last answered before an instant, and the newest version landed by then."""
    with database.connect("motcua_inspector") as connection:
        rows = connection.execute(
            "select deployed.source,"
            " (select max(contact.at) from audit.contact as contact"
            "  where contact.source = deployed.source and contact.answered and contact.at <= %(at)s),"
            " (select max(delivery.version) from audit.delivery as delivery"
            "  where delivery.source = deployed.source and delivery.retracted_at is null and delivery.landed_at <= %(at)s)"
            " from reference.source as deployed order by deployed.source",
            {"at": at},
        ).fetchall()
    return [SourceAge(*row) for row in rows]
