"""Kept files read again by the contracts as they are now, and one quarantined record shown from its kept bytes.

Belongs here: handing kept bytes and contract to the reader, and what it gives to the landing. Does not: reading or landing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.failures import UsageError
from contracts.source import SourceContract, StreamContract
from expectations.suite import required_checks
from extractors import drops, evidence
from extractors.pseudonyms import hidden
from orchestration.openlineage.acts import of_replay, told_act
from orchestration.openlineage.telling import Telling
from orchestration.proving import EvidenceLost, row_hashes
from orchestration.secrets import pseudonyms_for
from orchestration.settings import Settings
from warehouse import ledger, quarantine
from warehouse.database import Database
from warehouse.filestore import KeptFile, is_intact, place_of, readable
from warehouse.landing import DEPLOYMENT_RULE, FILE_NAME_RULE, READING_RULE, Arrival
from warehouse.migrate import migrate
from warehouse.replay import Replayable, land_again, standing, with_faults


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries: one by its number, or all of a source (and stream) that have anything in quarantine."""

    source: str | None = None
    stream: str | None = None
    delivery_id: int | None = None


def replay(settings: Settings, database: Database, wanted: Wanted) -> list[dict[str, Any]]:
    """Reads them again; one line a delivery with its counts before and after. Raises UsageError, EvidenceLost,
    DeliveryRefused: those read before it stay read.
    """
    migrate(database, settings.all_contracts, required_checks())
    with ledger.only_run(database):
        chosen = _chosen(settings, database, wanted)
        configuration = {"replay": [delivery.delivery_id for delivery in chosen]}
        run_id = ledger.open_run(database, settings.deployment.name, configuration, None)
        told: list[dict[str, Any]] = []
        problem: str | None = "the replay did not succeed"
        try:
            with told_act(settings, run_id, "replay") as telling:
                told = [_replay(settings, database, run_id, delivery, telling) for delivery in chosen]
            problem = None
        finally:
            ledger.close_run(database, run_id, "failed" if problem else "unchanged", problem)
    return told


def _chosen(settings: Settings, database: Database, wanted: Wanted) -> list[Replayable]:
    if wanted.delivery_id is not None:
        return [standing(database, wanted.delivery_id)]
    if wanted.source is None:
        raise UsageError("what shall be read again?", hint="--source S, --source S --stream T, or --delivery N")
    source, _ = _contract(settings, wanted.source, wanted.stream)
    return with_faults(database, source.name, wanted.stream)


def _contract(settings: Settings, source_name: str, stream_name: str | None) -> tuple[SourceContract, StreamContract]:
    """The deployed contract of a source, and its stream (the first where none is named). Raises UsageError."""
    source = settings.contracts.get(source_name)
    if source is None:
        raise UsageError(
            f"the deployment has no source {source_name}", hint=f"Sources: {', '.join(sorted(settings.contracts))}"
        )
    streams = [stream for stream in source.streams if stream_name in {None, stream.name}]
    if not streams:
        known = ", ".join(stream.name for stream in source.streams)
        raise UsageError(f"{source_name} has no stream {stream_name}", hint=f"Streams: {known}")
    return source, streams[0]


def _replay(
    settings: Settings, database: Database, run_id: UUID, before: Replayable, telling: Telling
) -> dict[str, Any]:
    source, stream = _contract(settings, before.source, before.stream)
    _prove_kept(settings, before.file_sha256, before.file_name)
    place = place_of(settings.home, before.file_sha256)
    kept = KeptFile(before.file_sha256, before.bytes, place, before.file_name)
    arrival = Arrival(run_id, source.name, stream, kept, None, stream.version.by, read_at=before.version)
    if before.version_rule in {DEPLOYMENT_RULE, READING_RULE}:
        arrival = Arrival(run_id, source.name, stream, kept, before.version, before.version_rule)
    elif stream.version.by == "file_name":
        version = drops.file_name_version(stream.version, before.file_name, source.zone)
        arrival = Arrival(run_id, source.name, stream, kept, version, FILE_NAME_RULE)
    pseudonyms = pseudonyms_for(settings.home, database) if stream.personal_fields else None
    with (
        of_replay(telling, source, stream, before.delivery_id) as said,
        readable(settings.home, before.file_sha256) as file,
    ):
        records = drops.read(stream, source, file, before.file_name, pseudonyms=pseudonyms)
        landed = land_again(database, arrival, before, records)
        if landed.new:
            said.append(landed.landed)
    return {
        "delivery_id": landed.delivery_id, "replaces": before.delivery_id if landed.new else None,
        "stream": f"{before.source}.{before.stream}", "file_name": before.file_name, "rows_read": landed.read,
        "rows_landed": landed.landed, "rows_quarantined": landed.quarantined,
        "landed_before": before.rows_landed, "quarantined_before": before.rows_quarantined,
    }  # fmt: skip


def _prove_kept(settings: Settings, sha256: str, name: str) -> None:
    if not is_intact(settings.home, sha256):
        raise EvidenceLost(
            f"the kept bytes of {name} are missing or no longer have their hash",
            hint="Restore the file store from its copy; docs/runbooks/evidence.md says how.",
        )


def shown_entry(settings: Settings, database: Database, delivery_id: int, row_number: int) -> dict[str, Any]:
    """A quarantined record with its faults, read again from the kept bytes; personal values are hidden. Raises UsageError."""
    found = quarantine.entry(database, delivery_id, row_number)
    _prove_kept(settings, found.file_sha256, found.file_name)
    stream = {source.name: source for source in settings.all_contracts}[found.source].stream(found.stream)
    with readable(settings.home, found.file_sha256) as file:
        text, digest = evidence.shown_record(stream, file, row_number, row_hashes(settings, database, stream))
    if stream.personal_fields:
        # A record that was quarantined may hold a name where none belongs, and nothing tells which of its fields does.
        text = hidden(text)
    return {
        "delivery_id": found.delivery_id, "source": found.source, "stream": found.stream, "file_name": found.file_name,
        "file_sha256": found.file_sha256, "row_number": found.row_number, "record": text, "row_sha256": digest,
        "faults": found.faults,
    }  # fmt: skip
