"""A province at a fiftieth of its size, run once a session, and the same province three days later.

Belongs here: fixtures. Does not: assertions. `province` is read only: what changes something takes a copy, so that no
test depends on which came before it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.box import standing
from demo.province.generate import advance, generate
from orchestration.running import RunSummary
from tests.conftest import COPY_OF_DATABASE, administer
from tests.integration.province.made_province import Province, run, settings_of
from warehouse.database import open_database
from warehouse.server.launcher import EmbeddedServer

#: The smallest at which every kind of fault is planted, three days later at the latest.
SCALE, DAYS = 0.02, 3


@contextmanager
def _stood(folder: Path, database: str) -> Iterator[Province]:
    with standing(folder) as arguments:
        settings = settings_of(arguments, database)
        with open_database(settings.home, database) as found:
            yield Province(folder, arguments, found)


@pytest.fixture(scope="session")
def province(session_server: EmbeddedServer, session_folder: Path) -> Iterator[Province]:
    """Run once and published."""
    folder = session_folder / "tỉnh thu nhỏ"
    generate(folder, scale=SCALE)
    with _stood(folder, "province") as made:
        run(made.settings())
        yield made


@pytest.fixture(scope="session")
def copy_of_province(province: Province) -> Iterator[Callable[[str], Province]]:
    """Gives a warehouse of its own over the same systems: what `province` holds, to be changed."""
    with ExitStack() as stack:

        def copied(name: str) -> Province:
            administer(province.database, COPY_OF_DATABASE, name, province.database.name)
            database = stack.enter_context(open_database(province.settings().home, name))
            return Province(province.folder, province.arguments, database)

        yield copied


@dataclass(frozen=True, slots=True)
class Later:
    """The province some days on, run again: what stood before in its warehouse, and what that run said."""

    province: Province
    release_before: int
    deliveries_before: int
    summary: RunSummary


@pytest.fixture(scope="session")
def later(province: Province, copy_of_province: Callable[[str], Province], session_folder: Path) -> Iterator[Later]:
    """Three days later, as a copy: the same province with systems, drops and a warehouse of its own."""
    folder = session_folder / "tỉnh ba ngày sau"
    shutil.copytree(province.folder, folder)
    copy = copy_of_province("province_later")
    [(release, delivery)] = copy.ask(
        "select (select release_id from release.pointer), max(delivery_id) from audit.delivery"
    )
    advance(folder, DAYS)
    with _stood(folder, copy.database.name) as moved:
        summary = run(moved.settings())
        yield Later(moved, release, delivery, summary)
