"""A made stream of steps, and a reading of it that keeps what the warehouse would know.

Belongs here: what the tests of tables share and fixtures cannot hold. Does not: databases (conftest.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.extraction import Extracted, Wanted
from contracts.source import SourceContract, StreamContract
from extractors.drops import read
from extractors.pseudonyms import Pseudonyms
from extractors.row_hashes import RowHashes
from extractors.tables import TableReader

FORMAT = "%Y-%m-%d %H:%M:%S%.f"
KEY = Pseudonyms(b"sixteen bytes and more")
STEP: dict[str, Any] = {
    "name": "step",
    "layout": {"kind": "table", "table": "Bước", "changed_at": "UpdatedOn", "page_rows": 4, "overlap_seconds": 900},
    "delivery": "incremental",
    "key": ["MaHoSo", "Id"],
    "version": {"by": "field", "field": "UpdatedOn"},
    "fields": [
        {"name": "MaHoSo", "required": True},
        {"name": "Id", "type": "integer", "required": True},
        {"name": "GhiChu"},
        {"name": "Xong", "type": "boolean", "true_values": ["t", "1"], "false_values": ["f", "0"]},
        {"name": "UpdatedOn", "type": "instant", "format": FORMAT, "required": True},
    ],
}
CREATE_STEP = (
    'create table "Bước" ("MaHoSo" text, "Id" bigint, "GhiChu" text, "Xong" boolean, "UpdatedOn" timestamp,'
    ' "KhongDoc" text default \'not read\', primary key ("MaHoSo", "Id"))'
)


def source_of(stream: dict[str, Any], zone: str = "Asia/Ho_Chi_Minh") -> SourceContract:
    return SourceContract.model_validate(
        {"name": "made", "owner": "nobody", "cadence": "never", "zone": zone, "streams": [stream]}
    )


@dataclass
class Reading:
    """What landed so far, as the warehouse would know it: positions, and the hashes of rows with their versions."""

    source: SourceContract
    folder: Path
    position: dict[str, Any] | None = None
    landed: list[dict[str, Any]] = field(default_factory=list)
    asked_since: list[datetime] = field(default_factory=list)
    number: int = 0

    @property
    def stream(self) -> StreamContract:
        return self.source.streams[0]

    def known(self, since: datetime) -> frozenset[bytes]:
        self.asked_since.append(since)
        return frozenset(row["_row_sha256"] for row in self.landed if row["updatedon"] >= since)

    def wanted(self, **entries: Any) -> Wanted:
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        return Wanted(folder, self.position, self.known, RowHashes().one, **entries)

    def take(self, reader: TableReader, **entries: Any) -> list[dict[str, Any]]:
        """Reads and lands; the rows that came."""
        came = []
        for batch in reader.read(self.source, self.stream, self.wanted(**entries)):
            came += self.land(batch)
        return came

    def land(self, batch: Extracted) -> list[dict[str, Any]]:
        rows = []
        for records in read(self.stream, self.source, batch.file, batch.file.name, pseudonyms=KEY):
            rows += records.rows.to_dicts()
        self.landed += rows
        if batch.position is not None:
            self.position = batch.position
        return rows
