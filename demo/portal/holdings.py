"""What the stand-in holds: the records of each service, as JSON made once, in the order the service answers in.

Belongs here: Parquet files as records, windows of them, and records that change. Does not: HTTP.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

#: The paged list of dossiers, an assumption of ours, and what it is ordered by.
PAGED, CHANGED_AT, CODE = "LayDanhSachHoSo", "NgayCapNhat", "MaHoSo"
#: Fields a dossier carries on the wire that no file of ours holds.
_ALSO_SENT = {
    "ThongTinKhac": "", "Email": "", "Fax": "", "TrichYeuHoSo": "", "GhiChu": "", "TaiLieuNop": [], "DanhSachLePhi": [],
}  # fmt: skip


@dataclass(slots=True)
class Records:
    """One service's records. `stamps` runs beside them in a paged list, and is empty otherwise."""

    json: list[bytes]
    stamps: list[str] = field(default_factory=list)

    def window(self, start: str, end: str) -> tuple[int, int]:
        """Where the records changed in [start, end) lie; "" is open."""
        first = bisect_left(self.stamps, start) if start else 0
        return first, max(first, bisect_left(self.stamps, end) if end else len(self.stamps))

    def touch(self, at: int, stamp: str) -> None:
        """Changes the record at a place: it gets that stamp, and moves behind all that have it."""
        record = json.loads(self.json.pop(at))
        del self.stamps[at]
        place = bisect_right(self.stamps, stamp)
        self.stamps.insert(place, stamp)
        self.json.insert(place, _written({**record, CHANGED_AT: stamp}))


class Holdings:
    """The files of a folder by service: `<Service>.parquet`, columns of text. A file that changed is read again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[tuple[int, int], Records]] = {}

    def refresh(self) -> None:
        """Reads what is new in the folder."""
        for file in sorted(self._folder.glob("*.parquet")):
            state = file.stat()
            version = (state.st_mtime_ns, state.st_size)
            if file.stem not in self._read or self._read[file.stem][0] != version:
                self._read[file.stem] = version, _records(file)

    def of(self, service: str) -> Records | None:
        """A service's records; None when the folder has none."""
        return self._read[service][1] if service in self._read else None


def _records(file: Path) -> Records:
    frame = pl.read_parquet(file)
    frame = frame.with_columns(pl.col(pl.String).fill_null(""), pl.col(pl.Null).cast(pl.String).fill_null(""))
    if file.stem != PAGED:
        return Records(_encoded(frame))
    frame = frame.sort(CHANGED_AT, CODE)
    stamps: list[str] = frame[CHANGED_AT].to_list()
    rest = _written({name: value for name, value in _ALSO_SENT.items() if name not in frame.columns})
    # Written into each object's text: as columns they would double the time to load.
    tail = b"," + rest[1:]
    return Records([record[:-1] + tail for record in _encoded(frame)] if len(tail) > 2 else _encoded(frame), stamps)


def _encoded(frame: pl.DataFrame) -> list[bytes]:
    lines = frame.write_ndjson().encode().splitlines() if frame.height else []
    if len(lines) != frame.height:
        raise ValueError("a record was written on more than one line")
    return lines


def _written(record: object) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
