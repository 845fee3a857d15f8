"""Pages about many figures at once: files, checks, steps, channels, the catalogue, differences, claims, what changed.

Belongs here: what such a page says. Does not: pages behind one figure (form_evidence.py, figure_evidence.py), or HTML.
No dossier stands on any of them: what changed is told by cause and unit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from contracts.checks import HOLDS
from reporting.check_words import in_vietnamese
from reporting.forms import Language
from reporting.labels import label
from reporting.pages.account import (
    catalogue_anchor,
    check_result,
    claim_cells,
    days_between,
    in_english,
    moved_table,
    sync_by_kind,
)
from reporting.pages.addresses import (
    CATALOGUE,
    CHANGES,
    CHANNELS,
    CHECKS,
    CLAIMS,
    FILES,
    STEPS,
    SYNC,
    anchor,
    statements_page,
)
from reporting.pages.form_evidence import made_by
from reporting.pages.model import Cell, Code, Column, Evidence, Link, Number, Row, Table, Target
from reporting.pages.sections import CHANNEL_FIGURES, channel_name, steps_by_name
from reporting.pages.told import Told
from reporting.pages.words import check_name, definition_meaning, title

#: Units with the most are named; the rest stand in the sum above them.
_MOST_UNITS = 20


def list_pages(told: Told) -> Iterator[Evidence]:
    """Every such page that the release has something for."""
    release = told.release
    yield files_page(told)
    yield checks_page(told)
    yield from statements_pages(told)
    for there, page in (
        (release.steps, steps_page), (release.channels, channels_page), (release.catalogue, catalogue_page),
        (release.sync, sync_page), (release.claims, claims_page), (release.known.changes, changes_page),
    ):  # fmt: skip
        if there:
            yield page(told)


def placed_in(told: Told, table: str) -> tuple[tuple[str, Cell], ...]:
    """The published table that a page's numbers stand in, and what made it."""
    return ((told.head("place_told"), Code(f"marts.{table}")), *made_by(told, table))


def statements_pages(told: Told) -> Iterator[Evidence]:
    """For every published table the SQL that made it, and of what it was made, as it was sent to the database."""
    for table, statements in told.release.statements.items():
        blocks = tuple(
            (f"{statement.model}, SHA-256 {statement.sha256}", statement.meaning, statement.sql)
            for statement in statements
        )
        yield Evidence(
            statements_page(table), told.head("page_sql", table=table), told.word("page_sql_lead"), statements=blocks
        )


def files_page(told: Told) -> Evidence:
    """Every delivery that stood when the release was built."""
    inputs = told.release.known.facts["inputs"]
    columns = (
        Column(told.label("delivery_id"), True), Column(told.label("source")), Column(told.label("file")),
        *(Column(told.label(name), True) for name in ("rows_read", "rows_landed", "rows_quarantined")),
        Column(told.head("sha256")),
    )  # fmt: skip
    deliveries = [] if inputs is None else inputs["deliveries"]
    # The same bytes may have been delivered twice; a place on a page has one name.
    first = {row["file_sha256"]: row["delivery_id"] for row in reversed(deliveries)}
    rows = tuple(
        Row(
            (
                Number(row["delivery_id"], "place"), f"{row['source']}.{row['stream']}", row["file_name"],
                *(Number(row[name]) for name in ("rows_read", "rows_landed", "rows_quarantined")), Code(row["file_sha256"]),
            ),
            anchor=row["file_sha256"][:16] if first[row["file_sha256"]] == row["delivery_id"] else "",
        )
        for row in deliveries
    )  # fmt: skip
    table = Table(told.head("page_files"), columns, rows, name="files", names_row=2)
    return Evidence(FILES, told.head("page_files"), told.word("page_files_lead"), tables=(table,))


def checks_page(told: Told) -> Evidence:
    """Each check: its name here and in the suite, what it is for, what it said."""
    columns = (
        Column(told.head("the_check")), Column(told.head("the_result")), Column(told.head("the_weight")),
        Column(told.label("gate_meaning")), Column(told.label("gate_observed")),
    )  # fmt: skip
    rows = []
    for found in told.release.known.facts["checks"]:
        name = title(check_name(found["name"], told.language))
        rows.append(
            Row(
                (
                    name, check_result(told, found), title(told.word(f"weight_{found['severity']}")),
                    _meaning(told, found["name"]), _said(told, found),
                ),
                anchor=anchor(found["name"]),
            )
        )  # fmt: skip
    table = Table(told.head("page_checks"), columns, tuple(rows), name="checks")
    return Evidence(CHECKS, told.head("page_checks"), told.word("page_checks_lead"), tables=(table,))


def _meaning(told: Told, check: str) -> Cell:
    if told.language is Language.vi and check in in_vietnamese():
        return in_vietnamese()[check][0]
    return in_english(told.release.known.reasons.get(check, "–"))


