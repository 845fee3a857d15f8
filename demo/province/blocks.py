"""Blocks of dossiers: all that was received before July 2023, then a month each. A later block never changes an earlier.

Belongs here: putting arrivals, lives and outcomes together. Does not: codes, systems, faults (dossiers.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from demo.province import appointments, figures, lives, outcomes
from demo.province.arrivals import Columns, Rng, Scene, arrive, joined, taken
from demo.province.clock import DAY, NEVER
from demo.province.outcomes import Period, TooFewDossiers, choose
from demo.province.units import COMMUNE

#: Of the half year's dossiers, and those outside every figure.
COUNTED, DECEMBER, LATE_ARRIVAL, DELETED, UNREADABLE = range(5)
_OPENING_FROM = datetime(2022, 10, 3)  # noqa: DTZ001
_LATE_ARRIVAL_FROM, _LATE_ARRIVAL_TO = datetime(2023, 5, 8), datetime(2023, 5, 27)  # noqa: DTZ001
#: Received on an average working day of the half year, at scale 1.
PER_DAY = figures.RECEIVED / 121
_ATTEMPTS = 50
#: The horizon: after it the calendar of days off is not kept for the demo.
HORIZON = datetime(2024, 1, 1)  # noqa: DTZ001


def month_of_block(block: int) -> tuple[datetime, datetime]:
    """Block 1 is July 2023."""
    month = 6 + block
    begin = datetime(2023 + (month - 1) // 12, (month - 1) % 12 + 1, 1)  # noqa: DTZ001
    return begin, (begin + timedelta(days=32)).replace(day=1)


def blocks_until(at: datetime) -> int:
    """How many blocks hold something received before that instant. Raises ValueError beyond the horizon."""
    if not figures.END <= at <= HORIZON:
        raise ValueError(f"the made province lives from {figures.END:%d/%m/%Y} to {HORIZON:%d/%m/%Y}, not at {at}")
    block = 1
    while month_of_block(block)[0] < at:
        block += 1
    return block


def half_year(seed: int, scale: float, scene: Scene) -> Columns:
    """Block 0: the half year exact, what was open before it, and the rows outside every figure.

    Raises TooFewDossiers when no draw of a very small scale holds what must be there.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return _half_year(np.random.default_rng([seed, 31, attempt]), scale, scene)
        except TooFewDossiers:
            # One draw in forty at one thousandth; none in thirty seeds from three thousandths on.
            continue
    return _half_year(np.random.default_rng([seed, 31, _ATTEMPTS]), scale, scene)


def _half_year(rng: Rng, scale: float, scene: Scene) -> Columns:
    targets = figures.scaled(scale)
    period = Period(scene.clock.first_after(figures.BEGIN), scene.clock.first_after(figures.END))
    arrived = lives.live(rng, scene.clock, arrive(rng, scene, figures.BEGIN, figures.END, targets.received))
    opening, tail = _opening(rng, scene, scale, targets, period)
    counted = joined([opening, arrived])
    late = outcomes.exact(rng, counted, targets, period)
    free = ~late & (counted["finished"] < period.end)
    chosen = appointments.in_time(rng, counted, targets.reappointed, period, free)
    free[chosen] = False
    appointments.for_the_late(rng, counted, late)
    untouched = free & (counted["asked"] > 2**39) & (counted["limit"] >= 2)
    appointments.correct(rng, counted, targets.corrections, period, untouched)
    return _finished(rng, scene, joined([counted, tail, *_outside(rng, scene, targets)]))


def month(seed: int, scale: float, scene: Scene, block: int) -> Columns:
    """One month after the half year, by the half year's rates."""
    rng = np.random.default_rng([seed, 32, block])
    begin, end = month_of_block(block)
    count = max(1, round(PER_DAY * scale * len(scene.clock.between(begin, end))))
    columns = lives.live(rng, scene.clock, arrive(rng, scene, begin, end, count))
    late = outcomes.by_rate(rng, columns)
    appointments.for_the_late(rng, columns, late)
    return _finished(rng, scene, columns)


def _finished(rng: Rng, scene: Scene, columns: Columns) -> Columns:
    lives.pauses(rng, scene.clock, columns)
    lives.returns(rng, columns)
    return columns


def _opening(rng: Rng, scene: Scene, scale: float, targets: figures.Targets, period: Period) -> tuple[Columns, Columns]:
    """What is open on 1 January, and a tail of what was received and finished in the weeks before."""
    days = len(scene.clock.between(_OPENING_FROM, figures.BEGIN))
    # Twice as many as come in that time, so that there are always enough still open.
    count = max(2_000, round(2 * PER_DAY * scale * days))
    drawn = lives.live(rng, scene.clock, arrive(rng, scene, _OPENING_FROM, figures.BEGIN, count))
    gone = np.flatnonzero(drawn["finished"] < period.begin)
    missed = (drawn["due"] < period.begin - DAY) & (drawn["due"] > period.begin - 25 * DAY) & (drawn["limit"] >= 5)
    overdue = choose(rng, missed & (drawn["finished"] < period.begin), targets.overdue_at_begin)
    delay = (rng.exponential(6, len(overdue)) * DAY).astype(np.int64)
    drawn["finished"][overdue] = period.begin + 1_800 + np.minimum(delay, 60 * DAY)
    still_open = (drawn["finished"] >= period.begin) & ~np.isin(np.arange(count), overdue)
    chosen = choose(rng, still_open, targets.opening - len(overdue))
    opening = taken(drawn, np.sort(np.concatenate([chosen, overdue])))
    recent = gone[~np.isin(gone, overdue)][-4 * targets.december_tail :]
    tail = taken(drawn, np.sort(rng.choice(recent, targets.december_tail, replace=False)))
    tail["tranche"] = tail["tranche"] + DECEMBER
    return opening, tail


def _outside(rng: Rng, scene: Scene, targets: figures.Targets) -> list[Columns]:
    """Late arrivals of one commune in May, entries deleted again, rows beyond reading."""
    parts = []
    commune = scene.units.positions(COMMUNE)[58]
    for tranche, count in (
        (LATE_ARRIVAL, targets.late_arrivals),
        (DELETED, targets.deleted),
        (UNREADABLE, targets.unreadable),
    ):
        begin, end = (_LATE_ARRIVAL_FROM, _LATE_ARRIVAL_TO) if tranche == LATE_ARRIVAL else (figures.BEGIN, figures.END)
        came = arrive(rng, scene, begin, end, count)
        came["tranche"] = came["tranche"] + tranche
        if tranche != DELETED:
            # The copies certified while one waits: finished on time whatever day it was.
            came |= {
                "level": np.full(count, COMMUNE, dtype=np.int64),
                "unit": np.full(count, commune, dtype=np.int64),
                **{name: np.zeros(count, dtype=np.int64) for name in ("procedure", "field", "calendar")},
                **{name: np.ones(count, dtype=np.int64) for name in ("limit", "channel", "applicant")},
            }
        lived = lives.live(rng, scene.clock, came)
        if tranche == UNREADABLE:
            lived["finished"] = np.full(count, NEVER, dtype=np.int64)
        parts.append(lived)
    return parts
