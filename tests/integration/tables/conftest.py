"""A small provincial system in the session's server, and readings of it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from contracts.extraction import Extracted, Wanted
from contracts.source import SourceContract, StreamContract
from demo.provincial.database import ProvincialDatabase, ensure_database
from extractors.catalogue import load_contracts
from extractors.drops import read
from extractors.pseudonyms import Pseudonyms
from extractors.tables import TableReader, open_tables
from orchestration.settings import PROJECT
from warehouse.home import locate_home
from warehouse.server.launcher import EmbeddedServer

FORMAT = "%Y-%m-%d %H:%M:%S%.f"
KEY = Pseudonyms(b"sixteen bytes and more")
STEP: dict[str, Any] = {
    "name": "step",
    "layout": {"kind": "table", "table": "Bước", "changed_at": "UpdatedOn", "page_rows": 4, "overlap_seconds": 900},
    "delivery": "incremental",
    "key": ["MaHoSo", "Id"],
    "version": {"by": "field", "field": "UpdatedOn"},
    "fields": [
        {"name": "MaHoSo", "required": True},
        {"name": "Id", "type": "integer", "required": True},
        {"name": "GhiChu"},
        {"name": "Xong", "type": "boolean", "true_values": ["t", "1"], "false_values": ["f", "0"]},
        {"name": "UpdatedOn", "type": "instant", "format": FORMAT, "required": True},
    ],
}
CREATE_STEP = (
    'create table "Bước" ("MaHoSo" text, "Id" bigint, "GhiChu" text, "Xong" boolean, "UpdatedOn" timestamp,'
    ' "KhongDoc" text default \'not read\', primary key ("MaHoSo", "Id"))'
)


def source_of(stream: dict[str, Any], zone: str = "Asia/Ho_Chi_Minh") -> SourceContract:
    return SourceContract.model_validate(
        {"name": "made", "owner": "nobody", "cadence": "never", "zone": zone, "streams": [stream]}
    )


@dataclass
class Reading:
    """What landed so far, as the warehouse would know it: positions, and the hashes of rows with their versions."""

    source: SourceContract
    folder: Path
    position: dict[str, Any] | None = None
    landed: list[dict[str, Any]] = field(default_factory=list)
    asked_since: list[datetime] = field(default_factory=list)
    number: int = 0

    @property
    def stream(self) -> StreamContract:
        return self.source.streams[0]

    def known(self, since: datetime) -> frozenset[bytes]:
        self.asked_since.append(since)
        return frozenset(row["_row_sha256"] for row in self.landed if row["updatedon"] >= since)

    def wanted(self, **entries: Any) -> Wanted:
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        return Wanted(folder, self.position, self.known, **entries)

    def take(self, reader: TableReader, **entries: Any) -> list[dict[str, Any]]:
        """Reads and lands; the rows that came."""
        came = []
        for batch in reader.read(self.source, self.stream, self.wanted(**entries)):
            came += self.land(batch)
        return came

    def land(self, batch: Extracted) -> list[dict[str, Any]]:
        rows = []
        for records in read(self.stream, self.source, batch.file, batch.file.name, pseudonyms=KEY):
            rows += records.rows.to_dicts()
        self.landed += rows
        if batch.position is not None:
            self.position = batch.position
        return rows


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
