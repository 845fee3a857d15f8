"""The steps of a run after delivery, each a thin shell: transform, check, publish. Dagster's assets call these.

Belongs here: handing what one room made to the next. Does not: Dagster, or the logic of any room.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

from contracts.checks import CheckResult
from contracts.failures import GateRefused
from expectations.suite import suite_fingerprint
from orchestration import dbt_project
from orchestration.building import build_models
from orchestration.program import program_of
from orchestration.session import Session
from warehouse import contacts, ledger, releases
from warehouse.fault_points import reached
from warehouse.marts import sync_marts


def stands_already(session: Session) -> bool:
    """Whether the published release was made from exactly what there is now, so that nothing needs to be done.

    What there is: the deliveries that stand, the deployment, the models, the checks. Notes it for later runs.
    """
    prepared = dbt_project.fingerprint(session.settings)
    parts = (contacts.standing_inputs(session.database), prepared, suite_fingerprint())
    inputs = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    standing = contacts.release_made_of(session.database, inputs)
    contacts.note_inputs(session.database, session.run_id, inputs)
    if standing is None:
        return False
    session.published = releases.Published(standing, "pass", False, (), {})
    session.progress.step(f"release {standing}", detail="was made from exactly these inputs and stands")
    return True


def transform(session: Session, on_node: Callable[[dict[str, Any]], None]) -> None:
    """Builds and tests the models, then seals the candidates. Raises GateRefused when a model or test failed."""
    session.assert_alone()
    prepared = dbt_project.prepare(session.settings)
    ledger.note_program(session.database, session.run_id, program_of(session.settings))
    sync_marts(session.database, dbt_project.declared_marts(prepared))
    problems = build_models(session, prepared, on_node)
    if problems:
        raise GateRefused(
            f"dbt: {len(problems)} of its models or tests failed: " + "; ".join(problems[:5]),
            hint=f"The log is {session.settings.dbt_target() / 'logs' / 'dbt.log'}",
        )
    releases.seal_candidates(session.database, session.run_id)


def check(session: Session) -> list[CheckResult]:
    """Runs the gate on the candidates and stores what each check said."""
    started = time.perf_counter()
    reached("check.begun")
    session.assert_alone()
    from expectations.gate import run_gate

    results = run_gate(session.database.url, "motcua_checker")
    releases.record_checks(session.database, session.run_id, results)
    red = [result for result in results if not result.succeeded]
    for result in red:
        if result.severity == "warn" and result.ran:
            session.warn(f"{result.name}: {result.message}")
        else:
            held = "HELD" if result.severity == "hold" and result.ran else "FAILED"
            session.progress.step(result.name, detail=f"{held}: {result.message}")
    session.progress.step(
        "gate",
        detail=f"{len(results) - len(red)} of {len(results)} checks green",
        seconds=time.perf_counter() - started,
    )
    return results


def publish(session: Session) -> releases.Published:
    """Lets the database decide and publish. Raises GateRefused when it does not."""
    started = time.perf_counter()
    reached("check.ended")
    session.assert_alone()
    published = releases.publish(session.database, session.run_id)
    reached("publish.committed")
    session.published = published
    if published.verdict == "fail":
        raise GateRefused(
            "the gate refused this run; what readers see is unchanged. " + "; ".join(published.reasons),
            hint=f"motcua gate explain --release {published.release_id}",
        )
    moved = sum(change["added"] + change["superseded"] for change in published.changes.values())
    session.progress.step(
        f"release {published.release_id}",
        detail=f"{moved:,} row changes" if published.changed else "same contents as published; nothing changed",
        seconds=time.perf_counter() - started,
    )
    return published
