"""The published figures of a period that a brief may tell, each with the cell it is read from.

Belongs here: reading them (marts.rpt_form_ii06a, rpt_rate, rpt_form_ii07b, rpt_claim). Does not: counting (dbt), or words
(reporting/brief). What only a claim's definition counts (visits, decisions, interlinked procedures, units) is there for
the periods about which somebody claimed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row

from reporting.figure_ids import FigureId
from reporting.published import Body

#: Definitions read from the total of II.06a with the columns that are added, from a rate, from II.07b.
OF_II06A = {
    "received_in_period": ("received_online", "received_direct_postal"), "received_and_carried_over": ("received_total",),
    "carried_over": ("carried_over",), "resolved_in_period": ("resolved_total",), "late_in_period": ("late",),
    "resolved_without_due_date": ("resolved_no_due",),
    "pending_at_end": ("pending_total",), "overdue_at_end": ("pending_overdue",),
}  # fmt: skip
OF_RATE = {"resolved_on_time_in_period": "numerator", "on_time_of_resolved": "rate_percent"}
OF_II07B = {
    "in_force_at_end": "in_authority_total", "in_force_at_end_province": "in_authority_province",
    "in_force_at_end_district": "in_authority_district", "in_force_at_end_commune": "in_authority_commune",
    "with_workflow": "workflow_total",
}  # fmt: skip
#: What no form has, by the definition of a claim.
_OF_CLAIM = (
    "visits_in_period", "decisions_signed", "procedures_in_decisions", "procedures_new", "procedures_abolished",
    "interlinked_same_level", "interlinked_across_levels", "with_workflow_rate", "districts_and_cities", "communes",
)  # fmt: skip
#: Definitions whose value is per cent.
PERCENT = frozenset({"on_time_of_resolved", "with_workflow_rate"})


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a figure stands: a published table, the row's key, the columns whose sum it is."""

    table: str
    row_key: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure. A count, or per cent where its definition is one of PERCENT."""

    id: FigureId
    value: Decimal
    cell: Cell


def brief_figures(connection: psycopg.Connection, body: Body, period: Mapping[str, Any]) -> dict[str, Figure]:
    """What is published of a period, by definition. What is not, or has no value, is not there."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rate = cursor.execute(
            "select rate_key, policy, numerator, rate_percent from rpt_rate"
            " where jurisdiction = %s and period = %s and unit_key is null and rate = 'article'",
            (body.jurisdiction, period["period"]),
        ).fetchone()
        # The rate and the counts beside it by one policy, so that they can be divided.
        policy = body.default_policy if rate is None else rate["policy"]
        form = cursor.execute(
            "select form_row_key, received_online, received_direct_postal, received_total, carried_over, resolved_total, late,"
            " resolved_no_due, pending_total, pending_overdue from rpt_form_ii06a"
            " where jurisdiction = %s and period = %s and policy = %s and variant = 'levels' and row_kind = 'total'",
            (body.jurisdiction, period["period"], policy),
        ).fetchone()
        catalogue = cursor.execute(
            "select period_key, in_authority_total, in_authority_province, in_authority_district, in_authority_commune,"
            " workflow_total from rpt_form_ii07b where jurisdiction = %s and period = %s",
            (body.jurisdiction, period["period"]),
        ).fetchone()
        claims = cursor.execute(
            "select claim_key, definition, ours from rpt_claim where jurisdiction = %s and period_from = %s and period_to = %s"
            " and definition = any(%s) order by place desc, claim_key",
            (body.jurisdiction, period["period_from"], period["period_to"], list(_OF_CLAIM)),
        ).fetchall()
    cells: list[tuple[str, str | None, Any, Cell]] = []
    if form is not None:
        key = form["form_row_key"]
        cells += [
            (name, policy, sum(form[column] for column in columns), Cell("rpt_form_ii06a", key, columns))
            for name, columns in OF_II06A.items()
        ]
    if rate is not None:
        key = rate["rate_key"]
        cells += [(name, policy, rate[column], Cell("rpt_rate", key, (column,))) for name, column in OF_RATE.items()]
    if catalogue is not None:
        key = catalogue["period_key"]
        cells += [
            (name, None, catalogue[column], Cell("rpt_form_ii07b", key, (column,))) for name, column in OF_II07B.items()
        ]
    cells += [(row["definition"], None, row["ours"], Cell("rpt_claim", row["claim_key"], ("ours",))) for row in claims]
    return {
        definition: Figure(FigureId(body.jurisdiction, period["period"], definition, judged_by), Decimal(value), cell)
        for definition, judged_by, value, cell in cells
        if value is not None
    }
