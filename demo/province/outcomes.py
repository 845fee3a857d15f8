"""Which dossiers are late, closed otherwise or still open, so that the half year counts exactly what it must.

Belongs here: choosing them among natural lives, and moving as few finishes over the end as are needed. Does not: why
(appointments.py tells the letters), counting the result (truth.py does, from the finished world).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from demo.province.arrivals import Columns, Rng
from demo.province.clock import DAY, NEVER, IntArray
from demo.province.figures import Targets

Mask = npt.NDArray[np.bool_]
WITHDRAWN, REFUSED = 7, 3
#: After the half year nothing needs to be exact: the rates of the half year go on.
_CLOSED_SHARE, _LATE_SHARE = 0.0055, 0.0034


class TooFewDossiers(Exception):
    """So few dossiers that chance left none for something that must be there: another draw may."""


@dataclass(frozen=True, slots=True)
class Period:
    """The half year on the axis of working time."""

    begin: int
    end: int


def exact(rng: Rng, columns: Columns, targets: Targets, period: Period) -> Mask:
    """Makes the columns count the targets; true where a dossier is late or overdue. `columns` are those to be counted."""
    carried = columns["received"] < period.begin
    overdue_at_begin = carried & (columns["due"] < period.begin)
    closed = _close(rng, columns, targets.closed_otherwise, period, ~overdue_at_begin)
    free = ~closed & ~overdue_at_begin
    overdue = _overdue_at_end(rng, columns, targets.overdue_at_end, period, free)
    free &= ~overdue
    late = _late(rng, columns, targets.late - int(overdue_at_begin.sum()), period, free)
    late[overdue_at_begin] = True
    free &= ~late
    _balance(rng, columns, targets.pending - targets.overdue_at_end, period, free)
    return late | overdue


def by_rate(rng: Rng, columns: Columns) -> Mask:
    """The same kinds of outcome for dossiers of later months, by rates; true where late."""
    count = len(columns["received"])
    luck = rng.random(count)
    closed = luck < _CLOSED_SHARE
    _close_these(rng, columns, np.flatnonzero(closed))
    late: Mask = ~closed & (luck > 1 - _LATE_SHARE)
    columns["finished"] = np.where(late, columns["due"] + _delays(rng, count), columns["finished"])
    return late


def _close(rng: Rng, columns: Columns, wanted: int, period: Period, free: Mask) -> Mask:
    """Withdrawn or refused in the half year: what would have been finished in it, mostly what takes time."""
    can = free & (columns["finished"] >= period.begin + DAY) & (columns["finished"] < period.end)
    weight = np.where(columns["limit"] > 1, 4.0, 1.0) * np.where(columns["channel"] == 2, 1.6, 1.0)
    chosen = choose(rng, can, wanted, weight)
    _close_these(rng, columns, chosen, floor=period.begin)
    return _mask(len(can), chosen)


def _close_these(rng: Rng, columns: Columns, chosen: IntArray, floor: int = 0) -> None:
    refused = (rng.random(len(chosen)) < 0.45) & (columns["asked"][chosen] == NEVER)
    start, finish = columns["start"][chosen], columns["finished"][chosen]
    share = np.where(refused, rng.uniform(0.02, 0.2, len(chosen)), rng.uniform(0.2, 0.95, len(chosen)))
    when = start + np.maximum(60, ((finish - start) * share).astype(np.int64))
    # What was carried over was open at the beginning, so it cannot have been closed before.
    columns["closed"][chosen] = np.where(when < floor, np.minimum(floor + 3_600, finish), when)
    columns["closed_kind"][chosen] = np.where(refused, REFUSED, WITHDRAWN)
    columns["finished"][chosen] = NEVER


def _overdue_at_end(rng: Rng, columns: Columns, wanted: int, period: Period, free: Mask) -> Mask:
    due_day = columns["due"] // DAY
    can = free & (due_day < period.end // DAY) & (due_day > period.end // DAY - 40) & (columns["limit"] >= 2)
    chosen = choose(rng, can, wanted, columns["limit"].astype(np.float64))
    columns["finished"][chosen] = period.end + (rng.exponential(8, len(chosen)) * DAY).astype(np.int64) + 1_800
    return _mask(len(can), chosen)


def _late(rng: Rng, columns: Columns, wanted: int, period: Period, free: Mask) -> Mask:
    """Land and long dossiers above all. Late by the day: finished on a working day after the due day."""
    finish = columns["due"] + _delays(rng, len(free))
    finish = np.maximum(finish, period.begin + 1_800)
    can = free & (finish // DAY < period.end // DAY) & (finish // DAY > columns["due"] // DAY)
    land = np.isin(columns["field"], (5, 6))
    weight = columns["limit"].astype(np.float64) * np.where(land, 4.0, 1.0) * np.where(columns["limit"] == 1, 0.3, 1.0)
    chosen = choose(rng, can, wanted, weight)
    columns["finished"][chosen] = finish[chosen]
    return _mask(len(can), chosen)


def _delays(rng: Rng, count: int) -> IntArray:
    return DAY + (rng.exponential(4, count) * DAY).astype(np.int64)


def _balance(rng: Rng, columns: Columns, wanted: int, period: Period, free: Mask) -> None:
    """Moves the fewest finishes over the end, none beyond its due date."""
    finished, start = columns["finished"], np.maximum(columns["start"], period.begin)
    surplus = int((free & (finished >= period.end)).sum()) - wanted
    if surplus > 0:
        can = np.flatnonzero(free & (finished >= period.end) & (start < period.end - 3_600))
        moved = _first(can, finished[can], surplus)
        floor = np.maximum(start[moved] + 600, period.end - 2 * DAY)
        finished[moved] = floor + (rng.random(len(moved)) * (period.end - 1 - floor)).astype(np.int64)
    else:
        can = np.flatnonzero(free & (finished < period.end) & (columns["due"] > period.end + 3_600))
        moved = _first(can, -finished[can], -surplus)
        room = columns["due"][moved] - period.end
        finished[moved] = period.end + (rng.random(len(moved)) * room).astype(np.int64)


def _first(candidates: IntArray, order: IntArray, wanted: int) -> IntArray:
    if len(candidates) < wanted:
        raise TooFewDossiers(f"{len(candidates)} can be moved over the end of the half year, {wanted} are needed")
    return candidates[np.argsort(order, kind="stable")[:wanted]]


def choose(rng: Rng, can: Mask, wanted: int, weight: npt.NDArray[np.float64] | None = None) -> IntArray:
    """That many positions of those that can be, without repeats, in order. Raises TooFewDossiers."""
    candidates = np.flatnonzero(can)
    if len(candidates) < wanted or wanted < 0:
        raise TooFewDossiers(f"{len(candidates)} dossiers can be chosen where {wanted} are needed")
    share = np.ones(len(candidates)) if weight is None else weight[candidates]
    return np.sort(rng.choice(candidates, wanted, replace=False, p=share / share.sum()))


def _mask(count: int, chosen: IntArray) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[chosen] = True
    return mask
