"""Rows of a provincial system for the benchmark of tables: the shape and the share of nulls of the real thing, any number.

Belongs here: making them, vectorised, the same every time. Does not: believable stories (demo/province tells those).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl

from demo.provincial.load import load
from orchestration.settings import PROJECT

DOSSIERS, STEPS = 340_000, 2_000_000
_BEGIN = np.datetime64("2023-01-01T07:00:00", "us")
_HALF_YEAR = 181 * 86_400


def fill(folder: Path, url: str) -> None:
    """Makes the rows and loads them into the database, in a process of its own: what it takes is not measured here."""
    subprocess.run(
        [sys.executable, "-m", "benchmarks.made_province", str(folder)],
        input=url, text=True, check=True, cwd=PROJECT,
    )  # fmt: skip


def make(folder: Path, dossiers: int = DOSSIERS, steps: int = STEPS) -> None:
    """Writes <folder>/provincial/<Table>.parquet, the tables beside the two large ones nearly empty."""
    target = folder / "provincial"
    target.mkdir(parents=True)
    rng = np.random.default_rng(2023)
    codes, received = _codes(rng, dossiers)
    _dossiers(rng, codes, received).write_parquet(target / "HoSos.parquet")
    _steps(rng, codes, received, steps).write_parquet(target / "QuaTrinhXuLyHoSos.parquet")
    moment = pl.Series([_BEGIN.item()], dtype=pl.Datetime("us"))
    first = {"Id": [1], "MaHoSo": [codes[0]]}
    rest: dict[str, dict[str, object]] = {
        "HoSoBoSungs": first
        | dict.fromkeys(("NgayBoSung", "NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi", "UpdatedOn"), moment)
        | {"TrangThaiBoSung": ["Đã bổ sung"], "DeletedOn": pl.Series([None], dtype=pl.Datetime("us"))},
        "DuThaoXuLyHoSos": first
        | dict.fromkeys(("NgayDuThao", "NgayGui", "NgayHenTraMoi", "UpdatedOn"), moment)
        | {"LoaiDuThao": ["Thư xin lỗi"]},
        "YeuCauThanhToans": first
        | dict.fromkeys(("NgayThanhToan", "UpdatedOn"), moment)
        | {"SoTien": [50_000], "HinhThuc": [1]},
        "DanhGiaHoSos": first
        | dict.fromkeys(("NgayDanhGia", "UpdatedOn"), moment)
        | {"MucDoHaiLong": [5], "KenhDanhGia": [1], "SoDienThoai": ["0000000001"]},
        "PhanAnhKienNghis": first
        | dict.fromkeys(("NgayTiepNhan", "HanTraLoi", "NgayTraLoi", "UpdatedOn"), moment)
        | {"MaPAKN": ["PAKN-1"], "DonViId": [1], "KenhTiepNhan": [1], "HaiLong": [True], "SoDienThoai": ["0000000001"]},
        "ThuTucs": {
            "MaTTHC": ["1.000001"], "TenTTHC": ["Cấp giấy xác nhận"], "MaLinhVuc": ["LV01"], "TenLinhVuc": ["Hộ tịch"],
            "ThoiGianThucHien": [3], "LoaiThoiGianThucHien": ["Ngày làm việc"], "LienThong": ["KHONG_LIEN_THONG"],
            "CoQuyTrinhNoiBo": [True], "DichVuThietYeu": [False],
        },
        "DonViThuTucs": {"MaTTHC": ["1.000001"], "DonViId": [1], "MucDo": [4]},
        "Groups": {
            "Id": [1], "MaDinhDanh": ["H55.1"], "Ten": ["Sở Thử Nghiệm"], "Cap": [1],
            "ParentId": pl.Series([None], dtype=pl.Int64), "MaHanhChinh": pl.Series([None], dtype=pl.String),
        },
        "NgayNghis": {"Date": [_BEGIN.item().date()], "Description": ["Tết Dương lịch"]},
    }  # fmt: skip
    for table, columns in rest.items():
        pl.DataFrame(columns).write_parquet(target / f"{table}.parquet")


def _codes(rng: np.random.Generator, rows: int) -> tuple[pl.Series, pl.Series]:
    seconds = np.sort(rng.integers(0, _HALF_YEAR, rows))
    received = pl.Series("received", _BEGIN + seconds.astype("timedelta64[s]"))
    number = pl.Series("number", np.arange(rows))
    made = pl.select(
        pl.format(
            "H55.{}-{}-{}",
            pl.Series("unit", rng.integers(1, 187, rows)),
            received.dt.strftime("%y%m%d"),
            number.cast(pl.String).str.zfill(6),
        ).alias("code")
    )
    return made["code"], received


def _dossiers(rng: np.random.Generator, codes: pl.Series, received: pl.Series) -> pl.DataFrame:
    rows = codes.len()

    def later(column: pl.Series, days: float, present: float) -> pl.Series:
        seconds = pl.Series((rng.exponential(days, rows) * 86_400).astype(np.int64)) * 1_000_000
        moved = column + seconds.cast(pl.Duration("us"))
        return pl.select(pl.when(pl.Series(rng.random(rows) < present)).then(moved)).to_series()

    def one_of(values: list[int] | list[str], weights: list[float]) -> pl.Series:
        return pl.Series(np.array(values)[rng.choice(len(values), rows, p=weights)])

    due, finished = later(received, 9, 0.98), later(received, 6, 0.97)
    procedure = pl.Series(rng.integers(1_000, 2_878, rows)).cast(pl.String)
    return pl.DataFrame(
        {
            "MaHoSo": codes,
            "MaHoSoKhac": pl.select(
                pl.when(pl.Series(rng.random(rows) < 0.3)).then("000.00.00.G22-" + codes)
            ).to_series(),
            "DonViId": rng.integers(1, 187, rows),
            "KenhThucHien": one_of([1, 2, 3], [0.5, 0.45, 0.05]),
            "LoaiDoiTuong": one_of([1, 2, 3, 4], [0.85, 0.1, 0.03, 0.02]),
            "MaTTHC": "1.00" + procedure,
            "MaLinhVuc": "LV" + pl.Series(rng.integers(10, 99, rows)).cast(pl.String),
            "TrangThaiHoSoId": one_of([4, 9, 10], [0.03, 0.07, 0.9]),
            "NgayNopHoSo": later(received, 0.05, 1.0),
            "NgayTiepNhan": received,
            "HanTiepNhan": later(received, 0.3, 1.0),
            "NgayHenTra": due,
            "NgayHenTraBanDau": due,
            "NgayKetThucXuLy": finished,
            "NgayTra": later(finished, 1, 0.95),
            "NgayYeuCauBoSung": later(received, 2, 0.04),
            "NgayCongDanBoSung": later(received, 4, 0.035),
            "NgayTuChoi": later(received, 3, 0.01),
            "ThoiGianThucHien": rng.integers(1, 30, rows),
            "LoaiThoiGianThucHien": one_of(["Ngày", "Ngày làm việc"], [0.1, 0.9]),
            "MucDo": one_of([2, 3, 4], [0.2, 0.4, 0.4]),
            "DaSoHoaKetQua": rng.random(rows) < 0.6,
            "TrangThaiDongBoDVC": one_of([0, 1, 2], [0.02, 0.97, 0.01]),
            "SoGiayToChuHoSo": "999" + pl.Series(rng.integers(0, 1 + rows * 3 // 5, rows)).cast(pl.String).str.zfill(9),
            "DeletedOn": later(received, 3, 0.002),
            "UpdatedOn": later(received, 8, 1.0),
            "TaiSuDungDuLieuSoHoa": rng.random(rows) < 0.35,
        }
    )


def _steps(rng: np.random.Generator, codes: pl.Series, received: pl.Series, rows: int) -> pl.DataFrame:
    """In the order they were written, as a table that only grows is."""
    owner = pl.Series(rng.integers(0, codes.len(), rows))
    after = pl.Series((rng.exponential(3, rows) * 86_400).astype(np.int64) * 1_000_000).cast(pl.Duration("us"))
    at = (received.gather(owner) + after).alias("ThoiGian")
    made = pl.DataFrame(
        {
            "MaHoSo": codes.gather(owner),
            "ThoiGian": at,
            "TrangThai": rng.choice([2, 4, 4, 4, 5, 9, 10], rows),
            "NodeQuyTrinh": "B" + pl.Series(rng.integers(1, 9, rows)).cast(pl.String),
            "NguoiNhan": "cb" + pl.Series(rng.integers(1_000, 3_000, rows)).cast(pl.String),
            "ThoiHanBuocXuLy": rng.integers(60, 2_400, rows),
            "NgayHetHanBuocXuLy": at + pl.Series([172_800_000_000], dtype=pl.Int64).cast(pl.Duration("us")),
            "ThaoTac": pl.Series(["tiếp nhận", "chuyển xử lý", "trình ký", "trả kết quả"]).gather(
                rng.integers(0, 4, rows)
            ),
            "UpdatedOn": at,
        }
    ).sort("ThoiGian", "MaHoSo", maintain_order=True)
    return made.with_row_index("Id", offset=1).with_columns(pl.col("Id").cast(pl.Int64))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
    load(Path(sys.argv[1]), sys.stdin.read())
