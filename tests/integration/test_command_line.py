"""The installed program as a user meets it: what it prints, in which form, with which exit code.

Belongs here: commands, most of them called in this process, and one of each kind of outcome in a process of its own.
Does not: what the figures must be (test_truth), or breaking things (guarantees).
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Deployed

Program = Callable[..., "subprocess.CompletedProcess[str]"]
Truth = Callable[[str], dict[str, Any]]
ON = ("--database", "published")


def _good(finished: subprocess.CompletedProcess[str]) -> str:
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_help_names_every_command(motcua: Program) -> None:
    told = _good(motcua("--help"))
    for command in ("run", "figures", "explain", "catalogue", "release", "quarantine", "db", "ui"):
        assert f" {command} " in told
    for command in ("run", "figures", "explain", "ui"):
        assert "Example" in _good(motcua(command, "--help"))


def test_help_imports_nothing_heavy(motcua_process: Program) -> None:
    finished = motcua_process("--help", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rsplit("|", 1)[-1].strip() for line in finished.stderr.splitlines()}
    assert "typer" in imported
    assert not imported & {"dagster", "dbt", "great_expectations", "polars", "psycopg", "sqlalchemy", "pandas", "yaml"}


def test_figures_as_json_are_the_truth(boston: Deployed, motcua_process: Program, truth: Truth) -> None:
    cut_offs = truth("boston311_2015q1")["cutoffs"]
    rows = json.loads(_good(motcua_process("figures", *ON, "--format", "json", "--cut-off", *cut_offs, "-j", "boston")))
    assert [row["cut_off"] for row in rows] == list(cut_offs)
    for row in rows:
        theirs = cut_offs[row["cut_off"]]["overall"]
        assert {name: row[name] for name in theirs if name in row} == {k: v for k, v in theirs.items() if k in row}
        assert len(set(theirs) & set(row)) == 12


def test_figures_as_csv_and_json_say_the_same(boston: Deployed, motcua: Program) -> None:
    asked = ("figures", *ON, "--by", "unit,channel", "--policy", "day", "--cut-off", "2015-07-01")
    as_json = json.loads(_good(motcua(*asked, "--format", "json")))
    as_csv = list(csv.DictReader(io.StringIO(_good(motcua(*asked, "--format", "csv")))))
    assert len(as_json) == 51
    # What is missing stands beside each row in JSON alone; of Boston nothing is expected.
    assert [row.pop("gaps") for row in as_json] == [[]] * 51
    told = [{k: "" if v is None else str(v) for k, v in row.items()} for row in as_json]
    assert told == as_csv


def test_a_table_reads_in_vietnamese(boston: Deployed, motcua_process: Program) -> None:
    told = _good(motcua_process("figures", *ON, "--language", "vi"))
    assert "Thành phố Boston" in told
    assert "tiếp nhận" in told and "26.788" in told
    assert "tỷ lệ đúng hạn" in told and "68,89 %" in told


def test_a_period_adds_up(boston: Deployed, motcua: Program, truth: Truth) -> None:
    [quarter] = json.loads(_good(motcua("figures", *ON, "--period", "2015-Q1", "--format", "json")))
    theirs = truth("boston311_2015q1")["cutoffs"]["2015-04-01T00:00:00-04:00"]["overall"]
    assert quarter["carried_over"] == 0
    assert {name: quarter[name] for name in ("received", "resolved", "late", "pending")} == {
        name: theirs[name] for name in ("received", "resolved", "late", "pending")
    }
    [second] = json.loads(_good(motcua("figures", *ON, "--period", "2015-Q2", "--format", "json")))
    later = truth("boston311_2015q1")["cutoffs"]["2015-07-01T00:00:00-04:00"]["overall"]
    # Form II.06a: column 6 of a period is column 11 of the one before, and 3 = 7 + 11.
    assert second["carried_over"] == quarter["pending"]
    assert second["received"] == 0
    assert second["resolved"] == later["resolved"] - theirs["resolved"]
    assert second["late"] == later["late"] - theirs["late"]
    assert second["carried_over"] + second["received"] == second["resolved"] + second["pending"]


def test_catalogue_changes(boston: Deployed, motcua: Program, truth: Truth) -> None:
    asked = ("catalogue", "changes", *ON, "--from", "2015-12-31", "--to", "2016-06-30")
    told = json.loads(_good(motcua(*asked, "--format", "json")))
    theirs = truth("cartas_2015_2016")["transitions"]["2015-12-31..2016-06-30"]
    for name in ("new", "abolished", "replaced", "new_pure", "abolished_pure"):
        assert told[name] == theirs[name]
    assert len(told["changes"]) == theirs["new"] + theirs["abolished"] + theirs["amended_raw"]
    assert "in force before" in _good(motcua(*asked))
    listed = list(csv.DictReader(io.StringIO(_good(motcua(*asked, "--list", "--format", "csv")))))
    assert [row["procedure"] for row in listed] == [change["procedure"] for change in told["changes"]]


def test_explain_goes_down_to_the_bytes(boston: Deployed, motcua: Program, truth: Truth) -> None:
    asked = ("explain", *ON, "--jurisdiction", "boston", "--figure", "late", "--policy", "instant")
    told = json.loads(_good(motcua(*asked, "--cut-off", "2015-04-01", "--unit", "BWSC", "--format", "json")))
    theirs = truth("boston311_2015q1")
    assert told["value"] == theirs["cutoffs"]["2015-04-01T00:00:00-04:00"]["by_department"]["BWSC"]["late"] == 3
    assert len(told["dossiers"]) == 3
    for dossier in told["dossiers"]:
        assert dossier["proof"] == "agrees"
        assert dossier["file_sha256"] == theirs["file_sha256"]
        assert dossier["record"].startswith(f"{dossier['dossier_code']},")
    assert "BWSC" in _good(motcua(*asked, "--unit", "BWSC", "--limit", "2", "--language", "vi"))
    again = json.loads(_good(motcua("explain", *ON, told["address"], "--format", "json")))
    assert again == told and told["address"] == "boston/2015-04-01T00:00:00-04:00/late/instant;unit=BWSC"
    assert [
        row["code"] for row in csv.DictReader(io.StringIO(_good(motcua("explain", *ON, told["address"], "-f", "csv"))))
    ] == [dossier["code"] for dossier in told["dossiers"]]
    printed = _good(motcua("explain", *ON, told["address"], "--sql"))
    assert printed.startswith("late = 3\n") and told["sql"][0]["sql"] in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["figures", *ON, "--by", "nonsense"], "cannot be split"),
        (["figures", *ON, "--cut-off", "2015-05-01"], "Published: 2015-04-01"),
        (["figures", *ON, "--cut-off", "yesterday"], "no cut-off"),
        (["figures", *ON, "--policy", "lenient"], "Policies: day, instant"),
        (["figures", *ON, "-j", "hue"], "Published: boston, brazil"),
        (["figures", *ON, "--period", "2015-Q5"], "no period"),
        (["figures", *ON, "--period", "2015-02"], "not a published cut-off"),
        (["figures", *ON, "--period", "2015", "--cut-off", "2015-04-01"], "exclude each other"),
        (["explain", *ON, "--figure", "lateness"], "there is no figure"),
        (["explain", *ON], "name one figure"),
        (["explain", *ON, "boston/2015-04-01/late", "--unit", "BWSC"], "by its address alone"),
        (["explain", *ON, "-j", "boston", "--figure", "late", "--period", "2015"], "is of a cut-off"),
        (["explain", *ON, "-j", "boston", "--figure", "rate.article", "--cut-off", "2015-04-01"], "is of a period"),
        (["explain", *ON, "boston/2015-04-01"], "names no figure"),
        (["explain", *ON, "--figure", "late", "--unit", "PWX"], "PWDx"),
        (["catalogue", "changes", *ON, "--from", "2015-12-30", "--to", "2016-06-30"], "Known on: 2015-12-31"),
        (["catalogue", "changes", *ON, "--from", "2016-06-30", "--to", "2015-12-31"], "must lie before"),
        (["catalogue", "changes", *ON, "--from", "x", "--to", "2016-06-30"], "no day"),
        (["release", "show", "99", *ON], "no release 99"),
        (["release", "rollback", "99", "--because", "x", *ON], "does not exist"),
        (["run", "--config", "/nowhere.yml"], "no configuration file"),
        (["run", "--set", "sources.nonsense.path=x"], "boston311"),
        (["run", "--set", "nonsense"], "KEY.PATH=VALUE"),
        (["run", "--set", "jurisdictions.boston.zone=Mars/Olympus"], "no IANA time zone"),
        (["run", "--nonsense"], "No such option"),
        (["figures", "--database", "Not Plain"], "lower case"),
    ],
)  # fmt: skip
def test_wrong_usage_is_exit_2_and_says_what_to_do(
    boston: Deployed, motcua: Program, arguments: list[str], says: str
) -> None:
    finished = motcua(*arguments)
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert says in finished.stderr
    assert "Traceback" not in finished.stderr


def test_nothing_published_yet_says_so(empty_database: Deployed, motcua_process: Program) -> None:
    for command in (["figures"], ["release", "list"], ["quarantine", "list"]):
        finished = motcua_process(*command, "--database", empty_database.database.name)
        assert finished.returncode == 2
        assert "motcua run" in finished.stderr


def test_a_missing_source_is_exit_3(boston: Deployed, motcua_process: Program, tmp_path: Path) -> None:
    finished = motcua_process("run", "-q", *ON, "--set", f"sources.boston311.path={tmp_path / 'gone'}")
    assert finished.returncode == 3
    assert "there is nothing at" in finished.stderr


def test_an_unreachable_database_is_exit_3_and_tells_no_password(motcua: Program) -> None:
    url = "postgresql://someone:geheim@127.0.0.1:9/motcua"
    for command in (["run", "-q"], ["figures"], ["db", "status"]):
        finished = motcua(*command, MOTCUA_DATABASE_URL=url)
        assert finished.returncode == 3
        assert "MOTCUA_DATABASE_URL" in finished.stderr
        assert "geheim" not in finished.stdout + finished.stderr
    assert motcua("figures", MOTCUA_DATABASE_URL="mysql://x").returncode == 2


def test_db_tells_where_it_is_and_opens_psql(boston: Deployed, motcua_process: Program) -> None:
    assert "PostgreSQL 18" in _good(motcua_process("db", "status"))
    with psycopg.connect(_good(motcua_process("db", "url", "--as", "bi", *ON)).strip()) as reader:
        counted = reader.execute("select count(*) from marts.fct_dossier").fetchone()
        assert counted == (26_788,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select count(*) from raw.boston311__case")
    answered = _good(motcua_process("db", "psql", *ON, "--", "-Atc", "select count(*) from marts.fct_dossier_verdict"))
    assert answered.strip() == "53576"


def test_releases_are_listed_and_shown(boston: Deployed, motcua: Program) -> None:
    listed = json.loads(_good(motcua("release", "list", *ON, "--format", "json")))
    current = [release for release in listed if release["current"]]
    assert len(current) == 1 and current[0]["verdict"] == "pass"
    shown = json.loads(_good(motcua("release", "show", str(current[0]["release_id"]), *ON)))
    assert shown["content"]["fct_dossier"]["rows"] == 26_788
    assert {check["succeeded"] for check in shown["checks"]} == {True}


@pytest.mark.walk
def test_a_second_deployment_lives_beside_the_first(
    boston: Deployed, motcua_process: Program, deliveries: Path, tmp_path: Path
) -> None:
    half = tmp_path / "half.csv"
    lines = (deliveries / "boston311" / "cases.csv").read_text().splitlines(keepends=True)
    half.write_text("".join(lines[:10_001]))
    told = motcua_process(
        "run", "--config", "demo/boston.yml", "--database", "second", "--format", "json",
        "--set", f"sources.boston311.path={half}", "--set", f"sources.cartas.path={deliveries / 'cartas'}",
    )  # fmt: skip
    summary = json.loads(_good(told))
    assert summary["published"] and summary["exit_code"] == 0
    assert "publish" in told.stderr and "\x1b" not in told.stderr
    [ours] = json.loads(_good(motcua_process("figures", "--database", "second", "--format", "json")))
    [theirs] = json.loads(_good(motcua_process("figures", *ON, "--format", "json")))
    assert (ours["received"], theirs["received"]) == (10_000, 26_788)


def test_two_runs_at_once_do_not_mix(copy_of_boston: Deployed, motcua_process: Program) -> None:
    with copy_of_boston.database.connect(autocommit=True) as holding:
        holding.execute("select pg_advisory_lock(hashtextextended('motcua.run', 0))")
        finished = motcua_process("run", "-q", "--database", copy_of_boston.database.name)
    assert finished.returncode == 3
    assert "another run is at work" in finished.stderr
