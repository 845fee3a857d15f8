"""The catalogue of procedures over time: what was in force when, at which levels, interlinked how.

Belongs here: procedures and the days between which they are in force. Does not: the decisions that say so as documents
(decisions.py), how they are written to files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np

from demo.province import figures
from demo.province.fields import ACTS, ASKED, CIVIL_STATUS, FIELDS, LIMITS, OBJECTS

ACROSS = (
    "LIEN_THONG_XA_HUYEN",
    "LIEN_THONG_HUYEN_XA",
    "LIEN_THONG_HUYEN_SO",
    "LIEN_THONG_SO_HUYEN",
    "LIEN_THONG_XA_HUYEN_SO",
)
NOT_LINKED = "KHONG_LIEN_THONG"
#: After the half year: what decisions of July and August bring.
LATER_NEW, LATER_ABOLISHED = 4, 3


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure. In force on day d when `since` <= d < `until`; `decision` is the position of what brought it."""

    code: str
    name: str
    field: int
    levels: tuple[int, ...]
    limit: int
    calendar: bool
    online: int
    link: str = NOT_LINKED
    workflow: bool = True
    #: Among the essential online services of Đề án 06.
    essential: bool = False
    since: date = date(2019, 1, 1)
    until: date = date(2999, 1, 1)
    brought_by: int = -1
    ended_by: int = -1
    #: Position of the procedure that stands in its place from `until` on.
    successor: int = -1

    @property
    def level(self) -> int:
        """The level it is counted at once: the highest that settles it."""
        return self.levels[0]

    def in_force(self, day: date) -> bool:
        return self.since <= day < self.until


@dataclass(frozen=True, slots=True)
class Groups:
    """Positions of the procedures by what happens to them."""

    asked: range
    stable: range
    new: range
    abolished: range
    replacing: range
    replaced: range
    later_new: range


def make_procedures(seed: int) -> tuple[list[Procedure], Groups]:
    """All procedures ever, the dates of change still open. The first ones are those of fields.ASKED, in its order."""
    rng = np.random.default_rng([seed, 11])
    stable = {
        level: count - figures.NEW_BY_LEVEL[level] - (figures.REPLACED if level == 1 else 0)
        for level, count in figures.IN_FORCE_BY_LEVEL.items()
    }
    for asked in ASKED:
        stable[asked.levels[0]] -= 1
    sizes = [
        (1, stable[1]), (2, stable[2]), (3, stable[3]),
        *figures.NEW_BY_LEVEL.items(),
        *figures.ABOLISHED_BY_LEVEL.items(),
        (1, figures.REPLACED), (1, figures.REPLACED), (1, LATER_NEW),
    ]  # fmt: skip
    levels = [level for level, count in sizes for _ in range(count)]
    codes = _codes(rng, len(ASKED) + len(levels))
    rows = [
        Procedure(code, asked.name, asked.field, asked.levels, asked.limit, asked.calendar, asked.online)
        for code, asked in zip(codes, ASKED, strict=False)
    ]
    rows += [_ordinary(rng, code, level) for code, level in zip(codes[len(ASKED) :], levels, strict=True)]
    groups = _groups(len(ASKED), sum(stable.values()))
    rows = _successors(rows, groups)
    rows = _unique_names(rows)
    return _essential(seed, _interlinked(rng, rows, groups), groups), groups


def _essential(seed: int, rows: list[Procedure], groups: Groups) -> list[Procedure]:
    """The much asked ones of civil status, and others that stay in force, until there are as many as the project lists."""
    first = [at for at in groups.asked if rows[at].field == CIVIL_STATUS]
    rest = [at for at in [*groups.asked, *groups.stable] if at not in first and rows[at].online == 4]
    chosen = np.random.default_rng([seed, 12]).choice(rest, figures.ESSENTIAL - len(first), replace=False)
    return [replace(row, essential=at in {*first, *chosen.tolist()}) for at, row in enumerate(rows)]


def _codes(rng: np.random.Generator, count: int) -> list[str]:
    numbers = rng.choice(12_000, count, replace=False) + 1
    kinds = rng.choice([1, 2, 3], count, p=[0.62, 0.33, 0.05])
    return [f"{kind}.{number:06}" for kind, number in zip(kinds, numbers, strict=True)]


def _ordinary(rng: np.random.Generator, code: str, level: int) -> Procedure:
    field = int(rng.integers(0, len(FIELDS)))
    limit = int(rng.choice(LIMITS[level]))
    act, thing = ACTS[rng.integers(0, len(ACTS))], OBJECTS[rng.integers(0, len(OBJECTS))]
    name = f"{act} {thing} thuộc lĩnh vực {FIELDS[field][1].lower()}"
    below = {1: ((1,), (1, 2), (1, 2, 3)), 2: ((2,), (2, 3)), 3: ((3,),)}[level]
    chance = {1: (0.90, 0.08, 0.02), 2: (0.80, 0.20), 3: (1.0,)}[level]
    levels = below[int(rng.choice(len(below), p=chance))]
    return Procedure(
        code, name, field, levels, limit, bool(rng.random() < 0.06), int(rng.choice([2, 3, 4], p=[0.12, 0.33, 0.55]))
    )


def _groups(asked: int, stable: int) -> Groups:
    edges = [0, asked]
    for size in (stable, figures.NEW, figures.ABOLISHED, figures.REPLACED, figures.REPLACED, LATER_NEW):
        edges.append(edges[-1] + size)
    return Groups(*(range(low, high) for low, high in pairwise(edges)))


def _successors(rows: list[Procedure], groups: Groups) -> list[Procedure]:
    """Most abolished procedures have one in their place, of the same level, field and limit."""
    rows = list(rows)
    pairs = list(zip(groups.replaced, groups.replacing, strict=True))
    for level in (1, 2, 3):
        gone = [at for at in groups.abolished if rows[at].level == level]
        come = [at for at in groups.new if rows[at].level == level]
        pairs += zip(gone, come, strict=False)
    for old, new in pairs:
        rows[new] = replace(rows[old], code=rows[new].code, name=rows[old].name + " (mới)")
        rows[old] = replace(rows[old], successor=new)
    return rows


def _unique_names(rows: list[Procedure]) -> list[Procedure]:
    """A code can be missing on the day of signing; then the name has to do, so no two may share one."""
    seen: dict[str, int] = {}
    unique = []
    for row in rows:
        seen[row.name] = seen.get(row.name, 0) + 1
        unique.append(row if seen[row.name] == 1 else replace(row, name=f"{row.name}, loại {seen[row.name]}"))
    return unique


def _interlinked(rng: np.random.Generator, rows: list[Procedure], groups: Groups) -> list[Procedure]:
    """Exactly the article's 73 and 59 among those in force at the end; a dozen more among those abolished."""
    rows = list(rows)
    at_end = [*groups.asked, *groups.stable, *groups.new, *groups.replacing]
    wanted = figures.INTERLINKED_SAME_LEVEL + figures.INTERLINKED_ACROSS
    for order, at in enumerate(rng.choice(at_end, wanted, replace=False)):
        same = order < figures.INTERLINKED_SAME_LEVEL
        link = ("LIEN_THONG_SO_VPUB" if order % 3 == 0 else "LIEN_THONG_CUNG_CAP") if same else ACROSS[order % 5]
        rows[at] = replace(rows[at], link=link)
    for order, at in enumerate(rng.choice(list(groups.abolished), 30, replace=False)):
        link = NOT_LINKED if order >= 12 else ("LIEN_THONG_CUNG_CAP" if order % 2 else ACROSS[0])
        rows[at] = replace(rows[at], link=link, workflow=False)
    return rows
