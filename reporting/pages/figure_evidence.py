"""The pages behind headline figures and behind a unit's place in the ranking.

Belongs here: what such a page says. Does not: cells of forms (form_evidence.py), pages about many figures (lists.py), or HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reporting.brief_figures import Figure
from reporting.pages.addresses import page_of
from reporting.pages.form_evidence import delivered, file_tables, placed, reading_sql
from reporting.pages.gathered import OfPeriod
from reporting.pages.model import Cell, Code, Column, Evidence, Kind, Row, Table
from reporting.pages.recount import Counted
from reporting.pages.told import Told, figure_address
from reporting.pages.words import definition_meaning, definition_name, title

_TOTAL = ("total", None, None, None)
#: Keys of the tables that figures of a brief are read from.
_KEYS = {
    "rpt_form_ii06a": "form_row_key", "rpt_rate": "rate_key", "rpt_form_ii07b": "period_key", "rpt_claim": "claim_key",
}  # fmt: skip
#: Figures that are divided: above and below the line.
_DIVIDED = {
    "on_time_of_resolved": ("resolved_on_time_in_period", "resolved_in_period"),
    "with_workflow_rate": ("with_workflow", "in_force_at_end"),
}
#: Figures that others add up to.
_ADDED = {
    "received_and_carried_over": ("received_in_period", "carried_over"),
    "procedures_in_decisions": ("procedures_new", "procedures_abolished"),
    "in_force_at_end": ("in_force_at_end_province", "in_force_at_end_district", "in_force_at_end_commune"),
}

_RANKED: tuple[tuple[str, Kind], ...] = (
    ("unit_rank", "place"), ("on_time_rate", "percent"), ("on_time", "count"), ("judged", "count"),
    ("rank_before", "place"), ("rank_change", "change"),
)  # fmt: skip


def figure_pages(told: Told) -> Iterator[Evidence]:
    """A page for every figure of the main period and of the periods told side by side, each once."""
    release = told.release
    periods = [*([] if release.main is None else [release.main]), *release.course]
    for of in {str(of.period["period"]): of for of in reversed(periods)}.values():
        for definition, figure in of.figures.items():
            yield _figure_page(told, of, definition, figure)


def _figure_page(told: Told, of: OfPeriod, definition: str, figure: Figure) -> Evidence:
    address, cell = figure_address(figure), figure.cell
    facts: list[tuple[str, Cell]] = [
        (told.head("definition_told"), definition_meaning(definition, told.language)),
        (told.label("period"), title(told.name_of(of.period))),
    ]
    if figure.id.policy is not None:
        facts.append((told.head("judged_by"), told.name_of(told.release.policy)))
    facts += placed(told, cell.table, cell.row_key, *cell.columns)
    tables = [*_made_up(told, of, definition), *_course_table(told, definition)]
    notes: tuple[str, ...] = ()
    if of is told.release.main and cell.table == "rpt_form_ii06a":
        # What was counted again for the form's total is this figure, or its columns added up.
        counted = _added(told, cell.columns)
        tables += file_tables(told, counted.files("value"), delivered(told))
        notes = (told.word("counted_again_told", count=told.spelt(counted.value("value"))),)
        tables.insert(0, _cells_table(told, cell.columns))
    return Evidence(
        page_of(address), title(definition_name(definition, told.language)), title(told.name_of(of.period)) + ".",
        replace(told.figure(of, definition), target=None), tuple(facts), tables=tuple(tables), notes=notes,
        address=str(address),
        sql=reading_sql(told, cell.table, " + ".join(cell.columns), _KEYS[cell.table], cell.row_key),
    )  # fmt: skip


def _made_up(told: Told, of: OfPeriod, definition: str) -> Iterator[Table]:
    """What it is divided or added up of, where that is published beside it."""
    parts = _DIVIDED.get(definition) or _ADDED.get(definition) or ()
    if parts and all(part in of.figures for part in parts):
        columns = (Column(told.label("figure")), Column(told.head("value_told"), True))
        rows = tuple(Row((title(definition_name(part, told.language)), told.figure(of, part))) for part in parts)
        yield Table(told.head("made_up_of"), columns, rows)


def _course_table(told: Told, definition: str) -> Iterator[Table]:
    there = [of for of in told.release.course if definition in of.figures]
    if len(there) > 1:
        columns = (Column(told.head("the_period")), Column(told.head("value_told"), True))
        rows = tuple(Row((title(told.name_of(of.period)), told.figure(of, definition))) for of in there)
        yield Table(told.head("section_trend"), columns, rows)


def _cells_table(told: Told, names: Sequence[str]) -> Table:
    """The cells of the form that it is."""
    total = told.release.forms["levels"][-1]
    columns = (Column(told.head("of_column")), Column(told.head("value_told"), True))
    rows = tuple(Row((told.label(f"form_{name}"), told.cell(total, name, "levels"))) for name in names)
    return Table(told.label("form_ii06a"), columns, rows)


def _added(told: Told, names: Sequence[str]) -> Counted:
    counted = told.release.recounted["levels"].get(_TOTAL, Counted())
    made = Counted()
    for name in names:
        made.by_file["value"].update(counted.by_file[name])
    return made


def ranking_pages(told: Told) -> Iterator[Evidence]:
    """A page for every unit: its numbers, and what stands beside it in its level."""
    rows = told.release.ranking
    lines = {
        row["unit"]: row for row in told.release.forms.get("levels", ()) if row["row_kind"] == "line"
    }  # fmt: skip
    for place, row in enumerate(rows):
        beside = [
            other
            for other in rows[max(place - 2, 0) : place + 3]
            if other["level"] == row["level"] and other["unit_rank"]
        ]
        yield _ranking_page(told, row, beside, lines.get(row["unit"]))


def _ranking_page(
    told: Told, row: Mapping[str, Any], beside: Sequence[Mapping[str, Any]], line: Mapping[str, Any] | None
) -> Evidence:
    name = str(row["unit_name"] or row["unit"])
    numbers = tuple(
        Row((told.label(column), replace(told.ranked(row, column, kind), target=None)), anchor=column)
        for column, kind in _RANKED
    )
    value = (Column(told.label("figure")), Column(told.head("value_told"), True))
    tables = [Table(name, value, numbers), _beside_table(told, beside)]
    if line is not None:
        cells = ("received_total", "resolved_total", "early", "on_time", "late", "pending_total", "pending_overdue")
        rows = tuple(Row((told.label(f"form_{column}"), told.cell(line, column, "levels"))) for column in cells)
        tables.append(Table(told.head("unit_line"), value, rows))
    facts: tuple[tuple[str, Cell], ...] = (
        (told.head("definition_told"), told.word("ranking_means")), (told.head("unit_code"), Code(str(row["unit"]))),
        (told.head("the_level"), told.level(row["level"])), (told.label("as_of"), told.instant(row["as_of"])),
        (told.head("judged_by"), told.name_of(told.release.policy)),
        *placed(told, "rpt_unit_ranking", str(row["unit_key"]), "unit_rank", "on_time", "judged", "on_time_rate"),
    )  # fmt: skip
    address = told.ranking_address(row, "unit_rank")
    return Evidence(
        page_of(address), f"{told.head('section_ranking')}: {name}", "",
        replace(told.ranked(row, "unit_rank", "place"), target=None),
        facts, tables=tuple(table for table in tables if table.rows), address=str(address),
        sql=reading_sql(told, "rpt_unit_ranking", "unit_rank, on_time, judged, on_time_rate", "unit_key", str(row["unit_key"])),
    )  # fmt: skip


def _beside_table(told: Told, beside: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        Column(told.label("unit_name")), Column(told.label("unit_rank"), True), Column(told.label("on_time_rate"), True)
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                str(row["unit_name"] or row["unit"]), told.ranked(row, "unit_rank", "place"),
                told.ranked(row, "on_time_rate", "percent"),
            )
        )
        for row in beside
    )  # fmt: skip
    return Table(told.head("neighbours"), columns, rows)
