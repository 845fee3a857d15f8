"""Figures that others reported, beside ours.

Belongs here: reading marts.rpt_claim. Does not: computing (dbt), or the claims themselves (the deployment file).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg

from reporting.figure_ids import Address
from reporting.forms import Language


def claims(connection: psycopg.Connection, jurisdiction: str | None, language: Language) -> list[dict[str, Any]]:
    """One row a claim: `id` (the address of ours), `figure`, `claimed`, `ours`, `difference`, `definition`, period, who, when.

    Whole numbers come as int, rates as float of two decimals; `ours` is None where the published rows do not reach.
    """
    figure = "figure_vi" if language is Language.vi else "figure"
    rows = connection.execute(
        "select claim, case when %(vi)s then figure_vi else figure end, claimed, at_least, ours, difference, definition,"
        " jurisdiction, period_from, period_to, who, reported_on, release_from from rpt_claim"
        " where %(j)s::text is null or jurisdiction = %(j)s order by jurisdiction, place, claim_key",
        {"vi": figure == "figure_vi", "j": jurisdiction},
    ).fetchall()
    return [
        {
            "claim": row[0], "id": str(Address(row[7], f"{row[8]}..{row[9]}", f"claim.{row[0]}")),
            "figure": row[1], "claimed": _number(row[2]), "at_least": row[3], "ours": _number(row[4]),
            "difference": _number(row[5]), "definition": row[6], "jurisdiction": row[7],
            "period": f"{row[8]}..{row[9]}", "who": row[10], "reported_on": row[11].isoformat(),
        }
        for row in rows
    ]  # fmt: skip


def about(definition: str) -> str:
    """Which deliveries a claim's figure is made of: those of dossiers, of visits, or of the catalogue."""
    if definition == "visits_in_period":
        return "visits"
    of_dossiers = definition.startswith(("received_", "resolved_", "on_time_"))
    return "dossiers" if of_dossiers else "catalogue"


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
