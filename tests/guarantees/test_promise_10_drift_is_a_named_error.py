"""Promise 10: drift is caught before landing counts. A column added, dropped, renamed or retyped is a named error.

Belongs here: whole deliveries whose shape is not their contract's. Does not: single rows that cannot be read
(promise 11), or which shapes a reader can tell (tests/unit/extractors).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.failures import DeliveryRefused, SourceUnavailable
from tests.conftest import CONFIG, Deployed
from tests.guarantees.made_deliveries import Case, cases_of, write_cases
from tests.guarantees.partial_runs import deliver

Motcua = Callable[..., subprocess.CompletedProcess[str]]
LAST_ATTEMPT = (
    "select outcome, problem, rows_read, rows_landed, rows_quarantined, delivery_id from audit.delivery_attempt"
    " where source = %s and stream = %s order by attempt_id desc limit 1"
)


def _renamed(record: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if name == old else name: value for name, value in record.items()}


CASE_DRIFTS: dict[str, tuple[str, Callable[[Case], Case]]] = {
    "added": ("column_added", lambda case: {**case, "ward": "9"}),
    "dropped": ("column_dropped", lambda case: {k: v for k, v in case.items() if k != "neighborhood"}),
    "renamed": ("column_renamed", lambda case: _renamed(case, "CLOSED_DT", "CLOSED_DATE")),
    "retyped instant": ("column_retyped", lambda case: {**case, "OPEN_DT": "2015-01-01T00:00:00Z"}),
    "retyped enumeration": ("column_retyped", lambda case: {**case, "CASE_STATUS": "1"}),
}
EVENT_DRIFTS: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "added": ("column_added", lambda event: {**event, "author": "x"}),
    "dropped": ("column_dropped", lambda event: {k: v for k, v in event.items() if k != "new_service_id"}),
    "renamed": ("column_renamed", lambda event: _renamed(event, "portal_action", "portal_actions")),
    "retyped instant": ("column_retyped", lambda event: {**event, "at": 1_438_980_000}),
    "retyped text": ("column_retyped", lambda event: {**event, "commit": 7}),
}


def _landed(deployed: Deployed) -> list[Any]:
    return [
        deployed.ask(f"select count(*) from {table}")
        for table in ("audit.delivery", "raw.boston311__case", "raw.cartas__service", "raw.cartas__change_event",
                      "raw.quarantine")
    ]  # fmt: skip


def _assert_refused(deployed: Deployed, source: str, stream: str, problem: str, overrides: tuple[str, ...]) -> None:
    before = (deployed.ask("select release_id from release.pointer"), _landed(deployed))
    with pytest.raises(DeliveryRefused) as refused:
        deliver(deployed, *overrides, source=source)
    assert (refused.value.problem.value, refused.value.exit_code) == (problem, 2)
    assert deployed.ask(LAST_ATTEMPT, source, stream) == [("refused", problem, 0, 0, 0, None)]
    assert (deployed.ask("select release_id from release.pointer"), _landed(deployed)) == before


@pytest.mark.parametrize("drift", CASE_DRIFTS)
def test_drift_of_delimited_text(copy_of_sample: Deployed, sampled: Path, tmp_path: Path, drift: str) -> None:
    problem, change = CASE_DRIFTS[drift]
    cases = cases_of(sampled / "boston311" / "cases.csv")[:500]
    file = write_cases(tmp_path / "cases.csv", [change(case) for case in cases])
    _assert_refused(copy_of_sample, "boston311", "case", problem, (f"sources.boston311.path={file}",))


@pytest.mark.parametrize("drift", EVENT_DRIFTS)
def test_drift_of_json_lines(copy_of_sample: Deployed, sampled: Path, tmp_path: Path, drift: str) -> None:
    problem, change = EVENT_DRIFTS[drift]
    folder = tmp_path / "cartas"
    shutil.copytree(sampled / "cartas", folder)
    events = [json.loads(line) for line in (folder / "change_events.jsonl").read_text("utf-8").splitlines()]
    lines = [json.dumps(change(event), ensure_ascii=False) + "\n" for event in events]
    (folder / "change_events.jsonl").write_text("".join(lines), "utf-8")
    _assert_refused(copy_of_sample, "cartas", "change_event", problem, (f"sources.cartas.path={folder}",))


@pytest.mark.parametrize("name", ["snapshot_latest.csv", "snapshot_2016-13-31.csv"])
def test_a_name_that_tells_no_version(copy_of_sample: Deployed, sampled: Path, tmp_path: Path, name: str) -> None:
    """Refused before it is read, and on record all the same."""
    folder = tmp_path / "cartas"
    shutil.copytree(sampled / "cartas", folder)
    lines = (folder / "snapshot_2016-12-31.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / name).write_text("".join(lines[:-1]), "utf-8")
    _assert_refused(copy_of_sample, "cartas", "service", "no_version", (f"sources.cartas.path={folder}",))


def test_a_whole_run_over_drift_ends_with_exit_code_2(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path, motcua: Motcua
) -> None:
    cases = [_renamed(case, "TARGET_DT", "TARGET_DATE") for case in cases_of(sampled / "boston311" / "cases.csv")]
    file = write_cases(tmp_path / "cases.csv", cases)
    before = copy_of_sample.published()
    finished = motcua(
        "run", "--config", str(CONFIG), "--database", copy_of_sample.database.name, "--format", "json",
        "--set", f"sources.boston311.path={file}", "--set", f"sources.cartas.path={sampled / 'cartas'}",
    )  # fmt: skip
    told = json.loads(finished.stdout)
    assert (finished.returncode, told["exit_code"], told["published"]) == (2, 2, False)
    assert "'TARGET_DT' is probably now 'TARGET_DATE'" in told["problem"]
    assert copy_of_sample.ask(LAST_ATTEMPT, "boston311", "case")[0][:2] == ("refused", "column_renamed")
    assert copy_of_sample.ask("select outcome, problem from audit.run order by started_at desc limit 1") == [
        ("failed", told["problem"])
    ]
    assert copy_of_sample.published() == before


def test_a_delivery_that_is_not_there_is_no_delivery(copy_of_sample: Deployed, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable) as missing:
        deliver(copy_of_sample, f"sources.boston311.path={tmp_path / 'none.csv'}")
    assert missing.value.exit_code == 3
    assert copy_of_sample.ask("select count(*) from audit.delivery where source = 'boston311'") == [(1,)]
