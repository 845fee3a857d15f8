"""A small province's drops made to order: registers of one-stop units, decisions and queue files, and a deployment of them.

Belongs here: writing real files. Does not: asserting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import xlsxwriter
import yaml

from orchestration.settings import load_settings
from tests.conftest import Deployed
from warehouse.database import open_database

REGISTER = (
    "STT", "Số hồ sơ", "Tên thủ tục hành chính", "Mã TTHC", "Lĩnh vực", "Họ tên người nộp", "Số CCCD/CMND",
    "Hình thức nộp", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày hoàn thành", "Trạng thái", "Đơn vị xử lý",
)  # fmt: skip
Row = dict[str, str]


def row(number: int, **changed: str) -> Row:
    """A line of a register; `who` and `identity` name the applicant, other keywords any column by its place."""
    values = (
        str(number), f"H55.12-230314-{number:04}", "Đăng ký khai sinh", "1.001193", "Hộ tịch", "Nguyễn Văn Thử",
        "099012345678", "Trực tiếp", "14/03/2023 08:30", "16/03/2023 08:30", "15/03/2023 10:00", "Đã trả kết quả",
        "UBND phường Thử",
    )  # fmt: skip
    places = {"code": 1, "who": 5, "identity": 6, "channel": 7, "received": 8, "due": 9, "status": 11}
    made = dict(zip(REGISTER, values, strict=True))
    for name, value in changed.items():
        made[REGISTER[places[name]]] = value
    return made


def write_workbook(
    file: Path, rows: Sequence[Row], below: Sequence[Sequence[str]] = (), head: Sequence[str] = REGISTER
) -> Path:
    """A unit's register as districts write it: titles, a row of groups, the names in row 5."""
    file.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("Sổ")
    page.merge_range(0, 0, 0, 12, "ỦY BAN NHÂN DÂN")
    page.merge_range(1, 0, 1, 12, "SỔ THEO DÕI HỒ SƠ")
    page.merge_range(3, 5, 3, 6, "Người nộp")
    for at, line in enumerate([head, *[tuple(row.values()) for row in rows], *below], 4):
        for column, text in enumerate(line):
            page.write_string(at, column, text)
    book.close()
    return file


def write_csv(file: Path, rows: Sequence[Row], more: str = "") -> Path:
    """The same as comma-separated text with a byte order mark; `more` follows as it is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [",".join(f'"{text}"' for text in line) for line in (REGISTER, *[row.values() for row in rows])]
    file.write_bytes(("\r\n".join(lines) + "\r\n" + more).encode("utf-8-sig"))
    return file


def write_unicode_text(file: Path, rows: Sequence[Row]) -> Path:
    """The same as Excel's Unicode text, a title above the names."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(line) for line in (REGISTER, *[row.values() for row in rows])]
    file.write_bytes(("Sổ theo dõi\r\n" + "\r\n".join(lines)).encode("utf-16"))
    return file


def write_decision(file: Path, number: int, new: int, abolished: int) -> Path:
    """A decision with its lists; the list of amended procedures has no line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lists = {
        "Quyết định": ["Số quyết định", "Ngày ký", "Ngày hiệu lực", "Cơ quan ban hành", "Trích yếu"],
        "Ban hành mới": ["STT", "Mã TTHC", "Tên TTHC", "Lĩnh vực", "Cơ quan thực hiện", "Cấp thực hiện"],
        "Sửa đổi, bổ sung": [
            "STT", "Mã TTHC", "Tên TTHC", "Nội dung sửa đổi", "Mã TTHC thay thế", "Lĩnh vực", "Cơ quan thực hiện",
        ],
        "Bãi bỏ": ["STT", "Mã TTHC", "Tên TTHC", "Căn cứ", "Lĩnh vực", "Cơ quan thực hiện"],
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(file))
    for sheet, names in lists.items():
        page = book.add_worksheet(sheet)
        page.write(0, 0, sheet.upper())
        page.write_row(1, 0, names)
        for at in range({"Ban hành mới": new, "Bãi bỏ": abolished}.get(sheet, 0)):
            page.write_row(2 + at, 0, [at + 1, f"1.{at:06}", f"Thủ tục {at}"])
    head = book.get_worksheet_by_name("Quyết định")
    assert head is not None
    head.write_row(2, 0, [f"{number}/QĐ-UBND", "14/02/2023", "20/02/2023", "UBND tỉnh", "Công bố danh mục"])
    book.close()
    return file


@contextmanager
def deployed_drops(folder: Path, database: str, *sources: str) -> Iterator[Deployed]:
    """A deployment whose sources of drops lie in `folder`/<source>, and its database."""
    config = folder / "province.yml"
    config.write_text(
        yaml.safe_dump({
            "name": "province",
            "jurisdictions": {
                "thu": {
                    "name": "Test Province", "name_vi": "Tỉnh Thử", "zone": "Asia/Ho_Chi_Minh",
                    "as_of": "2023-07-01", "cut_offs": ["2023-07-01"], "policies": ["day"], "default_policy": "day",
                }
            },
            "sources": {name: {"jurisdiction": "thu", "path": name} for name in sources},
        }),
        "utf-8",
    )  # fmt: skip
    settings = load_settings(config, [], database)
    with open_database(settings.home, database) as found:
        yield Deployed(settings, found)
