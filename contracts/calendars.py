"""Calendars that a deployment brings: weekly hours, days off, half-days, over a national calendar or alone.

Belongs here: the schema of the `calendars` of a deployment file. Does not: national days off (seeds of dbt_project), or
counting with working time (dbt_project/macros/working_time.sql).
"""

from __future__ import annotations

import re
from datetime import date
from itertools import combinations, pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts.source import PlainName

#: The columns of int_calendar__day hold so many stretches of work a day.
STRETCHES_A_DAY = 3
#: The lookup by working minute has one row for each shortest stretch there is: minutes would make it long.
SHORTEST_STRETCH = 30


def clock_minutes(stretch: str) -> tuple[int, int]:
    """Opening and closing of "07:00-11:30" in minutes of the wall clock. Raises ValueError for anything else."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", stretch)
    if found is None:
        raise ValueError(f"{stretch!r} is no stretch of work; write it as 07:00-11:30")
    opens, closes = (int(found[hour]) * 60 + int(found[hour + 1]) for hour in (1, 3))
    if closes > 24 * 60 or closes - opens < SHORTEST_STRETCH:
        raise ValueError(f"{stretch!r} must end within its day, {SHORTEST_STRETCH} minutes or more after it begins")
    return opens, closes


def _apart(hours: tuple[str, ...]) -> tuple[str, ...]:
    minutes = [clock_minutes(stretch) for stretch in hours]
    if len(minutes) > STRETCHES_A_DAY:
        raise ValueError(f"a day has at most {STRETCHES_A_DAY} stretches of work")
    if any(later[0] <= earlier[1] for earlier, later in pairwise(minutes)):
        raise ValueError(f"stretches of a day must come in order, with time between them: {list(hours)}")
    return hours


def _a_weekday(number: int) -> int:
    if not 1 <= number <= 7:
        raise ValueError(f"{number} is no weekday: Monday is 1, Sunday 7")
    return number


def _named_once(days: tuple[SpecialDay, ...]) -> tuple[SpecialDay, ...]:
    if len({day.day for day in days}) < len(days):
        raise ValueError("a special day is named twice")
    return days


def _as_tuple(value: object) -> object:
    """One stretch may stand alone, without brackets."""
    return (value,) if isinstance(value, str) else value


Hours = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), AfterValidator(_apart)]
Weekday = Annotated[int, AfterValidator(_a_weekday)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WeeklyHours(_Strict):
    """Hours of some weekdays, from one day until before another."""

    weekdays: tuple[Weekday, ...] = Field(min_length=1)
    hours: Hours = Field(min_length=1)
    effective_from: date | None = None
    effective_to: date | None = Field(default=None, description="the first day on which they hold no longer")

    def meets(self, other: WeeklyHours) -> bool:
        """Whether some day would have the hours of both."""
        begins = max(self.effective_from or date.min, other.effective_from or date.min)
        ends = min(self.effective_to or date.max, other.effective_to or date.max)
        return bool(set(self.weekdays) & set(other.weekdays)) and begins < ends


class SpecialDay(_Strict):
    """A day with hours of its own: none at all (a day off), half of them, or those of a Saturday that is worked."""

    day: date
    hours: Hours = ()
    name: str
    name_vi: str


class Calendar(_Strict):
    """A working calendar: weekly hours and special days, over a national calendar or alone."""

    based_on: PlainName | None = Field(
        default=None, description="a calendar of dbt_project/seeds/national_calendar.csv"
    )
    covered_from: date | None = None
    covered_to: date | None = Field(default=None, description="the first day it does not cover")
    weekly: tuple[WeeklyHours, ...] = ()
    days: Annotated[tuple[SpecialDay, ...], AfterValidator(_named_once)] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.based_on is None and (self.covered_from is None or self.covered_to is None or not self.weekly):
            raise ValueError("a calendar based on no other needs weekly hours, covered_from and covered_to")
        if self.covered_from is not None and self.covered_to is not None and self.covered_to <= self.covered_from:
            raise ValueError("covered_to must lie after covered_from")
        for one, other in combinations(self.weekly, 2):
            if one.meets(other):
                raise ValueError(f"two weekly hours for one day: weekdays {one.weekdays} and {other.weekdays}")
        return self
