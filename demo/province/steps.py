"""Steps of handling (QuaTrinhXuLyHoSos): about six a dossier, in working hours, between its receipt and its end.

Belongs here: when each step happened and what it left. Does not: the table's text columns (provincial.py).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from demo.province.arrivals import Columns, Rng, Scene
from demo.province.clock import DAY, NEVER, IntArray
from demo.province.dossiers import IDS_PER_BLOCK

#: Acts by number: what was done, and the step of the internal workflow it belongs to.
ACTS: tuple[tuple[str, str], ...] = (
    ("Tiếp nhận hồ sơ", "B1. Tiếp nhận"),
    ("Chuyển xử lý", "B2. Phân công"),
    ("Thẩm định hồ sơ", "B3. Thẩm định"),
    ("Trình lãnh đạo phòng", "B4. Trình"),
    ("Ký duyệt", "B5. Ký duyệt"),
    ("Chuyển kết quả", "B6. Chuyển kết quả"),
    ("Xử lý xong", "B7. Kết thúc"),
    ("Trả kết quả", "B8. Trả kết quả"),
    ("Yêu cầu bổ sung", "B3. Thẩm định"),
    ("Tiếp nhận bổ sung", "B1. Tiếp nhận"),
    ("Yêu cầu nghĩa vụ tài chính", "B3. Thẩm định"),
    ("Tạm dừng xử lý", "B3. Thẩm định"),
    ("Tiếp tục xử lý", "B3. Thẩm định"),
    ("Công dân rút hồ sơ", "B7. Kết thúc"),
    ("Từ chối tiếp nhận", "B7. Kết thúc"),
    ("Điều chỉnh ngày hẹn trả", "B4. Trình"),
)  # fmt: skip
RECEIVED, TAKEN_UP, FINISHED, RETURNED, ASKED, ANSWERED, FEE, SUSPENDED, RESUMED, WITHDRAWN, REFUSED, MOVED = (
    0, 1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
)  # fmt: skip
#: Steps between taking up and the end, by level of the unit (1 province, 2 district, 3 commune): about two million in all.
_BETWEEN = {1: (2, 3, 4, 5), 2: (2, 3, 4, 5), 3: (4,)}
ACCOUNTS = 6


def step_frame(rng: Rng, scene: Scene, columns: Columns, frame: pl.DataFrame) -> pl.DataFrame:
    """number, dossier (id), at, act, status, account, allowed, due: ordered by time; `number` never changes."""
    handled = (frame["in_provincial"] & (frame["tranche"] < 2)).to_numpy()
    rows = np.flatnonzero(handled)
    parts = list(_always(columns, rows, frame)) + list(_sometimes(columns, rows)) + list(_between(rng, columns, rows))
    row = np.concatenate([where for where, _, _, _ in parts])
    at = np.concatenate([instants for _, instants, _, _ in parts])
    act = np.concatenate([np.full(len(where), act, dtype=np.int8) for where, _, act, _ in parts])
    status = np.concatenate([np.broadcast_to(status, len(where)).astype(np.int8) for where, _, _, status in parts])
    order = np.lexsort((act, row, at))
    row, at = row[order], at[order]
    allowed = np.array([30, 60, 240, 480], dtype=np.int64)[rng.integers(0, 4, len(row))]
    ids = frame["id"].to_numpy()
    first = int(ids[0]) if len(ids) else 0
    return pl.DataFrame(
        {
            "number": np.arange(len(row), dtype=np.int64) + first // IDS_PER_BLOCK * 10 * IDS_PER_BLOCK + 1,
            "row": row.astype(np.int64) + first,
            "at": scene.clock.wall(at),
            "act": act[order],
            "status": status[order],
            "account": columns["unit"][row] * ACCOUNTS + rng.integers(0, ACCOUNTS, len(row)),
            "allowed": allowed,
            "due": scene.clock.wall(at + allowed * 60),
        }
    )


_Part = tuple[IntArray, IntArray, int, IntArray | int]


def _always(columns: Columns, rows: IntArray, frame: pl.DataFrame) -> list[_Part]:
    told = rows[~frame["no_finish_step"].to_numpy()[rows]]
    found = [
        (rows, "received", RECEIVED, 2), (rows, "taken_up", TAKEN_UP, 4), (told, "finished", FINISHED, 9),
        (rows, "returned", RETURNED, 10),
    ]  # fmt: skip
    return [_present(columns, where, name, act, status) for where, name, act, status in found]


def _present(columns: Columns, where: IntArray, name: str, act: int, status: int) -> _Part:
    where = where[columns[name][where] < NEVER]
    return where, columns[name][where], act, status


def _sometimes(columns: Columns, rows: IntArray) -> list[_Part]:
    kind, closed = columns["pause_kind"][rows], columns["closed_kind"][rows]
    parts = [
        _present(columns, rows, "asked", ASKED, 5),
        _present(columns, rows, "answered", ANSWERED, 4),
        _present(columns, rows[kind == 6], "paused_from", FEE, 6),
        _present(columns, rows[kind == 8], "paused_from", SUSPENDED, 8),
        _present(columns, rows, "paused_to", RESUMED, 4),
        _present(columns, rows[closed == 7], "closed", WITHDRAWN, 7),
        _present(columns, rows[closed == 3], "closed", REFUSED, 3),
        _present(columns, rows[columns["edit_logged"][rows] == 1], "edited", MOVED, 4),
    ]
    return parts


def _between(rng: Rng, columns: Columns, rows: IntArray) -> list[_Part]:
    """Evenly between taking up and the end, never while the dossier waits for somebody."""
    parts: list[_Part] = []
    end = np.minimum(columns["finished"], columns["closed"])
    # The last stretch, after anything that held it up.
    begin = np.maximum(
        columns["taken_up"],
        np.maximum(np.where(columns["answered"] < end, columns["answered"], 0),
                   np.where(columns["paused_to"] < end, columns["paused_to"], 0)),
    )  # fmt: skip
    length = np.where(end < NEVER, end - begin, DAY)
    for level, acts in _BETWEEN.items():
        where = rows[columns["level"][rows] == level]
        luck = rng.uniform(0.55, 1.0, len(where))
        for order, act in enumerate(acts):
            at = begin[where] + (length[where] * luck * (order + 1) / (len(acts) + 1)).astype(np.int64)
            parts.append((where, at, act, 4))
    return parts
