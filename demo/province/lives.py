"""What becomes of a dossier when all goes as promised: its due date, a supplement, its finish.

Belongs here: lives without a miss. Does not: the exact numbers of late, open and closed ones (outcomes.py), letters and
edited dates (appointments.py).
"""

from __future__ import annotations

import numpy as np

from demo.province.arrivals import Columns, Rng
from demo.province.clock import DAY, NEVER, IntArray, WorkingTime

_SUPPLEMENT_SHARE = 0.09
_INSTANT_SHARE = 0.004
#: Filled with NEVER at first, by what may happen to some.
LATER_COLUMNS = (
    "closed", "closed_kind", "paused_from", "paused_to", "pause_kind", "drafted", "sent", "due_letter", "letter_counts",
    "edited", "due_edited", "edit_logged", "corrected", "finish_corrected",
)  # fmt: skip
_KINDS = frozenset({"closed_kind", "pause_kind", "letter_counts", "edit_logged"})


def due_after(clock: WorkingTime, start: IntArray, limit: IntArray, calendar: IntArray) -> IntArray:
    """The day of receipt is day 0 and the hour stays: so many working days, or calendar days rolled off days off."""
    return np.where(calendar == 1, clock.after_calendar_days(start, limit), start + limit * DAY)


def live(rng: Rng, clock: WorkingTime, columns: Columns) -> Columns:
    """The columns of arrivals with a life that keeps every promise: finished by the due date in force."""
    received, count = columns["received"], len(columns["received"])
    due_first = due_after(clock, received, columns["limit"], columns["calendar"])
    span = due_first - received
    supplement = (columns["limit"] >= 5) & (rng.random(count) < _SUPPLEMENT_SHARE)
    asked = np.where(supplement, received + (span * rng.uniform(0.05, 0.25, count)).astype(np.int64), NEVER)
    answered = np.where(supplement, received + (span * rng.uniform(0.30, 0.80, count)).astype(np.int64), NEVER)
    start = np.where(supplement, answered, received)
    # The limit is counted anew from the day the dossier was complete.
    due = np.where(supplement, due_after(clock, start, columns["limit"], columns["calendar"]), due_first)
    finished = start + _durations(rng, columns["limit"], due - start)
    blank = {name: np.full(count, 0 if name in _KINDS else NEVER, dtype=np.int64) for name in LATER_COLUMNS}
    return columns | blank | {
        "due_first": due_first, "due_answered": np.where(supplement, due, NEVER), "asked": asked, "answered": answered,
        "start": start, "due": due, "finished": finished,
    }  # fmt: skip


def _durations(rng: Rng, limit: IntArray, span: IntArray) -> IntArray:
    """Simple ones while the applicant waits or overnight; the others mostly in the last third of what is allowed."""
    count = len(limit)
    quick = rng.random(count) < np.where(limit == 1, 0.9, np.where(limit <= 3, 0.35, 0.02))
    soon = 260 + rng.exponential(5_400, count)
    share = rng.beta(4.0, 2.4, count) * span
    duration = np.minimum(np.where(quick, soon, share).astype(np.int64), span)
    instant = (limit == 1) & (rng.random(count) < _INSTANT_SHARE)
    return np.where(instant, rng.integers(40, 230, count), np.maximum(duration, 260)).astype(np.int64)


def pauses(rng: Rng, clock: WorkingTime, columns: Columns) -> None:
    """Fees to be paid (6), mostly for land, and suspensions (8): within the time of handling, no promise changed."""
    begin, end = columns["start"], np.minimum(columns["finished"], columns["closed"])
    length = np.where(end < NEVER, end - begin, 0)
    land = np.isin(columns["field"], (5, 6))
    luck = rng.random(len(begin))
    long_enough = (length > 2 * DAY) & (columns["asked"] == NEVER)
    fee = long_enough & (luck < np.where(land, 0.5, 0.05))
    suspended = long_enough & ~fee & (luck > 0.99)
    some = fee | suspended
    low, high = rng.uniform(0.2, 0.4, len(begin)), rng.uniform(0.5, 0.8, len(begin))
    columns["paused_from"] = np.where(some, begin + (length * low).astype(np.int64), NEVER)
    columns["paused_to"] = np.where(some, begin + (length * high).astype(np.int64), NEVER)
    columns["pause_kind"] = np.where(fee, 6, np.where(suspended, 8, 0)).astype(np.int64)


def returns(rng: Rng, columns: Columns) -> None:
    """Results are fetched at once, on a later day, or not for a long time."""
    count = len(columns["finished"])
    at_once = rng.random(count) < 0.75
    wait = np.where(
        at_once, rng.integers(120, 5_400, count), (rng.exponential(2.2, count) * DAY).astype(np.int64) + 3_600
    )
    fetched = (columns["finished"] < NEVER) & (rng.random(count) < 0.97)
    columns["returned"] = np.where(fetched, columns["finished"] + wait, NEVER)
    end = np.minimum(np.minimum(columns["finished"], columns["closed"]), columns["asked"])
    columns["taken_up"] = columns["received"] + np.minimum((end - columns["received"]) // 8, 5_400)
