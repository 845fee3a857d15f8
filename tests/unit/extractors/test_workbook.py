"""Spreadsheets: native cells are judged like text, and what is no workbook is named."""

from __future__ import annotations

import random
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import xlsxwriter

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.records import ROW_HASH, ROW_NUMBER
from extractors.evidence import record_text
from extractors.row_hashes import RowHashes

FIELDS = [
    "key",
    {"name": "whole", "type": "integer"},
    {"name": "amount", "type": "number"},
    {"name": "yes", "type": "boolean", "true_values": ["S"], "false_values": ["N"]},
    {"name": "day", "type": "date", "format": "%d/%m/%Y"},
    {"name": "at", "type": "instant", "format": "%m/%d/%Y %I:%M:%S %p"},
]
NAMES = [field if isinstance(field, str) else field["name"] for field in FIELDS]
AT = datetime(2015, 7, 31, 16, 30, 5)


@pytest.fixture
def write(tmp_path):
    """Writes rows (first is the header) to a sheet and returns the file."""

    def run(rows, sheets=("Data",), start=0):
        file = tmp_path / "x.xlsx"
        book = xlsxwriter.Workbook(str(file), {"default_date_format": "yyyy-mm-dd hh:mm:ss"})
        for sheet in sheets:
            page = book.add_worksheet(sheet)
            for at, row in enumerate(rows, start):
                for column, cell in enumerate(row):
                    if isinstance(cell, str) and cell.startswith("#"):
                        page.write_formula(at, column, "=1/0", None, cell)
                    elif cell is not None:
                        page.write(at, column, cell)
        book.close()
        return file

    return run


@pytest.fixture
def run(source_of, outcome):
    """Reads a workbook by the fields above."""
    return lambda file, **layout: outcome(source_of(FIELDS, layout={"kind": "workbook", **layout}), file)


def test_native_cells_and_text_are_judged_alike(write, run):
    rows = [
        NAMES,
        [101001240734, 5, 1.25, True, date(2015, 1, 31), AT],
        ["101001240734", "5", "1.25", "S", "31/01/2015", "07/31/2015 04:30:05 PM"],
    ]
    result = run(write(rows))
    wanted = ("101001240734", 5, Decimal("1.25"), True, date(2015, 1, 31), datetime(2015, 7, 31, 20, 30, 5, tzinfo=UTC))
    assert result.rows.drop(ROW_HASH, ROW_NUMBER).rows() == [wanted, wanted]
    assert result.rows[ROW_NUMBER].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        (["k", 1.5], "whole", "is not an integer"),
        (["k", None, 1 / 7], "amount", "more than 10 decimal places"),
        (["k", None, None, "s"], "yes", "truth value"),
        (["k", None, None, None, AT], "day", "is not written as"),
        (["k", None, None, None, None, datetime(2015, 3, 8, 2, 30)], "at", "never was"),
        (["k", None, None, None, None, datetime(2015, 3, 8, 5, 30, 0, 250_000)], "at", "is not written as"),
        (["k", None, None, None, None, 42_000], "at", "is not written as"),
        ([None, 1], "key", "is empty"),
        (["k", "#DIV/0!"], "whole", "is a spreadsheet error"),
        (["#N/A", 1], "key", "is a spreadsheet error"),
        (["k", 1, None, None, None, None, "beyond"], "", "beyond the header's 6 columns"),
        ([], "", "the row is empty"),
    ],
)
def test_one_bad_row_is_quarantined(write, run, row, field, words):
    result = run(write([NAMES, ["a", 1], row, ["b", 2], [None, None], ["", ""]]))
    assert result.rows[ROW_NUMBER].to_list() == [2, 4], "blank rows at the end are no records"
    (fault,) = result.quarantine
    assert (fault.row_number, fault.field) == (3, field)
    assert words in fault.reason


