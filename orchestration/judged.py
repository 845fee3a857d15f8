"""What the gate said of one run, put together: the stored words, what failed, and what the suite says each check is for.

Belongs here: joining what the warehouse holds with the suite. Does not: laying it out (reporting/refusal), or deciding.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from uuid import UUID

from contracts.checks import CheckResult, Severity
from expectations.suite import load_suite
from reporting.forms import Language
from reporting.labels import label
from warehouse.overrides import Override, overrides_of
from warehouse.refusals import Failure, failures_of, find_run, landed_since_release
from warehouse.releases import checks_of

if TYPE_CHECKING:
    import psycopg

    from warehouse.database import Database

_WEIGHT: dict[Severity, int] = {"fail": 0, "hold": 1, "warn": 2}
_NO_LONGER = label("gate_no_longer", Language.en)


def judgement(
    database: Database, connection: psycopg.Connection, run_id: UUID | None, release_id: int | None, first: int
) -> dict[str, Any]:
    """Everything that is known of why a run passed or not, JSON-able, with so many failed rows of each check.

    Raises UsageError when there is no such run.
    """
    run = find_run(connection, run_id, release_id)
    results = {result.name: result for result in checks_of(database, run.run_id)}
    failures = failures_of(connection, run.run_id, first)
    borne = overrides_of(connection, run.run_id)
    red = [result for result in results.values() if not result.succeeded]
    if results:
        red += [CheckResult(name, False, "did not run", ran=False) for name in _missing(run.reasons, results)]
    red.sort(key=lambda result: (_WEIGHT[_severity(result)], result.name))
    failed = [_told(result, failures.get(result.name), borne.get(result.name)) for result in red]
    return {
        "run_id": str(run.run_id), "release_id": run.release_id, "verdict": run.verdict,
        # The ledger keeps how the run ended; an override may have let its candidates out since.
        "outcome": "published" if (run.outcome, run.verdict) == ("refused", "pass") else run.outcome,
        "started_at": run.started_at.isoformat(timespec="seconds"), "problem": run.problem,
        # A reason that no check gave: the candidates were changed, or never sealed.
        "reasons": [why for why in run.reasons if why.split(":")[0] not in {entry["check"] for entry in failed}],
        "checks": len(results), "failed": failed,
        "landed_since": [dataclasses.asdict(d) for d in landed_since_release(connection, run.run_id)],
    }  # fmt: skip


def _missing(reasons: list[str], results: dict[str, CheckResult]) -> list[str]:
    named = [why.removesuffix(": did not run") for why in reasons if why.endswith(": did not run")]
    return [name for name in named if name not in results]


def _severity(result: CheckResult) -> Severity:
    return result.severity if result.ran else "fail"


def _told(result: CheckResult, failure: Failure | None, borne: Override | None) -> dict[str, Any]:
    check = next((known for known in load_suite() if known.name == result.name), None)
    return {
        "check": result.name, "severity": _severity(result), "message": result.message,
        "overridden": dataclasses.asdict(borne) if borne else None,
        "meaning": " ".join(check.reason.split()) if check else _NO_LONGER,
        "expected": check.expected if check else "",
        "observed": result.observed,
        "keys": failure.keys if failure else 0,
        "first": failure.first if failure else [],
        "deliveries": [dataclasses.asdict(d) for d in failure.deliveries] if failure else [],
        "next": " ".join(check.hint.split()) if check else _NO_LONGER,
    }  # fmt: skip
