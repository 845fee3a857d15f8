"""The pages against the program: entries of configuration files, worked examples, commands and their options.

Belongs here: what can be compared without a database. Does not: definitions of figures (tests/unit/test_metrics_doc.py).
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel
from typer.core import TyperGroup
from typer.main import get_command

from contracts import calendars, deployment, source
from contracts.failures import DeliveryProblem
from expectations.suite import load_suite
from orchestration.cli.main import app
from orchestration.settings import PROJECT, load_settings
from tests.runbook import RUNBOOKS, shown_files

METRICS = (PROJECT / "docs" / "metrics.md").read_text(encoding="utf-8")
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md")), *sorted((PROJECT / "demo").rglob("*.md"))]


def _first_cells(text: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def _unit_tests() -> dict[str, dict[str, Any]]:
    """Every unit test of the models by name. All values stay text as written; null is "null"."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted((PROJECT / "dbt_project" / "models").rglob("*.yml")):
        text = file.read_text(encoding="utf-8")
        assert text.count("\nunit_tests:") <= 1, f"{file.name}: YAML takes the last of two equal keys"
        for test in yaml.load(text, Loader=yaml.BaseLoader).get("unit_tests", []):
            found[test["name"]] = test
    return found


@pytest.mark.parametrize(
    ("module", "page"), [(deployment, "deployment.md"), (calendars, "deployment.md"), (source, "new-source.md")]
)
def test_every_entry_of_a_configuration_file_has_a_line(module: ModuleType, page: str) -> None:
    """One section for each model, whose heading names it; one table row for each of its entries, and none besides."""
    text = (RUNBOOKS / page).read_text(encoding="utf-8")
    models = [m for m in vars(module).values() if isinstance(m, type) and issubclass(m, BaseModel) and m.model_fields]
    assert len(models) >= 3
    for model in models:
        section = re.search(rf"^#+ .*`{model.__name__}`.*\n((?:(?!#).*\n?)*)", text, re.MULTILINE)
        assert section is not None, model.__name__
        assert _first_cells(section[1]) == set(model.model_fields), model.__name__


@pytest.mark.parametrize("page", sorted(page.name for page in RUNBOOKS.glob("*.md")))
def test_what_a_page_shows_as_a_file_is_one(page: str, tmp_path: Path) -> None:
    """Deployments with the contracts they name. What they do is tried in tests/integration/test_new_source.py."""
    shown = shown_files(page)
    assert (page == "new-source.md") <= bool(shown)
    for name, content in shown.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    for name, content in shown.items():
        if "jurisdictions:" in content:
            assert load_settings(tmp_path / name).contracts


def test_every_reason_to_refuse_a_delivery_has_a_line() -> None:
    assert _first_cells((RUNBOOKS / "failed-run.md").read_text(encoding="utf-8")) == set(DeliveryProblem)


def test_unit_tests_and_their_sections_name_each_other() -> None:
    for name, test in _unit_tests().items():
        named = re.search(r'docs/metrics\.md, section "(.+)"', test.get("description", ""))
        if named is not None:
            assert f"`{name}`" in METRICS.split(f"\n## {named[1]}\n", 1)[1].split("\n## ", 1)[0]
    known = _unit_tests()
    for name, model in re.findall(r"\b[Uu]nit\s+test\s+`(\w+)` of `(\w+)`", METRICS):
        assert known[name]["model"] == model


def test_every_figure_at_one_cut_off_is_its_unit_test() -> None:
    test = _unit_tests()["every_figure_at_one_cut_off"]
    section = METRICS.split("\n## Every figure at one cut-off\n", 1)[1].split("\n## ", 1)[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    told = [cells for cells in lines if set(cells) != {"---"}]

    def shown(row: dict[str, str], column: str) -> str:
        value = row.get(column, "null")
        return "–" if value == "null" else value.removesuffix("+00")

    dossiers, judged = (test["given"][place]["rows"] for place in (0, 1))
    # The page leaves the jurisdiction out of the keys.
    due = {row["dossier_key"].removeprefix("j/"): shown(row, "due_at") for row in judged}
    height = len(dossiers) + 1
    assert told[1:height] == [
        [name := row["dossier_key"].removeprefix("j/"), shown(row, "received_at"), due[name], shown(row, "resolved_at"),
         shown(row, "closed_otherwise_at")]
        for row in dossiers
    ]  # fmt: skip
    columns, *rows = told[height:]
    assert {*columns, "received_month"} == set(test["expect"]["rows"][0])
    assert rows == [[shown(row, column) for column in columns] for row in test["expect"]["rows"]]


def test_every_command_shown_exists() -> None:
    shown = [(page, line) for page in PAGES for line in _command_lines(page)]
    assert len(shown) > 40
    for page, line in shown:
        command: Any = get_command(app)
        words = line.split(" -- ")[0].replace(",", " ").split()[1:]
        while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
            assert words[0] in command.commands, f"{page.name}: {line}"
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in parameter.opts}
        for option in re.findall(r"(?<= )--[a-z-]+", " ".join(["", *words])):
            assert option in options, f"{page.name}: {line}"


def _command_lines(page: Path) -> list[str]:
    """Commands as shown: in fences, indented, or between back quotes."""
    text = page.read_text(encoding="utf-8")
    code = [*re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.M | re.S), *re.findall(r"^ {4}.*$", text, re.M)]
    code += re.findall(r"`(motcua [^`\n]+)`", text)
    lines = [
        re.sub(r"^\$ ", "", line.strip()).split(" #")[0].split(" > ")[0] for part in code for line in part.split("\n")
    ]
    return [line for line in lines if re.match(r"motcua [a-z]", line)]


def test_the_front_page_shows_every_claim_of_the_province() -> None:
    """By name, reported value and definition, in the order of the deployment file. Ours is what a run says."""
    shown = [
        [cell.strip() for cell in line.strip(" │").split("│")]
        for line in (PROJECT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("    │ ")
        and line.rstrip(" │").split("│")[-1].strip() in get_args(deployment.ClaimDefinition)
    ]
    claims = load_settings(PROJECT / "demo" / "thai_nguyen.yml").deployment.claims.values()
    assert [(row[0], row[1].replace(",", "").removeprefix("over "), row[4]) for row in shown] == [
        (claim.figure, f"{claim.claimed.normalize():f}", claim.definition) for claim in claims
    ]


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_the_gate_has_as_many_checks_as_told(page: str) -> None:
    told = set(re.findall(r"\b(\d+) checks\b", (PROJECT / page).read_text(encoding="utf-8")))
    assert told == {str(len(load_suite()))}
