"""Rows of long lists are, byte for byte, what XlsxWriter writes cell by cell.

Belongs here: sheets written both ways. Does not: what stands in the lists (tests/integration/province/test_office_files.py).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from reporting.long_lists import Rows, Value
from reporting.workbook import Styles, written

FIRST = 3
Row = Sequence[Value]
VALUES = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12),
    st.integers(-(10**12), 10**12),
    st.datetimes(datetime(1901, 1, 1), datetime(2400, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
)
ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), max_size=6))


def made(write: Callable[[Any, Styles], Rows | None]) -> bytes:
    """A workbook with a title, the rows from FIRST on, and a second sheet after them."""

    def fill(book: Any, styles: Styles) -> Rows | None:
        sheet = book.add_worksheet("Danh sách")
        sheet.write_string(0, 0, "Tiêu đề", styles["head"])
        rows = write(sheet, styles)
        book.add_worksheet("Khác").write_number(0, 0, 7, styles["count"])
        return rows

    return written(fill, title="t", about="a", made_on=date(2023, 6, 30), rows_in_order=True)


def fast(rows: Sequence[Row]) -> bytes:
    def write(sheet: Any, styles: Styles) -> Rows:
        long = Rows(sheet, styles, FIRST)
        for row in rows:
            long.add(row)
        long.end()
        return long

    return made(write)


def by_library(rows: Sequence[Row]) -> bytes:
    def write(sheet: Any, styles: Styles) -> None:
        Rows(sheet, styles, FIRST)  # numbers the styles in the same order
        for line, row in enumerate(rows, FIRST):
            for column, value in enumerate(row):
                if value is None:
                    sheet.write_blank(line, column, None, styles["text"])
                elif isinstance(value, datetime):
                    sheet.write_datetime(line, column, value, styles["instant"])
                elif isinstance(value, int):
                    sheet.write_number(line, column, value, styles["whole"])
                else:
                    sheet.write_string(line, column, value, styles["text"])

    return made(write)


def parts(book: bytes) -> dict[str, tuple[Any, bytes]]:
    with zipfile.ZipFile(io.BytesIO(book)) as there:
        return {entry.filename: (entry.date_time, there.read(entry)) for entry in there.infolist()}


@given(ROWS)
@example([["a & <b>", 1, None, datetime(2023, 2, 4, 8, 8, 43)]] * 4)
@example([[" đầu", "cuối ", "_x000D_", "\x01\x1f\ufffe"]] * 3)
@example([["0", 0, -1, datetime(2000, 1, 1)]] * 3)
@settings(max_examples=150, deadline=None)
def test_it_is_what_the_library_writes(rows: list[Row]) -> None:
    assert parts(fast(rows)) == parts(by_library(rows))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 2000])
def test_every_row_is_read_again_in_its_place(count: int) -> None:
    rows: list[Row] = [[f"H55.{place}", place, datetime(2023, 1, 1, 7, 0, place % 60)] for place in range(count)]
    book = load_workbook(io.BytesIO(fast(rows)))
    there = [[cell.value for cell in row] for row in book["Danh sách"].iter_rows(min_row=FIRST + 1)]
    assert there == rows or (not rows and not any(any(row) for row in there))
    assert book["Khác"]["A1"].value == 7


def test_columns_beyond_the_alphabet_have_their_names() -> None:
    rows: list[Row] = [[str(column) for column in range(60)]] * 3
    assert parts(fast(rows)) == parts(by_library(rows))


def test_the_same_rows_give_the_same_bytes() -> None:
    rows: list[Row] = [["a", 1, None]] * 50
    assert fast(rows) == fast(rows)
