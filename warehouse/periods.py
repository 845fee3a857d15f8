"""Closed periods: freezing the published figures of one, and reading what was frozen.

Belongs here: calls of release.close_period (warehouse/schema/070_period.sql), which holds the rules. Does not: comparing
what was frozen with what is published now (reporting/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from contracts.failures import UsageError
from contracts.order import Order
from warehouse.database import Database
from warehouse.fault_points import reached


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """One frozen period. `figures` is {policy: {"from" | "to": {measure: sum}}} as published in the release then."""

    jurisdiction: str
    period: str
    from_cut_off: datetime
    to_cut_off: datetime
    release_id: int
    figures: dict[str, dict[str, dict[str, int]]]
    because: str
    closed_for: str
    closed_by: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """What shall be frozen, why, and who says so."""

    jurisdiction: str
    period: str
    from_cut_off: datetime
    to_cut_off: datetime
    order: Order


def close_period(database: Database, closing: Closing) -> int:
    """Freezes the period in the release that is published; gives that release. Raises UsageError when it cannot be."""
    try:
        with database.connect("motcua_publisher") as connection:
            row = connection.execute(
                "select release.close_period(%s, %s, %s, %s, %s, %s)",
                (
                    closing.jurisdiction, closing.period, closing.from_cut_off, closing.to_cut_off,
                    closing.order.because, closing.order.person,
                ),
            ).fetchone()  # fmt: skip
            reached("period.closed")
    except psycopg.errors.UniqueViolation as error:
        raise UsageError(
            str(error.diag.message_primary),
            hint=f"It stays as it is and cannot be reopened; what was corrected since: motcua period show {closing.period}",
        ) from error
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.NoDataFound) as error:
        raise UsageError(
            str(error.diag.message_primary),
            hint="Both ends must be cut-offs in the deployment file, none after its as_of, and published: motcua run",
        ) from error
    assert row is not None
    return int(row[0])


def list_closed(connection: psycopg.Connection) -> list[ClosedPeriod]:
    """Every closed period, by jurisdiction and beginning. As the inspector."""
    with connection.cursor(row_factory=class_row(ClosedPeriod)) as cursor:
        return cursor.execute(
            "select jurisdiction, period, from_cut_off, to_cut_off, release_id, figures, because, closed_for, closed_by,"
            ' closed_at from release.closed_period order by jurisdiction collate "C", from_cut_off, to_cut_off,'
            ' period collate "C"'
        ).fetchall()


def find_closed(connection: psycopg.Connection, jurisdiction: str, period: str) -> ClosedPeriod:
    """The closed period of that name. Raises UsageError listing those there are."""
    held = [closed for closed in list_closed(connection) if closed.jurisdiction == jurisdiction]
    for closed in held:
        if closed.period == period:
            return closed
    known = ", ".join(closed.period for closed in held)
    raise UsageError(
        f"the period {period} of {jurisdiction} is not closed",
        hint=f"Closed: {known}" if known else f"Close it with: motcua period close {period} --because TEXT",
    )


def as_shown(closed: ClosedPeriod) -> dict[str, Any]:
    """What is on record about it, without the figures."""
    return {
        "period": closed.period, "jurisdiction": closed.jurisdiction, "release_id": closed.release_id,
        "closed_at": closed.closed_at.isoformat(timespec="seconds"), "closed_for": closed.closed_for,
        "closed_by": closed.closed_by, "because": closed.because,
    }  # fmt: skip
