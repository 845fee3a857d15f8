"""Files as offices make them: spreadsheets with titles and merged cells, two kinds of text, fixed to the byte.

Belongs here: the bytes of exports, decisions, catalogues and queue days. Does not: what stands in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from demo.province.one_stop import Export

#: Written into every workbook instead of the clock, so that the same seed gives the same bytes.
_CREATED = datetime(2023, 7, 1, 8, 0)  # noqa: DTZ001
#: This office's spreadsheet holds real dates in the column of receipts, the others hold text.
_NATIVE_DATES = "H55.28"
_GROUPS = (("Hồ sơ", 1, 4), ("Người nộp", 5, 7), ("Thời gian", 8, 10), ("Kết quả", 11, 12))

Sheet = tuple[str, str, Sequence[str], Iterable[Sequence[str]]]


def write_export(folder: Path, export: Export) -> Path:
    """<folder>/<unit>/<unit>_<day>.<layout>; gives the file."""
    target = folder / export.unit.own_agency / f"{export.stem}.{export.layout}"
    target.parent.mkdir(parents=True, exist_ok=True)
    if export.layout == "xlsx":
        _write_register(target, export)
    elif export.layout == "csv":
        export.rows.write_csv(target, include_bom=True, line_terminator="\r\n")
    else:
        title = f"SỔ THEO DÕI HỒ SƠ - {export.unit.name.upper()}\r\n"
        text = export.rows.write_csv(separator="\t", quote_style="necessary", line_terminator="\r\n")
        target.write_bytes((title + text).encode("utf-16"))
    return target


def write_sheets(target: Path, sheets: Iterable[Sheet]) -> Path:
    """A workbook of plain sheets: a title in row 1, column names in row 2, rows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _workbook(target) as book:
        for name, title, columns, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.write_string(0, 0, title)
            _write_rows(sheet, 1, [columns])
            _write_rows(sheet, 2, rows)
    return target


def write_queue_day(target: Path, rows: pl.DataFrame) -> Path:
    """The queue machine's file of a day."""
    target.parent.mkdir(parents=True, exist_ok=True)
    rows.write_csv(target, separator=";")
    return target


def _workbook(target: Path) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(str(target), {"strings_to_urls": False})
    book.set_properties({"created": _CREATED})
    return book


def _write_register(target: Path, export: Export) -> None:
    with _workbook(target) as book:
        sheet = book.add_worksheet("Sổ theo dõi")
        heading = book.add_format({"bold": True, "align": "center"})
        sheet.merge_range(0, 0, 0, len(export.rows.columns) - 1, f"ỦY BAN NHÂN DÂN {export.unit.name.upper()}", heading)
        day = export.stem[-8:]
        period = f"SỔ THEO DÕI HỒ SƠ MỘT CỬA, tính đến ngày {day[6:]}/{day[4:6]}/{day[:4]}"
        sheet.merge_range(1, 0, 1, len(export.rows.columns) - 1, period, heading)
        for name, first, last in _GROUPS:
            sheet.merge_range(3, first, 3, last, name, heading)
        _write_rows(sheet, 4, [export.rows.columns])
        _write_rows(sheet, 5, export.rows.iter_rows())
        if export.unit.agency == _NATIVE_DATES:
            stamp = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
            for row, text in enumerate(export.rows["Ngày tiếp nhận"], start=5):
                sheet.write_datetime(row, 8, datetime.strptime(text, "%d/%m/%Y %H:%M"), stamp)  # noqa: DTZ007


def _write_rows(sheet: Worksheet, first: int, rows: Iterable[Sequence[str]]) -> None:
    for number, row in enumerate(rows, start=first):
        for place, text in enumerate(row):
            if text:
                sheet.write_string(number, place, text)
