"""A batch of a source that is asked, none of whose rows can land: on record, and no reason to stop.

Belongs here: landing such a batch as a run does, once and again, and what a run tells when more than one thing went
wrong. Does not: reading (tables/, portal/).
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
from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable
from orchestration import delivering
from orchestration.running import _told
from orchestration.session import NoProgress, Session, open_session
from orchestration.settings import load_settings
from tests.conftest import Deployed
from warehouse.database import open_database
from warehouse.filestore import keep
from warehouse.landing import Landed

COLUMNS = "Id,MaHoSo,NgayBoSung,NgayTiepNhanBoSung,NgayHenTraTruoc,NgayHenTraMoi,TrangThaiBoSung,DeletedOn,UpdatedOn"
READ_AT = datetime(2023, 7, 1, 8, tzinfo=UTC)
POSITION = {"changed_at": "2023-06-30T16:00:00", "key": [7]}


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
    name = f"asked_{uuid.uuid4().hex[:8]}"
    with ExitStack() as stack:
        settings = load_settings(config, [], name)
        yield Deployed(settings, stack.enter_context(open_database(settings.home, name)))
    with psycopg.connect(empty_database.database.url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


def _land(session: Session, folder: Path) -> Landed:
    file = folder / "HoSoBoSungs-0001.csv"
    file.write_text(f"{COLUMNS}\n7,H55.12-230601-0001,,,,,,,2023-06-30 16:00:00\n", "utf-8")
    source = session.settings.contracts["provincial"]
    kept = keep(session.settings.home, file, compress=True)
    batch = Extracted(file, "HoSoBoSungs, changed up to 2023-06-30", READ_AT, POSITION)
    with session.database.connect("motcua_loader") as loader:
        return delivering._land_batch(session, source, source.stream("supplement"), batch, kept, loader)


def test_its_row_is_quarantined_and_the_position_moves(province: Deployed, tmp_path: Path) -> None:
    with open_session(province.settings, NoProgress(), None) as session:
        landed = _land(session, tmp_path)
        assert (landed.read, landed.landed, landed.quarantined, landed.version) == (1, 0, 1, READ_AT)
        again = _land(session, tmp_path)
        assert (again.new, again.delivery_id) == (False, landed.delivery_id), "read again, it is the same delivery"
    assert province.ask("select position from audit.position") == [(POSITION,)]
    assert province.ask("select field from raw.quarantine") == [("NgayBoSung",)]


def test_a_silent_source_does_not_hide_what_else_went_wrong(province: Deployed) -> None:
    with open_session(province.settings, NoProgress(), None) as session:
        assert _told(session) is None
        session.note_failure(DeliveryRefused(DeliveryProblem.EMPTY, "a.csv is empty"))
        assert isinstance(_told(session), DeliveryRefused)
        session.note_silence("portal", SourceUnavailable("no answer"))
        told = _told(session)
        assert told is not None
        assert (told.exit_code, told.message) == (3, "no answer; and the run did not end well: a.csv is empty")
        session.failure = None
        assert _told(session) is session.silent["portal"]
