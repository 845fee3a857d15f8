"""Ratings that applicants gave after their dossier was finished (đánh giá), as the provincial system keeps them.

Belongs here: who rated what, when and how, and the planted ratings that no pipeline can use as they are. Does not: the
portal, to which a province pushes ratings (DongBoDanhGia) and from which none can be read; counting them (served.py).
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from demo.province import figures, people
from demo.province.dossiers import IDS_PER_BLOCK
from demo.province.world import World

#: Of what the provincial system finished, this share is rated; declared by us, the article is silent.
_RATED = 0.12
#: From 1 (very dissatisfied) to 5 (very satisfied): shares up to each score, for what was in time and for what was late.
_IN_TIME, _LATE = (0.004, 0.012, 0.05, 0.33), (0.12, 0.30, 0.55, 0.85)
#: From this score on an applicant is called satisfied.
SATISFIED = 4
#: At scale 1: of a dossier that nobody knows; with a score there is none of.
_UNKNOWN, _OUT_OF_RANGE = 40, 30
#: Numbers of the planted ones lie beyond those that follow from a dossier's.
_FIRST_UNKNOWN = 900 * IDS_PER_BLOCK


def given(world: World) -> pl.DataFrame:
    """Every rating of a dossier, whenever given: number, rated, score, way, `shown` (what the table says for the score)."""
    held = world.dossiers.with_columns(_block=pl.col("id") // IDS_PER_BLOCK)
    parts = [_of_block(world, part, int(block)) for (block,), part in held.group_by("_block", maintain_order=True)]
    rows = pl.concat(parts)
    early = rows.with_row_index("_at").filter(pl.col("rated") < figures.END, pl.col("_block") == 0)["_at"].to_numpy()
    count = min(at_least_one(_OUT_OF_RANGE, world.scale), len(early))
    wrong = np.zeros(len(rows), dtype=np.bool_)
    wrong[np.random.default_rng([world.seed, 62]).choice(early, count, replace=False)] = True
    return rows.with_columns(out_of_range=pl.Series(wrong)).with_columns(
        shown=pl.when("out_of_range").then(pl.col("number") % 2 * 9).otherwise("score")
    )


def _of_block(world: World, dossiers: pl.DataFrame, block: int) -> pl.DataFrame:
    rng, count = np.random.default_rng([world.seed, 61, block]), len(dossiers)
    chosen, luck = pl.Series(rng.random(count)) < _RATED, rng.random(count)
    late = (dossiers["finished"].dt.date() > dossiers["due"].dt.date()).fill_null(False).to_numpy()
    steps = np.where(late[:, None], np.array(_LATE), np.array(_IN_TIME))
    way = pl.Series(rng.choice(np.array([1, 2, 3]), count, p=[0.55, 0.30, 0.15]))
    # On the tablet at the counter within the hour, from home within days.
    seconds = np.where(way.to_numpy() == 1, rng.integers(60, 3_600, count), rng.integers(1_800, 400_000, count))
    return dossiers.with_columns(
        number=pl.col("id") + 1,
        score=pl.Series(1 + (luck[:, None] >= steps).sum(axis=1)),
        way=way,
        rated=pl.col("finished") + pl.Series(seconds * 1_000_000).cast(pl.Duration("us")),
    ).filter(chosen, "in_provincial", pl.col("tranche") < 2, pl.col("rated").is_not_null())


def of_nobody(world: World) -> pl.DataFrame:
    """Planted: ratings whose dossier no system holds (number, code, rated, score, way), all in the half year."""
    count, clock = at_least_one(_UNKNOWN, world.scale), world.scene.clock
    rng = np.random.default_rng([world.seed, 63])
    days = clock.between(figures.BEGIN, figures.END)
    seconds = np.sort(rng.choice(days, count) * 28_800 + rng.integers(0, 28_000, count))
    agencies = pl.Series([world.scene.units.rows[at].agency for at in rng.integers(18, 27, count)])
    return pl.DataFrame({"rated": clock.wall(seconds), "agency": agencies}).select(
        # No office comes to nine thousand on one day.
        number=pl.int_range(pl.len()) + _FIRST_UNKNOWN,
        code=pl.concat_str(
            "agency", pl.col("rated").dt.strftime("-%y%m%d-"), (9_001 + pl.int_range(pl.len())).cast(pl.String)
        ),
        rated="rated",
        score=pl.lit(5, dtype=pl.Int64),
        way=pl.lit(1, dtype=pl.Int64),
    )


def table(world: World, at: datetime) -> pl.DataFrame:
    """DanhGiaHoSos: a table that only grows. A phone is left where the rating did not come from the counter."""
    known = given(world).filter(pl.col("rated") < at)
    rows = known.select(
        Id="number",
        MaHoSo="provincial_code",
        MucDoHaiLong="shown",
        KenhDanhGia="way",
        NgayDanhGia="rated",
        SoDienThoai=pl.when(pl.col("way") > 1).then(people.phone()),
        UpdatedOn="rated",
    )
    unknown = of_nobody(world).filter(pl.col("rated") < at)
    planted = unknown.select(
        Id="number",
        MaHoSo="code",
        MucDoHaiLong="score",
        KenhDanhGia="way",
        NgayDanhGia="rated",
        SoDienThoai=pl.lit(None, dtype=pl.String),
        UpdatedOn="rated",
    )
    return pl.concat([rows, planted], how="vertical_relaxed").sort("Id")


def at_least_one(figure: int, scale: float) -> int:
    """A declared number at a scale; what must exist to be tested never falls below one."""
    return max(1, round(figure * scale))
