"""The page's sections that give account: catalogue, the two systems, claims, what changed, what was checked, what is missing.

Belongs here: which numbers stand in them, in which order. Does not: sections about dossiers (sections.py), or HTML.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reporting.layout import gap_in_words
from reporting.official import BLOCKS_II07B
from reporting.pages.addresses import (
    CATALOGUE,
    CHANGES,
    CHECKS,
    CLAIMS,
    FILES,
    FORM_FIELDS,
    FORM_II07B,
    FORM_LEVELS,
    PROOF,
    SYNC,
    anchor,
)
from reporting.pages.model import Cell, Column, English, Link, Number, Row, Section, Table, Target
from reporting.pages.told import Told, figure_kind
from reporting.pages.words import check_name, title

_CATALOGUE_COLUMNS = (
    "in_force_before", "new", "new_pure", "amended", "replaced", "abolished", "abolished_pure", "in_force_after",
)  # fmt: skip
_LEVELS = ("total", "province", "district", "commune")


def catalogue(told: Told) -> Section | None:
    """What came and went, and form II.07b."""
    tables = []
    if told.release.catalogue:
        tables.append(_catalogue_table(told))
    if told.release.procedures is not None:
        tables.append(procedures_table(told))
    if not tables:
        return None
    return Section("catalogue", told.head("section_catalogue"), told.word("lead_catalogue"), blocks=tuple(tables))


def _catalogue_table(told: Told) -> Table:
    columns = (Column(told.head("days_between")), *(Column(told.label(name), True) for name in _CATALOGUE_COLUMNS))
    rows = tuple(
        Row(
            (
                days_between(told, change.summary),
                *(
                    Number(change.summary[name], "count", Target(CATALOGUE, catalogue_anchor(change.summary)))
                    for name in _CATALOGUE_COLUMNS
                ),
            )
        )
        for change in told.release.catalogue
    )
    return Table(told.head("caption_catalogue"), columns, rows, name="catalogue")


def days_between(told: Told, summary: Mapping[str, Any]) -> str:
    """The two days of a change of the catalogue."""
    first, last = (told.day(date.fromisoformat(summary[name])) for name in ("from", "to"))
    return f"{first} – {last}"


def catalogue_anchor(summary: Mapping[str, Any]) -> str:
    """Where the changes between two days are listed."""
    return f"to-{summary['to']}"


def procedures_table(told: Told) -> Table:
    """The first part of II.07b: each procedure once."""
    columns = (
        Column(told.label("block")),
        *(Column(told.head("cell_total") if name == "total" else told.label(name), True) for name in _LEVELS),
    )
    rows = tuple(
        Row((told.label(f"form_ii07b_{block}"), *(told.procedures_cell(f"{block}_{name}") for name in _LEVELS)))
        for block in BLOCKS_II07B
    )
    return Table(told.head("caption_ii07b"), columns, rows, name="procedures")


def sync(told: Told) -> Section | None:
    """How province and portal differ, the most first."""
    kinds = sync_by_kind(told)
    if not kinds:
        return None
    columns = (Column(told.head("the_kind")), Column(told.label("dossiers"), True))
    rows = tuple(
        Row((title(told.word(f"sync_{kind}")), Number(number, "count", Target(SYNC, kind))))
        for kind, number in kinds.items()
    )
    table = Table(told.head("caption_sync"), columns, rows, name="sync")
    return Section("sync", told.head("section_sync"), told.word("lead_sync"), blocks=(table,))


def sync_by_kind(told: Told) -> dict[str, int]:
    """Dossiers by kind, the most first; a total order."""
    kinds: dict[str, int] = defaultdict(int)
    for row in told.release.sync:
        kinds[row["kind"]] += row["dossiers"]
    return dict(sorted(kinds.items(), key=lambda entry: (-entry[1], entry[0])))


def claims(told: Told) -> Section | None:
    """What others reported."""
    if not told.release.claims:
        return None
    columns = (
        Column(told.label("figure")), Column(told.label("claimed"), True), Column(told.label("ours"), True),
        Column(told.label("difference"), True),
    )  # fmt: skip
    rows = tuple(Row(claim_cells(told, row)) for row in told.release.claims)
    who = sorted({(row["who"], row["reported_on"]) for row in told.release.claims})
    notes = tuple(told.word("claimed_by", who=name, day=told.day(day)) for name, day in who)
    table = Table(told.head("caption_claims"), columns, rows, name="claims")
    return Section("claims", told.head("section_claims"), told.word("lead_claims"), blocks=(table,), notes=notes)


def claim_cells(told: Told, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """The figure, what was claimed, ours, the difference; ours leads to the figure's own page where it has one."""
    target = Target(CLAIMS, anchor(row["claim"]))
    kind = figure_kind(row["definition"])
    main = told.release.main
    ours = Number(_value(row["ours"], kind), kind, target)
    if main is not None and row["definition"] in main.figures and _same_period(row, main.period):
        found = told.figure(main, row["definition"])
        if found.value == ours.value:
            ours = found
    wording = told.word("at_least_told", value="{value}") if row["at_least"] else "{value}"
    claimed = Number(_value(row["claimed"], kind), kind, target, wording)
    difference = Number(_value(row["difference"], kind), "points" if kind == "percent" else "change", target)
    return title(told.name_of(row, "figure")), claimed, ours, difference


