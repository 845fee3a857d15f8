"""Each fault of the portal: survived by trying again, or a clear failure that loses nothing and is taken up again.

Belongs here: one test a fault, against the stand-in. Does not: paging itself (test_portal_reading.py).
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.failures import SourceUnavailable
from tests.integration.portal.conftest import NOW, Portal, StartPortal, dossiers

ALL = 730


@pytest.fixture
def portal(start_portal: StartPortal) -> Portal:
    """73 pages of ten: two files, the second of which is not full."""
    return start_portal(LayDanhSachHoSo=dossiers(ALL), connection={"timeout_seconds": 0.5})


def all_codes() -> list[str]:
    return sorted(dossiers(ALL)["MaHoSo"].to_list())


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("latency", {"seconds": 0.2}),
        ("too_many_requests", {"seconds": 0}),
        ("server_error", {}),
        ("time_out", {"seconds": 0.8}),
        ("cut_connection", {}),
        ("truncated_json", {}),
        ("wrong_content_type", {}),
        ("expired_session", {}),
        ("duplicate_page", {}),
    ],
)
def test_a_fault_that_passes_costs_nothing(portal: Portal, kind: str, options: dict[str, Any]) -> None:
    portal.fault(kind, call=4, times=2, **options)
    portal.landing.read()
    assert portal.landing.codes() == all_codes()
    asked = portal.gateway.schedule.calls["LayDanhSachHoSo"]
    undisturbed = 83
    assert asked == undisturbed if kind == "latency" else asked > undisturbed


@pytest.mark.parametrize(
    "kind", ["server_error", "cut_connection", "truncated_json", "wrong_content_type", "duplicate_page"]
)
def test_a_fault_that_stays_keeps_what_was_read_and_the_next_reading_goes_on(portal: Portal, kind: str) -> None:
    portal.fault(kind, call=60, times=0)
    with pytest.raises(SourceUnavailable) as failure:
        portal.landing.read()
    assert failure.value.exit_code == 3
    assert "6 tries" in failure.value.message and "the reading goes on" in failure.value.hint
    # One full file, and the pages of the next that had come.
    assert portal.landing.batches == 2
    before = len(portal.landing.rows)
    assert 500 < before < ALL

    portal.gateway.schedule.faults.clear()
    asked = portal.gateway.schedule.calls["LayDanhSachHoSo"]
    portal.landing.read()
    assert portal.landing.codes() == all_codes()
    assert portal.gateway.schedule.calls["LayDanhSachHoSo"] - asked < 30, "it began from the start again"


def test_time_outs_that_stay(start_portal: StartPortal) -> None:
    portal = start_portal(LayDanhSachHoSo=dossiers(40), connection={"timeout_seconds": 0.1, "attempts": 2})
    portal.fault("time_out", call=3, times=0, seconds=0.4)
    with pytest.raises(SourceUnavailable, match="no answer in time"):
        portal.landing.read()
    portal.gateway.schedule.faults.clear()
    portal.landing.connection = replace(portal.landing.connection, timeout_seconds=5.0)
    portal.landing.read()
    assert portal.landing.codes() == sorted(dossiers(40)["MaHoSo"].to_list())


def test_the_pause_a_server_asks_for_is_kept(portal: Portal) -> None:
    portal.fault("too_many_requests", call=2, seconds=1)
    began = time.monotonic()
    portal.landing.read()
    assert time.monotonic() - began >= 1, "it asked again before the server wanted to be asked"
    assert portal.landing.codes() == all_codes()


def test_a_pause_that_is_too_long_ends_the_reading_at_once(portal: Portal) -> None:
    portal.fault("too_many_requests", call=2, times=0, seconds=3600)
    with pytest.raises(SourceUnavailable, match=r"in one try: HTTP 429, and asks to wait 3,600 s"):
        portal.landing.read()


def test_a_refusal_is_not_tried_again(portal: Portal) -> None:
    portal.fault("refused", call=3, times=0)
    with pytest.raises(SourceUnavailable, match="HTTP 403"):
        portal.landing.read()
    assert portal.gateway.schedule.calls["LayDanhSachHoSo"] == 3


def test_a_session_that_is_never_accepted_ends_in_a_failure(portal: Portal) -> None:
    portal.fault("expired_session", call=2, times=0)
    with pytest.raises(SourceUnavailable, match="error code -1"):
        portal.landing.read()
    assert portal.gateway.schedule.calls["login"] == 7, "each try takes a new session, and there are six"


def test_sessions_that_end_after_a_few_calls(start_portal: StartPortal) -> None:
    portal = start_portal(LayDanhSachHoSo=dossiers(200), setup={"session_calls": 4})
    portal.landing.read()
    assert portal.landing.codes() == sorted(dossiers(200)["MaHoSo"].to_list())
    assert portal.gateway.schedule.calls["login"] >= 5


@pytest.mark.parametrize("call", [2, 5, 11])
def test_pages_that_shift_under_the_reader_lose_nothing(start_portal: StartPortal, call: int) -> None:
    """Dossiers that change while they are read leave for the end; each is met, in its old or its new version."""
    portal = start_portal(LayDanhSachHoSo=dossiers(200))
    portal.fault("shifting_page", call=call, times=3, records=7)
    portal.landing.read()
    # The same server, a moment later: what changed lies after the first reading's end.
    portal.gateway.skew = timedelta(minutes=5)
    portal.landing.read()
    assert set(portal.landing.codes()) == set(dossiers(200)["MaHoSo"].to_list())
    held = portal.gateway.holdings.of("LayDanhSachHoSo")
    assert held is not None and set(held.rows["MaHoSo"].to_list()) == set(portal.landing.codes())


def test_pages_of_one_second_that_shift_are_read_until_they_stand_still(start_portal: StartPortal) -> None:
    """Forty dossiers of one second need page numbers, and those shift."""
    portal = start_portal(LayDanhSachHoSo=dossiers(40, every=0))
    portal.fault("shifting_page", call=3, times=1, records=5)
    portal.landing.read()
    first = set(portal.landing.codes())
    portal.gateway.skew = timedelta(minutes=5)
    portal.landing.read()
    assert len(first) >= 35
    assert set(portal.landing.codes()) == set(dossiers(40)["MaHoSo"].to_list())


@pytest.mark.parametrize("times", [2, 0])
def test_a_numbered_page_that_is_the_one_before_over_again(start_portal: StartPortal, times: int) -> None:
    made = dossiers(45, every=0)
    portal = start_portal(LayDanhSachHoSo=made)
    portal.fault("duplicate_page", call=4, times=times)
    if times == 0:
        with pytest.raises(SourceUnavailable, match="over again"):
            portal.landing.read()
        portal.gateway.schedule.faults.clear()
    portal.landing.read()
    assert portal.landing.codes() == sorted(made["MaHoSo"].to_list())


def test_pages_of_one_second_that_never_stand_still_are_a_failure(start_portal: StartPortal) -> None:
    portal = start_portal(LayDanhSachHoSo=dossiers(400, every=0))
    portal.fault("shifting_page", call=3, times=0, records=1)
    with pytest.raises(SourceUnavailable, match="keep changing"):
        portal.landing.read()
    portal.gateway.schedule.faults.clear()
    portal.gateway.skew = timedelta(minutes=5)
    portal.landing.read()
    assert set(portal.landing.codes()) == set(dossiers(400)["MaHoSo"].to_list())


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_clock_that_is_wrong_loses_nothing(start_portal: StartPortal, hours: int) -> None:
    recent = dossiers(60, begin=NOW - timedelta(hours=40), every=3600)
    portal = start_portal(LayDanhSachHoSo=recent.head(40))
    portal.fault("clock_skew", service="login", call=1, times=1, seconds=hours * 3600)
    portal.landing.read()
    assert len(portal.landing.rows) == (10 if hours < 0 else 40)
    portal.gateway.skew = timedelta(hours=24)
    recent.write_parquet(portal.gateway.setup.folder / "LayDanhSachHoSo.parquet")
    portal.landing.read()
    assert portal.landing.codes() == sorted(recent["MaHoSo"].to_list())


def test_a_clock_before_what_has_landed_is_told(portal: Portal) -> None:
    portal.landing.read()
    portal.fault("clock_skew", service="login", times=0, seconds=-400 * 86_400)
    with pytest.raises(SourceUnavailable, match="clock says"):
        portal.landing.read()
