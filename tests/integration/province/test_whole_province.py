"""The province in a box at a fiftieth of its size: every system read by its own way in, dirt included, and the published
figures are those it was made to have.

Belongs here: sums, claims and the union after one whole run. Does not: single faults (test_planted_faults.py), runs after it
(test_province_moves_on.py), or the generator's own promises (tests/unit/demo).
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from contracts.failures import UsageError
from orchestration.cli.opened import reading
from reporting import figures, published
from reporting.explaining.explain import explain
from reporting.figure_ids import Address
from tests.conftest import Deployed
from tests.integration.province.made_province import ZONE, Province, differences
from tests.integration.province.true_lives import true_lives


def test_the_half_year_and_each_month(province: Province) -> None:
    truth = province.truth()
    assert differences(province.counted("2023-01-01", "2023-07-01"), truth["half_year"]) == {}
    for month in truth["half_year_by_month"]:
        year, number = map(int, month["month"].split("-"))
        assert differences(province.counted(f"{year}-{number:02}-01", f"{year}-{number + 1:02}-01"), month) == {}


def test_every_district_and_level(province: Province) -> None:
    truth = province.truth()
    districts = dict(
        province.ask("select statistics_code, unit_code from marts.dim_unit where level = 'district' and is_current")
    )
    for district in truth["half_year_by_district"]:
        if district["district"] == "province":
            ours = province.counted("2023-01-01", "2023-07-01", "province")
        else:
            own = province.counted("2023-01-01", "2023-07-01", district["district"])
            below = province.counted("2023-01-01", "2023-07-01", districts[district["district"]])
            ours = {name: own[name] + below[name] for name in own}
        assert differences(ours, district) == {}, district["name"]
    for level, theirs in truth["half_year_by_level"].items():
        assert differences(province.counted("2023-01-01", "2023-07-01", level), theirs) == {}, level


def test_published_figures_and_claims(province: Province) -> None:
    truth = province.truth()
    rows = province.ask(
        "select sum(received), sum(resolved) from marts.fct_timeliness where policy = 'day'"
        " and cut_off = '2023-07-01'::timestamp at time zone %s",
        ZONE,
    )
    month_on = "sum(case when {} >= '2023-01-01' then {} end)"
    [(received, on_time)] = province.ask(
        f"select {month_on.format('received_month', 'received')}, {month_on.format('resolved_month', 'on_time')}"
        " from marts.fct_timeliness where policy = 'day' and cut_off = '2023-07-01'::timestamp at time zone %s",
        ZONE,
    )
    assert rows and (received, on_time) == (truth["half_year"]["received"], truth["half_year"]["on_time"])
    claims = {row[0]: (row[1], row[2]) for row in province.ask("select claim, ours, claimed from marts.rpt_claim")}
    # The catalogue and the units do not shrink with the scale: they must be the article's.
    whole = (
        "decisions", "in_decisions", "new_procedures", "abolished_procedures", "in_force", "in_force_province",
        "in_force_district", "in_force_commune", "interlinked_same_level", "interlinked_across", "workflows",
        "workflow_rate", "districts", "communes",
    )  # fmt: skip
    assert {name: claims[name] for name in whole if claims[name][0] != claims[name][1]} == {}
    scaled = {"received": "received", "resolved": "resolved", "on_time": "on_time"}
    assert {claim: claims[claim][0] for claim in scaled} == {
        claim: truth["half_year"][name] for claim, name in scaled.items()
    }
    assert claims["visits"][0] == truth["visits"]


def test_periods_in_which_dossiers_were_withdrawn(province: Province) -> None:
    """No month of a withdrawal is published; between two published cut-offs it is counted all the same."""
    truth = province.truth()
    months = truth["half_year_by_month"]
    spring = {name: sum(month[name] for month in months[3:]) for name in ("received", "late", "closed_otherwise")}
    assert spring["closed_otherwise"] > 0
    with reading(province.database) as connection:
        body = published.published_body(connection, "thai_nguyen")

        def asked(period: str, *by: str) -> list[dict[str, Any]]:
            return figures.in_period(connection, body, "day", published.parse_period(period), by)

        [half_year] = asked("2023-H1")
        [quarter] = asked("2023-Q2")
        units = asked("2023-H1", "unit")
        with pytest.raises(UsageError, match="2022-12-01, is not a published cut-off"):
            asked("2022-12..2023-06")
    same = [name for name in half_year if name in truth["half_year"]]
    assert {"closed_otherwise", "pending_overdue", "received", "on_time"} <= set(same)
    assert {name: half_year[name] for name in same} == {name: truth["half_year"][name] for name in same}
    assert half_year["carried_over"] == truth["half_year"]["opening"]
    assert {name: quarter[name] for name in spring} == spring
    assert (quarter["carried_over"], quarter["pending"]) == (months[3]["opening"], months[5]["pending"])
    for name in ("carried_over", *same):
        assert sum(unit[name] for unit in units) == half_year[name], name


@pytest.mark.parametrize("figure", ["pending_waiting", "pending_paused"])
def test_dossiers_that_wait_are_found_behind_their_figure(province: Province, figure: str) -> None:
    """At every cut-off; the number in the marts and the dossiers found from their events are two ways to it."""
    with reading(province.database) as connection:
        body = published.published_body(connection, "thai_nguyen")
        found = [
            explain(connection, Address("thai_nguyen", published.shown(cut_off, body.zone), figure, policy), 1)
            for policy in ("day", "qd766")
            for cut_off in body.cut_offs
        ]
    assert [told.problems for told in found if told.problems] == []
    assert sum(told.total for told in found) > 0


def test_the_union_is_what_counts(province: Province) -> None:
    """Which system holds which dossier is on record, and each dossier is one, under however many codes."""
    coverage = pl.read_parquet(province.folder / "coverage.parquet")
    found = province.ask(
        "select split_part(d.dossier_key, '/', 2), bool_or(r.system = 'provincial'), bool_or(r.system = 'one_stop'),"
        " bool_or(r.system = 'portal') from marts.fct_dossier as d"
        " inner join marts.fct_dossier_record as r on r.dossier_key = d.dossier_key group by 1"
    )
    ours = {row[0]: row[1:] for row in found}
    counted = coverage.filter("counted")
    theirs = {
        row["dossier_code"]: (row["in_provincial"], row["in_one_stop"], row["in_portal"])
        for row in counted.iter_rows(named=True)
    }
    assert ours == theirs
    rules = dict(province.ask("select identified_by, count(*) from marts.fct_dossier_record group by 1"))
    assert set(rules) == {"own_code", "same_code", "other_code", "agency_id_order", "only_here"}


def test_who_took_a_dossier_in_is_told_apart_from_who_handles_it(province: Province) -> None:
    """A district handles what one of its communes took in; each dossier's own is compared in test_planted_faults.py."""
    lives = true_lives(province)
    passed_on = lives.filter(pl.col("receiver") != pl.col("unit")).height
    assert passed_on > 20
    assert province.ask(
        "select count(*), count(*) filter (where r.level = 'commune' and u.level = 'district'"
        " and r.parent_unit_key = u.unit_key) from marts.fct_dossier as d"
        " inner join marts.dim_unit as u on u.unit_key = d.unit_key and u.is_current"
        " inner join marts.dim_unit as r on r.unit_key = d.receiving_unit_key and r.is_current"
        " where d.receiving_unit_key <> d.unit_key"
    ) == [(passed_on, passed_on)]


def test_nothing_was_written_to_the_portal(province: Province) -> None:
    incidents = province.folder / "portal_incidents.txt"
    assert not incidents.exists() or incidents.read_text(encoding="utf-8") == ""


def test_fixtures_are_used(province: Province, sample: Deployed) -> None:
    """Boston's database and the province's stand side by side on one server, by the same models."""
    assert sample.ask("select distinct jurisdiction from marts.fct_dossier") == [("boston",)]
    assert province.ask("select distinct jurisdiction from marts.fct_dossier") == [("thai_nguyen",)]
