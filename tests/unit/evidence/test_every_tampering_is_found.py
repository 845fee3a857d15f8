"""Whatever is done to a pack, checking it says so and names the file; nothing but the key and the folder is needed.

Belongs here: damage to a small pack. Does not: packs of real releases (tests/integration/test_evidence.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import example, given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from orchestration.settings import PROJECT
from reporting.evidence import envelopes
from reporting.evidence.checking import Mismatch
from reporting.evidence.pack import PACK
from tests.unit.evidence import packs

SIGNER, PUBLIC = packs.make_key()
FILES = [
    "README.md",
    "chain/release-1.json",
    "chain/release-2.json",
    "manifest.json",
    "pack.json",
    "tables/dim_unit.csv",
    "tables/fct_dossier.csv",
]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return packs.write(tmp_path / "pack", SIGNER, packs.chain_of(SIGNER))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only: damage a copy of one file of it."""
    return packs.write(tmp_path_factory.mktemp("whole") / "pack", SIGNER, packs.chain_of(SIGNER))


def test_a_pack_as_it_was_made_is_good(pack: Path) -> None:
    assert sorted(path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file()) == FILES
    checked = packs.check(pack, PUBLIC)
    assert (checked.good, checked.release, checked.chain) == (True, 4, [2, 1])
    assert (checked.files, checked.tables) == (len(FILES) - 1, {"dim_unit": 3, "fct_dossier": 2})


def test_the_first_release_has_no_chain(tmp_path: Path) -> None:
    chain = {4: packs.manifest(4, None, SIGNER)}
    checked = packs.check(packs.write(tmp_path / "pack", SIGNER, chain), PUBLIC)
    assert (checked.mismatches, checked.chain) == ([], [])


