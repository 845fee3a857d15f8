"""Decisions and catalogue as the files tell them: the article's numbers, and the traps beside them."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from demo.province.generate import generate


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("province")
    generate(made, scale=0.001)
    return made


def _rows(file: Path, sheet: str) -> list[dict[str, str]]:
    rows = CalamineWorkbook.from_path(file).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [dict(zip(map(str, rows[1]), map(str, row), strict=True)) for row in rows[2:]]


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def _decisions(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    return [
        (file, _rows(file, "Quyết định")[0]) for file in sorted((folder / "decisions" / "decisions").glob("*.xlsx"))
    ]


def test_thirty_decisions_signed_with_746_procedures(folder: Path) -> None:
    signed = [file for file, head in _decisions(folder) if _day(head["Ngày ký"]) >= date(2023, 1, 1)]
    assert len(signed) == 30
    assert sum(len(_rows(file, "Ban hành mới")) for file in signed) == 365
    assert sum(len(_rows(file, "Bãi bỏ")) for file in signed) == 381
    by_effect = [
        head for _, head in _decisions(folder) if date(2023, 1, 1) <= _day(head["Ngày hiệu lực"]) < date(2023, 7, 1)
    ]
    assert len(by_effect) != 30


def test_the_lists_turn_the_first_catalogue_into_the_second(folder: Path) -> None:
    catalogues = folder / "decisions" / "catalogue"
    begin, end = (
        {row["Mã số"]: row for row in _rows(catalogues / f"danh_muc_{day}.xlsx", "Danh mục")}
        for day in ("20221231", "20230630")
    )
    assert (len(begin), len(end)) == (1_894, 1_878)
    by_name = {row["Tên"]: code for code, row in end.items()}
    come, gone, uncoded = set(), set(), 0
    for file, head in _decisions(folder):
        if _day(head["Ngày hiệu lực"]) >= date(2023, 7, 1):
            continue
        for row in _rows(file, "Ban hành mới"):
            uncoded += not row["Mã TTHC"]
            come.add(row["Mã TTHC"] or by_name[row["Tên TTHC"]])
        gone |= {row["Mã TTHC"] for row in _rows(file, "Bãi bỏ")}
        for row in _rows(file, "Sửa đổi, bổ sung"):
            if row["Nội dung sửa đổi"] == "Thay thế":
                gone.add(row["Mã TTHC"])
                come.add(row["Mã TTHC thay thế"])
    assert uncoded == 12
    assert (begin.keys() - gone) | come == end.keys()
    levels = [
        min(("Tỉnh", "Huyện", "Xã").index(level) for level in row["Cơ quan thực hiện"].split(";"))
        for row in end.values()
    ]
    assert [levels.count(level) for level in range(3)] == [1_464, 286, 128]


def test_the_provinces_table_knows_more_than_is_in_force(folder: Path) -> None:
    table = pl.read_parquet(folder / "provincial" / "ThuTucs.parquet")
    codes = [row["Mã số"] for row in _rows(folder / "decisions" / "catalogue" / "danh_muc_20230630.xlsx", "Danh mục")]
    in_force = table.filter(pl.col("MaTTHC").is_in(codes))
    same = ["LIEN_THONG_CUNG_CAP", "LIEN_THONG_SO_VPUB"]
    linked = in_force.filter(pl.col("LienThong") != "KHONG_LIEN_THONG")
    assert in_force.height == 1_878 < table.height
    assert linked.filter(pl.col("LienThong").is_in(same)).height == 73
    assert linked.filter(~pl.col("LienThong").is_in(same)).height == 59
    assert in_force["CoQuyTrinhNoiBo"].all()
    # Counting the table instead of what is in force gives too many of each.
    assert table.filter(pl.col("LienThong").is_in(same)).height > 73
    assert not table["CoQuyTrinhNoiBo"].all()


def test_visits_are_tickets_with_a_time(folder: Path) -> None:
    files = sorted((folder / "centre").glob("*/luot_*.csv"))
    rows = pl.concat([pl.read_csv(file, separator=";", infer_schema=False) for file in files])
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["visits"]
    assert rows.filter(pl.col("Lấy số").str.contains(r"^\d\d/\d\d/2023 ")).height == told
    assert rows.select("Ngày", "Số vé").is_duplicated().sum() == 0
