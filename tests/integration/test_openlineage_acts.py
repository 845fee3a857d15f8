"""What acts beside the runs tell in OpenLineage's words: files read again, a release let out by a person's word, a rollback.

Belongs here: the events of these acts, in the file and at an endpoint, when they go well, fail or are cut off. Does not: runs
(test_openlineage.py), or what the acts do (tests/guarantees).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.failures import DeliveryRefused, GateRefused
from orchestration.openlineage.telling import URL_VARIABLE, folder_of
from orchestration.replaying import Wanted, replay
from orchestration.settings import load_settings
from tests.conftest import CONFIG, Deployed
from tests.guarantees.test_overrides import HELD, bear, refused_run
from tests.guarantees.test_promise_11_replayed_files_balance import (  # noqa: F401  (the fixture is asked for by name)
    _known,
    dirty,
    mended,
)
from tests.openlineage.judging import backend, problems_of

Event = dict[str, Any]
Motcua = Callable[..., "subprocess.CompletedProcess[str]"]


def last_told(deployed: Deployed) -> list[Event]:
    """The events of the newest run on record."""
    [(run_id,)] = deployed.ask("select run_id from audit.run order by run_number desc limit 1")
    file = folder_of(deployed.settings) / f"{run_id}.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def shape(events: list[Event]) -> list[tuple[str, str]]:
    return [(event["job"]["name"], event["eventType"]) for event in events]


def rows_written(event: Event) -> dict[str, int]:
    return {table["name"]: table["outputFacets"]["outputStatistics"]["rowCount"] for table in event["outputs"]}


def around(job: str, *steps: str, ends: str = "COMPLETE") -> list[tuple[str, str]]:
    """An act's events in their order, each step after the one before."""
    told = [(step, state) for step in steps for state in ("START", ends)]
    return [(job, "START"), *told, (job, ends)]


def test_a_release_let_out_and_one_rolled_back_to_tell_what_they_wrote(
    copy_of_sample: Deployed, motcua: Motcua
) -> None:
    base = copy_of_sample.database.name
    on = ("--config", str(CONFIG), "--database", base, "--because", "tried by a test")
    refused_run(copy_of_sample, severity="hold")
    with backend() as there:
        for act in (("gate", "override", "--check", HELD), ("release", "rollback", "1")):
            finished = motcua(*act, *on, **{URL_VARIABLE: there.url})
            assert finished.returncode == 0, finished.stderr
            assert not finished.stderr
    assert there.problems == []
    override, rollback = there.events[:4], there.events[4:]
    assert shape(override) == around("override", "publish")
    assert shape(rollback) == around("rollback", "publish") == shape(last_told(copy_of_sample))
    assert rollback == last_told(copy_of_sample)
    (rolled,), (let_out,) = copy_of_sample.ask(
        "select run_id::text from audit.run where outcome = 'published' order by run_number desc limit 2"
    )
    published = [name for (name,) in copy_of_sample.ask("select jsonb_object_keys(content) from release.release"
                                                        " where release_id = 1")]  # fmt: skip
    for events, run, room in ((override, let_out, "candidate"), (rollback, rolled, "history")):
        whole, started, ended, _ = events
        parent = ended["run"]["facets"]["parent"]
        assert (whole["run"]["runId"], parent["run"]["runId"], parent["job"]["name"]) == (
            run,
            run,
            whole["job"]["name"],
        )
        assert {table["name"] for table in started["inputs"]} == {f"{base}.{room}.{name}" for name in published}
        assert set(rows_written(ended)) == {f"{base}.marts.{name}" for name in published}
    for name in published:
        [(came,)] = copy_of_sample.ask(
            f"select count(*) from marts.{name} where release_from = (select release_id from release.pointer)"
        )
        assert rows_written(rollback[2])[f"{base}.marts.{name}"] == came
    assert sum(rows_written(rollback[2]).values()) > 0
    [fields] = [t["facets"]["schema"]["fields"] for t in rollback[2]["outputs"] if t["name"].endswith(".dim_unit")]
    assert {"unit_key", "unit_name"} <= {field["name"] for field in fields}


def test_what_is_not_let_out_is_told_as_failed(copy_of_sample: Deployed) -> None:
    run_id = refused_run(copy_of_sample, severity="hold")
    copy_of_sample.do("update candidate.dim_unit set unit_code = unit_code || ' (new)'")
    with pytest.raises(GateRefused):
        bear(copy_of_sample, run_id)
    events = last_told(copy_of_sample)
    assert shape(events) == around("override", "publish", ends="FAIL")
    assert [problem for event in events for problem in problems_of(event)] == []
    assert events[2]["outputs"] == []
    assert "the candidates are not those" in events[-1]["run"]["facets"]["errorMessage"]["message"]


def test_a_replay_tells_which_raw_rows_it_wrote(
    copy_of_sample: Deployed, dirty: Path, sampled: Path, tmp_path: Path, motcua: Motcua  # noqa: F811
) -> None:  # fmt: skip
    base = copy_of_sample.database.name
    config = mended(tmp_path, dirty, sampled, enumeration=_known())
    on = ("--config", str(config), "--database", base, "--format", "json")
    with backend() as there:
        told = []
        for _ in range(2):
            finished = motcua("quarantine", "replay", "--source", "boston311", *on, **{URL_VARIABLE: there.url})
            assert (finished.returncode, finished.stderr) == (0, "")
            told += json.loads(finished.stdout)
    assert there.problems == []
    step = "replay.boston311.case"
    assert shape(there.events) == around("replay", step) * 2
    [sent] = there.events[2]["inputs"]
    assert sent["name"] == "source.boston311.case"
    assert rows_written(there.events[2]) == {f"{base}.raw.boston311__case": told[0]["rows_landed"]}
    assert rows_written(there.events[6]) == {}, "what reads the same is not written"


def test_a_replay_that_fails_or_is_cut_off_is_told(
    copy_of_sample: Deployed, dirty: Path, sampled: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    base = copy_of_sample.database.name
    refusing = load_settings(mended(tmp_path, dirty, sampled, enumeration=["Nothing it holds"]), [], base)
    with pytest.raises(DeliveryRefused):
        replay(refusing, copy_of_sample.database, Wanted("boston311"))
    events = last_told(copy_of_sample)
    assert shape(events) == around("replay", "replay.boston311.case", ends="FAIL")
    # As it would be had the program ended in the midst of that step.
    folder = folder_of(copy_of_sample.settings)
    ended = folder / f"{events[0]['run']['runId']}.jsonl"
    cut = ended.with_name(f"{ended.name}.open")
    cut.write_text("".join(line + "\n" for line in ended.read_text("utf-8").splitlines()[:2]), "utf-8")
    ended.unlink()
    mending = load_settings(mended(tmp_path, dirty, sampled, enumeration=_known()), [], base)
    replay(mending, copy_of_sample.database, Wanted("boston311"))
    assert not cut.exists()
    closed = [json.loads(line) for line in ended.read_text("utf-8").splitlines()]
    assert shape(closed) == around("replay", "replay.boston311.case", ends="ABORT")
    assert [event["run"]["runId"] for event in closed[:2]] == [event["run"]["runId"] for event in closed[:1:-1]]
    assert [problem for event in closed for problem in problems_of(event)] == []
