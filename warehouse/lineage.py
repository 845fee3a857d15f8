"""From a published figure to its dossiers, to the rows they come from, to the bytes those rows stand in.

Belongs here: finding the dossiers behind a figure and proving that they add up to it. Does not: laying the explanation
out (reporting/), or reading a source's format (extractors/evidence finds a record in its file).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from contracts.failures import MotcuaError, UsageError

#: Conditions on d (fct_dossier), v (fct_dossier_verdict), p (dim_policy), j (dim_jurisdiction) and the cut-off.
_RESOLVED = "v.resolved_at < %(cut_off)s and (v.closed_otherwise_at is null or v.closed_otherwise_at >= %(cut_off)s)"
_PENDING = (
    "(v.resolved_at is null or v.resolved_at >= %(cut_off)s)"
    " and (v.closed_otherwise_at is null or v.closed_otherwise_at >= %(cut_off)s)"
)
_EXCEEDED = "coalesce(v.exceeded_at < %(cut_off)s, false)"
_OVERDUE = (
    f"case when {_EXCEEDED} then true when p.compares = 'instant' then v.due_at < %(cut_off)s"
    " else (v.due_at at time zone j.zone)::date < (%(cut_off)s::timestamptz at time zone j.zone)::date end"
)


def _waits(*pairs: tuple[str, str]) -> str:
    """It waits at the cut-off: more of these requests than answers before it, of one kind (fct_dossier_event)."""
    events = ", ".join(f"'{event}'" for pair in pairs for event in pair)
    more = " or ".join(
        f"count(*) filter (where e.event = '{request}') > count(*) filter (where e.event = '{answer}')"
        for request, answer in pairs
    )
    return (
        "d.dossier_key in (select e.dossier_key from marts.fct_dossier_event as e"
        f" where e.happened_at < %(cut_off)s and e.event in ({events}) group by e.dossier_key having {more})"
    )


_FOR_SUPPLEMENT = _waits(("supplement_requested", "supplement_received"))
_PAUSED = _waits(("payment_requested", "payment_settled"), ("stopped", "resumed"))
_LENIENT = "p.missing_due = 'in_time'"
FIGURES = {
    "received": "true",
    "resolved": _RESOLVED,
    "early": f"{_RESOLVED} and v.verdict = 'early'",
    "on_due_day": f"{_RESOLVED} and v.verdict = 'on_due_day'",
    "on_time": f"{_RESOLVED} and v.verdict in ('early', 'on_due_day')",
    "late": f"{_RESOLVED} and v.verdict = 'late'",
    "resolved_no_due": f"{_RESOLVED} and v.verdict = 'no_due'",
    "pending": _PENDING,
    "pending_in_time": f"{_PENDING} and coalesce(not ({_OVERDUE}), {_LENIENT})",
    "pending_overdue": f"{_PENDING} and coalesce({_OVERDUE}, false)",
    "pending_no_due": f"{_PENDING} and v.due_at is null and not ({_LENIENT}) and not {_EXCEEDED}",
    "pending_waiting": f"{_PENDING} and {_FOR_SUPPLEMENT}",
    "pending_paused": f"{_PENDING} and {_PAUSED} and not {_FOR_SUPPLEMENT}",
    "closed_otherwise": "v.closed_otherwise_at < %(cut_off)s",
}


class DoesNotAddUp(MotcuaError):
    """The dossiers behind a figure are not as many as it says: the release contradicts itself."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure is asked about. Group values are the codes of the source; None means all."""

    jurisdiction: str
    figure: str
    policy: str
    cut_off: datetime
    unit: str | None = None
    competent_unit: str | None = None
    channel: str | None = None
    procedure: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """One dossier behind a figure, and where its row stands."""

    dossier_code: str
    received_at: datetime
    due_at: datetime | None
    resolved_at: datetime | None
    verdict: str
    source: str
    stream: str
    file_name: str
    file_sha256: str
    row_number: int
    row_sha256: str
    delivery_id: int
    version: datetime
    landed_at: datetime
    run_id: UUID


@dataclass(frozen=True, slots=True)
class Answer:
    """The published value, the release it stands in, and every dossier it counts, in the order of their codes."""

    value: int
    release_id: int
    witnesses: tuple[Witness, ...]


