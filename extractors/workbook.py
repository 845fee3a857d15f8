"""Spreadsheets (XLSX) to text records: native cells are written out in the field's own form and judged like any text.

Belongs here: opening a workbook, header and blank rows, cells to text, the canonical form of a row. Does not: typing
(values.py) or the archive's XML (workbook_parts.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable
from contracts.records import QuarantinedField
from contracts.source import FieldContract, StreamContract, WorkbookLayout
from extractors.header import check_header, listed, plain_name
from extractors.moments import compile_format, render
from extractors.row_hashes import RowHashes
from extractors.text_records import TextRecords, row_text_schema, shown
from extractors.workbook_parts import CellError, NotAWorkbook, cell_errors

Cell = Any  # what python-calamine gives: str, float, int, bool, date, datetime, time, timedelta
_ROWS_A_BLOCK = 50_000
_BLANK = {"", None}


def read_workbook(
    stream: StreamContract, layout: WorkbookLayout, file: Path, name: str, hashes: RowHashes
) -> Iterator[TextRecords]:
    """The rows below the header, in blocks; `name` is the file's name for messages.

    Blank rows after the last one with a value are no records; anything else below the table (a line of totals, who signed)
    is a row like any other, and fails for want of its key. Raises SourceUnavailable and DeliveryRefused.
    """
    sheet = read_sheet(layout, file, name)
    rows = sheet.rows
    if len(rows) < layout.header_row:
        raise DeliveryRefused(
            DeliveryProblem.EMPTY, f"{name} holds no row {layout.header_row}, where its contract says the header is"
        )
    names = header_names(sheet, layout.header_row)
    check_header(stream, names, name)
    if len(rows) == layout.header_row and stream.empty == "refused":
        raise DeliveryRefused(DeliveryProblem.EMPTY, f"{name} holds a header and no row below it")
    for start in range(layout.header_row, len(rows), _ROWS_A_BLOCK):
        yield _records(stream, names, rows[start : start + _ROWS_A_BLOCK], start, sheet.errors, hashes)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows from its first on, without blank ones at the end; its cells in error by row (from 0); its merged
    ranges as ((row, column), (row, column)), both ends included."""

    rows: list[list[Cell]]
    errors: dict[int, list[CellError]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


def read_sheet(layout: WorkbookLayout, file: Path, name: str) -> Sheet:
    """The sheet that the layout names.

    Raises SourceUnavailable, and DeliveryRefused (NOT_A_WORKBOOK, or MALFORMED when the sheet is not there).
    """
    _refuse_other_kinds(file, name)
    try:
        workbook = CalamineWorkbook.from_path(str(file))
        wanted = _sheet_name(layout, workbook.sheet_names, name)
        errors: dict[int, list[CellError]] = {}
        for error in cell_errors(file, wanted):
            errors.setdefault(error.row, []).append(error)
        sheet = workbook.get_sheet_by_name(wanted)
        rows = sheet.to_python(skip_empty_area=False)
        merged = list(sheet.merged_cell_ranges or ())
    except (CalamineError, NotAWorkbook) as error:
        raise _no_workbook(name, str(error)) from error
    except BaseException as error:
        # The reader is written in Rust; where it does not expect what it finds, it panics with a type of its own.
        if type(error).__name__ != "PanicException":
            raise
        raise _no_workbook(name, "its inside is damaged") from error
    while rows and _is_blank(rows[-1]) and len(rows) - 1 not in errors:
        rows.pop()
    return Sheet(rows, errors, merged)


def header_names(sheet: Sheet, header_row: int) -> list[str]:
    """The column names in the header row (from 1), each on one line.

    Offices merge the header of a column without a group with the row of groups above it; its name then stands there.
    """
    cells = list(sheet.rows[header_row - 1])
    for (top, left), (bottom, right) in sheet.merged:
        if left == right and top < header_row - 1 <= bottom and left < len(cells) and left < len(sheet.rows[top]):
            cells[left] = sheet.rows[top][left]
    names = ["" if cell in _BLANK else " ".join(plain_name(str(_plain(cell))).split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def canonical_row(cells: Sequence[Cell], errors: Sequence[CellError] = ()) -> bytes:
    """A row's own text: a JSON list of its cells up to the last filled one, dates as ISO 8601."""
    values: list[Any] = [_plain(cell) for cell in cells]
    for error in errors:
        values += [None] * (error.column + 1 - len(values))
        values[error.column] = {"error": error.text}
    while values and values[-1] is None:
        values.pop()
    return orjson.dumps(values)


def _refuse_other_kinds(file: Path, name: str) -> None:
    try:
        with file.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise SourceUnavailable(f"{file.name} cannot be read: {error.strerror or error}") from error
    if not start:
        raise DeliveryRefused(DeliveryProblem.EMPTY, f"{name} has 0 bytes", hint="ask the source for the file again")
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _no_workbook(name, "it is encrypted, or in the format of Excel 97 to 2003")
    if not start.startswith(b"PK"):
        raise _no_workbook(name, "it does not begin like one")


def _no_workbook(name: str, why: str) -> DeliveryRefused:
    return DeliveryRefused(
        DeliveryProblem.NOT_A_WORKBOOK,
        f"{name} is no workbook that can be read: {why}",
        hint="save it as .xlsx without a password, and deliver it again",
    )


def _sheet_name(layout: WorkbookLayout, names: list[str], name: str) -> str:
    if layout.sheet is None and len(names) == 1:
        return names[0]
    if layout.sheet in names:
        return str(layout.sheet)
    wanted = f"no sheet {layout.sheet!r}" if layout.sheet else f"{len(names)} sheets, and the contract names none"
    raise DeliveryRefused(DeliveryProblem.MALFORMED, f"{name} has {wanted}; it holds {listed(names)}")


def _records(
    stream: StreamContract,
    names: list[str],
    rows: list[list[Cell]],
    start: int,
    errors: dict[int, list[CellError]],
    hashes: RowHashes,
) -> TextRecords:
    place = {column: at for at, column in enumerate(names)}
    fields = [(field, place[field.name]) for field in stream.fields]
    texts: dict[str, list[str | None]] = {field.name: [] for field in stream.fields}
    numbers: list[int] = []
    own_texts: list[bytes] = []
    unreadable: list[QuarantinedField] = []
    field_faults: list[QuarantinedField] = []
    for index, cells in enumerate(rows, start):
        in_error = errors.get(index, [])
        own_text = canonical_row(cells, in_error)
        fault = _row_fault(cells, in_error, len(names))
        if fault:
            unreadable.append(QuarantinedField(index + 1, "", shown(own_text), fault))
            continue
        numbers.append(index + 1)
        own_texts.append(own_text)
        for field, at in fields:
            texts[field.name].append(_text(cells[at], field) if at < len(cells) else None)
        for error in in_error:
            field_faults.append(QuarantinedField(index + 1, names[error.column], error.text, "is a spreadsheet error"))
        field_faults += _nul_faults(texts, index + 1)
    return TextRecords(
        pl.DataFrame(texts, schema=row_text_schema(list(texts))),
        numbers,
        hashes.of(pl.Series("record", own_texts, dtype=pl.Binary)),
        tuple(unreadable),
        tuple(field_faults),
    )


def _row_fault(cells: list[Cell], errors: Sequence[CellError], columns: int) -> str:
    if _is_blank(cells) and not errors:
        return "the row is empty"
    if not _is_blank(cells[columns:]) or any(error.column >= columns for error in errors):
        return f"the row has values beyond the header's {columns} columns"
    return ""


def _nul_faults(texts: dict[str, list[str | None]], number: int) -> list[QuarantinedField]:
    faults = []
    for name, values in texts.items():
        value = values[-1]
        if value is not None and "\0" in value:
            faults.append(QuarantinedField(number, name, shown(value), "holds a NUL character"))
            values[-1] = None
    return faults


def _is_blank(cells: Sequence[Cell]) -> bool:
    return all(cell in _BLANK or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _text(cell: Cell, field: FieldContract) -> str | None:
    """A cell as the source would have written it in text. What its format cannot say whole stays ISO and fails."""
    if isinstance(cell, str) or cell is None:
        return cell or None
    if isinstance(cell, bool):
        if field.type == "boolean":
            return (field.true_values if cell else field.false_values)[0]
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, date) and field.type in {"date", "instant"}:
        return _moment_text(cell, field.format or "")
    if isinstance(cell, float) and field.type == "number":
        # A spreadsheet's numbers have 15 digits; the 16th and 17th of what was computed are noise of the binary form.
        return f"{Decimal(f'{cell:.15g}'):f}"
    return str(_plain(cell))


def _moment_text(cell: date, text_format: str) -> str:
    moment = compile_format(text_format)
    whole = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
    lost_time = whole.time() != time() and not moment.has_time
    lost_fraction = whole.microsecond and "fraction" not in moment.parts
    lost_seconds = whole.second and "second" not in moment.parts
    if lost_time or lost_fraction or lost_seconds or moment.has_offset:
        return whole.isoformat(sep=" ")
    return render(whole, moment)


def _plain(cell: Cell) -> str | int | float | bool | None:
    """A cell as JSON has it; numbers without a fraction are whole as long as a float tells them apart."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if cell is None or cell == "":
        return None
    return cell if isinstance(cell, bool | int) else str(cell)
