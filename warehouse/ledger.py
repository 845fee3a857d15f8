"""The ledger of runs and delivery attempts: every attempt leaves a row, whatever came of it.

Belongs here: opening and closing those rows. Does not: the rows that land (warehouse/landing).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import psycopg

from contracts.failures import DatabaseUnavailable
from warehouse.database import Database
from warehouse.fault_points import reached
from warehouse.outages import lost

RunOutcome = Literal["published", "unchanged", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Hold:
    """That no other run is at work, as long as this connection stands."""

    _connection: psycopg.Connection
    _database: Database

    def assert_held(self) -> None:
        """Raises DatabaseUnavailable when the server has let go: another run may have begun since."""
        try:
            self._connection.execute("select 1")
        except psycopg.OperationalError as error:
            raise lost(self._database.folder) from error


@contextmanager
def only_run(database: Database) -> Iterator[Hold]:
    """Holds this database for one run; the server lets go of it when the program dies.

    Raises DatabaseUnavailable when another run is at work.
    """
    with database.connect(autocommit=True) as connection:
        row = connection.execute("select pg_try_advisory_lock(hashtextextended('motcua.run', 0))").fetchone()
        if row is None or not row[0]:
            raise DatabaseUnavailable(
                f"another run is at work on the database {database.name}",
                hint="Wait until it has ended, then run again.",
            )
        yield Hold(connection, database)
        # Closing the connection lets go as well, a moment later: the next command would find a run at work.
        connection.execute("select pg_advisory_unlock(hashtextextended('motcua.run', 0))")


def open_run(database: Database, deployment: str, configuration: dict[str, Any], dagster_run_id: str | None) -> UUID:
    """Starts a run; runs and attempts that a crash left open are closed as interrupted. Call inside only_run()."""
    with database.connect("motcua_loader") as connection:
        connection.execute(
            "update audit.run set outcome = 'interrupted', finished_at = clock_timestamp(),"
            " problem = 'the program ended before the run did' where outcome = 'running'"
        )
        connection.execute(
            "update audit.delivery_attempt set outcome = 'interrupted', finished_at = clock_timestamp(),"
            " problem = 'interrupted', message = 'the program ended before the landing did' where outcome = 'running'"
        )
        row = connection.execute(
            "insert into audit.run (deployment, configuration, dagster_run_id) values (%s, %s, %s) returning run_id",
            (deployment, json.dumps(configuration), dagster_run_id),
        ).fetchone()
        assert row is not None
        reached("run.opened")
        return UUID(str(row[0]))


def close_run(
    database: Database, run_id: UUID, outcome: RunOutcome, problem: str | None, release_id: int | None = None
) -> None:
    """Ends a run with what came of it; `release_id` is the release that stands when it ended well."""
    with database.connect("motcua_loader") as connection:
        connection.execute(
            "update audit.run set outcome = %s, problem = %s, release_id = %s, finished_at = clock_timestamp()"
            " where run_id = %s and outcome = 'running'",
            (outcome, problem, release_id, run_id),
        )
        reached("run.closed")


def note_program(database: Database, run_id: UUID, program: dict[str, Any]) -> None:
    """Records which program built the models in a run; what was noted first stands."""
    with database.connect("motcua_loader") as connection:
        connection.execute(
            "insert into audit.run_program (run_id, program) values (%s, %s) on conflict (run_id) do nothing",
            (run_id, json.dumps(program)),
        )
        reached("transform.program_noted")


def open_attempt(
    connection: psycopg.Connection, run_id: UUID, source: str, stream: str, file_name: str, sha256: str, size: int
) -> int:
    """Starts a delivery attempt and says which bytes it is about, and commits: a failure leaves it behind.

    On a loader's connection with no transaction open.
    """
    row = connection.execute(
        "insert into audit.delivery_attempt (run_id, source, stream, file_name, file_sha256, bytes)"
        " values (%s, %s, %s, %s, %s, %s) returning attempt_id",
        (run_id, source, stream, file_name, sha256, size),
    ).fetchone()
    reached("landing.attempt_opened")
    connection.commit()
    assert row is not None
    return int(row[0])


def fail_attempt(
    database: Database, attempt_id: int, outcome: Literal["refused", "failed"], problem: str, message: str
) -> None:
    """Ends an attempt of which nothing landed."""
    with database.connect("motcua_loader") as connection:
        connection.execute(
            "update audit.delivery_attempt set outcome = %s, problem = %s, message = %s, finished_at = clock_timestamp()"
            " where attempt_id = %s",
            (outcome, problem, message, attempt_id),
        )
        reached("landing.failure_noted")
