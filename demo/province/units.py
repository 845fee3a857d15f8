"""The units: the departments of the province, its nine districts and 177 communes, with the ids and names they go by.

Belongs here: who they are, agency ids in both orders, spellings of names. Does not: what they do.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from demo.province.clock import DATA

PROVINCE, DISTRICT, COMMUNE = 1, 2, 3
DEPARTMENTS = (
    "Văn phòng UBND tỉnh",
    "Sở Tư pháp",
    "Sở Tài nguyên và Môi trường",
    "Sở Kế hoạch và Đầu tư",
    "Sở Công Thương",
    "Sở Giao thông vận tải",
    "Sở Giáo dục và Đào tạo",
    "Sở Y tế",
    "Sở Xây dựng",
    "Sở Lao động - Thương binh và Xã hội",
    "Sở Nội vụ",
    "Sở Nông nghiệp và Phát triển nông thôn",
    "Sở Văn hóa, Thể thao và Du lịch",
    "Sở Khoa học và Công nghệ",
    "Sở Thông tin và Truyền thông",
    "Sở Tài chính",
    "Thanh tra tỉnh",
    "Ban Quản lý các khu công nghiệp",
)
SPELLINGS = 6


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit. `number` is its Groups.Id; `old_order` says that it still writes its agency id back to front."""

    number: int
    level: int
    name: str
    parent: int | None
    statistics_code: str | None
    groups: tuple[str, ...]
    old_order: bool
    district: str | None

    @property
    def agency(self) -> str:
        """The agency id as it is written today: H55.21.05."""
        return ".".join(("H55", *self.groups))

    @property
    def agency_reversed(self) -> str:
        """The same id in the old order, filled up to four groups: 000.05.21.H55."""
        if len(self.groups) == 1:
            return f"000.00.{self.groups[0]}.H55"
        return f"000.{self.groups[1]}.{self.groups[0]}.H55"

    @property
    def own_agency(self) -> str:
        """The id as the unit itself writes it."""
        return self.agency_reversed if self.old_order else self.agency


@dataclass(frozen=True, slots=True)
class Units:
    """All units, by position; `number` is the position plus one."""

    rows: tuple[Unit, ...]

    def positions(self, level: int) -> npt.NDArray[np.int64]:
        return np.array([at for at, unit in enumerate(self.rows) if unit.level == level], dtype=np.int64)

    def spellings(self) -> list[str]:
        """SPELLINGS free-text names a unit, the full one first, the one that two units share last."""
        return [text for unit in self.rows for text in _spellings(unit)]


def load_units() -> Units:
    """Departments first, then each district with its communes, as of 2023."""
    rows = [
        Unit(at + 1, PROVINCE, name, None, None, (f"{at + 1:02}",), at in (3, 11), None)
        for at, name in enumerate(DEPARTMENTS)
    ]
    with (DATA / "thai_nguyen_2023_units.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    districts = list(dict.fromkeys((row["district_code"], row["district_name"]) for row in listed))
    for order, (code, name) in enumerate(districts):
        group = f"{21 + order}"
        rows.append(Unit(len(rows) + 1, DISTRICT, name, None, code, (group,), order in (4, 6), name))
        parent = len(rows)
        for place, row in enumerate(row for row in listed if row["district_code"] == code):
            groups = (group, f"{place + 1:02}")
            # About one office in eleven never changed the order; whole districts did not either.
            old = order == 4 or len(rows) % 11 == 0
            rows.append(Unit(len(rows) + 1, COMMUNE, row["ward_name"], parent, row["ward_code"], groups, old, name))
    return Units(tuple(rows))


def _spellings(unit: Unit) -> tuple[str, ...]:
    if unit.level == PROVINCE:
        full = f"{unit.name} tỉnh Thái Nguyên" if unit.name.startswith("Sở") else unit.name
        short = unit.name.replace("Sở ", "Sở  ")
    elif unit.level == DISTRICT:
        full, short = f"UBND {unit.name}", unit.name.replace("Thành phố", "TP.").replace("Huyện", "H.")
    else:
        full = f"UBND {unit.name}, {unit.district}"
        short = f"{unit.name} - {(unit.district or '').replace('Thành phố', 'TP').replace('Huyện', 'H.')}"
    bare = unit.name if unit.level == COMMUNE else full
    return (full, full.replace("UBND", "Ủy ban nhân dân"), short, full.upper(), _without_marks(full), bare)


def _without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
