"""Promise 1: a failed check never changes what readers see, and the failure is on record.

Belongs here: each required check broken on its own, and whole runs over real files that a check must stop. Does not:
missing or crashed checks (promise 2), or ways round the gate (promise 3).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.failures import GateRefused
from expectations.suite import Check, load_suite
from orchestration import steps
from tests.conftest import CONFIG, Deployed
from tests.guarantees.breaks import BREAKS
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases
from tests.guarantees.partial_runs import all_answered, check_and_publish, session_on
from warehouse import releases

Motcua = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def before(sample: Deployed) -> dict[str, Any]:
    """What readers of every fresh copy see."""
    return sample.published()


def test_every_required_check_has_its_way_to_be_broken() -> None:
    assert set(BREAKS) == {check.name for check in load_suite()}


def test_the_unbroken_candidates_pass(copy_of_sample: Deployed, before: dict[str, Any]) -> None:
    """Without this, a gate that refuses everything would keep promise 1."""
    run_id, results, published = check_and_publish(copy_of_sample, lambda: None)
    assert [result.name for result in results if not result.succeeded] == []
    assert (published.verdict, published.changed) == ("pass", False)
    assert copy_of_sample.published() == before
    assert copy_of_sample.ask("select outcome from audit.run where run_id = %s", run_id) == [("unchanged",)]


REFUSING = [check for check in load_suite() if check.severity == "fail"]
WARNING = [check for check in load_suite() if check.severity == "warn"]


@pytest.mark.parametrize("check", WARNING, ids=lambda check: check.name)
def test_a_warning_holds_nothing_back_and_marks_the_release(copy_of_sample: Deployed, check: Check) -> None:
    with session_on(copy_of_sample) as session:
        all_answered(session)
        _break(copy_of_sample, check.name)
        releases.seal_candidates(session.database, session.run_id)
        results = steps.check(session)
        published = steps.publish(session)
    assert [result.name for result in results if not result.succeeded] == [check.name]
    assert (published.verdict, published.changed, published.reasons) == ("pass", True, ())
    [warning] = copy_of_sample.ask("select warnings from release.release order by release_id desc limit 1")[0][0]
    assert warning.startswith(f"{check.name}: ")
    assert session.warnings == [warning]
    [(said, violations)] = copy_of_sample.ask(
        "select severity, (observed ->> 'violations')::bigint from release.check_result where run_id = %s and name = %s",
        session.run_id, check.name,
    )  # fmt: skip
    assert said == "warn"
    assert _failed_keys(copy_of_sample, session.run_id) == [(check.name, place) for place in range(1, violations + 1)]


@pytest.mark.parametrize("check", REFUSING, ids=lambda check: check.name)
def test_a_failed_check_changes_nothing(copy_of_sample: Deployed, before: dict[str, Any], check: Check) -> None:
    with pytest.raises(GateRefused) as refused, session_on(copy_of_sample) as session:
        all_answered(session)
        _break(copy_of_sample, check.name)
        releases.seal_candidates(session.database, session.run_id)
        results = steps.check(session)
        assert [result.name for result in results if not result.succeeded] == [check.name]
        steps.publish(session)
    assert refused.value.exit_code == 1
    assert copy_of_sample.published() == before
    _assert_on_record(copy_of_sample, check)


def _break(deployed: Deployed, name: str) -> None:
    with deployed.database.connect() as connection:
        for statement in BREAKS[name]:
            changed = connection.execute(statement.encode()).rowcount
            # -1 is a statement that counts no rows; 0 would be a break that broke nothing.
            assert changed != 0, statement


def _assert_on_record(deployed: Deployed, check: Check) -> None:
    [(run_id, verdict, reasons, outcome, problem)] = deployed.ask(
        "select r.run_id, r.verdict, r.reasons, a.outcome, a.problem from release.release as r"
        " inner join audit.run as a on a.run_id = r.run_id order by r.release_id desc limit 1"
    )
    assert (verdict, outcome) == ("fail", "refused")
    assert len(reasons) == 1
    assert reasons[0].startswith(f"{check.name}: ")
    assert problem == reasons[0]
    stored = {result.name: result for result in releases.checks_of(deployed.database, run_id)}
    assert set(stored) == {known.name for known in load_suite()}
    assert [name for name, result in stored.items() if not result.succeeded] == [check.name]
    observed = stored[check.name].observed
    failed = observed["violations"] if check.breaking else next(rule["unexpected"] for rule in observed["failed"])
    assert failed > 0
    assert _failed_keys(deployed, run_id) == [(check.name, place) for place in range(1, failed + 1)]


def _failed_keys(deployed: Deployed, run_id: UUID) -> list[tuple[str, int]]:
    """Check and place of every failed row on record, each of which must say something."""
    kept = deployed.ask(
        "select name, place, key from release.failed_key where run_id = %s order by name, place", run_id,
        role="motcua_inspector",
    )  # fmt: skip
    assert all(isinstance(key, dict) and key for _, _, key in kept)
    return [(name, place) for name, place, _ in kept]


def test_verdicts_that_contradict_the_source_stop_a_whole_run(
    copy_of_sample: Deployed, before: dict[str, Any], sampled: Path, tmp_path: Path, motcua: Motcua
) -> None:
    """The city's own verdict flipped on a few rows of an otherwise good and newer file."""
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    flipped = [case for case in cases if case["OnTime_Status"] == "ONTIME" and case["TARGET_DT"] and case["CLOSED_DT"]]
    for case in flipped[:7]:
        case["OnTime_Status"] = "OVERDUE"
    file = write_cases(tmp_path / "cases.csv", cases)
    finished = motcua(*_run(copy_of_sample, sampled, file), "--format", "json")
    told = json.loads(finished.stdout)
    assert (finished.returncode, told["exit_code"], told["published"]) == (1, 1, False)
    assert [reason.split(":")[0] for reason in told["reasons"]] == ["own_verdict_agrees"]
    assert "own_verdict_agrees: 7 violations" in finished.stderr
    assert copy_of_sample.published() == before
    assert copy_of_sample.ask("select outcome from audit.run order by started_at desc limit 1") == [("refused",)]
    _assert_explained(copy_of_sample, motcua, {case["CASE_ENQUIRY_ID"] for case in flipped[:7]}, told["run_id"])


