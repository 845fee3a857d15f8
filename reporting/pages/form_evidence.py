"""Forms II.06a and II.07b in full, and the page behind each of their cells.

Belongs here: what such a page says. Does not: counting again (recount.py), other pages (evidence.py), or HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reporting.official import BLOCKS_II07B, COLUMNS_II06A
from reporting.pages.addresses import FILES, FORM_FIELDS, FORM_II07B, FORM_LEVELS, page_of, statements_page
from reporting.pages.model import Cell, Code, Column, Evidence, Link, Number, Row, Table, Target
from reporting.pages.recount import Counted, File
from reporting.pages.sections import period_told
from reporting.pages.told import Told
from reporting.pages.words import title

FORM_PAGES = {"fields": FORM_FIELDS, "levels": FORM_LEVELS}
#: Columns that others add up to.
_SUMS = {
    "received_total": ("received_online", "received_direct_postal", "carried_over"),
    "resolved_total": ("early", "on_time", "late"), "pending_total": ("pending_in_time", "pending_overdue"),
}  # fmt: skip
_SUM_OF = {part: whole for whole, parts in _SUMS.items() for part in parts}
_HEADS = ((4, "received"), (4, "resolved"), (3, "pending"))
#: So many files are named on a cell's page; the rest are counted.
_MOST_FILES = 10
#: More rows that hold nothing than these are told together.
_MOST_NOUGHTS = 5
_ONCE = ("total", "province", "district", "commune", "no_level")
_AT_EACH = ("at_province", "at_district", "at_commune")


@dataclass(frozen=True)
class FormII06a:
    """One variant of the form of the main period, being told."""

    told: Told
    variant: str

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The published rows in the printed order."""
        return self.told.release.forms[self.variant]

    @cached_property
    def groups(self) -> Mapping[str | None, Mapping[str, Any]]:
        """The group of each level."""
        return {row["level"]: row for row in self.rows if row["row_kind"] == "group"}

    @cached_property
    def lines(self) -> Mapping[str | None, list[Mapping[str, Any]]]:
        """The lines of each level."""
        return {
            level: [row for row in self.rows if row["row_kind"] == "line" and row["level"] == level]
            for level in self.groups
        }

    @cached_property
    def total(self) -> Mapping[str, Any]:
        """The last row."""
        return self.rows[-1]

    @cached_property
    def names(self) -> Mapping[File, str]:
        """What the delivered files are called."""
        return delivered(self.told)

    @cached_property
    def link(self) -> Link:
        """The way back to the form."""
        return Link(self.told.label("form_ii06a"), Target(FORM_PAGES[self.variant]))

    def row_name(self, row: Mapping[str, Any]) -> str:
        """Column 2 of the row."""
        if row["row_kind"] == "total":
            return self.told.label("form_total")
        if row["row_kind"] == "group":
            return self.told.level(row["level"], self.variant)
        return str(row["label"] or self.told.label("form_field_unknown"))

    def page(self) -> Evidence:
        """The form as a page: every cell leads to its own."""
        told = self.told
        note = told.label("form_closed_otherwise").split(":")[0]
        heads = ((("", 2), *((told.label(name), width) for width, name in _HEADS), (note, 3)),)
        columns = (
            Column(told.label("ordinal")), Column(told.label("row_of")),
            *(Column(_short_title(told, name), True) for name in COLUMNS_II06A),
        )  # fmt: skip
        rows = tuple(
            Row(
                (
                    row["ordinal"] or "",
                    self.row_name(row),
                    *(told.cell(row, name, self.variant) for name in COLUMNS_II06A),
                ),
                role=row["row_kind"],
            )
            for row in self.rows
        )
        table = Table(told.label("form_ii06a"), columns, rows, heads, name="form", names_row=1)
        return Evidence(
            FORM_PAGES[self.variant],
            told.label("form_ii06a"),
            f"{told.body_name}. {period_told(told)}",
            tables=(table,),
        )

    def cells(self) -> Iterator[Evidence]:
        """A page for every cell, row by row."""
        for row in self.rows:
            key = (row["row_kind"], row["level"], row["unit_key"], row["label"] if self.variant == "fields" else None)
            counted = self.told.release.recounted[self.variant].get(key, Counted())
            for column in COLUMNS_II06A:
                yield self._cell(row, column, counted)

    def _cell(self, row: Mapping[str, Any], column: str, counted: Counted) -> Evidence:
        told = self.told
        address, target = told.cell_place(row, column, self.variant)
        name, column_name = self.row_name(row), told.label(f"form_{column}")
        facts: tuple[tuple[str, Cell], ...] = (
            (told.head("definition_told"), told.word(f"cell_{column}")), (told.head("of_form"), self.link),
            (told.head("of_row"), f"{row['ordinal'] or ''} {name}".strip()), (told.head("of_column"), column_name),
            (told.head("judged_by"), told.name_of(told.release.policy)),
            *placed(told, "rpt_form_ii06a", row["form_row_key"], column),
        )  # fmt: skip
        number = Number(int(row[column]))
        again = told.word("counted_again_told", count=told.spelt(counted.value(column)))
        return Evidence(
            target.page, f"{column_name}: {name}", period_told(told), number, facts,
            tables=(*self._sums(row, column), *self._part_of(row, column), *file_tables(told, counted.files(column), self.names)),
            notes=(again,), address=address, trail=(self.link,),
            sql=reading_sql(told, "rpt_form_ii06a", column, "form_row_key", row["form_row_key"]),
        )  # fmt: skip

    def _sums(self, row: Mapping[str, Any], column: str) -> Iterator[Table]:
        """What the cell adds up: other columns of its row, other rows of its column."""
        rows = [(self.told.label(f"form_{part}"), row, part) for part in _SUMS.get(column, ())]
        below: Sequence[Mapping[str, Any]] = ()
        if row["row_kind"] == "total":
            below = list(self.groups.values())
        elif row["row_kind"] == "group":
            below = self.lines[row["level"]]
        for parts in (rows, [(self.row_name(part), part, column) for part in below]):
            if parts:
                yield self._small(self.told.head("made_up_of"), parts)

    def _part_of(self, row: Mapping[str, Any], column: str) -> Iterator[Table]:
        """The cells that add it up."""
        above = []
        if column in _SUM_OF:
            whole = _SUM_OF[column]
            above.append((self.told.label(f"form_{whole}"), row, whole))
        if row["row_kind"] == "line":
            group = self.groups[row["level"]]
            above.append((self.row_name(group), group, column))
        elif row["row_kind"] == "group":
            above.append((self.row_name(self.total), self.total, column))
        if above:
            yield self._small(self.told.head("part_of"), above)

    def _small(self, caption: str, parts: Sequence[tuple[str, Mapping[str, Any], str]]) -> Table:
        columns = (Column(self.told.head("row_name")), Column(self.told.head("value_told"), True))
        counted = [part for part in parts if part[1][part[2]]]
        # Of a hundred rows most may hold nothing: then how many those are says as much as all of them.
        shown = counted if len(parts) - len(counted) > _MOST_NOUGHTS else parts
        rows = [Row((name, self.told.cell(row, column, self.variant))) for name, row, column in shown]
        if len(shown) < len(parts):
            rows.append(Row((self.told.word("rows_of_nought", rows=len(parts) - len(shown)), "0")))
        return Table(caption, columns, tuple(rows))


