"""Which releases are kept: pinning one, taking that back, cleaning up after the others.

Belongs here: calls of the functions in warehouse/schema/075_retention.sql, which hold the rules. Does not: rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from contracts.failures import UsageError
from contracts.order import Order
from warehouse.database import Database
from warehouse.fault_points import reached


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a cleaning came to: releases that cannot be asked for any more, those that can, rows removed by table."""

    cleaned: tuple[int, ...]
    kept: tuple[int, ...]
    removed: dict[str, int]


def pin(database: Database, release_id: int, order: Order) -> None:
    """Keeps a release until it is unpinned. Raises UsageError when it is not there, was refused or is pinned already."""
    with _telling(), database.connect("motcua_publisher") as connection:
        connection.execute("select release.pin(%s, %s, %s)", (release_id, order.because, order.person))
        reached("retention.pinned")


def unpin(database: Database, release_id: int, order: Order) -> None:
    """Lets the next cleaning have it. Raises UsageError when it is not pinned."""
    with _telling(), database.connect("motcua_publisher") as connection:
        connection.execute("select release.unpin(%s, %s, %s)", (release_id, order.because, order.person))
        reached("retention.unpinned")


def clean(database: Database, newest: int, order: Order) -> Cleaned:
    """Removes the history rows that no kept release holds: of the newest so many, the published, pinned and closed ones."""
    with _telling(), database.connect("motcua_publisher") as connection:
        row = connection.execute(
            "select cleaned, kept, removed from release.clean(%s, %s, %s)", (newest, order.because, order.person)
        ).fetchone()
        assert row is not None
        reached("retention.cleaned")
        return Cleaned(tuple(row[0]), tuple(row[1]), {name: rows for name, rows in row[2].items() if rows})


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise UsageError("the release is pinned already", hint="`motcua release list` says why.") from error
    except (psycopg.errors.NoDataFound, psycopg.errors.InvalidParameterValue) as error:
        raise UsageError(str(error.diag.message_primary), hint="`motcua release list` shows them.") from error
    except (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName) as error:
        raise UsageError("the database was made by an older version", hint="Any run mends that: motcua run") from error
