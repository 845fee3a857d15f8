"""The ledger's part on ratings, payments and petitions: what was planted in them, and what a pipeline must make of it.

Belongs here: one entry a planted row that shows at T. Does not: planting (ratings.py, payments.py, petitions.py).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from demo.province import payments, petitions, ratings
from demo.province.ledger import COLUMNS
from demo.province.world import World


def entries(world: World, at: datetime) -> pl.DataFrame:
    """Kinds x11 to x14. A rating of nobody's dossier names none; the others name the dossier, a petition its number."""
    unknown = ratings.of_nobody(world).filter(pl.col("rated") < at)
    scoreless = ratings.given(world).filter("out_of_range", pl.col("rated") < at)
    answered = petitions.received(world, at).filter("answered_before", pl.col("answered") < at)
    nothing = pl.lit("")
    return pl.concat(
        [
            _entries(unknown, "x11_rating_of_unknown_dossier", "rating", "MaHoSo", nothing, pl.col("code"), nothing,
                     "of_nobody", "counted_apart", False),
            _entries(scoreless, "x12_rating_out_of_range", "rating", "MucDoHaiLong", pl.col("code"), pl.col("shown"),
                     nothing, "field_quarantined", "rating_without_a_score", True),
            _entries(payments.repeated(world, at), "x13_payment_twice", "payment", "Id", pl.col("code"), pl.col("number"),
                     nothing, "repetition", "same_dossier_amount_way_instant", True),
            _entries(answered, "x14_petition_answered_before_received", "petition", "NgayTraLoi", nothing, pl.col("told"),
                     pl.col("code"), "time_unknown", "answered_in_no_time", True),
        ]
    )  # fmt: skip


def _entries(
    frame: pl.DataFrame,
    kind: str,
    stream: str,
    field: str,
    dossier: pl.Expr,
    planted: pl.Expr,
    expected: pl.Expr,
    caught_as: str,
    rule: str,
    in_totals: bool,
) -> pl.DataFrame:
    return frame.select(
        kind=pl.lit(kind),
        system=pl.lit("provincial"),
        stream=pl.lit(stream),
        dossier_code=dossier.cast(pl.String),
        field=pl.lit(field),
        planted_value=planted.cast(pl.String),
        expected=expected.cast(pl.String),
        caught_as=pl.lit(caught_as),
        rule=pl.lit(rule),
        in_totals=pl.lit(in_totals),
    ).select(COLUMNS)
