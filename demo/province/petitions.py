"""Petitions about administrative procedures (phản ánh, kiến nghị) as the provincial system keeps them: received, due,
answered, and whether the petitioner was content.

Belongs here: the petitions and the planted ones that were answered before they came. Does not: dossiers, or counting
(served.py).
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.province import figures, people
from demo.province.blocks import blocks_until, month_of_block
from demo.province.clock import DAY, IntArray
from demo.province.dossiers import IDS_PER_BLOCK
from demo.province.ratings import at_least_one
from demo.province.world import World

#: Declared by us, the article is silent. In the half year at scale 1: all; answered late; unanswered and overdue at its
#: end; answered, if one believes the table, before they came.
_RECEIVED, _ANSWERED_LATE, _OVERDUE, _BEFORE = 1_240, 31, 9, 5
_FEWEST = 24
#: Calendar days for an answer.
_TERM = 15


def received(world: World, until: datetime) -> pl.DataFrame:
    """Every petition of the half year, and of the months that begin before `until`: number, code, unit, provincial_code (of
    the dossier it is about), received, due, answered, content, `told` (what the table says for the answer)."""
    about = world.dossiers.filter("in_provincial", pl.col("tranche") < 2, pl.col("id") < IDS_PER_BLOCK).sort("received")
    return pl.concat([_of_block(world, about, block) for block in range(blocks_until(until))])


def _of_block(world: World, about: pl.DataFrame, block: int) -> pl.DataFrame:
    rng, clock = np.random.default_rng([world.seed, 66, block]), world.scene.clock
    begin, end = (figures.BEGIN, figures.END) if block == 0 else month_of_block(block)
    days = clock.between(begin, end)
    count = max(_FEWEST, round(_RECEIVED * world.scale)) if block == 0 else round(_RECEIVED * world.scale / 6)
    came = np.sort(rng.choice(days, count) * DAY + rng.integers(0, DAY, count))
    due = clock.after_calendar_days(came, np.full(count, _TERM))
    answered = came + 600 + (rng.uniform(0.05, 0.95, count) * (due - came - 600)).astype(np.int64)
    before = np.zeros(count, dtype=np.bool_)
    if block == 0:
        before = _planted(rng, world, clock.first_after(figures.END), due, answered)
    # Wherever it stands in the list, a dossier that had been received by then.
    known = np.searchsorted(about["received"].to_numpy(), clock.wall(came))
    dossier = about[np.minimum((rng.random(count) * known).astype(np.int64), len(about) - 1)]
    of_dossier = pl.Series((rng.random(count) < 0.4) & (known > 0))
    units = pl.Series(rng.integers(0, len(world.scene.units.rows), count))
    stamps = pl.DataFrame({"received": clock.wall(came), "due": clock.wall(due), "answered": clock.wall(answered)})
    return stamps.with_columns(
        number=pl.int_range(pl.len()) + 1 + block * IDS_PER_BLOCK,
        person=pl.Series(rng.integers(1, 200_000, count)),
        way=pl.Series(rng.choice(np.array([1, 2, 3]), count, p=[0.6, 0.3, 0.1])),
        content=pl.when(pl.Series(rng.random(count)) < 0.6).then(pl.Series(rng.random(count)) < 0.88),
        answered_before=pl.Series(before),
        unit=pl.when(of_dossier).then(dossier["unit"]).otherwise(units),
        provincial_code=pl.when(of_dossier).then(dossier["provincial_code"]),
    ).with_columns(
        code=pl.concat_str(
            pl.lit("PAKN-"), pl.col("received").dt.strftime("%y%m%d-"), pl.col("number").cast(pl.String).str.zfill(4)
        ),
        told=pl.when("answered_before").then(pl.col("received") - pl.duration(days=2)).otherwise("answered"),
    )


def _planted(
    rng: np.random.Generator, world: World, end: int, due: IntArray, answered: IntArray
) -> npt.NDArray[np.bool_]:
    """Moves answers beyond the due day, and beyond the end; tells which of the others will stand before the receipt."""
    can = np.flatnonzero(due + 12 * DAY < end)
    wanted = [at_least_one(figure, world.scale) for figure in (_ANSWERED_LATE, _OVERDUE, _BEFORE)]
    chosen = rng.choice(can, sum(wanted), replace=False)
    late, overdue, before = np.split(chosen, np.cumsum(wanted)[:2])
    answered[late] = due[late] + DAY + rng.integers(0, 8 * DAY, len(late))
    answered[overdue] = end + DAY + rng.integers(0, 8 * DAY, len(overdue))
    return np.isin(np.arange(len(due)), before)


def table(world: World, at: datetime) -> pl.DataFrame:
    """PhanAnhKienNghis."""
    frame = received(world, at).filter(pl.col("received") < at)
    agencies = pl.Series([unit.number for unit in world.scene.units.rows])
    answered = pl.col("answered") < at
    return frame.select(
        Id="number",
        MaPAKN="code",
        MaHoSo="provincial_code",
        DonViId=pl.lit(agencies).gather("unit"),
        KenhTiepNhan="way",
        NgayTiepNhan="received",
        HanTraLoi="due",
        NgayTraLoi=pl.when(answered).then("told"),
        HaiLong=pl.when(answered).then("content"),
        SoDienThoai=people.phone(),
        UpdatedOn=pl.when(answered).then("answered").otherwise("received"),
    ).sort("Id")
