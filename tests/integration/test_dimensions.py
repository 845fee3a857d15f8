"""Units and procedures over time: counted at three dates against the published lists, the same from any order of landing,
without overlaps, and told on today's units without losing a dossier.

Belongs here: the dimensions with validity. Does not: which delivery is the newest (promise 7), figures (test_truth.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.settings import PROJECT
from tests.conftest import Deployed
from tests.integration.made_histories import (
    PROCEDURES,
    RESTATED,
    UNITS,
    Derived,
    ListDelivery,
    made_history,
    reference_lists,
)

LISTS = reference_lists(PROJECT / "demo" / "data" / "vietnam")
OLD, NEW = LISTS["thai_nguyen_2023_units"], LISTS["thai_nguyen_2025_units"]
MAP = [row for row in LISTS["map_legacy_to_2025_thai_nguyen_bac_kan"] if row["old_province_code"] == "19"]
#: The one unit of 2023 that resolution 1240 divided; the other four that ended then went to one unit each.
DIVIDED_2024 = {"5782": {"5779", "5797"}}
MERGED_2024 = {"5536": "5569", "5608": "5644", "5704": "5662", "5839": "5845"}


@pytest.fixture
def history(boston: Deployed) -> Iterator[Derived]:
    with made_history(boston) as derived:
        yield derived


def units_of_2023() -> list[tuple[Any, ...]]:
    """A department, nine districts, 177 communes: every other one writes its agency id back to front."""
    rows: list[tuple[Any, ...]] = [(1, "000.00.12.H55", "Sở Tư pháp", "1", None, None)]
    districts = list(dict.fromkeys((row["district_code"], row["district_name"]) for row in OLD))
    for group, (code, name) in enumerate(districts, 21):
        rows.append((len(rows) + 1, f"H55.{group}", name, "2", None, code))
        above = len(rows)
        for place, row in enumerate((row for row in OLD if row["district_code"] == code), 1):
            agency = f"H55.{group}.{place:02}" if place % 2 else f"000.{place:02}.{group}.H55"
            rows.append((len(rows) + 1, agency, row["ward_name"], "3", above, row["ward_code"]))
    return rows


def units_of_2025() -> list[tuple[Any, ...]]:
    """What a list of the time after the districts may look like: new agency ids, the same department under another name."""
    listed = [(900, "H55.12", "Sở Tư pháp và Hộ tịch", "1", None, None)]
    return listed + [
        (1000 + at, f"H55.{200 + at}", row["ward_name"], "3", None, row["ward_code"]) for at, row in enumerate(NEW)
    ]


def standing_on(history: Derived, day: str, level: str) -> list[dict[str, Any]]:
    return history.rows(
        "select * from candidate.dim_unit where jurisdiction = 'j' and level = %s and valid_from <= %s"
        " and (valid_to is null or valid_to > %s)",
        level, day, day,
    )  # fmt: skip


@pytest.mark.parametrize(
    "lists",
    [
        [ListDelivery("unit", "2023-07-01 00:00+07", units_of_2023())],
        [
            ListDelivery("unit", "2025-08-11 09:00+07", units_of_2025()),
            ListDelivery("unit", "2023-07-01 00:00+07", units_of_2023()),
        ],
        # A province that was read for the first time after the law had changed, and has been read too late before.
        [
            ListDelivery("unit", "2025-07-03 09:00+07", units_of_2023()),
            ListDelivery("unit", "2025-08-11 09:00+07", units_of_2025()),
        ],
    ],
    ids=["list of 2023 alone", "both lists", "a list that lags behind the law"],
)
def test_communes_and_districts_at_three_dates(history: Derived, lists: list[ListDelivery]) -> None:
    history.land(lists)
    history.build(*UNITS)
    between = {row["old_ward_code"] for row in MAP}
    expected = {
        "2023-06-30": ({row["ward_code"]: row["ward_name"] for row in OLD}, 9),
        "2025-01-31": ({row["old_ward_code"]: row["old_ward"] for row in MAP}, 9),
        "2025-07-01": ({row["ward_code"]: row["ward_name"] for row in NEW}, 0),
    }
    assert [len(communes) for communes, _ in expected.values()] == [177, 172, 92] and len(between) == 172
    for day, (communes, districts) in expected.items():
        found = standing_on(history, day, "commune")
        assert {row["statistics_code"]: row["unit_name"] for row in found} == communes, day
        assert len(found) == len(communes), f"{day}: a commune stands twice"
        assert len(standing_on(history, day, "district")) == districts, day


def test_a_code_that_is_given_again_is_another_unit(history: Derived) -> None:
    history.land([ListDelivery("unit", "2023-07-01 00:00+07", units_of_2023())])
    history.build(*UNITS)
    borne = history.rows(
        "select unit_name, valid_from::text as since, valid_to::text as until, began_by, ended_by, parent_unit_key, agency_id"
        " from candidate.dim_unit where jurisdiction = 'j' and statistics_code = '5845' order by valid_from"
    )
    by_law = [(row["unit_name"], row["since"], row["until"], row["began_by"], row["ended_by"]) for row in borne]
    assert by_law == [
        ("Xã Ký Phú", "1900-01-01", "2024-12-01", None, "1240/NQ-UBTVQH15"),
        ("Xã Vạn Phú", "2024-12-01", "2025-07-01", "1240/NQ-UBTVQH15", "1683/NQ-UBTVQH15"),
        ("Xã Vạn Phú", "2025-07-01", None, "1683/NQ-UBTVQH15", None),
    ]
    [dai_tu] = [row for row in standing_on(history, "2025-01-31", "district") if row["statistics_code"] == "171"]
    assert [row["parent_unit_key"] for row in borne] == [dai_tu["unit_key"], dai_tu["unit_key"], "j/19"]
    assert len([row for row in borne if row["agency_id"]]) == 1
    twins = history.rows("select unit_key from candidate.dim_unit where unit_name = 'Phường Trung Thành'")
    assert len({row["unit_key"] for row in twins}) == 2 + len(
        [r for r in NEW if r["ward_name"] == "Phường Trung Thành"]
    )
    missing = history.rows(
        "select parent_unit_key from candidate.dim_unit as u where jurisdiction = 'j' and parent_unit_key is not null"
        " and not exists (select 1 from candidate.dim_unit as p where p.unit_key = u.parent_unit_key)"
    )
    assert missing == []


def test_both_orders_of_an_agency_id_are_one_unit_and_kinds_are_told(history: Derived) -> None:
    rows = [
        (1, "000.00.12.H55", "Sở Tư pháp", "1", None, None),
        (2, "H55.12.01", "Chi nhánh Văn phòng đăng ký đất đai", "1", 1, None),
        (3, "H55.13", "Trung tâm Phục vụ hành chính công", "1", None, None),
    ]
    turned = [(1, "H55.12", "Sở Tư pháp", "1", None, None), *rows[1:]]
    history.land(
        [ListDelivery("unit", "2023-01-01 00:00+07", rows), ListDelivery("unit", "2023-02-01 00:00+07", turned)]
    )
    history.build(*UNITS)
    found = history.rows(
        "select unit_code, kind, agency_id, parent_unit_key from candidate.dim_unit where jurisdiction = 'j'"
    )
    assert sorted(tuple(row.values()) for row in found) == [
        ("H55.12", "department", "H55.12", None),
        ("H55.12.01", "branch", "H55.12.01", "j/H55.12"),
        ("H55.13", "one_stop", "H55.13", None),
    ]


DIMENSION = "select * from candidate.dim_unit where jurisdiction = 'j' order by unit_version_key"


def test_units_are_the_same_from_any_order_and_any_split_of_the_backfill(boston: Deployed) -> None:
    renamed = [(*row[:2], "Sở Tư pháp tỉnh", *row[3:]) if row[0] == 1 else row for row in units_of_2023()]
    without = [row for row in renamed if row[5] != "5431"]
    lists = [
        ListDelivery("unit", "2023-07-01 00:00+07", units_of_2023()),
        ListDelivery("unit", "2023-09-05 10:00+07", renamed),
        ListDelivery("unit", "2024-02-01 10:00+07", without),
        ListDelivery("unit", "2025-08-11 09:00+07", units_of_2025()),
    ]
    found = []
    for order in permutations(lists):
        with made_history(boston) as history:
            history.land(order[:2])
            history.build(*UNITS)
            history.land(order[2:])
            history.build(*UNITS)
            found.append(history.rows(DIMENSION))
    assert len(found) == 24 and all(one == found[0] for one in found)
    office = [
        (row["unit_name"], str(row["valid_from"]), row["is_current"])
        for row in found[0]
        if row["unit_code"] == "H55.12"
    ]
    assert office == [
        ("Sở Tư pháp", "1900-01-01", False),
        ("Sở Tư pháp tỉnh", "2023-09-05", False),
        ("Sở Tư pháp và Hộ tịch", "2025-08-11", True),
    ]
    dropped = [row for row in found[0] if row["statistics_code"] == "5431" and row["valid_from"] < date(2025, 7, 1)]
    assert [(row["known_from"], str(row["valid_from"]), str(row["valid_to"])) for row in dropped] == [
        ("law", "2024-02-01", "2025-07-01"),
        ("list", "1900-01-01", "2024-02-01"),
    ], "by law the commune is there though the list forgot it"


_DAYS = st.lists(st.dates(date(2023, 1, 1), date(2026, 6, 30)), min_size=1, max_size=4, unique=True)
_UNIT = st.tuples(
    st.sampled_from(["H55.12", "000.00.12.H55", "H55.21.01", "H55.21.02", "H55.300"]),
    st.sampled_from(["Sở Tư pháp", "Xã Ký Phú", "Xã Vạn Phú", "Xã Vạn Thọ"]),
    st.sampled_from(["1", "3", None]),
    st.sampled_from([None, "5845", "05839", "999"]),
)
_LIST = st.lists(_UNIT, min_size=1, max_size=4, unique_by=lambda unit: unit[0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=_DAYS, data=st.data())
def test_no_two_versions_on_one_day_and_one_is_current(boston: Deployed, days: list[date], data: st.DataObject) -> None:
    lists = []
    for day in days:
        drawn = data.draw(_LIST)
        rows = [(at, agency, name, level, None, code) for at, (agency, name, level, code) in enumerate(drawn, 1)]
        lists.append(ListDelivery("unit", f"{day} 08:00+07", rows))
    with made_history(boston) as history:
        history.land(lists)
        history.build(*UNITS)
        versions = history.rows(DIMENSION)
    by_unit: dict[str, list[dict[str, Any]]] = {}
    for row in versions:
        by_unit.setdefault(row["unit_key"], []).append(row)
    codes = {row[1] for one in lists for row in one.rows}
    assert {f"j/{'H55.12' if code == '000.00.12.H55' else code}" for code in codes} <= set(by_unit)
    for unit, rows in by_unit.items():
        rows.sort(key=lambda row: row["valid_from"])
        assert [row["is_current"] for row in rows] == [False] * (len(rows) - 1) + [True], unit
        assert all(row["valid_to"] is None or row["valid_from"] < row["valid_to"] for row in rows), unit
        assert all(a["valid_to"] is not None and a["valid_to"] <= b["valid_from"] for a, b in pairwise(rows)), unit
    # While a unit without a territory stands in one list after another there is no day between its versions.
    present = sorted(days)
    for unit, rows in by_unit.items():
        if any(row["territory_key"] for row in rows):
            continue
        listed = [day for day in present if _lists(lists, day, unit)]
        gaps = [b["valid_from"] for a, b in pairwise(rows) if a["valid_to"] != b["valid_from"]]
        returns = [b for a, b in pairwise(listed) if present.index(b) > present.index(a) + 1]
        assert gaps == returns, unit


def test_a_list_that_still_has_an_ended_territory_does_not_prolong_it(boston: Deployed) -> None:
    """Xã Ký Phú ended on 2024-12-01; a list of 2025 that has it for the first time comes too late to be its unit."""
    late = [(1, "H55.300", "Xã Ký Phú", "3", None, "5845")]
    early = [(1, "H55.12", "Sở Tư pháp", "1", None, None)]
    lists = [ListDelivery("unit", "2025-01-01 08:00+07", late), ListDelivery("unit", "2023-01-01 08:00+07", early)]
    with made_history(boston) as history:
        history.land(lists)
        history.build(*UNITS)
        by_law = [row for row in history.rows(DIMENSION) if row["unit_key"] == "j/5845"]
    assert [(row["unit_name"], str(row["valid_to"])) for row in by_law][:1] == [("Xã Ký Phú", "2024-12-01")]


def _lists(lists: list[ListDelivery], day: date, unit: str) -> bool:
    [one] = [one for one in lists if one.version.startswith(str(day))]
    return any(f"j/{'H55.12' if row[1] == '000.00.12.H55' else row[1]}" == unit for row in one.rows)


def restated_by_hand() -> tuple[Counter[str], set[str]]:
    """From the published lists alone: dossiers on each commune of 2025, one of each of 2023; and the divided ones."""
    after: dict[str, set[str]] = {}
    for row in MAP:
        after.setdefault(row["old_ward_code"], set()).add(row["new_ward_code"])
    attributed, divided = Counter[str](), set()
    for row in OLD:
        code = row["ward_code"]
        between = DIVIDED_2024.get(code) or {MERGED_2024.get(code, code)}
        today = set().union(*(after[one] for one in between))
        if len(today) == 1:
            attributed[today.pop()] += 1
        else:
            divided.add(code)
    return attributed, divided


def test_2023_told_on_the_units_of_2025_loses_nothing_and_names_what_was_divided(history: Derived) -> None:
    listed = units_of_2023()
    history.land([ListDelivery("unit", "2023-07-01 00:00+07", listed)])
    history.build(*UNITS)
    history.connection.execute(
        "insert into candidate.fct_dossier (dossier_key, jurisdiction, unit_key, received_on)"
        " select unit_key || '/1', 'j', unit_key, '2023-03-01' from candidate.dim_unit"
        " where jurisdiction = 'j' and known_from = 'list'"
    )
    history.connection.execute(
        "insert into candidate.fct_dossier_verdict (dossier_verdict_key, dossier_key, jurisdiction, policy, verdict)"
        " select dossier_key || '/day', dossier_key, 'j', 'day', 'late' from candidate.fct_dossier where jurisdiction = 'j'"
    )
    history.build(*RESTATED)
    rows = history.rows("select * from candidate.rpt_unit_restated where jurisdiction = 'j'")
    assert sum(row["received"] for row in rows) == len(listed) == 1 + 9 + 177
    assert all(row["late"] == row["resolved"] == row["received"] for row in rows)
    attributed, divided = restated_by_hand()
    assert (sum(attributed.values()), sorted(divided)) == (173, ["5461", "5467", "5782", "5932"])
    ours = {row["restated_unit_key"]: row["received"] for row in rows if row["attribution"] == "attributed"}
    assert ours == {**{f"j/{code}": count for code, count in attributed.items()}, "j/H55.12": 1}
    former = history.rows(
        "select u.statistics_code, u.level, r.received, r.restated_unit_key from candidate.rpt_unit_restated as r"
        " inner join candidate.dim_unit as u on u.unit_version_key = r.former_unit_version_key where r.jurisdiction = 'j'"
    )
    assert {row["statistics_code"] for row in former if row["level"] == "commune"} == divided
    assert len([row for row in former if row["level"] == "district"]) == 9
    assert all(row["received"] == 1 and row["restated_unit_key"] is None for row in former)
    relations = Counter(
        row["relation"]
        for row in history.rows("select distinct unit_version_key, relation from candidate.map_unit_restated")
        if row["relation"] == "continued"
    )
    assert relations, "a unit that went on alone is no merger"
    [ward] = history.rows(
        "select array_agg(restated_unit_key order by restated_unit_key) as into_, sum(weight) as weight"
        " from candidate.map_unit_restated where unit_key = (select unit_key from candidate.dim_unit"
        " where jurisdiction = 'j' and statistics_code = '5461' and known_from = 'list')"
    )
    assert (ward["into_"], ward["weight"]) == (["j/5443", "j/5467"], None)


def test_procedures_are_the_same_from_any_order(boston: Deployed) -> None:
    def procedure(code: str, name: str, limit: int) -> tuple[Any, ...]:
        return (code, name, "Đất đai", limit, "Ngày làm việc", True)

    lists = [
        ListDelivery(
            "procedure", "2023-01-01 08:00+07", [procedure("1.000001", "A", 10), procedure("2.000002", "B", 5)]
        ),
        ListDelivery(
            "procedure", "2023-03-01 08:00+07", [procedure("1.000001", "A", 7), procedure("2.000002", "B", 5)]
        ),
        ListDelivery(
            "procedure", "2023-06-01 08:00+07", [procedure("1.000001", "A", 7), procedure("3.000003", "C", 5)]
        ),
        ListDelivery("procedure_unit", "2023-01-01 08:00+07", [("1.000001", 1, "2"), ("1.000001", 2, "3")]),
        ListDelivery("procedure_unit", "2023-02-01 08:00+07", [("1.000001", 1, "4"), ("1.000001", 2, "3")]),
    ]
    found = []
    for order in [lists, lists[::-1], [*lists[2:], *lists[:2]], [lists[1], lists[4], lists[0], lists[3], lists[2]]]:
        with made_history(boston) as history:
            history.land(order)
            history.build(*PROCEDURES)
            found.append(
                history.rows(
                    "select * from candidate.dim_procedure where jurisdiction = 'j' order by procedure_version_key"
                )
            )
    assert all(one == found[0] for one in found)
    shown = [
        (row["procedure_code"], str(row["valid_from"]), str(row["valid_to"]), row["time_limit"], row["online_level"])
        for row in found[0]
    ]
    assert shown == [
        ("1.000001", "1900-01-01", "2023-02-01", 10, "partial"),
        ("1.000001", "2023-02-01", "2023-03-01", 10, "full"),
        ("1.000001", "2023-03-01", "None", 7, "full"),
        ("2.000002", "1900-01-01", "2023-06-01", 5, None),
        ("3.000003", "2023-06-01", "None", 5, None),
    ]
    assert [row["delegation"] for row in found[0] if row["is_current"]] == [
        "delegated_by_law", "not_left_to_localities", "other",
    ]  # fmt: skip


def test_what_only_dossiers_name_was_there_from_the_beginning(boston: Deployed) -> None:
    told = boston.ask(
        "select jurisdiction, valid_from::text, valid_to, is_current, count(*) from marts.dim_unit group by 1, 2, 3, 4"
    )
    assert {row[:4] for row in told} == {
        ("boston", "1900-01-01", None, True), ("brazil", "1900-01-01", None, True),
    }  # fmt: skip
    named = (
        "select count(distinct key) from (select unit_key as key from marts.fct_dossier"
        " union select competent_unit_key from marts.fct_dossier) as every"
    )
    assert [row[4] for row in told if row[0] == "boston"] == [boston.ask(named)[0][0]]


def test_the_charters_procedures_have_the_snapshots_days(boston: Deployed, truth: Any) -> None:
    """In being on the days of the three snapshots, as many as were counted apart from this program."""
    for day, procedures in (("2015-12-31", 580), ("2016-06-30", 613), ("2016-12-31", 637)):
        assert boston.ask(
            "select count(*) from marts.dim_procedure where jurisdiction = 'brazil' and valid_from <= %s"
            " and (valid_to is null or valid_to > %s)", day, day,
        ) == [(procedures,)], day  # fmt: skip