def _same_period(row: Mapping[str, Any], period: Mapping[str, Any]) -> bool:
    return (row["period_from"], row["period_to"]) == (period["period_from"], period["period_to"])


def _value(value: Decimal | None, kind: str) -> int | Decimal | None:
    return value if value is None or kind == "percent" else int(value)


def changes(told: Told) -> Section | None:
    """What reads otherwise than in the release before."""
    compared = told.release.known.changes
    if compared is None:
        return None
    heading = told.head("section_changes", before=compared["from"])
    if not compared["figures"]:
        more = Link(told.head("page_changes", before=compared["from"]), Target(CHANGES))
        return Section("changes", heading, told.word("nothing_changed"), notes=(more,))
    moment = told.instant(datetime.fromisoformat(compared["cut_off"]))
    lead = told.word("lead_changes", cut_off=moment)
    return Section("changes", heading, lead, blocks=(moved_table(told, compared),))


def moved_table(told: Told, compared: Mapping[str, Any]) -> Table:
    """One row a figure and policy: before, after, the difference."""
    columns = (
        Column(told.label("figure")), Column(told.label("policy")), Column(told.label("before"), True),
        Column(told.label("after"), True), Column(told.label("difference"), True),
    )  # fmt: skip
    rows = []
    for row in compared["figures"]:
        target = Target(CHANGES, moved_anchor(row))
        rate = row["figure"] == "on_time_rate"
        values = [row[name] for name in ("before", "after", "difference")]
        if rate:
            values = [None if value is None else Decimal(str(value)) * 100 for value in values]
        numbers = (
            Number(values[0], "percent" if rate else "count", target),
            Number(values[1], "percent" if rate else "count", target),
            Number(values[2], "points" if rate else "change", target),
        )
        rows.append(Row((told.label(row["figure"]), row["policy"], *numbers), anchor=moved_anchor(row)))
    return Table(told.head("caption_changes"), columns, tuple(rows), name="changes")


def moved_anchor(row: Mapping[str, Any]) -> str:
    """Where a figure that moved stands on the page of changes."""
    return anchor(f"{row['policy']}-{row['figure']}")


def gate(told: Told) -> Section:
    """The checks, those that are not green first."""
    found = told.release.known.facts["checks"]
    columns = (Column(told.head("the_check")), Column(told.head("the_result")), Column(told.head("the_weight")))
    rows = tuple(
        Row(
            (
                Link(title(check_name(row["name"], told.language)), Target(CHECKS, anchor(row["name"]))),
                check_result(told, row), title(told.word(f"weight_{row['severity']}")),
            )
        )
        for row in sorted(found, key=lambda row: (row["succeeded"], row["name"]))
    )  # fmt: skip
    green = sum(1 for row in found if row["succeeded"])
    lead = told.word("lead_gate", green=green, checks=len(found))
    table = Table(told.head("caption_gate"), columns, rows, name="gate")
    return Section("gate", told.head("section_gate"), lead, blocks=(table,))


def check_result(told: Told, row: Mapping[str, Any]) -> str:
    """What a check said, in a word; never by a colour alone."""
    if row["succeeded"]:
        return "✓ " + told.word("check_green")
    if not row["ran"]:
        return "✗ " + told.word("check_crashed")
    if row["overridden_because"] is not None:
        return "! " + told.word("check_overridden")
    return ("! " + told.word("check_warned")) if row["severity"] == "warn" else ("✗ " + told.word("check_red"))


def gaps(told: Told) -> Section:
    """What is missing, source by source."""
    heading = told.head("section_gaps")
    found = told.release.gaps
    if not found:
        return Section("gaps", heading, told.word("no_gaps"))
    notes = tuple(gap_in_words(dict(gap), told.language) for gap in found)
    return Section("gaps", heading, told.word("lead_gaps"), notes=notes)


def files(told: Told) -> Section:
    """The forms in full and the list of delivered files."""
    there: list[Cell] = []
    if told.release.forms:
        name = told.label("form_ii06a")
        there.append(Link(f"{name} ({told.word('the_field')})", Target(FORM_FIELDS)))
        there.append(Link(f"{name} ({told.word('the_level')})", Target(FORM_LEVELS)))
    if told.release.procedures is not None:
        there.append(Link(told.label("form_ii07b"), Target(FORM_II07B)))
    there.append(Link(told.head("page_files"), Target(FILES)))
    there.append(Link(told.head("page_proof"), Target(PROOF)))
    return Section("files", told.head("section_files"), told.word("lead_files"), notes=tuple(there))


def in_english(text: str) -> Cell:
    """A text that the program has in English alone."""
    return English(" ".join(text.split()))


def present(sections: Iterable[Section | None]) -> tuple[Section, ...]:
    """Those that have something to tell."""
    return tuple(section for section in sections if section is not None)
