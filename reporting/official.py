"""The official forms and the ranking of units, as published: rows in the printed order, under the printed titles.

Belongs here: reading marts.rpt_form_ii06a, rpt_form_ii07b and rpt_unit_ranking, and what a reader may ask of them. Does not:
counting (dbt), or laying rows out (reporting/layout).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from contracts.failures import UsageError
from reporting.forms import FormVariant, Language
from reporting.gaps import Gaps
from reporting.labels import label
from reporting.published import Body, shown

#: Columns 3 to 13 of II.06a in their order, then what the printed form has only as a note.
COLUMNS_II06A = (
    "received_total", "received_online", "received_direct_postal", "carried_over", "resolved_total", "early", "on_time",
    "late", "pending_total", "pending_in_time", "pending_overdue", "closed_otherwise", "resolved_no_due", "pending_no_due",
)  # fmt: skip
#: The three blocks of II.07b, columns 3 to 14.
BLOCKS_II07B = ("in_authority", "one_stop", "workflow")
_ONCE = ("total", "province", "district", "commune", "no_level")
_AT_EACH = ("at_province", "at_district", "at_commune")


def chosen_period(connection: psycopg.Connection, body: Body, wanted: str | None) -> dict[str, Any]:
    """The period asked for; without one, the last that is over. Raises UsageError for one that is unknown or not over."""
    with connection.cursor(row_factory=dict_row) as cursor:
        periods = cursor.execute(
            "select period, period_key, name, name_vi, period_from, period_to, is_complete from dim_period"
            " where jurisdiction = %s order by place, period_key",
            (body.jurisdiction,),
        ).fetchall()
    over = [period for period in periods if period["is_complete"]]
    hint = "Over: " + (", ".join(str(period["period"]) for period in over) or "none")
    hint += ". Periods are named in the deployment file (periods)."
    if wanted is None:
        if not over:
            raise UsageError(f"no period of {body.jurisdiction} is over", hint=hint)
        return dict(max(over, key=lambda period: (period["period_to"], period["period_from"])))
    found = [period for period in periods if period["period"] == wanted]
    if not found:
        raise UsageError(f"{body.jurisdiction} has no period {wanted!r}", hint=hint)
    if not found[0]["is_complete"]:
        raise UsageError(
            f"the period {wanted} lasts until {found[0]['period_to']} and is not over in this release", hint=hint
        )
    return dict(found[0])


def as_of(connection: psycopg.Connection, body: Body) -> datetime:
    """The instant that stands for now in the release: lists of what is late are as of then."""
    row = connection.execute(
        "select as_of from dim_jurisdiction where jurisdiction = %s", (body.jurisdiction,)
    ).fetchone()
    assert row is not None and isinstance(row[0], datetime)
    return row[0]


def form_ii06a(
    connection: psycopg.Connection, body: Body, period: str, policy: str, variant: FormVariant, language: Language
) -> list[dict[str, Any]]:
    """Rows of II.06a in the printed order: STT, what the row is of, columns 3 to 13, the note's three."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select ordinal, row_kind, level, unit_key, label, received_total, received_online, received_direct_postal,"
            " carried_over, resolved_total, early, on_time, late, pending_total, pending_in_time, pending_overdue,"
            " closed_otherwise, resolved_no_due, pending_no_due from rpt_form_ii06a"
            " where jurisdiction = %s and period = %s and policy = %s and variant = %s order by row_place",
            (body.jurisdiction, period, policy, variant),
        ).fetchall()
    return [
        {
            "jurisdiction": body.jurisdiction, "period": period, "policy": policy, "variant": str(variant),
            "release": body.release_id, "ordinal": row["ordinal"], "row_of": _row_of(row, variant, language),
            "row_kind": row["row_kind"], "level": row["level"],
            "unit": None if row["unit_key"] is None else str(row["unit_key"]).split("/", 1)[1],
            **{name: row[name] for name in COLUMNS_II06A},
        }
        for row in rows
    ]  # fmt: skip


