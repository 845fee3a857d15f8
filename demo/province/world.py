"""The made world: a pure function of seed, scale and how far it is to be known.

Belongs here: assembling it once. Does not: looking at it (projections), files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from demo.province import blocks
from demo.province.arrivals import Columns, Scene, make_scene
from demo.province.clock import working_time
from demo.province.decisions import make_catalogue
from demo.province.dossiers import dossier_frame
from demo.province.faults import with_faults
from demo.province.steps import step_frame
from demo.province.units import load_units

#: Share of dossiers for which data digitised before was used again; declared by us.
_REUSE = 0.35


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is true, also what lies after any instant it will be looked at.

    `dossiers` has one row a dossier; `steps` one row a step of handling, by dossier id, of what the province handles.
    """

    seed: int
    scale: float
    scene: Scene
    dossiers: pl.DataFrame
    steps: pl.DataFrame


def make_scenery(seed: int) -> Scene:
    """The province without its dossiers."""
    clock = working_time()
    return make_scene(seed, clock, load_units(), make_catalogue(seed, clock))


def make_world(seed: int, scale: float, until: datetime) -> World:
    """The world as far as it is needed to look at it at `until`. Raises ValueError for a scale or an instant beyond it."""
    scene = make_scenery(seed)
    parts = []
    for block in range(blocks.blocks_until(until)):
        columns = blocks.month(seed, scale, scene, block) if block else blocks.half_year(seed, scale, scene)
        parts.append(_framed(seed, scene, columns, block))
    dossiers, steps = (pl.concat([part[at] for part in parts]) for at in (0, 1))
    return World(seed, scale, scene, dossiers, steps)


def _framed(seed: int, scene: Scene, columns: Columns, block: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    frame = dossier_frame(np.random.default_rng([seed, 41, block]), scene, columns, block)
    frame = with_faults(np.random.default_rng([seed, 42, block]), scene, frame)
    frame = frame.with_columns(reuses=pl.Series(np.random.default_rng([seed, 44, block]).random(len(frame)) < _REUSE))
    return frame, step_frame(np.random.default_rng([seed, 43, block]), scene, columns, frame)
