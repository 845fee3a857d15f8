"""Kept pages to text records: strict about fields, careful about odd records, and the same record in every writing.

Belongs here: what can be said of bytes alone. Does not: the portal that sends them (tests/integration/portal).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.source import ServiceLayout, SourceContract
from extractors.envelope import UnreadableReply, opened
from extractors.evidence import record_text
from extractors.pages import PageHeader, read_pages, write_page
from extractors.row_hashes import RowHashes
from extractors.text_records import TextRecords

FIELDS = ["Ma", "Ten", "So"]
LAYOUT = {"kind": "service", "service": "LayThu", "ignored": ["GhiChu", "TaiLieu"]}
SOURCE = SourceContract.model_validate(
    {
        "name": "made", "owner": "nobody", "cadence": "never", "zone": "Asia/Ho_Chi_Minh",
        "streams": [{
            "name": "thing", "layout": LAYOUT, "delivery": "full", "key": ["Ma"], "version": {"by": "reading"},
            "fields": [{"name": "Ma", "required": True}, {"name": "Ten"}, {"name": "So"}],
        }],
    }
)  # fmt: skip
STREAM = SOURCE.streams[0]


def record(code: str, **more: Any) -> dict[str, Any]:
    return {"Ma": code, "Ten": f"Tên {code}", "So": "", **more}


def kept(file: Path, *pages: bytes | list[Any], repeats: dict[int, list[int]] | None = None) -> Path:
    with file.open("wb") as out:
        for at, page in enumerate(pages):
            body = page if isinstance(page, bytes) else answer(page)
            header = PageHeader("LayThu", {"trang": str(at + 1)}, 200, len(body), "", (repeats or {}).get(at, []))
            write_page(out, header, body)
    return file


def answer(records: list[Any], **written: Any) -> bytes:
    return json.dumps(
        {"error_code": "0", "message": "", "result": records},
        **{"ensure_ascii": False, "separators": (",", ":"), **written},
    ).encode()


def read(file: Path) -> list[TextRecords]:
    assert isinstance(STREAM.layout, ServiceLayout)
    return list(read_pages(STREAM, STREAM.layout, file, file.name, RowHashes()))


def refused(file: Path) -> DeliveryRefused:
    with pytest.raises(DeliveryRefused) as refusal:
        read(file)
    return refusal.value


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_records_are_numbered_through_the_file_and_empty_is_null(tmp_path: Path) -> None:
    [found] = read(kept(tmp_path / "x", [record("a"), record("b")], [], [record("c", So="7")]))
    assert list(found.numbers) == [1, 2, 3]
    assert found.columns.to_dicts() == [
        {"Ma": "a", "Ten": "Tên a", "So": None},
        {"Ma": "b", "Ten": "Tên b", "So": None},
        {"Ma": "c", "Ten": "Tên c", "So": "7"},
    ]
    assert found.hashes[2] == hashlib.sha256(canonical(record("c", So="7"))).digest()


def test_repeats_are_left_out_and_keep_their_numbers(tmp_path: Path) -> None:
    file = kept(tmp_path / "x", [record("a"), record("b")], [record("b"), record("c")], repeats={1: [0]})
    [found] = read(file)
    assert found.columns["Ma"].to_list() == ["a", "b", "c"] and list(found.numbers) == [1, 2, 4]
    assert bytes.fromhex(record_text(STREAM, file, 4, RowHashes())[1]) == found.hashes[2]


WRITINGS = {
    "indented": {"indent": 1},
    "escaped": {"ensure_ascii": True},
    "blanks": {"separators": (", ", ": ")},
    "sorted": {"sort_keys": True},
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_the_same_record_has_one_hash_however_it_is_written(tmp_path: Path, writing: str) -> None:
    records = [record("a", GhiChu="x", TaiLieu=[{"b": 1, "a": ["đ", None, True]}]), record('b\n"\\/\x7f')]
    plain = read(kept(tmp_path / "plain", records))[0]
    other_file = kept(tmp_path / "other", answer(records, **WRITINGS[writing]))
    other = read(other_file)[0]
    assert (
        plain.hashes.to_list()
        == other.hashes.to_list()
        == [hashlib.sha256(canonical(entry)).digest() for entry in records]
    )
    assert plain.columns.equals(other.columns)
    assert [bytes.fromhex(record_text(STREAM, other_file, number, RowHashes())[1]) for number in (1, 2)] == list(
        plain.hashes
    )


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@given(
    texts=st.lists(
        st.tuples(st.text(), st.text(), st.one_of(st.none(), st.text(), st.lists(st.integers(-9, 9)))), max_size=6
    )
)
def test_any_text_comes_through(tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, Any]]) -> None:
    readable = [
        {"Ma": _writable(first), "Ten": _writable(second), "So": "1", "TaiLieu": more} for first, second, more in texts
    ]
    file = kept(tmp_path_factory.mktemp("any") / "x", [record("a"), *readable])
    found = read(file)[0]
    assert found.columns.height == 1 + len(readable) and not found.unreadable
    faulty = {fault.row_number for fault in found.field_faults}
    for at, entry in enumerate(readable, 1):
        if at + 1 not in faulty:
            assert [found.columns[name][at] or "" for name in ("Ma", "Ten")] == [entry["Ma"], entry["Ten"]]
        else:
            assert "\0" in entry["Ma"] + entry["Ten"]
        if not isinstance(more := entry["TaiLieu"], str) or more == _writable(more):
            assert found.hashes[at] == hashlib.sha256(canonical(entry)).digest()


def test_other_kinds_of_value_are_faults_of_their_field_and_null_is_empty(tmp_path: Path) -> None:
    [found] = read(
        kept(tmp_path / "x", [record("a", So=7), record("b", So=None), record("c", Ten=["x"]), record("d\0", Ten="")])
    )
    assert {(fault.row_number, fault.field): fault.reason for fault in found.field_faults} == {
        (1, "So"): "is a number, where the portal sends text",
        (3, "Ten"): "is no text, where the portal sends text",
        (4, "Ma"): "holds a NUL character",
    }
    assert found.columns["So"].to_list() == [None, None, None, None]


def test_a_record_that_is_none_is_told_and_the_others_stay(tmp_path: Path) -> None:
    twice = b'{"Ma":"b","Ten":"x","So":"","Ten":"y"}'
    body = b'{"error_code":0,"result":[' + b",".join([json.dumps(record("a")).encode(), b'"text"', twice]) + b"]}"
    [found] = read(kept(tmp_path / "x", body))
    assert {fault.row_number: fault.reason for fault in found.unreadable} == {
        2: "is no object",
        3: "an object in it names a key twice",
    }
    assert list(found.numbers) == [1] and found.read == 3


def test_a_key_told_twice_is_seen_in_a_page_without_blanks(tmp_path: Path) -> None:
    body = b'{"error_code":0,"result":[{"Ma":"b","Ten":"x","So":"","Ten":"y"}]}'
    [found] = read(kept(tmp_path / "x", body))
    assert [fault.row_number for fault in found.unreadable] == [1]


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        ([record("a"), record("b", Moi="1")], DeliveryProblem.COLUMN_ADDED),
        ([record("a"), {"Ma": "b", "Ten": ""}], DeliveryProblem.COLUMN_DROPPED),
        ([{"Ma": "b", "TenMoi": "", "So": ""}], DeliveryProblem.COLUMN_RENAMED),
        ([], DeliveryProblem.EMPTY),
    ],
)
def test_drift_refuses_the_delivery(tmp_path: Path, records: list[Any], problem: DeliveryProblem) -> None:
    refusal = refused(kept(tmp_path / "x", records))
    assert refusal.problem is problem
    if problem is DeliveryProblem.COLUMN_ADDED:
        assert "record 2" in refusal.message and "'Moi'" in refusal.message


@pytest.mark.parametrize("cut", [1, 30, 100])
def test_a_kept_file_that_was_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    file = kept(tmp_path / "x", [record("a")], [record("b")])
    file.write_bytes(file.read_bytes()[:-cut])
    assert refused(file).problem in {DeliveryProblem.TRUNCATED, DeliveryProblem.MALFORMED}


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"MaHoSo,Ten\n1,2\n")
    assert refused(tmp_path / "x").problem is DeliveryProblem.MALFORMED
    assert refused(kept(tmp_path / "y", b"<html></html>")).problem is DeliveryProblem.MALFORMED


def test_many_pages_come_in_blocks_and_lose_none(tmp_path: Path) -> None:
    pages = [[record(f"{page}-{at}", Ten="x" * 400) for at in range(700)] for page in range(30)]
    blocks = read(kept(tmp_path / "x", *pages))
    assert len(blocks) > 1
    assert [number for block in blocks for number in block.numbers] == list(range(1, 21_001))


@pytest.mark.parametrize(
    ("body", "code", "records"),
    [
        (b'{"error_code":0,"result":[]}', "", b"[]"),
        (b'{"error_code":"00","result":[1]}', "", b"[1]"),
        (b'{"error_code":"0","result":null}', "", b"[]"),
        (b'{"error_code":"-3","message":"x"}', "-3", None),
        (b'{"error_code":"0","message":"ok"}', "", None),
        (b'{"message":"{\\"error_code\\":0,\\"result\\":[2]}"}', "", b"[2]"),
        (b'{"error_code":"0","message":"{\\"error_code\\":\\"7\\"}"}', "7", None),
        ("Lấy dữ liệu thành công".encode(), "", b"[]"),
    ],
)
def test_an_answer_in_every_form(body: bytes, code: str, records: bytes | None) -> None:
    found = opened(body)
    assert found.code == code
    assert (None if found.records is None else bytes(memoryview(found.records))) == records


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"[]", "<html>thành công</html>".encode(), b'{"result":{"a":1}}',
        b'{"error_code":0,"result":[{"a":', "Không thành công… {".encode(), b"\xff\xfe", b'{"message":"{broken"}',
        ("x" * 5_000 + " thành công").encode(),
        b'{"error_code":0,"result":[{"a":"\xff"}]}', b'{"error_code":0,"result":[{"a":"\xed\xa0\x80"}]}',
    ],
)  # fmt: skip
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(UnreadableReply):
        opened(body)
