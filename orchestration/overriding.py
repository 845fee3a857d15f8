"""Bearing with a check that is not green, and publishing what it alone held back.

Belongs here: the order of these acts, and their place in the ledger. Does not: what may be overridden (the database says).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.failures import GateRefused
from contracts.order import Order
from orchestration.openlineage.acts import of_publishing, told_act
from warehouse import contacts, ledger, releases
from warehouse.overrides import AlreadyOverridden, inputs_of, override_check
from warehouse.refusals import JudgedRun, find_run

if TYPE_CHECKING:
    from orchestration.openlineage.telling import Telling
    from orchestration.settings import Settings
    from warehouse.database import Database


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which check of which run (None: of the newest judged one) is borne with, on whose word."""

    run_id: UUID | None
    release_id: int | None
    check: str
    order: Order


def bear_with(settings: Settings, database: Database, wanted: Wanted) -> str:
    """Puts the override on record, publishes when nothing else stands against it, and says what came of it.

    Raises UsageError when the check cannot be overridden, GateRefused when the candidates are not those judged any more.
    """
    with ledger.only_run(database):
        with database.connect("motcua_inspector") as connection:
            run = find_run(connection, wanted.run_id, wanted.release_id)
        noted = f"{wanted.check} of run {run.run_id} is overridden: {wanted.order.because}"
        try:
            override_check(database, run.run_id, wanted.check, wanted.order)
        except AlreadyOverridden:
            if not _was_cut_off(database, run):
                raise
            noted = f"{wanted.check} of run {run.run_id} was overridden before, and what was said then stays"
            return f"{noted}\n{_let_out(settings, database, run, wanted)}"
        if run.outcome != "refused" or run.verdict == "pass":
            return noted
        return f"{noted}\n{_let_out(settings, database, run, wanted)}"


def _was_cut_off(database: Database, run: JudgedRun) -> bool:
    """Whether the word stands and what follows from it does not: the publication, or of what it was made.

    Without the latter the next run would be held back again, for what somebody has borne with already.
    """
    if run.verdict != "pass":
        return run.outcome == "refused" and not releases.reasons_left(database, run.run_id)
    standing, inputs = releases.current_release(database), inputs_of(database, run.run_id)
    published_now = standing is not None and standing.run_id == run.run_id
    return published_now and inputs is not None and contacts.release_made_of(database, inputs) is None


def _let_out(settings: Settings, database: Database, run: JudgedRun, wanted: Wanted) -> str:
    left = releases.reasons_left(database, run.run_id)
    if left:
        return "the run stays refused: " + "; ".join(left)
    # An act of its own in the ledger; what the candidates were made of goes with it, so that the next run finds the
    # release standing instead of being held back for the same reason again.
    act = ledger.open_run(
        database, settings.deployment.name, {"override": wanted.check, "of_run": str(run.run_id)}, None
    )
    published: releases.Published | None = None
    try:
        with told_act(settings, act, "override") as telling:
            published = _published(database, run, telling)
        inputs = inputs_of(database, run.run_id)
        if published.verdict == "pass" and inputs is not None:
            contacts.note_inputs(database, act, inputs)
    finally:
        passed = published is not None and published.verdict == "pass"
        problem = None if passed else "the override did not lead to a release"
        release = published.release_id if published is not None and passed else None
        ledger.close_run(database, act, "published" if passed else "failed", problem, release)
    return f"release {published.release_id} is published"


def _published(database: Database, run: JudgedRun, telling: Telling) -> releases.Published:
    with of_publishing(telling, database, "candidate") as said:
        published = releases.publish(database, run.run_id)
        if published.verdict == "pass":
            said.append(published.changes)
    if published.verdict == "fail":
        raise GateRefused(
            "the override is on record, but nothing was published: " + "; ".join(published.reasons),
            hint="The candidates have been built anew since: motcua run, then override that run.",
        )
    return published
