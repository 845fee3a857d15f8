"""Who comes when, with what, to whom: dossiers as they are received.

Belongs here: drawing receipts, procedures, units, channels and applicants. Does not: what becomes of a dossier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from demo.province.clock import DAY, IntArray, WorkingTime
from demo.province.decisions import Catalogue
from demo.province.fields import ASKED, FIELDS
from demo.province.units import COMMUNE, DISTRICT, PROVINCE, Units

#: One dossier a position; instants are seconds on the axis of working time.
Columns = dict[str, npt.NDArray[np.int64]]
Rng = np.random.Generator

_LEVELS, _LEVEL_SHARE = (COMMUNE, DISTRICT, PROVINCE), (0.60, 0.27, 0.13)
_ONLINE_SHARE = {COMMUNE: 0.42, DISTRICT: 0.50, PROVINCE: 0.68}
_POSTAL_SHARE = {COMMUNE: 0.01, DISTRICT: 0.02, PROVINCE: 0.06}
_BUSINESS_FIELDS = frozenset({11, 12, 13, 14, 15, 24, 29, 43})
#: Applicants there are; a few of them (agents, notaries) file a twentieth of everything.
PEOPLE, _AGENTS, _BY_AGENTS = 230_000, 300, 0.05


@dataclass(frozen=True, slots=True)
class Scene:
    """What every dossier needs to know of the province."""

    clock: WorkingTime
    units: Units
    catalogue: Catalogue
    #: How busy each unit is: a share within its level.
    business: npt.NDArray[np.float64]


def make_scene(seed: int, clock: WorkingTime, units: Units, catalogue: Catalogue) -> Scene:
    """Cities busier than mountain communes, and no two alike."""
    rng = np.random.default_rng([seed, 21])
    business = rng.lognormal(0, 0.55, len(units.rows))
    for at, unit in enumerate(units.rows):
        if unit.level == COMMUNE and unit.name.startswith(("Phường", "Thị trấn")):
            business[at] *= 1.7
        if unit.level == DISTRICT and unit.name.startswith("Thành phố"):
            business[at] *= 1.8
    return Scene(clock, units, catalogue, business)


def arrive(rng: Rng, scene: Scene, begin: datetime, end: datetime, count: int) -> Columns:
    """`count` dossiers received in working hours of [begin, end), in order of receipt."""
    received = np.sort(_receipts(rng, scene.clock, begin, end, count))
    level = rng.choice(np.array(_LEVELS), count, p=_LEVEL_SHARE).astype(np.int64)
    procedure = _procedures(rng, scene, level, received)
    table = scene.catalogue.procedures
    field = np.array([row.field for row in table], dtype=np.int64)[procedure]
    return {
        "received": received,
        "level": level,
        "procedure": procedure,
        "field": field,
        "limit": np.array([row.limit for row in table], dtype=np.int64)[procedure],
        "calendar": np.array([row.calendar for row in table], dtype=np.int64)[procedure],
        "online": np.array([row.online for row in table], dtype=np.int64)[procedure],
        "unit": _units(rng, scene, level, field),
        "channel": _channels(rng, level),
        "applicant": _applicants(rng, field),
        "person": _people(rng, count),
        "tranche": np.zeros(count, dtype=np.int64),
    }


def joined(parts: list[Columns]) -> Columns:
    """Several tables of the same columns, one under the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def taken(columns: Columns, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Columns:
    """The rows at these positions, or of this mask."""
    return {name: values[which] for name, values in columns.items()}


def _receipts(rng: Rng, clock: WorkingTime, begin: datetime, end: datetime, count: int) -> IntArray:
    days = clock.between(begin, end)
    date = clock.days[days]
    weight = np.array([1.18, 1.05, 1.0, 0.97, 0.86, 0.5, 0.5])[(date.astype(np.int64) + 3) % 7]
    # The fortnight round Tết (20 to 26 January) is slow; spring catches up.
    weight = weight * np.where((date >= np.datetime64("2023-01-16")) & (date <= np.datetime64("2023-02-01")), 0.45, 1.0)
    weight = weight * np.where((date >= np.datetime64("2023-02-13")) & (date <= np.datetime64("2023-04-07")), 1.12, 1.0)
    day = rng.choice(days, count, p=weight / weight.sum())
    morning = rng.random(count) < 0.6
    into = np.where(morning, rng.beta(1.8, 2.0, count) * 16_200, 16_200 + rng.beta(1.4, 2.6, count) * 12_600)
    return day * DAY + np.minimum(into.astype(np.int64), DAY - 120)


def _procedures(rng: Rng, scene: Scene, level: IntArray, received: IntArray) -> IntArray:
    """The much asked ones by their weights; the others each as often as the next, by the one in force on the day."""
    table, groups = scene.catalogue.procedures, scene.catalogue.groups
    chosen = np.empty(len(level), dtype=np.int64)
    ended_later = {at for decision in scene.catalogue.decisions for at in decision.abolished if at in groups.stable}
    for one in _LEVELS:
        where = np.flatnonzero(level == one)
        weights = np.array([asked.weights[one - 1] for asked in ASKED])
        rest = [at for at in groups.stable if table[at].level == one and at not in ended_later]
        rest += [
            at for at in (*groups.abolished, *groups.replaced) if table[at].level == one and table[at].successor > 0
        ]
        shares = np.concatenate([weights, np.full(len(rest), (1 - weights.sum()) / len(rest))])
        options = np.concatenate([np.arange(len(ASKED)), np.array(rest, dtype=np.int64)])
        chosen[where] = options[rng.choice(len(options), len(where), p=shares / shares.sum())]
    until = np.array([row.until for row in table], dtype="datetime64[D]")
    successor = np.array([row.successor for row in table], dtype=np.int64)
    date = scene.clock.days[received // DAY]
    return np.where(date >= until[chosen], successor[chosen], chosen)


def _units(rng: Rng, scene: Scene, level: IntArray, field: IntArray) -> IntArray:
    department = np.array([department for _, _, department in FIELDS], dtype=np.int64)
    chosen = department[field]
    for one in (COMMUNE, DISTRICT):
        positions = scene.units.positions(one)
        share = scene.business[positions]
        where = np.flatnonzero(level == one)
        chosen[where] = positions[rng.choice(len(positions), len(where), p=share / share.sum())]
    return chosen


def _channels(rng: Rng, level: IntArray) -> IntArray:
    """1 direct, 2 online, 3 postal."""
    luck = rng.random(len(level))
    online = np.array([0, *(_ONLINE_SHARE[one] for one in (1, 2, 3))])[level]
    postal = online + np.array([0, *(_POSTAL_SHARE[one] for one in (1, 2, 3))])[level]
    return np.where(luck < online, 2, np.where(luck < postal, 3, 1)).astype(np.int64)


def _applicants(rng: Rng, field: IntArray) -> IntArray:
    """1 citizen, 2 enterprise, 3 agency, 4 other organisation."""
    luck = rng.random(len(field))
    business = np.isin(field, np.array(sorted(_BUSINESS_FIELDS)))
    enterprise = np.where(business, 0.75, 0.02)
    other = np.where(luck < enterprise + 0.004, 3, np.where(luck < enterprise + 0.01, 4, 1))
    return np.where(luck < enterprise, 2, other).astype(np.int64)


def _people(rng: Rng, count: int) -> IntArray:
    agents = rng.random(count) < _BY_AGENTS
    return np.where(agents, rng.integers(0, _AGENTS, count), rng.integers(_AGENTS, PEOPLE, count)).astype(np.int64)
