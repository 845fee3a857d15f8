"""What can be expected of a source that drops files: how often, from whom, by when.

Belongs here: the schema of a contract's `expected` entries. Does not: from which day on (the deployment file says), or
what came (the ledger).
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Every = Literal["day", "working_day", "week", "month", "quarter", "half_year"]
Level = Literal["province", "district", "commune"]
#: Which figures a missing delivery touches.
About = Literal["dossiers", "visits", "catalogue"]


def _clock(value: object) -> object:
    """YAML takes an unquoted 18:00 for 1080, a number in base sixty; only text is a time of day."""
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is no time of day; write it in quotes, for example "08:00"')
    return time.fromisoformat(value)


class Expected(BaseModel):
    """One thing to be expected: a delivery for every period, from the source as a whole or from each of its offices.

    A period ends with its last day, in the jurisdiction's calendar. Its delivery is due at `by` o'clock, `days_after`
    days later (working days where it is expected every working day). `streams` are those of which any fulfils it, all of
    the source if left out. With `levels`, the offices are the units of those levels that the province lists; without,
    those that have delivered before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: Every
    per: Literal["source", "office"] = "source"
    levels: tuple[Level, ...] = ()
    streams: tuple[str, ...] = ()
    about: About
    by: Annotated[time, BeforeValidator(_clock)]
    days_after: int = Field(default=1, ge=0)
