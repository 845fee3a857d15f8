"""Opening what a reading command needs: settings, the database, a connection that can only read what is published.

Belongs here: that. Does not: commands.
"""

from __future__ import annotations

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
def reading(database: Database) -> Iterator[psycopg.Connection]:
    """One snapshot of what is published, as the inspector role. Raises UsageError when nothing was ever run here."""
    import psycopg as driver

    try:
        with database.connect("motcua_inspector") as connection:
            connection.isolation_level = driver.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield connection
    except (driver.errors.UndefinedTable, driver.errors.InvalidParameterValue, driver.errors.UndefinedObject) as error:
        raise UsageError(
            f"the database {database.name} holds nothing published yet", hint="Run the pipeline first: motcua run"
        ) from error
