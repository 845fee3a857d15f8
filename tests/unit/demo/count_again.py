"""The half year counted a second time, from the files alone and by the stated rules, knowing nothing of how they were made.

Belongs here: reading what the systems show, telling which rows are one dossier, settling state, finish and due date.
Does not: assertions; the pipeline, which does the same in SQL.
"""

from __future__ import annotations

import codecs
import io
from datetime import datetime
from pathlib import Path

import polars as pl
from python_calamine import CalamineWorkbook

_WORDS = {
    "Mới đăng ký": 1, "Được tiếp nhận": 2, "Không được tiếp nhận": 3, "Đang xử lý": 4, "Yêu cầu bổ sung giấy tờ": 5,
    "Yêu cầu thực hiện nghĩa vụ tài chính": 6, "Công dân yêu cầu rút": 7, "Dừng xử lý": 8, "Đã xử lý xong": 9,
    "Đã trả kết quả": 10,
}  # fmt: skip
_REVERSED = r"^000\.(\d\d)\.(\d\d)\.H55-(.*)$"


def normal(code: pl.Expr) -> pl.Expr:
    """A code with its agency id in today's order."""
    department = pl.concat_str(
        pl.lit("H55."), code.str.extract(_REVERSED, 2), pl.lit("-"), code.str.extract(_REVERSED, 3)
    )
    commune = pl.concat_str(
        pl.lit("H55."), code.str.extract(_REVERSED, 2), pl.lit("."), code.str.extract(_REVERSED, 1), pl.lit("-"),
        code.str.extract(_REVERSED, 3),
    )  # fmt: skip
    upper = code.str.extract(_REVERSED, 1)
    return pl.when(upper.is_null()).then(code).when(upper == "00").then(department).otherwise(commune)


def read_export(file: Path) -> pl.DataFrame:
    """An office's file, every layout, as text."""
    if file.suffix == ".xlsx":
        rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python(skip_empty_area=False)
        names, body = [str(name) for name in rows[4]], rows[5:]
        texts = [[_text(value) for value in row] for row in body]
        frame = pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")
    elif file.suffix == ".csv":
        raw = file.read_bytes()
        assert raw.startswith(codecs.BOM_UTF8)
        frame = pl.read_csv(raw.removeprefix(codecs.BOM_UTF8), infer_schema=False)
    else:
        text = file.read_bytes().decode("utf-16").split("\r\n", 1)[1]
        frame = pl.read_csv(io.BytesIO(text.encode()), separator="\t", infer_schema=False)
    return frame.with_columns(pl.all().fill_null(""), exported=pl.lit(file.stem[-8:]))


def _text(value: object) -> str:
    return f"{value:%d/%m/%Y %H:%M}" if isinstance(value, datetime) else str(value)


def _present(instant: pl.Expr) -> pl.Expr:
    return pl.when(instant > datetime(1900, 1, 1)).then(instant)


def _province(folder: Path) -> pl.DataFrame:
    rows = pl.read_parquet(folder / "provincial" / "HoSos.parquet").filter(
        pl.col("NgayTiepNhan").is_not_null(), pl.col("DeletedOn").is_null()
    )
    national = pl.col("MaHoSo").str.starts_with("000.00.00.G22")
    return rows.select(
        key=normal(pl.when(national & pl.col("MaHoSoKhac").is_not_null()).then("MaHoSoKhac").otherwise("MaHoSo")),
        national=pl.when(national).then("MaHoSo").otherwise("MaHoSoKhac"),
        p_code="MaHoSo",
        p_received="NgayTiepNhan",
        p_status="TrangThaiHoSoId",
        p_due=pl.coalesce(_present(pl.col("NgayHenTraBanDau")), _present(pl.col("NgayHenTra"))),
        p_finish=_present(pl.col("NgayKetThucXuLy")),
        p_closed="NgayTuChoi",
        p_channel="KenhThucHien",
        p_unit="DonViId",
    )


def _offices(folder: Path) -> pl.DataFrame:
    rows = pl.concat([read_export(file) for file in sorted((folder / "one_stop").glob("*/*"))])
    form = "%d/%m/%Y %H:%M"
    return (
        rows.with_columns(received=pl.col("Ngày tiếp nhận").str.to_datetime(form, strict=False, time_unit="us"))
        .filter(pl.col("received").is_not_null())
        .select(
            key=normal(pl.col("Số hồ sơ")),
            o_received="received",
            o_due=pl.col("Ngày hẹn trả").str.to_datetime(form, strict=False, time_unit="us"),
            o_finish=pl.col("Ngày hoàn thành").str.to_datetime(form, strict=False, time_unit="us"),
            o_status=pl.col("Trạng thái").replace_strict(_WORDS, return_dtype=pl.Int64),
            o_channel=pl.col("Hình thức nộp").replace_strict({"Trực tiếp": 1, "Trực tuyến": 2, "Bưu chính": 3}),
            exported="exported",
        )
        .sort("exported")
        .unique("key", keep="last")
    )


