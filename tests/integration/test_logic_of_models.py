"""The models' unit tests, worked examples of docs/metrics.md among them, on a database that has been built once.

Belongs here: asking all of them, and that one which no longer holds is told. Does not: the examples (the models' YAML).
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration import dbt_project
from tests.conftest import Deployed


def test_every_unit_test_holds(sample: Deployed) -> None:
    prepared = dbt_project.prepare(sample.settings)
    count, problems = dbt_project.check_logic(sample.settings, sample.database, prepared)
    assert count > 45
    assert problems == []


@pytest.mark.walk
def test_one_that_no_longer_holds_is_told(sample: Deployed, tmp_path: Path) -> None:
    shutil.copytree(sample.settings.project / "dbt_project", tmp_path / "dbt_project")
    model = tmp_path / "dbt_project" / "models" / "intermediate" / "int_dossier__judged.sql"
    text = model.read_text(encoding="utf-8")
    assert "resolved_on > due_on" in text
    model.write_text(text.replace("resolved_on > due_on", "resolved_on >= due_on"), encoding="utf-8")
    settings = replace(sample.settings, project=tmp_path)
    _, problems = dbt_project.check_logic(settings, sample.database, dbt_project.prepare(settings))
    assert "resolution_by_instant_and_by_day" in " ".join(problems)
