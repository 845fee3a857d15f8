"""The provincial information system at an instant: its tables as the contract names their columns.

Belongs here: tables of dossiers, their steps and letters. Does not: payments, ratings and petitions (modules of their
names), reference tables (reference.py).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from demo.province import moment, people
from demo.province.blocks import DELETED, UNREADABLE
from demo.province.faults import year_one
from demo.province.fields import FIELDS
from demo.province.steps import ACCOUNTS, ACTS
from demo.province.world import World

SYNC_NOT_YET, SYNC_DONE, SYNC_FAILED = 0, 1, 2


def held(world: World, at: datetime) -> pl.DataFrame:
    """The dossiers the provincial system holds at T."""
    return world.dossiers.filter("in_provincial", pl.col("received") < at)


def dossiers(world: World, at: datetime) -> pl.DataFrame:
    """HoSos."""
    frame = held(world, at)
    table = world.scene.catalogue.procedures
    codes, fields = pl.Series([row.code for row in table]), pl.Series([code for code, _, _ in FIELDS])
    deleted = pl.when(pl.col("tranche") == DELETED).then(pl.col("received") + pl.duration(hours=1))
    closed = moment.happened("closed", at)
    return frame.select(
        MaHoSo="provincial_code",
        MaHoSoKhac="alias",
        DonViId=pl.col("unit") + 1,
        KenhThucHien=pl.when(~pl.col("d05_channel_empty_in_province")).then("channel").cast(pl.Int64),
        LoaiDoiTuong=pl.col("applicant").cast(pl.Int64),
        MaTTHC=pl.lit(codes).gather(pl.col("procedure")),
        MaLinhVuc=pl.lit(fields).gather(pl.col("field")),
        TrangThaiHoSoId=pl.when(pl.col("tranche") == UNREADABLE).then(1).otherwise(moment.status(at)).cast(pl.Int64),
        NgayNopHoSo="submitted",
        NgayTiepNhan=pl.when(pl.col("tranche") != UNREADABLE).then("received"),
        # Eight working hours: the same time on the next calendar day is close enough for a field nobody judges by.
        HanTiepNhan=pl.col("submitted") + pl.duration(hours=24),
        NgayHenTra=pl.when("d09_due_year_one").then(year_one()).otherwise(moment.due_shown(at)),
        NgayHenTraBanDau=pl.when("d09_due_year_one").then(year_one()).otherwise("due_first"),
        NgayKetThucXuLy=recorded_finish(at),
        NgayTra=moment.happened("returned", at),
        NgayYeuCauBoSung=moment.happened("asked", at),
        NgayCongDanBoSung=moment.happened("answered", at),
        NgayTuChoi=closed,
        ThoiGianThucHien=pl.col("limit").cast(pl.Int64),
        LoaiThoiGianThucHien=pl.when("calendar").then(pl.lit("Ngày")).otherwise(pl.lit("Ngày làm việc")),
        MucDo=pl.col("online").cast(pl.Int64),
        DaSoHoaKetQua=moment.happened("finished", at).is_not_null() & (pl.col("person") % 5 < 3),
        TaiSuDungDuLieuSoHoa=(pl.col("taken_up") < at).fill_null(False) & pl.col("reuses"),
        TrangThaiDongBoDVC=sync_state(),
        SoGiayToChuHoSo=people.identity(),
        DeletedOn=deleted,
        UpdatedOn=pl.coalesce(deleted, moment.changed(at)),
    ).sort("NgayTiepNhan", "MaHoSo")


def recorded_finish(at: datetime) -> pl.Expr:
    """NgayKetThucXuLy with what is wrong in it."""
    right = moment.finish(at)
    wrong = (
        pl.when("d04_finish_empty")
        .then(moment.NOTHING)
        .when("d09_finish_year_one")
        .then(year_one())
        .when("d12_finish_before_receipt")
        .then("finish_before_receipt")
        .otherwise(right)
    )
    return pl.when(right.is_not_null()).then(wrong)


def sync_state() -> pl.Expr:
    """What the province believes of the portal: wrong where an insert was answered 'exists already'."""
    return (
        pl.when("d03_push_answered_exists")
        .then(SYNC_FAILED)
        .when("in_portal")
        .then(SYNC_DONE)
        .otherwise(SYNC_NOT_YET)
        .cast(pl.Int64)
    )


def steps(world: World, at: datetime) -> pl.DataFrame:
    """QuaTrinhXuLyHoSos: a table that only grows."""
    codes = held(world, at).select(row="id", MaHoSo="provincial_code")
    acts, nodes = pl.Series([act for act, _ in ACTS]), pl.Series([node for _, node in ACTS])
    accounts = pl.Series(
        [f"cb{unit.number:03}.{place}" for unit in world.scene.units.rows for place in range(1, ACCOUNTS + 1)]
    )
    return (
        world.steps.filter(pl.col("at") < at)
        .join(codes, on="row", how="inner", maintain_order="left")
        .select(
            Id="number",
            MaHoSo="MaHoSo",
            ThoiGian="at",
            TrangThai=pl.col("status").cast(pl.Int64),
            NodeQuyTrinh=pl.lit(nodes).gather(pl.col("act").cast(pl.Int64)),
            NguoiNhan=pl.lit(accounts).gather(pl.col("account")),
            ThoiHanBuocXuLy="allowed",
            NgayHetHanBuocXuLy="due",
            ThaoTac=pl.lit(acts).gather(pl.col("act").cast(pl.Int64)),
            UpdatedOn="at",
        )
    )


def supplements(world: World, at: datetime) -> pl.DataFrame:
    """HoSoBoSungs, with a few entered by mistake and deleted: their new dates never held."""
    asked = held(world, at).filter(pl.col("asked") < at)
    real = asked.select(
        Id=pl.col("id") * 2 + 1,
        MaHoSo="provincial_code",
        NgayBoSung="asked",
        NgayTiepNhanBoSung=moment.happened("answered", at),
        NgayHenTraTruoc="due_first",
        NgayHenTraMoi=pl.when(pl.col("answered") < at).then("due_answered"),
        TrangThaiBoSung=pl.when(pl.col("answered") < at).then(pl.lit("Đã bổ sung")).otherwise(pl.lit("Chờ bổ sung")),
        DeletedOn=moment.NOTHING,
        UpdatedOn=pl.coalesce(moment.happened("answered", at), "asked"),
    )
    mistaken = mistaken_supplements(world, at).select(
        Id=pl.col("id") * 2 + 2,
        MaHoSo="provincial_code",
        NgayBoSung="taken_up",
        NgayTiepNhanBoSung="taken_up",
        NgayHenTraTruoc="due_first",
        NgayHenTraMoi=pl.col("due_first") + pl.duration(days=14),
        TrangThaiBoSung=pl.lit("Nhập nhầm"),
        DeletedOn=pl.col("taken_up") + pl.duration(minutes=10),
        UpdatedOn=pl.col("taken_up") + pl.duration(minutes=10),
    )
    return pl.concat([real, mistaken]).sort("Id")


def mistaken_supplements(world: World, at: datetime) -> pl.DataFrame:
    """Dossiers with a supplement that was deleted; among the late ones it would rescue if it counted."""
    entered = pl.col("taken_up") + pl.duration(minutes=10) < at
    late = pl.col("finished").dt.date() > pl.col("due").dt.date()
    return held(world, at).filter(
        entered, pl.col("tranche") == 0, pl.col("asked").is_null(), (pl.col("id") % 1_499 == 0) | (late & (pl.col("id") % 9 == 0))
    )  # fmt: skip


def letters(world: World, at: datetime) -> pl.DataFrame:
    """DuThaoXuLyHoSos: apologies, sent or left as drafts, and notices of what was not accepted."""
    frame = held(world, at)
    apologies = frame.filter(pl.col("drafted") < at).select(
        Id=pl.col("id") * 2 + 1,
        MaHoSo="provincial_code",
        LoaiDuThao=pl.lit("Thư xin lỗi"),
        NgayDuThao="drafted",
        NgayGui=moment.happened("sent", at),
        NgayHenTraMoi="due_letter",
        UpdatedOn=pl.coalesce(moment.happened("sent", at), "drafted"),
    )
    notices = frame.filter(pl.col("closed") < at).select(
        Id=pl.col("id") * 2 + 2,
        MaHoSo="provincial_code",
        LoaiDuThao=pl.lit("Thông báo"),
        NgayDuThao="closed",
        NgayGui="closed",
        NgayHenTraMoi=moment.NOTHING,
        UpdatedOn="closed",
    )
    return pl.concat([apologies, notices]).sort("Id")
