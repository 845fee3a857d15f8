"""The page about a release's signed manifest: its files, and how to check them; or that none was made, and by which command.

Belongs here: that page. Does not: the files (proof.py), or checking (reporting/evidence/checking).
"""

from __future__ import annotations

from reporting.pages.addresses import PROOF
from reporting.pages.model import Cell, Code, Column, Evidence, File, Number, Row, Table
from reporting.pages.proof import FOLDER, PUBLIC_KEY, Proof, Signed
from reporting.pages.told import Told

#: How many sentences say how to check.
_STEPS = 4


def proof_page(told: Told) -> Evidence:
    """For everybody: what is signed of this release, the files, how to check them without this program's database."""
    proof, release = told.release.known.proof, told.release.body.release_id
    if proof is None:
        lead = told.word("proof_none", release=release)
        return Evidence(PROOF, told.head("page_proof"), lead, notes=(told.word("proof_none_how", release=release),))
    return Evidence(
        PROOF, told.head("page_proof"), told.word("proof_lead"), facts=_facts(told, proof),
        notes=tuple(told.word(f"proof_how_{step}", release=release) for step in range(1, _STEPS + 1)),
        tables=(_manifests(told, proof), _tables(told)),
    )  # fmt: skip


def _facts(told: Told, proof: Proof) -> tuple[tuple[str, Cell], ...]:
    key: Cell = told.word("proof_key_elsewhere")
    if proof.public_key is not None:
        key = File(f"../{FOLDER}/{PUBLIC_KEY}", PUBLIC_KEY)
    return (
        (told.head("proof_manifest"), _file(proof, proof.manifest)),
        (told.head("proof_file_sha256"), Code(proof.manifest.sha256)),
        (told.head("proof_key_id"), Code(proof.manifest.key_id)),
        (told.head("proof_public_key"), key),
    )


def _file(proof: Proof, signed: Signed) -> Cell:
    path = proof.path(signed)
    return File(f"../{FOLDER}/{path}", path)


def _manifests(told: Told, proof: Proof) -> Table:
    """The chain, newest first: each names the one below by its hash."""
    columns = (
        Column(told.head("provenance_release"), True), Column(told.label("file")), Column(told.head("sha256")),
        Column(told.head("proof_key_id")),
    )  # fmt: skip
    rows = tuple(
        Row((Number(signed.release, "place"), _file(proof, signed), Code(signed.sha256), _key(signed)))
        for signed in proof.manifests
    )
    return Table(told.head("caption_chain"), columns, rows, name="chain")


def _key(signed: Signed) -> Code:
    return Code(signed.key_id, f"{signed.key_id[:12]}…")


def _tables(told: Told) -> Table:
    """What the manifest signs: each published table with its hash."""
    columns = (Column(told.head("the_table")), Column(told.head("table_rows"), True), Column(told.head("sha256")))
    rows = tuple(
        Row((Code(f"marts.{name}"), Number(table["rows"]), Code(table["sha256"])))
        for name, table in sorted(told.release.known.tables.items())
    )
    return Table(told.head("caption_signed_tables"), columns, rows, name="tables")
