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

#: What brought a file, as the ledger knew it when the release was made; the same bytes may have been read again since.
_DELIVERIES = """
    select distinct on (l.source, l.stream, l.file_sha256)
        l.source, l.stream, l.kind, l.file_sha256, l.file_name, l.delivery_id, l.version, l.landed_at, l.retracted_because,
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
#: The rows that tell of dossiers in a release, each with what brought its file (warehouse/schema/095_landed_rows.sql).
_OF_DOSSIERS = "select * from audit.landed_rows(%(keys)s, %(release)s, %(steps)s)"


def of_dossiers(
    connection: psycopg.Connection, things: Sequence[Thing], release_id: int, *, steps: bool
) -> tuple[Thing, ...]:
    """The dossiers with every row that tells of them, as it stood in the release.

    Rows of processing steps only where asked for: there are six to a dossier, and few figures follow from them.
    """
    if not things:
        return ()
    asked = {"keys": [thing.key for thing in things], "release": release_id, "steps": steps}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_OF_DOSSIERS, asked).fetchall()
    brought_by = runs(connection, {row["run_id"] for row in rows if row["run_id"]})
    rows_of: dict[str, list[Landed]] = defaultdict(list)
    for row in rows:
        rows_of[row["dossier_key"]].append(_landed(row, row, brought_by))
    return tuple(replace(thing, landed=tuple(rows_of[thing.key])) for thing in things)


def of_others(
    connection: psycopg.Connection, things: Sequence[Thing], rows: Iterable[Mapping[str, Any]], until: datetime
) -> tuple[Thing, ...]:
    """The same of things whose facts carry file, row and hash themselves, in the order of `rows`; others stay without rows."""
    located: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row.get("file_sha256"):
            located[row["key"]].append(row)
    files = sorted({row["file_sha256"] for of_thing in located.values() for row in of_thing})
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_DELIVERIES, {"files": files, "until": until}).fetchall()
    deliveries = {(row["source"], row["stream"], row["file_sha256"]): row for row in found}
    # Lists are known by how they are delivered: in every deployment they have another source.
    of_kind = {(row["kind"], row["file_sha256"]): row for row in reversed(found)}
    brought_by = runs(connection, {row["run_id"] for row in found if row["run_id"]})

    def stands_at(row: Mapping[str, Any]) -> Landed:
        file = row["file_sha256"]
        delivery = (
            deliveries.get((row["source"], row["stream"], file), {})
            if "source" in row
            else of_kind.get((row["delivered"], file), {})
        )
        system = row.get("source") or delivery.get("source", "")
        return _landed({**row, "role": "record", "system": system, "says": {}}, delivery, brought_by)

    return tuple(replace(thing, landed=tuple(map(stands_at, located.get(thing.key, ())))) for thing in things)


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


def _landed(row: Mapping[str, Any], delivery: Mapping[str, Any], brought_by: Mapping[UUID, Run]) -> Landed:
    run_id = delivery.get("run_id")
    return Landed(
        role=row["role"], system=row["system"], code=row["code"],
        says={name: value for name, value in row["says"].items() if value is not None},
        source=delivery.get("source") or row["system"], stream=delivery.get("stream") or "",
        file_name=delivery.get("file_name") or "", file_sha256=row["file_sha256"], row_number=row["row_number"],
        row_sha256=row["row_sha256"], delivery_id=delivery.get("delivery_id"), version=delivery.get("version"),
        landed_at=delivery.get("landed_at"), retracted_because=delivery.get("retracted_because"),
        run=None if run_id is None else brought_by.get(run_id),
    )  # fmt: skip