def trace(connection: psycopg.Connection, question: Question) -> Answer:
    """The figure as published and its dossiers. Raises UsageError for an unknown figure, DoesNotAddUp when they differ."""
    if question.figure not in FIGURES:
        raise UsageError(f"there is no figure {question.figure!r}", hint=f"Figures: {', '.join(FIGURES)}")
    asked: dict[str, Any] = {
        "jurisdiction": question.jurisdiction,
        "policy": question.policy,
        "cut_off": question.cut_off,
    }
    narrowed = []
    for column in ("unit", "competent_unit", "channel", "procedure"):
        value = getattr(question, column)
        if value is not None:
            asked[column] = f"{question.jurisdiction}/{value}"
            _known(connection, question.jurisdiction, column, asked[column])
            narrowed.append(sql.SQL(" and {} = {}").format(sql.Identifier(f"{column}_key"), sql.Placeholder(column)))
    value = _published_value(connection, question, asked, sql.Composed(narrowed))
    witnesses = _witnesses(connection, question, asked, sql.Composed(narrowed))
    if len(witnesses) != value:
        raise DoesNotAddUp(
            f"{question.figure} is published as {value:,}, and {len(witnesses):,} dossiers stand behind it",
            hint="The release contradicts itself: roll back (motcua release rollback) and report this.",
        )
    row = connection.execute("select release_id from release.pointer").fetchone()
    assert row is not None
    return Answer(value, int(row[0]), tuple(witnesses))


_DIMENSIONS = {"unit": "unit", "competent_unit": "unit", "channel": "channel", "procedure": "procedure"}


def _known(connection: psycopg.Connection, jurisdiction: str, column: str, key: str) -> None:
    """Raises UsageError for a unit, channel or procedure that is not published: zero would be a lie about a typing slip."""
    dimension = _DIMENSIONS[column]
    name = sql.Identifier(f"{dimension}_key")
    rows = connection.execute(
        sql.SQL("select {} from marts.{} where jurisdiction = %s order by 1").format(
            name, sql.Identifier(f"dim_{dimension}")
        ),
        (jurisdiction,),
    ).fetchall()
    codes = [row[0].split("/", 1)[1] for row in rows]
    wanted = key.split("/", 1)[1]
    if wanted not in codes:
        near = get_close_matches(wanted, codes, n=8, cutoff=0.3) or codes[:8]
        raise UsageError(f"{jurisdiction} has no {dimension} {wanted!r}", hint=f"Near it: {', '.join(near)}")


def _published_value(
    connection: psycopg.Connection, question: Question, asked: dict[str, Any], narrowed: sql.Composable
) -> int:
    row = connection.execute(
        sql.SQL(
            "select coalesce(sum({}), 0)::bigint from marts.fct_timeliness"
            " where jurisdiction = %(jurisdiction)s and policy = %(policy)s and cut_off = %(cut_off)s{}"
        ).format(sql.Identifier(question.figure), narrowed),
        asked,
    ).fetchone()
    assert row is not None
    return int(row[0])


def _witnesses(
    connection: psycopg.Connection, question: Question, asked: dict[str, Any], narrowed: sql.Composable
) -> list[Witness]:
    # Which dossiers first, and then their deliveries: few deliveries have no statistics, are taken for one, and for each
    # dossier all verdicts were gone through (Boston's late ones: 68 s, and 0.02 s so).
    query = sql.SQL(
        "with counted as materialized ("
        "select d.dossier_code, d.received_at, v.due_at, d.resolved_at, v.verdict, d.source, d.file_sha256, d.row_number,"
        " d.row_sha256 from marts.fct_dossier as d"
        " inner join marts.fct_dossier_verdict as v on v.dossier_key = d.dossier_key and v.policy = %(policy)s"
        " inner join marts.dim_policy as p on p.jurisdiction = d.jurisdiction and p.policy = v.policy"
        " inner join marts.dim_jurisdiction as j on j.jurisdiction = d.jurisdiction"
        " where d.jurisdiction = %(jurisdiction)s and d.received_at < %(cut_off)s{narrowed} and {figure})"
        " select c.dossier_code, c.received_at, c.due_at, c.resolved_at, c.verdict, c.source, l.stream, l.file_name,"
        " c.file_sha256, c.row_number, c.row_sha256, l.delivery_id, l.version, l.landed_at, a.run_id"
        " from counted as c inner join audit.delivery as l"
        " on l.source = c.source and l.file_sha256 = c.file_sha256 and l.superseded_by is null"
        " left join audit.delivery_attempt as a on a.delivery_id = l.delivery_id and a.outcome = 'landed'"
        ' order by c.dossier_code collate "C"'
    ).format(narrowed=narrowed, figure=sql.SQL(FIGURES[question.figure]))
    with connection.cursor(row_factory=class_row(Witness)) as cursor:
        return cursor.execute(query, asked).fetchall()
