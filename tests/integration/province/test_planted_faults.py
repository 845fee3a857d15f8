"""Every kind of planted fault, one by one: what the pipeline made of it, under which name, and whether the dossier's
published row is the true one all the same.

Belongs here: a check for each kind of the ledger, and that no kind goes without. Does not: the sums (test_whole_province.py).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from tests.integration.province.conftest import Later
from tests.integration.province.made_province import ZONE, Province
from tests.integration.province.service_faults import SERVICE_CHECKS
from tests.integration.province.true_lives import wrong_dossiers

Check = Callable[[Province, pl.DataFrame], None]
CHECKS: dict[str, Check] = dict(SERVICE_CHECKS)
#: Not there before the half year has been counted.
ONLY_LATER = {"x09_late_delivery", "x10_finish_corrected"}


def caught(*kinds: str) -> Callable[[Check], Check]:
    """Registers the check of these kinds of the ledger; it gets the entries of one of them."""

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(kinds, check))
        return check

    return register


@pytest.fixture(scope="module")
def states(province: Province, later: Later) -> dict[str, Province]:
    return {"half year": province, "three days later": later.province}


@pytest.fixture(scope="module")
def wrong(states: dict[str, Province]) -> dict[str, dict[str, list[str]]]:
    return {name: wrong_dossiers(state) for name, state in states.items()}


def _pairs(entries: pl.DataFrame, *names: str) -> set[tuple[str, ...]]:
    return set(entries.select(names).iter_rows())


def _listed(province: Province, kind: str) -> set[str]:
    rows = province.ask("select split_part(dossier_key, '/', 2) from marts.fct_sync_difference where kind = %s", kind)
    return {row[0] for row in rows}


# Listed as a difference between the province and the portal: just those, under the ledger's word.


@caught(
    "d03_push_answered_exists", "d04_due_empty_on_portal", "d07_missing_on_portal", "d07_twice_on_portal", "d11_clock_skew"
)  # fmt: skip
def _listed_exactly(province: Province, entries: pl.DataFrame) -> None:
    [word] = set(entries["caught_as"])
    alone = set(entries["dossier_code"])
    if word == "missing_on_portal":
        # What an office alone knows is missing on the portal as well; the ledger has it as missing in the province.
        coverage = pl.read_parquet(province.folder / "coverage.parquet").filter("counted")
        alone |= set(coverage.filter(~pl.col("in_provincial"), ~pl.col("in_portal"))["dossier_code"])
    assert _listed(province, word) == alone


@caught("d05_submitted_overwritten")
def _submitted(province: Province, entries: pl.DataFrame) -> None:
    """Where the dossier was submitted in the very second of its receipt, overwriting leaves no trace."""
    visible = entries.filter(
        pl.col("planted_value")
        != pl.col("expected").str.to_datetime("%Y-%m-%d %H:%M:%S%.f").dt.strftime("%Y%m%d%H%M%S")
    )
    assert visible.height > 0.9 * entries.height
    assert set(entries["caught_as"]) == {"submitted_differs"}
    assert _listed(province, "submitted_differs") == set(visible["dossier_code"])
    rows = province.ask(
        "select split_part(dossier_key, '/', 2), to_char(province_submitted_at at time zone %s, 'YYYY-MM-DD HH24:MI:SS')"
        " from marts.fct_sync_difference where kind = 'submitted_differs'",
        ZONE,
    )
    assert {(code, value) for code, value in rows} == {
        (code, value[:19]) for code, value in visible.select("dossier_code", "expected").iter_rows()
    }


@caught("d01_pause_shown_as_finished", "d04_one_status", "d07_last_update_missing_on_portal")
def _status(province: Province, entries: pl.DataFrame) -> None:
    ledger = province.ledger().filter(pl.col("caught_as") == "status_differs")
    assert set(entries["caught_as"]) == {"status_differs"}
    rows = province.ask(
        "select split_part(dossier_key, '/', 2), portal_status, province_status from marts.fct_sync_difference"
        " where kind = 'status_differs'"
    )
    assert set(rows) == _pairs(ledger, "dossier_code", "planted_value", "expected")


@caught("d07_missing_in_province")
def _missing_in_province(province: Province, entries: pl.DataFrame) -> None:
    """Of what an office knows as well, the office speaks; what it knows alone is missing on the portal too, listed there."""
    assert set(entries["rule"]) == {"portal_tells", "one_stop_tells"}
    on_portal = set(pl.read_parquet(province.folder / "coverage.parquet").filter("in_portal")["dossier_code"])
    assert _listed(province, "missing_in_province") == set(entries["dossier_code"]) & on_portal
    spoken = dict(
        province.ask(
            "select d.dossier_code, d.source from marts.fct_dossier as d where d.dossier_code = any(%s)",
            entries["dossier_code"].to_list(),
        )
    )
    assert spoken == {code: rule.removesuffix("_tells") for code, rule in _pairs(entries, "dossier_code", "rule")}


# Recognised: another code, another order of the agency id, another spelling of the unit.


@caught("d02_two_codes", "d02_alias_on_other_side", "d06_agency_order")
def _recognised(province: Province, entries: pl.DataFrame) -> None:
    """What the province does not hold has nothing to be joined with; its code is brought into order all the same."""
    rows = province.ask(
        "select system, record_code, split_part(dossier_key, '/', 2), identified_by from marts.fct_dossier_record"
    )
    held = set(pl.read_parquet(province.folder / "coverage.parquet").filter("in_provincial")["dossier_code"])
    rule = {"alias": "other_code", "agency_id_order": "agency_id_order"}
    expected = {
        (system, planted, code, rule[name] if code in held else "only_here")
        for system, planted, code, name in _pairs(entries, "system", "planted_value", "expected", "rule")
    }
    assert expected - set(rows) == set()


@caught("d06_unit_spelt_otherwise")
def _unit(province: Province, entries: pl.DataFrame) -> None:
    rows = province.ask("select dossier_code, split_part(unit_key, '/', 2) from marts.fct_dossier")
    assert _pairs(entries, "dossier_code", "expected") - set(rows) == set()
    names = {row[0] for row in province.ask("select distinct unit_name from staging.stg_portal__dossier")}
    assert set(entries["planted_value"]) <= names, "the free text arrived as it was sent"


@caught("d05_channel_empty_in_province", "d05_channel_empty_on_portal")
def _channel(province: Province, entries: pl.DataFrame) -> None:
    rows = province.ask("select dossier_code, split_part(channel_key, '/', 2) from marts.fct_dossier")
    assert _pairs(entries, "dossier_code", "expected") - set(rows) == set()
    [system] = set(entries["system"])
    empty = province.ask(
        "select distinct split_part(r.dossier_key, '/', 2) from marts.fct_dossier_record as r"
        f" inner join staging.stg_{system}__dossier as s on s.record_code = r.record_code"
        " where r.system = %s and s.channel_code is null",
        system,
    )
    # The portal's second record of a dossier held twice, and what is deleted, say nothing new.
    assert {row[0] for row in empty} == set(entries["dossier_code"])


@caught("d10_json_in_text")
def _decoded(province: Province, entries: pl.DataFrame) -> None:
    rows = province.ask(
        "select split_part(r.dossier_key, '/', 2), s.asked_databases from staging.stg_portal__dossier as s"
        " inner join marts.fct_dossier_record as r on r.system = 'portal' and r.record_code = s.record_code"
    )
    assert _pairs(entries, "dossier_code", "expected") - set(rows) == set()
    assert {value for _, value in rows} == {None, "7", "3|7"}
    sent = province.ask("select count(*) from raw.portal__dossier where dsketnoicsdl like '[%%'")
    assert sent[0][0] >= entries.height, "raw keeps what was sent"


# Settled by rule: another speaker, the promise in force, the newest version.

_RECOVERED = {"NgayKetThucXuLy": ("resolved_at", "resolved_from"), "NgayHenTra": ("due_at", "due_from")}
_SPEAKER = {"progress": "steps"}


@caught("d04_finish_empty", "d09_finish_year_one", "d09_due_year_one", "d12_finish_before_receipt")
def _recovered(province: Province, entries: pl.DataFrame) -> None:
    assert set(entries["caught_as"]) == {"recovered"}
    [field] = set(entries["field"])
    value, speaker = _RECOVERED[field]
    rows = province.ask(
        f"select dossier_code, to_char({value} at time zone %s, 'YYYY-MM-DD HH24:MI'), {speaker} from marts.fct_dossier",
        ZONE,
    )
    # A one-stop register writes no seconds.
    expected = {
        (code, at[:16], _SPEAKER.get(rule, rule))
        for code, at, rule in _pairs(entries, "dossier_code", "expected", "rule")
    }
    assert expected - set(rows) == set()


@caught("d12_due_edited_after_it_passed", "x05_supplement_deleted")
def _never_rescues(province: Province, entries: pl.DataFrame) -> None:
    assert set(entries["caught_as"]) == {"never_rescues"}
    rows = province.ask(
        "select dossier_code, to_char(due_at at time zone %s, 'YYYY-MM-DD HH24:MI:SS') from marts.fct_dossier", ZONE
    )
    assert {(code, at[:19]) for code, at in _pairs(entries, "dossier_code", "expected")} - set(rows) == set()


@caught("d12_finished_within_minutes")
def _counts(province: Province, entries: pl.DataFrame) -> None:
    rows = province.ask(
        "select d.dossier_code, to_char(d.resolved_at at time zone %s, 'YYYY-MM-DD HH24:MI:SS'), v.verdict in"
        " ('early', 'on_due_day', 'late') from marts.fct_dossier as d"
        " inner join marts.fct_dossier_verdict as v on v.dossier_key = d.dossier_key and v.policy = 'day'",
        ZONE,
    )
    expected = {(code, at[:19], True) for code, at in _pairs(entries, "dossier_code", "expected")}
    assert expected - set(rows) == set()


@caught("d08_only_the_present_status")
def _past_rebuilt(province: Province, entries: pl.DataFrame) -> None:
    """That it waited on that day is told by its supplement, though its status says nothing of it any more."""
    rows = province.ask(
        "select split_part(r.dossier_key, '/', 2) from staging.stg_provincial__supplement as s"
        " inner join marts.fct_dossier_record as r on r.system = 'provincial' and r.record_code = s.record_code"
        " where s.deleted_at is null and s.asked_at < '2023-04-01'::timestamp at time zone %s"
        " and s.came_at >= '2023-04-01'::timestamp at time zone %s",
        ZONE, ZONE,
    )  # fmt: skip
    assert {row[0] for row in rows} == set(entries["dossier_code"])
    assert not set(entries["planted_value"]) & {"5"}, "the present status no longer says so"


@caught("x10_finish_corrected")
def _corrected(province: Province, entries: pl.DataFrame) -> None:
    """The newest version counts; what had been published before stays readable, and ends with that release."""
    time = "to_char(resolved_at at time zone %s, 'YYYY-MM-DD HH24:MI:SS')"
    now = province.ask(f"select dossier_code, {time} from marts.fct_dossier", ZONE)
    before = province.ask(f"select dossier_code, {time} from history.fct_dossier where release_to is not null", ZONE)
    for name, rows in (("expected", now), ("planted_value", before)):
        told = {(code, at[:19]) for code, at in _pairs(entries, "dossier_code", name)}
        assert told - set(rows) == set(), name


# Out of the figures, or into them with their delivery.


@caught("x01_receipt_unreadable", "x02_key_unreadable", "x08_ticket_time_lost")
def _quarantined_whole(province: Province, entries: pl.DataFrame) -> None:
    assert set(entries["caught_as"]) == {"row_quarantined"}
    _same_in_quarantine(province, entries, whole=True)


@caught("x03_office_due_unreadable")
def _field_quarantined(province: Province, entries: pl.DataFrame) -> None:
    assert set(entries["caught_as"]) == {"field_quarantined"}
    _same_in_quarantine(province, entries, whole=False)
    spoken = province.ask(
        "select distinct due_from from marts.fct_dossier where dossier_code = any(%s)",
        entries["dossier_code"].to_list(),
    )
    assert spoken == [("provincial",)]


def _same_in_quarantine(province: Province, entries: pl.DataFrame, whole: bool) -> None:
    held = province.ask(
        "select source, stream, field, count(distinct (delivery_id, row_number)) from raw.quarantine"
        " where whole_row = %s group by 1, 2, 3",
        whole,
    )
    planted = {tuple(row) for row in entries.group_by("system", "stream", "field").len().iter_rows()}
    assert {row for row in held if row[:3] in {key[:3] for key in planted}} == planted


@caught("x04_deleted")
def _tombstone(province: Province, entries: pl.DataFrame) -> None:
    rows = province.ask(
        "select record_code, to_char(deleted_at at time zone %s, 'YYYY-MM-DD HH24:MI:SS')"
        " from staging.stg_provincial__dossier where deleted_at is not null",
        ZONE,
    )
    assert {at for _, at in rows} == {at[:19] for at in entries["planted_value"]} and len(rows) == entries.height
    held = province.ask(
        "select count(*) from marts.fct_dossier_record where system = 'provincial' and record_code = any(%s)",
        [code for code, _ in rows],
    )
    assert held == [(0,)]


@caught("x06_new_without_code")
def _code_by_name(province: Province, entries: pl.DataFrame) -> None:
    ours = province.ask(
        "select split_part(procedure_key, '/', 2) from marts.fct_decision_line where action = 'new' and coded_by = 'name'"
    )
    assert sorted(row[0] for row in ours) == sorted(entries["expected"].to_list())


@caught("x07_effect_missing_on_portal")
def _effect_by_decision(province: Province, entries: pl.DataFrame) -> None:
    """The portal names no day; the decision's own file does, and that one counts."""
    rows = province.ask(
        "select distinct p.decision_code, l.effective_on::text from staging.stg_portal__decision as p"
        " inner join marts.fct_decision_line as l on l.decision_code = p.decision_code"
        " where p.effective_at is null"
    )
    assert [day for _, day in rows] == entries["expected"].to_list()


