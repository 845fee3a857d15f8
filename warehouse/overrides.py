"""A person's word on a check that is not green: putting it on record, and publishing what it held back.

Belongs here: calls of release.override_check (warehouse/schema/059_severity.sql), which holds the rules, and reading what
was overridden. Does not: which checks may be borne with (expectations/suite.yml says it, the database holds it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from contracts.failures import UsageError
from contracts.order import Order
from warehouse.database import Database
from warehouse.fault_points import reached


class AlreadyOverridden(UsageError):
    """Somebody bore with this check of this run before; what was said then stays."""


@dataclass(frozen=True, slots=True)
class Override:
    """Who bore with which check of a run, and why."""

    name: str
    severity: str
    because: str
    made_for: str
    made_by: str
    made_at: datetime


def override_check(database: Database, run_id: UUID, name: str, order: Order) -> None:
    """Puts it on record. Raises UsageError when the check is green, unknown or fails the run, AlreadyOverridden."""
    try:
        with database.connect("motcua_publisher") as connection:
            connection.execute(
                "select release.override_check(%s, %s, %s, %s)", (run_id, name, order.because, order.person)
            )
            reached("override.noted")
    except psycopg.errors.InsufficientPrivilege as error:
        raise UsageError(
            str(error.diag.message_primary),
            hint="Mend the cause and run again; motcua gate explain. Only `warn` and `hold` can be overridden.",
        ) from error
    except psycopg.errors.NoDataFound as error:
        raise UsageError(
            str(error.diag.message_primary), hint="`motcua gate explain` shows what is not green."
        ) from error
    except psycopg.errors.UniqueViolation as error:
        raise AlreadyOverridden(
            f"{name} of run {run_id} is overridden already", hint="What was said then stays: motcua gate explain"
        ) from error


def overrides_of(connection: psycopg.Connection, run_id: UUID) -> dict[str, Override]:
    """What was overridden in a run, by check. As the inspector."""
    with connection.cursor(row_factory=class_row(Override)) as cursor:
        rows = cursor.execute(
            "select name, severity, because, made_for, made_by, made_at from release.check_override"
            " where run_id = %s order by name",
            (run_id,),
        ).fetchall()
    return {row.name: row for row in rows}


def inputs_of(database: Database, run_id: UUID) -> str | None:
    """What the run's candidates were made of: the release that an override lets out was made of the same."""
    with database.connect("motcua_inspector") as connection:
        row = connection.execute("select inputs from audit.run where run_id = %s", (run_id,)).fetchone()
    return None if row is None else row[0]
