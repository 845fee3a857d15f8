"""Decisions, catalogue snapshots and queue days as rows of their files.

Belongs here: what stands in them, and which are due in a stretch of time. Does not: bytes (papers.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from demo.province import figures
from demo.province.blocks import month_of_block
from demo.province.clock import DAY
from demo.province.decisions import Decision
from demo.province.fields import FIELDS
from demo.province.papers import Sheet
from demo.province.reference import LEVEL_NAMES, agency_name
from demo.province.world import World

#: Snapshots of the catalogue: each at the end of its day.
CATALOGUE_DAYS = (date(2022, 12, 31), date(2023, 6, 30))
QUEUE_COLUMNS = ("Ngày", "Số vé", "Quầy", "Lấy số", "Gọi", "Phục vụ xong")
#: Lines of the half year whose ticket time is lost: outside the visits counted.
UNREADABLE_TICKETS = 3
_ISSUER = "Ủy ban nhân dân tỉnh Thái Nguyên"


def decision_name(decision: Decision) -> str:
    return f"QD_{decision.number}_{decision.signed:%Y%m%d}.xlsx"


def decisions_signed(world: World, since: date, until: date) -> Iterator[Decision]:
    """Decisions signed in [since, until)."""
    return (decision for decision in world.scene.catalogue.decisions if since <= decision.signed < until)


def decision_sheets(world: World, decision: Decision) -> list[Sheet]:
    """The head and the three lists; an empty list is column names only."""
    table = world.scene.catalogue.procedures
    head = (decision.code, f"{decision.signed:%d/%m/%Y}", f"{decision.effective:%d/%m/%Y}", _ISSUER, decision.summary)
    new, amended, abolished = [], [], []
    for line, at in enumerate(decision.new, start=1):
        row = table[at]
        code = "" if at in decision.uncoded else row.code
        levels = ";".join(LEVEL_NAMES[level] for level in row.levels)
        new.append((str(line), code, row.name, FIELDS[row.field][1], agency_name(row), levels))
    for line, at in enumerate((*decision.amended, *decision.replaced), start=1):
        row, replaced = table[at], at in decision.replaced
        what = ("Thay thế", table[row.successor].code) if replaced else ("Sửa đổi thời hạn giải quyết", "")
        amended.append((str(line), row.code, row.name, *what, FIELDS[row.field][1], agency_name(row)))
    for line, at in enumerate(decision.abolished, start=1):
        row = table[at]
        abolished.append(
            (
                str(line),
                row.code,
                row.name,
                f"Khoản {1 + at % 9} Điều 1 {decision.code}",
                FIELDS[row.field][1],
                agency_name(row),
            )
        )
    last = ("Lĩnh vực", "Cơ quan thực hiện")
    head_columns = ("Số quyết định", "Ngày ký", "Ngày hiệu lực", "Cơ quan ban hành", "Trích yếu")
    return [
        ("Quyết định", "QUYẾT ĐỊNH CÔNG BỐ", head_columns, [head]),
        ("Ban hành mới", "THỦ TỤC HÀNH CHÍNH MỚI BAN HÀNH", ("STT", "Mã TTHC", "Tên TTHC", *last, "Cấp thực hiện"), new),
        (
            "Sửa đổi, bổ sung", "THỦ TỤC HÀNH CHÍNH ĐƯỢC SỬA ĐỔI, BỔ SUNG, THAY THẾ",
            ("STT", "Mã TTHC", "Tên TTHC", "Nội dung sửa đổi", "Mã TTHC thay thế", *last), amended,
        ),
        ("Bãi bỏ", "THỦ TỤC HÀNH CHÍNH BỊ BÃI BỎ", ("STT", "Mã TTHC", "Tên TTHC", "Căn cứ", *last), abolished),
    ]  # fmt: skip


def catalogue_sheet(world: World, day: date) -> list[Sheet]:
    """The portal's export of what is in force at the end of a day."""
    rows = [
        (row.code, row.name, _ISSUER, ";".join(LEVEL_NAMES[level] for level in row.levels), FIELDS[row.field][1])
        for row in sorted(world.scene.catalogue.in_force(day + timedelta(days=1)), key=lambda row: row.code)
    ]
    columns = ("Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực")
    return [("Danh mục", f"DANH MỤC THỦ TỤC HÀNH CHÍNH (ngày {day:%d/%m/%Y})", columns, rows)]


def queue_days(world: World, since: datetime, until: datetime) -> Iterator[tuple[date, pl.DataFrame]]:
    """Tickets of each working day in [since, until): the half year as one draw of the exact number, then by the month."""
    visits = figures.scaled(world.scale).visits
    block, begin, end = 0, figures.BEGIN, figures.END
    while begin < until:
        days = world.scene.clock.between(begin, end)
        count = visits if block == 0 else round(visits / 121 * len(days))
        rng = np.random.default_rng([world.seed, 51, block])
        spare = max(0, count - len(days))
        counts = rng.multinomial(spare, np.full(len(days), 1 / len(days))) + (np.arange(len(days)) < count)
        for number, tickets in zip(days.tolist(), counts.tolist(), strict=True):
            day = world.scene.clock.days[number].item()
            drawn = np.sort(number * DAY + rng.integers(0, DAY - 2_400, tickets))
            rows = _tickets(world, rng, day, drawn)
            if tickets and since <= datetime(day.year, day.month, day.day) < until:  # noqa: DTZ001
                yield day, rows
        block += 1
        begin, end = month_of_block(block)


def _tickets(
    world: World, rng: np.random.Generator, day: date, drawn: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> pl.DataFrame:
    count, clock = len(drawn), world.scene.clock
    called = drawn + rng.integers(20, 1_200, count)
    served = called + rng.integers(60, 1_100, count)
    came = pl.Series(rng.random(count) > 0.02)
    # The display writes dashes when it was switched off: unreadable, and no figure needs it.
    dashes = pl.Series(rng.random(count) < 0.004)
    form = "%d/%m/%Y %H:%M:%S"
    frame = pl.DataFrame({"drawn": clock.wall(drawn), "called": clock.wall(called), "served": clock.wall(served)})
    counter = pl.Series(rng.integers(1, 19, count))
    rows = frame.with_row_index("place", offset=1).select(
        pl.lit(f"{day:%d/%m/%Y}").alias("Ngày"),
        pl.format("A{}", pl.col("place").cast(pl.String).str.zfill(4)).alias("Số vé"),
        pl.format("Q{}", counter).alias("Quầy"),
        pl.col("drawn").dt.strftime(form).alias("Lấy số"),
        pl.when(dashes).then(pl.lit("--:--:--")).when(came).then(pl.col("called").dt.strftime(form)).alias("Gọi"),
        pl.when(came).then(pl.col("served").dt.strftime(form)).alias("Phục vụ xong"),
    )
    if day in unreadable_days():
        lost = dict.fromkeys(QUEUE_COLUMNS, "") | {"Ngày": f"{day:%d/%m/%Y}", "Số vé": "X0001", "Lấy số": "lỗi máy"}
        rows = pl.concat([rows, pl.DataFrame([lost], schema=rows.schema)])
    return rows.with_columns(pl.all().fill_null(""))


def unreadable_days() -> tuple[date, ...]:
    """Days on which the machine lost the time of a ticket."""
    return (date(2023, 2, 14), date(2023, 4, 6), date(2023, 6, 20))[:UNREADABLE_TICKETS]
