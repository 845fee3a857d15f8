"""Proving rows against the bytes they came from: the kept file still has its hash, the record stands in it, and hashes
to what was landed.

Belongs here: handing a row's file to the extractor's evidence reader, and the key where records name people. Does
not: reading formats.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.failures import MotcuaError, UsageError
from contracts.source import StreamContract
from extractors import evidence
from extractors.row_hashes import RowHashes
from orchestration.secrets import pseudonyms_noted
from orchestration.settings import Settings
from reporting.explaining.model import Explanation, Landed
from warehouse.database import Database
from warehouse.filestore import is_intact, readable


class EvidenceLost(MotcuaError):
    """Bytes behind a published figure are missing or were changed, or cannot be held against what landed."""

    exit_code = 1


class DoesNotHold(MotcuaError):
    """A published figure is not what its dossiers come to, or bytes behind it are missing or are not those that landed."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Proof:
    """What the kept bytes say of one row. `problem` is empty when they agree with what was landed.

    `record` is for people to read: its personal fields are hidden. The hash is the whole record's, as it landed: of a
    stream with personal fields under the deployment's key.
    """

    record: str
    record_sha256: str
    problem: str
    hint: str = "Restore the file store from its copy; docs/runbooks/evidence.md says how."


def prove(settings: Settings, database: Database, rows: Sequence[Landed]) -> list[Proof]:
    """One proof a row, in their order. Every file is hashed, unpacked and gone through once, however many need it.

    A row without a hash of its own is vouched for by its file's: there it stands, in bytes that are those that landed.
    """
    by_file: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_file[row.file_sha256, row.source, row.stream].append(index)
    proofs: dict[int, Proof] = {}
    for indexes in by_file.values():
        proofs.update(zip(indexes, _prove(settings, database, [rows[index] for index in indexes]), strict=True))
    return [proofs[index] for index in range(len(rows))]


def held_against_bytes(settings: Settings, database: Database, told: Explanation) -> Explanation:
    """An explanation with what the kept bytes say of each of its rows."""
    rows = list({row.place: row for thing in told.things for row in thing.landed}.values())
    proofs = prove(settings, database, rows)
    found = [(proof.record, proof.record_sha256, proof.problem) for proof in proofs]
    return told.proved({row.place: said for row, said in zip(rows, found, strict=True)})


def _prove(settings: Settings, database: Database, rows: Sequence[Landed]) -> list[Proof]:
    """Those of one file and stream."""
    first = rows[0]
    sources = {source.name: source for source in settings.all_contracts}
    if not first.stream or first.source not in sources:
        return [Proof("", "", f"no delivery of {first.source} with this file is on record")] * len(rows)
    if not is_intact(settings.home, first.file_sha256):
        return [Proof("", "", "the kept file is missing or no longer has its hash")] * len(rows)
    stream = sources[first.source].stream(first.stream)
    try:
        hashes = row_hashes(settings, database, stream)
    except UsageError as error:
        problem = f"the hash of a record with personal fields is keyed, and {error.message}"
        return [Proof("", "", problem, error.hint or "")] * len(rows)
    with readable(settings.home, first.file_sha256) as file:
        try:
            found = evidence.shown_records(stream, file, {row.row_number for row in rows}, hashes)
        except UsageError as error:  # a row beyond the file's end
            if len(rows) == 1:
                return [Proof("", "", error.message)]
            return [proof for row in rows for proof in _prove(settings, database, [row])]
    return [_agreeing(*found[row.row_number], row) for row in rows]


def row_hashes(settings: Settings, database: Database, stream: StreamContract) -> RowHashes:
    """How records of a stream are hashed: under the deployment's key where they name people.

    Raises UsageError when the key is needed and is not here.
    """
    return RowHashes.of_stream(stream, pseudonyms_noted(settings.home, database) if stream.personal_fields else None)


def _agreeing(text: str, sha256: str, row: Landed) -> Proof:
    agrees = row.row_sha256 in {sha256, None}
    return Proof(text, sha256, "" if agrees else "the record in the file is not the one that landed")
