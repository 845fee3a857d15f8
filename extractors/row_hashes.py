"""The hash of a record as delivered, for whole columns at once: what a landed row is known by, and proved with.

Belongs here: which hash a stream's records have, and making it. Does not: what of a record is hashed (each reader says
so), or finding the record again (evidence.py).

SHA-256, in the open for records that anybody may see. A record with personal fields is hashed under the deployment's key
(HMAC-SHA-256): an open hash would let whoever knows the rest of a record try identity numbers against it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import polars as pl
import polars_hash as plh

from contracts.source import StreamContract
from extractors.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class RowHashes:
    """Hashes of records: plain ones, or ones under a key."""

    key: str | None = field(default=None, repr=False)

    @classmethod
    def of_stream(cls, stream: StreamContract, pseudonyms: Pseudonyms | None) -> RowHashes:
        """The hashes of this stream's records; `pseudonyms` must be there when it has personal fields."""
        return cls(pseudonyms.row_key if stream.personal_fields and pseudonyms is not None else None)

    def of(self, records: pl.Series) -> pl.Series:
        """The hash of each record of a Binary or String column, as Binary of 32 bytes.

        340,000 records of 120 bytes take 0.1 s, beside Python's lock; one by one through hashlib 0.24 s under it.
        """
        record = plh.col(records.name)
        made = record.chash.sha2_256() if self.key is None else record.chash.hmac_sha256(key=self.key)
        return records.to_frame().select(made.str.decode("hex")).to_series()

    def one(self, record: bytes | bytearray | memoryview) -> bytes:
        """The hash of one record: the same as in a column."""
        if self.key is None:
            return hashlib.sha256(record, usedforsecurity=False).digest()
        return hmac.digest(self.key.encode(), record, "sha256")
