"""Which figure an address names: its published cells in the release that is read, and what they must come to.

Belongs here: figures at cut-offs, cells of the forms, rates, the ranking, definitions of briefs and claims. Does not: counting
(dossiers.py, others.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from contracts.failures import UsageError
from reporting.brief_figures import OF_II06A, OF_II07B, OF_RATE
from reporting.explaining.asking import Asked, Count, cell_row, cell_rows
from reporting.explaining.conditions import FIGURES, terms_of_ii06a
from reporting.explaining.others import KINDS
from reporting.figure_ids import Address
from reporting.official import BLOCKS_II07B, COLUMNS_II06A, as_of
from reporting.published import Body, chosen_cut_offs, chosen_policy, published_body, shown

#: Definitions of dossiers: what is added, then of a rate by what it is divided.
DEFINITIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "received_in_period": (("received",), ()),
    "received_and_carried_over": (("received", "carried_over"), ()),
    "carried_over": (("carried_over",), ()),
    "resolved_in_period": (("resolved",), ()),
    "resolved_on_time_in_period": (("early", "on_due_day"), ()),
    "late_in_period": (("late",), ()),
    "resolved_without_due_date": (("resolved_no_due",), ()),
    "pending_at_end": (("pending",), ()),
    "overdue_at_end": (("pending_overdue",), ()),
    "on_time_of_resolved": (("early", "on_due_day"), ("resolved",)),
    "on_time_of_received": (("early", "on_due_day"), ("received",)),
}
#: What each rate adds up above and below the line, as docs/metrics.md says (the models read the seed rate_term).
RATES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "article": (("early", "on_due_day"), ("resolved",)),
    "form_ii06a": (("early", "on_due_day", "resolved_no_due"), ("resolved",)),
    "local": (("early", "on_due_day"), ("early", "on_due_day", "late", "pending_overdue")),
    "qd766": (("early", "on_due_day", "pending_in_time"), ("resolved", "pending")),
}
RANKING = ("unit_rank", "rank_before", "on_time", "judged", "on_time_rate")
_KEYS = {
    "unit": "unit_key",
    "competent_unit": "competent_unit_key",
    "channel": "channel_key",
    "procedure": "procedure_key",
}
_DIMENSIONS = {"unit": "unit", "competent_unit": "unit", "channel": "channel", "procedure": "procedure"}


def resolve(connection: psycopg.Connection, address: Address) -> Asked:
    """The figure an address names, in the release that the connection reads. Raises UsageError, with what there is."""
    body = published_body(connection, address.jurisdiction)
    if address.table is not None:
        narrowing, found = _TABLES[address.table]
        _only(connection, body, address, *narrowing)
        return found(connection, body, address)
    if address.what in FIGURES:
        _only(connection, body, address, *_KEYS)
        return _at_cut_off(connection, body, address)
    if address.what in DEFINITIONS or address.what in KINDS:
        _only(connection, body, address)
        return _of_brief(connection, body, address)
    known = [*FIGURES, *DEFINITIONS, *KINDS]
    near = get_close_matches(address.what, known, n=6, cutoff=0.5) or list(FIGURES)
    raise UsageError(f"there is no figure {address.what!r}", hint=f"Near it: {', '.join(near)}")


def _at_cut_off(connection: psycopg.Connection, body: Body, address: Address) -> Asked:
    policy, cut_off = chosen_policy(body, address.policy), _cut_off(body, address.when)
    narrowed = {_KEYS[name]: f"{body.jurisdiction}/{value}" for name, value in address.narrowed.items()}
    conditions = [sql.SQL(" and {} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in narrowed]
    row = connection.execute(
        sql.SQL(
            "select coalesce(sum({}), 0)::bigint from fct_timeliness"
            " where jurisdiction = %(jurisdiction)s and policy = %(policy)s and cut_off = %(cut_off)s{}"
        ).format(sql.Identifier(address.what), sql.Composed(conditions)),
        {"jurisdiction": body.jurisdiction, "policy": policy, "cut_off": cut_off, **narrowed},
    ).fetchone()
    assert row is not None
    return Asked(
        address=replace(address, when=shown(cut_off, body.zone), policy=policy), body=body, shape="count",
        value=Decimal(row[0]), label=address.what, definition=f"definition_{address.what}",
        section="counts-at-a-cut-off", table="fct_timeliness", policy=policy, end=cut_off,
        counts=(Count("value", (address.what,), (address.what,), int(row[0])),),
        narrowed={f"d.{name}": value for name, value in narrowed.items()},
    )  # fmt: skip


def _ii06a(connection: psycopg.Connection, body: Body, address: Address) -> Asked:
    period, policy = _period(connection, body, address), chosen_policy(body, address.policy)
    column = _numbered(address.column, COLUMNS_II06A)
    variant = address.narrowed.get("variant", "levels" if "unit" in address.narrowed else "fields")
    form = {
        "jurisdiction": body.jurisdiction, "period": period["period"], "policy": policy, "variant": variant,
    }  # fmt: skip
    row = cell_row(connection, "rpt_form_ii06a", {**form, **_line_of(body, address)}, address)
    # Of a row by its number, what it is of: the number may be another row's in another release.
    named: dict[str, str] = {"variant": variant}
    if row["row_kind"] != "total":
        named["level"] = row["level"] or ""
    if row["row_kind"] == "line" and variant == "levels":
        named["unit"] = row["unit_key"].split("/", 1)[1]
    elif row["row_kind"] == "line":
        named["field"] = row["label"] or ""
    narrowed: dict[str, str | None] = {}
    if "level" in named:
        narrowed["u.level"] = row["level"]
    if "unit" in named:
        narrowed["d.unit_key"] = row["unit_key"]
    if "field" in named:
        narrowed["pr.field_name"] = row["label"]
    return Asked(
        address=replace(address, what=f"ii06a.{column}", policy=policy, narrowed=named), body=body, shape="count",
        value=Decimal(row[column]), label=f"form_{column}", definition="definition_ii06a", section="form-ii06a",
        table="rpt_form_ii06a", policy=policy, begin=period["from_at"], end=period["to_at"], period=period,
        counts=(Count("value", (column,), terms_of_ii06a(column), row[column]),), narrowed=narrowed,
    )  # fmt: skip


def _line_of(body: Body, address: Address) -> dict[str, Any]:
    """Which row of II.06a: by its number, or by what it is of; nothing named is the total."""
    given = address.narrowed
    if "line" in given:
        if not given["line"].isascii() or not given["line"].isdigit():
            raise UsageError(f"{given['line']!r} is no number of a row", hint="The first row of the form is line=1.")
        return {"row_place": int(given["line"])}
    if "unit" in given:
        return {"row_kind": "line", "unit_key": f"{body.jurisdiction}/{given['unit']}"}
    if "field" in given:
        return {"row_kind": "line", "level": given.get("level") or None, "label": given["field"] or None}
    if "level" in given:
        return {"row_kind": "group", "level": given["level"] or None}
    return {"row_kind": "total"}


def _ii07b(connection: psycopg.Connection, body: Body, address: Address) -> Asked:
    period = _period(connection, body, address)
    row = cell_row(
        connection, "rpt_form_ii07b", {"jurisdiction": body.jurisdiction, "period": period["period"]}, address
    )
    places = [f"{block}_{part}" for block in BLOCKS_II07B for part in ("total", "province", "district", "commune")]
    column = _numbered(address.column, tuple(places), tuple(name for name in row if name.startswith(BLOCKS_II07B)))
    return Asked(
        address=replace(address, what=f"ii07b.{column}", policy=None), body=body, shape="count", value=Decimal(row[column]),
        label=f"ii07b_{column}", definition="definition_ii07b", section="form-ii07b", table="rpt_form_ii07b",
        counts=(Count("value", (column,), (column,), row[column]),), begin=period["from_at"], end=period["to_at"],
        # Of the one-stop mechanism the published tables know the numbers alone: there is nothing to count.
        period=period, things=f"ii07b.{column}" if f"ii07b.{column}" in KINDS else "",
    )  # fmt: skip


def _rate(connection: psycopg.Connection, body: Body, address: Address) -> Asked:
    period = _period(connection, body, address)
    unit = address.narrowed.get("unit")
    key = None if unit is None else f"{body.jurisdiction}/{unit}"
    if address.column not in RATES:
        raise UsageError(f"there is no rate {address.column!r}", hint=f"Rates: {', '.join(RATES)}")
    of_row = {
        "jurisdiction": body.jurisdiction, "period": period["period"], "rate": address.column, "unit_key": key,
    }  # fmt: skip
    row = cell_row(connection, "rpt_rate", of_row, address)
    if address.policy not in {None, row["policy"]}:
        raise UsageError(f"the rate {address.column} is judged by {row['policy']}, not {address.policy}")
    above, below = RATES[address.column]
    return Asked(
        address=replace(address, policy=row["policy"]), body=body, shape="percent", value=row["rate_percent"],
        label=f"rate_{address.column}", definition=f"definition_rate_{address.column}", section="four-rates",
        table="rpt_rate", policy=row["policy"], begin=period["from_at"], end=period["to_at"], period=period,
        counts=(
            Count("numerator", ("numerator",), above, row["numerator"]),
            Count("denominator", ("denominator",), below, row["denominator"]),
        ),
        narrowed={} if key is None else {"d.unit_key": key},
    )  # fmt: skip


def _ranking(connection: psycopg.Connection, body: Body, address: Address) -> Asked:
    if address.column not in RANKING or "unit" not in address.narrowed:
        raise UsageError(
            f"{address} is nothing of the ranking", hint=f"Name a unit (;unit=CODE) and one of: {', '.join(RANKING)}"
        )
    key = f"{body.jurisdiction}/{address.narrowed['unit']}"
    row = cell_row(connection, "rpt_unit_ranking", {"jurisdiction": body.jurisdiction, "unit_key": key}, address)
    if address.policy not in {None, row["policy"]}:
        raise UsageError(f"units are ranked under {row['policy']}, not {address.policy}")
    moment = as_of(connection, body)
    if address.when not in {"as_of", shown(moment, body.zone)}:
        raise UsageError(f"units are ranked as of {shown(moment, body.zone)} in this release", hint="Write as_of.")
    counts: tuple[Count, ...] = (
        Count("on_time", ("on_time",), ("on_time",), row["on_time"]),
        Count("judged", ("judged",), ("on_time", "late"), row["judged"]),
    )
    shape = {"unit_rank": "rank", "rank_before": "rank", "on_time_rate": "share"}.get(address.column, "count")
    if address.column == "rank_before":
        moment = _day_before(moment, body.zone)
        counts = tuple(replace(count, published=None) for count in counts)
    elif shape == "count":
        counts = tuple(replace(count, name="value") for count in counts if count.name == address.column)
    value = row[address.column]
    return Asked(
        address=replace(address, when="as_of", policy=row["policy"]), body=body, shape=shape,  # type: ignore[arg-type]
        value=None if value is None else Decimal(value), label=address.column, definition="definition_ranking",
        section="ranking-of-units", table="rpt_unit_ranking", policy=row["policy"], end=moment, counts=counts,
        narrowed={"d.unit_key": key}, level=row["level"],
    )  # fmt: skip


def _claim(connection: psycopg.Connection, body: Body, address: Address) -> Asked:
    row = cell_row(connection, "rpt_claim", {"jurisdiction": body.jurisdiction, "claim": address.column}, address)
    span = f"{row['period_from']}..{row['period_to']}"
    if address.when != span:
        raise UsageError(f"the claim {address.column} is about {span}, not {address.when}")
    begin, end = (_midnight(row[name], body.zone) for name in ("period_from", "period_to"))
    asked = Asked(
        address=replace(address, policy=None), body=body, shape="count", value=row["ours"], label=row["definition"],
        definition=f"definition_{row['definition']}", section="reported-claims", table="rpt_claim", counts=(),
        begin=begin, end=end,
        period={"period": span, "name": span, "name_vi": span, "period_from": row["period_from"], "period_to": row["period_to"]},
    )  # fmt: skip
    return _by_definition(asked, row["definition"], "day", ("ours",))


def _of_brief(connection: psycopg.Connection, body: Body, address: Address) -> Asked:
    """A definition as a brief tells it: of a form's total, of the article's rate, of II.07b, else of a claim."""
    period, name = _period(connection, body, address), address.what
    of_period = {"jurisdiction": body.jurisdiction, "period": period["period"]}
    policy: str | None = None
    columns: tuple[str, ...]
    if name in OF_RATE:
        table, columns = "rpt_rate", (OF_RATE[name],)
        row = cell_row(connection, table, {**of_period, "unit_key": None, "rate": "article"}, address)
        policy = row["policy"]
    elif name in OF_II06A:
        table, columns = "rpt_form_ii06a", OF_II06A[name]
        policy = chosen_policy(body, address.policy)
        total = {**of_period, "policy": policy, "variant": "levels", "row_kind": "total"}
        row = cell_row(connection, table, total, address)
    elif name in OF_II07B:
        table, columns = "rpt_form_ii07b", (OF_II07B[name],)
        row = cell_row(connection, table, of_period, address)
    else:
        table, columns = "rpt_claim", ("ours",)
        dates = {column: period[column] for column in ("period_from", "period_to")}
        rows = cell_rows(connection, table, {"jurisdiction": body.jurisdiction, "definition": name, **dates})
        if not rows:
            raise UsageError(
                f"nothing published tells {name} of {period['period']}", hint="It is told of claimed periods."
            )
        row = rows[0]
        policy = "day" if name in DEFINITIONS else None
    if address.policy not in {None, policy}:
        raise UsageError(f"{name} is judged by {policy or 'nobody'}, not {address.policy}")
    value = sum((Decimal(row[column]) for column in columns), Decimal(0)) if row[columns[0]] is not None else None
    asked = Asked(
        address=replace(address, policy=policy), body=body, shape="count", value=value, label=name,
        definition=f"definition_{name}", section="reported-claims", table=table, counts=(),
        begin=period["from_at"], end=period["to_at"], period=period,
    )  # fmt: skip
    return _by_definition(asked, name, policy, columns)


def _by_definition(asked: Asked, name: str, policy: str | None, columns: tuple[str, ...]) -> Asked:
    """What a definition counts; of a rate both numbers are counted, and what is published is their quotient."""
    if name not in DEFINITIONS:
        published = None if asked.value is None else int(asked.value)
        if name == "with_workflow_rate":
            parts = (
                Count("numerator", columns, ("with_workflow",), None),
                Count("denominator", columns, ("in_force_at_end",), None),
            )
            return replace(asked, shape="percent", counts=parts, things=name)
        return replace(asked, counts=(Count("value", columns, (name,), published),), things=name)
    above, below = DEFINITIONS[name]
    if below:
        counts = Count("numerator", columns, above, None), Count("denominator", columns, below, None)
        return replace(asked, shape="percent", counts=counts, policy=policy)
    published = None if asked.value is None else int(asked.value)
    return replace(asked, counts=(Count("value", columns, above, published),), policy=policy)


def _period(connection: psycopg.Connection, body: Body, address: Address) -> dict[str, Any]:
    found = cell_rows(connection, "dim_period", {"jurisdiction": body.jurisdiction})
    for period in found:
        if period["period"] == address.when:
            return period
    over = ", ".join(sorted(period["period"] for period in found if period["is_complete"])) or "none"
    raise UsageError(f"{body.jurisdiction} has no period {address.when!r}", hint=f"Over: {over}")


def _cut_off(body: Body, text: str) -> datetime:
    return chosen_cut_offs(body, [] if text == "last" else [text])[0]


def _midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def _day_before(moment: datetime, zone: str) -> datetime:
    """The same hands of the clock one local day before."""
    return moment.astimezone(ZoneInfo(zone)) - timedelta(days=1)


def _numbered(column: str, names: tuple[str, ...], others: tuple[str, ...] = ()) -> str:
    """A column by its name, or by its printed number: both forms count from 3. Raises UsageError."""
    if column.isascii() and column.isdigit() and 3 <= int(column) < 3 + len(names):
        return names[int(column) - 3]
    known = tuple(dict.fromkeys((*names, *others)))
    if column not in known:
        raise UsageError(f"the form has no column {column!r}", hint=f"Columns: {', '.join(known)}, or their number.")
    return column


def _only(connection: psycopg.Connection, body: Body, address: Address, *allowed: str) -> None:
    """Raises UsageError for what such a figure is not split by, or for a code that is not published."""
    beyond = [name for name in address.narrowed if name not in allowed]
    if beyond:
        raise UsageError(
            f"{address.what} is not split by {', '.join(beyond)}", hint=f"It is by: {', '.join(allowed) or 'nothing'}."
        )
    for name in [name for name in address.narrowed if name in _DIMENSIONS]:
        _known(connection, body, name, address.narrowed[name])


def _known(connection: psycopg.Connection, body: Body, name: str, code: str) -> None:
    """Raises UsageError for a unit, channel or procedure that is not published: zero would be a lie about a typing slip."""
    dimension = _DIMENSIONS[name]
    key = sql.Identifier(f"{dimension}_key")
    query = sql.SQL("select distinct {key} from {table} where jurisdiction = %s order by 1").format(
        key=key, table=sql.Identifier(f"dim_{dimension}")
    )
    codes = [row[0].split("/", 1)[1] for row in connection.execute(query, (body.jurisdiction,)).fetchall()]
    if code not in codes:
        near = get_close_matches(code, codes, n=8, cutoff=0.3) or codes[:8]
        raise UsageError(f"{body.jurisdiction} has no {dimension} {code!r}", hint=f"Near it: {', '.join(near)}")


#: By what a cell is narrowed, and what finds it.
_TABLES: Mapping[str, tuple[tuple[str, ...], Callable[[psycopg.Connection, Body, Address], Asked]]] = {
    "ii06a": (("variant", "level", "field", "unit", "line"), _ii06a), "ii07b": ((), _ii07b), "rate": (("unit",), _rate),
    "ranking": (("unit",), _ranking), "claim": ((), _claim),
}  # fmt: skip
