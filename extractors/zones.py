"""Wall-clock time of a zone to instants, for many values at once.

Belongs here: offsets of a zone by day, hours that clocks skip or repeat. Does not: reading text (moments.py).
The rules are Python's zoneinfo's; only days on which clocks change are asked value by value.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Microseconds = NDArray[np.int64]
RepeatedHour = Literal["first", "second", "quarantine"]

DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1)
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31


def utc_from_wall_clock(
    local: Microseconds, zone: str, repeated: RepeatedHour
) -> tuple[Microseconds, NDArray[np.bool_]]:
    """Microseconds since 1970 UTC for microseconds since 1970 on the zone's clocks; and which of them mean an instant.

    A time that clocks skipped means none; one they showed twice means the first or second, or none (`quarantine`).
    """
    if local.size == 0:
        return local, np.zeros(0, np.bool_)
    days = local // DAY
    first = int(days.min())
    present = np.flatnonzero(np.bincount(days - first))
    offsets = np.zeros(int(present[-1]) + 1, np.int64)
    steady = np.zeros(offsets.size, np.bool_)
    for day in present.tolist():
        offset = _steady_offset(zone, first + day)
        if offset is not None:
            offsets[day], steady[day] = offset, True
    utc = local - offsets[days - first]
    sure = steady[days - first]
    if not sure.all():
        for index in np.flatnonzero(~sure).tolist():
            exact = _instant(int(local[index]), zone, repeated)
            if exact is not None:
                utc[index], sure[index] = exact, True
    # PostgreSQL keeps more, but Python's datetime ends here and so does what a person can check.
    sure &= (utc >= _FIRST_DAY * DAY) & (utc < (_LAST_DAY + 1) * DAY)
    return utc, sure


def why_no_instant(local: datetime, zone: str) -> str:
    """Why this wall-clock time is no single instant in the zone, for a person."""
    early, late = _offsets(local, ZoneInfo(zone))
    if early < late:
        return f"this time never was in {zone}: clocks were put forward over it"
    if early > late:
        return f"this time was twice in {zone}, when clocks were put back, and the contract does not say which"
    return "this instant lies outside the years 1 to 9999 in UTC"


def end_of_day(day: datetime, zone: str) -> datetime:
    """The local midnight that ends this day, in UTC. Raises ValueError for the last day of year 9999."""
    try:
        midnight = datetime(day.year, day.month, day.day) + timedelta(days=1)
    except OverflowError as error:
        raise ValueError(f"{day:%Y-%m-%d} has no next day") from error
    return midnight.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=65_536)
def _steady_offset(zone: str, day: int) -> int | None:
    """The day's offset from UTC in microseconds, or None when clocks change on it (or it has no next day)."""
    if not _FIRST_DAY <= day < _LAST_DAY:
        return None
    info = ZoneInfo(zone)
    midnight = _EPOCH + timedelta(days=day)
    offsets = {offset for hours in (0, 12, 24) for offset in _offsets(midnight + timedelta(hours=hours), info)}
    return offsets.pop() // timedelta(microseconds=1) if len(offsets) == 1 else None


def _offsets(local: datetime, info: ZoneInfo) -> tuple[timedelta, timedelta]:
    early, late = (local.replace(tzinfo=info, fold=fold).utcoffset() for fold in (0, 1))
    return early or timedelta(), late or timedelta()


def _instant(local: int, zone: str, repeated: RepeatedHour) -> int | None:
    early, late = _offsets(_EPOCH + timedelta(microseconds=local), ZoneInfo(zone))
    if early < late or (early > late and repeated == "quarantine"):
        return None
    return local - (late if repeated == "second" else early) // timedelta(microseconds=1)