def _portal(folder: Path, aliases: pl.DataFrame) -> pl.DataFrame:
    rows = pl.read_parquet(folder / "portal" / "LayDanhSachHoSo.parquet").filter(pl.col("MaHoSo") != "")
    form = "%Y%m%d%H%M%S"

    def instant(name: str) -> pl.Expr:
        return pl.col(name).str.to_datetime(form, strict=False, time_unit="us")

    return (
        rows.join(aliases, left_on="MaHoSo", right_on="national", how="left")
        .select(
            key=pl.coalesce("key", normal(pl.col("MaHoSo"))),
            n_received=instant("NgayTiepNhan"),
            n_due=instant("NgayHenTra"),
            n_finish=instant("NgayKetThucXuLy"),
            n_closed=instant("NgayTuChoi"),
            n_status=pl.col("TrangThaiHoSo").cast(pl.Int64),
            n_channel=pl.col("KenhThucHien").cast(pl.Int64, strict=False),
            told="NgayCapNhat",
        )
        .sort("told")
        .unique("key", keep="last")
    )


def _moves(folder: Path) -> pl.DataFrame:
    """What explains a new due date: supplements that came back, apologies that were sent."""
    supplements = pl.read_parquet(folder / "provincial" / "HoSoBoSungs.parquet").filter(
        pl.col("DeletedOn").is_null(), pl.col("NgayTiepNhanBoSung").is_not_null()
    )
    letters = pl.read_parquet(folder / "provincial" / "DuThaoXuLyHoSos.parquet").filter(
        pl.col("LoaiDuThao") == "Thư xin lỗi", pl.col("NgayGui").is_not_null()
    )
    return pl.concat(
        [
            supplements.select(p_code="MaHoSo", moved="NgayTiepNhanBoSung", to="NgayHenTraMoi"),
            letters.select(p_code="MaHoSo", moved="NgayGui", to="NgayHenTraMoi"),
        ]
    ).sort("moved")


def _moved(first: pl.DataFrame, moves: pl.DataFrame) -> dict[str, datetime]:
    due: dict[str, datetime] = dict(first.select("p_code", "due").iter_rows())
    for code, moved, to in moves.iter_rows():
        if code in due and due[code] is not None and moved.date() <= due[code].date():
            due[code] = to
    return due


def settled(folder: Path) -> pl.DataFrame:
    """One row a dossier: key, received, due, finish, closed, channel, unit."""
    province = _province(folder)
    steps = (
        pl.read_parquet(folder / "provincial" / "QuaTrinhXuLyHoSos.parquet")
        .filter(pl.col("TrangThai") == 9)
        .group_by("MaHoSo")
        .agg(s_finish=pl.col("ThoiGian").max())
    )
    aliases = province.filter(pl.col("national").is_not_null()).select("national", "key")
    rows = (
        province.join(steps, left_on="p_code", right_on="MaHoSo", how="left")
        .join(_offices(folder), on="key", how="full", coalesce=True)
        .join(_portal(folder, aliases), on="key", how="full", coalesce=True)
    )
    received = pl.coalesce("p_received", "o_received", "n_received")
    rows = rows.with_columns(
        received=received,
        due=pl.coalesce("p_due", "o_due", "n_due"),
        status=pl.coalesce("p_status", "o_status", "n_status"),
        channel=pl.coalesce("p_channel", "o_channel", "n_channel", pl.lit(1)),
    )
    valid = [
        pl.when(pl.col(name) >= pl.col("received")).then(name)
        for name in ("p_finish", "o_finish", "s_finish", "n_finish")
    ]
    due = _moved(rows.filter(pl.col("p_code").is_not_null()), _moves(folder))
    return rows.with_columns(
        finish=pl.when(pl.col("status") >= 9).then(pl.coalesce(*valid)),
        closed=pl.when(pl.col("status").is_in([3, 7])).then(pl.coalesce("p_closed", "n_closed")),
        due=pl.coalesce(pl.col("p_code").replace_strict(due, default=None, return_dtype=pl.Datetime("us")), "due"),
    )


def figures(rows: pl.DataFrame, begin: datetime, end: datetime) -> dict[str, int]:
    """The half year, under the declared reading."""
    ended = pl.coalesce("finish", "closed")
    received = (pl.col("received") >= begin) & (pl.col("received") < end)
    resolved = (pl.col("finish") >= begin) & (pl.col("finish") < end)
    late = pl.col("finish").dt.date() > pl.col("due").dt.date()
    pending = (pl.col("received") < end) & ~(ended < end).fill_null(False)
    masks = {
        "received": received,
        "direct": received & (pl.col("channel") == 1),
        "online": received & (pl.col("channel") == 2),
        "postal": received & (pl.col("channel") == 3),
        "resolved": resolved,
        "on_time": resolved & ~late,
        "late": resolved & late,
        "opening": (pl.col("received") < begin) & ~(ended < begin).fill_null(False),
        "closed_otherwise": pl.col("finish").is_null() & (pl.col("closed") >= begin) & (pl.col("closed") < end),
        "pending": pending,
        "pending_overdue": pending & (pl.col("due") < end),
    }
    return rows.select([mask.fill_null(False).sum().cast(pl.Int64).alias(name) for name, mask in masks.items()]).row(
        0, named=True
    )
