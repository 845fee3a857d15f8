"""Published timeliness figures, as counted in marts.fct_timeliness: sums of stored counts, nothing judged anew.

Belongs here: figures at cut-offs and in periods, in total or split. Does not: laying them out (reporting/layout).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from contracts.failures import UsageError
from reporting.gaps import Gaps
from reporting.published import Body, Period, shown

RESOLUTION = ("resolved", "early", "on_due_day", "on_time", "late", "resolved_no_due")
PENDING = ("pending", "pending_in_time", "pending_overdue", "pending_no_due", "pending_waiting", "pending_paused")
MEASURES = ("received", *RESOLUTION, *PENDING, "closed_otherwise")
SPLITS = {
    "unit": "unit_key", "competent_unit": "competent_unit_key", "channel": "channel_key", "procedure": "procedure_key",
    "received_month": "received_month", "resolved_month": "resolved_month",
}  # fmt: skip


def parse_split(text: str | None) -> tuple[str, ...]:
    """The names of a --by option, in order. Raises UsageError for one that does not exist or stands twice."""
    names = tuple(part.strip() for part in text.split(",")) if text else ()
    unknown = [name for name in names if name not in SPLITS]
    if unknown or len(set(names)) != len(names):
        raise UsageError(
            f"figures cannot be split by {text!r}", hint=f"Choose from: {', '.join(SPLITS)}; several with commas."
        )
    return names


def on_time_rate(on_time: int, late: int) -> Decimal | None:
    """on time ÷ (on time + late), six decimals; None where nothing was judged. Dossiers without due date are in neither."""
    judged = on_time + late
    return (Decimal(on_time) / judged).quantize(Decimal("0.000001"), ROUND_HALF_EVEN) if judged else None


def at_cut_offs(
    connection: psycopg.Connection, body: Body, policy: str, cut_offs: list[datetime], by: tuple[str, ...]
) -> list[dict[str, Any]]:
    """One row a cut-off and group: the group's names, the measures and the on-time rate. A total order."""
    measures = RESOLUTION if "resolved_month" in by else MEASURES
    conditions = sql.SQL("and resolved_month is not null") if "resolved_month" in by else sql.SQL("")
    names = [sql.Identifier(SPLITS[name]) for name in by]
    query = sql.SQL(
        "select {columns} from fct_timeliness where jurisdiction = %s and policy = %s and cut_off = any(%s)"
        " {conditions} group by {groups} order by {order}"
    ).format(
        columns=sql.SQL(", ").join([sql.Identifier("cut_off"), *names, *map(_summed, measures)]),
        conditions=conditions,
        groups=sql.SQL(", ").join([sql.Identifier("cut_off"), *names]),
        order=sql.SQL(", ").join([sql.Identifier("cut_off"), *map(_in_code_order, by)]),
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, (body.jurisdiction, policy, cut_offs)).fetchall()
    return [
        {
            "jurisdiction": body.jurisdiction, "policy": policy, "cut_off": shown(row["cut_off"], body.zone),
            "release": body.release_id, **_group(row, by), **_measured(row, measures),
        }
        for row in rows
    ]  # fmt: skip


def in_period(
    connection: psycopg.Connection, body: Body, policy: str, period: Period, by: tuple[str, ...]
) -> list[dict[str, Any]]:
    """One row a group: received and resolved in the period, carried over into it, pending at its end.

    Where dossiers were withdrawn or refused, both ends must be published: the marts hold no day of it, so that it is the
    difference of two cut-offs. Raises UsageError when a cut-off that is needed is not published.
    """
    if {"received_month", "resolved_month"} & set(by):
        raise UsageError("a period is not split by month", hint="Ask for --cut-off, or for each month as a period.")
    end, begin = _published(body, period.next_month, "end"), _cut_off_on(body, period.first_month)
    names = [sql.Identifier(SPLITS[name]) for name in by]
    query = sql.SQL(
        "select {columns} from fct_timeliness where jurisdiction = %(jurisdiction)s and policy = %(policy)s"
        " and cut_off in (%(begin)s, %(end)s) {grouping}"
    ).format(
        columns=sql.SQL(", ").join([*names, *_counted_in_period()]),
        grouping=sql.SQL("group by {} order by {}").format(
            sql.SQL(", ").join(names), sql.SQL(", ").join(map(_in_code_order, by))
        )
        if by
        else sql.SQL(""),
    )
    asked = {
        "jurisdiction": body.jurisdiction, "policy": policy, "from": period.first_month, "to": period.next_month,
        "begin": begin, "end": end,
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, asked).fetchall()
    if begin is None and any(row["closed_otherwise"] for row in rows):
        raise UsageError(
            f"some dossiers were withdrawn or refused, and the beginning of the period, {period.first_month}, is not a"
            " published cut-off: how many were before it is not known",
            hint=f"Published: {_all_published(body)}. More are added in the deployment file (cut_offs).",
        )
    carried = "open_or_closed_before" if begin is None else "open_at_begin"
    return [
        {
            "jurisdiction": body.jurisdiction, "policy": policy, "period": period.name, "release": body.release_id,
            **_group(row, by), "carried_over": int(row[carried]), **_measured(row, MEASURES),
        }
        for row in rows
    ]  # fmt: skip


