"""The first step of a run: what sources dropped or answered is kept and landed, and whether each answered is noted.

Belongs here: finding the way in for a stream, its version, one source's silence not stopping the others. Does not:
readers (extractors/) or landing (warehouse/).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from contracts.extraction import Extracted, Wanted
from contracts.failures import DeliveryRefused, SourceUnavailable
from contracts.records import DroppedFile
from contracts.source import SourceContract, StreamContract
from extractors import drops
from extractors.row_hashes import RowHashes
from orchestration.session import Session
from warehouse import contacts
from warehouse.arrivals import Dropped
from warehouse.fault_points import reached
from warehouse.filestore import KeptFile, keep
from warehouse.landing import (
    DEPLOYMENT_RULE,
    FILE_NAME_RULE,
    READING_RULE,
    Arrival,
    Landed,
    land,
    record_refusal,
    standing_delivery,
)
from warehouse.read_ahead import read_ahead
from warehouse.scratch import scratch

#: Up to this many files of a stream are told one by one; more, and only what they came to.
_TOLD_ONE_BY_ONE = 12


@dataclass(frozen=True, slots=True)
class StreamResult:
    """What a stream's deliveries came to in this run. `answered` is false when the source was not to be had."""

    files: int
    new_files: int
    read: int
    landed: int
    quarantined: int
    answered: bool = True


def deliver_stream(session: Session, source_name: str, stream: StreamContract) -> StreamResult:
    """Keeps and lands what one stream has. A source that cannot be reached is noted, and does not stop the others.

    Raises DeliveryRefused; each attempt and each contact is on record. What landed before a failure stays landed.
    """
    session.assert_alone()
    source = session.settings.contracts[source_name]
    results: list[Landed] = []
    problem = session.silent.get(source_name)
    if problem is None or not stream.asked:
        try:
            for landed in _landed(session, source, stream):
                results.append(landed)
            problem = None
        except SourceUnavailable as failure:
            problem = failure
            session.note_silence(source_name, failure)
    contacts.note_contact(
        session.database, session.run_id, source_name, stream.name, None if problem is None else problem.message
    )
    if problem is None and stream.delivery == "full":
        _tell_what_stands(session, source, stream, results)
    _tell_sum(session, source, stream, results)
    reached("deliver.stream_ended")
    return StreamResult(
        files=len(results),
        new_files=sum(result.new for result in results),
        read=sum(result.read for result in results),
        landed=sum(result.landed for result in results),
        quarantined=sum(result.quarantined for result in results),
        answered=problem is None,
    )


def _landed(session: Session, source: SourceContract, stream: StreamContract) -> Iterator[Landed]:
    if not stream.asked:
        files = drops.find_deliveries(source, session.settings.path_of(source.name), stream.name)
        with session.database.connect("motcua_loader") as loader:
            for found in files:
                yield _land_file(session, source, stream, found, loader, tell=len(files) <= _TOLD_ONE_BY_ONE)
        return
    with (
        scratch(session.settings.home.state) as folder,
        # The next page is read and kept while this one lands.
        closing(read_ahead(_kept(session, _asked(session, source, stream, folder)))) as batches,
        # One connection for all of them: a new one builds its caches of the catalogue again, 5 to 10 ms a batch.
        session.database.connect("motcua_loader") as loader,
    ):
        for batch, kept in batches:
            yield _land_batch(session, source, stream, batch, kept, loader)
            batch.file.unlink()


def _kept(session: Session, batches: Iterator[Extracted]) -> Iterator[tuple[Extracted, KeptFile]]:
    for batch in batches:
        kept = keep(session.settings.home, batch.file, compress=True)
        yield batch, dataclasses.replace(kept, name=batch.name)


