"""Opening what a reading command needs: settings, the database, a connection that can only read what is published.

Belongs here: that. Does not: commands.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.failures import UsageError

if TYPE_CHECKING:
    import psycopg

    from orchestration.settings import Settings
    from warehouse.database import Database


@contextmanager
def opened(config: Path | None, database: str | None) -> Iterator[tuple[Settings, Database]]:
    """Settings and their database. Raises DatabaseUnavailable, UsageError."""
    from orchestration.settings import load_settings
    from warehouse.database import open_database

    settings = load_settings(config, database=database)
    with open_database(settings.home, settings.deployment.database) as found:
        yield settings, found


@contextmanager
def reading(database: Database, release: int | None = None) -> Iterator[psycopg.Connection]:
    """One snapshot of what is published, or of a kept release as it was, as the inspector role.

    Raises UsageError when nothing was ever run here, or when the release is not kept.
    """
    import psycopg as driver

    from warehouse.reading import read_as_of, read_standing, unknown_then

    try:
        with database.connect("motcua_inspector") as connection:
            connection.isolation_level = driver.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            if release is None:
                read_standing(connection)
            else:
                read_as_of(connection, release)
                _tell_unknown(release, unknown_then(connection, release))
            yield connection
    except (
        driver.errors.UndefinedTable, driver.errors.UndefinedColumn, driver.errors.InvalidParameterValue,
        driver.errors.UndefinedObject, driver.errors.InvalidSchemaName, driver.errors.UndefinedFunction,
    ) as error:  # fmt: skip
        raise UsageError(
            f"the database {database.name} holds nothing published yet, or was made by an older version",
            hint="Run the pipeline first: motcua run",
        ) from error


#: So many names are told; more, and only how many.
_TOLD = 4


def _tell_unknown(release: int, names: list[str]) -> None:
    """On standard error, so that what is empty or nought there is not taken for a figure."""
    if names:
        more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
        told = f"release {release} had no {', '.join(names[:_TOLD])}{more}: it says nothing about them"
        print(f"motcua: {told}", file=sys.stderr)
