"""The dossiers a figure counts, counted anew from the published facts, and what each of them says.

Belongs here: these queries. Does not: when a dossier counts (conditions.py), or rows in files (landed.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import psycopg
from psycopg.rows import dict_row, tuple_row

from reporting.explaining.asking import Asked
from reporting.explaining.conditions import FIGURES, TERMS, Term, expression, of_verdict
from reporting.explaining.model import Thing

#: By the verdict's own key, which is the dossier's and the policy: of a few dossiers it is found by index.
_JUDGED = (
    "inner join fct_dossier_verdict as v on v.dossier_verdict_key = d.dossier_key || '/' || %(policy)s"
    " and v.policy = %(policy)s"
)
#: By the dossier's key: of a few verdicts the dossier is found by index, and of many nothing is put together to compare.
_OF_JUDGED = "inner join fct_dossier_verdict as v on v.dossier_key = d.dossier_key and v.policy = %(policy)s"
_JOINED = {
    "u.": "left join dim_unit as u on u.unit_key = d.unit_key and u.is_current",
    "pr.": "left join dim_procedure as pr on pr.procedure_key = d.procedure_key and pr.is_current",
    "ch.": "left join dim_channel as ch on ch.channel_key = d.channel_key",
}
_FACTS = (
    "select d.dossier_key, d.dossier_code, d.received_at, v.due_at, v.resolved_at, v.closed_otherwise_at, v.verdict,"
    " d.unit_key, u.unit_name, d.procedure_key, pr.procedure_name, pr.field_name, d.channel_key"
    " from fct_dossier as d"
    f" {_JUDGED} {_JOINED['u.']} {_JOINED['pr.']}"
    " where d.dossier_key = any(%(keys)s)"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many each part comes to, how many dossiers there are, and the first of them."""

    found: tuple[int, ...]
    total: int
    things: tuple[Thing, ...]


def counted(connection: psycopg.Connection, asked: Asked, limit: int) -> Counted:
    """The dossiers behind a figure. Of a quotient those come first that are below the line and not above it, then by code."""
    parts = [_added(count.terms, asked) for count in asked.counts]
    names = [f"c{place}" for place in range(len(parts))]
    first = "(c0 <> 0)::int, " if len(names) == 2 else ""
    listed = ", ".join(f"{part} as {name}" for part, name in zip(parts, names, strict=True))
    sums = ", ".join(f"coalesce(sum({name}), 0)::bigint as s_{name}" for name in names)
    query = (
        f"with flagged as (select d.dossier_key, d.dossier_code, {listed} {_source(asked, parts)}{_of_verdicts(asked)}),"
        f" hit as materialized (select * from flagged where {' or '.join(f'{name} <> 0' for name in names)})"
        f" select t.*, h.* from (select count(*) as n, {sums} from hit) as t"
        f' left join (select * from hit order by {first}dossier_code collate "C", dossier_key collate "C"'
        f" limit %(limit)s) as h on true"
        f' order by {first}h.dossier_code collate "C", h.dossier_key collate "C"'
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query.encode(), {**_values(asked), "limit": limit}).fetchall()
    flags = {
        row["dossier_key"]: {count.name: row[name] for count, name in zip(asked.counts, names, strict=True)}
        for row in rows
        if row["dossier_key"] is not None
    }
    facts = _facts(connection, asked, list(flags))
    things = tuple(Thing(key, facts[key]["dossier_code"], counts, facts[key]) for key, counts in flags.items())
    return Counted(tuple(rows[0][f"s_{name}"] for name in names), rows[0]["n"], things)


def ranked(connection: psycopg.Connection, asked: Asked, peers: Sequence[str]) -> int | None:
    """The place of the asked unit among its peers by what their dossiers come to: share, number judged, code. None: no place."""
    parts = [_added(terms, asked) for terms in (("on_time",), ("on_time", "late"))]
    unit = asked.narrowed["d.unit_key"]
    query = (
        f"select d.unit_key, sum({parts[0]})::bigint, sum({parts[1]})::bigint {_source(asked, parts, narrowed=False)}"
        " group by d.unit_key"
    )
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(query.encode(), _values(asked)).fetchall()
    judged = [row for row in rows if row[2] > 0 and row[0] in peers]
    order = sorted(judged, key=lambda row: (-Fraction(row[1], row[2]), -row[2], row[0].encode()))
    places = [row[0] for row in order]
    return places.index(unit) + 1 if unit in places else None


def _added(terms: Sequence[str], asked: Asked) -> str:
    """What a dossier adds to a part."""
    return " + ".join(expression(term, "begin", "end") for term in _terms(terms, asked))


def _terms(names: Sequence[str], asked: Asked) -> list[Term]:
    """A figure at a cut-off has one end; what on_time adds is both of its terms."""
    if asked.begin is None:
        return [Term(name, "end") for name in names if name in FIGURES]
    return [TERMS[name] for name in names]


def _source(asked: Asked, parts: Sequence[str], *, narrowed: bool = True) -> str:
    conditions = asked.narrowed if narrowed else {}
    wanted = [*parts, *conditions]
    joins = [join for alias, join in _JOINED.items() if any(alias in text for text in wanted)]
    given = "".join(
        f" and {column} " + ("is null" if value is None else f"= %({_named(column)})s")
        for column, value in conditions.items()
    )
    return (
        "from fct_dossier as d"
        f" {_JUDGED if 'd.unit_key' in conditions else _OF_JUDGED}"
        " inner join dim_policy as p on p.jurisdiction = d.jurisdiction and p.policy = v.policy"
        " inner join dim_jurisdiction as j on j.jurisdiction = d.jurisdiction"
        f" {' '.join(joins)} where d.jurisdiction = %(jurisdiction)s and d.received_at < %(end)s{given}"
    )


def _of_verdicts(asked: Asked) -> str:
    """What must be true of a verdict for its dossier to be counted, where that is known for every term."""
    terms = [term for count in asked.counts for term in _terms(count.terms, asked)]
    wanted = dict.fromkeys(of_verdict(term, "begin", "end") for term in terms)
    return "" if None in wanted else f" and ({' or '.join(map(str, wanted))})"


def _values(asked: Asked) -> dict[str, Any]:
    return {
        "jurisdiction": asked.body.jurisdiction, "policy": asked.policy, "begin": asked.begin, "end": asked.end,
        **{_named(column): value for column, value in asked.narrowed.items()},
    }  # fmt: skip


def _named(column: str) -> str:
    return column.replace(".", "_")


def _facts(connection: psycopg.Connection, asked: Asked, keys: list[str]) -> Mapping[str, dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_FACTS, {"policy": asked.policy, "keys": keys}).fetchall()
    return {row["dossier_key"]: row for row in rows}
