"""Which dossiers make the difference between a period as frozen and as it reads now, and which delivery brought it.

Belongs here: comparing dossiers as they stood in a release with those that stand now. Does not: what a figure counts: the
conditions are handed in (warehouse/lineage).
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


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is compared: a period between two cut-offs, judged by a policy, as it stood in a release."""

    jurisdiction: str
    policy: str
    release_id: int
    from_cut_off: datetime
    to_cut_off: datetime


def corrections(connection: psycopg.Connection, frozen: Frozen, counts: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry a dossier that counts differently now, by code: `changes` by figure, the cause, its delivery.

    `counts` says for each figure when a dossier is counted at %(cut_off)s, on d (fct_dossier), v (fct_dossier_verdict),
    p (dim_policy) and j (dim_jurisdiction).
    """
    then = _counted(connection, frozen, counts, frozen.release_id)
    now = _counted(connection, frozen, counts, None)
    found = []
    for key in sorted(then.keys() | now.keys()):
        before, after = then.get(key), now.get(key)
        old, new = _contribution(before, counts), _contribution(after, counts)
        changes = {name: new[name] - old[name] for name in new if new[name] != old[name]}
        if changes:
            found.append({**_told(before, after), "changes": changes})
    _add_deliveries(connection, found, frozen.release_id)
    return found


def _counted(
    connection: psycopg.Connection, frozen: Frozen, counts: Mapping[str, str], release: int | None
) -> dict[str, dict[str, Any]]:
    """The dossiers of which anything changed since the release, each with whether it is counted at either end."""
    flags = [
        sql.SQL("coalesce(d.received_at < {cut_off} and {condition}, false) as {name}").format(
            cut_off=sql.Placeholder(end),
            condition=_condition(connection, condition, end, release),
            name=sql.Identifier(f"{figure} {end}"),
        )
        for figure, condition in counts.items()
        for end in ("from", "to")
    ]
    tables = {
        name: stood(name, columns_of(connection, name), release)
        for name in ("fct_dossier", "fct_dossier_verdict", "dim_policy", "dim_jurisdiction")
    }
    query = sql.SQL(
        "with changed as materialized ("
        " select dossier_key from marts.fct_dossier where release_from > %(release)s"
        " union select dossier_key from history.fct_dossier where release_from <= %(release)s and release_to > %(release)s"
        " union select dossier_key from marts.fct_dossier_verdict where release_from > %(release)s"
        " union select dossier_key from history.fct_dossier_verdict"
        "  where release_from <= %(release)s and release_to > %(release)s)"
        " select d.dossier_key, d.dossier_code, d.unit_key, d.source, d.file_sha256, d.row_sha256, {flags}"
        " from {fct_dossier} as d inner join changed on changed.dossier_key = d.dossier_key"
        " inner join {fct_dossier_verdict} as v on v.dossier_key = d.dossier_key and v.policy = %(policy)s"
        " inner join {dim_policy} as p on p.jurisdiction = d.jurisdiction and p.policy = v.policy"
        " inner join {dim_jurisdiction} as j on j.jurisdiction = d.jurisdiction"
        " where d.jurisdiction = %(jurisdiction)s"
    ).format(flags=sql.SQL(", ").join(flags), **tables)
    asked = {
        "release": frozen.release_id, "policy": frozen.policy, "jurisdiction": frozen.jurisdiction,
        "from": frozen.from_cut_off, "to": frozen.to_cut_off,
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["dossier_key"]: row for row in cursor.execute(query, asked)}


def _condition(connection: psycopg.Connection, text: str, end: str, release: int | None) -> sql.Composable:
    """A condition at one end of the period, the tables it asks itself read as of the same release."""

    def as_it_stood(match: re.Match[str]) -> str:
        return stood(match[1], columns_of(connection, match[1]), release).as_string(connection)

    return sql.SQL(re.sub(r"\bmarts\.(\w+)", as_it_stood, text.replace("%(cut_off)s", f"%({end})s")))


def _contribution(row: dict[str, Any] | None, counts: Mapping[str, str]) -> dict[str, int]:
    """What a dossier adds to each figure of the period."""
    at_ends = {name: (0, 0) if row is None else (int(row[f"{name} from"]), int(row[f"{name} to"])) for name in counts}
    return in_period(at_ends)


def in_period(at_ends: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Figures of a period from their counts at its two ends: what happened in it, what is open at its end."""
    told = {"carried_over": at_ends.get("pending", (0, 0))[0]}
    for name, (begin, end) in at_ends.items():
        told[name] = end if name.startswith("pending") else end - begin
    return told


def _told(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
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


def _add_deliveries(connection: psycopg.Connection, found: list[dict[str, Any]], release: int) -> None:
    """The delivery behind each: of its own row, or of the record of another system that has changed since."""
    others: dict[str, str] = dict(
        connection.execute(
            "select distinct on (r.dossier_key) r.dossier_key, r.file_sha256 from marts.fct_dossier_record as r"
            " where r.release_from > %s and r.dossier_key = any(%s)"
            " order by r.dossier_key, r.changed_at desc nulls last, r.file_sha256",
            (release, [entry["dossier_key"] for entry in found if entry["cause"] == "judged_anew"]),
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
            "select distinct on (l.file_sha256) l.file_sha256, l.delivery_id, l.file_name, l.landed_at, l.retracted_because"
            " from audit.delivery as l where l.file_sha256 = any(%s) order by l.file_sha256, l.delivery_id desc",
            ([entry["file_sha256"] for entry in found],),
        ).fetchall()
    }
    for entry in found:
        number, name, landed_at, retracted = deliveries.get(entry["file_sha256"], (None, None, None, None))
        entry |= {
            "delivery_id": number, "file_name": name, "retracted_because": retracted,
            "landed_at": None if landed_at is None else landed_at.isoformat(timespec="seconds"),
        }  # fmt: skip
