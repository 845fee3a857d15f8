"""What a run tells in OpenLineage's words: complete, as the specification has it, and no burden to the run.

Belongs here: the events of real runs, an endpoint that takes them, is down, refuses or hangs. Does not: column lineage itself.
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from contracts.deployment import OpenLineage
from expectations.suite import load_suite
from orchestration.openlineage.events import Column, Speaker, Step, Table
from orchestration.openlineage.sending import PATIENCE_SECONDS, Endpoint, EventFile, Sender
from orchestration.openlineage.telling import TOKEN_VARIABLE, URL_VARIABLE, folder_of
from tests.conftest import CONFIG, Deployed, given_sources
from tests.openlineage.judging import backend, problems_of

Event = dict[str, Any]


def events_in(file: Path) -> list[Event]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def told(sample: Deployed) -> list[Event]:
    """The events of the run that made the sample: everything built, checked and published."""
    [(run_id,)] = sample.ask("select run_id from audit.run where outcome = 'published' order by started_at limit 1")
    return events_in(folder_of(sample.settings) / f"{run_id}.jsonl")


def ended(events: list[Event], name: str) -> Event:
    [event] = [event for event in events if event["job"]["name"] == name and event["eventType"] != "START"]
    return event


def test_every_event_is_as_the_specification_has_it(told: list[Event]) -> None:
    assert {problem for event in told for problem in problems_of(event)} == set()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda event: event.pop("producer"), "producer"),
        (lambda event: event["run"].update(runId="7"), "7"),
        (lambda event: event.update(eventTime="2026-01-01T00:00:00"), "date-time"),
        (lambda event: event["outputs"][0]["facets"]["columnLineage"].pop("fields"), "fields"),
        (lambda event: event["outputs"][0]["facets"]["columnLineage"].update(_schemaURL="https://x"), "was expected"),
        (lambda event: event["run"]["facets"].update(outputStatistics={}), "no facet of a run"),
        (lambda event: event["outputs"][0]["outputFacets"]["outputStatistics"].update(rowCount="3"), "integer"),
    ],
)
def test_the_judge_notices_what_is_not(told: list[Event], spoil: Callable[[Event], object], said: str) -> None:
    event = json.loads(json.dumps(ended(told, "dbt.fct_dossier")))
    assert problems_of(event) == []
    spoil(event)
    assert said in " ".join(problems_of(event))


def test_what_begins_ends_once_and_every_step_is_told(sample: Deployed, told: list[Event]) -> None:
    states = Counter((event["job"]["name"], event["run"]["runId"], event["eventType"]) for event in told)
    assert set(states.values()) == {1}
    began = {(name, run) for name, run, state in states if state == "START"}
    assert began == {(name, run) for name, run, state in states if state == "COMPLETE"}
    assert len(states) == 2 * len(began)
    models = sample.ask("select model from audit.model_text")
    streams = sample.ask("select source, stream from audit.contact")
    seeds = {f"dbt.{file.stem}" for file in Path("dbt_project/seeds").glob("*.csv")}
    assert {name for name, _ in began} == {
        "run", "gate", "publish", "dbt.tests", *seeds, *(f"dbt.{model}" for (model,) in models),
        *(f"deliver.{source}.{stream}" for source, stream in streams),
    }  # fmt: skip
    [(run_id,)] = sample.ask("select run_id from audit.run where outcome = 'published' order by started_at limit 1")
    parents = {event["run"]["facets"]["parent"]["run"]["runId"] for event in told if event["job"]["name"] != "run"}
    assert parents == {str(run_id)} == {run for name, run in began if name == "run"}
    assert (told[0]["job"]["name"], told[-1]["job"]["name"]) == ("run", "run")


def test_rows_columns_and_their_sources_are_those_of_the_database(sample: Deployed, told: list[Event]) -> None:
    base = sample.database.name
    [(cases,)] = sample.ask("select count(*) from raw.boston311__case")
    delivered = ended(told, "deliver.boston311.case")
    [landed] = delivered["outputs"]
    assert (landed["name"], landed["outputFacets"]["outputStatistics"]["rowCount"]) == (
        f"{base}.raw.boston311__case",
        cases,
    )
    lineage = landed["facets"]["columnLineage"]["fields"]["target_dt"]["inputFields"][0]
    assert (lineage["name"], lineage["field"]) == ("source.boston311.case", "TARGET_DT")
    assert [sent["name"] for sent in delivered["inputs"]] == ["source.boston311.case"]
    for name in ("fct_dossier", "fct_timeliness", "rpt_late_dossier", "dim_unit"):
        [made] = ended(told, f"dbt.{name}")["outputs"]
        [(rows,)] = sample.ask(f"select count(*) from candidate.{name}")
        assert made["outputFacets"]["outputStatistics"]["rowCount"] == rows
        fields = {
            (column, source["name"].removeprefix(f"{base}.").replace("candidate.", "marts."), source["field"])
            for column, taken in made["facets"]["columnLineage"]["fields"].items()
            for source in taken["inputFields"]
        }
        assert fields == set(
            sample.ask(
                "select column_name, source_schema || '.' || source_table, source_column from audit.column_lineage"
                " where model = %s and source_column is not null",
                name,
            )
        )
        columns = [field["name"] for field in made["facets"]["schema"]["fields"]]
        assert sorted(columns) == sorted(c for (c,) in sample.ask(
            "select distinct column_name from audit.column_lineage where model = %s", name))  # fmt: skip
        # All that columns come from is among what is read.
        read = {
            table["name"].removeprefix(f"{base}.").replace("candidate.", "marts.")
            for table in ended(told, f"dbt.{name}")["inputs"]
        }
        assert {table for _, table, _ in fields} <= read
    published = {table["name"]: table for table in ended(told, "publish")["outputs"]}
    [(rows,)] = sample.ask("select count(*) from marts.fct_dossier")
    assert published[f"{base}.marts.fct_dossier"]["outputFacets"]["outputStatistics"]["rowCount"] == rows


def test_each_check_and_test_is_told_with_what_came_of_it(told: list[Event], sample: Deployed) -> None:
    def assertions(name: str) -> dict[str, bool]:
        return {
            one["assertion"]: one["success"]
            for table in ended(told, name)["inputs"]
            for one in table["inputFacets"].get("dataQualityAssertions", {}).get("assertions", [])
        }

    said = dict(sample.ask("select name, succeeded from release.check_result"))
    assert assertions("gate") == said and set(said) == {check.name for check in load_suite()}
    tests = assertions("dbt.tests")
    assert "every_verdict_is_known" in tests and all(tests.values())


def test_no_event_holds_an_address_a_path_or_a_row(told: list[Event], sample: Deployed, sampled: Path) -> None:
    text = json.dumps(told, ensure_ascii=False)
    [(code,)] = sample.ask("select dossier_code from marts.fct_dossier order by dossier_code limit 1")
    for secret in (sample.database.password, sample.database.host, str(sample.settings.home.root), str(sampled), code):
        assert secret not in text


def run_with(deployed: Deployed, motcua: Any, folder: Path, given: Event | None, **environment: str) -> Any:
    """`motcua run` on a copy, with `openlineage` in its deployment file."""
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    if given is not None:
        config["openlineage"] = given
    (folder / "deployment.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    sources = [part for source in given_sources(deployed.settings) for part in ("--set", source)]
    on = ("--config", str(folder / "deployment.yml"), "--database", deployed.settings.deployment.database)
    return motcua("run", *on, *sources, "--format", "json", "--quiet", **environment)


Program = Callable[..., subprocess.CompletedProcess[str]]


def test_an_endpoint_gets_what_the_file_has_with_the_token(
    copy_of_sample: Deployed, motcua: Program, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text("giữ-kín-7\n".replace("ữ", "u").replace("í", "i"), encoding="utf-8")
    with backend() as there:
        result = run_with(copy_of_sample, motcua, tmp_path, {"url": there.url, "token": {"file": "token"}})
    assert result.returncode == 0, result.stderr
    said = json.loads(result.stdout)
    assert (said["warnings"], there.problems, there.tokens) == ([], [], {"Bearer giu-kin-7"})
    file = folder_of(copy_of_sample.settings) / f"{said['run_id']}.jsonl"
    assert there.events == events_in(file)
    assert [event["eventType"] for event in there.events].count("COMPLETE") == len(there.events) // 2 > 3
    assert "giu-kin-7" not in file.read_text() + result.stdout + result.stderr
    assert "giu-kin-7" not in str(copy_of_sample.ask("select configuration from audit.run"))


def test_a_failed_run_says_so_and_the_environment_names_the_endpoint(
    copy_of_sample: Deployed, motcua: Program, tmp_path: Path, sampled: Path
) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_bytes((sampled / "boston311" / "cases.csv").read_bytes().replace(b"TARGET_DT", b"TARGET_DAY", 1))
    environment = {TOKEN_VARIABLE: "of-the-environment"}
    with backend() as there:
        result = run_with(
            copy_of_sample, lambda *a, **e: motcua(*a, "--set", f"sources.boston311.path={cases}", **e), tmp_path, None,
            **{URL_VARIABLE: there.url}, **environment,
        )  # fmt: skip
    assert result.returncode != 0
    assert (there.problems, there.tokens) == ([], {"Bearer of-the-environment"})
    for name in ("run", "deliver.boston311.case"):
        event = ended(there.events, name)
        assert event["eventType"] == "FAIL"
        assert "TARGET_D" in event["run"]["facets"]["errorMessage"]["message"]


def _speaker() -> Speaker:
    from uuid import uuid4

    return Speaker("motcua://nơi", "base", uuid4(), "c0ffee")


@pytest.mark.parametrize("kind", ["down", "refuses", "hangs"])
def test_an_endpoint_that_does_not_take_events_costs_a_moment_and_one_sentence(kind: str) -> None:
    speaker = _speaker()
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    if kind == "down":
        silent.close()
    with backend(status=503) as there:
        url = there.url if kind == "refuses" else f"http://127.0.0.1:{port}"
        events = [speaker.of_run("START", datetime.now(UTC)) for _ in range(300)]
        begun = time.monotonic()
        sender = Sender(Endpoint(url, "api/v1/lineage", None, 30.0))
        for event in events:
            sender.send(event)
        assert time.monotonic() - begun < 0.5
        problem = sender.end()
        assert time.monotonic() - begun < 2 * PATIENCE_SECONDS + 0.5
        assert len(there.events) == (1 if kind == "refuses" else 0)
    silent.close()
    assert problem is not None and str(port) not in problem
    assert {"down": "could not be reached", "refuses": "status 503; 300 events", "hangs": "too slow"}[kind] in problem


def test_a_run_goes_well_without_its_endpoint(copy_of_sample: Deployed, motcua: Program, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    result = run_with(copy_of_sample, motcua, tmp_path, {"url": f"http://127.0.0.1:{port}"})
    assert result.returncode == 0
    [warning] = json.loads(result.stdout)["warnings"]
    assert "the file has them all" in warning


def test_what_a_killed_run_left_open_is_aborted_by_the_next(
    copy_of_sample: Deployed, motcua: Program, tmp_path: Path
) -> None:
    speaker = _speaker()
    folder = folder_of(copy_of_sample.settings)
    file = EventFile(folder, str(speaker.run_id))
    done, cut = Step("deliver.a.b", "STREAM"), Step("gate", "CHECKS")
    file.write(speaker.of_run("START", datetime.now(UTC)))
    for step, state in ((done, "START"), (done, "COMPLETE"), (cut, "START")):
        table = Table("base.raw.a__b", [Column("x", "text", "")], (), 3)
        file.write(speaker.of_step(step, state, datetime.now(UTC), writes=[table]))  # type: ignore[arg-type]
    with (folder / f"{speaker.run_id}.jsonl.open").open("a") as opened:
        opened.write('{"eventType": "STA')
    with backend() as there:
        result = run_with(copy_of_sample, motcua, tmp_path, {"url": there.url})
    assert result.returncode == 0, result.stderr
    assert not list(folder.glob("*.open"))
    *_, aborted, last = (folder / f"{speaker.run_id}.jsonl").read_text().splitlines()
    assert [(json.loads(line)["job"]["name"], json.loads(line)["eventType"]) for line in (aborted, last)] == [
        ("gate", "ABORT"), ("run", "ABORT"),
    ]  # fmt: skip
    assert [event["eventType"] for event in there.events[:3]] == ["ABORT", "ABORT", "START"]
    assert there.events[1]["run"]["runId"] == str(speaker.run_id) and there.problems == []


@pytest.mark.parametrize(
    "url", ["ftp://there", "there", "http://", "http://me:secret@there", "https://there/?key=secret"]
)
def test_an_address_with_credentials_or_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        OpenLineage.model_validate({"url": url})
