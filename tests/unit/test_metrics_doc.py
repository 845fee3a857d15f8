"""docs/metrics.md against the code: every figure is defined there, and its worked examples are the dbt unit tests.

Belongs here: reading the page's tables and comparing. Does not: whether the models are right (dbt's unit tests say that).
"""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from contracts.deployment import ClaimDefinition, DeployedSource, Deployment, Jurisdiction, ReportedClaim
from contracts.source import DelimitedLayout, FieldContract, SourceContract, StreamContract, WorkbookLayout
from orchestration.settings import PROJECT
from reporting.figures import MEASURES
from reporting.forms import Language
from reporting.labels import label

PAGE = (PROJECT / "docs" / "metrics.md").read_text(encoding="utf-8")
MODELS = PROJECT / "dbt_project" / "models"
SEEDS = PROJECT / "dbt_project" / "seeds"


def _section(title: str) -> str:
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def _tables(text: str) -> list[list[list[str]]]:
    """The page's tables as rows of cells, headings left out."""
    found: list[list[list[str]]] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if not inside:
            found.append([])
            inside = True
        elif set(cells) != {"---"}:
            found[-1].append(cells)
    return found


def _unit_test(model: Path, name: str) -> dict[str, Any]:
    content = yaml.safe_load((MODELS / model).read_text(encoding="utf-8"))
    [test] = [entry for entry in content["unit_tests"] if entry["name"] == name]
    assert name in PAGE
    return dict(test)


def test_every_measure_is_defined_under_its_label() -> None:
    # An event may bear a figure's name (a dossier is received, so many were): figures are defined in these sections.
    figures = "".join(map(_section, ("Counts at a cut-off", "Rate", "In a period", "Catalogue of procedures")))
    defined = {row[0]: row[1] for table in _tables(figures) for row in table if len(row) >= 3}
    columns = yaml.safe_load((MODELS / "marts" / "fct_timeliness.yml").read_text(encoding="utf-8"))["models"][0][
        "columns"
    ]
    measures = {column["name"] for column in columns if column["data_type"] == "bigint"}
    assert measures == {*MEASURES, "elapsed_seconds"}
    catalogue = {
        "new",
        "new_pure",
        "amended",
        "replaced",
        "abolished",
        "abolished_pure",
        "in_force_before",
        "in_force_after",
    }
    for name in {*MEASURES, "on_time_rate", "carried_over", *catalogue}:
        assert defined[name] == label(name, Language.vi), name
    assert "elapsed_seconds" in defined


