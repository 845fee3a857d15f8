"""The chairman's publication decisions: thirty in the half year, one before it, two after it.

Belongs here: which decision brings, amends, replaces or ends which procedure, and the catalogue dated by them. Does not:
their files (papers.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from demo.province import figures
from demo.province.catalogue import LATER_ABOLISHED, Groups, Procedure, make_procedures
from demo.province.clock import WorkingTime
from demo.province.fields import FIELDS
from demo.province.units import DEPARTMENTS

#: Only amendments: one signed before the half year that takes effect in it, two signed in it that take effect after it.
#: Whoever counts decisions by the wrong date gets another number than 30.
_BEFORE = (date(2022, 12, 28), date(2023, 1, 5))
_STRADDLING = ((date(2023, 6, 27), date(2023, 7, 10)), (date(2023, 6, 29), date(2023, 7, 15)))
_LATER = ((date(2023, 7, 6), date(2023, 7, 14)), (date(2023, 8, 8), date(2023, 8, 20)))
#: Codes the national database had not given yet on the day of signing.
UNCODED = 12


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; the lists hold positions of procedures. `uncoded` are new ones listed without their code."""

    number: int
    signed: date
    effective: date
    department: int
    new: tuple[int, ...] = ()
    amended: tuple[int, ...] = ()
    replaced: tuple[int, ...] = ()
    abolished: tuple[int, ...] = ()
    uncoded: frozenset[int] = frozenset()

    @property
    def code(self) -> str:
        return f"{self.number}/QĐ-UBND"

    @property
    def summary(self) -> str:
        scope = DEPARTMENTS[self.department]
        return f"Công bố danh mục thủ tục hành chính thuộc phạm vi chức năng quản lý của {scope} tỉnh Thái Nguyên"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Procedures with their dates, and the decisions in order of signing."""

    procedures: tuple[Procedure, ...]
    decisions: tuple[Decision, ...]
    groups: Groups

    def in_force(self, day: date) -> list[Procedure]:
        return [row for row in self.procedures if row.in_force(day)]


def make_catalogue(seed: int, clock: WorkingTime) -> Catalogue:
    """A pure function of the seed. Every change of the half year takes effect within it."""
    procedures, groups = make_procedures(seed)
    rng = np.random.default_rng([seed, 12])
    decisions = _dated(rng, clock)
    carriers = [at for at, decision in enumerate(decisions) if _carries(decision)]
    by_field = {at: carriers[rank % len(carriers)] for rank, at in enumerate(rng.permutation(len(FIELDS)).tolist())}
    # A new procedure and the one it follows change places on one day, so both go by the field they share.
    lists: dict[str, dict[int, list[int]]] = {name: {} for name in ("new", "abolished", "replaced", "amended")}
    for name, positions in (("new", groups.new), ("abolished", groups.abolished), ("replaced", groups.replaced)):
        for at in positions:
            lists[name].setdefault(by_field[procedures[at].field], []).append(at)
    amendable = np.array([*groups.asked, *groups.stable])
    for order, at in enumerate(rng.choice(amendable, 7 * len(decisions), replace=False).tolist()):
        lists["amended"].setdefault(order % len(decisions), []).append(at)
    later = [at for at, decision in enumerate(decisions) if decision.signed >= figures.END.date()]
    lists["new"].setdefault(later[0], []).extend(groups.later_new)
    lists["abolished"].setdefault(later[0], []).extend(list(groups.stable)[-LATER_ABOLISHED:])
    uncoded = frozenset(rng.choice(list(groups.new), UNCODED, replace=False).tolist())
    filled = tuple(
        replace(
            decision,
            new=tuple(lists["new"].get(at, ())),
            amended=tuple(lists["amended"].get(at, ())),
            replaced=tuple(lists["replaced"].get(at, ())),
            abolished=tuple(lists["abolished"].get(at, ())),
            uncoded=uncoded,
        )
        for at, decision in enumerate(decisions)
    )
    return Catalogue(_dates_applied(procedures, filled, rng), filled, groups)


def _carries(decision: Decision) -> bool:
    return figures.BEGIN.date() <= decision.signed and decision.effective < figures.END.date()


def _dated(rng: np.random.Generator, clock: WorkingTime) -> list[Decision]:
    """Signed on working days, in force up to eight days later."""
    days = clock.days[clock.between(figures.BEGIN, figures.END)][2:-6]
    count = figures.DECISIONS - len(_STRADDLING)
    signed = [day.item() for day in np.sort(rng.choice(days, count, replace=False))]
    last = figures.END.date() - timedelta(days=1)
    pairs = [(day, min(last, day + timedelta(days=int(rng.integers(0, 9))))) for day in signed]
    pairs = sorted([_BEFORE, *pairs, *_STRADDLING, *_LATER])
    numbers = np.sort(rng.choice(np.arange(40, 1_500), len(pairs) - 1, replace=False)).tolist()
    return [
        Decision(number, day, effective, int(rng.integers(1, len(DEPARTMENTS))))
        for number, (day, effective) in zip([3_294, *numbers], pairs, strict=True)
    ]


def _dates_applied(
    procedures: list[Procedure], decisions: tuple[Decision, ...], rng: np.random.Generator
) -> tuple[Procedure, ...]:
    rows = list(procedures)
    for at, decision in enumerate(decisions):
        for new in decision.new:
            rows[new] = replace(rows[new], since=decision.effective, brought_by=at)
        for old in (*decision.abolished, *decision.replaced):
            rows[old] = replace(rows[old], until=decision.effective, ended_by=at)
        for old in decision.replaced:
            new = rows[old].successor
            rows[new] = replace(rows[new], since=decision.effective, brought_by=at)
    early = [at for at, row in enumerate(rows) if row.brought_by < 0]
    for at, days in zip(early, rng.integers(0, 1_400, len(early)).tolist(), strict=True):
        rows[at] = replace(rows[at], since=date(2019, 1, 1) + timedelta(days=days))
    return tuple(rows)
