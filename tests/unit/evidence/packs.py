"""A small pack of made tables, three releases long, and ways to damage it.

Belongs here: that. Does not: assertions.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner, SSlibKey

from reporting.evidence import envelopes, keys, statements
from reporting.evidence.checking import Checked, check_pack
from reporting.evidence.pack import PACK, sha256_of, write_pack

#: As PostgreSQL writes rows: quotes and backslashes twice, no value and an empty one told apart.
ROWS = {
    "dim_unit": ("unit_key", "unit_name"),
    "fct_dossier": ("dossier_key", "note", "received_at"),
}
TEXTS = {
    "dim_unit": ['(a,"Phường ""Trung Thành""")', "(b,)", '(c,"")'],
    "fct_dossier": ['(1,"dòng một\ndòng ""hai""","2023-07-01 00:00:00+00")', '(2,"\\\\,(x)",)'],
}
#: Computed apart from this program, with sha256sum: of each row, these sorted and joined, hashed again; of the units as they
#: were hashed before there were buckets (as digits), of the dossiers by the one bucket that two rows lie in (as bytes).
HASHED: dict[str, dict[str, Any]] = {
    "dim_unit": {"sha256": "6f4df563c71226a03b563ad01d1b3faa3f8aff2980abf4f7124c8f96645b948f"},
    "fct_dossier": {
        "depth": 0,
        "placed_by": "dossier_key",
        "sha256": "06aea7a8aaf0095d3882984ba3aa9be002418ac98996307945ed8c98c57a8570",
    },
}


def make_key() -> tuple[CryptoSigner, SSlibKey]:
    """A new pair: what signs, what checks."""
    pair = keys.make_pair()
    return keys.signer_of(pair.private_pem, "the test"), keys.public_key_of(pair.public_pem.encode(), "the test")


def content() -> dict[str, dict[str, Any]]:
    """What the database notes of the tables when it publishes them."""
    return {
        table: {"columns": list(columns), "rows": len(TEXTS[table]), **HASHED[table]} for table, columns in ROWS.items()
    }


def manifest(number: int, before: tuple[int, bytes] | None, signer: CryptoSigner, said: str = "") -> bytes:
    """The signed manifest of a release; `said` makes it another one."""
    previous = None if before is None else (before[0], hashlib.sha256(before[1]).hexdigest())
    return envelopes.signed(
        statements.manifest_of({"release": {"id": number}, "said": said}, content(), previous), signer
    )


def chain_of(signer: CryptoSigner) -> dict[int, bytes]:
    """The manifests of releases 1, 2 and 4: the third was refused."""
    first = manifest(1, None, signer)
    second = manifest(2, (1, first), signer)
    return {1: first, 2: second, 4: manifest(4, (2, second), signer)}


def write(folder: Path, signer: CryptoSigner, chain: Mapping[int, bytes]) -> Path:
    """The pack of release 4 with these manifests."""
    folder.mkdir()
    write_pack(
        folder, 4, chain, sorted(TEXTS), lambda table: (ROWS[table], HASHED[table].get("placed_by"), TEXTS[table]), signer,
        lambda table, held: None,
    )  # fmt: skip
    return folder


def list_anew(folder: Path, signer: CryptoSigner) -> None:
    """Signs the list of files again as they are now: what somebody could do who has the key."""
    files = {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in folder.rglob("*")
        if path.is_file() and path.name != PACK
    }
    (folder / PACK).write_bytes(envelopes.signed(statements.pack_of(4, files), signer))


def check(folder: Path, *public: SSlibKey) -> Checked:
    """What checking says, nobody watching."""
    return check_pack(folder, public, lambda table, rows: None)


def problems(checked: Checked) -> dict[str, str]:
    """What is wrong with each file; of several things the last."""
    return {mismatch.name: mismatch.problem for mismatch in checked.mismatches}


def payload_of(file: Path) -> Any:
    """What a signed file states."""
    return json.loads(b64decode(json.loads(file.read_bytes())["payload"]))
