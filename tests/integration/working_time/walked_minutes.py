"""The slow, obvious truth of working time: an office whose clock is looked at minute by minute, day by day.

Belongs here: what an office's hours are, from the calendar file and plain rules, and walks through time. Does not: the
program's own tables or macros, nothing of which is read here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.settings import PROJECT

Span = tuple[int, int]
#: Minutes of the wall clock: 07:00 to 11:30 and 13:30 to 17:00.
EIGHT_HOURS: tuple[Span, ...] = ((420, 690), (810, 1020))
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_LISTED = PROJECT / "demo" / "data" / "vietnam" / "vn_holidays_2022_2027.csv"


def listed_days(kind: str) -> set[date]:
    """Days of one kind (off, makeup_workday) in the national list."""
    with _LISTED.open(encoding="utf-8", newline="") as file:
        return {date.fromisoformat(row["date"]) for row in csv.DictReader(file) if row["kind"] == kind}


@dataclass(frozen=True)
class Office:
    """Hours by weekday (Monday 0), and by day where a day has its own; its calendar covers [first, end)."""

    zone: str
    first: date
    end: date
    weekly: Mapping[int, tuple[Span, ...]]
    special: Mapping[date, tuple[Span, ...]]

    def spans(self, day: date) -> tuple[Span, ...]:
        if not self.first <= day < self.end:
            return ()
        return self.special.get(day, self.weekly.get(day.weekday(), ()))

    def is_working(self, day: date) -> bool:
        return any(closes > opens for opens, closes in self.spans(day))

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.zone))

    def is_open(self, instant: datetime) -> bool:
        """Whether anybody works in the minute that begins at this instant."""
        here = self.local(instant)
        return any(opens <= here.hour * 60 + here.minute < closes for opens, closes in self.spans(here.date()))

    def covers(self, instant: datetime) -> bool:
        return self.first <= self.local(instant).date() < self.end

    def minutes_between(self, begin: datetime, end: datetime) -> int:
        """Every minute from one to the other is looked at."""
        if end < begin:
            return -self.minutes_between(end, begin)
        return sum(self.is_open(minute) for minute in _minutes(_cut(begin), _cut(end)))

    def after_minutes(self, begin: datetime, minutes: int) -> datetime:
        """Minutes are walked until so many worked ones lie behind."""
        at = _cut(begin) if minutes else begin
        while minutes:
            minutes -= self.is_open(at)
            at += _MINUTE
        return at

    def after_working_days(self, begin: datetime, days: int) -> datetime | None:
        """Days are walked: the day of receipt is day 0, each worked one after it counts, the wall clock's hour stays."""
        day = self.local(begin).date()
        while days == 0 and not self.is_working(day):
            day += _DAY
            if day >= self.end:
                return None
        while days:
            day += _DAY
            if day >= self.end:
                return None
            days -= self.is_working(day)
        return self.at_same_hour(day, begin)

    def after_calendar_days(self, begin: datetime, days: int) -> datetime | None:
        """So many days on, and then on to the next worked one."""
        day = self.local(begin).date() + days * _DAY
        while not self.is_working(day):
            day += _DAY
            if day >= self.end:
                return None
        return self.at_same_hour(day, begin)

    def at_same_hour(self, day: date, begin: datetime) -> datetime:
        """An hour the clock skips is as much later; of an hour it shows twice, the second is meant."""
        zone = ZoneInfo(self.zone)
        wall = datetime.combine(day, self.local(begin).time().replace(fold=0), tzinfo=zone)
        again = wall.astimezone(UTC).astimezone(zone)
        shown_once = again.time() != wall.time() or wall.utcoffset() == wall.replace(fold=1).utcoffset()
        return (wall if shown_once else wall.replace(fold=1)).astimezone(UTC)


def _cut(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(second=0, microsecond=0)


def _minutes(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += _MINUTE


@dataclass(frozen=True)
class MinuteTable:
    """The same walk for many cases at once: whether each minute of the covered years is worked, and how many were before.

    Every minute is put on the wall by the zone's own rules and looked up in its day's hours, like Office.is_open.
    """

    office: Office

    @cached_property
    def begins(self) -> datetime:
        return datetime.combine(self.office.first, time(), tzinfo=ZoneInfo(self.office.zone)).astimezone(UTC)

    @cached_property
    def is_open(self) -> npt.NDArray[np.bool_]:
        end = datetime.combine(self.office.end, time(), tzinfo=ZoneInfo(self.office.zone)).astimezone(UTC)
        here = pl.datetime_range(self.begins, end, "1m", closed="left", eager=True, time_zone="UTC")
        here = here.dt.convert_time_zone(self.office.zone)
        minute = (here.dt.hour().cast(pl.Int64) * 60 + here.dt.minute().cast(pl.Int64)).to_numpy()
        days = (here.dt.date().cast(pl.Int64) - (self.office.first - date(1970, 1, 1)).days).to_numpy()
        hours = np.zeros((days.max() + 1, 1440), dtype=np.bool_)
        for number in range(len(hours)):
            for opens, closes in self.office.spans(self.office.first + number * _DAY):
                hours[number, opens:closes] = True
        return np.asarray(hours[days, minute])

    @cached_property
    def before(self) -> npt.NDArray[np.int64]:
        """How many worked minutes lie before each minute, and before the end."""
        return np.concatenate([[0], np.cumsum(self.is_open)])

    def number(self, instants: list[datetime]) -> npt.NDArray[np.int64]:
        """Which minute of the table each instant lies in."""
        return np.array([(_cut(instant) - self.begins) // _MINUTE for instant in instants], dtype=np.int64)

    def minutes_between(self, begin: list[datetime], end: list[datetime]) -> list[int]:
        return [int(many) for many in self.before[self.number(end)] - self.before[self.number(begin)]]

    def after_minutes(self, begin: list[datetime], minutes: list[int]) -> list[datetime | None]:
        """The end of the minute in which the last of so many was worked; None when the calendar ends before."""
        wanted = self.before[self.number(begin)] + np.array(minutes, dtype=np.int64)
        reached = np.searchsorted(self.before, wanted, "left")
        return [
            at if not many else (self.begins + int(place) * _MINUTE if place < len(self.before) else None)
            for at, many, place in zip(begin, minutes, reached, strict=True)
        ]
