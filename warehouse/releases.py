"""The release store seen from Python: seal, record checks, publish, list, roll back.

Belongs here: calls of the functions in warehouse/schema/060_publish.sql, which hold the rules. Does not: a verdict of
its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from contracts.checks import CheckResult, Verdict
from contracts.failures import UsageError
from contracts.order import Order
from warehouse.database import Database
from warehouse.fault_points import reached
from warehouse.refusals import store_failures


@dataclass(frozen=True, slots=True)
class Published:
    """What release.publish() answered. `changed` is false when the published contents were these already."""

    release_id: int
    verdict: Verdict
    changed: bool
    reasons: tuple[str, ...]
    changes: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Release:
    """One row of the release store; `current` marks the published one."""

    release_id: int
    run_id: UUID
    kind: str
    restores: int | None
    verdict: Verdict
    reasons: tuple[str, ...]
    content: dict[str, dict[str, Any]]
    content_sha256: str
    created_at: datetime
    created_by: str
    current: bool
    warnings: tuple[str, ...]
    #: Why it was rolled back to and by whom; None for what a run published.
    because: str | None
    asked_by: str | None
    #: When its rows were cleaned away, and why it is pinned; None otherwise.
    cleaned_at: datetime | None
    pinned_because: str | None


def seal_candidates(database: Database, run_id: UUID) -> dict[str, Any]:
    """Takes the candidates over and notes what they hold before they are checked; publishing refuses anything else."""
    _prepare_candidates(database)
    with database.connect("motcua_transformer") as connection:
        row = connection.execute("select release.seal_candidates(%s)", (run_id,)).fetchone()
        assert row is not None
        reached("transform.sealed")
        return dict(row[0])


def _prepare_candidates(database: Database) -> None:
    """Most of sealing, two candidates at a time: comparing and hashing keep a core busy each. The largest come first, so
    that neither waits long for the other.
    """
    with database.connect("motcua_transformer") as connection:
        rows = connection.execute(
            "select name from release.mart"
            " order by pg_table_size(to_regclass(format('candidate.%I', name))) desc nulls last, name"
        ).fetchall()
    # Both take the next from one list, which gives each out once.
    waiting = iter([str(name) for (name,) in rows])

    def prepare(_: int) -> None:
        with database.connect("motcua_transformer", autocommit=True) as connection:
            for name in waiting:
                with connection.transaction():
                    connection.execute("select release.prepare_candidate(%s)", (name,))
                    reached("transform.candidate_prepared")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(prepare, range(2)))


def open_candidates(database: Database, names: Iterable[str]) -> None:
    """Gives candidates back to the transformer, who is going to make them anew; others change by their rows alone."""
    with database.connect("motcua_transformer") as connection:
        connection.execute("select release.open_candidates(%s)", (sorted(names),))
        reached("transform.candidates_opened")


def record_checks(database: Database, run_id: UUID, results: Iterable[CheckResult]) -> None:
    """Stores what the checks said, then what failed them. A second word on the same check of the same run is refused by
    the database. The words are committed first: should a query for failed rows break, the verdict is on record still.
    """
    said = list(results)
    with database.connect("motcua_checker") as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into release.check_result (run_id, name, succeeded, message, observed, ran)"
            " values (%s, %s, %s, %s, %s, %s)",
            [(run_id, r.name, r.succeeded, r.message, json.dumps(r.observed, default=str), r.ran) for r in said],
        )
        reached("check.words_recorded")
    store_failures(database, run_id, {result.name: result.failing for result in said if result.failing})


def publish(database: Database, run_id: UUID) -> Published:
    """Asks the database to publish the run's candidates; it derives the verdict itself."""
    with database.connect("motcua_publisher") as connection:
        row = connection.execute(
            "select release_id, verdict, changed, reasons, changes from release.publish(%s)", (run_id,)
        ).fetchone()
        assert row is not None
        reached("publish.published")
        return Published(row[0], row[1], row[2], tuple(row[3]), row[4])


def reasons_left(database: Database, run_id: UUID) -> tuple[str, ...]:
    """What stands against a run now, overrides counted; whether its candidates still are those judged is not asked."""
    with database.connect("motcua_publisher") as connection:
        row = connection.execute("select release.reasons_against(%s)", (run_id,)).fetchone()
        assert row is not None
        return tuple(row[0])


def roll_back(database: Database, run_id: UUID, target: int, order: Order) -> tuple[int, dict[str, dict[str, int]]]:
    """Makes a new release with the contents of an old one. Raises UsageError when there is no such passed release."""
    with database.connect("motcua_publisher") as connection:
        try:
            row = connection.execute(
                "select release_id, changes from release.rollback(%s, %s, %s, %s)",
                (run_id, target, order.because.strip(), order.person.strip()),
            ).fetchone()
        except psycopg.errors.NoDataFound as error:
            raise UsageError(str(error.diag.message_primary), hint="`motcua release list` shows them.") from error
        assert row is not None
        reached("rollback.published")
        return int(row[0]), row[1]


_RELEASES = """
    select r.release_id, r.run_id, r.kind, r.restores, r.verdict, r.reasons, r.content, r.content_sha256, r.created_at,
        r.created_by, p.release_id is not null as current, r.warnings, r.because, r.asked_by, c.cleaned_at,
        pin.because as pinned_because
    from release.release as r
    left join release.pointer as p on p.release_id = r.release_id
    left join release.cleaned as c on c.release_id = r.release_id
    left join release.pin as pin on pin.release_id = r.release_id and pin.unpinned_at is null
"""


def list_releases(database: Database) -> list[Release]:
    """Every release, refused ones included, newest first."""
    with database.connect("motcua_inspector") as connection:
        rows = connection.execute(f"{_RELEASES} order by r.release_id desc").fetchall()
    return [_release(row) for row in rows]


def current_release(database: Database) -> Release | None:
    """The published release, or None when nothing was published yet."""
    with database.connect("motcua_inspector") as connection:
        row = connection.execute(f"{_RELEASES} where p.release_id is not null").fetchone()
    return None if row is None else _release(row)


def _release(row: tuple[Any, ...]) -> Release:
    return Release(
        release_id=row[0], run_id=UUID(str(row[1])), kind=row[2], restores=row[3], verdict=row[4],
        reasons=tuple(row[5]), content=row[6], content_sha256=row[7], created_at=row[8], created_by=row[9],
        current=row[10], warnings=tuple(row[11]), because=row[12], asked_by=row[13], cleaned_at=row[14],
        pinned_because=row[15],
    )  # fmt: skip


def checks_of(database: Database, run_id: UUID) -> list[CheckResult]:
    """What each check said in a run, by name."""
    with database.connect("motcua_inspector") as connection:
        rows = connection.execute(
            "select name, succeeded, message, observed, ran, severity from release.check_result"
            " where run_id = %s order by name",
            (run_id,),
        ).fetchall()
    return [CheckResult(row[0], row[1], row[2], row[3], ran=row[4], severity=row[5]) for row in rows]