Days = tuple[date | None, date]


def days_of(body: Body, rows: list[dict[str, Any]], period: Period | None) -> dict[str, Days]:
    """The days that figures are made of: the period's by its name, or by each cut-off as shown, everything before it."""
    if period is not None:
        return {period.name: (period.first_month, period.next_month)}
    return {
        row["cut_off"]: (None, _days_end(datetime.fromisoformat(row["cut_off"]).astimezone(ZoneInfo(body.zone))))
        for row in rows
    }


def beside_gaps(rows: list[dict[str, Any]], gaps: Gaps, spans: dict[str, Days]) -> list[dict[str, Any]]:
    """The rows, each with the `gaps` that touch it: those of its unit where it is one unit's."""
    found: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    told = []
    for row in rows:
        when, unit = row.get("cut_off") or row["period"], row.get("unit")
        if (when, unit) not in found:
            first, end = spans[when]
            units = None if unit is None else {unit}
            found[when, unit] = gaps.touching(units=units, first=first, end=end)
        told.append({**row, "gaps": found[when, unit]})
    return told


def gaps_of_all(gaps: Gaps, spans: dict[str, Days]) -> list[dict[str, Any]]:
    """What touches any of the figures shown."""
    if not spans:
        return []
    firsts = [first for first, _ in spans.values() if first is not None]
    first = min(firsts) if len(firsts) == len(spans) else None
    return gaps.touching(first=first, end=max(end for _, end in spans.values()))


def _days_end(local: datetime) -> date:
    """The first day of which nothing has happened at an instant."""
    return local.date() if local.time() == time() else local.date() + timedelta(days=1)


def _counted_in_period() -> list[sql.Composable]:
    """The measures of a period, from the rows of its two ends."""
    at_end, at_begin = sql.SQL("cut_off = %(end)s"), sql.SQL("cut_off = %(begin)s")
    received_in = sql.SQL("cut_off = %(end)s and received_month >= %(from)s and received_month < %(to)s")
    resolved_in = sql.SQL("cut_off = %(end)s and resolved_month >= %(from)s and resolved_month < %(to)s")
    carried = sql.SQL(
        "cut_off = %(end)s and received_month < %(from)s and (resolved_month is null or resolved_month >= %(from)s)"
    )
    closed = sql.SQL("({} - {})::bigint as closed_otherwise").format(
        _sum_of("closed_otherwise", at_end), _sum_of("closed_otherwise", at_begin)
    )
    return [
        _summed("received", received_in),
        _summed("received", carried, "open_or_closed_before"),
        _summed("pending", at_begin, "open_at_begin"),
        *[_summed(name, resolved_in) for name in RESOLUTION],
        *[_summed(name, at_end) for name in PENDING],
        closed,
    ]


def _cut_off_on(body: Body, day: date) -> datetime | None:
    """The published cut-off at the beginning of that local day."""
    for cut_off in body.cut_offs:
        if shown(cut_off, body.zone).startswith(f"{day.isoformat()}T00:00:00"):
            return cut_off
    return None


def _published(body: Body, day: date, which: str) -> datetime:
    cut_off = _cut_off_on(body, day)
    if cut_off is None:
        raise UsageError(
            f"the {which} of the period, {day}, is not a published cut-off", hint=f"Published: {_all_published(body)}"
        )
    return cut_off


def _all_published(body: Body) -> str:
    return ", ".join(shown(cut_off, body.zone) for cut_off in body.cut_offs)


def _sum_of(measure: str, condition: sql.Composable | None) -> sql.Composable:
    kept = sql.SQL(" filter (where {})").format(condition) if condition is not None else sql.SQL("")
    return sql.SQL("coalesce(sum({}){}, 0)").format(sql.Identifier(measure), kept)


def _summed(measure: str, condition: sql.Composable | None = None, alias: str | None = None) -> sql.Composable:
    return sql.SQL("{}::bigint as {}").format(_sum_of(measure, condition), sql.Identifier(alias or measure))


def _in_code_order(name: str) -> sql.Composable:
    """Text by code point, so that the order is the same on every server."""
    column = sql.Identifier(SPLITS[name])
    return column if name.endswith("_month") else sql.SQL('{} collate "C"').format(column)


def _group(row: dict[str, Any], by: tuple[str, ...]) -> dict[str, str]:
    """The group's names as their source spells them: keys without the jurisdiction, months as 2015-01."""
    return {
        name: row[SPLITS[name]].strftime("%Y-%m") if name.endswith("_month") else row[SPLITS[name]].split("/", 1)[1]
        for name in by
    }


def _measured(row: dict[str, Any], measures: tuple[str, ...]) -> dict[str, Any]:
    rate = on_time_rate(int(row["on_time"]), int(row["late"]))
    return {**{name: int(row[name]) for name in measures}, "on_time_rate": None if rate is None else float(rate)}
