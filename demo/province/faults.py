"""Planted faults: which dossier bears which of the dirty behaviours, decided once and for all.

Belongs here: the rates, and that every fault that could change a figure is put where another system or field gives the
right value. Does not: what the faulty value is (the systems' projections), the ledger of them (ledger.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from demo.province.arrivals import Rng, Scene
from demo.province.blocks import COUNTED, DECEMBER
from demo.province.clock import DAY
from demo.province.units import SPELLINGS

#: Rates among the dossiers that can bear the fault; written to truth.json as declared.
RATES = {
    "d01_pause_shown_as_finished": 0.60,
    "d03_push_answered_exists": 0.004,
    "d04_due_empty_on_portal": 0.010,
    "d04_finish_empty": 0.0008,
    "d05_channel_empty_in_province": 0.006,
    "d05_channel_empty_on_portal": 0.015,
    "d05_submitted_overwritten": 0.030,
    "d06_unit_spelt_otherwise": 0.080,
    "d07_twice_on_portal": 0.002,
    "d07_last_update_missing_on_portal": 0.010,
    "d09_due_year_one": 0.0010,
    "d09_finish_year_one": 0.0003,
    "d10_json_in_text": 0.003,
    "d11_clock_skew": 0.005,
    "d12_finish_before_receipt": 0.0010,
    "x03_office_due_unreadable": 0.002,
}
#: The client of this department sends the same status for whatever it has (4, in handling).
ONE_STATUS_DEPARTMENT = 13


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Faults of one kind of place, of which a dossier bears at most one: a stretch of one draw each."""

    draw: pl.Series
    names: tuple[str, ...]

    def mask(self, name: str) -> pl.Series:
        low = sum(RATES[before] for before in self.names[: self.names.index(name)])
        return (self.draw >= low) & (self.draw < low + RATES[name])


def with_faults(rng: Rng, scene: Scene, frame: pl.DataFrame) -> pl.DataFrame:
    """Adds a boolean a fault, and what the faulty values are drawn from."""
    count = len(frame)
    own = _Stretch(
        pl.Series(rng.random(count)),
        ("d04_finish_empty", "d09_finish_year_one", "d12_finish_before_receipt", "d09_due_year_one"),
    )
    told = _Stretch(
        pl.Series(rng.random(count)),
        (
            "d04_due_empty_on_portal", "d05_channel_empty_on_portal", "d05_submitted_overwritten", "d07_twice_on_portal",
            "d07_last_update_missing_on_portal", "d10_json_in_text", "d11_clock_skew",
        ),
    )  # fmt: skip
    loose = {name: pl.Series(rng.random(count)) < rate for name, rate in RATES.items()}
    portal, province = pl.col("in_portal"), pl.col("in_provincial") & pl.col("tranche").is_in([COUNTED, DECEMBER])
    # Where a dossier lives on the portal alone, nobody else could give the right value.
    others = portal & pl.col("in_provincial")
    frame = frame.with_columns(
        **{name: others & told.mask(name) for name in told.names},
        d01_pause_shown_as_finished=others & loose["d01_pause_shown_as_finished"],
        d03_push_answered_exists=others & loose["d03_push_answered_exists"],
        d04_one_status=others & (pl.col("unit") == ONE_STATUS_DEPARTMENT),
        d06_spelling=_spelling(rng, scene, frame, loose["d06_unit_spelt_otherwise"]),
        skew_minutes=pl.Series(rng.integers(2, 10, count)),
        x03_office_due_unreadable=pl.col("in_one_stop") & province & loose["x03_office_due_unreadable"],
    ).with_columns(
        d07_twice_on_portal=pl.col("d07_twice_on_portal") & pl.col("began_on_portal"),
        # An office that tells one status for all never lets the others' faults be seen apart from it.
        d07_last_update_missing_on_portal=pl.col("d07_last_update_missing_on_portal") & ~pl.col("d04_one_status"),
    )
    return _with_own_faults(rng, frame, own, province, loose["d05_channel_empty_in_province"])


def _with_own_faults(
    rng: Rng, frame: pl.DataFrame, own: _Stretch, province: pl.Expr, channel_empty: pl.Series
) -> pl.DataFrame:
    """Faults of the provincial system itself, each where the right value stands somewhere else too."""
    portal_clean = pl.col("in_portal") & ~pl.any_horizontal(
        "d04_due_empty_on_portal", "d07_last_update_missing_on_portal", "d11_clock_skew", "d04_one_status",
        "d07_twice_on_portal", "d05_channel_empty_on_portal",
    )  # fmt: skip
    office_due = pl.col("in_one_stop") & ~pl.col("x03_office_due_unreadable")
    # The office's export has no seconds: what is finished within a minute would seem finished before its receipt.
    plain = province & pl.col("plain") & (pl.col("finished") - pl.col("received") > pl.duration(minutes=2))
    finishes = ("d04_finish_empty", "d09_finish_year_one", "d12_finish_before_receipt")
    frame = frame.with_columns(
        **{name: plain & own.mask(name) for name in finishes},
        d09_due_year_one=plain & own.mask("d09_due_year_one") & (office_due | portal_clean),
        d05_channel_empty_in_province=province
        & channel_empty
        & ((pl.col("channel") == 1) | pl.col("in_one_stop") | portal_clean),
    )
    faulty = pl.any_horizontal(*finishes)
    # A third of them lacks the step that would tell; then the portal has to.
    lacking = pl.Series(rng.random(len(frame)) < 0.34) & ~pl.col("in_one_stop") & portal_clean
    return frame.with_columns(
        no_finish_step=faulty & lacking,
        finish_recovered_by=pl.when(faulty).then(
            pl.when("in_one_stop")
            .then(pl.lit("one_stop"))
            .when(lacking)
            .then(pl.lit("portal"))
            .otherwise(pl.lit("progress"))
        ),
        due_recovered_by=pl.when("d09_due_year_one").then(
            pl.when(office_due).then(pl.lit("one_stop")).otherwise(pl.lit("portal"))
        ),
        finish_before_receipt=pl.col("received")
        - pl.duration(seconds=pl.lit(pl.Series(rng.integers(600, 5 * DAY, len(frame))))),
    )


def _spelling(rng: Rng, scene: Scene, frame: pl.DataFrame, otherwise: pl.Series) -> pl.Series:
    """Which spelling of the unit's name the portal shows; the bare one, which two units share, only with a code beside."""
    count = len(frame)
    variants = pl.Series(rng.integers(1, SPELLINGS, count))
    last = pl.col("in_provincial") | (variants < SPELLINGS - 1)
    return frame.select(
        pl.when(otherwise & last).then(variants).otherwise(pl.lit(0)).cast(pl.Int64).alias("spelling")
    ).to_series()


def year_one() -> pl.Expr:
    """The date a failed computation leaves behind."""
    return pl.lit(np.datetime64("0001-01-01", "us")).cast(pl.Datetime("us"))