def _short_title(told: Told, column: str) -> str:
    """The column's printed title without what stands over several columns."""
    text = told.label(f"form_{column}")
    return title(text.split(": ", 1)[1] if ": " in text else text)


def placed(told: Told, table: str, row_key: str, *columns: str) -> tuple[tuple[str, Cell], ...]:
    """Where a figure is published: table, row, columns; and the SQL that made the table, where the build noted it."""
    text = told.word("place_row", table=f"marts.{table}", row=row_key, columns=" + ".join(columns))
    return ((told.head("place_told"), text), *made_by(told, table))


def made_by(told: Told, table: str) -> tuple[tuple[str, Cell], ...]:
    """Where the SQL stands that made a table, and what the whole table hashes to in this release."""
    held = told.release.known.tables.get(table)
    facts: list[tuple[str, Cell]] = []
    if table in told.release.statements:
        facts.append((told.head("made_by_told"), Link(f"SQL {table}", Target(statements_page(table)))))
    if held is not None:
        text = told.word("table_hash", rows=told.spelt(held["rows"]), sha=held["sha256"])
        facts.append((told.head("table_told"), text))
    return tuple(facts)


def reading_sql(told: Told, table: str, columns: str, key: str, value: str) -> str:
    """The two statements that read a cell in this release, whichever stands now."""
    return (
        f"select release.read_as_of({told.release.body.release_id});\n"
        f"select {columns} from marts_as_of.{table} where {key} = '{value.replace(chr(39), chr(39) * 2)}';"
    )


