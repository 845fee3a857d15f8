"""Proving rows against the bytes they came from: the kept file still has its hash, the record stands in it, and hashes
to what was landed.

Belongs here: handing a witness's file to the extractor's evidence reader. Does not: reading formats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.failures import MotcuaError
from extractors import evidence
from orchestration.settings import Settings
from warehouse.filestore import is_intact, place_of
from warehouse.lineage import Witness


class EvidenceLost(MotcuaError):
    """Bytes behind a published figure are missing or were changed."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Proof:
    """What the kept bytes say of one row. `problem` is empty when they agree with what was landed.

    `record` is for people to read: its personal fields are hidden. The hash is the whole record's.
    """

    record: str
    record_sha256: str
    problem: str


def prove(settings: Settings, witnesses: Sequence[Witness]) -> list[Proof]:
    """One proof a witness, in their order. Every file is hashed once."""
    intact = {sha: is_intact(settings.home, sha) for sha in {witness.file_sha256 for witness in witnesses}}
    return [_prove(settings, witness, intact[witness.file_sha256]) for witness in witnesses]


def _prove(settings: Settings, witness: Witness, intact: bool) -> Proof:
    if not intact:
        return Proof("", "", "the kept file is missing or no longer has its hash")
    contract = {source.name: source for source in settings.all_contracts}[witness.source]
    text, sha256 = evidence.shown_record(
        contract.stream(witness.stream), place_of(settings.home, witness.file_sha256), witness.row_number
    )
    agrees = sha256 == witness.row_sha256
    return Proof(text, sha256, "" if agrees else "the record in the file is not the one that landed")


def unproven(proofs: Sequence[Proof]) -> EvidenceLost:
    """The failure to raise when some proofs did not hold."""
    broken = [proof.problem for proof in proofs if proof.problem]
    return EvidenceLost(
        f"{len(broken)} of {len(proofs)} rows cannot be proved: {broken[0]}",
        hint="Restore the file store from its copy; docs/runbooks/evidence.md says how.",
    )
