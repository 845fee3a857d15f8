"""Publishing an old release's contents again, as a new release: an act of its own in the ledger and in events.

Belongs here: the order of that act's steps. Does not: what a rollback may do (the database says), or options (cli/release.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.order import Order
from orchestration.openlineage.acts import of_publishing, told_act
from warehouse import ledger, releases

if TYPE_CHECKING:
    from orchestration.settings import Settings
    from warehouse.database import Database


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The release that was made, and how many rows that changed in the published tables."""

    release_id: int
    moved: int


def roll_back(settings: Settings, database: Database, target: int, order: Order) -> RolledBack:
    """Publishes the contents of `target` again. Raises UsageError when there is no such release that passed and is kept,
    DatabaseUnavailable while a run is at work.
    """
    with ledger.only_run(database):
        asked = {"rollback_to": target, "because": order.because, "by": order.person}
        run_id = ledger.open_run(database, settings.deployment.name, asked, None)
        done = None
        try:
            with (
                told_act(settings, run_id, "rollback") as telling,
                of_publishing(telling, database, "history") as said,
            ):
                made, changes = releases.roll_back(database, run_id, target, order)
                said.append(changes)
                done = RolledBack(made, sum(change["added"] + change["superseded"] for change in changes.values()))
        finally:
            ledger.close_run(
                database, run_id, "published" if done else "failed", None if done else "the rollback did not succeed"
            )  # fmt: skip
    return done
