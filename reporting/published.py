"""What is published, now or in a kept release, and how it is asked for: the release, its jurisdictions, policies and cut-offs.

Belongs here: resolving what a reader names (a cut-off, a period, a policy) against what the release holds, with an
answer that lists the choices when it is not there. Does not: the figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from contracts.deployment import instant
from contracts.failures import UsageError


@dataclass(frozen=True, slots=True)
class Body:
    """A jurisdiction as published, with what can be asked of it."""

    jurisdiction: str
    name: str
    name_vi: str
    zone: str
    default_policy: str
    policies: tuple[str, ...]
    cut_offs: tuple[datetime, ...]
    release_id: int


#: Which release the connection shows (warehouse/reading): the one it asked for, or the published one.
_BEING_READ = (
    "select coalesce(nullif(current_setting('motcua.release', true), '')::bigint,"
    " (select release_id from release.pointer)) as release_id"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local months [first_month, next_month), and the cut-off at its end."""

    name: str
    first_month: date
    next_month: date


def published_body(connection: psycopg.Connection, wanted: str | None) -> Body:
    """The jurisdiction asked for, or the only one with cut-offs. Raises UsageError listing what there is."""
    with connection.cursor(row_factory=dict_row) as cursor:
        release = cursor.execute(_BEING_READ).fetchone()
        if release is None or release["release_id"] is None:
            raise UsageError("nothing has been published yet", hint="Run the pipeline first: motcua run")
        rows = cursor.execute(
            "select j.jurisdiction, j.name, j.name_vi, j.zone, j.default_policy,"
            " (select array_agg(p.policy order by p.policy) from dim_policy as p where p.jurisdiction = j.jurisdiction)"
            " as policies,"
            " (select array_agg(c.cut_off order by c.cut_off) from (select distinct t.cut_off from fct_timeliness as t"
            " where t.jurisdiction = j.jurisdiction) as c) as cut_offs"
            " from dim_jurisdiction as j order by j.jurisdiction"
        ).fetchall()
    known = [row["jurisdiction"] for row in rows]
    if wanted is None:
        chosen = [row for row in rows if row["cut_offs"]] or rows
        if len(chosen) != 1:
            raise UsageError(
                "more than one jurisdiction is published", hint=f"Choose one: --jurisdiction {' | '.join(known)}"
            )
    else:
        chosen = [row for row in rows if row["jurisdiction"] == wanted]
        if not chosen:
            raise UsageError(f"there is no published jurisdiction {wanted!r}", hint=f"Published: {', '.join(known)}")
    row = chosen[0]
    return Body(
        jurisdiction=row["jurisdiction"], name=row["name"], name_vi=row["name_vi"], zone=row["zone"],
        default_policy=row["default_policy"], policies=tuple(row["policies"] or ()), cut_offs=tuple(row["cut_offs"] or ()),
        release_id=release["release_id"],
    )  # fmt: skip


def chosen_policy(body: Body, wanted: str | None) -> str:
    """The policy asked for or the jurisdiction's own. Raises UsageError."""
    policy = wanted or body.default_policy
    if policy not in body.policies:
        raise UsageError(
            f"{body.jurisdiction} is not judged by a policy {policy!r}", hint=f"Policies: {', '.join(body.policies)}"
        )
    return policy


def chosen_cut_offs(body: Body, wanted: list[str]) -> list[datetime]:
    """The cut-offs asked for, or the last one published. Raises UsageError when one is not published."""
    if not body.cut_offs:
        raise UsageError(f"no dossiers of {body.jurisdiction} are published", hint="Try motcua catalogue changes.")
    if not wanted:
        return [body.cut_offs[-1]]
    found = []
    for text in wanted:
        try:
            moment = instant(text, body.zone)
        except ValueError:
            raise UsageError(
                f"{text!r} is no cut-off", hint="Write a day (2015-04-01) or an instant with offset."
            ) from None
        if moment not in body.cut_offs:
            raise UsageError(
                f"no cut-off at {text} is published for {body.jurisdiction}",
                hint="Published: " + ", ".join(shown(cut_off, body.zone) for cut_off in body.cut_offs)
                + ". More are added in the deployment file (cut_offs).",
            )  # fmt: skip
        found.append(moment)
    return found


def shown(moment: datetime, zone: str) -> str:
    """An instant as its jurisdiction's clock shows it, with offset."""
    return moment.astimezone(ZoneInfo(zone)).isoformat()


_PERIODS = {
    r"(?P<year>[1-9]\d{3})": (1, 12),
    r"(?P<year>[1-9]\d{3})-H(?P<part>[12])": (6, 6),
    r"(?P<year>[1-9]\d{3})-Q(?P<part>[1-4])": (3, 3),
    r"(?P<year>[1-9]\d{3})-(?P<part>0[1-9]|1[0-2])": (1, 1),
}


def parse_period(text: str) -> Period:
    """2015, 2015-H1 (or 2015H1), 2015-Q1, 2015-03 or 2015-01..2015-04 (the last month not included). Raises UsageError."""
    text = re.sub(r"\A([1-9]\d{3})(?=[HQ])", r"\1-", text)
    month = r"([1-9]\d{3})-(0[1-9]|1[0-2])(?:-01)?"
    span = re.fullmatch(rf"{month}\.\.{month}", text)
    if span:
        first, following = date(int(span[1]), int(span[2]), 1), date(int(span[3]), int(span[4]), 1)
        if first < following:
            return Period(text, first, following)
    for pattern, (months_a_part, length) in _PERIODS.items():
        match = re.fullmatch(pattern, text)
        if match:
            part = int(match.groupdict().get("part") or 1)
            first = date(int(match["year"]), (part - 1) * months_a_part + 1, 1)
            return Period(text, first, _months_later(first, length))
    raise UsageError(f"{text!r} is no period", hint="Examples: 2015, 2015-H1, 2015-Q1, 2015-03, 2015-01..2015-04")


def _months_later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
