"""Bounds proposed from what good releases measured, each with what it was computed from.

Belongs here: the rule of proposing, and writing proposals as they would stand in suite.yml. Does not: reading releases (they
are handed over), or changing the suite: a bound is a decision, and a person's.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from expectations.bounds import WORDS, Side
from expectations.suite import Check

#: With fewer releases the middle says nothing.
FEWEST = 5
_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """What one good release measured for one check: for each subject the lowest and the highest value."""

    release_id: int
    values: Mapping[str, tuple[float, float]]


def as_yaml(checks: Iterable[Check], seen: Mapping[str, list[Measured]]) -> str:
    """Proposals for every check with bounds, as YAML to paste into suite.yml, reasons and comments included."""
    return "\n".join("\n".join(_entry(check, seen.get(check.name, []))) for check in checks if check.bounds)


def _entry(check: Check, seen: list[Measured]) -> list[str]:
    lines = [f"# {check.name} ({check.severity})"]
    proposed: list[tuple[Side, str | None, float, str]] = []
    for side, bound in check.bounds.items():
        subjects: list[str | None] = [*sorted(bound.each)]
        for subject in subjects or [None]:
            told, value = _proposal(side, _furthest(side, subject, seen), seen)
            stands = bound.value if subject is None else bound.each[subject]
            about = f"{subject}: " if subject else ""
            lines.append(f"#   {about}stands {WORDS[side]} {stands:g}; {told}")
            if value is not None:
                proposed.append((side, subject, value, told))
    if not proposed:
        return lines
    return [*lines, f"- name: {check.name}", *[line for side in check.bounds for line in _bound(check, side, proposed)]]


def _bound(check: Check, side: Side, proposed: list[tuple[Side, str | None, float, str]]) -> list[str]:
    mine = [(subject, value, told) for of, subject, value, told in proposed if of == side]
    if not mine:
        return []
    told = json.dumps("Proposed from " + "; ".join(text for _, _, text in mine) + ".", ensure_ascii=False)
    if check.bounds[side].value is not None:
        return [f"  {side}: {{value: {mine[0][1]:g}, because: {told}}}"]
    # Subjects without a proposal keep their number.
    each = {**check.bounds[side].each, **{subject: value for subject, value, _ in mine if subject is not None}}
    written = ", ".join(f"{json.dumps(subject, ensure_ascii=False)}: {value:g}" for subject, value in each.items())
    return [f"  {side}: {{each: {{{written}}}, because: {told}}}"]


def _furthest(side: Side, subject: str | None, seen: list[Measured]) -> list[float]:
    """Each release's value nearest to the bound, of one subject or of all."""
    nearest = min if side == "least" else max
    place = 0 if side == "least" else 1
    found = []
    for measured in seen:
        values = [pair[place] for name, pair in measured.values.items() if subject in (None, name)]
        if values:
            found.append(nearest(values))
    return found


def _proposal(side: Side, values: list[float], seen: list[Measured]) -> tuple[str, float | None]:
    """In words what was seen, and the bound that follows: as far beyond the worst good value as that is from the median."""
    if len(values) < FEWEST:
        return f"{len(values)} good releases measured it, {FEWEST} are needed", None
    releases = [measured.release_id for measured in seen]
    worst = min(values) if side == "least" else max(values)
    middle = statistics.median(values)
    told = (
        f"{len(values)} good releases ({min(releases)} to {max(releases)}): "
        f"{min(values):.4g} to {max(values):.4g}, median {middle:.4g}"
    )
    if worst == middle:
        return f"{told}, which says nothing of how far it may move", None
    beyond = (worst + (worst - middle)) * 10**_DECIMALS
    outward = math.floor(round(beyond, 6)) if side == "least" else math.ceil(round(beyond, 6))
    return told, outward / 10**_DECIMALS
