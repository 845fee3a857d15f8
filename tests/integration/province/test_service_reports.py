"""Reports of digitisation and payment in periods, and the components of QĐ 766, against what the generator counted.

Belongs here: the published reports of the small province. Does not: the counts by unit and month (test_services.py), or
the rules of the index on rows of their own (the model's unit test).
"""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.settings import PROJECT

if TYPE_CHECKING:
    from tests.integration.province.made_province import Province

REPORTS = ("rpt_digitisation", "rpt_payment")
#: Of a part of the province: the level's own row, the total's, or the units of a district together.
_PART = """
    select {columns} from marts.{report} as r left join marts.dim_unit as u on u.unit_key = r.unit_key and u.is_current
    where r.period = %(period)s and case %(part)s when 'total' then r.row_kind = 'total'
        when 'province' then r.row_kind = 'level' and r.level = 'province'
        when 'district' then r.row_kind = 'level' and r.level = 'district'
        when 'commune' then r.row_kind = 'level' and r.level = 'commune'
        else r.row_kind = 'unit' and (u.statistics_code = %(part)s or u.parent_unit_key in
            (select unit_key from marts.dim_unit where statistics_code = %(part)s and level = 'district')) end
"""


def _counts(province: Province, report: str) -> list[str]:
    rows = province.ask(
        "select column_name from information_schema.columns where table_schema = 'marts' and table_name = %s"
        " and data_type = 'bigint' and column_name <> 'release_from' order by ordinal_position", report,
    )  # fmt: skip
    return [str(row[0]) for row in rows]


def _ours(province: Province, report: str, told: dict[str, Any]) -> dict[str, int]:
    # Procedures of several units are one procedure: no sum of units says how many they are.
    names = [
        name for name in _counts(province, report) if not (name.startswith("procedures_") and told["part"].isdigit())
    ]
    columns = ", ".join(f"coalesce(sum(r.{name}), 0)::bigint" for name in names)
    with province.database.connect() as connection:
        query = _PART.format(columns=columns, report=report).encode()
        row = connection.execute(query, {"period": told["period"], "part": told["part"]}).fetchone()
    assert row is not None
    return dict(zip(names, row, strict=True))


@pytest.mark.parametrize("report", REPORTS)
def test_reports_are_what_was_made(province: Province, report: str) -> None:
    truth = province.truth()["reports"]
    assert len(truth) == 3 * (1 + 3 + 9), "three periods: the total, three levels, nine districts"
    for told in truth:
        ours = _ours(province, report, told)
        different = {name: (value, told[name]) for name, value in ours.items() if value != told[name]}
        assert different == {}, (told["period"], told["part"])
    whole = truth[0]
    assert (whole["period"], whole["part"]) == ("2023H1", "total")
    assert all(whole[name] for name in _counts(province, report)), "a figure that is nought tells nothing"


def test_a_percentage_is_its_two_counts(province: Province) -> None:
    for report, part, whole in (
        ("rpt_digitisation", "results_digitised", "dossiers_finished"),
        ("rpt_digitisation", "data_reused", "dossiers_in_province"),
        ("rpt_payment", "dossiers_paid_online", "dossiers_with_fee"),
        ("rpt_payment", "payments_online", "payments_paid"),
    ):
        rows = province.ask(f"select {part}, {whole}, {part}_percent from marts.{report}")
        assert len(rows) > 500
        for above, below, percent in rows:
            assert percent == (_hundredths(Decimal(100 * above) / below) if below else None), (report, part)


def _hundredths(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_components_of_the_index_are_counted_as_made(province: Province) -> None:
    truth = province.truth()
    [whole] = [row for row in truth["reports"] if (row["period"], row["part"]) == ("2023H1", "total")]
    year, services = truth["half_year"], truth["services"]["total"]
    overdue = services["petitions_overdue"]
    expected = {
        "dossiers_synced": (whole["dossiers_on_both"], max(whole["dossiers_in_province"], whole["dossiers_on_portal"])),
        "online_received": (year["online"], year["received"]),
        "payment_dossiers": (whole["dossiers_paid_online"], whole["dossiers_with_fee"]),
        "payment_procedures": (whole["procedures_paid_online"], whole["procedures_with_fee"]),
        "results_digitised": (whole["results_digitised"], whole["dossiers_finished"]),
        "parts_digitised": (whole["parts_digitised"], whole["dossiers_on_portal"]),
        "data_reused": (whole["data_reused"], whole["dossiers_in_province"]),
        "satisfaction": (services["ratings_satisfied"], services["ratings_scored"]),
        "petitions_in_time": (
            services["petitions_in_time"], services["petitions_in_time"] + services["petitions_late"] + overdue,
        ),
        "petitions_satisfied": (services["petitions_satisfied"], services["petitions_judged"]),
    }  # fmt: skip
    rows = province.ask(
        "select component, numerator, denominator from marts.rpt_service_quality"
        " where period = '2023H1' and unit_key is null and component <> 'progress'"
    )
    assert {name: (above, below) for name, above, below in rows} == expected
    # What it divides is the published rate, which has a test of its own (test_official_forms.py, rpt_rate's checks).
    assert province.ask(
        "select q.numerator = r.numerator and q.denominator = r.denominator from marts.rpt_service_quality as q"
        " inner join marts.rpt_rate as r on r.period = q.period and r.unit_key is null and r.rate = 'qd766'"
        " where q.period = '2023H1' and q.unit_key is null and q.component = 'progress'"
    ) == [(True,)]


def test_no_points_where_the_rule_is_not_settled(province: Province) -> None:
    """Points once more by the formulas, written out here; what has none says why."""
    full = {
        "dossiers_synced": (6, "1"), "progress": (20, "1"), "data_reused": (2, "0.8"), "satisfaction": (6, "0.9"),
        "petitions_in_time": (6, "1"), "petitions_satisfied": (6, "1"),
    }  # fmt: skip
    of_none = {"satisfaction": 0, "petitions_in_time": 6, "petitions_satisfied": 6}
    rows = province.ask(
        "select component, given, numerator, denominator, score_state, score from marts.rpt_service_quality"
    )
    with (PROJECT / "dbt_project" / "seeds" / "index_component.csv").open(encoding="utf-8") as seed:
        components = {row["component"] for row in csv.DictReader(seed)}
    assert {row[0] for row in rows} == components > full.keys()
    states = set()
    for component, given, above, below, state, score in rows:
        if component not in full:
            expected = ("unresolved", None)
        elif below:
            most, at = full[component]
            expected = ("scored", min(Decimal(most), _hundredths(most * Decimal(above) / (below * Decimal(at)))))
        elif given == 0 and component in of_none:
            expected = ("scored", Decimal(of_none[component]))
        else:
            expected = ("not_applicable", None)
        assert (state, score) == expected, (component, given, above, below)
        states.add(state)
    assert states == {"scored", "not_applicable", "unresolved"}
