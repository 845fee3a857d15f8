"""The true figures of ratings, petitions, payments, digitisation and Đề án 06, counted from the finished world.

Belongs here: counting by what is so in the world, before anything was planted or written down. Does not: the tables
(ratings.py, petitions.py, payments.py, portal.py), or what a pipeline makes of them.
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from typing import Any

import polars as pl

from demo.province import moment, payments, petitions, ratings, truth
from demo.province.world import World

Masks = dict[str, pl.Expr]
#: Where something belongs to no unit, because it belongs to no dossier.
NOWHERE = "none"


def services(world: World, at: datetime) -> dict[str, Any]:
    """Each figure at T: in all, by month and by district. The month of a dossier and of its payment is that of the receipt,
    that of a rating or a petition its own."""
    counted = [
        _counted(world, frame.with_columns(_month=pl.col(dated).dt.strftime("%Y-%m")), masks)
        for frame, dated, masks in (dossiers(world, at), _payments(world, at), _ratings(world, at), _petitions(world, at))
    ]  # fmt: skip
    every = reduce(lambda left, right: left.join(right, on=["month", "district"], how="full", coalesce=True), counted)
    every = every.with_columns(pl.selectors.integer().fill_null(0))
    whole = every.drop("month", "district").sum().row(0, named=True)
    parts = {
        f"by_{part}": every.group_by(part).agg(pl.selectors.integer().sum()).sort(part).to_dicts()
        for part in ("month", "district")
    }
    essential = sum(row.essential for row in world.scene.catalogue.in_force(at.date()))
    return {"essential_procedures_in_force": essential, "total": whole, **parts}


def _counted(world: World, frame: pl.DataFrame, masks: Masks) -> pl.DataFrame:
    owner = pl.Series([truth.district_of(world, unit) for unit in world.scene.units.rows])
    return (
        frame.with_columns(_district=pl.lit(owner).gather("unit").fill_null(NOWHERE))
        .group_by(month="_month", district="_district")
        .agg(mask.fill_null(0).sum().cast(pl.Int64).alias(name) for name, mask in masks.items())
    )


def dossiers(world: World, at: datetime) -> tuple[pl.DataFrame, str, Masks]:
    """What the provincial system or the portal holds at T, the column that dates it, and each figure as a condition."""
    frame = truth.counted(world, at).filter(pl.col("in_provincial") | pl.col("in_portal"))
    essential = pl.Series([row.essential for row in world.scene.catalogue.procedures])
    here, there, online = pl.col("in_provincial"), pl.col("in_portal"), pl.col("channel") == 2
    fee, draw, parts = pl.col("id") * 7_919 % 100 < 25, pl.col("id") * 104_729 % 1_000, pl.col("person") % 5
    listed = pl.lit(essential).gather("procedure")
    return frame, "received", {
        "dossiers_told": here | there,
        "dossiers_in_province": here,
        "dossiers_finished": here & moment.finish(at).is_not_null(),
        "results_digitised": here & (pl.col("finished") < at) & (parts < 3),
        "data_reused": here & (pl.col("taken_up") < at) & pl.col("reuses"),
        "dossiers_on_portal": there,
        "parts_digitised": there & (parts < 3),
        "population_linked": there & ((parts <= 3) | pl.col("d10_json_in_text")),
        "online_on_portal": there & online,
        "accounts_verified": there & online & (pl.col("person") % 3 > 0),
        "fees_on_portal": there & fee,
        "fees_online_on_portal": there & fee & online & (draw < 520),
        "essential_dossiers": listed,
        "essential_online": listed & online,
    }  # fmt: skip


def _payments(world: World, at: datetime) -> tuple[pl.DataFrame, str, Masks]:
    once = payments.requests(world, at).with_columns(again=pl.lit(False))
    frame = pl.concat([once, payments.repeated(world, at).with_columns(again=pl.lit(True))])
    first, paid = ~pl.col("again"), pl.col("paid") < at
    return frame, "received", {
        "payments_asked": first,
        "payments_paid": first & paid,
        "payments_online": first & paid & pl.col("way").is_in([payments.ON_PORTAL, payments.GATEWAY]),
        "payments_repeated": pl.col("again"),
        "amount_asked": pl.when(first).then("amount"),
        "amount_paid": pl.when(first & paid).then("amount"),
    }  # fmt: skip


def _ratings(world: World, at: datetime) -> tuple[pl.DataFrame, str, Masks]:
    known = ratings.given(world).select(
        "rated", "score", "out_of_range", pl.col("unit").cast(pl.Int64), nobody=pl.lit(False)
    )
    unknown = ratings.of_nobody(world).select(
        "rated", "score", out_of_range=pl.lit(False), unit=pl.lit(None, dtype=pl.Int64), nobody=pl.lit(True)
    )
    frame = pl.concat([known, unknown]).filter(pl.col("rated") < at)
    scored = ~pl.col("nobody") & ~pl.col("out_of_range")
    return frame, "rated", {
        "ratings": pl.col("rated").is_not_null(),
        "ratings_of_unknown": pl.col("nobody"),
        "ratings_scored": scored,
        "ratings_satisfied": scored & (pl.col("score") >= ratings.SATISFIED),
    }  # fmt: skip


def _petitions(world: World, at: datetime) -> tuple[pl.DataFrame, str, Masks]:
    frame = petitions.received(world, at).filter(pl.col("received") < at)
    done, strange = (pl.col("answered") < at).fill_null(False), pl.col("answered_before")
    in_time = pl.col("answered").dt.date() <= pl.col("due").dt.date()
    return frame, "received", {
        "petitions": pl.col("received").is_not_null(),
        "petitions_in_time": done & ~strange & in_time,
        "petitions_late": done & ~strange & ~in_time,
        "petitions_time_unknown": done & strange,
        "petitions_pending": ~done & (pl.col("due").dt.date() >= at.date()),
        "petitions_overdue": ~done & (pl.col("due").dt.date() < at.date()),
        "petitions_judged": done & pl.col("content").is_not_null(),
        "petitions_satisfied": done & pl.col("content"),
    }  # fmt: skip
