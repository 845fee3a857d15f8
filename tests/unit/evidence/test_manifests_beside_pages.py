"""Manifests as a release's pages have them: checked without tables, and put beside pages of no other release than their own.

Belongs here: made chains, good and damaged. Does not: whole packs (test_every_tampering_is_found.py), or sites
(tests/integration/test_release_proof.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.failures import MotcuaError
from reporting.evidence.checking import check_manifests
from reporting.evidence.keys import make_pair, public_key_of, signer_of
from reporting.pages.proof import FOLDER, PUBLIC_KEY, proof_files, proof_of
from tests.unit.evidence.packs import chain_of, content, manifest

PAIR, OTHER = make_pair(), make_pair()
SIGNER = signer_of(PAIR.private_pem, "the test")
KEYS = [public_key_of(PAIR.public_pem.encode(), "the test")]
CHAIN = chain_of(SIGNER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What lies beside the pages of release 4."""
    proof = proof_of(4, CHAIN, content(), [PAIR.public_pem])
    assert proof is not None
    for name, held in proof_files(proof):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(held)
    return tmp_path / FOLDER


def test_the_chain_is_checked_without_tables(folder: Path) -> None:
    checked = check_manifests(folder, KEYS)
    assert (checked.good, checked.release, checked.chain, checked.tables) == (True, 4, [2, 1], {})
    assert (folder / PUBLIC_KEY).read_text() == PAIR.public_pem


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("manifest.json", lambda place: place.write_bytes(place.read_bytes()[:-2])),
        ("manifest.json", lambda place: place.write_bytes(manifest(4, (2, CHAIN[2]), signer_of(OTHER.private_pem, "")))),
        ("manifest.json", lambda place: place.unlink()),
        ("chain/release-2.json", lambda place: place.write_bytes(manifest(2, (1, CHAIN[1]), SIGNER, "otherwise"))),
        ("chain/release-1.json", lambda place: place.unlink()),
        ("chain/release-3.json", lambda place: place.write_bytes(CHAIN[2])),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(folder: Path, name: str, damage: Callable[[Path], object]) -> None:
    damage(folder / name)
    assert [mismatch.name for mismatch in check_manifests(folder, KEYS).mismatches] == [name]


def test_another_key_proves_nothing(folder: Path) -> None:
    other = public_key_of(OTHER.public_pem.encode(), "the test")
    assert [mismatch.name for mismatch in check_manifests(folder, [other]).mismatches] == ["manifest.json"]


def test_pages_take_the_chain_up_to_their_release_and_its_own_key() -> None:
    assert proof_of(3, CHAIN, content(), [PAIR.public_pem]) is None
    proof = proof_of(2, CHAIN, content(), [OTHER.public_pem])
    assert proof is not None
    assert ([signed.release for signed in proof.manifests], proof.public_key) == ([2, 1], None)
    assert [name for name, _ in proof_files(proof)] == [f"{FOLDER}/manifest.json", f"{FOLDER}/chain/release-1.json"]


def test_a_manifest_that_is_not_of_what_is_published_is_refused() -> None:
    otherwise = content() | {"dim_unit": content()["dim_unit"] | {"sha256": "0" * 64}}
    with pytest.raises(MotcuaError, match="other tables"):
        proof_of(4, CHAIN, otherwise, [])
    forged = CHAIN | {1: CHAIN[1].replace(b'"payload":"', b'"payload":"AAAA', 1)}
    with pytest.raises(MotcuaError, match="not what was signed"):
        proof_of(4, forged, content(), [PAIR.public_pem])
    with pytest.raises(MotcuaError, match="not what was signed"):
        proof_of(4, CHAIN | {4: b"{}"}, content(), [])