@caught("x09_late_delivery")
def _from_its_delivery(province: Province, entries: pl.DataFrame) -> None:
    rows = province.ask(
        "select r.record_code, split_part(r.dossier_key, '/', 2),"
        " to_char(r.changed_at at time zone %s, 'YYYY-MM-DD') from marts.fct_dossier_record as r"
        " where r.system = 'one_stop'",
        ZONE,
    )
    told = _pairs(entries, "planted_value", "expected")
    assert {row[:2] for row in rows} >= told
    # The export is as old as the end of the day in its name, though it came a month later.
    assert {day for planted, code, day in rows if (planted, code) in told} == {"2023-06-01"}


# Below the checks: they are the parameters.


@pytest.mark.parametrize("state", ["half year", "three days later"])
def test_every_kind_that_is_planted_has_a_check_and_every_check_something_planted(
    states: dict[str, Province], state: str
) -> None:
    planted = set(states[state].ledger()["kind"])
    assert planted == set(CHECKS) - (ONLY_LATER if state == "half year" else set())


@pytest.mark.parametrize("state", ["half year", "three days later"])
def test_every_dossier_is_published_as_it_truly_was(wrong: dict[str, dict[str, list[str]]], state: str) -> None:
    assert wrong[state] == {}


@pytest.mark.parametrize("state", ["half year", "three days later"])
@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_each_kind_is_caught_as_the_ledger_says_and_the_row_is_right(
    states: dict[str, Province], wrong: dict[str, dict[str, list[str]]], kind: str, state: str
) -> None:
    if state == "half year" and kind in ONLY_LATER:
        pytest.skip("comes after the half year")
    entries = states[state].ledger().filter(pl.col("kind") == kind)
    assert entries.height > 0
    CHECKS[kind](states[state], entries)
    codes = set(entries["dossier_code"]) - {""}
    assert {code: wrong[state][code] for code in codes & set(wrong[state])} == {}
    if codes:
        held = states[state].ask("select count(*) from marts.fct_dossier where dossier_code = any(%s)", sorted(codes))
        counted = set(entries.filter("in_totals")["dossier_code"])
        assert held == [(len(counted),)], "what is in the totals is a dossier, what is not is none"
