"""Published catalogue changes between two days.

Belongs here: counting and listing rows of marts.fct_catalogue_change. Does not: deciding what a change is (dbt).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from contracts.failures import UsageError


def known_days(connection: psycopg.Connection, jurisdiction: str) -> list[date]:
    """The days between which changes are published, in order."""
    rows = connection.execute(
        "select snapshot_before from fct_catalogue_change where jurisdiction = %(j)s"
        " union select snapshot_after from fct_catalogue_change where jurisdiction = %(j)s order by 1",
        {"j": jurisdiction},
    ).fetchall()
    return [row[0] for row in rows]


def catalogue_jurisdiction(connection: psycopg.Connection, wanted: str | None) -> str:
    """The jurisdiction asked for, or the only one with a published catalogue. Raises UsageError."""
    rows = connection.execute("select distinct jurisdiction from fct_catalogue_in_force order by 1").fetchall()
    known = [row[0] for row in rows]
    chosen = [name for name in known if wanted in {None, name}]
    if len(chosen) != 1:
        raise UsageError(
            f"no catalogue of {wanted} is published" if wanted else "the jurisdiction is not clear",
            hint=f"Catalogues of: {', '.join(known)}" if known else "Run the pipeline first: motcua run",
        )
    return str(chosen[0])


def summary(connection: psycopg.Connection, jurisdiction: str, first: date, last: date) -> dict[str, Any]:
    """Counts of changes after `first` up to and with `last`; both must be days of snapshots. Raises UsageError.

    new counts successors too: new = new_pure + successors, and what went = abolished_pure + replaced = abolished.
    in_force_after = in_force_before + new − abolished.
    """
    days = known_days(connection, jurisdiction)
    for day in (first, last):
        if day not in days:
            raise UsageError(
                f"the catalogue of {jurisdiction} is not known on {day}",
                hint="Known on: " + ", ".join(map(str, days)),
            )
    if first >= last:
        raise UsageError(f"--from {first} must lie before --to {last}")
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "select count(*) filter (where action = 'new') as new,"
            " count(*) filter (where action = 'new' and replaces_key is null) as new_pure,"
            " count(*) filter (where action = 'amended') as amended,"
            " count(*) filter (where action = 'replaced') as replaced,"
            " count(*) filter (where action in ('abolished', 'replaced')) as abolished,"
            " count(*) filter (where action = 'abolished') as abolished_pure"
            " from fct_catalogue_change"
            " where jurisdiction = %s and snapshot_after > %s and snapshot_after <= %s",
            (jurisdiction, first, last),
        ).fetchone()
    assert row is not None
    return {
        "jurisdiction": jurisdiction,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "in_force_before": _in_force(connection, jurisdiction, first),
        **row,
        "in_force_after": _in_force(connection, jurisdiction, last),
    }


def changes(connection: psycopg.Connection, jurisdiction: str, first: date, last: date) -> list[dict[str, Any]]:
    """Every change in that time: the procedure, what happened, its name, its predecessor or successor, its evidence."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select c.effective_on::text as effective_on, c.action, p.procedure_code as procedure, p.procedure_name as name,"
            " split_part(c.replaced_by_key, '/', 2) as replaced_by, split_part(c.replaces_key, '/', 2) as replaces,"
            " c.event_code, c.file_sha256_before, c.row_number_before, c.file_sha256_after, c.row_number_after"
            " from fct_catalogue_change as c"
            " inner join dim_procedure as p on p.procedure_key = c.procedure_key and p.is_current"
            " where c.jurisdiction = %s and c.snapshot_after > %s and c.snapshot_after <= %s"
            ' order by c.effective_on, c.action collate "C", p.procedure_code collate "C"',
            (jurisdiction, first, last),
        ).fetchall()


def _in_force(connection: psycopg.Connection, jurisdiction: str, day: date) -> int:
    row = connection.execute(
        "select count(distinct procedure_key) from fct_catalogue_in_force"
        " where jurisdiction = %s and valid_from <= %s and (valid_to is null or valid_to > %s)",
        (jurisdiction, day, day),
    ).fetchone()
    assert row is not None
    return int(row[0])
