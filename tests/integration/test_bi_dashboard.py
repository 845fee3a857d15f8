"""The Superset export of docs/bi against what is published: every dataset, metric and chart can be asked, by the BI role.

Belongs here: that, without Superset. Does not: a real one (`make superset`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.settings import PROJECT
from tests.conftest import Deployed

EXPORT = PROJECT / "docs" / "bi" / "superset"
DATASETS = sorted((EXPORT / "datasets").rglob("*.yaml"))
CHARTS = sorted((EXPORT / "charts").glob("*.yaml"))


def _read(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return read


def _rows_of(dataset: dict[str, Any]) -> str:
    return f"({dataset['sql']})" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"


@pytest.mark.parametrize("file", DATASETS, ids=lambda file: file.stem)
def test_a_dataset_gives_its_columns_and_metrics_to_the_bi_role(sample: Deployed, file: Path) -> None:
    dataset = _read(file)
    columns = ", ".join(column["column_name"] for column in dataset["columns"])
    assert sample.ask(f"select {columns} from {_rows_of(dataset)} as d limit 1", role="motcua_bi")
    for metric in dataset["metrics"]:
        [(value,)] = sample.ask(f"select {metric['expression']} from {_rows_of(dataset)} as d", role="motcua_bi")
        assert value is not None, metric["metric_name"]


def test_the_metrics_are_the_published_figures(sample: Deployed) -> None:
    dataset = next(read for read in map(_read, DATASETS) if read["sql"])
    by_name = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    asked = ", ".join(by_name[name] for name in ("received_total", "resolved_total", "late_total", "on_time_rate"))
    [found] = sample.ask(f"select {asked} from {_rows_of(dataset)} as d", role="motcua_bi")
    [published] = sample.ask(
        "select sum(d.n), sum(d.r), sum(d.l), sum(d.o)::numeric / sum(d.r) from (select count(*) as n,"
        " count(*) filter (where v.resolved_at < j.as_of) as r,"
        " count(*) filter (where v.verdict = 'late' and v.resolved_at < j.as_of) as l,"
        " count(*) filter (where v.verdict in ('early', 'on_due_day') and v.resolved_at < j.as_of) as o"
        " from marts.fct_dossier_verdict as v inner join marts.dim_jurisdiction as j"
        " on j.jurisdiction = v.jurisdiction and j.default_policy = v.policy) as d"
    )
    assert found == published and found[0] > 2_000


@pytest.mark.parametrize("file", CHARTS, ids=lambda file: file.stem)
def test_a_chart_asks_what_its_dataset_has(file: Path) -> None:
    chart = _read(file)
    dataset = next(read for read in map(_read, DATASETS) if read["uuid"] == chart["dataset_uuid"])
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    [query] = json.loads(chart["query_context"])["queries"]
    asked = {column if isinstance(column, str) else column["sqlExpression"] for column in query["columns"]}
    assert asked <= columns and set(query["metrics"]) <= metrics and asked | set(query["metrics"])


def test_the_dashboard_shows_every_chart_and_no_password(tmp_path: Path) -> None:
    [dashboard] = [_read(file) for file in (EXPORT / "dashboards").glob("*.yaml")]
    shown = {
        place["meta"]["uuid"]
        for place in dashboard["position"].values()
        if isinstance(place, dict) and place["type"] == "CHART"
    }
    assert shown == {_read(file)["uuid"] for file in CHARTS}
    [database] = [_read(file) for file in (EXPORT / "databases").glob("*.yaml")]
    assert ":XXXXXXXXXX@" in database["sqlalchemy_uri"]
    assert not any(database[right] for right in ("allow_dml", "allow_ctas", "allow_cvas"))
