"""Landing: typed rows by COPY into raw.<source>__<stream>, what could not be accepted into raw.quarantine.

Belongs here: one transaction per delivery, which holds its rows, its quarantine and its ledger row, or none of them.
Does not: reading files (extractors/), which hands batches in.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
from psycopg import sql

from contracts.failures import DeliveryProblem, DeliveryRefused, MotcuaError
from contracts.records import SHOWN_VALUE_LENGTH, QuarantinedField, RecordBatch
from contracts.source import StreamContract
from warehouse import contacts, ledger
from warehouse.arrivals import Dropped, note_arrival
from warehouse.copy_rows import Repeats, copy_rows, copy_statement, identity_columns
from warehouse.database import Database
from warehouse.fault_points import reached
from warehouse.filestore import KeptFile
from warehouse.migrate import raw_table
from warehouse.read_ahead import read_ahead

#: The version rule of a delivery whose age the deployment file states.
DEPLOYMENT_RULE = "deployment"
#: The version rule of a delivery that is as new as the source's clock said when it was read.
READING_RULE = "reading"
#: The version rule of a delivery whose name bears its day.
FILE_NAME_RULE = "file_name"


@dataclass(frozen=True, slots=True)
class Landed:
    """What came of one attempt. `new` is false when these bytes had landed before."""

    delivery_id: int
    new: bool
    read: int
    landed: int
    quarantined: int
    version: datetime
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file on its way in: whose it is, and the version when its name, the deployment or the source's clock says it.

    `position` is where the reading goes on once it has landed, for a source that is asked. `read_at` is that source's clock
    when it was read: the version of a batch of which no row lands, so that no row says how new it is (of a stretch that is
    read again, what had been quarantined is all that is not known yet). `dropped` is what the folder of a drop says of it.
    """

    run_id: UUID
    source: str
    stream: StreamContract
    file: KeptFile
    version: datetime | None
    version_rule: str
    position: dict[str, Any] | None = None
    read_at: datetime | None = None
    dropped: Dropped | None = None


def land(
    database: Database,
    arrival: Arrival,
    batches: Iterable[RecordBatch],
    connection: psycopg.Connection | None = None,
) -> Landed:
    """Lands one delivery whole, or nothing of it; either way the attempt is on record.

    `connection` is one of the loader's, for many files in a row: a small file's landing is mostly connecting.
    Raises what reading raised (DeliveryRefused and others), after recording it.
    """
    with ExitStack() as opened:
        loader = connection or opened.enter_context(database.connect("motcua_loader"))
        with on_record(database, loader, arrival) as attempt, loader.transaction():
            return _landed(loader, arrival, batches, attempt)


@contextmanager
def on_record(database: Database, loader: psycopg.Connection, arrival: Arrival) -> Iterator[int]:
    """One attempt to land, on record before it begins; what fails inside it is recorded with it, and raised again."""
    attempt = _open_attempt(loader, arrival.run_id, arrival.source, arrival.stream.name, arrival.file)
    try:
        yield attempt
    except DeliveryRefused as refusal:
        ledger.fail_attempt(database, attempt, "refused", refusal.problem.value, refusal.message)
        _note_arrival(loader, arrival, refusal.problem.value)
        reached("landing.refusal_arrived")
        loader.commit()
        raise
    except MotcuaError as failure:
        ledger.fail_attempt(database, attempt, "failed", type(failure).__name__, failure.message)
        raise
    except Exception as failure:
        # The kind alone: a driver's message may quote a row, and rows may name people.
        ledger.fail_attempt(database, attempt, "failed", type(failure).__name__, "see the log of the run")
        raise


def _landed(connection: psycopg.Connection, arrival: Arrival, batches: Iterable[RecordBatch], attempt: int) -> Landed:
    landed = _already_landed(connection, arrival) or land_rows(connection, arrival, batches)
    if arrival.version_rule == READING_RULE and arrival.stream.delivery == "full":
        _note_list_state(connection, arrival, landed)
    _note_arrival(connection, arrival, landed.delivery_id)
    if arrival.position is not None:
        contacts.move_position(connection, arrival.source, arrival.stream.name, arrival.position, landed.delivery_id)
        reached("landing.position_moved")
    close_attempt(connection, attempt, landed)
    reached("landing.closed")
    return landed


def _note_list_state(connection: psycopg.Connection, arrival: Arrival, landed: Landed) -> None:
    """Since when a whole list has read as it does: noted when it reads otherwise than the time before.

    A reading moves its delivery's version, so that the newest list is told from those before; histories need the first.
    """
    connection.execute(
        "insert into audit.list_state (source, stream, version, delivery_id)"
        " select %(source)s, %(stream)s, %(version)s, %(delivery)s where %(delivery)s is distinct from ("
        " select delivery_id from audit.list_state where source = %(source)s and stream = %(stream)s"
        " and version <= %(version)s order by version desc limit 1)"
        " on conflict do nothing",
        {
            "source": arrival.source,
            "stream": arrival.stream.name,
            "version": landed.version if arrival.version is None else arrival.version,
            "delivery": landed.delivery_id,
        },
    )


