"""The true figures, counted from the finished world by their definitions and by nothing else.

Belongs here: counting. Does not: how the world was made to count so (outcomes.py).
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import polars as pl

from demo.province import figures, moment
from demo.province.blocks import COUNTED, DECEMBER, LATE_ARRIVAL
from demo.province.fields import FIELDS
from demo.province.units import COMMUNE, DISTRICT, PROVINCE, Unit
from demo.province.world import World

Figures = dict[str, Any]


def counted(world: World, at: datetime) -> pl.DataFrame:
    """The dossiers that exist for whoever counts at T: late arrivals from the day their export came."""
    known = [COUNTED, DECEMBER] + ([LATE_ARRIVAL] if at > figures.END else [])
    frame = world.dossiers.filter(pl.col("tranche").is_in(known), pl.col("received") < at)
    return frame.with_columns(
        finish=moment.finish(at), end=pl.coalesce(moment.finish(at), moment.happened("closed", at))
    )


def in_period(frame: pl.DataFrame, begin: datetime, end: datetime) -> Figures:
    """Figures of [begin, end) under the declared reading: `day` policy on the due date in force before it passed."""
    due, finish = moment.due_in_force(end), pl.col("finish")
    received = (pl.col("received") >= begin) & (pl.col("received") < end)
    resolved = (finish >= begin) & (finish < end)
    early, same = finish.dt.date() < due.dt.date(), finish.dt.date() == due.dt.date()
    otherwise = pl.col("finish").is_null() & (pl.col("closed") >= begin) & (pl.col("closed") < end)
    pending = (pl.col("received") < end) & ~(pl.col("end") < end).fill_null(False)
    opening = (pl.col("received") < begin) & ~(pl.col("end") < begin).fill_null(False)
    waits = moment.waiting(end)
    counts = {
        "opening": opening,
        "received": received,
        **{
            name: received & (pl.col("channel") == code) for name, code in (("direct", 1), ("online", 2), ("postal", 3))
        },
        "resolved": resolved,
        "early": resolved & early,
        "on_due_day": resolved & same,
        "on_time": resolved & (early | same),
        "late": resolved & ~(early | same),
        "late_by_first_promise": resolved & (finish.dt.date() > pl.col("due_first").dt.date()),
        "late_by_date_as_edited": resolved & (finish.dt.date() > moment.due_shown(end).dt.date()),
        "withdrawn": otherwise & (pl.col("closed_kind") == 7),
        "refused": otherwise & (pl.col("closed_kind") == 3),
        "closed_otherwise": otherwise,
        "pending": pending,
        "pending_in_time": pending & (due.dt.date() >= end.date()),
        "pending_overdue": pending & (due.dt.date() < end.date()),
        "pending_waiting_for_supplement": pending & (waits == 5),
        "pending_waiting_for_payment": pending & (waits == 6),
        "pending_suspended": pending & (waits == 8),
    }
    row = frame.select([mask.fill_null(False).sum().cast(pl.Int64).alias(name) for name, mask in counts.items()])
    return row.row(0, named=True)


def by_month(frame: pl.DataFrame, begin: datetime, end: datetime) -> list[Figures]:
    edges = pl.datetime_range(begin, end, "1mo", eager=True).to_list()
    if edges[-1] < end:
        edges.append(end)
    return [{"month": f"{first:%Y-%m}"} | in_period(frame, first, past) for first, past in pairwise(edges)]


def by_district(world: World, frame: pl.DataFrame, begin: datetime, end: datetime) -> list[Figures]:
    """A district with its communes, and the departments of the province together."""
    rows = world.scene.units.rows
    owner = pl.Series([district_of(world, unit) for unit in rows])
    parts = frame.with_columns(_district=pl.lit(owner).gather(pl.col("unit"))).partition_by("_district", as_dict=True)
    named = {unit.statistics_code: unit.name for unit in rows if unit.level == DISTRICT}
    return [
        {"district": code, "name": named.get(code, "Các sở, ban, ngành")} | in_period(part, begin, end)
        for (code,), part in sorted(parts.items())
    ]


def by_level(frame: pl.DataFrame, begin: datetime, end: datetime) -> dict[str, Figures]:
    return {
        name: in_period(frame.filter(pl.col("level") == level), begin, end)
        for name, level in (("province", PROVINCE), ("district", DISTRICT), ("commune", COMMUNE))
    }


def by_level_and_field(frame: pl.DataFrame, begin: datetime, end: datetime) -> list[Figures]:
    """Rows of form II.06a: a level and a field that anything happened in. Of the figures, what the form has columns for."""
    wanted = (
        "opening", "received", "online", "resolved", "early", "on_due_day", "late", "pending", "pending_in_time",
        "pending_overdue", "closed_otherwise",
    )  # fmt: skip
    levels = {PROVINCE: "province", DISTRICT: "district", COMMUNE: "commune"}
    rows = []
    for (level, field), part in sorted(frame.partition_by("level", "field", as_dict=True).items()):
        counts = in_period(part, begin, end)
        if counts["opening"] or counts["received"]:
            rows.append({"level": levels[level], "field": FIELDS[field][1]} | {name: counts[name] for name in wanted})
    return rows


def district_of(world: World, unit: Unit) -> str:
    """The statistics code of the district a unit belongs to; `province` for departments."""
    if unit.level == PROVINCE:
        return "province"
    if unit.level == COMMUNE and unit.parent is not None:
        return str(world.scene.units.rows[unit.parent - 1].statistics_code)
    return str(unit.statistics_code)


def of_catalogue(world: World, at: datetime) -> Figures:
    """Decisions by the day they were signed, what is in force by the day they take effect."""
    catalogue = world.scene.catalogue
    signed = [d for d in catalogue.decisions if figures.BEGIN.date() <= d.signed < figures.END.date()]
    begin, end = catalogue.in_force(figures.BEGIN.date()), catalogue.in_force(figures.END.date())
    before, after = ({row.code for row in rows} for rows in (begin, end))
    same_level = {"LIEN_THONG_CUNG_CAP", "LIEN_THONG_SO_VPUB"}
    return {
        "decisions_signed": len(signed),
        "decisions_by_day_of_effect": sum(
            figures.BEGIN.date() <= d.effective < figures.END.date() for d in catalogue.decisions
        ),
        "procedures_new": sum(len(d.new) for d in signed),
        "procedures_abolished": sum(len(d.abolished) for d in signed),
        "procedures_replaced": sum(len(d.replaced) for d in signed),
        "procedures_amended": sum(len(d.amended) for d in signed),
        "in_force_at_begin": len(begin),
        "in_force_at_end": len(end),
        "in_force_now": len(catalogue.in_force(at.date())),
        "came_into_force": len(after - before),
        "went_out_of_force": len(before - after),
        "in_force_by_highest_level": {
            name: sum(row.level == level for row in end) for name, level in (("province", 1), ("district", 2), ("commune", 3))
        },
        "in_force_by_any_level": {
            name: sum(level in row.levels for row in end) for name, level in (("province", 1), ("district", 2), ("commune", 3))
        },
        "interlinked_same_level": sum(row.link in same_level for row in end),
        "interlinked_across_levels": sum(row.link not in same_level and row.link != "KHONG_LIEN_THONG" for row in end),
        "with_internal_workflow": sum(row.workflow for row in end),
    }  # fmt: skip


def must_match(found: Figures, catalogue: Figures, scale: float) -> None:
    """The world counts what it was made to count, or it is not written. Raises ValueError naming each difference."""
    targets = figures.scaled(scale)
    wanted = {
        "opening": targets.opening, "received": targets.received, "resolved": targets.resolved, "late": targets.late,
        "on_time": targets.on_time, "closed_otherwise": targets.closed_otherwise, "pending": targets.pending,
        "pending_overdue": targets.overdue_at_end,
    }  # fmt: skip
    fixed = {
        "decisions_signed": figures.DECISIONS, "procedures_new": figures.NEW, "procedures_abolished": figures.ABOLISHED,
        "in_force_at_end": sum(figures.IN_FORCE_BY_LEVEL.values()),
        "with_internal_workflow": sum(figures.IN_FORCE_BY_LEVEL.values()),
        "interlinked_same_level": figures.INTERLINKED_SAME_LEVEL, "interlinked_across_levels": figures.INTERLINKED_ACROSS,
    }  # fmt: skip
    pairs = [(name, want, found[name]) for name, want in wanted.items()]
    pairs += [(name, want, catalogue[name]) for name, want in fixed.items()]
    wrong = [f"{name} is {got}, not {want}" for name, want, got in pairs if got != want]
    if wrong:
        raise ValueError("the made province does not count what it must: " + "; ".join(wrong))
