"""The files for offices, opened again and compared with the published tables cell by cell; their formulas worked out apart.

Belongs here: `motcua office` over a whole run. Does not: formulas without a database (tests/unit/reporting/test_form_cells.py).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from demo.box import CONFIG
from tests.in_process import finished
from tests.integration.province.made_province import ZONE, Province
from tests.spreadsheets import Book

FILES = (
    "ii06a.xlsx", "ii06a.pdf", "ii06a_levels.xlsx", "ii06a_levels.pdf", "ii07b.xlsx", "ii07b.pdf", "late_dossiers.xlsx",
    "inspection.xlsx",
)  # fmt: skip
#: Columns of II.06a as the printed form numbers them, (3) in C, and the note beside the form.
COLUMNS = {
    "C": "received_total", "D": "received_online", "E": "received_direct_postal", "F": "carried_over", "G": "resolved_total",
    "H": "early", "I": "on_time", "J": "late", "K": "pending_total", "L": "pending_in_time", "M": "pending_overdue",
    "O": "closed_otherwise", "P": "resolved_no_due", "Q": "pending_no_due",
}  # fmt: skip
TOTALS = ("C", "G", "K")
LEVELS = ("total", "province", "district", "commune")
WORDS = {"early": "trước hạn", "on_due_day": "đúng hạn", "late": "quá hạn", "no_due": "không có ngày hẹn trả"}
FIRST = 11


def _office(province: Province, out: Path, period: str = "2023H1") -> dict[str, bytes]:
    told = finished(
        (
            "office",
            "--period",
            period,
            "--out",
            str(out),
            "--config",
            str(CONFIG),
            "--database",
            province.database.name,
        ),
        {},
    )
    assert told.returncode == 0, told.stderr
    return {file.name: file.read_bytes() for file in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def written(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("biểu mẫu")
    assert sorted(_office(province, folder)) == sorted(FILES)
    return folder


@pytest.mark.parametrize(("file", "variant"), [("ii06a.xlsx", "fields"), ("ii06a_levels.xlsx", "levels")])
def test_form_ii06a_cell_by_cell(province: Province, written: Path, file: str, variant: str) -> None:
    book = Book(written / file)
    rows = province.ask(
        f"select row_kind, coalesce(ordinal, ''), {', '.join(COLUMNS.values())} from marts.rpt_form_ii06a"
        " where period = '2023H1' and policy = 'day' and variant = %s order by row_place",
        variant,
    )
    assert len(rows) > 20
    for line, (kind, ordinal, *values) in enumerate(rows, FIRST):
        published = dict(zip(COLUMNS, values, strict=True))
        assert (book.shown("II.06a", f"A{line}") or "") == ordinal
        assert {letter: book.shown("II.06a", f"{letter}{line}") for letter in COLUMNS} == published, line
        assert {letter: book.worked_out("II.06a", f"{letter}{line}") for letter in COLUMNS} == published, line
        # What the form adds up is added up in the file; only lines are typed in.
        added_up = {letter for letter in COLUMNS if book.formula("II.06a", f"{letter}{line}")}
        assert added_up == (set(TOTALS) if kind == "line" else set(COLUMNS)), line
        assert book.worked_out("II.06a", f"R{line}") == book.shown("II.06a", f"R{line}") == 0
    assert [kind for kind, *_ in rows].count("group") == 3 and rows[-1][0] == "total"


def test_the_head_and_the_foot_of_the_form(written: Path) -> None:
    cells = [
        cell.value
        for row in Book(written / "ii06a_levels.xlsx").spelt["II.06a"].iter_rows()
        for cell in row
        if cell.value
    ]
    for text in (
        "Biểu số II.06a/VPCP/KSTT", "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH", "(06 các cấp)",
        "Đơn vị báo cáo: Tỉnh Thái Nguyên", "Kỳ báo cáo: 6 tháng đầu năm 2023", "(Từ ngày 1/1/2023 đến ngày 30/6/2023)",
        "Đơn vị tính: Số hồ sơ TTHC", "(3)=(4)+(5)+(6)", "(7)=(8)+(9)+(10)", "(11)=(12)+(13)", "NGƯỜI LẬP BIỂU",
        "THỦ TRƯỞNG ĐƠN VỊ", "Thành phố Phổ Yên",
    ):  # fmt: skip
        assert text in cells, text
    # What the figures lack stands below them, as it does everywhere else.
    assert any("Huyện Phú Lương" in str(cell) and "còn thiếu" in str(cell) for cell in cells)


def test_form_ii07b_cell_by_cell(province: Province, written: Path) -> None:
    book = Book(written / "ii07b.xlsx")
    for block, letters, note in (
        ("in_authority", "CDEF", "P"), ("one_stop", "GHIJ", "Q"), ("workflow", "KLMN", "R"),
    ):  # fmt: skip
        [published] = province.ask(
            f"select {', '.join(f'{block}_{level}' for level in LEVELS)}, {block}_no_level, {block}_at_province,"
            f" {block}_at_district, {block}_at_commune from marts.rpt_form_ii07b where period = '2023H1'"
        )
        places = [*(f"{letter}{FIRST}" for letter in (*letters, note)), *(f"{x}{FIRST + 1}" for x in letters[1:])]
        assert tuple(book.shown("II.07b", cell) for cell in places) == published
        assert tuple(book.worked_out("II.07b", cell) for cell in places) == published
        assert book.formula("II.07b", f"{letters[0]}{FIRST}")
    assert book.shown("II.07b", f"C{FIRST}") == 1878


def _lines_of(pdf: Path) -> list[list[int]]:
    """Of each printed line the whole numbers in its figures' columns, a dash left out, as a common reader finds them."""
    lines = []
    for page in PdfReader(pdf).pages:
        for line in page.extract_text(extraction_mode="layout").splitlines():
            words = re.split(r" {2,}", line.strip())
            figures = [word for word in words if re.fullmatch(r"-?\d{1,3}(\.\d{3})*|–", word)]
            lines.append([int(figure.replace(".", "")) for figure in figures if figure != "–"])
    return lines