@settings(max_examples=150, deadline=None)
@given(file=st.sampled_from(FILES), place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
@example(file="pack.json", place=0.0, bits=1)
@example(file="pack.json", place=0.999999, bits=1)
@example(file="manifest.json", place=0.999999, bits=1)
@example(file="tables/fct_dossier.csv", place=0.999999, bits=42)
def test_one_changed_byte_anywhere_is_found(whole: Path, file: str, place: float, bits: int) -> None:
    original = (whole / file).read_bytes()
    at = int(place * len(original))
    with tempfile.TemporaryDirectory() as folder:
        damaged = shutil.copytree(whole, Path(folder) / "pack")
        (damaged / file).write_bytes(original[:at] + bytes([original[at] ^ bits]) + original[at + 1 :])
        assert file in packs.problems(packs.check(damaged, PUBLIC))


def test_every_byte_of_a_signed_file_counts(whole: Path) -> None:
    """Where no list of hashes protects it, the list itself: by the signature, or by the one way it may be written."""
    original = (whole / PACK).read_bytes()
    envelopes.opened(original, [PUBLIC])
    for at in range(len(original)):
        for bits in (1, 0x20):
            with pytest.raises(envelopes.Unproved):
                envelopes.opened(original[:at] + bytes([original[at] ^ bits]) + original[at + 1 :], [PUBLIC])


@pytest.mark.parametrize("file", FILES)
def test_a_truncated_a_missing_and_a_longer_file_are_found(pack: Path, file: str) -> None:
    original = (pack / file).read_bytes()
    for damaged in (original[:-1], original[: len(original) // 2], b"", original + b"\n", original + b"\x00"):
        (pack / file).write_bytes(damaged)
        assert file in packs.problems(packs.check(pack, PUBLIC)), len(damaged)
    (pack / file).unlink()
    assert packs.problems(packs.check(pack, PUBLIC))[file].startswith("is missing")
    (pack / file).write_bytes(original)
    assert packs.check(pack, PUBLIC).good


@pytest.mark.parametrize(
    "extra", ["note.txt", "tables/fct_new.csv", "chain/release-3.json", "tables/.hidden", "empty/", "tables/sub/x.csv"]
)
def test_what_was_added_is_found(pack: Path, extra: str) -> None:
    place = pack / extra
    if extra.endswith("/"):
        place.mkdir()
    else:
        place.parent.mkdir(exist_ok=True)
        place.write_bytes((pack / "chain/release-2.json").read_bytes())
    assert packs.problems(packs.check(pack, PUBLIC)).keys() == {extra.rstrip("/")}


def test_a_link_is_no_file_of_the_pack(pack: Path, tmp_path: Path) -> None:
    moved = (pack / "tables/dim_unit.csv").rename(tmp_path / "elsewhere.csv")
    (pack / "tables/dim_unit.csv").symlink_to(moved)
    assert packs.problems(packs.check(pack, PUBLIC)) == {"tables/dim_unit.csv": "is no ordinary file any more"}


def test_another_key_proves_nothing(pack: Path) -> None:
    signer, public = packs.make_key()
    assert {"pack.json", "manifest.json"} <= packs.problems(packs.check(pack, public)).keys()
    foreign = packs.write(pack.with_name("foreign"), signer, packs.chain_of(signer))
    assert packs.check(foreign, public).good
    assert {"pack.json", "manifest.json"} <= packs.problems(packs.check(foreign, PUBLIC)).keys()


def test_a_forger_who_claims_the_key_is_found(pack: Path) -> None:
    """Signed with another key, under the identifier of the right one."""
    forger, _ = packs.make_key()
    named = CryptoSigner(forger._private_key, SSlibKey(
        PUBLIC.keyid, PUBLIC.keytype, PUBLIC.scheme, forger.public_key.keyval
    ))  # fmt: skip
    forged = packs.write(pack.with_name("forged"), named, packs.chain_of(named))
    assert packs.problems(packs.check(forged, PUBLIC))["manifest.json"].startswith("does not agree with its signature")


def test_a_key_that_was_replaced_goes_on_proving_what_it_signed(pack: Path) -> None:
    """Releases 1 and 2 under the old key, 4 and its pack under the new one."""
    newer, new_public = packs.make_key()
    chain = packs.chain_of(SIGNER)
    chain[4] = packs.manifest(4, (2, chain[2]), newer)
    renewed = packs.write(pack.with_name("renewed"), newer, chain)
    assert packs.check(renewed, new_public, PUBLIC).good
    assert packs.problems(packs.check(renewed, new_public)).keys() == {"chain/release-2.json"}


def _swap(pack: Path, one: str, other: str) -> None:
    held = (pack / one).read_bytes()
    (pack / one).write_bytes((pack / other).read_bytes())
    (pack / other).write_bytes(held)


def _remove(pack: Path, name: str) -> None:
    (pack / name).unlink()


def _replace(pack: Path, name: str, content: bytes) -> None:
    (pack / name).write_bytes(content)


CHAIN_DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "the newest dropped": (lambda pack: _remove(pack, "chain/release-2.json"), "chain/release-2.json"),
    "the oldest dropped": (lambda pack: _remove(pack, "chain/release-1.json"), "chain/release-1.json"),
    "two swapped": (
        lambda pack: _swap(pack, "chain/release-1.json", "chain/release-2.json"), "chain/release-2.json",
    ),
    "the last and one before swapped": (
        lambda pack: _swap(pack, "manifest.json", "chain/release-2.json"), "manifest.json",
    ),
    "another of the same release": (
        lambda pack: _replace(pack, "chain/release-1.json", packs.manifest(1, None, SIGNER, "otherwise")),
        "chain/release-1.json",
    ),
    "one too many": (
        lambda pack: _replace(pack, "chain/release-3.json", packs.manifest(3, None, SIGNER)), "chain/release-3.json",
    ),
    "no manifest": (
        lambda pack: _replace(pack, "manifest.json", (pack / PACK).read_bytes()), "manifest.json",
    ),
}  # fmt: skip


@pytest.mark.parametrize("listed_anew", [False, True], ids=["as listed", "by somebody with the key"])
@pytest.mark.parametrize("damage", CHAIN_DAMAGE)
def test_the_chain_holds_even_against_a_list_signed_anew(pack: Path, damage: str, listed_anew: bool) -> None:
    done, named = CHAIN_DAMAGE[damage]
    done(pack)
    if listed_anew:
        packs.list_anew(pack, SIGNER)
    assert named in packs.problems(packs.check(pack, PUBLIC))


@pytest.mark.parametrize(
    ("table", "before", "after", "problem"),
    [
        ("dim_unit", b"b,\n", b"b,1\n", "holds other rows"),
        ("dim_unit", b"b,\n", b"", "holds 2 rows, and 3"),
        ("dim_unit", b"b,\n", b'b,""\n', "holds other rows"),
        ("dim_unit", b"unit_key,unit_name\n", b"unit_name,unit_key\n", "has other columns"),
        ("fct_dossier", b"\n", b" ", "has other columns"),
        ("fct_dossier", b'hai""', b'hai"', "holds "),
    ],
)
def test_a_tables_rows_are_held_by_the_manifest_itself(
    pack: Path, table: str, before: bytes, after: bytes, problem: str
) -> None:
    """Although the list of files was signed anew by somebody who has the key."""
    file = pack / "tables" / f"{table}.csv"
    content = file.read_bytes()
    assert before in content
    file.write_bytes(content.replace(before, after, 1))
    packs.list_anew(pack, SIGNER)
    found = packs.check(pack, PUBLIC).mismatches
    assert any(wrong.name == f"tables/{table}.csv" and problem in wrong.problem for wrong in found), found


def test_the_order_of_rows_is_held_by_the_list_alone(pack: Path) -> None:
    """The content hash does not depend on it, as the database's does not; the file's SHA-256 does."""
    file = pack / "tables" / "dim_unit.csv"
    first, *rows = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(first + b"".join(reversed(rows)))
    assert packs.check(pack, PUBLIC).mismatches == [
        Mismatch("tables/dim_unit.csv", "was changed: its SHA-256 is not the signed one")
    ]
    packs.list_anew(pack, SIGNER)
    assert packs.check(pack, PUBLIC).good


@pytest.mark.parametrize(
    "content",
    [b"[]", b"{}", b"null", b"[" * 100_000, b"\xff\xfe", b'{"payload":1,"payloadType":"x","signatures":[]}',
     b'{"payload":"!","payloadType":"x","signatures":[{"keyid":"a","sig":"?"}]}'],
)  # fmt: skip
def test_nonsense_is_named_and_nothing_crashes(pack: Path, content: bytes) -> None:
    for file in ("pack.json", "manifest.json"):
        (pack / file).write_bytes(content)
        assert file in packs.problems(packs.check(pack, PUBLIC))


def test_a_second_signature_is_a_change(pack: Path) -> None:
    other, _ = packs.make_key()
    read = json.loads((pack / PACK).read_bytes())
    envelope = Envelope.from_dict(read)
    envelope.sign(other)
    (pack / PACK).write_text(json.dumps(envelope.to_dict(), sort_keys=True, separators=(",", ":")) + "\n")
    assert PACK in packs.problems(packs.check(pack, PUBLIC))


def test_signatures_are_what_dsse_says(pack: Path) -> None:
    """Held against the standard's own words with nothing of ours: the pre-authentication encoding, and ed25519."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(PUBLIC.keyval["public"]))
    for file in ("pack.json", "manifest.json", "chain/release-1.json"):
        envelope = json.loads((pack / file).read_bytes())
        payload = b64decode(envelope["payload"])
        kind = envelope["payloadType"].encode()
        assert kind == b"application/vnd.in-toto+json"
        encoded = b"DSSEv1 " + b" ".join([str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
        [signature] = envelope["signatures"]
        key.verify(b64decode(signature["sig"]), encoded)
        statement = json.loads(payload)
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement.keys() == {"_type", "subject", "predicateType", "predicate"}
        assert all(subject.keys() == {"name", "digest"} for subject in statement["subject"])
        assert b64encode(payload).decode() == envelope["payload"]


def test_the_same_pack_is_made_of_the_same_bytes(pack: Path) -> None:
    again = packs.write(pack.with_name("again"), SIGNER, packs.chain_of(SIGNER))
    assert {file: (again / file).read_bytes() for file in FILES} == {file: (pack / file).read_bytes() for file in FILES}


def test_checking_imports_no_database_and_no_pipeline() -> None:
    code = (
        "import sys; import reporting.evidence.checking, reporting.evidence.keys, reporting.evidence.told;"
        "print(sorted({'psycopg', 'warehouse', 'orchestration', 'dagster', 'dbt', 'sqlalchemy'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("number", [3, 5])
def test_a_manifest_of_another_release_is_not_the_one_before(tmp_path: Path, number: int) -> None:
    """By somebody with the key: the hash that release 4 names for release 2 is that of another release's manifest."""
    other = packs.manifest(number, None, SIGNER)
    pack = packs.write(tmp_path / "pack", SIGNER, {2: other, 4: packs.manifest(4, (2, other), SIGNER)})
    assert packs.problems(packs.check(pack, PUBLIC)) == {"chain/release-2.json": f"is the manifest of release {number}"}


def test_a_chain_goes_back_and_never_forward(tmp_path: Path) -> None:
    newer = packs.manifest(7, None, SIGNER)
    pack = packs.write(tmp_path / "pack", SIGNER, {7: newer, 4: packs.manifest(4, (7, newer), SIGNER)})
    assert packs.problems(packs.check(pack, PUBLIC)) == {"chain/release-7.json": "is the manifest of release 7"}


def test_what_the_key_signed_for_something_else_is_no_manifest(pack: Path) -> None:
    """Of another kind of payload, or a statement of another kind, word for word the same otherwise."""
    payload = envelopes.opened((pack / "manifest.json").read_bytes(), [PUBLIC])
    other = Envelope(payload, "text/plain", {})
    other.sign(SIGNER)
    written = json.dumps(other.to_dict(), sort_keys=True, separators=(",", ":")) + "\n"
    (pack / "manifest.json").write_text(written)
    packs.list_anew(pack, SIGNER)
    assert packs.problems(packs.check(pack, PUBLIC)).keys() == {"manifest.json"}
    for before, after in ((b"evidence:release:1", b"evidence:release:2"), (b"Statement/v1", b"Statement/v2")):
        assert before in payload
        (pack / "manifest.json").write_bytes(envelopes.signed(payload.replace(before, after), SIGNER))
        packs.list_anew(pack, SIGNER)
        assert packs.problems(packs.check(pack, PUBLIC)).keys() == {"manifest.json"}
