"""What the stand-in holds: the records of each service, in the order the service answers in, written as JSON when asked for.

Belongs here: Parquet files as records, windows of them, and records that change. Does not: HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

#: The paged list of dossiers, an assumption of ours, and what it is ordered by.
PAGED, CHANGED_AT, CODE = "LayDanhSachHoSo", "NgayCapNhat", "MaHoSo"
#: Fields a dossier carries on the wire that no file of ours holds: texts, then lists.
_ALSO_SENT = ("ThongTinKhac", "Email", "Fax", "TrichYeuHoSo", "GhiChu"), ("TaiLieuNop", "DanhSachLePhi")


@dataclass(slots=True)
class Records:
    """One service's records, a row each; a paged list's in the order of CHANGED_AT."""

    rows: pl.DataFrame

    def window(self, start: str, end: str) -> tuple[int, int]:
        """Where a paged list's records changed in [start, end) lie; "" is open."""
        stamps = self.rows[CHANGED_AT]
        first = int(stamps.search_sorted(start, "left")) if start else 0
        return first, max(first, int(stamps.search_sorted(end, "left")) if end else self.rows.height)

    def naming(self, code: str) -> pl.DataFrame:
        """The records of which a field is that code."""
        return self.rows.filter(pl.any_horizontal(pl.col(pl.String) == code))

    def touch(self, at: int, stamp: str) -> None:
        """Changes the record at a place: it gets that stamp, and moves behind all that have it."""
        touched = self.rows[at].with_columns(pl.lit(stamp).alias(CHANGED_AT))
        others = pl.concat([self.rows[:at], self.rows[at + 1 :]])
        place = int(others[CHANGED_AT].search_sorted(stamp, "right"))
        self.rows = pl.concat([others[:place], touched, others[place:]])


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
    rows = pl.read_parquet(file)
    rows = rows.with_columns(pl.col(pl.String).fill_null(""), pl.col(pl.Null).cast(pl.String).fill_null(""))
    if file.stem != PAGED:
        return Records(rows)
    texts, lists = _ALSO_SENT
    missing = [pl.lit("").alias(name) for name in texts if name not in rows.columns]
    missing += [pl.lit([], pl.List(pl.String)).alias(name) for name in lists if name not in rows.columns]
    return Records(rows.sort(CHANGED_AT, CODE).with_columns(missing).rechunk())