def _note_arrival(connection: psycopg.Connection, arrival: Arrival, came_to: int | str) -> None:
    if arrival.dropped is not None:
        told = arrival.version if arrival.version_rule == FILE_NAME_RULE else None
        file = (arrival.file.name, arrival.file.sha256)
        note_arrival(connection, (arrival.source, arrival.stream.name), arrival.dropped, file, told, came_to)


def record_refusal(
    database: Database, run_id: UUID, source: str, stream: str, file: KeptFile, refusal: DeliveryRefused
) -> None:
    """Puts on record a delivery that was refused before anything of it was read."""
    with database.connect("motcua_loader") as connection:
        attempt = _open_attempt(connection, run_id, source, stream, file)
    ledger.fail_attempt(database, attempt, "refused", refusal.problem.value, refusal.message)


def _open_attempt(connection: psycopg.Connection, run_id: UUID, source: str, stream: str, file: KeptFile) -> int:
    return ledger.open_attempt(connection, run_id, source, stream, file.name, file.sha256, file.bytes)


def _already_landed(connection: psycopg.Connection, arrival: Arrival) -> Landed | None:
    row = connection.execute(
        "select delivery_id, rows_read, rows_landed, rows_quarantined, version, retracted_at is not null from audit.delivery"
        " where source = %(source)s and stream = %(stream)s and file_sha256 = %(sha)s and superseded_by is null"
        # An unchanged catalogue of a later day is a snapshot of its own.
        " and (kind <> 'snapshot' or version = %(version)s)",
        {
            "source": arrival.source,
            "stream": arrival.stream.name,
            "sha": arrival.file.sha256,
            "version": arrival.version,
        },
    ).fetchone()
    if row is None:
        return None
    version = row[4]
    stated = arrival.version if arrival.version_rule in {DEPLOYMENT_RULE, READING_RULE} else None
    if stated is not None and stated != version and not (arrival.version_rule == READING_RULE and stated < version):
        # The deployment's word on how new these bytes are stands above what was read from them when they landed. And a
        # whole table that reads today as it did before other contents came between is the newest again.
        version = stated
        connection.execute(
            "update audit.delivery set version = %s, version_rule = %s where delivery_id = %s",
            (version, arrival.version_rule, row[0]),
        )
    return Landed(row[0], False, row[1], row[2], row[3], version, retracted=row[5])


def land_rows(connection: psycopg.Connection, arrival: Arrival, batches: Iterable[RecordBatch]) -> Landed:
    """Lands rows, quarantine and the ledger's row of a delivery, in the caller's transaction."""
    stream = arrival.stream
    row = connection.execute("select nextval(pg_get_serial_sequence('audit.delivery', 'delivery_id'))").fetchone()
    assert row is not None
    delivery_id = int(row[0])
    tally = _Tally()
    repeats = Repeats(stream)
    # Three at work: one thread reads and types, one renders, this one waits for the server. 500,000 rows: 1.9 s in turn,
    # 1.1 s so, on two cores. The connection stays in this one. One block ahead at each place: they are alike and large.
    with closing(read_ahead(rendered(stream, delivery_id, repeats, batches), 1)) as ahead:
        for batch, encoded in ahead:
            tally.read += batch.read
            tally.quarantined += batch.quarantined_rows
            tally.note_version(stream, batch.rows)
            _copy_rows(connection, arrival, encoded)
            _copy_quarantine(connection, arrival, delivery_id, batch.quarantine)
    if repeats.possible():
        tally.quarantined += _quarantine_conflicts(connection, arrival, delivery_id)
    reached("landing.rows_copied")
    version = arrival.version or tally.newest or arrival.read_at
    if version is None:
        raise DeliveryRefused(
            DeliveryProblem.NO_VERSION,
            f"{arrival.file.name}: nothing in the delivery says how new it is",
            hint=f"Say so in the deployment: sources.{arrival.source}.as_of",
        )
    connection.execute(
        "insert into audit.delivery (delivery_id, source, stream, kind, file_sha256, file_name, bytes, version,"
        " version_rule, rows_read, rows_landed, rows_quarantined) overriding system value"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            delivery_id, arrival.source, stream.name, stream.delivery, arrival.file.sha256, arrival.file.name,
            arrival.file.bytes, version, arrival.version_rule, tally.read, tally.read - tally.quarantined,
            tally.quarantined,
        ),
    )  # fmt: skip
    return Landed(delivery_id, True, tally.read, tally.read - tally.quarantined, tally.quarantined, version)