def file_tables(told: Told, files: Sequence[tuple[File, int]], names: Mapping[File, str]) -> Iterator[Table]:
    """The delivered files with the dossiers of each, the most first. `names` as delivered() gives them."""
    if not files:
        return
    columns = (
        Column(told.label("file")), Column(told.label("source")), Column(told.head("sha256")),
        Column(told.label("dossiers"), True),
    )  # fmt: skip
    rows = []
    for (source, sha), number in files[:_MOST_FILES]:
        target = Target(FILES, sha[:16]) if (source, sha) in names else None
        name = sha[:16] if target is None else Link(names[source, sha], target)
        rows.append(Row((name, source, Code(sha, f"{sha[:12]}…"), Number(number, "count", target))))
    rest = files[_MOST_FILES:]
    if rest:
        named = told.word("files_rest", files=told.spelt(len(rest)))
        rows.append(Row((named, "", "", Number(sum(number for _, number in rest), "count", Target(FILES)))))
    yield Table(told.head("files_behind"), columns, tuple(rows), name="files-behind")


def delivered(told: Told) -> Mapping[File, str]:
    """The names of the files that this release was built of, by source and SHA-256."""
    inputs = told.release.known.facts["inputs"]
    found = [] if inputs is None else inputs["deliveries"]
    return {(row["source"], row["file_sha256"]): row["file_name"] for row in found}


def procedures_page(told: Told) -> Evidence:
    """Form II.07b: each procedure once, and counted at every level it is settled at."""
    once = _procedures_table(told, _ONCE, told.head("counted_once"))
    each = _procedures_table(told, _AT_EACH, told.head("at_each_level"))
    lead = f"{told.body_name}. {period_told(told)}"
    return Evidence(FORM_II07B, told.label("form_ii07b"), lead, tables=(once, each))


def _procedures_table(told: Told, parts: Sequence[str], caption: str) -> Table:
    columns = (Column(told.label("block")), *(Column(_part_name(told, part), True) for part in parts))
    rows = tuple(
        Row((told.label(f"form_ii07b_{block}"), *(told.procedures_cell(f"{block}_{part}") for part in parts)))
        for block in BLOCKS_II07B
    )
    return Table(caption, columns, rows)


def _part_name(told: Told, part: str) -> str:
    return told.head("cell_total") if part == "total" else told.label(part)


def procedures_cells(told: Told) -> Iterator[Evidence]:
    """A page for every cell of II.07b."""
    row = told.release.procedures
    assert row is not None
    link = Link(told.label("form_ii07b"), Target(FORM_II07B))
    for block in BLOCKS_II07B:
        for part in (*_ONCE, *_AT_EACH):
            column = f"{block}_{part}"
            address = told.procedures_address(column)
            how = told.word("counted_once" if part in _ONCE else "at_each_level")
            block_name, part_name = told.label(f"form_ii07b_{block}"), _part_name(told, part)
            facts: tuple[tuple[str, Cell], ...] = (
                (told.head("definition_told"), title(f"{told.word(f'block_{block}')}; {how}.")), (told.head("of_form"), link),
                (told.label("catalogue_known_on"), told.day(row["catalogue_known_on"])),
                *placed(told, "rpt_form_ii07b", row["period_key"], column),
            )  # fmt: skip
            made_up = (_small_procedures(told, block),) if part == "total" else ()
            yield Evidence(
                page_of(address), f"{block_name}: {part_name}", period_told(told), Number(int(row[column])), facts,
                tables=made_up, address=str(address), trail=(link,),
                sql=reading_sql(told, "rpt_form_ii07b", column, "period_key", row["period_key"]),
            )  # fmt: skip


def _small_procedures(told: Told, block: str) -> Table:
    titles = (Column(told.label("level")), Column(told.head("value_told"), True))
    rows = tuple(Row((_part_name(told, part), told.procedures_cell(f"{block}_{part}"))) for part in _ONCE[1:])
    return Table(told.head("made_up_of"), titles, rows)