def _said(told: Told, found: Mapping[str, Any]) -> Cell:
    """What the check said: one that is green mostly that it holds."""
    because = found["overridden_because"]
    if found["message"] == HOLDS and because is None:
        return told.word("check_holds")
    return in_english(found["message"] if because is None else f"{found['message']} ({because})")


def steps_page(told: Told) -> Evidence:
    """Each step of the workflow: its sums, by month, and the units where it went over most often."""
    columns = (
        Column(told.head("row_name")), Column(told.head("steps_told"), True), Column(told.head("steps_over_told"), True),
        Column(told.head("hours_over"), True),
    )  # fmt: skip
    tables = []
    for step, whole in steps_by_name(told).items():
        rows = [row for row in told.release.steps if row["workflow_step"] == step]
        months = _summed(rows, lambda row: f"{row['started_month']:%m/%Y}")
        units = _summed(rows, lambda row: str(row["unit_name"] or row["unit_key"].split("/", 1)[1]))
        most = sorted(units.items(), key=lambda entry: (-entry[1]["steps_over"], entry[0]))[:_MOST_UNITS]
        by_month = sorted(months.items(), key=lambda entry: (entry[0][3:], entry[0]))
        made = [
            Row((told.label("form_total"), *_step_numbers(whole)), "total"),
            *(Row((name, *_step_numbers(of))) for name, of in by_month),
            Row((told.head("the_most_units", count=len(most)), "", "", ""), "group"),
            *(Row((name, *_step_numbers(of))) for name, of in most),
        ]
        tables.append(Table(step, columns, tuple(made), name=anchor(step)))
    facts: tuple[tuple[str, Cell], ...] = (*placed_in(told, "rpt_step_bottleneck"),)
    return Evidence(STEPS, told.head("page_steps"), told.word("steps_mean"), facts=facts, tables=tuple(tables))


def _summed(rows: Iterable[Mapping[str, Any]], named: Callable[[Mapping[str, Any]], str]) -> dict[str, dict[str, int]]:
    made: dict[str, dict[str, int]] = defaultdict(lambda: {"steps": 0, "steps_over": 0, "over_minutes": 0})
    for row in rows:
        of = made[named(row)]
        for name in of:
            of[name] += row[name]
    return made


def _step_numbers(of: Mapping[str, int]) -> tuple[Number, ...]:
    return Number(of["steps"]), Number(of["steps_over"]), Number(of["over_minutes"] // 60, "hours")


def channels_page(told: Told) -> Evidence:
    """Each channel at the last cut-off: its figures and what each counts."""
    release = told.release
    assert release.cut_off is not None
    columns = (
        Column(told.label("figure")),
        Column(told.head("value_told"), True),
        Column(told.head("definition_told")),
    )
    tables = []
    for row in release.channels:
        rows = tuple(
            Row((told.label(name), Number(row[name]), title(label(f"definition_{name}", told.language))))
            for name in CHANNEL_FIGURES
        )
        tables.append(Table(channel_name(told, row), columns, rows, name=anchor(row["channel"])))
    facts: tuple[tuple[str, Cell], ...] = (
        (told.label("cut_off"), told.instant(release.cut_off)), (told.head("judged_by"), told.name_of(release.policy)),
        *placed_in(told, "fct_timeliness"),)  # fmt: skip
    return Evidence(CHANNELS, told.head("page_channels"), "", facts=facts, tables=tuple(tables))


def catalogue_page(told: Told) -> Evidence:
    """Every change of the catalogue, with the procedures it is of."""
    columns = (
        Column(told.label("action")), Column(told.label("procedure")), Column(told.label("name")),
        Column(told.label("effective_on")), Column(told.label("replaces")), Column(told.label("replaced_by")),
    )  # fmt: skip
    tables = []
    for change in told.release.catalogue:
        rows = tuple(
            Row(
                (
                    told.label(row["action"]), Code(row["procedure"]), row["name"] or "–", row["effective_on"],
                    row["replaces"] or "–", row["replaced_by"] or "–",
                )
            )
            for row in change.changes
        )  # fmt: skip
        tables.append(Table(days_between(told, change.summary), columns, rows, name=catalogue_anchor(change.summary)))
    facts: tuple[tuple[str, Cell], ...] = (*placed_in(told, "fct_catalogue_change"),)
    return Evidence(
        CATALOGUE, told.head("page_catalogue"), told.word("lead_catalogue"), facts=facts, tables=tuple(tables)
    )


def sync_page(told: Told) -> Evidence:
    """Each way to differ: what it means, and the units where it happens most."""
    columns = (Column(told.label("unit")), Column(told.label("dossiers"), True))
    tables = []
    for kind, whole in sync_by_kind(told).items():
        rows = [row for row in told.release.sync if row["kind"] == kind]
        made = [
            Row((told.label("form_total"), Number(whole)), "total"),
            *(Row((str(row["unit_name"] or "–"), Number(row["dossiers"]))) for row in rows[:_MOST_UNITS]),
        ]
        if len(rows) > _MOST_UNITS:
            made.insert(1, Row((told.head("the_most_units", count=_MOST_UNITS), ""), "group"))
        caption = f"{title(told.word(f'sync_{kind}'))}. {told.word(f'sync_{kind}_means')}"
        tables.append(Table(caption, columns, tuple(made), name=kind))
    facts: tuple[tuple[str, Cell], ...] = (*placed_in(told, "rpt_sync_difference"),)
    return Evidence(SYNC, told.head("page_sync"), told.word("lead_sync"), facts=facts, tables=tuple(tables))


def claims_page(told: Told) -> Evidence:
    """Each reported figure: who and when, by which definition we take it, theirs and ours."""
    columns = (
        Column(told.label("figure")), Column(told.label("claimed"), True), Column(told.label("ours"), True),
        Column(told.label("difference"), True), Column(told.head("definition_told")), Column(told.label("source")),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                *_without_links(claim_cells(told, row)), definition_meaning(row["definition"], told.language),
                told.word("claimed_by", who=row["who"], day=told.day(row["reported_on"])),
            ),
            anchor=anchor(row["claim"]),
        )
        for row in told.release.claims
    )  # fmt: skip
    facts: tuple[tuple[str, Cell], ...] = (*placed_in(told, "rpt_claim"),)
    table = Table(told.head("caption_claims"), columns, rows, name="claims")
    return Evidence(CLAIMS, told.head("page_claims"), told.word("lead_claims"), facts=facts, tables=(table,))


