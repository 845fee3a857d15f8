"""What Dagster shows: the assets, their checks, the job, the schedule, and one history for both ways to run.

Belongs here: definitions and the web server, really started. Does not: the steps.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from expectations.suite import load_suite
from orchestration.definitions import JOB, ROW_COUNT, build_defs
from orchestration.instance import dagster_home, instance
from tests.conftest import Deployed


@pytest.fixture(scope="module")
def definitions(sample: Deployed) -> dg.Definitions:
    return build_defs(sample.settings)


def test_every_stream_model_check_and_release_is_an_asset(sample: Deployed, definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.materializable_asset_keys}
    streams = {
        f"raw/{source.name}__{stream.name}"
        for source in sample.settings.contracts.values()
        for stream in source.streams
    }
    models = {
        f"{folder}/{file.stem}"
        for folder, place in (("staging", "staging"), ("intermediate", "intermediate"), ("candidate", "marts"))
        for file in Path("dbt_project/models", place).rglob("*.sql")
    }
    seeds = {f"intermediate/{file.stem}" for file in Path("dbt_project/seeds").glob("*.csv")}
    assert keys == streams | models | seeds | {"release/gate", "release/published"}
    checks = {check.name for check in graph.asset_check_keys if check.asset_key.to_user_string() == "release/gate"}
    assert checks == {check.name for check in load_suite()}
    assert {check.name for check in graph.asset_check_keys} > checks | {"every_verdict_is_known"}


def test_the_order_is_the_one_direction_of_flow(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()

    def parents(*path: str) -> set[str]:
        return {key.to_user_string() for key in graph.get(dg.AssetKey(list(path))).parent_keys}

    assert parents("staging", "stg_boston311__case") == {"raw/boston311__case"}
    assert parents("release", "published") == {"release/gate"}
    # A stream that no model reads stops a release too when it fails.
    assert parents("release", "gate") >= {"candidate/fct_timeliness", "raw/boston311__case", "raw/cartas__change_event"}


def test_the_daily_schedule_is_stopped(definitions: dg.Definitions) -> None:
    [schedule] = definitions.schedules or []
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.default_status) == ("0 5 * * *", dg.DefaultScheduleStatus.STOPPED)
    assert schedule.execution_timezone == "America/New_York"


@pytest.mark.walk
def test_the_job_is_the_same_without_the_command_line(copy_of_sample: Deployed) -> None:
    """As the web page runs it: the session is opened by the job's own resource."""
    before = copy_of_sample.published()
    # A run whose inputs are not known does everything, whatever was published before.
    copy_of_sample.do("update audit.run set inputs = null")
    job = build_defs(copy_of_sample.settings).resolve_job_def(JOB)
    with instance(copy_of_sample.settings) as history:
        result = job.execute_in_process(instance=history, raise_on_error=False)
        assert result.success
        kept = history.get_run_by_id(result.run_id)
        assert kept is not None and kept.is_success
        # Also those models that this run left as the build before made them.
        assert _row_counts(history, result.run_id) == _held(copy_of_sample)
    assert copy_of_sample.published() == before
    [(outcome, dagster_run)] = copy_of_sample.ask(
        "select outcome, dagster_run_id from audit.run order by started_at desc limit 1"
    )
    assert (outcome, dagster_run) == ("unchanged", result.run_id)
    evaluations = result.get_asset_check_evaluations()
    assert {e.check_name for e in evaluations if e.passed} >= {check.name for check in load_suite()}


def _row_counts(history: dg.DagsterInstance, run_id: str) -> dict[tuple[str, ...], int]:
    """Of each asset that a run made or left, the rows it is said to hold."""
    records = history.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    found = {}
    for record in records:
        made = record.event_log_entry.asset_materialization
        assert made is not None
        if ROW_COUNT in made.metadata:
            rows = made.metadata[ROW_COUNT].value
            assert isinstance(rows, int)
            found[tuple(made.asset_key.path)] = rows
    return found


def _held(deployed: Deployed) -> dict[tuple[str, ...], int]:
    """What PostgreSQL counts in each table behind an asset: raw tables of the deployment's streams, and all that dbt makes."""
    wanted = [
        f"{source.name}__{stream.name}" for source in deployed.settings.contracts.values() for stream in source.streams
    ]
    tables = deployed.ask(
        "select schemaname, tablename from pg_tables where schemaname in ('intermediate', 'candidate')"
        " or (schemaname = 'raw' and tablename = any(%s))",
        wanted,
    )
    return {(schema, name): deployed.ask(f'select count(*) from {schema}."{name}"')[0][0] for schema, name in tables}


def test_every_stream_and_model_carries_its_rows(sample: Deployed) -> None:
    [(dagster_run,)] = sample.ask(
        "select dagster_run_id from audit.run where outcome = 'published' order by started_at limit 1"
    )
    with instance(sample.settings) as history:
        assert _row_counts(history, dagster_run) == _held(sample)


def test_a_run_with_nothing_new_skips_what_would_make_the_same(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    job = build_defs(copy_of_sample.settings).resolve_job_def(JOB)
    with instance(copy_of_sample.settings) as history:
        result = job.execute_in_process(instance=history, raise_on_error=False)
    assert result.success
    skipped = {event.step_key for event in result.all_events if event.is_step_skipped}
    assert skipped == {"release__gate", "release__published"}
    assert copy_of_sample.published() == before
    query = "select outcome, release_id from audit.run order by started_at desc limit 1"
    assert copy_of_sample.ask(query) == [("unchanged", before["release"][0][0])]


def test_telemetry_is_off(sample: Deployed) -> None:
    with instance(sample.settings) as history:
        assert history.telemetry_enabled is False


@pytest.fixture
def page(sample: Deployed) -> Iterator[str]:
    """The web page, started by `motcua ui` on a free port."""
    program = subprocess.Popen(
        [str(Path(sys.executable).parent / "motcua"), "ui", "--port", "0", "--read-only", "--database", "published"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ.copy(),
    )  # fmt: skip
    try:
        assert program.stdout is not None
        told = re.search(r"http://127\.0\.0\.1:\d+", program.stdout.readline())
        assert told is not None
        deadline = time.monotonic() + 90
        while True:
            try:
                with urllib.request.urlopen(f"{told[0]}/server_info", timeout=5):
                    break
            except OSError:
                assert program.poll() is None and time.monotonic() < deadline, "the page did not come up"
                time.sleep(0.2)
        yield told[0]
    finally:
        program.terminate()
        assert program.wait(30) is not None


def _asked(page: str, query: str) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{page}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


@pytest.mark.walk
def test_the_page_shows_the_runs_of_the_command_line(sample: Deployed, page: str) -> None:
    [(dagster_run,)] = sample.ask(
        "select dagster_run_id from audit.run where outcome = 'published' order by started_at limit 1"
    )
    told = _asked(page, "{ runsOrError { ... on Runs { results { runId status jobName } } } }")
    assert {"runId": dagster_run, "status": "SUCCESS", "jobName": JOB} in told["data"]["runsOrError"]["results"]
    assert dagster_home(sample.settings).is_dir()
    refused = _asked(page, 'mutation { terminateRun(runId: "x") { __typename } }')
    assert refused["data"]["terminateRun"]["__typename"] in {"UnauthorizedError", "RunNotFoundError"}
