"""The national portal at an instant: what it was told of each dossier, all text, in the wire form.

Belongs here: LayDanhSachHoSo's records with their faults. Does not: its reference services (reference.py), the server.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from demo.province import moment, people
from demo.province.blocks import UNREADABLE
from demo.province.fields import FIELDS
from demo.province.units import SPELLINGS
from demo.province.world import World


def held(world: World, at: datetime) -> pl.DataFrame:
    """The dossiers the portal holds at T."""
    return world.dossiers.filter("in_portal", pl.col("received") < at)


def dossiers(world: World, at: datetime) -> pl.DataFrame:
    """One record a dossier, and a second one for those held under both codes, which stopped being updated early."""
    frame = held(world, at)
    twice = frame.filter("d07_twice_on_portal").with_columns(
        portal_code=pl.col("code"), d07_last_update_missing_on_portal=pl.lit(True)
    )
    return _records(world, pl.concat([frame, twice]), at).sort("NgayCapNhat", "MaHoSo")


def shown_as_finished(at: datetime) -> pl.Expr:
    """What waits (5, 6, 8) in the province, sent up as done."""
    return pl.col("d01_pause_shown_as_finished") & moment.waiting(at).is_not_null() & (moment.status(at) < 9)


def stale() -> pl.Expr:
    """The portal was told of the receipt, and of nothing after."""
    return pl.col("d07_last_update_missing_on_portal")


def shown_status(at: datetime) -> pl.Expr:
    return (
        pl.when("d04_one_status")
        .then(pl.lit(4, dtype=pl.Int8))
        .when(stale())
        .then(pl.lit(2, dtype=pl.Int8))
        .when(shown_as_finished(at))
        .then(pl.lit(9, dtype=pl.Int8))
        .otherwise(moment.status(at))
    )


def _records(world: World, frame: pl.DataFrame, at: datetime) -> pl.DataFrame:
    skew = pl.when("d11_clock_skew").then(pl.duration(minutes="skew_minutes")).otherwise(pl.duration(minutes=0))
    began_waiting = pl.coalesce(
        pl.when(moment.waiting(at) == 5).then("asked"), pl.when(moment.waiting(at).is_not_null()).then("paused_from")
    )
    finish = pl.when(shown_as_finished(at)).then(began_waiting).otherwise(moment.happened("finished", at))
    table = world.scene.catalogue.procedures
    codes, fields = pl.Series([row.code for row in table]), pl.Series([code for code, _, _ in FIELDS])
    spellings = pl.Series(world.scene.units.spellings())
    fresh = ~stale()
    update = pl.when(stale()).then("received").otherwise(moment.changed(at)) + pl.duration(
        seconds=5 + pl.col("id") % 300
    )
    return frame.select(
        MaHoSo=pl.when(pl.col("tranche") == UNREADABLE).then(pl.lit("")).otherwise("portal_code"),
        MaTTHC=pl.lit(codes).gather(pl.col("procedure")),
        MaLinhVuc=pl.lit(fields).gather(pl.col("field")),
        KenhThucHien=pl.when(~pl.col("d05_channel_empty_on_portal")).then(pl.col("channel").cast(pl.String)),
        LoaiDoiTuong=pl.col("applicant").cast(pl.String),
        NgayNopHoSo=wire(pl.when("d05_submitted_overwritten").then("received").otherwise("submitted")),
        NgayTiepNhan=wire(pl.col("received") + skew),
        NgayHenTra=wire(pl.when(~pl.col("d04_due_empty_on_portal")).then(told_due(at))),
        TrangThaiHoSo=shown_status(at).cast(pl.String),
        NgayKetThucXuLy=wire(pl.when(fresh).then(finish + skew)),
        NgayTra=wire(pl.when(fresh).then(moment.happened("returned", at))),
        NgayTuChoi=wire(pl.when(fresh).then(moment.happened("closed", at))),
        DonViXuLy=pl.lit(spellings).gather(pl.col("unit") * SPELLINGS + pl.col("d06_spelling")),
        HoSoCoThanhPhanSoHoa=pl.when(pl.col("person") % 5 < 3).then(pl.lit("1")).otherwise(pl.lit("0")),
        TaiKhoanDuocXacThucVoiVNeID=pl.when((pl.col("channel") == 2) & (pl.col("person") % 3 > 0))
        .then(pl.lit("1"))
        .otherwise(pl.lit("0")),
        DuocThanhToanTrucTuyen=_payment(),
        DSKetNoiCSDL=databases_asked(),
        ChuHoSo=people.name(),
        SoGiayToChuHoSo=people.identity(),
        SoDienThoai=people.phone(),
        NgayCapNhat=wire(update),
    ).with_columns(pl.all().fill_null(""))


def told_due(at: datetime) -> pl.Expr:
    """The portal hears of supplements and letters, never of dates edited in silence; stale records know the first only."""
    letter = pl.when(pl.col("sent") < at).then("due_letter")
    return pl.when(stale()).then("due_first").otherwise(pl.coalesce(letter, moment.due_by_rule(at)))


def databases_asked() -> pl.Expr:
    """7 is the population database; some clients send the list as JSON inside the text."""
    asked = (
        pl.when(pl.col("person") % 5 < 3)
        .then(pl.lit("7"))
        .when(pl.col("person") % 5 == 3)
        .then(pl.lit("3|7"))
        .otherwise(pl.lit(""))
    )
    return pl.when(pl.col("d10_json_in_text")).then(pl.lit('["3","7"]')).otherwise(asked)


def _payment() -> pl.Expr:
    draw = pl.col("id") * 104_729 % 1_000
    fee, online = pl.col("id") * 7_919 % 100 < 25, pl.col("channel") == 2
    way = pl.when(online & (draw < 420)).then(pl.lit("1")).when(online & (draw < 520)).then(pl.lit("2"))
    return pl.when(fee).then(way.otherwise(pl.lit("3"))).otherwise(pl.lit("0"))


def wire(instant: pl.Expr) -> pl.Expr:
    """An instant as the portal writes it."""
    return instant.dt.strftime("%Y%m%d%H%M%S")
