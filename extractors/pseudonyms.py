"""Personal values to keyed pseudonyms: one value of one kind has one pseudonym, in every source, and none without the key.

Belongs here: which spellings are one value, the keyed hash, and how a value that may not be shown is told of. Does not:
which fields are personal (contracts) or where the key comes from (orchestration/secrets).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import polars as pl
import polars_hash as plh

from contracts.failures import UsageError
from contracts.records import SHOWN_VALUE_LENGTH
from contracts.source import PersonalKind

#: Shorter keys could be found by trying; 16 bytes drawn at random cannot.
SHORTEST_KEY = 16
#: Hexadecimal digits of a pseudonym: 128 bits, so that two of a billion people share one by chance once in 10^20.
LENGTH = 32


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Pseudonyms under one deployment's key. Raises UsageError for a key that is too short."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise UsageError(
                f"the pseudonym key has {len(self.key)} bytes; it must have at least {SHORTEST_KEY}",
                hint="Make one at random, for example: openssl rand -hex 32",
            )

    @property
    def fingerprint(self) -> str:
        """Tells this key from another one without telling the key."""
        return hashlib.sha256(b"fingerprint" + self.key).hexdigest()[:12]

    @property
    def row_key(self) -> str:
        """The key of hashes of whole records: another one than that of values, so that neither tells of the other."""
        return hmac.new(self.key, b"row hashes", hashlib.sha256).hexdigest()

    def of(self, column: pl.Series, kind: PersonalKind) -> pl.Series:
        """The pseudonyms of a String column; null where it holds nothing but blanks.

        HMAC-SHA-256 of the kind, a NUL and the value, beside Python's lock: 340,000 values take 0.07 s, each by itself in
        Python 0.4 s.
        """
        message = pl.select(pl.lit(f"{kind}\0") + canonical(column, kind)).to_series().alias("message")
        digits = message.to_frame().select(self._hmac(message)).to_series()
        return digits.str.slice(0, LENGTH).alias(column.name)

    def _hmac(self, message: pl.Series) -> pl.Expr | pl.Series:
        try:
            text = self.key.decode()
        except UnicodeDecodeError:
            # The extension takes its key as text. Deployments' keys are; one that is not is no less good.
            made = [None if one is None else hmac.digest(self.key, one.encode(), "sha256").hex() for one in message]
            return pl.Series(made, dtype=pl.String)
        hashed: pl.Expr = plh.col(message.name).chash.hmac_sha256(key=text)
        return hashed


def canonical(column: pl.Series, kind: PersonalKind) -> pl.Series:
    """Values in the spelling that stands for all spellings of the same one; null for a value of blanks alone.

    An identity number: without blanks, in capitals. A phone number: its digits (if it has any), the country code of
    Viet Nam as the leading 0 that is dialled at home. A name or address: single blanks, in capitals. Anything else: as
    it is, without blanks around it. Vietnamese letters may be composed or not (NFC).
    """
    # What is ASCII throughout is composed already.
    composed = column if column.str.len_bytes().sum() == column.str.len_chars().sum() else column.str.normalize("NFC")
    text = composed.str.strip_chars()
    if kind == "identity":
        text = text.str.replace_all(r"\s", "").str.to_uppercase()
    elif kind == "phone":
        digits = text.str.replace_all(r"[^0-9+]", "").str.replace(r"^\+84", "0")
        text = pl.select(pl.when(digits.str.contains("[0-9]")).then(digits).otherwise(text)).to_series()
    elif kind in {"name", "address"}:
        # All but a blank by itself: nearly no value has any, and finding none is three times faster than one everywhere.
        text = text.str.replace_all(r"\s\s+|[^\S ]", " ").str.to_uppercase()
    return _filled(text, text).alias(column.name)


def without_blanks(column: pl.Series) -> pl.Series:
    """The column with null where a value is nothing but blanks: nobody is called that."""
    return _filled(column.str.strip_chars(), column).alias(column.name)


def _filled(text: pl.Series, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(text.str.len_bytes() > 0).then(values)).to_series()


def hidden(text: str) -> str:
    """What stands in the place of text that may name a person."""
    longer = " or more" if len(text) >= SHOWN_VALUE_LENGTH else ""
    return f"({len(text):,} characters{longer}, not shown: personal)" if text else ""
