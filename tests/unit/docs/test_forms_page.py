"""docs/metrics.md on the official forms and reports of services against the models' unit tests and the labels.

Belongs here: the sections on periods, forms, ranking, digitisation, payment and the index. Does not:
other figures (tests/unit/test_metrics_doc.py).
"""

from __future__ import annotations

import csv
from typing import Any

import pytest
import yaml

from orchestration.settings import PROJECT
from reporting.forms import Language
from reporting.labels import label
from reporting.official import BLOCKS_II07B, COLUMNS_II06A

PAGE = (PROJECT / "docs" / "metrics.md").read_text(encoding="utf-8")
MODELS = PROJECT / "dbt_project" / "models"


def _tables(title: str) -> list[list[list[str]]]:
    """The section's tables as rows of cells, headings left out."""
    section = PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    found: list[list[list[str]]] = []
    for block in section.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
        if cells:
            found.append(cells[2:])
    return found


def _unit_test(model: str, name: str) -> dict[str, Any]:
    content = yaml.safe_load((MODELS / f"{model}.yml").read_text(encoding="utf-8"))
    return next(dict(test) for test in content["unit_tests"] if test["name"] == name)


def test_every_column_of_ii06a_is_defined_under_its_printed_title() -> None:
    columns = _tables("Form II.06a")[0]
    assert [row[0] for row in columns] == list(COLUMNS_II06A)
    assert [row[2] for row in columns] == [label(f"form_{name}", Language.vi) for name in COLUMNS_II06A]
    assert [row[1] for row in columns] == [*map(str, range(3, 14)), "note", "note", "note"]
    assert all(row[3] for row in columns)


def test_the_example_of_ii06a_is_its_unit_test() -> None:
    expected = _unit_test("marts/rpt_form_ii06a", "a_form_by_field_and_by_level")["expect"]["rows"]
    told = _tables("Form II.06a")[1]
    assert told == [
        [
            row["variant"], row["ordinal"] or "–",
            row["label"] or (row["level"] if row["row_kind"] == "group" else "total"),
            *(str(row[name]) for name in COLUMNS_II06A),
        ]
        for row in expected
    ]  # fmt: skip


def test_the_example_of_a_period_is_its_unit_test() -> None:
    test = _unit_test("intermediate/int_period__counted", "what_grows_is_a_difference_and_what_is_open_is_not")
    given = test["given"][1]["rows"]
    [expected] = test["expect"]["rows"]
    [table] = _tables("From two cut-offs to a period")
    for name, *values, how in table:
        assert values == [*(str(row[name]) for row in given), str(expected[name])], name
        before, *after, inside = map(int, values)
        assert inside == sum(after) - (before if how == "difference" else 0), name
    assert {name for name, *_ in table} | {"carried_over", "received_online"} == {
        name for name, value in expected.items() if isinstance(value, int)
    }


def test_the_example_of_ii07b_is_its_unit_test() -> None:
    test = _unit_test("marts/rpt_form_ii07b", "procedures_once_and_at_every_level")
    [expected] = test["expect"]["rows"]
    blocks, procedures, counts = _tables("Form II.07b")
    assert [row[0] for row in blocks] == [row[0] for row in counts] == list(BLOCKS_II07B)
    assert [row[2] for row in blocks] == [label(f"form_ii07b_{name}", Language.vi) for name in BLOCKS_II07B]
    parts = ("total", "province", "district", "commune", "no_level", "at_province", "at_district", "at_commune")
    for row in counts:
        told = [str(expected[f"{row[0]}_{part}"]) if f"{row[0]}_{part}" in expected else "0" for part in parts]
        assert row[1:] == told, row[0]
    given = {row["procedure_code"]: row for row in test["given"][3]["rows"]}
    assert [row[0] for row in procedures] == list(given)
    assert [row[1] for row in procedures] == [row["levels"] or "–" for row in given.values()]
    taken_in = {(row["procedure_code"], row["level"]) for row in test["given"][4]["rows"]}
    levels = ("province", "district", "commune")
    for row in procedures:
        units = [name for name in levels if (row[0], name) in taken_in]
        assert row[3] == (", ".join(units) or "–"), row[0]


def test_the_example_of_the_ranking_is_its_unit_test() -> None:
    expected = _unit_test("marts/rpt_unit_ranking", "ranked_within_the_level")["expect"]["rows"]
    [table] = _tables("Ranking of units")

    def shown(value: object) -> str:
        return "–" if value is None else str(value)

    assert {row[0]: row[1:2] + row[3:] for row in table} == {
        row["unit_key"].removeprefix("j/"): [
            row["level"], f"{row['on_time']} of {row['judged']}", shown(row["unit_rank"]), shown(row["rank_change"])
        ]
        for row in expected
    }  # fmt: skip


@pytest.mark.parametrize(
    ("report", "test_name", "section"),
    [
        ("rpt_digitisation", "received_and_resolved_are_counted_apart", "Digitisation in a period"),
        ("rpt_payment", "paid_before_the_period_ended", "Payment in a period"),
    ],
)
def test_reports_of_services(report: str, test_name: str, section: str) -> None:
    """Every column that counts is defined, under its label, and comes to what its example says."""
    test = _unit_test(f"marts/{report}", test_name)
    [table] = _tables(section)
    [model] = yaml.safe_load((MODELS / "marts" / f"{report}.yml").read_text(encoding="utf-8"))["models"]
    counts = [column["name"] for column in model["columns"] if column["data_type"] == "bigint"]
    assert [row[0] for row in table] == counts
    [total] = [row for row in test["expect"]["rows"] if row["row_kind"] == "total"]
    for name, vietnamese, _, example in table:
        assert (vietnamese, int(example)) == (label(name, Language.vi), total[name]), name


def test_components_of_the_index() -> None:
    test = _unit_test("marts/rpt_service_quality", "points_only_where_the_rule_is_settled")
    [table] = _tables("Components of QĐ 766")
    with (PROJECT / "dbt_project" / "seeds" / "index_component.csv").open(encoding="utf-8") as seed:
        rows = {row["component"]: row for row in csv.DictReader(seed)}
    for given in test["given"][0]["rows"]:
        row = rows[given["component"]]
        assert {name: "" if value is None else str(value).lower() for name, value in given.items()} == {
            name: row[name] for name in given
        }
    whole = {row["component"]: row for row in test["expect"]["rows"] if row["unit_key"] is None}
    assert [row[0] for row in table] == list(rows) == [given["component"] for given in test["given"][0]["rows"]]
    for name, vietnamese, _, _, *rule, above, below, points in table:
        assert vietnamese == label(name, Language.vi)
        assert [said.replace("–", "") for said in rule] == [
            rows[name][column] for column in ("max_score", "full_at", "score_of_none")
        ]
        expected = whole[name]
        assert (int(above), int(below)) == (expected["numerator"], expected["denominator"])
        assert points == ("–" if expected["score"] is None else f"{expected['score']:.2f}")
