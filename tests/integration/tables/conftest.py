"""A small provincial system in the session's server, and readings of it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from contracts.source import SourceContract
from demo.provincial.database import ProvincialDatabase, ensure_database
from extractors.catalogue import load_contracts
from extractors.tables import TableReader, open_tables
from orchestration.settings import PROJECT
from tests.integration.tables.table_readings import CREATE_STEP, STEP, Reading, source_of
from warehouse.home import locate_home
from warehouse.server.launcher import EmbeddedServer


@pytest.fixture(scope="session")
def built_in() -> dict[str, SourceContract]:
    return load_contracts()


@pytest.fixture
def province(session_server: EmbeddedServer) -> Iterator[ProvincialDatabase]:
    """An empty database for a source, with a login that may only read."""
    name = f"tinh_{uuid.uuid4().hex[:8]}"
    with ensure_database(locate_home(PROJECT, os.environ), name) as made:
        yield made
        with psycopg.connect(made.owner_url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(f"{name}_chi_doc")))


@pytest.fixture
def do(province: ProvincialDatabase) -> Callable[..., list[tuple[Any, ...]]]:
    """Runs a statement in the source's database, as its owner."""

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(province.owner_url) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def steps(do: Callable[..., Any], tmp_path: Path) -> Reading:
    """Twelve steps, five of them stamped alike across the end of a page of four."""
    do(CREATE_STEP)
    do(
        "insert into \"Bước\" select 'H55''%-' || n % 3, n, nullif('ghi, chú \"' || n, 'ghi, chú \"5'), n % 2 = 0,"
        " timestamp '2023-03-01 08:00' + least(n, 4) * interval '1 hour' from generate_series(0, 11) as n"
    )
    return Reading(source_of(STEP), tmp_path)


@pytest.fixture
def tables(province: ProvincialDatabase, steps: Reading) -> Iterator[TableReader]:
    """A snapshot in which the steps are."""
    with open_tables(province.reader_url) as reader:
        yield reader