@dataclass(slots=True)
class _Tally:
    read: int = 0
    quarantined: int = 0
    newest: datetime | None = None

    def note_version(self, stream: StreamContract, rows: pl.DataFrame) -> None:
        rule = stream.version
        names = (rule.field,) if rule.by == "field" else rule.fields if rule.by == "high_water" else ()
        for name in names:
            highest = rows[stream.field(name).column].max()
            if isinstance(highest, datetime) and (self.newest is None or highest > self.newest):
                self.newest = highest


def rendered(
    stream: StreamContract, delivery_id: int, repeats: Repeats, batches: Iterable[RecordBatch]
) -> Generator[tuple[RecordBatch, list[bytes]]]:
    """Each batch with its rows as COPY takes them, read ahead; notes their keys on the way."""
    with closing(read_ahead(batches, 1)) as ahead:
        for batch in ahead:
            repeats.note(batch.rows)
            yield batch, list(copy_rows(stream, delivery_id, batch.rows))


def _copy_rows(connection: psycopg.Connection, arrival: Arrival, encoded: list[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(copy_statement(arrival.source, arrival.stream)) as copy:
        for chunk in encoded:
            copy.write(chunk)


def _copy_quarantine(
    connection: psycopg.Connection, arrival: Arrival, delivery_id: int, entries: tuple[QuarantinedField, ...]
) -> None:
    if not entries:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy raw.quarantine (delivery_id, source, stream, file_name, row_number, field, value, reason, whole_row)"
            " from stdin"
        ) as copy,
    ):
        for entry in entries:
            copy.write_row((
                delivery_id, arrival.source, arrival.stream.name, arrival.file.name,
                entry.row_number, entry.field, entry.value[:SHOWN_VALUE_LENGTH].replace("\x00", "\ufffd"), entry.reason,
                entry.whole_row,
            ))  # fmt: skip


def _quarantine_conflicts(connection: psycopg.Connection, arrival: Arrival, delivery_id: int) -> int:
    """One key with different contents in one delivery: nobody can say which row holds, so none of them lands.

    Rows that are equal byte for byte stay (they say the same). With a version of its own in every record, different
    versions of one key are no conflict. Gives the number of rows moved to the quarantine.
    """
    stream = arrival.stream
    identity = identity_columns(stream)
    names = sql.SQL(", ").join(map(sql.Identifier, identity))
    key = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in identity)
    # By place and not by a join on the key: the server has no statistics of this delivery yet, takes its rows for a
    # handful and compares each with each. 2,000 keys in conflict among 500,000 rows: 57 s by join, 0.25 s by place.
    cursor = connection.execute(
        sql.SQL(
            "with moved as (delete from {table} where ctid = any(array("
            " select unnest(array_agg(ctid)) from {table} where _delivery_id = %(delivery)s group by {names}"
            " having count(*) > 1 and count(distinct _row_sha256) > 1))"
            " returning _row_number, concat_ws(' | ', {key}) as key)"
            " insert into raw.quarantine (delivery_id, source, stream, file_name, row_number, field, value, reason)"
            " select %(delivery)s, %(source)s, %(stream)s, %(file)s, _row_number, %(field)s, key,"
            " 'the same key stands in this delivery with different contents' from moved"
        ).format(names=names, table=raw_table(arrival.source, stream.name), key=key),
        {
            "delivery": delivery_id, "source": arrival.source, "stream": stream.name, "file": arrival.file.name,
            "field": ", ".join(stream.key),
        },
    )  # fmt: skip
    return cursor.rowcount


@dataclass(frozen=True, slots=True)
class Standing:
    """The delivery of a full stream that counts, and whether others claim the same version with other bytes."""

    delivery_id: int
    file_name: str
    version: datetime
    rivals: int


def standing_delivery(database: Database, source: str, stream: str) -> Standing | None:
    """Which delivery of a stream is the newest by its source's word: version, then content hash."""
    with database.connect("motcua_loader") as connection:
        row = connection.execute(
            "select delivery_id, file_name, version, count(*) over (partition by version) - 1 from audit.delivery"
            " where source = %s and stream = %s and retracted_at is null"
            " order by version desc, file_sha256 desc limit 1",
            (source, stream),
        ).fetchone()
    return None if row is None else Standing(row[0], row[1], row[2], row[3])


def close_attempt(connection: psycopg.Connection, attempt: int, landed: Landed) -> None:
    """Ends an attempt with what landed, in the transaction that landed it."""
    connection.execute(
        "update audit.delivery_attempt set outcome = %s, delivery_id = %s, rows_read = %s, rows_landed = %s,"
        " rows_quarantined = %s, finished_at = clock_timestamp() where attempt_id = %s",
        (
            "landed" if landed.new else "already_landed", landed.delivery_id,
            landed.read if landed.new else 0, landed.landed if landed.new else 0,
            landed.quarantined if landed.new else 0, attempt,
        ),
    )  # fmt: skip
