"""Requests for payment (YeuCauThanhToans): which dossiers have a fee, what was paid and how, what was recorded twice.

Belongs here: the table and the planted repetitions. Does not: what the portal says of payment (portal.py), counting
(served.py).
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from demo.province import figures, provincial
from demo.province.dossiers import IDS_PER_BLOCK
from demo.province.ratings import at_least_one
from demo.province.world import World

#: At scale 1: payments recorded a second time under another number, as a clerk does whose screen hung.
_TWICE = 45
_FIRST_TWICE = 100 * IDS_PER_BLOCK
NOT_PAID, ON_PORTAL, GATEWAY, OFFLINE = 0, 1, 2, 3


def requests(world: World, at: datetime) -> pl.DataFrame:
    """One dossier in four has a fee: number, amount, paid (null while not), way. Most are paid at once, half of the online
    ones online."""
    frame = provincial.held(world, at).filter(
        pl.col("id") * 7_919 % 100 < 25, pl.col("taken_up") < at, pl.col("tranche") < 2
    )
    draw = pl.col("id") * 104_729 % 1_000
    online = pl.col("channel") == 2
    paid = pl.when(draw < 940).then(pl.col("taken_up") + pl.duration(minutes=draw % 47))
    return frame.with_columns(paid=pl.when(paid < at).then(paid)).with_columns(
        number=pl.col("id") + IDS_PER_BLOCK,
        amount=pl.when(pl.col("level") == 3).then(2_000 * (1 + draw % 10)).otherwise(50_000 * (1 + draw % 12)),
        way=pl.when(pl.col("paid").is_null())
        .then(NOT_PAID)
        .otherwise(
            pl.when(online & (draw < 420)).then(ON_PORTAL).when(online & (draw < 520)).then(GATEWAY).otherwise(OFFLINE)
        )
        .cast(pl.Int64),
        recorded=pl.coalesce("paid", "taken_up"),
    )


def repeated(world: World, at: datetime) -> pl.DataFrame:
    """Planted: the repetitions recorded by T, each a minute after the payment it repeats, under a number of its own."""
    paid = requests(world, figures.END).filter(pl.col("paid").is_not_null(), pl.col("id") < IDS_PER_BLOCK)
    count = min(at_least_one(_TWICE, world.scale), len(paid))
    chosen = np.sort(np.random.default_rng([world.seed, 64]).choice(len(paid), count, replace=False))
    again = paid[chosen].with_columns(
        number=pl.col("id") + _FIRST_TWICE, recorded=pl.col("recorded") + pl.duration(minutes=1)
    )
    return again.filter(pl.col("recorded") < at)


def table(world: World, at: datetime) -> pl.DataFrame:
    """YeuCauThanhToans."""
    return (
        pl.concat([requests(world, at), repeated(world, at)])
        .select(
            Id="number",
            MaHoSo="provincial_code",
            SoTien="amount",
            HinhThuc="way",
            NgayThanhToan="paid",
            UpdatedOn="recorded",
        )
        .sort("Id")
    )
