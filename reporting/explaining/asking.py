"""What an address asks for: the published cells it names, and what must be counted to come to them.

Belongs here: the shape of that, and reading cells. Does not: which address asks for what (resolving.py), or counting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from contracts.failures import UsageError
from reporting.explaining.model import Shape
from reporting.figure_ids import Address
from reporting.published import Body


@dataclass(frozen=True, slots=True)
class Count:
    """One published number and what it must be: the sum of terms (of dossiers), or all things found (of anything else)."""

    name: str
    columns: tuple[str, ...]
    terms: tuple[str, ...]
    published: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure that was found. `narrowed` are columns that must have a value (or none), on the tables of dossiers.py.

    `things` is dossiers, or what a query of others.py is called. `begin` is None for a figure at a cut-off.
    """

    address: Address
    body: Body
    shape: Shape
    value: Decimal | None
    label: str
    definition: str
    section: str
    table: str
    counts: tuple[Count, ...]
    policy: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    period: Mapping[str, Any] | None = None
    narrowed: Mapping[str, str | None] = field(default_factory=dict)
    things: str = "dossiers"
    level: str | None = None


def cell_row(connection: psycopg.Connection, table: str, wanted: Mapping[str, Any], address: Address) -> dict[str, Any]:
    """The one row of a published table with these values (None: none). Raises UsageError when it is not there."""
    found = cell_rows(connection, table, wanted)
    if len(found) != 1:
        told = ", ".join(f"{name} {'–' if value is None else value}" for name, value in wanted.items())
        raise UsageError(
            f"{address} is not published: {table} has {len(found)} such rows ({told})",
            hint="motcua form, ranking, claims and figures --format json show what is there.",
        )
    return found[0]


def cell_rows(connection: psycopg.Connection, table: str, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every row of a published table with these values; whole rows, whatever columns the table has in this release."""
    conditions = [
        sql.SQL("{} is not distinct from {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in wanted
    ]
    query = sql.SQL("select * from {} where {}").format(sql.Identifier(table), sql.SQL(" and ").join(conditions))
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, dict(wanted)).fetchall()
