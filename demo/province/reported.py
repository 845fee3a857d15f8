"""The true figures of digitisation and payment in reporting periods, counted from the finished world.

Belongs here: what came and what was finished in a period, by level and by district. Does not: figures at an instant
(served.py), timeliness (truth.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import polars as pl

from demo.province import figures, moment, payments, served, truth
from demo.province.units import COMMUNE, DISTRICT, PROVINCE
from demo.province.world import World

_APRIL = datetime(2023, 4, 1)  # noqa: DTZ001
PERIODS = {
    "2023H1": (figures.BEGIN, figures.END),
    "2023Q1": (figures.BEGIN, _APRIL),
    "2023Q2": (_APRIL, figures.END),
}
_LEVELS = {PROVINCE: "province", DISTRICT: "district", COMMUNE: "commune"}


def reports(world: World, at: datetime) -> list[dict[str, Any]]:
    """One row a period and part: `total`, a level, or a district with its communes (its statistics code)."""
    return [
        {"period": period, "part": part, **counts}
        for period, (begin, end) in PERIODS.items()
        for part, counts in _parts(world, at, begin, end)
    ]


def _parts(world: World, at: datetime, begin: datetime, end: datetime) -> Iterator[tuple[str, dict[str, int]]]:
    owner = pl.Series([truth.district_of(world, unit) for unit in world.scene.units.rows])
    level = pl.Series([_LEVELS[unit.level] for unit in world.scene.units.rows])
    dossiers, told = _dossiers(world, at, begin, end)
    requests, asked = _requests(world, at, begin, end)
    for parts in (None, level, owner):
        names = ["total"] if parts is None else sorted(set(parts.to_list()))
        for name in names:
            # The departments together are the level already.
            if parts is owner and name == "province":
                continue
            mask = pl.lit(True) if parts is None else pl.lit(parts).gather("unit") == name
            yield name, _summed(dossiers.filter(mask), told) | _summed(requests.filter(mask), asked)


def _summed(frame: pl.DataFrame, counts: served.Masks) -> dict[str, int]:
    return frame.select(count.cast(pl.Int64).alias(name) for name, count in counts.items()).row(0, named=True)


def _dossiers(world: World, at: datetime, begin: datetime, end: datetime) -> tuple[pl.DataFrame, served.Masks]:
    frame, _, masks = served.dossiers(world, at)
    came = pl.col("received").is_between(begin, end, closed="left")
    done = masks["dossiers_finished"] & moment.finish(at).is_between(begin, end, closed="left")
    received = (
        "dossiers_told", "dossiers_in_province", "data_reused", "dossiers_on_portal", "parts_digitised", "population_linked",
        "online_on_portal", "accounts_verified", "fees_on_portal", "fees_online_on_portal",
    )  # fmt: skip
    counted = {name: masks[name] & came for name in received} | {
        "dossiers_on_both": pl.col("in_provincial") & pl.col("in_portal") & came,
        "dossiers_finished": done,
        "results_digitised": done & masks["results_digitised"],
    }
    return frame, {name: mask.fill_null(value=False).sum() for name, mask in counted.items()}


def _requests(world: World, at: datetime, begin: datetime, end: datetime) -> tuple[pl.DataFrame, served.Masks]:
    once = payments.requests(world, at).with_columns(again=pl.lit(value=False))
    frame = pl.concat([once, payments.repeated(world, at).with_columns(again=pl.lit(value=True))]).filter(
        pl.col("received").is_between(begin, end, closed="left")
    )
    first = ~pl.col("again")
    paid = first & (pl.col("paid") < end).fill_null(value=False)
    online = paid & pl.col("way").is_in([payments.ON_PORTAL, payments.GATEWAY])
    return frame, {
        "dossiers_with_fee": pl.col("id").n_unique(),
        "dossiers_paid": pl.col("id").filter(paid).n_unique(),
        "dossiers_paid_online": pl.col("id").filter(online).n_unique(),
        "payments_asked": first.sum(),
        "payments_paid": paid.sum(),
        "payments_online": online.sum(),
        "payments_repeated": pl.col("again").sum(),
        "amount_asked": pl.col("amount").filter(first).sum(),
        "amount_paid": pl.col("amount").filter(paid).sum(),
        "amount_online": pl.col("amount").filter(online).sum(),
        "procedures_with_fee": pl.col("procedure").n_unique(),
        "procedures_paid_online": pl.col("procedure").filter(online).n_unique(),
    }
