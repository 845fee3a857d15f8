"""Since when a whole list reads as it does is on record; and a mart may get another key without losing rows.

Belongs here: what histories rest on in the warehouse. Does not: the histories (test_dimensions.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import yaml

from contracts.extraction import Extracted
from orchestration import delivering
from orchestration.session import NoProgress, Session, open_session
from orchestration.settings import load_settings
from tests.conftest import Deployed
from warehouse.database import open_database
from warehouse.filestore import keep
from warehouse.landing import Landed
from warehouse.marts import Mart, MartColumn, sync_marts

COLUMNS = "Id,MaDinhDanh,Ten,Cap,ParentId,MaHanhChinh"


@pytest.fixture
def province(empty_database: Deployed, tmp_path: Path) -> Iterator[Deployed]:
    """A deployment of a provincial system that nobody asks here."""
    body = {
        "name": "x", "name_vi": "x", "zone": "Asia/Ho_Chi_Minh", "as_of": "2023-07-01", "policies": ["day"],
        "default_policy": "day",
    }  # fmt: skip
    sources = {"provincial": {"jurisdiction": "x", "database": {"env": "NOBODY_ASKS"}}}
    config = tmp_path / "x.yml"
    config.write_text(yaml.safe_dump({"name": "x", "jurisdictions": {"x": body}, "sources": sources}), "utf-8")
    name = f"listed_{uuid.uuid4().hex[:8]}"
    with ExitStack() as stack:
        settings = load_settings(config, [], name)
        yield Deployed(settings, stack.enter_context(open_database(settings.home, name)))
    with psycopg.connect(empty_database.database.url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


def _read(session: Session, folder: Path, day: int, name: str) -> Landed:
    file = folder / "Groups-0001.csv"
    file.write_text(f"{COLUMNS}\n1,H55.12,{name},1,,\n", "utf-8")
    source = session.settings.contracts["provincial"]
    kept = keep(session.settings.home, file, compress=True)
    batch = Extracted(file, "Groups", datetime(2023, 5, day, 3, tzinfo=UTC), None)
    with session.database.connect("motcua_loader") as loader:
        return delivering._land_batch(session, source, source.stream("unit"), batch, kept, loader)


def test_a_list_read_again_moves_its_version_and_keeps_its_first_day(province: Deployed, tmp_path: Path) -> None:
    with open_session(province.settings, NoProgress(), None) as session:
        names = {1: "Sở A", 2: "Sở A", 5: "Sở B", 6: "Sở B", 9: "Sở A", 10: "Sở A"}
        landed = {day: _read(session, tmp_path, day, name) for day, name in names.items()}
    assert landed[1].delivery_id == landed[10].delivery_id != landed[5].delivery_id
    noted = province.ask("select extract(day from version)::int, delivery_id from audit.list_state order by version")
    assert noted == [(1, landed[1].delivery_id), (5, landed[5].delivery_id), (9, landed[1].delivery_id)]
    newest = province.ask(
        "select extract(day from version)::int from audit.delivery where delivery_id = %s", noted[0][1]
    )
    assert newest == [(10,)]


def test_a_mart_with_another_key_keeps_its_rows(province: Deployed) -> None:
    with open_session(province.settings, NoProgress(), None):
        pass
    code, since = MartColumn("code", "text", "which"), MartColumn("since", "text", "since when")
    sync_marts(province.database, [Mart("thing", "a thing", ("code",), (code,))])
    province.do("insert into release.release (run_id, kind, verdict, reasons, content, content_sha256)"
                " select run_id, 'publish', 'pass', '{}', '{}', '' from audit.run limit 1")  # fmt: skip
    province.do("insert into marts.thing (release_from, code) select release_id, 'a' from release.release")
    versions = Mart("thing", "a thing", ("code", "since"), (code, since))
    for _ in range(2):
        sync_marts(province.database, [versions])
    add = "insert into marts.thing (release_from, code, since) select release_id, 'a', %s from release.release"
    province.do(add, "2023")
    province.do(add, "2025")
    with pytest.raises(psycopg.errors.UniqueViolation):
        province.do(add, "2025")
    assert province.ask("select code, since from marts.thing order by since") == [
        ("a", "2023"),
        ("a", "2025"),
        ("a", None),
    ]
    assert province.ask("select key_columns from release.mart") == [(["code", "since"],)]
