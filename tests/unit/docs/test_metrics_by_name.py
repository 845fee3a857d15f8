"""The metrics of dbt's semantic layer against the seeds, the published columns and the labels: each is defined once.

Belongs here: what the definitions say. Does not: MetricFlow's own validation (`make metrics`), or the figures.
"""

from __future__ import annotations

import csv
import re
from typing import Any

import yaml

from orchestration.settings import PROJECT
from reporting.forms import Language
from reporting.labels import label

DBT = PROJECT / "dbt_project"
DEFINED: dict[str, Any] = yaml.safe_load((DBT / "models" / "semantic" / "dossiers.yml").read_text(encoding="utf-8"))
METRICS: dict[str, dict[str, Any]] = {metric["name"]: metric for metric in DEFINED["metrics"]}


def _columns(model: str) -> set[str]:
    [told] = yaml.safe_load((DBT / "models" / "marts" / f"{model}.yml").read_text(encoding="utf-8"))["models"]
    return {column["name"] for column in told["columns"]}


def test_each_metric_is_defined_once() -> None:
    assert len(METRICS) == len(DEFINED["metrics"]) == 13
    assert all(metric["description"] for metric in METRICS.values())


def test_every_rate_has_its_metric_and_no_formula_of_its_own() -> None:
    with (DBT / "seeds" / "rate.csv").open(encoding="utf-8") as seed:
        rates = {row["rate"]: row for row in csv.DictReader(seed)}
    metrics = {name.removeprefix("on_time_rate_"): told for name, told in METRICS.items() if told["type"] == "ratio"}
    assert set(metrics) == set(rates)
    for rate, told in metrics.items():
        assert rates[rate]["name_vi"].lower() in told["label"].lower()
        assert f"the policy `{rates[rate]['policy']}`" in told["description"]
        for part in ("numerator", "denominator"):
            given = told["type_params"][part]
            assert given["name"] == f"rate_{part}"
            assert re.findall(r"Dimension\('rate__which'\) }} = '(\w+)'", given["filter"]) == [rate]


def test_every_count_is_a_published_measure_under_a_named_policy() -> None:
    counts, rates = DEFINED["semantic_models"]
    for model, told in ((counts, "fct_timeliness"), (rates, "rpt_rate")):
        assert model["model"] == f"ref('{told}')"
        for part in (*model["entities"], *model["dimensions"], *model["measures"]):
            words = re.findall(r"[a-z_]+", part.get("expr", part["name"]))
            assert set(words) & _columns(told), part
    simple = {name: told for name, told in METRICS.items() if name.startswith("dossiers_")}
    assert {told["type_params"]["measure"] for told in simple.values()} == {m["name"] for m in counts["measures"]}
    for name, told in simple.items():
        measure = told["type_params"]["measure"]
        assert name == f"dossiers_{measure}"
        assert f"({label(measure, Language.vi)})" in told["label"]
        assert "count__policy') }} = 'day'" in told["filter"]
    # Cut-offs are states of the same dossiers: adding two of them up would count dossiers twice.
    assert all(
        measure["non_additive_dimension"] == {"name": "cut_off", "window_choice": "max"}
        for measure in counts["measures"]
    )
