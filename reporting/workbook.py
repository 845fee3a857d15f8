"""Spreadsheets made of the same bytes whenever they are made of the same figures.

Belongs here: the only use of XlsxWriter's own ways: dates, styles, pages. Does not: what stands in the cells.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import xlsxwriter

#: A header cell: first row, first column, last row, last column, text.
HeaderCell = tuple[int, int, int, int, str]

_FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
_STYLES: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True, "border": 1},
    "count": {"num_format": "#,##0", "border": 1, "align": "right"},
    "whole": {"num_format": "0", "border": 1, "align": "right"},
    "text_bold": {"text_wrap": True, "border": 1, "bold": True},
    "count_bold": {"num_format": "#,##0", "border": 1, "align": "right", "bold": True},
    "instant": {"num_format": "dd/mm/yyyy hh:mm", "border": 1, "align": "left"},
    "head": {"text_wrap": True, "border": 1, "bold": True, "align": "center"},
    "numbers": {"border": 1, "italic": True, "align": "center", "font_size": 9, "text_wrap": True},
    "title": {"bold": True, "font_size": 13, "align": "center", "text_wrap": True},
    "centred": {"align": "center"},
    "centred_bold": {"align": "center", "bold": True},
    "italic": {"align": "center", "italic": True},
    "plain": {"text_wrap": False},
    "bold": {"bold": True},
    "note": {"italic": True, "font_size": 9},
}


class Styles:
    """The formats of one workbook, by name."""

    def __init__(self, book: Any) -> None:
        self._made = {name: book.add_format({**_FONT, **style}) for name, style in _STYLES.items()}

    def __getitem__(self, name: str) -> Any:
        return self._made[name]


def written(
    fill: Callable[[Any, Styles], None], *, title: str, about: str, made_on: date, rows_in_order: bool = False
) -> bytes:
    """A workbook that `fill` fills. `made_on` stands for when it was made, which is the figures' day and not the clock's.

    With `rows_in_order` rows go out as they come, and none is written to after the next one: for long lists.
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": not rows_in_order, "constant_memory": rows_in_order})
    made_at = datetime.combine(made_on, time(), UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "comments": about, "created": made_at})
    fill(book, Styles(book))
    book.close()
    return target.getvalue()


def print_across(sheet: Any, *, header_row: int) -> None:
    """A landscape A4 page, as wide as the table, its header again on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header_row)
    sheet.set_footer("&C&P/&N")


def write_header(sheet: Any, cells: Sequence[HeaderCell], first_row: int, style: Any) -> None:
    """The cells of a header, those of more than one row or column merged."""
    for top, left, bottom, right, text in cells:
        if (top, left) == (bottom, right):
            sheet.write_string(first_row + top, left, text, style)
        else:
            sheet.merge_range(first_row + top, left, first_row + bottom, right, text, style)
