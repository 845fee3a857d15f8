"""Proving rows against the bytes they came from: the kept file still has its hash, the record stands in it, and hashes
to what was landed.

Belongs here: handing a witness's file to the extractor's evidence reader, and the key where records name people. Does
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
from warehouse.database import Database
from warehouse.filestore import is_intact, readable
from warehouse.lineage import Witness


class EvidenceLost(MotcuaError):
    """Bytes behind a published figure are missing or were changed, or cannot be held against what landed."""

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


def prove(settings: Settings, database: Database, witnesses: Sequence[Witness]) -> list[Proof]:
    """One proof a witness, in their order. Every file is hashed, unpacked and gone through once, however many need it."""
    by_file: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for index, witness in enumerate(witnesses):
        by_file[witness.file_sha256, witness.source, witness.stream].append(index)
    proofs: dict[int, Proof] = {}
    for indexes in by_file.values():
        proofs.update(zip(indexes, _prove(settings, database, [witnesses[index] for index in indexes]), strict=True))
    return [proofs[index] for index in range(len(witnesses))]


def _prove(settings: Settings, database: Database, witnesses: Sequence[Witness]) -> list[Proof]:
    """Those of one file and stream."""
    first = witnesses[0]
    if not is_intact(settings.home, first.file_sha256):
        return [Proof("", "", "the kept file is missing or no longer has its hash")] * len(witnesses)
    stream = {source.name: source for source in settings.all_contracts}[first.source].stream(first.stream)
    try:
        hashes = row_hashes(settings, database, stream)
    except UsageError as error:
        problem = f"the hash of a record with personal fields is keyed, and {error.message}"
        return [Proof("", "", problem, error.hint or "")] * len(witnesses)
    with readable(settings.home, first.file_sha256) as file:
        found = evidence.shown_records(stream, file, {witness.row_number for witness in witnesses}, hashes)
    return [_agreeing(*found[witness.row_number], witness) for witness in witnesses]


def row_hashes(settings: Settings, database: Database, stream: StreamContract) -> RowHashes:
    """How records of a stream are hashed: under the deployment's key where they name people.

    Raises UsageError when the key is needed and is not here.
    """
    return RowHashes.of_stream(stream, pseudonyms_noted(settings.home, database) if stream.personal_fields else None)


def _agreeing(text: str, sha256: str, witness: Witness) -> Proof:
    agrees = sha256 == witness.row_sha256
    return Proof(text, sha256, "" if agrees else "the record in the file is not the one that landed")


def unproven(proofs: Sequence[Proof]) -> EvidenceLost:
    """The failure to raise when some proofs did not hold."""
    broken = [proof for proof in proofs if proof.problem]
    return EvidenceLost(
        f"{len(broken)} of {len(proofs)} rows cannot be proved: {broken[0].problem}", hint=broken[0].hint
    )
