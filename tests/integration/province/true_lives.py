"""What is true of each dossier, from the finished world itself: no file, no fault and no rule of settling stands between.

Belongs here: the truth beside the published row, and where they differ. Does not: what was planted (the ledger).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from demo.province import moment, truth
from demo.province.world import make_world
from tests.integration.province.made_province import ZONE, Province

_FIELDS = ("received", "due", "finish", "channel", "unit", "receiver", "procedure")
_PUBLISHED = """
    select dossier_code, to_char(received_at at time zone %s, 'YYYY-MM-DD HH24:MI'),
        to_char(due_at at time zone %s, 'YYYY-MM-DD HH24:MI'),
        -- Of what was closed otherwise a finish counts nowhere.
        case when closed_otherwise_at is null then to_char(resolved_at at time zone %s, 'YYYY-MM-DD HH24:MI') end,
        split_part(channel_key, '/', 2), split_part(unit_key, '/', 2),
        split_part(receiving_unit_key, '/', 2), split_part(procedure_key, '/', 2)
    from marts.fct_dossier
"""


def true_lives(province: Province) -> pl.DataFrame:
    """One row a dossier that counts at the province's present instant; to the minute, as registers write no seconds."""
    told = province.truth()
    at = datetime.fromisoformat(told["at"]).replace(tzinfo=None)
    world = make_world(told["seed"], told["scale"], at)
    agencies = pl.lit(pl.Series([unit.agency for unit in world.scene.units.rows]))
    codes = pl.lit(pl.Series([row.code for row in world.scene.catalogue.procedures])).gather("procedure")
    return truth.counted(world, at).select(
        dossier_code="code",
        received=_minute(pl.col("received")),
        due=_minute(moment.due_in_force(at)),
        finish=_minute(moment.finish(at)),
        channel=pl.col("channel").cast(pl.String),
        unit=agencies.gather("unit"),
        receiver=agencies.gather("receiver"),
        procedure=codes,
    )


def _minute(instant: pl.Expr) -> pl.Expr:
    return instant.dt.strftime("%Y-%m-%d %H:%M")


def published_lives(province: Province) -> pl.DataFrame:
    rows = province.ask(_PUBLISHED, ZONE, ZONE, ZONE)
    return pl.DataFrame(rows, schema=dict.fromkeys(("dossier_code", *_FIELDS), pl.String), orient="row")


def wrong_dossiers(province: Province) -> dict[str, list[str]]:
    """The dossiers of which something published is not so, each with the fields; one missing or too many is wrong in all."""
    both = true_lives(province).join(
        published_lives(province), on="dossier_code", how="full", coalesce=True, suffix="_ours"
    )
    wrong = both.select(
        "dossier_code",
        fields=pl.concat_list(
            pl.when(pl.col(name).ne_missing(pl.col(f"{name}_ours"))).then(pl.lit(name)) for name in _FIELDS
        ).list.drop_nulls(),
    ).filter(pl.col("fields").list.len() > 0)
    return dict(wrong.iter_rows())
