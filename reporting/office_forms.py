"""Forms II.06a and II.07b as spreadsheets in the printed layout: head, numbered columns, totals as formulas, signatures.

Belongs here: where things stand on the page. Does not: words (office.yml), formulas (form_cells.py) or figures (official.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from reporting.form_cells import COLUMNS_II07B, Filled, cells_ii06a, cells_ii07b
from reporting.forms import FormVariant, Language
from reporting.labels import label
from reporting.layout import gap_in_words
from reporting.numerals import day_vi, sentence_case
from reporting.published import Body
from reporting.workbook import Styles, print_across, write_header, written

#: The spreadsheet's number of the first row of figures: head, three rows of titles, one of numbers.
FIRST_LINE = 11
_HEAD_ROW, _NUMBERS_ROW = 6, 9


@cache
def printed() -> dict[str, Any]:
    """The words of office.yml."""
    return dict(yaml.safe_load((Path(__file__).parent / "office.yml").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Occasion:
    """Whose files these are, of which period and release, judged by which policy, and what their figures lack."""

    body: Body
    period: Mapping[str, Any]
    policy: str
    gaps: Sequence[dict[str, Any]]

    def words(self) -> dict[str, str]:
        """What stands for the names in braces of office.yml."""
        return {
            "body": self.body.name_vi, "period": str(self.period["name_vi"]), "policy": self.policy,
            "release": str(self.body.release_id), "first_day": day_vi(self.period["period_from"]),
            "last_day": day_vi(self.period["period_to"] - timedelta(days=1)),
        }  # fmt: skip


def book_ii06a(occasion: Occasion, rows: Sequence[Mapping[str, Any]], variant: FormVariant) -> bytes:
    """Form II.06a of rows as official.form_ii06a gives them."""
    told = printed()["ii06a"]
    subtitle = told["variants"][variant]

    def fill(book: Any, styles: Styles) -> None:
        sheet = book.add_worksheet("II.06a")
        _write_head(sheet, styles, occasion, told, subtitle, last_column=12)
        sheet.set_column(1, 1, 38)
        for place, (row, cells) in enumerate(zip(rows, cells_ii06a(rows, FIRST_LINE), strict=True)):
            index, bold = FIRST_LINE - 1 + place, "" if row["row_kind"] == "line" else "_bold"
            sheet.write_string(index, 0, row["ordinal"] or "", styles[f"text{bold}"])
            sheet.write_string(index, 1, row["row_of"], styles[f"text{bold}"])
            _write_cells(sheet, index + 1, cells, styles[f"count{bold}"])
        source = printed()["made_from"].format_map(occasion.words())
        _write_foot(sheet, styles, occasion, source, FIRST_LINE + len(rows), last_column=12)

    return _made(occasion, " ".join(filter(None, (told["number"], subtitle))), fill)


def book_ii07b(occasion: Occasion, blocks: Sequence[Mapping[str, Any]]) -> bytes:
    """Form II.07b of blocks as official.form_ii07b gives them."""
    told = printed()["ii07b"]

    def fill(book: Any, styles: Styles) -> None:
        sheet = book.add_worksheet("II.07b")
        _write_head(sheet, styles, occasion, told, "", last_column=13)
        sheet.set_column(1, 1, 30)
        once, at_each = cells_ii07b(blocks, FIRST_LINE)
        for index, (number, name, cells) in enumerate(
            (("1", occasion.body.name_vi, once), ("", told["each_level"], at_each)), FIRST_LINE - 1
        ):
            sheet.write_string(index, 0, number, styles["text"])
            sheet.write_string(index, 1, name, styles["text"])
            _write_cells(sheet, index + 1, cells, styles["count"])
        for total, *_ in COLUMNS_II07B.values():
            sheet.write_string(f"{total}{FIRST_LINE + 1}", "–", styles["count"])
        known_on = day_vi(date.fromisoformat(blocks[0]["catalogue_known_on"]))
        source = printed()["made_from_catalogue"].format_map({**occasion.words(), "known_on": known_on})
        _write_foot(sheet, styles, occasion, source, FIRST_LINE + 2, last_column=13)

    return _made(occasion, told["number"], fill)


def described(occasion: Occasion) -> str:
    """What a file says of itself: whose it is, of which period and release."""
    words = occasion.words()
    return f"{words['body']}, {words['period']}, {label('release', Language.vi)} {words['release']}"


def _made(occasion: Occasion, title: str, fill: Any) -> bytes:
    return written(fill, title=title, about=described(occasion), made_on=occasion.period["period_to"])


def _write_head(
    sheet: Any, styles: Styles, occasion: Occasion, told: Mapping[str, Any], subtitle: str, *, last_column: int
) -> None:
    """Number of the form on the left, title in the middle, who reports on the right; then the table's header."""
    words, always = occasion.words(), printed()
    right = last_column - 2
    sheet.write_string(0, 0, told["number"], styles["bold"])
    sheet.write_string(1, 0, always["circular"], styles["plain"])
    sheet.merge_range(0, 4, 0, right - 1, told["title"], styles["title"])
    sheet.write_string(0, right, always["reports"].format_map(words), styles["plain"])
    sheet.write_string(1, right, always["receives"], styles["plain"])
    for row, text in ((1, subtitle), (2, always["period"].format_map(words)), (3, always["span"].format_map(words))):
        if text:
            sheet.merge_range(row, 4, row, right - 1, text, styles["centred_bold" if row == 1 else "italic"])
    sheet.write_string(4, right, told["counted_in"], styles["plain"])
    write_header(sheet, [tuple(cell) for cell in told["header"]], _HEAD_ROW, styles["head"])
    for column, number in enumerate(told["numbers"]):
        sheet.write_string(_NUMBERS_ROW, column, number, styles["numbers"])
    sheet.set_column(0, 0, 6)
    sheet.set_column(2, last_column + 6, 12)
    sheet.set_row(0, 34)
    sheet.set_row(_HEAD_ROW + 2, 48)
    sheet.set_row(_NUMBERS_ROW, 26)
    sheet.freeze_panes(FIRST_LINE - 1, 2)
    print_across(sheet, header_row=_NUMBERS_ROW)


def _write_cells(sheet: Any, line: int, cells: Mapping[str, Filled], style: Any) -> None:
    for letter, cell in cells.items():
        if cell.formula is None:
            sheet.write_number(f"{letter}{line}", cell.value, style)
        else:
            sheet.write_formula(f"{letter}{line}", cell.formula, style, cell.value)


def gaps_in_words(occasion: Occasion) -> list[str]:
    """Which deliveries the figures lack, a heading first; nothing when they lack none."""
    if not occasion.gaps:
        return []
    told = [f"  {gap_in_words(gap, Language.vi)}" for gap in occasion.gaps]
    return [sentence_case(label("gaps", Language.vi)) + ":", *told]


def _write_foot(sheet: Any, styles: Styles, occasion: Occasion, source: str, row: int, *, last_column: int) -> None:
    """Where the figures come from and what they lack, then who signs."""
    notes = [source, *gaps_in_words(occasion)]
    for place, note in enumerate(notes):
        sheet.write_string(row + place, 0, note, styles["note"])
    signed, row = printed()["signatures"], row + len(notes) + 1
    for place, line in enumerate(signed["left"], 1):
        sheet.merge_range(row + place, 0, row + place, 3, line, styles["centred_bold" if place == 1 else "italic"])
    for place, line in enumerate(signed["right"]):
        style = styles["centred_bold" if place == 1 else "italic"]
        sheet.merge_range(row + place, last_column - 4, row + place, last_column, line, style)
