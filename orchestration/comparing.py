"""Two kept releases compared: each read as it was, and handed to what compares them.

Belongs here: resolving what is asked against both releases. Does not: the comparison (reporting/release_diff).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from contracts.failures import UsageError
from reporting import figures, published, release_diff
from reporting.compared import Between
from reporting.explaining.conditions import FIGURES
from reporting.published import Body


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is asked: two releases, and which of their figures. None means all policies, the last cut-off; no `by`, no split.

    Raises UsageError for a release and itself.
    """

    before: int
    after: int
    jurisdiction: str | None = None
    cut_off: str | None = None
    policy: str | None = None
    by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.before == self.after:
            raise UsageError("a release does not differ from itself", hint="motcua release diff 1 2")


def compare(then: psycopg.Connection, now: psycopg.Connection, asked: Comparison) -> dict[str, Any]:
    """`figures`, `tables`, `dossiers`, `deliveries` and what is `unexplained`; each connection reads one of the releases.

    Kept releases do not change: two snapshots of two of them are as good as one. Raises UsageError.
    """
    bodies = [published.published_body(connection, asked.jurisdiction) for connection in (then, now)]
    policies, cut_off = _in_both(bodies, asked)
    old, new = (
        [row for policy in policies for row in figures.at_cut_offs(connection, body, policy, cut_off, asked.by)]
        for connection, body in zip((then, now), bodies, strict=True)
    )
    moved = release_diff.figures_moved(old, new)
    between = [
        Between(bodies[1].jurisdiction, policy, asked.before, asked.after, {"at": at})
        for policy in policies
        for at in cut_off
    ]
    dossiers = release_diff.dossiers_moved(now, between, FIGURES)
    return {
        "from": asked.before, "to": asked.after, "jurisdiction": bodies[1].jurisdiction,
        "cut_off": published.shown(cut_off[0], bodies[1].zone) if cut_off else None, "figures": moved,
        "tables": release_diff.rows_moved(now, asked.before, asked.after), "dossiers": dossiers,
        "deliveries": release_diff.deliveries_between(now, asked.before, asked.after),
        "unexplained": release_diff.unexplained(moved, dossiers, _measured(old, new)),
    }  # fmt: skip


def _measured(*readings: list[dict[str, Any]]) -> set[str]:
    """The figures that rows of either reading hold: split by the month resolved, they hold fewer."""
    return {name for rows in readings for row in rows[:1] for name in row}


def _in_both(bodies: list[Body], asked: Comparison) -> tuple[list[str], list[datetime]]:
    """The policies and the one cut-off that both releases have; no cut-off where no dossiers are published."""
    before, after = bodies
    common = [cut_off for cut_off in after.cut_offs if cut_off in before.cut_offs]
    if asked.cut_off is not None:
        found = [published.chosen_cut_offs(body, [asked.cut_off]) for body in bodies]
        cut_off = found[0]
    else:
        cut_off = common[-1:]
    if asked.policy is not None:
        return [published.chosen_policy(body, asked.policy) for body in bodies][:1], cut_off
    return [policy for policy in after.policies if policy in before.policies], cut_off
