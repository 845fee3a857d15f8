"""Applicants, visibly made up: citizen ids of provinces 000 and 999, which do not exist, and names that say so.

Belongs here: one person's name, identity number and phone, the same in every system. Does not: who files what.
"""

from __future__ import annotations

import polars as pl

_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Dương", "Vũ", "Ma", "Lường", "Triệu")
_MIDDLES = ("Văn", "Thị", "Đức", "Minh", "Ngọc")


def name() -> pl.Expr:
    """Nguyễn Văn Thử Nghiệm 123; an enterprise is called Công ty Thử Nghiệm 123."""
    person = pl.col("person")
    given = pl.concat_str(
        _one_of(_SURNAMES, person), pl.lit(" "), _one_of(_MIDDLES, person // 7), pl.lit(" Thử Nghiệm "), person
    )
    return pl.when(pl.col("applicant") == 1).then(given).otherwise(pl.format("Công ty Thử Nghiệm {}", person))


def identity() -> pl.Expr:
    """Twelve digits with a province code nobody has."""
    province = pl.when(pl.col("person") % 2 == 0).then(pl.lit("999")).otherwise(pl.lit("000"))
    return pl.concat_str(province, (pl.col("person") * 4_337 % 1_000_000_007).cast(pl.String).str.zfill(9))


def phone() -> pl.Expr:
    """A number with a prefix no operator has."""
    return pl.concat_str(pl.lit("0000"), pl.col("person").cast(pl.String).str.zfill(6))


def _one_of(words: tuple[str, ...], number: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(list(words))).gather(number % len(words))
