"""Dossiers of two releases side by side: which count differently in a figure, and the delivery behind the difference.

Belongs here: finding them, as they stood in each release. Does not: what a figure counts (the conditions are handed in, from
explaining/conditions), or what is told of them (corrections.py, release_diff.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from reporting.standing import columns_of, stood

#: Later than any release.
_NO_END = 2**62
#: Tables whose rows decide how a dossier counts.
_DECIDING = ("fct_dossier", "fct_dossier_verdict", "fct_dossier_event")


@dataclass(frozen=True, slots=True)
class Between:
    """Two releases, judged by a policy at named cut-offs. Without `after`: what stands now."""

    jurisdiction: str
    policy: str
    before: int
    after: int | None
    ends: Mapping[str, datetime]

    @property
    def older(self) -> int:
        """The release that was made first."""
        return self.before if self.after is None else min(self.before, self.after)

    @property
    def newer(self) -> int | None:
        """The release that was made last; None: what stands now."""
        return None if self.after is None else max(self.before, self.after)


Row = dict[str, Any]


def side_by_side(
    connection: psycopg.Connection, between: Between, counts: Mapping[str, str]
) -> list[tuple[Row | None, Row | None]]:
    """Dossiers of which anything changed between the releases, by key: as before, as after; None where it was not there.

    `counts` says for each figure when a dossier is counted at %(cut_off)s, on d (fct_dossier), v (fct_dossier_verdict),
    p (dim_policy) and j (dim_jurisdiction). A row tells it under `<figure> <end>`.
    """
    then = _counted(connection, between, counts, between.before)
    now = _counted(connection, between, counts, between.after)
    return [(then.get(key), now.get(key)) for key in sorted(then.keys() | now.keys())]


def _counted(
    connection: psycopg.Connection, between: Between, counts: Mapping[str, str], release: int | None
) -> dict[str, Row]:
    flags = [
        sql.SQL("coalesce(d.received_at < {cut_off} and {condition}, false) as {name}").format(
            cut_off=sql.Placeholder(end),
            condition=_condition(connection, condition, end, release),
            name=sql.Identifier(f"{figure} {end}"),
        )
        for figure, condition in counts.items()
        for end in between.ends
    ]
    tables = {
        name: stood(name, columns_of(connection, name), release)
        for name in ("fct_dossier", "fct_dossier_verdict", "dim_policy", "dim_jurisdiction")
    }
    query = sql.SQL(
        "with changed as materialized ({changed})"
        " select d.dossier_key, d.dossier_code, d.unit_key, d.procedure_key, d.source, d.file_sha256, d.row_sha256, {flags}"
        " from {fct_dossier} as d inner join changed on changed.dossier_key = d.dossier_key"
        " inner join {fct_dossier_verdict} as v on v.dossier_key = d.dossier_key and v.policy = %(policy)s"
        " inner join {dim_policy} as p on p.jurisdiction = d.jurisdiction and p.policy = v.policy"
        " inner join {dim_jurisdiction} as j on j.jurisdiction = d.jurisdiction"
        " where d.jurisdiction = %(jurisdiction)s"
    ).format(changed=_changed(), flags=sql.SQL(", ").join(flags), **tables)
    asked = {
        "older": between.older, "newer": _NO_END if between.newer is None else between.newer,
        "policy": between.policy, "jurisdiction": between.jurisdiction, **between.ends,
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["dossier_key"]: row for row in cursor.execute(query, asked)}


def _changed() -> sql.Composable:
    """Dossiers of which a row came or went in a release after the older one, up to the newer."""
    of_one = sql.SQL(
        "select dossier_key from {marts} where release_from > %(older)s and release_from <= %(newer)s"
        " union select dossier_key from {history} where (release_from > %(older)s and release_from <= %(newer)s)"
        " or (release_to > %(older)s and release_to <= %(newer)s)"
    )
    return sql.SQL(" union ").join(
        of_one.format(marts=sql.Identifier("marts", name), history=sql.Identifier("history", name))
        for name in _DECIDING
    )


def _condition(connection: psycopg.Connection, text: str, end: str, release: int | None) -> sql.Composable:
    """A condition at one end, the tables it asks itself read as of the same release."""

    def as_it_stood(match: re.Match[str]) -> str:
        return stood(match[1], columns_of(connection, match[1]), release).as_string(connection)

    return sql.SQL(re.sub(r"\bmarts\.(\w+)", as_it_stood, text.replace("%(cut_off)s", f"%({end})s")))


def told(before: Row | None, after: Row | None) -> dict[str, Any]:
    """What is said of such a dossier: its code, unit, procedure and cause, and what add_deliveries() needs."""
    shown = after or before
    assert shown is not None
    if before is None:
        cause = "new"
    elif after is None:
        cause = "gone"
    else:
        cause = "changed" if before["row_sha256"] != after["row_sha256"] else "judged_anew"
    return {
        "dossier": shown["dossier_code"], "unit": shown["unit_key"].split("/", 1)[1], "cause": cause,
        "dossier_key": shown["dossier_key"], "source": shown["source"], "file_sha256": shown["file_sha256"],
    }  # fmt: skip


def add_deliveries(connection: psycopg.Connection, found: list[dict[str, Any]], between: Between) -> None:
    """The delivery behind each: of its own row, or of the record of another system that has changed since."""
    columns = ("release_from", "dossier_key", "file_sha256", "changed_at")
    others: dict[str, str] = dict(
        connection.execute(
            sql.SQL(
                "select distinct on (r.dossier_key) r.dossier_key, r.file_sha256 from {} as r"
                " where r.release_from > %s and r.dossier_key = any(%s)"
                " order by r.dossier_key, r.changed_at desc nulls last, r.file_sha256"
            ).format(stood("fct_dossier_record", columns, between.newer)),
            (between.older, [entry["dossier_key"] for entry in found if entry["cause"] == "judged_anew"]),
        ).fetchall()
    )
    for entry in found:
        key = entry.pop("dossier_key")
        if entry["cause"] == "judged_anew":
            entry["file_sha256"] = others.get(key, entry["file_sha256"])
            entry["cause"] = "other_record" if key in others else "judged_anew"
    deliveries = {
        row[0]: row[1:]
        for row in connection.execute(
            "select distinct on (l.file_sha256) l.file_sha256, l.delivery_id, l.file_name, l.version, l.landed_at,"
            " l.retracted_because from audit.delivery as l where l.file_sha256 = any(%s)"
            " order by l.file_sha256, l.delivery_id desc",
            ([entry["file_sha256"] for entry in found],),
        ).fetchall()
    }
    for entry in found:
        number, name, version, landed_at, retracted = deliveries.get(entry["file_sha256"], (None,) * 5)
        entry |= {
            "delivery_id": number, "file_name": name, "retracted_because": retracted,
            "version": None if version is None else version.isoformat(),
            "landed_at": None if landed_at is None else landed_at.isoformat(timespec="seconds"),
        }  # fmt: skip
