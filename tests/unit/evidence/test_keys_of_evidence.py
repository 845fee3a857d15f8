"""The keys that evidence is signed with: private files or the environment, one kind, never replaced, never told.

Belongs here: reading and keeping keys. Does not: what is signed with them.
"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from contracts.failures import UsageError
from orchestration.secrets import (
    SIGNING_KEY_FILE_VARIABLE,
    SIGNING_KEY_VARIABLE,
    keep_signing_key,
    signing_key,
)
from reporting.evidence.keys import make_pair, public_key_of, signer_of
from warehouse.home import Home

PAIR = make_pair()
#: A line of the key itself: no message may hold it.
SECRET = PAIR.private_pem.splitlines()[1]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home" / "state").mkdir(parents=True)
    return Home(tmp_path / "home")


def _file(path: Path, content: str, mode: int) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


def test_a_pair_fits_together() -> None:
    signer = signer_of(PAIR.private_pem, "here")
    public = public_key_of(PAIR.public_pem.encode(), "here")
    assert signer.public_key == public
    assert public.keyid == PAIR.key_id
    assert SECRET not in repr(PAIR)
    assert make_pair().key_id != PAIR.key_id


def test_where_the_key_is_looked_for(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no key to sign evidence with") as missing:
        signing_key(home, {})
    assert missing.value.hint == "Make one: motcua keys init"
    own = _file(home.state / "evidence_key", PAIR.private_pem, 0o600)
    assert signing_key(home, {}) == (PAIR.private_pem.strip(), str(own))
    other = _file(tmp_path / "khóa", "another", 0o600)
    assert signing_key(home, {SIGNING_KEY_FILE_VARIABLE: str(other)}) == ("another", str(other))
    given = {SIGNING_KEY_VARIABLE: PAIR.private_pem}
    assert signing_key(home, given) == (PAIR.private_pem.strip(), SIGNING_KEY_VARIABLE)
    with pytest.raises(UsageError, match="both set"):
        signing_key(home, given | {SIGNING_KEY_FILE_VARIABLE: str(other)})


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o644, 0o666])
def test_a_key_that_others_can_read_is_refused(home: Home, mode: int) -> None:
    """Of the group too: whoever can sign can make a chain of his own."""
    own = _file(home.state / "evidence_key", PAIR.private_pem, mode)
    with pytest.raises(UsageError, match=f"mode {mode:04o}") as told:
        signing_key(home, {})
    assert told.value.hint == f"Make it private: chmod 600 {own}"
    assert SECRET not in str(told.value)


def test_a_key_is_kept_private_and_never_replaced(tmp_path: Path) -> None:
    private = tmp_path / "mới" / "evidence_key"
    public = keep_signing_key(private, PAIR.private_pem, PAIR.public_pem)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert (private.read_text(), public.read_text()) == (PAIR.private_pem, PAIR.public_pem)
    newer = make_pair()
    for gone in (None, private, public):
        if gone is not None:
            gone.unlink()
        if private.exists() or public.exists():
            with pytest.raises(UsageError, match="is there already"):
                keep_signing_key(private, newer.private_pem, newer.public_pem)
    assert not private.exists()


def test_what_is_no_key_is_refused_without_being_told() -> None:
    held = load_pem_private_key(PAIR.private_pem.encode(), None)
    locked = held.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode()
    curve = generate_private_key(SECP256R1())
    other = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text, words in (
        ("", "no private key"),
        (PAIR.public_pem, "no private key"),
        (PAIR.private_pem[:-40], "no private key"),
        (locked, "not encrypted"),
        (other, "another kind than ed25519"),
    ):
        with pytest.raises(UsageError, match=words) as told:
            signer_of(text, "the variable")
        assert SECRET not in str(told.value)
        assert told.value.message.startswith("the variable")
    public_of_other = curve.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for content, words in (
        (b"", "no public key"),
        (PAIR.private_pem.encode(), "no public key"),
        (public_of_other, "another kind"),
    ):
        with pytest.raises(UsageError, match=words):
            public_key_of(content, "k.pub")
