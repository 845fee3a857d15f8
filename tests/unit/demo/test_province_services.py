"""Ratings, petitions, payments, digitisation: the generator's own count against its files, read by other means; what is
planted stands there; nothing else of the province has moved for them.

Belongs here: the files. Does not: the pipeline (tests/integration/service_figures.py).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from demo.province import figures
from demo.province.generate import advance, generate

END = datetime(2023, 7, 1)
Tables = Callable[[str], pl.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("province")
    generate(made, scale=0.05)
    return made


def _tables(folder: Path) -> Tables:
    return lambda name: pl.read_parquet(folder / f"{name}.parquet")


def _truth(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["services"]
    return told


def _counted(read: Tables, at: datetime) -> dict[str, int]:
    """From the tables as they stand, knowing nothing of how they were made."""
    ratings, petitions = read("provincial/DanhGiaHoSos"), read("provincial/PhanAnhKienNghis")
    payments, dossiers = read("provincial/YeuCauThanhToans"), read("provincial/HoSos")
    held = set(dossiers["MaHoSo"])
    known = ratings.filter(pl.col("MaHoSo").is_in(held))
    scored = known.filter(pl.col("MucDoHaiLong").is_between(1, 5))
    once = payments.unique(["MaHoSo", "SoTien", "HinhThuc", "NgayThanhToan"])
    paid = once.filter(pl.col("NgayThanhToan") < at)
    strange = pl.col("NgayTraLoi") < pl.col("NgayTiepNhan")
    answered = petitions.filter(pl.col("NgayTraLoi").is_not_null())
    usual = answered.filter(~strange)
    open_ones = petitions.filter(pl.col("NgayTraLoi").is_null())
    late = pl.col("NgayTraLoi").dt.date() > pl.col("HanTraLoi").dt.date()
    return {
        "ratings": ratings.height,
        "ratings_of_unknown": ratings.height - known.height,
        "ratings_scored": scored.height,
        "ratings_satisfied": scored.filter(pl.col("MucDoHaiLong") >= 4).height,
        "payments_asked": once.height,
        "payments_paid": paid.height,
        "payments_online": paid.filter(pl.col("HinhThuc").is_in([1, 2])).height,
        "payments_repeated": payments.height - once.height,
        "amount_asked": once["SoTien"].sum(),
        "amount_paid": paid["SoTien"].sum(),
        "petitions": petitions.height,
        "petitions_in_time": usual.filter(~late).height,
        "petitions_late": usual.filter(late).height,
        "petitions_time_unknown": answered.filter(strange).height,
        "petitions_pending": open_ones.filter(pl.col("HanTraLoi").dt.date() >= at.date()).height,
        "petitions_overdue": open_ones.filter(pl.col("HanTraLoi").dt.date() < at.date()).height,
        "petitions_judged": petitions["HaiLong"].count(),
        "petitions_satisfied": petitions["HaiLong"].sum(),
        "results_digitised": _of_counted(dossiers)["DaSoHoaKetQua"].sum(),
        "data_reused": _of_counted(dossiers)["TaiSuDungDuLieuSoHoa"].sum(),
        "dossiers_in_province": _of_counted(dossiers).height,
    }


def _of_counted(dossiers: pl.DataFrame) -> pl.DataFrame:
    return dossiers.filter(pl.col("NgayTiepNhan").is_not_null(), pl.col("DeletedOn").is_null())


def test_the_tables_counted_again_give_the_true_figures(folder: Path, tmp_path: Path) -> None:
    counted = _counted(_tables(folder), END)
    told = _truth(folder)["total"]
    assert counted == {name: told[name] for name in counted}
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    advance(tmp_path, 40)
    later, told_later = _counted(_tables(tmp_path), datetime(2023, 8, 10)), _truth(tmp_path)["total"]
    assert later == {name: told_later[name] for name in later}
    for name in ("ratings", "petitions", "petitions_in_time", "payments_asked", "payments_paid"):
        assert later[name] > counted[name], name


def test_parts_add_up_to_the_whole(folder: Path) -> None:
    told = _truth(folder)
    for parts in ("by_month", "by_district"):
        for name, whole in told["total"].items():
            assert sum(part[name] for part in told[parts]) == whole, (parts, name)


def test_on_the_portal_it_stands_as_it_is_told(folder: Path) -> None:
    portal = pl.read_parquet(folder / "portal" / "LayDanhSachHoSo.parquet")
    coverage = pl.read_parquet(folder / "coverage.parquet").filter("counted", "in_portal")
    rows = portal.join(coverage.select("dossier_code", MaHoSo="portal_code"), on="MaHoSo")
    seven = pl.col("DSKetNoiCSDL").str.contains(r"\b7\b")
    told = _truth(folder)["total"]
    assert {
        "dossiers_on_portal": rows.height,
        "parts_digitised": rows.filter(pl.col("HoSoCoThanhPhanSoHoa") == "1").height,
        "population_linked": rows.filter(seven).height,
        "accounts_verified": rows.filter(pl.col("TaiKhoanDuocXacThucVoiVNeID") == "1").height,
        "fees_on_portal": rows.filter(pl.col("DuocThanhToanTrucTuyen") != "0").height,
        "fees_online_on_portal": rows.filter(pl.col("DuocThanhToanTrucTuyen").is_in(["1", "2"])).height,
    }.items() <= told.items()


def test_essential_services_are_as_many_as_the_project_lists(folder: Path) -> None:
    rows = pl.read_parquet(folder / "provincial" / "ThuTucs.parquet").filter("DichVuThietYeu")
    assert rows.height == _truth(folder)["essential_procedures_in_force"] == figures.ESSENTIAL == 25
    assert {"Đăng ký khai sinh", "Đăng ký khai tử", "Đăng ký kết hôn"} <= set(rows["TenTTHC"])


def test_what_the_ledger_says_was_planted_stands_there(folder: Path) -> None:
    ledger, read = pl.read_parquet(folder / "ledger.parquet"), _tables(folder)
    ratings, payments = read("provincial/DanhGiaHoSos"), read("provincial/YeuCauThanhToans")
    planted = {
        kind: ledger.filter(pl.col("kind") == kind)
        for kind in (
            "x11_rating_of_unknown_dossier", "x12_rating_out_of_range", "x13_payment_twice",
            "x14_petition_answered_before_received",
        )
    }  # fmt: skip
    assert {kind: rows.height for kind, rows in planted.items()} == {
        "x11_rating_of_unknown_dossier": 2, "x12_rating_out_of_range": 2, "x13_payment_twice": 2,
        "x14_petition_answered_before_received": 1,
    }  # fmt: skip
    unknown = set(planted["x11_rating_of_unknown_dossier"]["planted_value"])
    assert unknown <= set(ratings["MaHoSo"])
    assert not unknown & set(pl.read_parquet(folder / "coverage.parquet")["dossier_code"])
    wrong = ratings.filter(~pl.col("MucDoHaiLong").is_between(1, 5))
    assert sorted(wrong["MucDoHaiLong"].cast(pl.String)) == sorted(planted["x12_rating_out_of_range"]["planted_value"])
    assert set(planted["x13_payment_twice"]["planted_value"]) <= set(payments["Id"].cast(pl.String))
    petitions = read("provincial/PhanAnhKienNghis").filter(pl.col("NgayTraLoi") < pl.col("NgayTiepNhan"))
    assert petitions["MaPAKN"].to_list() == planted["x14_petition_answered_before_received"]["expected"].to_list()


def test_petitions_come_and_are_rated_after_what_they_are_about(folder: Path) -> None:
    read = _tables(folder)
    dossiers = read("provincial/HoSos").select("MaHoSo", received="NgayTiepNhan", unit="DonViId")
    petitions = read("provincial/PhanAnhKienNghis").join(dossiers, on="MaHoSo")
    assert petitions.height > 10
    assert petitions.filter(pl.col("received") > pl.col("NgayTiepNhan")).height == 0
    assert petitions.filter(pl.col("unit") != pl.col("DonViId")).height == 0
    ratings = read("provincial/DanhGiaHoSos").join(dossiers, on="MaHoSo")
    assert ratings.filter(pl.col("received") > pl.col("NgayDanhGia")).height == 0
    assert read("provincial/PhanAnhKienNghis")["NgayTiepNhan"].dt.date().min() >= date(2023, 1, 1)
