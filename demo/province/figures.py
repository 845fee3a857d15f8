"""The figures the made province must come to, and how they shrink with the scale.

Belongs here: the article's numbers, the declared parameters beside them, rounding. Does not: making anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: The half year, half-open, wall clock of Asia/Ho_Chi_Minh.
BEGIN = datetime(2023, 1, 1)  # noqa: DTZ001
END = datetime(2023, 7, 1)  # noqa: DTZ001

#: The article: received, finished whenever received, of these on time.
RECEIVED, RESOLVED, ON_TIME = 339_981, 339_287, 338_202
#: Declared by us, the article is silent: open on 1 January; withdrawn or refused in the half year; overdue at its end.
OPENING, CLOSED_OTHERWISE, OVERDUE_AT_END, OVERDUE_AT_BEGIN = 5_760, 1_860, 240, 60
#: The article says "over 49,850 visits": this is the smallest number that can be meant.
VISITS = 49_851
#: Decisions and the catalogue do not shrink with the scale: the whole of it is small.
DECISIONS, NEW, ABOLISHED = 30, 365, 381
IN_FORCE_BY_LEVEL = {1: 1_464, 2: 286, 3: 128}
NEW_BY_LEVEL = {1: 300, 2: 45, 3: 20}
ABOLISHED_BY_LEVEL = {1: 312, 2: 48, 3: 21}
#: Replaced one for one in lists of amendments, outside new and abolished: they change what is in force, not how many.
REPLACED = 6
INTERLINKED_SAME_LEVEL, INTERLINKED_ACROSS = 73, 59
#: Essential online services that Đề án 06 lists; the article names the project and no number.
ESSENTIAL = 25

#: Rows outside every exact figure, each of them in the ledger.
DECEMBER_TAIL, LATE_ARRIVALS, DELETED, UNREADABLE = 400, 37, 170, 12
CORRECTIONS = 12
#: Promised anew by a letter sent in time, and finished by the new date: on time, though not by the first date.
REAPPOINTED_IN_TIME = 260


@dataclass(frozen=True, slots=True)
class Targets:
    """What a world of one scale must count, exactly."""

    received: int
    resolved: int
    late: int
    opening: int
    closed_otherwise: int
    overdue_at_end: int
    overdue_at_begin: int
    visits: int
    december_tail: int
    late_arrivals: int
    deleted: int
    unreadable: int
    corrections: int
    reappointed: int

    @property
    def on_time(self) -> int:
        return self.resolved - self.late

    @property
    def pending(self) -> int:
        """Open at the end: the identity of form II.06a with what was closed otherwise beside it."""
        return self.opening + self.received - self.resolved - self.closed_otherwise


def scaled(scale: float) -> Targets:
    """Each figure times the scale, rounded half to even; what must exist to be tested never falls below one.

    Late is scaled and on time is the difference, so that the parts always add up. Raises ValueError outside (0, 1].
    """
    if not 0.001 <= scale <= 1:
        raise ValueError(f"a scale from 0.001 to 1 can be made, not {scale}")

    def at_least_one(figure: int) -> int:
        return max(1, round(figure * scale))

    return Targets(
        received=round(RECEIVED * scale),
        resolved=round(RESOLVED * scale),
        late=at_least_one(RESOLVED - ON_TIME),
        opening=round(OPENING * scale),
        closed_otherwise=round(CLOSED_OTHERWISE * scale),
        overdue_at_end=at_least_one(OVERDUE_AT_END),
        overdue_at_begin=round(OVERDUE_AT_BEGIN * scale),
        visits=round(VISITS * scale),
        december_tail=at_least_one(DECEMBER_TAIL),
        late_arrivals=at_least_one(LATE_ARRIVALS),
        deleted=at_least_one(DELETED),
        unreadable=max(4, round(UNREADABLE * scale)),
        corrections=at_least_one(CORRECTIONS),
        reappointed=round(REAPPOINTED_IN_TIME * scale),
    )
