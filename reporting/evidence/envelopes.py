"""Signed files: an in-toto statement in a DSSE envelope, one signature, and one way alone to write it.

Belongs here: making and opening such a file. Does not: what is stated (statements.py), keys (keys.py).
The signature covers the payload; of the file around it every other byte follows from the payload, the key and the
signature, so that opening can refuse a file that was written otherwise.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Sequence

import msgspec
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class Unproved(Exception):
    """A file that is not what somebody with one of the keys signed. The message says why, without the file's name."""


class _Signature(msgspec.Struct, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    payload: str
    payload_type: str = msgspec.field(name="payloadType")
    signatures: tuple[_Signature]


def signed(payload: bytes, signer: CryptoSigner) -> bytes:
    """The file that states a payload under a key: the same payload and key give the same bytes."""
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return _written(envelope)


def claimed(content: bytes) -> tuple[bytes, str]:
    """The payload of a signed file and the id of the key it names, neither proved. Raises Unproved when it is no such file."""
    payload, _, signature = _parts(content)
    return payload, signature.keyid


def opened(content: bytes, keys: Sequence[SSlibKey]) -> bytes:
    """The payload of a signed file. Raises Unproved unless it is signed by one of the keys and written as `signed` does."""
    payload, kind, held = _parts(content)
    envelope = Envelope(payload, kind, {held.keyid: held})
    if kind != PAYLOAD_TYPE or _written(envelope) != content:
        raise Unproved("is not written as signed files are: it was changed")
    if held.keyid not in {key.keyid for key in keys}:
        raise Unproved(f"is signed with another key ({held.keyid[:16]}…), or was changed")
    try:
        envelope.verify(list(keys), 1)
    except VerificationError:
        raise Unproved("does not agree with its signature: it was changed") from None
    return payload


def _parts(content: bytes) -> tuple[bytes, str, Signature]:
    """Payload, its type, the signature."""
    try:
        read = msgspec.json.decode(content, type=_Envelope)
        payload = b64decode(read.payload, validate=True)
        [signature] = read.signatures
        held = Signature(signature.keyid, b64decode(signature.sig, validate=True).hex())
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise Unproved("is no signed file any more: it was changed or cut off") from None
    return payload, read.payload_type, held


def _written(envelope: Envelope) -> bytes:
    return json.dumps(envelope.to_dict(), sort_keys=True, separators=(",", ":")).encode() + b"\n"