@pytest.mark.parametrize(("file", "variant"), [("ii06a.pdf", "fields"), ("ii06a_levels.pdf", "levels")])
def test_form_ii06a_on_paper(province: Province, written: Path, file: str, variant: str) -> None:
    published = province.ask(
        f"select {', '.join(COLUMNS.values())} from marts.rpt_form_ii06a"
        " where period = '2023H1' and policy = 'day' and variant = %s order by row_place",
        variant,
    )
    # The last column is what is left of 3 - 7 - 11 - closed otherwise; an ordinal may stand before the first.
    printed = [line[-15:] for line in _lines_of(written / file) if len(line) >= 15]
    assert printed == [[*row, 0] for row in published]


def test_form_ii07b_on_paper(province: Province, written: Path) -> None:
    blocks = ("in_authority", "one_stop", "workflow")
    [once] = province.ask(
        f"select {', '.join(f'{block}_{level}' for block in blocks for level in LEVELS)} from marts.rpt_form_ii07b"
        " where period = '2023H1'"
    )
    [at_each] = province.ask(
        f"select {', '.join(f'{block}_at_{level}' for block in blocks for level in LEVELS[1:])} from marts.rpt_form_ii07b"
        " where period = '2023H1'"
    )
    first, second = [line for line in _lines_of(written / "ii07b.pdf") if len(line) >= 9]
    assert first[0] == 1 and tuple(first[1:13]) == once
    assert tuple(second) == at_each


def test_every_dossier_of_the_inspectors_table(province: Province, written: Path) -> None:
    book = Book(written / "inspection.xlsx")
    sheet = book.spelt["Hồ sơ đã giải quyết"]
    there = [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=5)]
    published = province.ask(
        "select d.dossier_code, v.verdict, v.due_at, v.resolved_at, d.source, d.file_sha256, d.row_number,"
        " (select release_id from release.pointer) from marts.fct_dossier as d"
        " inner join marts.fct_dossier_verdict as v on v.dossier_key = d.dossier_key and v.policy = 'day'"
        " where d.resolved_at >= '2023-01-01 00:00:00+07' and d.resolved_at < '2023-07-01 00:00:00+07'"
        " and d.closed_otherwise_at is null"
    )
    truth: dict[str, Any] = province.truth()["half_year"]
    assert len(there) == len(published) == truth["resolved"]
    assert there == sorted(there, key=lambda row: row[0].encode())
    assert {(row[0], *row[2:]) for row in there} == {
        (code, WORDS[verdict], _local(due), _local(resolved), *evidence)
        for code, verdict, due, resolved, *evidence in published
    }
    summary = "Đối chiếu với biểu II.06a"
    for line, name in enumerate(("early", "on_due_day", "late", "resolved"), 2):
        assert book.worked_out(summary, f"B{line}") == book.shown(summary, f"B{line}") == truth[name], name
        assert book.shown(summary, f"C{line}") == truth[name]
        assert book.worked_out(summary, f"D{line}") == book.shown(summary, f"D{line}") == 0