def _without_links(cells: Sequence[Cell]) -> Iterator[Cell]:
    for cell in cells:
        leads_here = isinstance(cell, Number) and cell.target is not None and cell.target.page == CLAIMS
        yield Number(cell.value, cell.kind, None, cell.wording) if leads_here else cell  # type: ignore[union-attr]


def changes_page(told: Told) -> Evidence:
    """What moved since the release before, why, and the deliveries in between."""
    compared = told.release.known.changes
    assert compared is not None
    tables = [moved_table(told, compared), *_causes(told, compared["dossiers"])]
    count = (Column(told.label("table")), *(Column(told.label(name), True) for name in ("added", "removed", "changed")))
    rows = tuple(
        Row((Code(row["table"]), *(Number(row[name]) for name in ("added", "removed", "changed")))) for row in compared["tables"]
    )  # fmt: skip
    tables.append(Table(told.head("tables_moved"), count, rows))
    tables.append(_deliveries_table(told, compared["deliveries"]))
    heading = told.head("page_changes", before=compared["from"])
    return Evidence(CHANGES, heading, "", tables=tuple(_unlinked(table) for table in tables if table.rows))


def _unlinked(table: Table) -> Table:
    """On the page of changes its own numbers lead nowhere."""
    rows = tuple(
        Row(
            tuple(
                Number(cell.value, cell.kind, None, cell.wording)
                if isinstance(cell, Number) and cell.target is not None and cell.target.page == CHANGES
                else cell
                for cell in row.cells
            ),
            row.role, row.anchor,
        )
        for row in table.rows
    )  # fmt: skip
    return replace(table, rows=rows)


def _causes(told: Told, dossiers: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    """How many dossiers count otherwise, by cause and by unit."""
    causes = Counter(label(f"cause_{entry['cause']}", told.language) for entry in dossiers)
    names = {row["unit"]: row["unit_name"] for row in told.release.ranking}
    units = Counter(str(names.get(entry["unit"]) or entry["unit"]) for entry in dossiers)
    for caption, of, counted in (
        (told.head("by_cause"), told.label("cause"), causes), (told.head("by_unit"), told.label("unit"), units)
    ):  # fmt: skip
        columns = (Column(of), Column(told.label("dossiers"), True))
        most = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
        rows = tuple(Row((title(name), Number(number))) for name, number in most)
        yield Table(f"{told.head('dossiers_moved')}: {caption}", columns, rows)


def _deliveries_table(told: Told, deliveries: Sequence[Mapping[str, Any]]) -> Table:
    inputs = told.release.known.facts["inputs"]
    there = set() if inputs is None else {row["delivery_id"] for row in inputs["deliveries"]}
    shas = {} if inputs is None else {row["delivery_id"]: row["file_sha256"] for row in inputs["deliveries"]}
    columns = (
        Column(told.label("delivery_id"), True), Column(told.label("source")), Column(told.label("file")),
        Column(told.label("rows_landed"), True), Column(told.label("retracted_because")),
    )  # fmt: skip
    rows = []
    for row in deliveries:
        name: Cell = row["file_name"]
        if row["delivery_id"] in there:
            name = Link(row["file_name"], Target(FILES, shas[row["delivery_id"]][:16]))
        stream, landed = f"{row['source']}.{row['stream']}", Number(row["rows_landed"])
        why = row["retracted_because"] or "–"
        rows.append(Row((Number(row["delivery_id"], "place"), stream, name, landed, why)))
    return Table(told.head("deliveries_between"), columns, tuple(rows), names_row=2)
