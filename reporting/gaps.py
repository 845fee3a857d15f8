"""Which deliveries are missing for the figures shown: expected and not there, or of a source that does not answer.

Belongs here: finding them and saying which figures they touch. Does not: what is expected (dbt), or laying them out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

from reporting.standing import stood

#: What `about` says of a delivery that dossier figures are made of; visits and the catalogue are the other two.
DOSSIERS = frozenset({"dossiers"})
CATALOGUE = frozenset({"catalogue"})
ALL_FIGURES = frozenset({"dossiers", "visits", "catalogue"})


@dataclass(frozen=True, slots=True)
class _Missing:
    """One expected delivery that is not there, with the days it would tell of."""

    source: str
    about: str
    office: str | None
    name: str | None
    covers_from: date
    expected_on: date


@dataclass(frozen=True, slots=True)
class _Silence:
    """A source that did not answer when it was last asked, and the last day it is known up to."""

    source: str
    known_to: date | None
    problem: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """All that is missing in a release of one jurisdiction; `expected` says how many deliveries were expected at all."""

    missing: tuple[_Missing, ...]
    silent: tuple[_Silence, ...]
    expected: int

    def touching(
        self,
        about: Collection[str] = DOSSIERS,
        units: Collection[str] | None = None,
        first: date | None = None,
        end: date | None = None,
    ) -> list[dict[str, Any]]:
        """What touches figures of those units (all if None) over the days [first, end); one line a source and office.

        A delivery of the source as a whole touches every unit, and so does a source's silence.
        """
        lines: dict[tuple[str, str], dict[str, Any]] = {}
        for gap in self.missing:
            apart = (
                gap.about not in about
                or (units is not None and gap.office is not None and gap.office not in units)
                or (end is not None and gap.covers_from >= end)
                or (first is not None and gap.expected_on < first)
            )
            if apart:
                continue
            line = lines.setdefault(
                (gap.source, gap.office or ""),
                _line(gap.source, "missing", office=gap.office, name=gap.name, first=gap.covers_from),
            )
            line["missing"] += 1
            line["from"] = min(line["from"], gap.covers_from.isoformat())
            line["to"] = max(line["to"] or "", (gap.expected_on + timedelta(days=1)).isoformat())
        silent = [
            _line(gap.source, "silent", first=gap.known_to, reason=gap.problem)
            for gap in self.silent
            if end is None or gap.known_to is None or gap.known_to < end
        ]
        return [*silent, *(lines[key] for key in sorted(lines))]


def _line(
    source: str,
    kind: str,
    *,
    office: str | None = None,
    name: str | None = None,
    first: date | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    return {
        "source": source, "kind": kind, "office": office, "office_name": name, "missing": 0,
        "from": None if first is None else first.isoformat(), "to": None, "reason": reason,
    }  # fmt: skip


def find_gaps(connection: psycopg.Connection, jurisdiction: str | None, release: int | None = None) -> Gaps:
    """What is missing in the published release, or in an older one; of every jurisdiction when none is named.

    A release from before deliveries were expected has no gaps to tell.
    """
    table = connection.execute("select to_regclass('marts.fct_delivery') is not null").fetchone()
    if table is None or not table[0]:
        return Gaps((), (), 0)
    columns = ("jurisdiction", "source", "about", "unit_key", "status", "expected", "covers_from", "expected_on")
    rows = connection.execute(
        sql.SQL(
            "select d.source, d.about, split_part(d.unit_key, '/', 2),"
            " (select min(u.unit_name) from marts.dim_unit as u where u.unit_key = d.unit_key), d.covers_from, d.expected_on"
            " from {} as d where d.status = 'missing' and (%(j)s::text is null or d.jurisdiction = %(j)s)"
            " order by d.source, d.about, d.unit_key, d.expected_on"
        ).format(stood("fct_delivery", columns, release)),
        {"j": jurisdiction},
    ).fetchall()
    counted = connection.execute(
        sql.SQL(
            "select coalesce(sum(d.expected), 0)::bigint from {} as d where %(j)s::text is null or d.jurisdiction = %(j)s"
        ).format(stood("fct_delivery", columns, release)),
        {"j": jurisdiction},
    ).fetchone()
    assert counted is not None
    return Gaps(tuple(_Missing(*row) for row in rows), _silent(connection, jurisdiction, release), int(counted[0]))


def _silent(connection: psycopg.Connection, jurisdiction: str | None, release: int | None) -> tuple[_Silence, ...]:
    """Sources that did not answer: when last asked, or in the run that made the release."""
    rows = connection.execute(
        "with asked as ("
        " select distinct on (c.source, c.stream) c.source, c.stream, c.answered, c.problem from audit.contact as c"
        " where %(r)s::bigint is null or c.run_id = (select r.run_id from release.release as r where r.release_id = %(r)s)"
        " order by c.source, c.stream, c.contact_id desc)"
        " select asked.source, (select max(v.version at time zone j.zone)::date from audit.delivery as v"
        "  where v.source = asked.source and v.retracted_at is null), min(asked.problem)"
        " from asked inner join reference.source as s on s.source = asked.source"
        " inner join reference.jurisdiction as j on j.jurisdiction = s.jurisdiction"
        " where not asked.answered and (%(j)s::text is null or s.jurisdiction = %(j)s)"
        " group by asked.source, j.zone order by asked.source",
        {"j": jurisdiction, "r": release},
    ).fetchall()
    return tuple(_Silence(*row) for row in rows)
