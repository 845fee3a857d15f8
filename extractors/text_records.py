"""What every reader hands to the typing step: records as text, and the faults it found on the way.

Belongs here: that shape and how a value is shown to a person. Does not: reading files, or judging values (values.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from contracts.records import SHOWN_VALUE_LENGTH, QuarantinedField


@dataclass(frozen=True, slots=True)
class TextRecords:
    """Some records of one delivery, in file order, not yet typed.

    `columns` holds String columns named like the contract's fields, in contract order; an empty value is null.
    `numbers` (places in the file) and `hashes` (a Binary column, row_hashes.py) run beside it. `unreadable` are the records
    that are not in `columns` at all, one fault each; `field_faults` are faults of records that are, found before typing.
    """

    columns: pl.DataFrame
    numbers: Sequence[int]
    hashes: pl.Series
    unreadable: tuple[QuarantinedField, ...] = ()
    field_faults: tuple[QuarantinedField, ...] = ()

    @property
    def read(self) -> int:
        """How many records were seen."""
        return self.columns.height + len(self.unreadable)


def shown(value: str | bytes) -> str:
    """A value as the quarantine shows it: at most SHOWN_VALUE_LENGTH characters, undecodable bytes as U+FFFD."""
    if isinstance(value, bytes):
        # Four bytes are the most that one character takes, so the cut can come before the decoding.
        value = value[: SHOWN_VALUE_LENGTH * 4].decode("utf-8", "replace")
    # PostgreSQL text cannot hold NUL; a picture of it can be stored and seen.
    return value[:SHOWN_VALUE_LENGTH].replace("\0", "\N{SYMBOL FOR NULL}")


def row_text_schema(names: Sequence[str]) -> dict[str, pl.DataType]:
    """The schema of `columns` for these field names."""
    return {name: pl.String() for name in names}
