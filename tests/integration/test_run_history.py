"""The run history that keeps its files open: the same history as Dagster's own storage would have written, for anybody.

Belongs here: small jobs of one asset, read back through either storage. Does not: what our own runs write (test_dagster).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from orchestration.run_history import KEPT_OPEN
from orchestration.settings import PROJECT

OURS = {"module": "orchestration.run_history", "class": "RunHistory"}
#: In any order: each has to go on with the files of the other.
BOTH = pytest.mark.parametrize(("writes", "reads"), [("ours", "dagster's"), ("dagster's", "ours"), ("ours", "ours")])


@contextmanager
def _history(folder: Path, whose: str) -> Iterator[dg.DagsterInstance]:
    where = {"base_dir": str(folder)}
    storage: dict[str, Any] = {"custom": {**OURS, "config": where}} if whose == "ours" else {"sqlite": where}
    (folder / "dagster.yaml").write_text(yaml.safe_dump({"telemetry": {"enabled": False}, "storage": storage}))
    with dg.DagsterInstance.from_config(str(folder)) as opened:
        yield opened


def _job(succeeds: bool) -> dg.JobDefinition:
    @dg.asset(name="counted", check_specs=[dg.AssetCheckSpec("is_seven", asset="counted")])
    def counted() -> Iterator[Any]:
        if not succeeds:
            raise ValueError("eight")
        yield dg.MaterializeResult(metadata={"rows": 7}, check_results=[dg.AssetCheckResult(passed=True)])

    job = dg.define_asset_job("count", selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor)
    return dg.Definitions(assets=[counted], jobs=[job]).resolve_job_def("count")


def _run(history: dg.DagsterInstance, succeeds: bool = True) -> str:
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return _job(succeeds).execute_in_process(instance=history, raise_on_error=False, run_config=quiet).run_id


def _told(history: dg.DagsterInstance, run_id: str) -> tuple[object, list[str]]:
    run = history.get_run_by_id(run_id)
    assert run is not None
    entries = history.all_logs(run_id)
    return run.status, [str(entry.dagster_event_type and entry.dagster_event_type.value) for entry in entries]


@BOTH
def test_either_storage_reads_what_the_other_wrote(tmp_path: Path, writes: str, reads: str) -> None:
    with _history(tmp_path, writes) as history:
        good, bad = _run(history), _run(history, succeeds=False)
        told = {run: _told(history, run) for run in (good, bad)}
    assert told[good][0] == dg.DagsterRunStatus.SUCCESS and told[bad][0] == dg.DagsterRunStatus.FAILURE
    assert {"ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION", "PIPELINE_SUCCESS"} <= set(told[good][1])
    assert {"STEP_FAILURE", "PIPELINE_FAILURE"} <= set(told[bad][1])
    with _history(tmp_path, reads) as history:
        assert {run: _told(history, run) for run in (good, bad)} == told
        [made] = history.fetch_materializations(dg.AssetKey("counted"), limit=9).records
        assert made.run_id == good and made.asset_materialization is not None
        assert made.asset_materialization.metadata["rows"].value == 7
        again = _run(history)
        assert _told(history, again) == told[good]
    assert {path.stem for path in (tmp_path / "history" / "runs").glob("*.db")} == {"index", good, bad, again}


def test_it_says_the_same_as_dagsters_own(tmp_path: Path) -> None:
    told = {}
    for whose in ("ours", "dagster's"):
        folder = tmp_path / whose[:4]
        folder.mkdir()
        with _history(folder, whose) as history:
            told[whose] = [_told(history, _run(history, succeeds))[1] for succeeds in (True, False)]
    assert told["ours"] == told["dagster's"]


def test_files_are_closed_again(tmp_path: Path) -> None:
    def opened() -> set[str]:
        files = {file.resolve() for file in Path("/proc/self/fd").iterdir()}
        return {file.name for file in files if file.is_relative_to(tmp_path) and file.suffix == ".db"}

    with _history(tmp_path, "ours") as history:
        runs = [_run(history) for _ in range(KEPT_OPEN + 2)]
        assert 1 <= len(opened()) <= KEPT_OPEN
        # Those that were closed meanwhile are read all the same, and the index among them.
        told = _told(history, runs[0])[1]
        assert [_told(history, run)[1] for run in runs] == [told] * len(runs)
        history.wipe()
        assert _told(history, _run(history)) == (dg.DagsterRunStatus.SUCCESS, told)
        assert history.get_runs_count() == 1
    assert opened() == set()


def test_the_containers_use_it_too(tmp_path: Path) -> None:
    given = yaml.safe_load((PROJECT / "docker" / "instance" / "dagster.yaml").read_text("utf-8"))
    chosen = given["storage"]["custom"]
    assert (chosen["module"], chosen["class"]) == (OURS["module"], OURS["class"])
    # The folder is the containers' volume; here another one stands for it.
    chosen["config"]["base_dir"] = given["local_artifact_storage"]["config"]["base_dir"] = str(tmp_path / "volume")
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(given))
    with dg.DagsterInstance.from_config(str(tmp_path)) as history:
        run = _run(history)
        assert _told(history, run)[0] == dg.DagsterRunStatus.SUCCESS
    assert (tmp_path / "volume" / "history" / "runs" / f"{run}.db").exists()
