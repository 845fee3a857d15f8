"""Instants at which working time is likely to go wrong, for hypothesis to draw from.

Belongs here: which days and hours. Does not: what is asked about them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.integration.working_time.walked_minutes import MinuteTable

#: Around these days something is different: Tết, make-up days, a swapped week, year ends, a leap day, a changed clock.
TURNS = {
    "vietnam": ("2022-01-31", "2023-01-19", "2023-05-02", "2023-12-31", "2024-02-29", "2024-04-30", "2024-05-04", "2024-09-03",
                "2025-04-27", "2025-07-01", "2026-01-02", "2026-01-10", "2026-08-22", "2026-09-02", "2027-02-05"),
    "town": ("2023-01-20", "2023-03-10", "2023-10-31", "2023-12-31", "2024-02-09", "2024-02-29", "2024-03-31"),
    "harbour": ("2026-03-08", "2026-07-04", "2026-11-01", "2026-05-31"),
}  # fmt: skip
#: Opening, closing, the lunch break and its edges, 15:00 exactly, midnight, the hours in which clocks are changed.
_HOURS = (0, 60, 90, 120, 150, 180, 300, 419, 420, 421, 450, 540, 689, 690, 691, 750, 809, 810, 811, 899, 900, 901, 1019,
          1020, 1021, 1320, 1350, 1439)  # fmt: skip


@st.composite
def instants_of(draw: st.DrawFn, office: str, table: MinuteTable) -> datetime:
    """An instant of a day the office's calendar covers."""
    if draw(st.booleans()):
        day = date.fromisoformat(draw(st.sampled_from(TURNS[office]))) + timedelta(days=draw(st.integers(-9, 9)))
    else:
        day = draw(st.dates(table.office.first, table.office.end - timedelta(days=1)))
    day = min(max(day, table.office.first), table.office.end - timedelta(days=1))
    minute = draw(st.sampled_from(_HOURS)) if draw(st.booleans()) else draw(st.integers(0, 1439))
    second = draw(st.sampled_from((0, 0, 1, 59)))
    wall = datetime.combine(day, time(minute // 60, minute % 60, second, fold=draw(st.integers(0, 1))))
    return wall.replace(tzinfo=ZoneInfo(table.office.zone)).astimezone(UTC)
