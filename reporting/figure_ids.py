"""The name by which a figure of a period is found again: `thai_nguyen/2023H1/on_time_of_resolved/day`.

Belongs here: spelling and reading that name. Does not: finding the figure, or what its definition says (docs/metrics.md).
A name says whose figure it is, of which period, by which definition and, where somebody judged, by which policy. It says
no release: the same figure of another release bears the same name.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.failures import UsageError


@dataclass(frozen=True, slots=True)
class FigureId:
    """Whose, when, what; `policy` is None where no dossier is judged."""

    jurisdiction: str
    period: str
    definition: str
    policy: str | None = None

    def __str__(self) -> str:
        parts = (self.jurisdiction, self.period, self.definition, self.policy)
        return "/".join(part for part in parts if part is not None)


def parse_figure_id(text: str) -> FigureId:
    """The parts of such a name. Raises UsageError when it has not three or four, or an empty one."""
    parts = text.split("/")
    if len(parts) not in {3, 4} or not all(parts):
        raise UsageError(
            f"{text!r} names no figure",
            hint="jurisdiction/period/definition or …/policy: thai_nguyen/2023H1/visits_in_period",
        )
    return FigureId(*parts)
