"""How the server joins what the models read: by hashing, whatever it takes their rows for.

Belongs here: the plans of the models' statements as dbt's sessions have them. Does not: how long they take (benchmarks/).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestration import dbt_project
from tests.conftest import Deployed


def test_no_model_goes_through_the_rows_of_one_table_for_each_of_another(sample: Deployed) -> None:
    """With sorts discouraged too, a loop counted as no worse than hashing and sorting: 52 million comparisons for 7,234."""
    prepared = dbt_project.prepare(sample.settings)
    tables = [
        node["name"]
        for node in prepared.manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view"
    ]
    queries = dbt_project.compiled(sample.settings, sample.database, prepared, tables)
    assert len(queries) > 90
    looping = []
    with sample.database.connect("motcua_transformer") as connection:
        for setting in dbt_project.PLANNING.items():
            connection.execute("select set_config(%s, %s, true)", setting)
        for name, query in queries.items():
            [(plan,)] = connection.execute(f"explain (format json) {query}".encode()).fetchall()
            looping += [(name, step["Join Filter"]) for step in _steps(plan[0]["Plan"]) if _is_loop(step)]
    assert looping == []


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _steps(part)


def _is_loop(step: dict[str, Any]) -> bool:
    """Of rows that have something equal. Other conditions, or none, leave nothing but a loop."""
    return step["Node Type"] == "Nested Loop" and " = " in step.get("Join Filter", "")
