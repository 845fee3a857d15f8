"""Which dossiers make the difference between a period as frozen and as it reads now, and which delivery brought it.

Belongs here: what each adds to a period's figures. Does not: finding the dossiers (compared.py), or what a figure counts:
the conditions are handed in (explaining/conditions).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from reporting.compared import Between, add_deliveries, side_by_side, told


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is compared: a period between two cut-offs, judged by a policy, as it stood in a release."""

    jurisdiction: str
    policy: str
    release_id: int
    from_cut_off: datetime
    to_cut_off: datetime


def corrections(connection: psycopg.Connection, frozen: Frozen, counts: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry a dossier that counts differently now, by key: `changes` by figure, the cause, its delivery.

    `counts` as side_by_side() takes it.
    """
    ends = {"from": frozen.from_cut_off, "to": frozen.to_cut_off}
    between = Between(frozen.jurisdiction, frozen.policy, frozen.release_id, None, ends)
    found = []
    for before, after in side_by_side(connection, between, counts):
        old, new = _contribution(before, counts), _contribution(after, counts)
        changes = {name: new[name] - old[name] for name in new if new[name] != old[name]}
        if changes:
            found.append({**told(before, after), "changes": changes})
    add_deliveries(connection, found, between)
    return found


def _contribution(row: dict[str, Any] | None, counts: Mapping[str, str]) -> dict[str, int]:
    """What a dossier adds to each figure of the period."""
    at_ends = {name: (0, 0) if row is None else (int(row[f"{name} from"]), int(row[f"{name} to"])) for name in counts}
    return in_period(at_ends)


def in_period(at_ends: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Figures of a period from their counts at its two ends: what happened in it, what is open at its end."""
    told_of = {"carried_over": at_ends.get("pending", (0, 0))[0]}
    for name, (begin, end) in at_ends.items():
        told_of[name] = end if name.startswith("pending") else end - begin
    return told_of
