"""What an extractor hands to the landing: batches of typed rows, and the rows it could not accept.

Belongs here: the shapes. Does not: parsing or storing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

#: The row's place in its file, as a spreadsheet shows it: the header's record counts, titles above it count too.
ROW_NUMBER = "_row_number"
#: SHA-256 of the record's own bytes (without its line end), as 32 bytes. Of its text in UTF-8 when the file is in
#: another encoding, and of a workbook row's canonical JSON.
ROW_HASH = "_row_sha256"
#: Quarantined values are kept whole in the file; the quarantine shows at most this many characters.
SHOWN_VALUE_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """One file of a stream, as found at its source."""

    source: str
    stream: str
    path: Path


@dataclass(frozen=True, slots=True)
class QuarantinedField:
    """One reason why one row did not land. `field` is empty when the record as a whole is at fault.

    With `whole_row` false the row did land, this field of it as null (`unreadable: land_null` in the contract).
    """

    row_number: int
    field: str
    value: str
    reason: str
    whole_row: bool = True


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Records of one delivery in file order.

    `rows` holds the accepted ones: ROW_NUMBER (Int64), ROW_HASH (Binary), then one column a contract field, named
    `field.column`, in contract order, typed text String, integer Int64, number Decimal(38, 10), boolean Boolean, date Date,
    instant Datetime("us", "UTC"), json String (canonical JSON).
    `read` counts every record seen; `quarantined_rows` the distinct rows in `quarantine` that stayed out whole;
    read = rows + quarantined_rows.
    """

    rows: pl.DataFrame
    read: int
    quarantined_rows: int
    quarantine: tuple[QuarantinedField, ...]

    def __post_init__(self) -> None:
        if self.read != self.rows.height + self.quarantined_rows:
            raise ValueError(
                f"a batch lost records: read {self.read}, accepted {self.rows.height}, quarantined {self.quarantined_rows}"
            )