def test_every_policy_is_described_as_it_is() -> None:
    lines = (PROJECT / "dbt_project" / "seeds" / "policy.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert {line.split(",")[0] for line in lines} == {row[0] for row in _tables(PAGE)[0]}


def test_judging_a_resolution() -> None:
    test = _unit_test(Path("intermediate/int_dossier__judged.yml"), "resolution_by_instant_and_by_day")
    expected = {(row["dossier_key"], row["policy"]): row["resolution"] for row in test["expect"]["rows"]}
    [table] = _tables(_section("Judging a resolution"))
    told = {
        (dossier, policy): None if said == "–" else said
        for dossier, _, *verdicts in table
        for policy, said in zip(("by instant", "by day", "lenient"), verdicts, strict=True)
    }
    assert told == expected
    given = {row["dossier_key"]: row["resolved_at"] for row in test["given"][0]["rows"]}
    assert {row[0]: row[1] for row in table} == {
        key: "–" if at is None else str(at).removesuffix("+00").removesuffix("+00:00") for key, at in given.items()
    }


def test_what_a_policy_decides() -> None:
    test = _unit_test(Path("intermediate/int_dossier__judged.yml"), "what_a_policy_may_take")
    [table] = _tables(_section("What a policy decides"))
    told = {
        (f"j/{row[0]}", policy): None if said == "–" else said
        for row in table
        for policy, said in zip(("promised", "first", "held"), row[2:], strict=True)
    }
    assert told == {(row["dossier_key"], row["policy"]): row["resolution"] for row in test["expect"]["rows"]}


def test_supplements_taken_off() -> None:
    test = _unit_test(Path("intermediate/int_dossier__extended.yml"), "supplements_move_the_due_date_on")
    [table] = _tables(_section("Supplements taken off"))
    assert {row[0]: row[3] for row in table} == {
        row["dossier_key"]: str(row["due_at"])[:16] for row in test["expect"]["rows"]
    }


def test_judging_what_is_open() -> None:
    test = _unit_test(Path("marts/fct_dossier_verdict.yml"), "pending_by_instant_and_by_day")
    [table] = _tables(_section("Judging what is open"))
    assert {row[0]: row[3] for row in table} == {row["dossier_key"]: row["verdict"] for row in test["expect"]["rows"]}
    assert {row[0]: row[1] for row in table} == {row["dossier_key"]: row["policy"] for row in test["given"][1]["rows"]}


def test_counting_at_a_cut_off() -> None:
    test = _unit_test(Path("marts/fct_timeliness.yml"), "counted_at_a_cut_off")
    [table] = _tables(_section("Counting at a cut-off"))
    given = {
        row["dossier_key"]: [
            str(row[name]).split("+")[0] if row[name] else "–" for name in ("received_at", "resolved_at")
        ]
        for row in test["given"][0]["rows"]
    }
    assert {row[0]: [row[1], row[3]] for row in table} == given
    assert f"{test['expect']['rows'][0]['elapsed_seconds']:,} seconds" in table[0][4]


def test_one_dossier_several_systems() -> None:
    test = _unit_test(Path("intermediate/int_record__identified.yml"), "one_dossier_under_many_codes")
    rules, table = _tables(_section("One dossier, several systems"))
    expected = {
        (row["system"], row["record_code"]): (row["identified_by"], row["dossier_code"])
        for row in test["expect"]["rows"]
        if row["jurisdiction"] == "j"
    }
    assert {(row[0], row[1]): (row[3], row[4]) for row in table} == expected
    given = [row for row in test["given"][0]["rows"] if row["jurisdiction"] == "j"]
    assert {(row[0], row[1]): row[2] for row in table} == {
        (row["system"], row["record_code"]): row["other_code"] or "–" for row in given
    }
    assert {row[0] for row in rules} == {rule for rule, _ in expected.values()}


def test_which_systems_word_counts() -> None:
    test = _unit_test(Path("intermediate/int_dossier__settled.yml"), "each_date_has_its_speaker")
    table = _tables(_section("Which system's word counts"))[1]
    expected = [
        [_day(row["due_at"]), row["due_from"] or "–", _day(row["resolved_at"]), row["resolved_from"] or "–"]
        for row in test["expect"]["rows"]
    ]
    assert [row[2:] for row in table] == expected
    assert [row[0] for row in table] == [row["dossier_code"] for row in test["expect"]["rows"]]


def test_which_due_date_counts() -> None:
    test = _unit_test(Path("intermediate/int_dossier__promised.yml"), "a_promise_moves_only_before_it_has_passed")
    [table] = _tables(_section("Which due date counts"))
    assert {row[0]: (row[2], int(row[3])) for row in table} == {
        row["dossier_code"]: (_day(row["due_at"]), row["moves"]) for row in test["expect"]["rows"]
    }


_RULES = {"tet": "61/2018", "pausing": "61/2018, pausing", "autumn": "118/2025", "boston": "none"}


def _told_at(moment: object) -> str:
    """Weekday and wall clock, as the page writes an instant of a unit test."""
    if moment is None:
        return "–"
    clock = str(moment)[:19]
    return f"{datetime.fromisoformat(clock):%a} {clock}"


def test_due_by_the_rules() -> None:
    test = _unit_test(Path("intermediate/int_dossier__due.yml"), "due_by_the_rules")
    parameters, table = _tables(_section("Due by the rules"))
    assert table == [
        [
            given["dossier_key"], _RULES[given["jurisdiction"]], _told_at(given["received_at"]),
            "–" if given["time_limit"] is None else f"{given['time_limit']} {given['limit_unit'].replace('_', ' ')}",
            _told_at(due["first_due_at"]), _told_at(due["due_at"]),
        ]
        for given, due in zip(test["given"][0]["rows"], test["expect"]["rows"], strict=True)
    ]  # fmt: skip
    seed = PROJECT / "dbt_project" / "seeds" / "working_rule.csv"
    rules = {row["rule"]: row for row in csv.DictReader(seed.read_text(encoding="utf-8").splitlines())}
    for name, *said, _ in parameters:
        assert said == [rules[rule][name] or "–" for rule in ("nd_61_2018", "nd_118_2025")], name
    examples = {row["rule"]: row for row in test["given"][2]["rows"]}
    for rule, example in (("nd_61_2018", "old"), ("nd_61_2018_pausing", "old_pausing"), ("nd_118_2025", "new")):
        shared = examples[example].keys() - {"rule"}
        assert {name: str(examples[example][name] or "") for name in shared if name != "receipt_is_day"} == {
            name: rules[rule][name] for name in shared if name != "receipt_is_day"
        }


def test_working_time_spent() -> None:
    test = _unit_test(Path("intermediate/int_dossier__working_time.yml"), "working_minutes_spent")
    [table] = _tables(_section("Working time spent"))
    minutes = ("elapsed_minutes", "supplement_minutes", "payment_minutes", "stopped_minutes", "spent_minutes")
    assert table == [
        [
            given["dossier_key"], _told_at(given["received_at"]), _told_at(given["resolved_at"]),
            *("–" if told[name] is None else str(told[name]) for name in minutes),
        ]
        for given, told in zip(test["given"][0]["rows"], test["expect"]["rows"], strict=True)
    ]  # fmt: skip


def test_four_rates() -> None:
    test = _unit_test(Path("marts/rpt_rate.yml"), "four_rates_side_by_side")
    rates, table = _tables(_section("Four rates"))
    terms = [line.split(",") for line in (SEEDS / "rate_term.csv").read_text(encoding="utf-8").splitlines()[1:]]
    for rate, _, _, numerator, denominator, _ in rates:
        for part, told in (("numerator", numerator), ("denominator", denominator)):
            assert re.findall(r"\w+", told) == [measure for of, side, measure in terms if (of, side) == (rate, part)]
    whole = [row for row in test["expect"]["rows"] if row["unit_key"] is None]
    assert [[row[0], int(row[1]), int(row[2]), float(row[3])] for row in table] == [
        [row["rate"], row["numerator"], row["denominator"], row["rate_percent"]] for row in whole
    ]


def test_where_lateness_arises() -> None:
    test = _unit_test(Path("marts/fct_dossier_step.yml"), "a_step_goes_over_what_it_was_allowed")
    [table] = _tables(_section("Where lateness arises"))
    assert [[int(row[0]), int(row[5]), int(row[6])] for row in table] == [
        [row["place"], row["spent_minutes"], row["over_minutes"]] for row in test["expect"]["rows"]
    ]


def test_what_falls_due_next() -> None:
    test = _unit_test(Path("marts/rpt_due_soon.yml"), "what_falls_due_next")
    [table] = _tables(_section("What falls due next"))
    expected = {row["dossier_key"]: (str(row["minutes_left"]), row["band"]) for row in test["expect"]["rows"]}
    assert {row[0]: (row[2], row[3]) for row in table if row[3] != "–"} == expected


def test_signs_of_stuck_and_empty_dossiers() -> None:
    test = _unit_test(Path("marts/rpt_suspect_dossier.yml"), "signs_of_stuck_and_empty_dossiers")
    [table] = _tables(_section("Stuck and empty dossiers"))
    signs = [line.split(",")[0] for line in (SEEDS / "proxy.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert [row[0] for row in table] == signs
    assert {row["proxy"] for row in test["expect"]["rows"]} == set(signs)


def test_where_province_and_portal_differ() -> None:
    test = _unit_test(Path("marts/fct_sync_difference.yml"), "how_province_and_portal_differ")
    kinds, table = _tables(_section("Where province and portal differ"))
    expected = {row["dossier_key"].removeprefix("j/"): row["kind"] for row in test["expect"]["rows"]}
    assert {row[0]: row[3] for row in table if row[3] != "–"} == expected
    assert {row[0] for row in kinds} == set(expected.values())
    dossiers = {row["dossier_key"] for row in test["given"][1]["rows"] if row["jurisdiction"] == "j"}
    assert {f"j/{row[0]}" for row in table} == dossiers


def test_ratings() -> None:
    test = _unit_test(Path("marts/fct_rating.yml"), "what_a_rating_is_of")
    [table] = _tables(_section("Ratings"))
    assert [[row[0], row[4], row[5], row[6]] for row in table] == [
        [
            str(row["rating_number"]), "no" if row["dossier_key"] is None else "yes", _yes(row["is_satisfied"]),
            _day(row["rated_month"])[:7],
        ]
        for row in test["expect"]["rows"]
    ]  # fmt: skip
    given = {str(row["rating_number"]): row for row in test["given"][0]["rows"]}
    for number, dossier, score, rated, *_ in table:
        row = given[number]
        told = "–" if row["score"] is None else str(row["score"])
        assert (dossier, score.split(",")[0], rated) == (row["record_code"], told, str(row["rated_at"]).split("+")[0])


def test_petitions() -> None:
    test = _unit_test(Path("marts/fct_petition.yml"), "what_a_petition_is_worth")
    verdicts, table = _tables(_section("Petitions"))
    assert {row[0]: row[4] for row in table} == {row["petition_code"]: row["verdict"] for row in test["expect"]["rows"]}
    assert {row[0] for row in verdicts} == {row["verdict"] for row in test["expect"]["rows"]}


def test_payments() -> None:
    test = _unit_test(Path("marts/fct_payment.yml"), "what_was_paid_once")
    [table] = _tables(_section("Payments"))
    assert [[row[0], row[5], row[6]] for row in table] == [
        [str(row["request_number"]), _yes(row["is_paid"]), _yes(row["is_repetition"])] for row in test["expect"]["rows"]
    ]
    assert [row[1:4] for row in table] == [
        [row["record_code"], f"{row['amount']:,}", row["way"] or "–"] for row in test["given"][0]["rows"]
    ]


def test_digitisation() -> None:
    test = _unit_test(Path("marts/fct_digitisation.yml"), "each_side_tells_its_own")
    [table] = _tables(_section("Digitisation and Đề án 06"))
    assert [[row[0], row[3], row[4]] for row in table] == [
        [row["dossier_key"].removeprefix("j/"), _yes(row["population_linked"]), row["online_payment"] or "–"]
        for row in test["expect"]["rows"]
    ]
    at_home = [f"{_yes(row['result_digitised'])}, {_yes(row['data_reused'])}" for row in test["expect"]["rows"]]
    assert [row[1] for row in table] == [told.replace("–, –", "–") for told in at_home]


def test_counts_of_service_quality() -> None:
    """Every column that counts is defined, under its label, and comes to what its example says."""
    test = _unit_test(Path("marts/fct_service_quality.yml"), "counted_by_unit_and_month")
    [table] = _tables(_section("Counts of service quality"))
    [model] = yaml.safe_load((MODELS / "marts" / "fct_service_quality.yml").read_text(encoding="utf-8"))["models"]
    counts = [column["name"] for column in model["columns"] if column["data_type"] == "bigint"]
    assert [row[0] for row in table] == counts
    for name, vietnamese, _, _, example in table:
        assert vietnamese == label(name, Language.vi), name
        assert int(example.replace(",", "")) == sum(row[name] for row in test["expect"]["rows"]), name


def _yes(flag: object) -> str:
    return "–" if flag is None else "yes" if flag else "no"


def test_every_definition_of_a_claim_is_defined() -> None:
    test = _unit_test(Path("marts/rpt_claim.yml"), "every_claim_by_its_definition")
    definitions, dossiers = _tables(_section("Reported claims"))
    assert [row[0] for row in definitions] == list(get_args(ClaimDefinition))
    assert all(row[1] and row[2] for row in definitions)
    ours = {row["claim"]: row["ours"] for row in test["expect"]["rows"] if row["ours"] is not None}
    assert {row[0]: float(row[4]) for row in definitions} == {name: float(value) for name, value in ours.items()}
    rates = {row[0] for row in definitions if row[3] != "–"}
    assert rates == {name for name in ours if name.startswith("on_time_of_") or name.endswith("_rate")}
    given = test["given"]
    judged = {row["dossier_key"]: row["verdict"] for row in given[3]["rows"] if row["policy"] == "day"}
    assert {row[0]: row[4] for row in dossiers} == judged
    assert [row[:4] for row in dossiers] == [
        [row["dossier_key"], *(_day(row[name]) for name in ("received_at", "resolved_at", "closed_otherwise_at"))]
        for row in given[2]["rows"]
    ]


def test_units_over_time() -> None:
    test = _unit_test(Path("intermediate/int_unit__version.yml"), "lists_say_who_and_the_law_says_when")
    table = _tables(_section("Units and procedures over time"))[0]
    told = {(row[0], known, version) for row in table for known in [row[2]] for version in row[3].split(", ")}
    assert told == {
        (
            row["unit_code"],
            row["known_from"],
            f"{row['unit_name']} {_day(row['valid_from'])} to {_day(row['valid_to'])}",
        )
        for row in test["expect"]["rows"]
    }


def _day(moment: object) -> str:
    return "–" if moment is None else str(moment)[:10]


def test_catalogue_of_procedures() -> None:
    test = _unit_test(Path("marts/fct_catalogue_change.yml"), "what_came_went_and_changed")
    table = _tables(_section("Catalogue of procedures"))[1]
    told = {f"j/{row[0]}": row[4] for row in table if row[4] != "–"}
    assert told == {row["procedure_key"]: row["action"] for row in test["expect"]["rows"]}


@pytest.mark.parametrize("folder", ["docs", "docs/runbooks", "."])
def test_links_between_pages_lead_somewhere(folder: str) -> None:
    for page in (PROJECT / folder).glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_every_entry_of_a_configuration_is_explained() -> None:
    deployment = (PROJECT / "docs" / "runbooks" / "deployment.md").read_text(encoding="utf-8")
    source = (PROJECT / "docs" / "runbooks" / "new-source.md").read_text(encoding="utf-8")
    for page, models in (
        (deployment, (Deployment, Jurisdiction, DeployedSource, ReportedClaim)),
        (source, (SourceContract, StreamContract, FieldContract, DelimitedLayout, WorkbookLayout)),
    ):
        for model in models:
            missing = [name for name in model.model_fields if not re.search(rf"\b{name}\b", page)]
            assert not missing, model.__name__
