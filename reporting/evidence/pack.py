"""A pack: the folder that proves one release, and what lies in it.

    manifest.json   the release's manifest, signed        chain/release-N.json   those of the releases before it
    tables/T.csv    each published table as it was        README.md              what this is, how to check it
    pack.json       the list of all of these, signed

Belongs here: writing that folder. Does not: checking one (checking.py), or reading a database: it is handed everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from reporting.evidence import envelopes, statements
from reporting.evidence.readme import readme
from reporting.evidence.tables import Contents, write_table

MANIFEST = "manifest.json"
PACK = "pack.json"
CHAIN = "chain"
TABLES = "tables"
README = "README.md"
#: Asked for each table: the columns it had, the one its rows lie by in buckets, and the texts of its rows in their order.
Rows = Callable[[str], tuple[Sequence[str], str | None, Iterable[str]]]
#: Told of each table that was written.
OnTable = Callable[[str, Contents], None]


def chain_file(release_id: int) -> str:
    """Where the manifest of an earlier release lies in a pack."""
    return f"{CHAIN}/release-{release_id}.json"


def table_file(table: str) -> str:
    """Where a table's rows lie in a pack."""
    return f"{TABLES}/{table}.csv"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_pack(
    folder: Path, release_id: int, manifests: Mapping[int, bytes], tables: Sequence[str], rows: Rows,
    signer: CryptoSigner, on_table: OnTable,
) -> None:  # fmt: skip
    """Fills an empty folder. `manifests` are that of the release and of all that passed before it."""
    for number, envelope in manifests.items():
        place = folder / (MANIFEST if number == release_id else chain_file(number))
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(envelope)
    (folder / TABLES).mkdir()
    (folder / README).write_text(readme(release_id, signer.public_key.keyid), encoding="utf-8")
    for table in tables:
        on_table(table, write_table(folder / table_file(table), *rows(table)))
    files = {path.relative_to(folder).as_posix(): sha256_of(path) for path in folder.rglob("*") if path.is_file()}
    (folder / PACK).write_bytes(envelopes.signed(statements.pack_of(release_id, files), signer))