def _assert_explained(deployed: Deployed, motcua: Motcua, flipped: set[str], run_id: str) -> None:
    """Which dossiers failed and which delivery they came with is known from the file that was written, and told."""
    explained = ("gate", "explain", "--config", str(CONFIG), "--database", deployed.database.name)
    told = json.loads(motcua(*explained, "--run", run_id, "--format", "json", "--limit", "100").stdout)
    [failed] = told["failed"]
    assert (failed["check"], failed["keys"], told["outcome"]) == ("own_verdict_agrees", 7, "refused")
    assert {key["dossier_key"] for key in failed["first"]} == {f"boston/{code}" for code in flipped}
    newest = deployed.ask("select max(delivery_id) from audit.delivery")[0][0]
    assert [(delivery["delivery_id"], delivery["keys"]) for delivery in failed["deliveries"]] == [(newest, 7)]
    assert [delivery["delivery_id"] for delivery in told["landed_since"]] == [newest]
    shown = motcua(*explained, "--limit", "2")
    assert shown.returncode == 0, shown.stderr
    assert sum(f"boston/{code}" in shown.stdout for code in flipped) == 2
    for words in ("own_verdict_agrees: 7 violations", "5 more", f"{newest} boston311.", "the source mends it"):
        assert words in " ".join(shown.stdout.split())
    assert "bị từ chối" in motcua(*explained, "--language", "vi").stdout


@pytest.mark.long
def test_half_a_file_stops_a_whole_run(
    copy_of_sample: Deployed, before: dict[str, Any], sampled: Path, tmp_path: Path, motcua: Motcua
) -> None:
    cases = cases_of(sampled / "boston311" / "cases.csv")
    file = write_cases(tmp_path / "cases.csv", cases[::2])
    finished = motcua(
        *_run(copy_of_sample, sampled, file), "--set", "sources.boston311.as_of=2016-01-13", "--format", "json"
    )
    told = json.loads(finished.stdout)
    assert (finished.returncode, told["exit_code"], told["published"]) == (1, 1, False)
    assert [reason.split(":")[0] for reason in told["reasons"]] == ["volume_against_the_last_release"]
    assert copy_of_sample.published() == before
    assert copy_of_sample.ask("select verdict from release.release order by release_id desc limit 1") == [("fail",)]


def _run(deployed: Deployed, sampled: Path, file: Path) -> tuple[str, ...]:
    return (
        "run", "--config", str(CONFIG), "--database", deployed.database.name,
        "--set", f"sources.boston311.path={file}", "--set", f"sources.cartas.path={sampled / 'cartas'}",
    )  # fmt: skip