def form_ii07b(connection: psycopg.Connection, body: Body, period: str) -> list[dict[str, Any]]:
    """One row a block of II.07b: its total and its levels, each procedure once; then the counts at every level.

    Empty where no catalogue was known before the period's end.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "select catalogue_known_on, in_authority_total, in_authority_province, in_authority_district,"
            " in_authority_commune, in_authority_no_level, one_stop_total, one_stop_province, one_stop_district,"
            " one_stop_commune, one_stop_no_level, workflow_total, workflow_province, workflow_district, workflow_commune,"
            " workflow_no_level, in_authority_at_province, in_authority_at_district, in_authority_at_commune,"
            " one_stop_at_province, one_stop_at_district, one_stop_at_commune, workflow_at_province, workflow_at_district,"
            " workflow_at_commune, one_stop_unknown from rpt_form_ii07b where jurisdiction = %s and period = %s",
            (body.jurisdiction, period),
        ).fetchone()
    if row is None:
        return []
    return [
        {
            "jurisdiction": body.jurisdiction, "period": period, "release": body.release_id, "block": block,
            **{name: row[f"{block}_{name}"] for name in (*_ONCE, *_AT_EACH)},
            "unknown": row["one_stop_unknown"] if block == "one_stop" else 0,
            "catalogue_known_on": row["catalogue_known_on"].isoformat(),
        }
        for block in BLOCKS_II07B
    ]  # fmt: skip


def ranking(connection: psycopg.Connection, body: Body, level: str | None) -> list[dict[str, Any]]:
    """Units by rank within their level, those without a rank last. Raises UsageError for a level nobody has."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select policy, as_of, level, unit_key, unit_name, unit_rank, rank_before, rank_change, on_time, judged,"
            " on_time_rate from rpt_unit_ranking where jurisdiction = %s"
            " order by case level when 'province' then 1 when 'district' then 2 when 'commune' then 3 else 4 end,"
            ' unit_rank nulls last, unit_key collate "C"',
            (body.jurisdiction,),
        ).fetchall()
    levels = list(dict.fromkeys(str(row["level"]) for row in rows if row["level"]))
    if level is not None and level not in levels:
        raise UsageError(
            f"no unit of {body.jurisdiction} has the level {level!r}", hint=f"Levels: {', '.join(levels) or 'none'}"
        )
    return [
        {
            "jurisdiction": body.jurisdiction, "policy": row["policy"], "as_of": shown(row["as_of"], body.zone),
            "release": body.release_id, "level": row["level"], "unit_rank": row["unit_rank"],
            "rank_change": row["rank_change"], "rank_before": row["rank_before"],
            "unit": str(row["unit_key"]).split("/", 1)[1], "unit_name": row["unit_name"], "on_time": row["on_time"],
            "judged": row["judged"],
            "on_time_rate": None if row["on_time_rate"] is None else float(row["on_time_rate"]),
        }
        for row in rows
        if level in {None, row["level"]}
    ]  # fmt: skip


def gaps_of_form(gaps: Gaps, about: Collection[str], period: dict[str, Any]) -> list[dict[str, Any]]:
    """What touches anything on a form of that period: by the period's days, as in figures of a period."""
    return gaps.touching(about, first=period["period_from"], end=period["period_to"])


def beside_gaps(
    rows: list[dict[str, Any]], gaps: Gaps, about: Collection[str], period: dict[str, Any]
) -> list[dict[str, Any]]:
    """The rows, each with the `gaps` that touch it: of a unit's line the unit's, of any other row all."""
    whole = gaps_of_form(gaps, about, period)
    return [
        {
            **row,
            "gaps": gaps.touching(about, {row["unit"]}, period["period_from"], period["period_to"])
            if row.get("unit")
            else whole,
        }
        for row in rows
    ]


def under_printed_titles(row: dict[str, Any]) -> dict[str, Any]:
    """A row of II.06a as it is printed: `on_time` is column 9 there, which is less than early and on time together."""
    named = {f"form_{name}": row[name] for name in COLUMNS_II06A}
    about = ("jurisdiction", "period", "policy", "release", "ordinal", "row_of")
    return {**{name: row[name] for name in about}, **named}


def form_title(form: str, body: Body, period: dict[str, Any], language: Language) -> str:
    """What stands above a form: its number and title, whose it is, the period in words."""
    english = language is Language.en
    name, when = (body.name, period["name"]) if english else (body.name_vi, period["name_vi"])
    return f"{label(form, language)} – {name}, {when}"


def level_name(level: str | None, language: Language) -> str | None:
    """A level in the reader's language; None where there is none."""
    return label(f"form_fields_{level}", language) if level else None


def _row_of(row: dict[str, Any], variant: FormVariant, language: Language) -> str:
    """Column 2: the field or unit, or what the group or total is called on this variant of the form."""
    if row["row_kind"] == "total":
        return label("form_total", language)
    if row["row_kind"] == "group":
        return label(f"form_{variant}_{row['level'] or 'none'}", language)
    return str(row["label"]) if row["label"] is not None else label("form_field_unknown", language)
