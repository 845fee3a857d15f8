"""The exports of real offices: titles, merged heads, mixed dates, three formats, sheets without a row.

Belongs here: the built-in contracts of one-stop units, decisions and the Centre, read from files made here. Does not:
landing (tests/integration/test_province_drops.py).
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import pytest
import xlsxwriter

from contracts.failures import DeliveryRefused
from extractors.drops import read
from extractors.pseudonyms import Pseudonyms
from tests.unit.extractors.conftest import Outcome

PSEUDONYMS = Pseudonyms(bytes(range(32)))
RECEIVED = datetime(2023, 3, 14, 1, 30, tzinfo=UTC)  # 08:30 in Việt Nam


@pytest.fixture
def taken(built_in):
    """Reads a file by a stream of a built-in contract; None when it gave no batch."""

    def run(source, stream, file):
        contract = built_in[source]
        batches = list(read(contract.stream(stream), contract, file, file.name, pseudonyms=PSEUDONYMS))
        return Outcome(batches) if batches else None

    return run


def _row(number, **changed):
    row = {
        "STT": str(number), "Số hồ sơ": f"H55.12-230314-{number:04}", "Tên thủ tục hành chính": "Đăng ký khai sinh",
        "Mã TTHC": "1.001193", "Lĩnh vực": "Hộ tịch", "Họ tên người nộp": "Nguyễn Văn Thử",
        "Số CCCD/CMND": "099012345678", "Hình thức nộp": "Trực tiếp", "Ngày tiếp nhận": "14/03/2023 08:30",
        "Ngày hẹn trả": "16/03/2023 08:30", "Ngày hoàn thành": "15/03/2023 10:00", "Trạng thái": "Đã trả kết quả",
        "Đơn vị xử lý": "UBND phường Thử",
    }  # fmt: skip
    return row | changed


HEAD = list(_row(0))


def _register(file, rows, below=(), head=tuple(HEAD)):
    """A unit's workbook: two titles, an empty row, groups over two columns each, heads without a group merged downwards."""
    book = xlsxwriter.Workbook(str(file))
    page = book.add_worksheet("Sổ theo dõi")
    as_date = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    page.merge_range(0, 0, 0, len(head) - 1, "ỦY BAN NHÂN DÂN THÀNH PHỐ THỬ")
    page.merge_range(1, 0, 1, len(head) - 1, "SỔ THEO DÕI HỒ SƠ – tháng 3/2023")
    grouped = {5: "Người nộp", 8: "Thời gian"}
    for column, name in enumerate(head):
        if column in {5, 6, 8, 9}:
            page.write(4, column, name)
        elif column == 10:
            page.write(4, column, name.replace(" ", "\n", 1))
        else:
            page.merge_range(3, column, 4, column, unicodedata.normalize("NFD", name))
    for column, name in grouped.items():
        page.merge_range(3, column, 3, column + 1, name)
    for at, row in enumerate([*rows, *below], 5):
        for column, value in enumerate(row.values() if isinstance(row, dict) else row):
            if isinstance(value, datetime):
                page.write_datetime(at, column, value, as_date)
            elif value is not None:
                page.write(at, column, value)
    book.close()
    return file


def test_a_register_with_titles_groups_and_both_kinds_of_dates(tmp_path, taken):
    rows = [
        _row(1),
        _row(2, **{"STT": 2, "Ngày tiếp nhận": datetime(2023, 3, 14, 8, 30), "Ngày hẹn trả": datetime(2023, 3, 17)}),
        _row(3, **{"Ngày hẹn trả": "01/01/0001", "Trạng thái": "Xong rồi", "Hình thức nộp": ""}),
        _row(4, **{"Ngày tiếp nhận": "hôm qua"}),
    ]
    below = [[], ["Tổng cộng", None, "4 hồ sơ"], [], [None] * 10 + ["Người lập sổ"], [" ", ""], []]
    batch = taken("one_stop", "workbook", _register(tmp_path / "H55.12_20230331.xlsx", rows, below))
    assert batch.rows["dossier_code"].to_list() == [f"H55.12-230314-{number:04}" for number in (1, 2, 3)]
    assert batch.rows["line_number"].to_list() == ["1", "2", "3"]
    assert batch.rows["received_at"].to_list() == [RECEIVED] * 3
    assert batch.rows["due_at"].to_list() == [
        datetime(2023, 3, 16, 1, 30, tzinfo=UTC), datetime(2023, 3, 16, 17, tzinfo=UTC), None,
    ]  # fmt: skip
    assert batch.rows["applicant_identity"].n_unique() == 1
    assert len(batch.rows["applicant_identity"][0]) == 32
    told = {(fault.row_number, fault.field, fault.whole_row) for fault in batch.quarantine}
    assert {entry for entry in told if not entry[2]} == {(8, "Ngày hẹn trả", False), (8, "Trạng thái", False)}
    # The totals and the signature are no dossiers: rows like any other, told and not landed.
    assert {row for row, _, whole in told if whole} == {9, 10, 11, 12, 13}
    assert (batch.read, batch.quarantined_rows) == (8, 5)