def test_the_table_begins_with_the_period_and_ends_before_its_end(
    copy_of_province: Callable[[str], Province], tmp_path: Path
) -> None:
    copy = copy_of_province("province_edges")
    codes = copy.ask(
        "select d.dossier_code from marts.fct_dossier_verdict as v inner join marts.fct_dossier as d using (dossier_key)"
        " where v.policy = 'day' and v.verdict = 'late' and v.resolved_at >= '2023-02-01' and v.resolved_at < '2023-06-01'"
        " order by d.dossier_code limit 2"
    )
    with copy.database.connect() as connection:
        for (code,), moment in zip(codes, ("2023-01-01 00:00:00+07", "2023-07-01 00:00:00+07"), strict=True):
            connection.execute(
                "update marts.fct_dossier_verdict as v set resolved_at = %s from marts.fct_dossier as d"
                " where d.dossier_key = v.dossier_key and d.dossier_code = %s",
                (moment, code),
            )
    _office(copy, tmp_path)
    book, summary = Book(tmp_path / "inspection.xlsx"), "Đối chiếu với biểu II.06a"
    there = {row[0].value for row in book.spelt["Hồ sơ đã giải quyết"].iter_rows(min_row=5)}
    assert [code in there for (code,) in codes] == [True, False]
    # The form still counts both: the file says that list and form differ, and by how much.
    assert book.worked_out(summary, "D4") == book.shown(summary, "D4") == -1


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None, microsecond=0)


def test_the_late_list(province: Province, written: Path) -> None:
    sheet = Book(written / "late_dossiers.xlsx").spelt["Hồ sơ quá hạn"]
    head = [cell.value for cell in sheet[4]]
    there = {
        row[1].value: dict(zip(head, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=5)
    }
    published = province.ask(
        "select l.dossier_code, l.days_late, l.file_sha256, l.row_number, l.due_at, l.resolved_at, l.verdict, u.unit_name"
        " from marts.rpt_late_dossier as l inner join marts.dim_unit as u on u.unit_key = l.unit_key and u.is_current"
    )
    assert set(there) == {row[0] for row in published} and len(there) == len(published) > 20
    for code, days, sha, number, due, resolved, verdict, unit in published:
        row = there[code]
        assert (row["Số ngày quá hạn"], row["SHA-256 của tệp gốc"], row["Dòng trong tệp"]) == (days, sha, number)
        assert (row["Ngày hẹn trả"], row["Ngày giải quyết xong"]) == (_local(due), _local(resolved))
        assert row["Kết luận"] == ("quá hạn" if verdict == "late" else "đang giải quyết, đã quá hạn")
        assert row["Đơn vị giải quyết"] == unit
    # A released table names no applicant, and so no file does.
    assert not [name for name in head if "người" in name.lower()]


def test_the_same_release_gives_the_same_bytes(province: Province, written: Path, tmp_path: Path) -> None:
    again = _office(province, tmp_path)
    assert again == {file.name: file.read_bytes() for file in written.iterdir()}
    for name in (name for name in FILES if name.endswith(".xlsx")):
        with zipfile.ZipFile(written / name) as archive:
            # No clock anywhere: neither in the archive nor in what the document says of itself.
            assert {info.date_time[:2] for info in archive.infolist()} == {(1980, 1)}, name
            told = archive.read("docProps/core.xml").decode()
        assert told.count("2023-07-01T00:00:00Z") == 2 and "<dc:creator></dc:creator>" in told, name
    quarter = _office(province, tmp_path, "2023Q1")
    assert all(quarter[name] != again[name] for name in FILES)
