"""What the systems hold besides dossiers: procedures, units, days off, decisions, as each of them writes it.

Belongs here: reference tables of the provincial system and reference services of the portal. Does not: dossiers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import polars as pl

from demo.province.catalogue import Procedure
from demo.province.clock import days_off
from demo.province.fields import FIELDS
from demo.province.units import DEPARTMENTS
from demo.province.world import World

_Row = TypeVar("_Row")

LEVEL_NAMES = {1: "Tỉnh", 2: "Huyện", 3: "Xã"}
#: The decision whose day of effect the portal was never told.
NO_EFFECT_ON_PORTAL = 7


def known(world: World, at: datetime) -> list[Procedure]:
    """Procedures anybody can know of at T: those there were, and those of decisions signed by then. Ended ones stay."""
    decisions = world.scene.catalogue.decisions
    return [
        row
        for row in world.scene.catalogue.procedures
        if row.brought_by < 0 or decisions[row.brought_by].signed < at.date()
    ]


def agency_name(procedure: Procedure) -> str:
    """Who settles it at its highest level."""
    return {1: DEPARTMENTS[FIELDS[procedure.field][2]], 2: "UBND cấp huyện", 3: "UBND cấp xã"}[procedure.level]


def procedures(world: World, at: datetime) -> pl.DataFrame:
    """ThuTucs."""
    rows = known(world, at)
    return _frame(
        rows,
        {
            "MaTTHC": lambda row: row.code,
            "TenTTHC": lambda row: row.name,
            "MaLinhVuc": lambda row: FIELDS[row.field][0],
            "TenLinhVuc": lambda row: FIELDS[row.field][1],
            "ThoiGianThucHien": lambda row: row.limit,
            "LoaiThoiGianThucHien": lambda row: "Ngày" if row.calendar else "Ngày làm việc",
            "LienThong": lambda row: row.link,
            "CoQuyTrinhNoiBo": lambda row: row.workflow,
            "DichVuThietYeu": lambda row: row.essential,
        },
    ).sort("MaTTHC")


def procedure_units(world: World, at: datetime) -> pl.DataFrame:
    """DonViThuTucs: a department for its field, every district, every commune; of what is in force."""
    units = world.scene.units
    pairs = []
    for row in known(world, at):
        if not row.in_force(at.date()):
            continue
        for level in row.levels:
            positions = [FIELDS[row.field][2]] if level == 1 else units.positions(level).tolist()
            pairs += [(row.code, position + 1, row.online) for position in positions]
    return pl.DataFrame(pairs, schema={"MaTTHC": pl.String, "DonViId": pl.Int64, "MucDo": pl.Int64}, orient="row").sort(
        "MaTTHC", "DonViId"
    )


def units(world: World, at: datetime) -> pl.DataFrame:
    """Groups."""
    return _frame(
        world.scene.units.rows,
        {
            "Id": lambda unit: unit.number,
            "MaDinhDanh": lambda unit: unit.own_agency,
            "Ten": lambda unit: unit.name,
            "Cap": lambda unit: unit.level,
            "ParentId": lambda unit: unit.parent,
            "MaHanhChinh": lambda unit: unit.statistics_code,
        },
    )


def free_days(world: World, at: datetime) -> pl.DataFrame:
    """NgayNghis: days off only, as the table has no place for a Saturday worked to make up (there is none in 2023)."""
    rows = [row for row in days_off() if row["kind"] == "off"]
    return _frame(rows, {"Date": lambda row: date.fromisoformat(row["date"]), "Description": lambda row: row["name"]})


def portal_procedures(world: World, at: datetime) -> pl.DataFrame:
    """LayDanhSachTTHC: all text."""
    decisions = world.scene.catalogue.decisions
    return _frame(
        known(world, at),
        {
            "MATTHC": lambda row: row.code,
            "TENTTHC": lambda row: row.name,
            "MALINHVUC": lambda row: FIELDS[row.field][0],
            "TENLINHVUC": lambda row: FIELDS[row.field][1],
            "CAPTHUCHIEN": lambda row: "|".join(map(str, row.levels)),
            "IDQUYETDINHCONGBO": lambda row: decisions[row.brought_by].code if row.brought_by >= 0 else "",
            "TRANGTHAI": lambda row: "Công khai" if row.until > at.date() else "Hết hiệu lực",
        },
    ).sort("MATTHC")


def portal_decisions(world: World, at: datetime) -> pl.DataFrame:
    """LayQDCB: all text; one decision without the day it takes effect."""
    rows = [
        (place, decision)
        for place, decision in enumerate(world.scene.catalogue.decisions)
        if decision.signed < at.date()
    ]
    return _frame(
        rows,
        {
            "SOQUYETDINH": lambda row: row[1].code,
            "NGAYKY": lambda row: f"{row[1].signed:%Y%m%d}000000",
            "NGAYHIEULUC": lambda row: "" if row[0] == NO_EFFECT_ON_PORTAL else f"{row[1].effective:%Y%m%d}000000",
            "COQUANBANHANH": lambda row: "Ủy ban nhân dân tỉnh Thái Nguyên",
            "SOTTHC": lambda row: str(
                len(row[1].new) + len(row[1].amended) + len(row[1].replaced) + len(row[1].abolished)
            ),
        },
    )


def portal_agencies(world: World, at: datetime) -> pl.DataFrame:
    """LayDanhMucCoQuan: all text, the id in the old order for every third."""
    return _frame(
        world.scene.units.rows,
        {
            "MADONVI": lambda unit: unit.agency_reversed if unit.number % 3 == 0 else unit.agency,
            "TENDONVI": lambda unit: f"{unit.name}, {unit.district}" if unit.level == 3 else unit.name,
            "CAPDONVI": lambda unit: str(unit.level),
        },
    )


def _frame(rows: list[_Row] | tuple[_Row, ...], columns: dict[str, Callable[[_Row], object]]) -> pl.DataFrame:
    return pl.DataFrame({name: [value(row) for row in rows] for name, value in columns.items()})