def test_numbers_have_the_15_digits_a_spreadsheet_shows(tmp_path, write, run):
    file = tmp_path / "computed.xlsx"
    with zipfile.ZipFile(write([NAMES, ["a", 1, 0.3], ["b", 1, 1e-7]])) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b"<v>0.3</v>", b"<v>0.30000000000000004</v>"))
    assert run(file).rows["amount"].to_list() == [Decimal("0.3"), Decimal("0.0000001")]


def test_title_rows_and_sheets(write, run):
    file = write([["Báo cáo"], [], NAMES, ["a", 1]], sheets=("One", "Two"))
    assert run(file, sheet="Two", header_row=3).rows[ROW_NUMBER].to_list() == [4]
    for layout in ({"header_row": 3}, {"header_row": 3, "sheet": "Three"}):
        with pytest.raises(DeliveryRefused) as caught:
            run(file, **layout)
        assert caught.value.problem == DeliveryProblem.MALFORMED
        assert "'One', 'Two'" in caught.value.message


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "empty"),
        ([NAMES], "empty"),
        ([NAMES[:-1], ["a"]], "column_dropped"),
        ([[*NAMES, "zz"], ["a"]], "column_added"),
        ([[*NAMES, "at"], ["a"]], "column_repeated"),
        ([[*NAMES[:-2], "dayy", "at"], ["a"]], "column_renamed"),
        ([NAMES, *[["a", "x"]] * 20], "column_retyped"),
    ],
)
def test_refused_as_a_whole(write, run, rows, problem):
    with pytest.raises(DeliveryRefused) as caught:
        run(write(rows))
    assert caught.value.problem == DeliveryProblem(problem)


def test_what_is_no_workbook(tmp_path, run, write):
    whole = write([NAMES, ["a", 1]]).read_bytes()
    file = tmp_path / "y.xlsx"
    for data in (b"a,b\n1,2\n", whole[:2_000], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), b"PK\x03\x04"):
        file.write_bytes(data)
        with pytest.raises(DeliveryRefused) as caught:
            run(file)
        assert caught.value.problem == DeliveryProblem.NOT_A_WORKBOOK
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(DeliveryRefused) as caught:
        run(file)
    assert caught.value.problem == DeliveryProblem.NOT_A_WORKBOOK
    file.write_bytes(b"")
    with pytest.raises(DeliveryRefused) as caught:
        run(file)
    assert caught.value.problem == DeliveryProblem.EMPTY


def test_damaged_workbooks_are_refused_or_read_never_anything_else(tmp_path, run, write):
    whole = write([NAMES, *[[f"k{number}", number] for number in range(200)]]).read_bytes()
    chance = random.Random(1)
    file = tmp_path / "z.xlsx"
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        file.write_bytes(data)
        try:
            result = run(file)
        except DeliveryRefused:
            continue
        assert result.read == result.rows.height + result.quarantined_rows


def test_a_stray_cell_far_out_does_not_take_all_memory(tmp_path, run):
    file = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(str(file))
    page = book.add_worksheet()
    page.write_row(0, 0, NAMES)
    page.write(1_048_575, 16_383, " ")
    book.close()
    with pytest.raises(DeliveryRefused, match="reaches to row 1,048,576"):
        run(file)


def test_rows_are_found_again(write, run, source_of):
    rows = [NAMES, ["a", 1, 0.5, False, date(2015, 1, 1), AT], ["#N/A"], ["b", "2"], [], ["ế"]]
    file = write(rows)
    stream = source_of(FIELDS, layout={"kind": "workbook"}).streams[0]
    result = run(file)
    for number, digest in result.rows.select(ROW_NUMBER, ROW_HASH).iter_rows():
        assert bytes.fromhex(record_text(stream, file, number, RowHashes())[1]) == digest
    assert record_text(stream, file, 2, RowHashes())[0] == '["a",1,0.5,false,"2015-01-01","2015-07-31 16:30:05"]'
    assert record_text(stream, file, 3, RowHashes())[0] == '[{"error":"#N/A"}]'
