"""Dossiers as rows: wall-clock instants, the codes they go by, and which systems hold them.

Belongs here: one frame of everything that is true of a dossier, whenever it is looked at. Does not: what is shown of it
at an instant (moment.py), planted faults (faults.py).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from demo.province.arrivals import Columns, Rng, Scene
from demo.province.blocks import COUNTED, DECEMBER, DELETED, LATE_ARRIVAL, UNREADABLE
from demo.province.clock import NEVER
from demo.province.units import COMMUNE, DISTRICT

INSTANTS = (
    "received", "taken_up", "due_first", "due", "due_answered", "asked", "answered", "finished", "returned", "closed",
    "paused_from", "paused_to", "drafted", "sent", "due_letter", "edited", "due_edited", "corrected", "finish_corrected",
)  # fmt: skip
_SMALL = ("level", "limit", "online", "channel", "applicant", "tranche", "closed_kind", "pause_kind")
#: Dossiers of a block have ids from block times this on.
IDS_PER_BLOCK = 10_000_000
#: Shares of dossiers held by whom; what is neither is held by the provincial system.
_ONE_STOP_ONLY, _PORTAL_ONLY, _ON_PORTAL, _BEGAN_ON_PORTAL, _SWAPPED = 0.010, 0.008, 0.91, 0.30, 0.02
_IN_EXPORTS = {COMMUNE: 0.60, DISTRICT: 0.35}
#: Interlinked work of a district that a commune takes in: one in so many.
_PASSED_ON = 29


def dossier_frame(rng: Rng, scene: Scene, columns: Columns, block: int) -> pl.DataFrame:
    """One row a dossier, in order of receipt within each tranche."""
    count = len(columns["received"])
    wall = {name: scene.clock.wall(columns[name]) for name in INSTANTS}
    frame = pl.DataFrame(
        {name: pl.Series(values) for name, values in wall.items()}
        | {name: columns[name].astype(np.int8) for name in _SMALL}
        | {name: columns[name] for name in ("unit", "procedure", "field", "person")}
        | {name: columns[name] == 1 for name in ("calendar", "letter_counts", "edit_logged")}
        | {"id": np.arange(count, dtype=np.int64) + block * IDS_PER_BLOCK}
    )
    frame = frame.with_columns(submitted=_submitted(rng, frame), plain=pl.Series(_plain(columns)))
    return _coded(_held(rng, frame), scene, block)


def _submitted(rng: Rng, frame: pl.DataFrame) -> pl.Series:
    """Online at any hour, up to most of a day before; across the counter minutes before the receipt."""
    before = np.where(
        frame["channel"].to_numpy() == 2, rng.integers(300, 57_000, len(frame)), rng.integers(30, 600, len(frame))
    )
    return frame["received"] - pl.Series(before * 1_000_000).cast(pl.Duration("us"))


def _plain(columns: Columns) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """No change of the promise, nothing but receipt, handling and finish: any one system can tell it all."""
    changed = (columns[name] < NEVER for name in ("asked", "drafted", "edited", "closed", "corrected", "paused_from"))
    plain: np.ndarray[tuple[int], np.dtype[np.bool_]] = ~np.logical_or.reduce(list(changed))
    return plain


def _held(rng: Rng, frame: pl.DataFrame) -> pl.DataFrame:
    """The coverage: in_provincial, in_one_stop, in_portal, and whether the portal gave a code of its own."""
    count = len(frame)
    luck = {name: pl.Series(rng.random(count)) for name in ("alone", "export", "portal", "began", "swap", "both")}
    office = pl.col("level") >= DISTRICT
    can_be_alone = pl.col("plain") & pl.col("tranche").is_in([COUNTED, DECEMBER])
    exported = (
        pl.when(pl.col("level") == COMMUNE)
        .then(luck["export"] < _IN_EXPORTS[COMMUNE])
        # Of a district's work only certification and civil status run on the office's own software.
        .otherwise(
            (pl.col("level") == DISTRICT) & pl.col("field").is_in([0, 1]) & (luck["export"] < _IN_EXPORTS[DISTRICT])
        )
    )
    frame = frame.with_columns(
        portal_only=can_be_alone & (pl.col("channel") == 2) & (luck["alone"] < _PORTAL_ONLY),
        office_only=can_be_alone & office & (luck["alone"] > 1 - _ONE_STOP_ONLY),
        normal=pl.col("tranche").is_in([COUNTED, DECEMBER]),
        _place=pl.int_range(pl.len()).over("tranche"),
    )
    unreadable, place = pl.col("tranche") == UNREADABLE, pl.col("_place") % 4
    frame = frame.with_columns(
        in_provincial=(pl.col("normal") & ~pl.col("portal_only") & ~pl.col("office_only"))
        | (pl.col("tranche") == DELETED)
        | (unreadable & (place < 2)),
        in_one_stop=(pl.col("normal") & ~pl.col("portal_only") & (exported | pl.col("office_only")))
        | (pl.col("tranche") == LATE_ARRIVAL)
        | (unreadable & (place == 3)),
        # Three in ten of what only an office holds went up to the portal all the same.
        in_portal=(
            pl.col("normal")
            & pl.when("office_only")
            .then(luck["both"] < 0.3)
            .otherwise(pl.col("portal_only") | (luck["portal"] < _ON_PORTAL))
        )
        | (unreadable & (place == 2)),
    )
    return frame.with_columns(
        began_on_portal=pl.col("portal_only")
        | (
            pl.col("in_provincial")
            & pl.col("in_portal")
            & (pl.col("channel") == 2)
            & (luck["began"] < _BEGAN_ON_PORTAL)
        ),
        swapped=pl.col("in_provincial") & (luck["swap"] < _SWAPPED),
    ).drop("_place", "normal")


def _coded(frame: pl.DataFrame, scene: Scene, block: int) -> pl.DataFrame:
    """Codes: agency that received - date received - number of the day; the portal's own ones look drawn by lot."""
    agencies = pl.DataFrame(
        {
            "receiver": pl.Series(range(len(scene.units.rows)), dtype=pl.Int64),
            "agency": [unit.agency for unit in scene.units.rows],
            "own_agency": [unit.own_agency for unit in scene.units.rows],
            # Every second office of the old order is written the new way in the province.
            "upper_agency": [unit.own_agency if at % 2 else unit.agency for at, unit in enumerate(scene.units.rows)],
        }
    )
    day = pl.col("received").dt.date()
    frame = frame.with_columns(receiver=_receiver(scene))
    frame = frame.join(agencies, on="receiver", how="left", maintain_order="left").with_columns(
        _tail=pl.concat_str(
            pl.col("received").dt.strftime("-%y%m%d-"),
            (pl.col("received").rank("ordinal").over("receiver", day)).cast(pl.String).str.zfill(4),
        ),
        # A prime modulus keeps them apart within a block.
        national=pl.concat_str(
            pl.lit("000.00.00.G22-"),
            pl.col("received").dt.strftime("%y%m%d-"),
            ((pl.col("id") % IDS_PER_BLOCK * 48_271 + 7 * block) % 999_983).cast(pl.String).str.zfill(6),
        ),
    )
    local = pl.concat_str("agency", "_tail")
    national, began = pl.col("national"), pl.col("began_on_portal")
    frame = frame.with_columns(
        code=pl.when("portal_only").then(national).otherwise(local),
        upper_code=pl.concat_str("upper_agency", "_tail"),
        own_code=pl.concat_str("own_agency", "_tail"),
        # The client that pushes rewrites the id in two offices of three.
        pushed_code=pl.when(pl.col("unit") % 3 > 0).then(local).otherwise(pl.concat_str("own_agency", "_tail")),
    )
    return frame.with_columns(
        provincial_code=pl.when(began & pl.col("swapped")).then(national).otherwise("upper_code"),
        alias=pl.when(began & pl.col("swapped"))
        .then("upper_code")
        .when(began & pl.col("in_provincial"))
        .then(national),
        portal_code=pl.when(began).then(national).otherwise("pushed_code"),
    ).drop("_tail", "agency", "own_agency", "upper_agency")


def _receiver(scene: Scene) -> pl.Expr:
    """The unit that took the dossier in: one in so many of a district's came in at one of its communes and was passed on."""
    rows = scene.units.rows
    communes = [[unit.number - 1 for unit in rows if unit.parent == district.number] for district in rows]
    first = pl.lit(pl.Series([found[0] if found else at for at, found in enumerate(communes)])).gather("unit")
    count = pl.lit(pl.Series([max(1, len(found)) for found in communes])).gather("unit")
    # What other systems alone hold is where it was taken in: nobody would know better.
    passed_on = (
        (pl.col("level") == DISTRICT)
        & pl.col("in_provincial")
        & ~pl.col("in_one_stop")
        & pl.col("tranche").is_in([COUNTED, DECEMBER])
        & (pl.col("id") % _PASSED_ON == 0)
    )
    return pl.when(passed_on).then(first + pl.col("id") // _PASSED_ON % count).otherwise("unit")
