"""What failed a check: storing the failed rows with the run, and reading why a run was refused or warned of.

Belongs here: the tables of warehouse/schema/058_failed_keys.sql. Does not: verdicts (releases.py), or what a check means
and what to do about it (expectations/suite.yml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from contracts.failures import UsageError
from warehouse.database import Database
from warehouse.fault_points import reached


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A delivery that failed rows came with, and how many of them."""

    delivery_id: int
    source: str
    stream: str
    file_name: str
    keys: int


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed one check of a run: how many rows, the first of them, and the deliveries they came with."""

    name: str
    keys: int
    first: list[dict[str, Any]]
    deliveries: list[FailedDelivery]


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run that the gate has looked at, or that ended before; `release_id` is the release, refused ones included."""

    run_id: UUID
    started_at: datetime
    outcome: str
    problem: str | None
    release_id: int | None
    verdict: str | None
    reasons: list[str]
    checks: int


@dataclass(frozen=True, slots=True)
class Landed:
    """A delivery that counts, and that the release before did not have."""

    delivery_id: int
    source: str
    stream: str
    file_name: str
    version: datetime
    rows_landed: int
    rows_quarantined: int


def store_failures(database: Database, run_id: UUID, queries: Mapping[str, str]) -> None:
    """Stores every row that each query (by check) gives, in a fixed order, and the deliveries these rows came with."""
    if not queries:
        return
    with database.connect("motcua_checker") as connection:
        for name, query in queries.items():
            # Composed and not bound: a percent sign in a check's query is its own.
            statement = sql.SQL(
                "insert into release.failed_key (run_id, name, place, key)"
                " select {}, {}, row_number() over (order by f.key), f.key from ({}) as f"
            ).format(sql.Literal(run_id), sql.Literal(name), sql.SQL(query))
            connection.execute(statement)
        connection.execute("select release.trace_failed_keys(%s)", (run_id,))
        reached("check.keys_stored")


def find_run(connection: psycopg.Connection, run_id: UUID | None, release_id: int | None) -> JudgedRun:
    """The run named, or that of the release named, or else the newest that the gate judged or refused to begin with.

    Raises UsageError when there is none. As the inspector.
    """
    with connection.cursor(row_factory=class_row(JudgedRun)) as cursor:
        found = cursor.execute(
            "select run.run_id, run.started_at, run.outcome, run.problem, made.release_id, made.verdict,"
            " coalesce(made.reasons, '{}') as reasons,"
            " (select count(*) from release.check_result as said where said.run_id = run.run_id) as checks"
            " from audit.run as run left join release.release as made on made.run_id = run.run_id"
            " where (%(run)s::uuid is null or run.run_id = %(run)s)"
            " and (%(release)s::bigint is null or made.release_id = %(release)s)"
            " and (%(run)s::uuid is not null or %(release)s::bigint is not null or made.kind = 'publish'"
            " or exists (select from release.check_result as said where said.run_id = run.run_id))"
            " order by run.run_number desc, made.release_id desc limit 1",
            {"run": run_id, "release": release_id},
        ).fetchone()
    if found is not None:
        return found
    if run_id is None and release_id is None:
        raise UsageError("the gate has judged no run yet", hint="Run the pipeline first: motcua run")
    named = f"run {run_id}" if run_id is not None else f"release {release_id}"
    raise UsageError(f"there is no {named}", hint="`motcua release list` shows the releases.")


def failures_of(connection: psycopg.Connection, run_id: UUID, first: int) -> dict[str, Failure]:
    """By check, what failed it in a run, with so many rows of each. As the inspector."""
    counts = connection.execute(
        "select name, count(*) from release.failed_key where run_id = %s group by name", (run_id,)
    ).fetchall()
    keys: dict[str, list[dict[str, Any]]] = {}
    for name, key in connection.execute(
        "select name, key from release.failed_key where run_id = %s and place <= %s order by name, place",
        (run_id, first),
    ).fetchall():
        keys.setdefault(name, []).append(key)
    deliveries: dict[str, list[FailedDelivery]] = {}
    for name, *delivery in connection.execute(
        "select traced.name, d.delivery_id, d.source, d.stream, d.file_name, traced.keys"
        " from release.failed_delivery as traced inner join audit.delivery as d on d.delivery_id = traced.delivery_id"
        " where traced.run_id = %s order by traced.name, traced.keys desc, d.delivery_id",
        (run_id,),
    ).fetchall():
        deliveries.setdefault(name, []).append(FailedDelivery(*delivery))
    return {
        name: Failure(name, int(count), keys.get(name, []), deliveries.get(name, [])) for name, count in sorted(counts)
    }


def good_measures(connection: psycopg.Connection, releases: int) -> list[tuple[int, str, dict[str, list[float]]]]:
    """What checks with bounds measured in the last good releases: release, check, {subject: [lowest, highest]}."""
    rows = connection.execute(
        "select good.release_id, said.name, said.observed -> 'measured' from ("
        " select release_id, run_id from release.release where verdict = 'pass' and kind = 'publish'"
        " order by release_id desc limit %s) as good"
        " inner join release.check_result as said on said.run_id = good.run_id and said.succeeded"
        " where said.observed ? 'measured' order by said.name, good.release_id",
        (releases,),
    ).fetchall()
    return [(int(release_id), name, measured) for release_id, name, measured in rows]


def landed_since_release(connection: psycopg.Connection, run_id: UUID) -> list[Landed]:
    """Deliveries that stand and that landed in runs after that of the last good release before this one, up to this one:
    whatever is new in its candidates came with these, or with the models. By the order of runs and not by the clock, which
    may have been set back meanwhile. As the inspector.
    """
    with connection.cursor(row_factory=class_row(Landed)) as cursor:
        return cursor.execute(
            "select d.delivery_id, d.source, d.stream, d.file_name, d.version, d.rows_landed, d.rows_quarantined"
            " from audit.run as run"
            " inner join audit.delivery as d on d.retracted_at is null and exists ("
            " select from audit.delivery_attempt as attempt inner join audit.run as landing on landing.run_id = attempt.run_id"
            " where attempt.delivery_id = d.delivery_id and attempt.outcome = 'landed'"
            " and landing.run_number <= run.run_number and landing.run_number > coalesce(("
            " select max(good.run_number) from release.release as made inner join audit.run as good"
            " on good.run_id = made.run_id where made.verdict = 'pass' and good.run_number < run.run_number), 0))"
            " where run.run_id = %s order by d.delivery_id",
            (run_id,),
        ).fetchall()