def test_a_code_written_as_text_keeps_its_zeros(tmp_path, taken):
    rows = [_row(1, **{"Mã TTHC": "2.000500"}), _row(2, **{"Mã TTHC": "00123"})]
    batch = taken("one_stop", "workbook", _register(tmp_path / "H55.12_20230331.xlsx", rows))
    assert batch.rows["procedure_code"].to_list() == ["2.000500", "00123"]


def test_the_three_formats_say_the_same(tmp_path, taken):
    rows = [_row(number) for number in range(1, 30)]
    lines = [HEAD, *[list(row.values()) for row in rows]]
    book = _register(tmp_path / "H55.12_20230331.xlsx", rows)
    comma = tmp_path / "H55.12_20230331.csv"
    comma.write_bytes("".join(",".join(line) + "\r\n" for line in lines).encode("utf-8-sig"))
    tabs = tmp_path / "H55.12_20230331.txt"
    tabs.write_bytes(("Sổ theo dõi hồ sơ\r\n" + "\r\n".join("\t".join(line) for line in lines)).encode("utf-16"))
    one, two, three = (
        taken("one_stop", stream, file).rows.drop("_row_number", "_row_sha256")
        for stream, file in (("workbook", book), ("csv", comma), ("unicode_text", tabs))
    )
    assert one.height == 29
    assert one.equals(two)
    assert one.equals(three)


def test_a_register_whose_head_moved_says_so_without_naming_anyone(tmp_path, taken):
    file = _register(tmp_path / "H55.12_20230331.xlsx", [_row(1), _row(2)])
    book = xlsxwriter.Workbook(str(file))
    page = book.add_worksheet()
    for at, line in enumerate([HEAD, *[list(_row(number).values()) for number in range(1, 9)]]):
        page.write_row(at, 0, line)
    book.close()
    with pytest.raises(DeliveryRefused) as caught:
        taken("one_stop", "workbook", file)
    assert "names 0 of the 13 columns" in caught.value.message
    assert "Thử" not in caught.value.message


@pytest.fixture
def decision(tmp_path):
    """A decision as a workbook: its head and three lists, the middle one without a row."""

    def make(number=12, new=2, abolished=1):
        file = tmp_path / f"QD_{number}_20230214.xlsx"
        book = xlsxwriter.Workbook(str(file))
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        head = book.add_worksheet("Quyết định")
        head.write(0, 0, "QUYẾT ĐỊNH CÔNG BỐ")
        head.write_row(1, 0, ["Số quyết định", "Ngày ký", "Ngày hiệu lực", "Cơ quan ban hành", "Trích yếu"])
        head.write_row(2, 0, [f"{number}/QĐ-UBND", "14/02/2023", None, "UBND tỉnh", "Công bố danh mục"])
        head.write_datetime(2, 2, datetime(2023, 2, 20), day)
        lists = {
            "Ban hành mới": ["STT", "Mã TTHC", "Tên TTHC", "Lĩnh vực", "Cơ quan thực hiện", "Cấp thực hiện"],
            "Sửa đổi, bổ sung": [
                "STT", "Mã TTHC", "Tên TTHC", "Nội dung sửa đổi", "Mã TTHC thay thế", "Lĩnh vực", "Cơ quan thực hiện",
            ],
            "Bãi bỏ": ["STT", "Mã TTHC", "Tên TTHC", "Căn cứ", "Lĩnh vực", "Cơ quan thực hiện"],
        }  # fmt: skip
        for name, columns in lists.items():
            page = book.add_worksheet(name)
            page.write(0, 0, name.upper())
            page.write_row(1, 0, columns)
            for at in range({"Ban hành mới": new, "Bãi bỏ": abolished}.get(name, 0)):
                page.write_row(2 + at, 0, [at + 1, "" if at else f"1.00{at:04}", f"Thủ tục {at}", "Đất đai", "Sở Thử"])
        book.close()
        return file

    return make


