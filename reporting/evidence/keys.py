"""Ed25519 keys as PEM text: making a pair, reading either half.

Belongs here: that. Does not: where keys are kept (orchestration/secrets). No message holds a key.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from contracts.failures import UsageError

_HINT = "`motcua keys init` makes a pair."


@dataclass(frozen=True, slots=True)
class Pair:
    """A new pair of keys and the identifier that signatures bear."""

    private_pem: str = field(repr=False)
    public_pem: str
    key_id: str


def make_pair() -> Pair:
    """A new pair from the system's source of randomness."""
    private = Ed25519PrivateKey.generate()
    signer = CryptoSigner(private)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Pair(signer.private_bytes.decode(), public.decode(), signer.public_key.keyid)


def signer_of(pem: str, where: str) -> CryptoSigner:
    """What signs with a private key. Raises UsageError when the text is none; `where` says where it came from."""
    try:
        private = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # What the library says may quote what it was given.
        raise UsageError(f"{where} holds no private key that can be read (PEM, not encrypted)", hint=_HINT) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise UsageError(f"{where} holds a private key of another kind than ed25519", hint=_HINT)
    return CryptoSigner(private)


def public_key_of(pem: bytes, where: str) -> SSlibKey:
    """The public key in a file's content. Raises UsageError when it holds none."""
    try:
        public = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{where} holds no public key (PEM)", hint="Give the one whose name ends in .pub.") from None
    if not isinstance(public, Ed25519PublicKey):
        raise UsageError(f"{where} holds a public key of another kind than ed25519")
    return SSlibKey.from_crypto(public)