def _asked(session: Session, source: SourceContract, stream: StreamContract, folder: Path) -> Iterator[Extracted]:
    """What a source that is asked has for us since the last landed batch, or in the stretch of a backfill."""
    stretch = session.stretch
    wanted = Wanted(
        folder=folder,
        position=contacts.position_of(session.database, source.name, stream.name),
        known=lambda since: contacts.known_rows(session.database, source.name, stream, since),
        digest=RowHashes.of_stream(stream, session.pseudonyms(stream)).one,
        changed_from=stretch.changed_from,
        changed_to=stretch.changed_to,
    )
    deployed = session.settings.deployment.sources[source.name]
    if stream.layout.kind == "table":
        yield from session.tables(source.name).read(source, stream, wanted)
        return
    from extractors.portal import PortalConnection, read_service
    from orchestration.secrets import read_secret

    service = deployed.service
    assert service is not None  # settings refuse a deployment without it
    folder_of_secrets = session.settings.config.parent
    connection = PortalConnection(
        address=read_secret(f"sources.{source.name}.service.address", service.address, folder_of_secrets),
        login_path=service.login_path,
        call_path=service.call_path,
        username=service.username,
        password=read_secret(f"sources.{source.name}.service.password", service.password, folder_of_secrets),
        destination=service.destination,
        agency=service.agency,
        ca_file=None if service.ca_file is None else (folder_of_secrets / service.ca_file),
        requests_per_second=service.requests_per_second,
        concurrency=service.concurrency,
        timeout_seconds=service.timeout_seconds,
    )
    yield from read_service(source, stream, wanted, connection)


def _land_batch(
    session: Session,
    source: SourceContract,
    stream: StreamContract,
    batch: Extracted,
    kept: KeptFile,
    loader: psycopg.Connection,
) -> Landed:
    started = time.perf_counter()
    by_reading = stream.version.by == "reading"
    arrival = Arrival(
        session.run_id, source.name, stream, kept, batch.read_at if by_reading else None,
        READING_RULE if by_reading else stream.version.by, batch.position, batch.read_at,
    )  # fmt: skip
    return _land(session, source, stream, arrival, batch.file, started, loader, tell=True)


def _land_file(
    session: Session,
    source: SourceContract,
    stream: StreamContract,
    found: DroppedFile,
    loader: psycopg.Connection,
    *,
    tell: bool,
) -> Landed:
    """One of the files of a drop. They share the loader's connection: of 200 small files each took 18 ms, and 5 so."""
    started = time.perf_counter()
    dropped = _dropped(stream, found.path)
    kept = keep(session.settings.home, found.path)
    try:
        version, rule = _given_version(session, source, stream, kept.name)
    except DeliveryRefused as refusal:
        record_refusal(session.database, session.run_id, source.name, stream.name, kept, refusal)
        raise
    arrival = Arrival(session.run_id, source.name, stream, kept, version, rule, dropped=dropped)
    return _land(session, source, stream, arrival, kept.path, started, loader, tell=tell)


def _dropped(stream: StreamContract, path: Path) -> Dropped:
    """Whose a file is and since when it lies there. Raises SourceUnavailable when it is gone again."""
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise SourceUnavailable(f"{path} cannot be read: {error.strerror or error}") from error
    return Dropped(path.parent.name if stream.office == "folder" else "", written)


def _land(
    session: Session,
    source: SourceContract,
    stream: StreamContract,
    arrival: Arrival,
    path: Path,
    started: float,
    loader: psycopg.Connection,
    *,
    tell: bool,
) -> Landed:
    records = drops.read(stream, source, path, arrival.file.name, pseudonyms=session.pseudonyms(stream))
    landed = land(session.database, arrival, records, loader)
    session.landed.append((f"{source.name}.{stream.name}", arrival.file.name, landed))
    if tell:
        session.progress.step(
            f"{source.name}.{stream.name}", detail=f"{arrival.file.name}: " + _words(landed), rows=landed.read,
            seconds=time.perf_counter() - started,
        )  # fmt: skip
    return landed


def _tell_sum(session: Session, source: SourceContract, stream: StreamContract, results: list[Landed]) -> None:
    name = f"{source.name}.{stream.name}"
    if not results and source.name not in session.silent:
        session.progress.step(name, detail="nothing new")
    elif len(results) > _TOLD_ONE_BY_ONE:
        new = [result for result in results if result.new]
        quarantined = sum(result.quarantined for result in new)
        session.progress.step(
            name,
            detail=f"{len(results):,} files, {len(new):,} of them new"
            + (f", {quarantined:,} rows quarantined" if quarantined else ""),
            rows=sum(result.read for result in new),
        )


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
        return drops.file_name_version(stream.version, file_name, source.zone), FILE_NAME_RULE
    if deployed.as_of is not None:
        body = session.settings.deployment.jurisdictions[deployed.jurisdiction]
        return body.instant(deployed.as_of), DEPLOYMENT_RULE
    return None, stream.version.by