def test_a_decision_with_an_empty_list(taken, decision):
    file = decision()
    head = taken("decisions", "head", file)
    assert head.rows.select("decision_code", "signed_on", "effective_on").rows() == [
        ("12/QĐ-UBND", date(2023, 2, 14), date(2023, 2, 20))
    ]
    new = taken("decisions", "new_procedure", file)
    assert new.rows.select("line_number", "procedure_code").rows() == [(1, "1.000000"), (2, None)]
    assert taken("decisions", "amended_procedure", file) is None
    assert taken("decisions", "abolished_procedure", file).rows.height == 1


def test_a_register_without_a_row_is_a_delivery_of_nothing(tmp_path, taken):
    assert taken("one_stop", "workbook", _register(tmp_path / "H55.12_20230331.xlsx", [])) is None
    comma = tmp_path / "H55.12_20230331.csv"
    comma.write_bytes((",".join(HEAD) + "\r\n").encode("utf-8-sig"))
    assert taken("one_stop", "csv", comma) is None
    tabs = tmp_path / "H55.12_20230331.txt"
    tabs.write_bytes(("Sổ theo dõi\r\n" + "\t".join(HEAD) + "\r\n").encode("utf-16"))
    assert taken("one_stop", "unicode_text", tabs) is None
    tabs.write_bytes("Sổ theo dõi\r\n".encode("utf-16"))
    with pytest.raises(DeliveryRefused, match="holds no line"):
        taken("one_stop", "unicode_text", tabs)


def test_what_must_hold_something_is_refused_without_a_row(tmp_path, taken):
    file = tmp_path / "danh_muc_20230630.xlsx"
    book = xlsxwriter.Workbook(str(file))
    page = book.add_worksheet()
    page.write(0, 0, "DANH MỤC")
    page.write_row(1, 0, ["Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực"])
    book.close()
    with pytest.raises(DeliveryRefused, match="a header and no row below it"):
        taken("decisions", "catalogue", file)


def test_the_queue_of_a_day(tmp_path, taken):
    file = tmp_path / "luot_20230314.csv"
    file.write_text(
        "Ngày;Số vé;Quầy;Lấy số;Gọi;Phục vụ xong\r\n"
        "14/03/2023;A001;3;14/03/2023 07:31:02;14/03/2023 07:40:00;14/03/2023 07:52:10\r\n"
        "14/03/2023;A002;3;14/03/2023 07:33:00;;\r\n"
        "14/03/2023;A003;3;14/03/2023 07:35:00;14/03/2023 25:00:00;14/03/2023 07:59:00\r\n",
        "utf-8",
    )
    batch = taken("centre", "ticket", file)
    assert batch.rows["ticket_number"].to_list() == ["A001", "A002", "A003"]
    assert batch.rows["called_at"].to_list() == [datetime(2023, 3, 14, 0, 40, tzinfo=UTC), None, None]
    assert [(fault.field, fault.whole_row) for fault in batch.quarantine] == [("Gọi", False)]


def test_empty_files_of_other_kinds(source_of, tmp_path):
    allowed = {"delivery": "incremental", "empty": "allowed"}
    comma = source_of(["key", "n"], **allowed)
    lines = source_of(["key", "n"], layout={"kind": "jsonlines"}, **allowed)
    file = tmp_path / "f.csv"
    file.write_bytes(b"key,n\n")
    assert list(read(comma.streams[0], comma, file, file.name)) == []
    file.write_bytes(b"")
    assert list(read(lines.streams[0], lines, file, file.name)) == []
    with pytest.raises(DeliveryRefused, match="holds no line"):
        list(read(comma.streams[0], comma, file, file.name))
