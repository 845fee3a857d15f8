"""The one-stop software's exports: one folder a unit, three layouts, each file what changed since the one before.

Belongs here: which unit exports when, and the rows. Does not: the bytes of the files (papers.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from demo.province import figures, moment, people
from demo.province.blocks import LATE_ARRIVAL, UNREADABLE
from demo.province.fields import FIELDS
from demo.province.units import DISTRICT, Unit
from demo.province.world import World

STATUSES = (
    "Mới đăng ký", "Được tiếp nhận", "Không được tiếp nhận", "Đang xử lý", "Yêu cầu bổ sung giấy tờ",
    "Yêu cầu thực hiện nghĩa vụ tài chính", "Công dân yêu cầu rút", "Dừng xử lý", "Đã xử lý xong", "Đã trả kết quả",
)  # fmt: skip
CHANNELS = ("Trực tiếp", "Trực tuyến", "Bưu chính")
COLUMNS = (
    "STT", "Số hồ sơ", "Tên thủ tục hành chính", "Mã TTHC", "Lĩnh vực", "Họ tên người nộp", "Số CCCD/CMND",
    "Hình thức nộp", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày hoàn thành", "Trạng thái", "Đơn vị xử lý",
)  # fmt: skip
_BEGINNING = datetime(2000, 1, 1)  # noqa: DTZ001
#: The export that lay in a drawer: made at the end of May, delivered after the half year was counted.
LATE_EXPORT = datetime(2023, 6, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Export:
    """One file to be: `until` is the midnight after the day in its name."""

    unit: Unit
    until: datetime
    rows: pl.DataFrame

    @property
    def stem(self) -> str:
        return f"{self.unit.own_agency}_{self.until - timedelta(days=1):%Y%m%d}"

    @property
    def layout(self) -> str:
        return layout_of(self.unit)


def layout_of(unit: Unit) -> str:
    """Districts and every fourteenth commune drop spreadsheets, every fifth one what Excel calls Unicode text."""
    if unit.level == DISTRICT or unit.number % 14 == 0:
        return "xlsx"
    return "txt" if unit.number % 5 == 0 else "csv"


def first_exports(world: World) -> Iterator[Export]:
    """Everything exported by the end of the half year: districts by the month, communes once."""
    months = [datetime(2023, month, 1) for month in range(2, 8)]  # noqa: DTZ001
    frame = exported(world).filter(pl.col("tranche") != LATE_ARRIVAL)
    for rank, (since, until) in enumerate(zip([_BEGINNING, *months], months, strict=False)):
        yield from _changed(world, frame.filter(pl.col("level") == DISTRICT), since, until)
        if rank == len(months) - 1:
            yield from _changed(world, frame.filter(pl.col("level") > DISTRICT), _BEGINNING, until)


def later_exports(world: World, since: datetime, until: datetime) -> Iterator[Export]:
    """What changed in between, a file a unit."""
    yield from _changed(world, exported(world).filter(pl.col("tranche") != LATE_ARRIVAL), since, until)


def late_export(world: World) -> Iterator[Export]:
    """The one that arrives late."""
    yield from _changed(world, exported(world).filter(pl.col("tranche") == LATE_ARRIVAL), _BEGINNING, LATE_EXPORT)


def exported(world: World) -> pl.DataFrame:
    """All an office will ever export."""
    return world.dossiers.filter("in_one_stop")


def _changed(world: World, frame: pl.DataFrame, since: datetime, until: datetime) -> Iterator[Export]:
    """An office's register knows nothing of what is corrected or edited in the province later."""
    changed = moment.changed(until)
    rows = frame.filter(pl.col("received") < until, changed >= since).sort("unit", "own_code")
    for (unit,), part in rows.partition_by("unit", as_dict=True, maintain_order=True).items():
        yield Export(world.scene.units.rows[unit], until, _rows(world, part, until))


def _rows(world: World, frame: pl.DataFrame, at: datetime) -> pl.DataFrame:
    table = world.scene.catalogue.procedures
    spelling = pl.Series([unit.name for unit in world.scene.units.rows])
    unreadable = pl.col("tranche") == UNREADABLE
    due = _minute(pl.coalesce(pl.when(pl.col("sent") < at).then("due_letter"), moment.due_by_rule(at)))
    received = pl.when(unreadable).then(pl.lit("31/02/2023 08:00")).otherwise(_minute(pl.col("received")))
    return frame.select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("STT"),
        pl.col("own_code").alias("Số hồ sơ"),
        pl.lit(pl.Series([row.name for row in table])).gather(pl.col("procedure")).alias("Tên thủ tục hành chính"),
        pl.lit(pl.Series([row.code for row in table])).gather(pl.col("procedure")).alias("Mã TTHC"),
        pl.lit(pl.Series([name for _, name, _ in FIELDS])).gather(pl.col("field")).alias("Lĩnh vực"),
        people.name().alias("Họ tên người nộp"),
        people.identity().alias("Số CCCD/CMND"),
        pl.lit(pl.Series(list(CHANNELS))).gather(pl.col("channel").cast(pl.Int64) - 1).alias("Hình thức nộp"),
        received.alias("Ngày tiếp nhận"),
        pl.when("x03_office_due_unreadable").then(pl.lit("chưa hẹn")).otherwise(due).alias("Ngày hẹn trả"),
        _minute(moment.happened("finished", at)).fill_null("").alias("Ngày hoàn thành"),
        pl.lit(pl.Series(list(STATUSES))).gather(moment.status(at).cast(pl.Int64) - 1).alias("Trạng thái"),
        pl.lit(spelling).gather(pl.col("unit")).alias("Đơn vị xử lý"),
    )


def _minute(instant: pl.Expr) -> pl.Expr:
    return instant.dt.strftime("%d/%m/%Y %H:%M")


def late_arrivals_known(at: datetime) -> bool:
    """Whether the late export has come: with the first day after the half year."""
    return at > figures.END
