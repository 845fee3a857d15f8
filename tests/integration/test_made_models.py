"""How a table or view comes to be (dbt_project/macros/made.sql): in one transaction, with all that dbt's own way gives.

Belongs here: a few made-up models, built by dbt on a real database. Does not: what the program's models hold, or going on
from the last build (test_built_by_changes.py).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.cli.main import dbtRunner

from orchestration.settings import PROJECT
from tests.conftest import Deployed

MODELS = {
    # Made of what it held before, where it is there.
    "counted": """
        {{ config(indexes=[{'columns': ['n'], 'unique': true}], grants={'select': ['public']},
                  post_hook='insert into {{ this }} values (-1)') }}
        {% if load_cached_relation(this) %} select max(n) + 1 as n from {{ this }} {% else %} select 1 as n {% endif %}
    """,
    "changing": "{{ config(materialized=var('kind')) }} select n from {{ ref('counted') }}",
}
#: Models that promise a number and a word, and how each breaks that in the end.
BROKEN = {
    "another_type": "n::bigint, 'a' || n as word", "another_name": "n, 'a' || n as words",
    "one_more": "n, 'a' || n as word, 1 as m", "one_less": "n", "no_answer": "n, 'a' || (1 / (n - n)) as word",
    # Not broken: the order in which a query names its columns is its own.
    "another_order": "'a' || n as word, n",
}  # fmt: skip
PROMISE = "{{ config(contract={'enforced': true}) }} select %s from {{ ref('changing') }}"
CONTRACT = {
    "description": "as promised", "constraints": [{"type": "primary_key", "columns": ["n"]}],
    "columns": [{"name": "n", "data_type": "integer"}, {"name": "word", "data_type": "text", "description": "a word"}],
    "config": {"persist_docs": {"relation": True, "columns": True}},
}  # fmt: skip
KEPT = "n, 'a' || n as word"


class Project:
    """A project of these models, with the macros of ours."""

    def __init__(self, folder: Path, deployed: Deployed) -> None:
        self._folder, self._deployed = folder, deployed
        shutil.copytree(PROJECT / "dbt_project" / "macros", folder / "macros")
        (folder / "models").mkdir()
        for name, text in MODELS.items():
            (folder / "models" / f"{name}.sql").write_text(text)
        contracts = [{"name": name, **CONTRACT} for name in BROKEN]
        (folder / "models" / "models.yml").write_text(yaml.safe_dump({"models": contracts}))
        models = {"+materialized": "table", "+schema": "made"}
        body = {"name": "motcua", "profile": "made", "config-version": 2, "models": models}
        (folder / "dbt_project.yml").write_text(yaml.safe_dump(body))
        found = deployed.database
        output = {
            "type": "postgres", "host": found.host, "port": found.port, "user": found.user, "password": found.password,
            "dbname": found.name, "schema": "made", "threads": 1,
        }  # fmt: skip
        (folder / "profiles.yml").write_text(yaml.safe_dump({"made": {"target": "t", "outputs": {"t": output}}}))

    def run(self, kind: str, promises: Mapping[str, str]) -> dict[str, str]:
        """Builds everything; what became of each model."""
        for name, columns in promises.items():
            (self._folder / "models" / f"{name}.sql").write_text(PROMISE % columns)
        at = ["--project-dir", str(self._folder), "--profiles-dir", str(self._folder)]
        quiet = ["--quiet", "--log-level", "none", "--log-path", str(self._folder / "logs")]
        done: Any = dbtRunner().invoke([*quiet, "run", *at, "--vars", json.dumps({"kind": kind})])
        return {answer.node.name: str(answer.status) for answer in done.result.results}

    def kinds(self) -> dict[str, str]:
        """What there is in the schema, tables (r) and views (v)."""
        rows = self._deployed.ask(
            "select relname, relkind::text from pg_class where relnamespace = 'made'::regnamespace and relkind in ('r', 'v')"
        )
        return dict(rows)


@pytest.mark.walk
def test_what_is_made_is_whole_and_what_fails_leaves_the_former(empty_database: Deployed, tmp_path: Path) -> None:
    project, kept = Project(tmp_path / "project", empty_database), dict.fromkeys(BROKEN, KEPT)
    good = dict.fromkeys((*MODELS, *BROKEN), "success")
    tables = dict.fromkeys((*MODELS, *BROKEN), "r")
    assert project.run("view", kept) == good
    assert empty_database.ask("select n from made.counted order by 1") == [(-1,), (1,)]
    assert project.kinds() == {**tables, "changing": "v"}
    assert project.run("table", kept) == good
    assert empty_database.ask("select n from made.counted order by 1") == [(-1,), (2,)], "made of what it held"
    assert project.kinds() == tables, "and nothing beside them"
    _assert_has_all_that_was_asked(empty_database)

    said = project.run("view", BROKEN)
    assert said == {name: good[name] if name in {*MODELS, "another_order"} else "error" for name in good}
    assert project.kinds() == {**tables, "changing": "v"}
    for name in BROKEN:
        last = 3 if name == "another_order" else 2
        assert empty_database.ask(f"select n, word from made.{name} order by 1") == [(-1, "a-1"), (last, f"a{last}")]


def _assert_has_all_that_was_asked(deployed: Deployed) -> None:
    """Index, hook's row, grant, key, comments, and statistics of the rows that were made."""
    for question, answer in (
        ("select count(*) from pg_index where indrelid = 'made.counted'::regclass and indisunique", 1),
        ("select has_table_privilege('public', 'made.counted', 'select')", True),
        ("select reltuples from pg_class where oid = 'made.one_less'::regclass", 2),
        ("select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'made.one_less'::regclass and contype = 'p'",
         "PRIMARY KEY (n)"),
        ("select obj_description('made.one_less'::regclass)", "as promised"),
        ("select col_description('made.one_less'::regclass, 2)", "a word"),
    ):  # fmt: skip
        assert deployed.ask(question) == [(answer,)], question
