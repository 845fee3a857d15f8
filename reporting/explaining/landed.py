"""The landed rows that tell of a thing: in which file, at which row, with which hash, brought by which delivery of which run.

Belongs here: finding them in the published facts and the ledger. Does not: reading the files (orchestration/proving).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from reporting.explaining.model import Code, Landed, Run, Thing

#: The row that speaks for the dossier first, then its records in all systems, and what events and steps tell beyond these. An
#: event that the dossier's own row tells is that row.
_OF_DOSSIERS = """
    with own as (
        select dossier_key, source, dossier_code, file_sha256, row_number, row_sha256
        from fct_dossier where dossier_key = any(%(keys)s)
    ),
    record as (
        select * from fct_dossier_record where dossier_key = any(%(keys)s)
    ),
    told as (
        select
            o.dossier_key, 0 as place, 'record' as role, o.source as system, o.dossier_code as code, o.file_sha256,
            o.row_number, o.row_sha256, '{}'::jsonb as says, o.source as source
        from own as o
        where not exists (
            select from record as r
            where r.dossier_key = o.dossier_key and r.file_sha256 = o.file_sha256 and r.row_number = o.row_number
        )
        union all
        select
            r.dossier_key, case when o.dossier_key is null then 1 else 0 end, 'record', r.system, r.record_code,
            r.file_sha256, r.row_number, r.row_sha256, jsonb_build_object(
                'identified_by', r.identified_by, 'status', r.status, 'received_at', r.received_at, 'due_at', r.due_at,
                'resolved_at', r.resolved_at
            ), null
        from record as r
        left join own as o
            on o.dossier_key = r.dossier_key and o.file_sha256 = r.file_sha256 and o.row_number = r.row_number
        union all
        select
            e.dossier_key, 2, 'event', e.source, e.event, e.file_sha256, e.row_number, null,
            jsonb_build_object('happened_at', e.happened_at), e.source
        from fct_dossier_event as e
        where e.dossier_key = any(%(keys)s) and not exists (
            select from own as o
            where o.dossier_key = e.dossier_key and o.file_sha256 = e.file_sha256 and o.row_number = e.row_number
        )
        union all
        select
            s.dossier_key, 3, 'step', s.source, coalesce(s.workflow_step, s.act, ''), s.file_sha256, s.row_number, null,
            jsonb_build_object('started_at', s.started_at, 'ended_at', s.ended_at), s.source
        from fct_dossier_step as s where s.dossier_key = any(%(keys)s) and %(steps)s
    )
    select * from told order by dossier_key, place, system, file_sha256, row_number, code
"""
#: What brought a file, as the ledger knew it when the release was made; the same bytes may have been read again since.
_DELIVERIES = """
    select distinct on (l.source, l.stream, l.file_sha256)
        l.source, l.stream, l.file_sha256, l.file_name, l.delivery_id, l.version, l.landed_at, l.retracted_because,
        a.run_id
    from audit.delivery as l
    left join audit.delivery_attempt as a on a.delivery_id = l.delivery_id and a.outcome = 'landed'
    where l.file_sha256 = any(%(files)s)
    order by
        l.source, l.stream, l.file_sha256, (l.landed_at <= %(until)s) desc, (l.superseded_by is null) desc,
        l.delivery_id desc
"""
_RUNS = """
    select r.run_id, r.run_number, r.started_at, r.outcome, p.program
    from audit.run as r left join audit.run_program as p on p.run_id = r.run_id
    where r.run_id = any(%(runs)s)
"""
#: Streams whose rows are no dossiers, nor tell of one in its own record: never what a dossier's row is of.
_OF_EVENTS = ("supplement", "payment", "draft", "progress")


def of_dossiers(
    connection: psycopg.Connection, things: Sequence[Thing], until: datetime, *, steps: bool
) -> tuple[Thing, ...]:
    """The dossiers with every row that tells of them, as it stood in the release; `until` is when that was made.

    Rows of processing steps only where asked for: there are six to a dossier, and few figures follow from them.
    """
    if not things:
        return ()
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_OF_DOSSIERS, {"keys": [thing.key for thing in things], "steps": steps}).fetchall()
    rows_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        rows_of[row["dossier_key"]].append(row)
    return _with_rows(connection, things, rows_of, until)


def of_others(
    connection: psycopg.Connection, things: Sequence[Thing], rows: Iterable[Mapping[str, Any]], until: datetime
) -> tuple[Thing, ...]:
    """The same of things whose facts carry file, row and hash themselves; others stay without rows."""
    rows_of = {
        row["key"]: [{
            "role": "record", "system": row["source"], "code": row["code"], "says": {}, "file_sha256": row["file_sha256"],
            "row_number": row["row_number"], "row_sha256": row["row_sha256"], "source": row["source"], "stream": row["stream"],
        }]
        for row in rows if row.get("file_sha256")
    }  # fmt: skip
    return _with_rows(connection, things, rows_of, until)


def runs(connection: psycopg.Connection, wanted: Iterable[UUID]) -> dict[UUID, Run]:
    """Runs by id, each with the program it was of as it noted itself."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_RUNS, {"runs": list(wanted)}).fetchall()
    return {
        row["run_id"]: Run(row["run_id"], row["run_number"], row["started_at"], row["outcome"], _code(row["program"]))
        for row in rows
    }


def _code(program: Mapping[str, Any] | None) -> Code:
    names = ("version", "commit", "requirements_lock_sha256", "dbt_project_sha256", "tools")
    return Code(**{name: program.get(name) for name in names}) if program else Code()


def _with_rows(
    connection: psycopg.Connection,
    things: Sequence[Thing],
    rows_of: Mapping[str, list[dict[str, Any]]],
    until: datetime,
) -> tuple[Thing, ...]:
    files = sorted({row["file_sha256"] for rows in rows_of.values() for row in rows})
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_DELIVERIES, {"files": files, "until": until}).fetchall()
    deliveries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for delivery in found:
        deliveries[delivery["file_sha256"]].append(delivery)
    brought_by = runs(connection, {row["run_id"] for row in found if row["run_id"]})
    return tuple(
        replace(
            thing,
            landed=tuple(
                _landed(row, _delivery_of(row, deliveries[row["file_sha256"]]), brought_by)
                for row in rows_of.get(thing.key, ())
            ),
        )
        for thing in things
    )


def _delivery_of(row: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The delivery of a row's file: one file may have been delivered to several streams."""
    if row.get("stream"):
        fitting = [delivery for delivery in deliveries if delivery["stream"] == row["stream"]]
    else:
        fitting = [d for d in deliveries if (d["stream"] in _OF_EVENTS) == (row["role"] != "record")]
    return next(iter(fitting or deliveries), {})


def _landed(row: Mapping[str, Any], delivery: Mapping[str, Any], brought_by: Mapping[UUID, Run]) -> Landed:
    run_id = delivery.get("run_id")
    return Landed(
        role=row["role"], system=row["system"], code=row["code"],
        says={name: value for name, value in row["says"].items() if value is not None},
        source=delivery.get("source") or row["source"] or row["system"], stream=delivery.get("stream", ""),
        file_name=delivery.get("file_name", ""), file_sha256=row["file_sha256"], row_number=row["row_number"],
        row_sha256=row["row_sha256"], delivery_id=delivery.get("delivery_id"), version=delivery.get("version"),
        landed_at=delivery.get("landed_at"), retracted_because=delivery.get("retracted_because"),
        run=None if run_id is None else brought_by.get(run_id),
    )  # fmt: skip
