"""Promised anew: letters of apology in time and too late, dates edited in silence, and corrections after the half year.

Belongs here: changes of a due date and when they were made. Does not: supplements (lives.py), which change it by rule.
A change counts when it was made before the date then in force had passed (by days); one made after never rescues.
"""

from __future__ import annotations

import numpy as np

from demo.province.arrivals import Columns, Rng
from demo.province.clock import DAY, NEVER, IntArray
from demo.province.outcomes import Mask, Period, choose


def in_time(rng: Rng, columns: Columns, wanted: int, period: Period, free: Mask) -> IntArray:
    """Letters sent before the date passed: finished after the first date, by the new one, so on time."""
    far = columns["due"] + 10 * DAY
    inside = (columns["finished"] >= period.begin) & (columns["finished"] < period.end) & (far < period.end)
    long = (columns["limit"] >= 5) & (columns["due"] - columns["start"] > 4 * DAY)
    chosen = choose(rng, free & inside & long, wanted)
    first = columns["due"][chosen]
    count = len(chosen)
    sent = first - DAY - (rng.random(count) * 1.5 * DAY).astype(np.int64)
    columns["sent"][chosen] = sent
    columns["drafted"][chosen] = sent - rng.integers(1_800, 14_400, count)
    promised = first + rng.integers(5, 10, count) * DAY
    columns["due_letter"][chosen] = promised
    columns["letter_counts"][chosen] = 1
    columns["due"][chosen] = promised
    late = first + DAY + (rng.random(count) * (promised - first - DAY)).astype(np.int64)
    columns["finished"][chosen] = late
    return chosen


def for_the_late(rng: Rng, columns: Columns, late: Mask) -> None:
    """What offices do when the date is missed: nothing, a letter too late, a draft nobody sent, an edit in silence."""
    where = np.flatnonzero(late)
    due, finish = columns["due"][where], columns["finished"][where]
    # The edit comes on the working day after the due day at the earliest, and before the finish.
    luck = rng.random(len(where))
    missed = (due // DAY + 1) * DAY
    edit = np.minimum(missed + (rng.random(len(where)) * 9_000).astype(np.int64) + 600, np.maximum(finish - 60, missed))
    after = finish + rng.integers(0, 3, len(where)) * DAY
    letter, draft = luck < 0.25, (luck >= 0.25) & (luck < 0.32)
    silent, logged = (luck >= 0.32) & (luck < 0.50), (luck >= 0.50) & (luck < 0.60)
    _set(columns, where[letter], sent=edit[letter], drafted=edit[letter] - 300, due_letter=after[letter])
    _set(columns, where[draft], drafted=edit[draft] - 300, due_letter=after[draft])
    edited = draft | silent | logged
    _set(columns, where[edited], edited=edit[edited], due_edited=after[edited])
    columns["edit_logged"][where[logged]] = 1
    twice = np.flatnonzero((luck >= 0.60) & (luck < 0.66) & (due - columns["start"][where] > 4 * DAY))
    _twice(rng, columns, where[twice])


def _twice(rng: Rng, columns: Columns, where: IntArray) -> None:
    """A letter in time, its new date missed too, and the date edited again after that."""
    finish = columns["finished"][where]
    second = columns["due"][where]
    # The date that counts stays where the life put it; the first promise was earlier, and the letter moved it there.
    first = np.maximum(second - 3 * DAY, columns["start"][where] + 2 * DAY)
    can = (columns["answered"][where] == NEVER) & (first // DAY < second // DAY)
    where, finish, second, first = where[can], finish[can], second[can], first[can]
    columns["due_first"][where] = first
    sent = first - DAY - rng.integers(0, 3_600, len(where))
    missed = (second // DAY + 1) * DAY
    edited = np.minimum(missed + 900, np.maximum(finish - 60, missed))
    _set(columns, where, sent=sent, drafted=sent - 900, due_letter=second, edited=edited, due_edited=finish + DAY)
    columns["letter_counts"][where] = 1


def _set(columns: Columns, where: IntArray, **values: IntArray) -> None:
    for name, given in values.items():
        columns[name][where] = given


def correct(rng: Rng, columns: Columns, wanted: int, period: Period, free: Mask) -> None:
    """Finishes found wrong in July: recorded as on time, in truth some days later, late and still in the half year."""
    due_day = columns["due"] // DAY
    chosen = choose(rng, free & (columns["finished"] >= period.begin) & (due_day < period.end // DAY - 4), wanted)
    columns["corrected"][chosen] = period.end + rng.integers(3_600, 2 * DAY, wanted)
    columns["finish_corrected"][chosen] = (due_day[chosen] + rng.integers(1, 3, wanted)) * DAY + 3_000
