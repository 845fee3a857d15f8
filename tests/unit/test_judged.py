"""What the gate said, put together, from what the warehouse would hold.

Belongs here: which words count, their order, and what stands beside each. Does not: the warehouse's own answers
(tests/guarantees/test_overrides.py), or how it is laid out (reporting/refusal).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.checks import CheckResult
from expectations.suite import load_suite
from orchestration import judged
from warehouse.overrides import Override
from warehouse.refusals import FailedDelivery, Failure, JudgedRun, Landed

AT = datetime(2023, 7, 1, 8, 30, 15, 999, tzinfo=UTC)
RUN = UUID(int=7)
KNOWN = load_suite()[0]


def _judgement(
    monkeypatch: pytest.MonkeyPatch, results: list[CheckResult], *, outcome: str = "refused", verdict: str | None = "fail",
    reasons: tuple[str, ...] = (), failures: tuple[Failure, ...] = (), borne: tuple[Override, ...] = (),
    landed: tuple[Landed, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    run = JudgedRun(RUN, AT, outcome, "a problem", 3, verdict, list(reasons), len(results))
    asked: list[tuple[object, ...]] = []

    def answers(name: str, answer: object) -> None:
        monkeypatch.setattr(judged, name, lambda *question: asked.append(question) or answer)

    answers("find_run", run)
    answers("checks_of", results)
    answers("failures_of", {failure.name: failure for failure in failures})
    answers("overrides_of", {override.name: override for override in borne})
    answers("landed_since_release", list(landed))
    told = judged.judgement("database", "connection", UUID(int=9), 3, 5)  # type: ignore[arg-type]
    assert asked == [
        ("connection", UUID(int=9), 3), ("database", RUN), ("connection", RUN, 5), ("connection", RUN), ("connection", RUN),
    ]  # fmt: skip
    return told


def test_a_run_that_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    landed = Landed(1, "s", "t", "f.csv", AT, 10, 2)
    told = _judgement(
        monkeypatch, [CheckResult("a", True, "holds")], outcome="published", verdict="pass", landed=(landed,)
    )
    assert told == {
        "run_id": str(RUN), "release_id": 3, "verdict": "pass", "outcome": "published",
        "started_at": "2023-07-01T08:30:15+00:00", "problem": "a problem", "reasons": [], "checks": 1, "failed": [],
        "landed_since": [
            {
                "delivery_id": 1, "source": "s", "stream": "t", "file_name": "f.csv", "version": AT, "rows_landed": 10,
                "rows_quarantined": 2,
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "verdict", "shown"),
    [("refused", "pass", "published"), ("refused", "fail", "refused"), ("failed", "pass", "failed"), ("failed", None, "failed")],
)  # fmt: skip
def test_an_override_may_have_let_it_out_since(
    monkeypatch: pytest.MonkeyPatch, outcome: str, verdict: str | None, shown: str
) -> None:
    assert _judgement(monkeypatch, [], outcome=outcome, verdict=verdict)["outcome"] == shown


def test_failures_come_first_then_what_is_held_then_warnings_each_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [
        CheckResult("a warns", False, "m", severity="warn"), CheckResult("b holds", False, "m", severity="hold"),
        CheckResult("z fails", False, "m", severity="fail"), CheckResult("d green", True, "m", severity="fail"),
        CheckResult("e crashed", False, "m", severity="warn", ran=False), CheckResult("c warns", False, "m", severity="warn"),
    ]  # fmt: skip
    reasons = ("y is silent: did not run", "a warns: did not run", "the candidates were never sealed", "z fails: m")
    told = _judgement(monkeypatch, results, reasons=reasons)
    assert [(entry["check"], entry["severity"]) for entry in told["failed"]] == [
        ("e crashed", "fail"), ("y is silent", "fail"), ("z fails", "fail"), ("b holds", "hold"), ("a warns", "warn"),
        ("c warns", "warn"),
    ]  # fmt: skip
    assert told["failed"][1]["message"] == "did not run"
    assert told["reasons"] == ["the candidates were never sealed"], "what a check said stands with the check"
    assert told["checks"] == 6


def test_a_run_that_heard_no_check_has_none_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = ("y: did not run", "the candidates were never sealed")
    told = _judgement(monkeypatch, [], reasons=reasons)
    assert (told["failed"], told["reasons"], told["checks"]) == ([], list(reasons), 0)


def test_what_stands_beside_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _judgement(
        monkeypatch,
        [CheckResult(KNOWN.name, False, "2 violations", {"n": 2}, severity="warn"), CheckResult("gone", False, "1 violations")],
        failures=(Failure(KNOWN.name, 2, [{"k": 1}], [FailedDelivery(4, "s", "t", "f.csv", 2)]),),
        borne=(Override(KNOWN.name, "warn", "why", "An", "login", AT),),
    )  # fmt: skip
    gone, known = told["failed"]
    assert known == {
        "check": KNOWN.name, "severity": "warn", "message": "2 violations",
        "overridden": {
            "name": KNOWN.name, "severity": "warn", "because": "why", "made_for": "An", "made_by": "login", "made_at": AT
        },
        "meaning": " ".join(KNOWN.reason.split()), "expected": KNOWN.expected, "observed": {"n": 2}, "keys": 2,
        "first": [{"k": 1}],
        "deliveries": [{"delivery_id": 4, "source": "s", "stream": "t", "file_name": "f.csv", "keys": 2}],
        "next": " ".join(KNOWN.hint.split()),
    }  # fmt: skip
    assert gone == {
        "check": "gone", "severity": "fail", "message": "1 violations", "overridden": None,
        "meaning": "This check is not in the suite of today.", "expected": "", "observed": {}, "keys": 0, "first": [],
        "deliveries": [], "next": "This check is not in the suite of today.",
    }  # fmt: skip
