"""The signed manifest of a release and those before it, as files beside its pages.

Belongs here: which files these are, and that they are of the release the pages tell. Does not: making or keeping manifests
(orchestration/packing, warehouse/manifests), a whole pack with its tables (reporting/evidence/pack), or the page about them
(proof_page.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.failures import MotcuaError
from reporting.evidence import envelopes, statements
from reporting.evidence.keys import public_key_of
from reporting.evidence.pack import MANIFEST, chain_file

#: The folder of these files beside the release's page.
FOLDER = "proof"
PUBLIC_KEY = "public_key.pem"


@dataclass(frozen=True, slots=True)
class Signed:
    """One manifest: of which release, the file, the key it names."""

    release: int
    content: bytes
    key_id: str

    @property
    def sha256(self) -> str:
        """Of the file's bytes: what the manifest after it names."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Proof:
    """A release's manifest and those of all that passed before it, newest first; the public key, where it is at hand."""

    manifests: tuple[Signed, ...]
    public_key: str | None

    @property
    def manifest(self) -> Signed:
        """The release's own."""
        return self.manifests[0]

    def path(self, signed: Signed) -> str:
        """Where a manifest lies in the folder of these files: as in a pack."""
        return MANIFEST if signed is self.manifest else chain_file(signed.release)


def proof_of(
    release_id: int, kept: Mapping[int, bytes], tables: Mapping[str, Mapping[str, Any]], public_keys: Sequence[str]
) -> Proof | None:
    """What is kept of a release, or None where its own manifest is not. `kept` has each file by release, `tables` is what the
    ledger holds of this one.

    The public key is that of the release's own manifest, if it is among those given. Raises MotcuaError where a manifest is not
    what was signed with one of them, or names other tables than the ledger: somebody changed one or the other.
    """
    if release_id not in kept:
        return None
    try:
        claims = {number: envelopes.claimed(content) for number, content in kept.items() if number <= release_id}
        named = statements.read_manifest(claims[release_id][0])
        keys = {key.keyid: (key, pem) for pem in public_keys if (key := public_key_of(pem.encode(), "a public key"))}
        for number, (_, key_id) in claims.items():
            if key_id in keys:
                envelopes.opened(kept[number], [keys[key_id][0]])
    except (envelopes.Unproved, statements.NotStated) as error:
        raise MotcuaError(f"a kept manifest is not what was signed: it {error}", hint=_HINT) from None
    if {subject.name: subject.digest for subject in named.subject} != statements.digests_of(tables):
        raise MotcuaError(f"the manifest of release {release_id} names other tables than the ledger", hint=_HINT)
    newest_first = sorted(claims, reverse=True)
    signed = tuple(Signed(number, kept[number], claims[number][1]) for number in newest_first)
    return Proof(signed, keys[signed[0].key_id][1] if signed[0].key_id in keys else None)


_HINT = "Somebody changed the database past the program: compare with a backup (docs/runbooks/database.md)."


def proof_files(proof: Proof) -> Iterator[tuple[str, bytes]]:
    """Every file, by its name within the release's folder."""
    for signed in proof.manifests:
        yield f"{FOLDER}/{proof.path(signed)}", signed.content
    if proof.public_key is not None:
        yield f"{FOLDER}/{PUBLIC_KEY}", proof.public_key.encode()
