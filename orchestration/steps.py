"""The steps of a run, each a thin shell: deliver, transform, check, publish. Dagster's assets call these.

Belongs here: handing what one room made to the next. Does not: Dagster, or the logic of any room.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.checks import CheckResult
from contracts.failures import DeliveryRefused, GateRefused
from contracts.records import DroppedFile
from contracts.source import SourceContract, StreamContract
from expectations.gate import run_gate
from extractors import drops
from orchestration import dbt_project
from orchestration.session import Session
from warehouse import releases
from warehouse.filestore import keep
from warehouse.landing import DEPLOYMENT_RULE, Arrival, Landed, land, record_refusal, standing_delivery
from warehouse.marts import sync_marts


@dataclass(frozen=True, slots=True)
class StreamResult:
    """What a stream's deliveries came to in this run."""

    files: int
    new_files: int
    read: int
    landed: int
    quarantined: int


def deliver_stream(session: Session, source_name: str, stream: StreamContract) -> StreamResult:
    """Keeps and lands every file of one stream. Raises DeliveryRefused, SourceUnavailable; each attempt is on record."""
    source = session.settings.contracts[source_name]
    files = [
        found
        for found in drops.find_deliveries(source, session.settings.path_of(source_name))
        if found.stream == stream.name
    ]
    results = [_land_file(session, source, stream, found) for found in files]
    if stream.delivery == "full":
        _tell_what_stands(session, source, stream, results)
    return StreamResult(
        files=len(results),
        new_files=sum(result.new for result in results),
        read=sum(result.read for result in results),
        landed=sum(result.landed for result in results),
        quarantined=sum(result.quarantined for result in results),
    )


def _land_file(session: Session, source: SourceContract, stream: StreamContract, found: DroppedFile) -> Landed:
    started = time.perf_counter()
    kept = keep(session.settings.home, found.path)
    try:
        version, rule = _given_version(session, source, stream, kept.name)
    except DeliveryRefused as refusal:
        record_refusal(session.database, session.run_id, source.name, stream.name, kept, refusal)
        raise
    arrival = Arrival(session.run_id, source.name, stream, kept, version, rule)
    landed = land(session.database, arrival, drops.read(stream, source, kept.path, kept.name))
    session.landed.append((f"{source.name}.{stream.name}", kept.name, landed))
    session.progress.step(
        f"{source.name}.{stream.name}",
        detail=f"{kept.name}: " + _words(landed),
        rows=landed.read,
        seconds=time.perf_counter() - started,
    )
    return landed


def _tell_what_stands(session: Session, source: SourceContract, stream: StreamContract, results: list[Landed]) -> None:
    """Says so when what was just delivered is not what counts: an older file, or one of two that claim the same age."""
    standing = standing_delivery(session.database, source.name, stream.name)
    if standing is None or any(landed.delivery_id == standing.delivery_id for landed in results):
        return
    if all(landed.retracted for landed in results):
        session.warn(
            f"{source.name}.{stream.name}: the delivery of this run is retracted and does not count;"
            f" motcua delivery restore {results[-1].delivery_id} takes that back"
        )
        return
    why = "claims the same version and wins by content hash" if standing.rivals else "is newer"
    session.warn(
        f"{source.name}.{stream.name}: the delivery of this run does not count: {standing.file_name} (delivery"
        f" {standing.delivery_id}, version {standing.version.isoformat()}) {why}."
        f" If this one is newer, say so: --set sources.{source.name}.as_of=DATE"
    )


def _words(landed: Landed) -> str:
    if not landed.new:
        return "delivered before, nothing to do"
    return f"{landed.landed:,} landed" + (f", {landed.quarantined:,} quarantined" if landed.quarantined else "")


def _given_version(
    session: Session, source: SourceContract, stream: StreamContract, file_name: str
) -> tuple[datetime | None, str]:
    """The version when the deployment or the file's name says it; None leaves it to the records."""
    deployed = session.settings.deployment.sources[source.name]
    if stream.version.by == "file_name":
        return drops.file_name_version(stream.version, file_name, source.zone), "file_name"
    if deployed.as_of is not None:
        body = session.settings.deployment.jurisdictions[deployed.jurisdiction]
        return body.instant(deployed.as_of), DEPLOYMENT_RULE
    return None, stream.version.by


def transform(session: Session, on_node: Callable[[dict[str, Any]], None]) -> None:
    """Builds and tests the models, then seals the candidates. Raises GateRefused when a model or test failed."""
    prepared = dbt_project.prepare(session.settings)
    sync_marts(session.database, dbt_project.declared_marts(prepared))
    problems = dbt_project.build(session.settings, session.database, prepared, on_node)
    if problems:
        raise GateRefused(
            f"dbt: {len(problems)} of its models or tests failed: " + "; ".join(problems[:5]),
            hint=f"The log is {session.settings.dbt_target() / 'logs' / 'dbt.log'}",
        )
    releases.seal_candidates(session.database, session.run_id)


def check(session: Session) -> list[CheckResult]:
    """Runs the gate on the candidates and stores what each check said."""
    started = time.perf_counter()
    results = run_gate(session.database.url, "motcua_checker")
    releases.record_checks(session.database, session.run_id, results)
    red = [result for result in results if not result.succeeded]
    for result in red:
        session.progress.step(result.name, detail=f"FAILED: {result.message}")
    session.progress.step(
        "gate",
        detail=f"{len(results) - len(red)} of {len(results)} checks green",
        seconds=time.perf_counter() - started,
    )
    return results


def publish(session: Session) -> releases.Published:
    """Lets the database decide and publish. Raises GateRefused when it does not."""
    started = time.perf_counter()
    published = releases.publish(session.database, session.run_id)
    session.published = published
    if published.verdict == "fail":
        raise GateRefused(
            "the gate refused this run; what readers see is unchanged. " + "; ".join(published.reasons),
            hint=f"motcua release show {published.release_id}",
        )
    moved = sum(change["added"] + change["superseded"] for change in published.changes.values())
    session.progress.step(
        f"release {published.release_id}",
        detail=f"{moved:,} row changes" if published.changed else "same contents as published; nothing changed",
        seconds=time.perf_counter() - started,
    )
    return published
