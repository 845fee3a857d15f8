"""The evidence of a release: manifests signed and kept, the tables as they were, all of it in one folder.

Belongs here: handing what the database knows to what signs and writes it. Does not: the form of a pack
(reporting/evidence), the queries (warehouse/manifests), where the key comes from (secrets.py).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from securesystemslib.signer import CryptoSigner

from orchestration.proving import EvidenceLost
from orchestration.session import Progress
from reporting.evidence import envelopes, statements
from reporting.evidence.pack import write_pack
from reporting.evidence.tables import Contents
from warehouse import manifests
from warehouse.database import Database
from warehouse.made_aside import made_aside


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack that was made. `new` are the releases that had no manifest before, `release` among them or not."""

    release: int
    tables: int
    rows: int
    manifest_sha256: str
    new: tuple[int, ...]


def pack_release(
    database: Database, connection: psycopg.Connection, release_id: int, folder: Path, signer: CryptoSigner,
    progress: Progress,
) -> Packed:  # fmt: skip
    """Makes the pack of a kept release in a new folder, and the manifests that are missing up to it: a chain has no hole.

    `connection` reads that release as it was. Raises UsageError when the folder is not empty, EvidenceLost when the
    database no longer holds what it noted when it published.
    """
    with made_aside(folder, "pack") as aside:
        chain, new = _manifests(database, connection, release_id, signer)
        progress.step("manifests", rows=len(chain), detail=f"{len(new)} of them new")
        content = manifests.contents_on_record(connection, release_id)
        watch = _Watch(content, progress)

        def rows(table: str) -> tuple[Sequence[str], str | None, Iterable[str]]:
            columns = content[table]["columns"]
            return columns, content[table].get("placed_by"), manifests.row_texts(connection, table, columns)

        write_pack(aside, release_id, chain, sorted(content), rows, signer, watch.told)
    return Packed(
        release=release_id,
        tables=len(content),
        rows=watch.rows,
        manifest_sha256=_sha256(chain[release_id]),
        new=tuple(new),
    )


def _manifests(
    database: Database, connection: psycopg.Connection, release_id: int, signer: CryptoSigner
) -> tuple[dict[int, bytes], list[int]]:
    """The manifest of a release and of each that passed before it, oldest first; and which of them were made now.

    A manifest says nothing that went with a release's rows, so those that were cleaned away have one as well.
    """
    chain = manifests.kept_manifests(connection, release_id)
    new = [number for number in manifests.passed_releases(connection, release_id) if number not in chain]
    for number in new:
        before = max((held for held in chain if held < number), default=None)
        previous = None if before is None else (before, _sha256(chain[before]))
        content = manifests.contents_on_record(connection, number)
        payload = statements.manifest_of(manifests.facts_of(connection, number), content, previous)
        chain[number] = manifests.keep_manifest(database, number, envelopes.signed(payload, signer))
    return chain, new


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class _Watch:
    """Holds each table that was written against what was noted when it was published, and tells of it."""

    def __init__(self, content: dict[str, dict[str, Any]], progress: Progress) -> None:
        self._content = content
        self._progress = progress
        self._since = time.perf_counter()
        self.rows = 0

    def told(self, table: str, written: Contents) -> None:
        """A table was written."""
        noted = self._content[table]
        computed = written.in_buckets() if "depth" in noted else written.in_one()
        if (written.rows, computed) != (noted["rows"], noted["sha256"]):
            raise EvidenceLost(
                f"the database holds {written.rows:,} rows of {table} that are not the {noted['rows']:,} it published",
                hint="Somebody changed its tables past the program: compare with a backup (docs/runbooks/database.md).",
            )
        self.rows += written.rows
        now = time.perf_counter()
        self._progress.step(table, rows=written.rows, seconds=now - self._since)
        self._since = now
