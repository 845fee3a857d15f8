"""Working time as one axis: seconds worked since the first working day, and back to the wall clock.

Belongs here: the calendar and the two mappings. Does not: what happens when.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
Instants = npt.NDArray[np.datetime64]

DATA = Path(__file__).parent.parent / "data" / "vietnam"
#: 07:00–11:30 and 13:30–17:00: eight hours.
DAY = 28_800
_MORNING, _OPENS, _REOPENS = 16_200, 25_200, 48_600
#: Later than anything: what never happens compares as such, and becomes no instant.
NEVER = np.int64(2**40)
_FIRST, _LAST = np.datetime64("2022-06-01"), np.datetime64("2024-06-30")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """`days` are the working days in order; instant w lies on day w // DAY, w % DAY seconds into its work."""

    days: npt.NDArray[np.datetime64]

    def wall(self, work: IntArray) -> Instants:
        """Wall clock of instants on the axis; NEVER becomes not-a-time."""
        happens = work < NEVER
        day, into = np.divmod(np.where(happens, work, 0), DAY)
        clock = np.where(into < _MORNING, _OPENS + into, _REOPENS + into - _MORNING)
        wall: Instants = self.days[np.minimum(day, len(self.days) - 1)].astype("datetime64[us]") + clock.astype(
            "timedelta64[s]"
        )
        wall[~happens] = np.datetime64("NaT")
        return wall

    def first_after(self, moment: datetime) -> int:
        """The first instant of the axis at or after a midnight: what is below it happened before."""
        return int(np.searchsorted(self.days, np.datetime64(moment, "D"), "left")) * DAY

    def after_calendar_days(self, start: IntArray, days: IntArray) -> IntArray:
        """`days` calendar days on, rolled off days without work, at the same time of day."""
        date = self.days[start // DAY] + days.astype("timedelta64[D]")
        rolled: IntArray = np.searchsorted(self.days, date, "left").astype(np.int64)
        return rolled * DAY + start % DAY

    def between(self, begin: datetime, end: datetime) -> IntArray:
        """Numbers of the working days in [begin, end)."""
        first, past = (int(np.searchsorted(self.days, np.datetime64(at, "D"), "left")) for at in (begin, end))
        return np.arange(first, past, dtype=np.int64)


def days_off() -> list[dict[str, str]]:
    """The calendar's rows: date, kind (off or makeup), name."""
    with (DATA / "vn_holidays_2022_2027.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def working_time() -> WorkingTime:
    """Monday to Friday without days off, with the Saturdays worked to make up."""
    listed = days_off()
    off = np.array([row["date"] for row in listed if row["kind"] == "off"], dtype="datetime64[D]")
    makeup = np.array([row["date"] for row in listed if row["kind"] == "makeup"], dtype="datetime64[D]")
    every = np.arange(_FIRST, _LAST + 1)
    works = (np.is_busday(every) & ~np.isin(every, off)) | np.isin(every, makeup)
    return WorkingTime(every[works])
