"""Pages read many at once, and the same pages record by record: equal columns, hashes, faults and refusals, whatever stands
in them; and both as Python's own JSON has them.

Belongs here: that the two ways agree. Does not: what either makes of odd records (test_pages_kept.py).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.records import QuarantinedField
from contracts.source import ServiceLayout, SourceContract
from extractors.envelope import UnreadableReply, opened
from extractors.page_columns import writing_of
from extractors.page_records import Gathered, Shape, records_at
from extractors.pages import PageHeader, kept_pages, read_pages, write_page
from extractors.row_hashes import RowHashes
from extractors.text_records import TextRecords

SOURCE = SourceContract.model_validate(
    {
        "name": "made", "owner": "nobody", "cadence": "never", "zone": "Asia/Ho_Chi_Minh",
        "streams": [{
            "name": "thing", "delivery": "full", "key": ["Ma"], "version": {"by": "reading"},
            "layout": {"kind": "service", "service": "LayThu", "ignored": ["GhiChu", "TaiLieu", "LePhi"]},
            "fields": [{"name": "Ma", "required": True}, {"name": "Ten"}, {"name": "So"}],
        }],
    }
)  # fmt: skip
STREAM = SOURCE.streams[0]
assert isinstance(STREAM.layout, ServiceLayout)
SHAPE = Shape.of(STREAM, STREAM.layout)
WANTED, IGNORED = {"Ma", "Ten", "So"}, {"GhiChu", "TaiLieu", "LePhi"}
HASHES = RowHashes("a key")

Outcome = tuple[Any, ...]

#: Signs that mean something to JSON, to a table, or to neither and look as if they did.
PIECES = [
    "},{", "{", "}", '","', '"', ":", ",", "[", "]", "\\", "\n", "\r", "\x00", "\x1f", "\x7f", "\u2028", "\ufeff", "đ", "𠮷",
    " ", "null", "Ma",
]  # fmt: skip
texts = st.one_of(
    st.sampled_from(["", "a", "Nguyễn Thị Thử"]), st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
)
plain_texts = st.text(st.characters(exclude_characters='"\\', exclude_categories=["Cc", "Cs"]), max_size=6)
others = st.one_of(
    st.none(), st.integers(-3, 3), st.just([]), st.just({}), st.just([{"b": 1, "a": ["đ"]}]), st.booleans()
)


@st.composite
def even_pages(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records of one order of fields, all their values text, but for ignored ones that are the same in each."""
    names = draw(st.permutations(sorted(WANTED | IGNORED)))
    same = {name: draw(others) for name in draw(st.sets(st.sampled_from(sorted(IGNORED))))}
    count = draw(st.integers(1, 5))
    return [{name: same[name] if name in same else draw(plain_texts) for name in names} for _ in range(count)]


def _shuffled(record: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(record.items()))


def _without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda record: {key: value for key, value in record.items() if key != name}


def _with(name: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda record: {**record, name: value}


CHANGES = st.one_of(
    st.sampled_from([_shuffled, _without("Ten"), _without("GhiChu"), _with("Moi", "x")]),
    st.builds(_with, st.sampled_from(sorted(WANTED | IGNORED)), st.one_of(texts, others)),
)
WRITINGS = st.sampled_from([
    {"separators": (",", ":")}, {"separators": (", ", ": ")}, {"indent": 1},
    {"separators": (",", ":"), "ensure_ascii": True},
])  # fmt: skip


@st.composite
def any_pages(draw: st.DrawFn) -> list[bytes]:
    """Bodies as a gateway may send them: evenly written pages in which a record or two may be changed."""
    bodies = []
    for _ in range(draw(st.integers(1, 3))):
        records = draw(even_pages())
        for at in draw(st.lists(st.integers(0, len(records) - 1), max_size=2)):
            records[at] = draw(CHANGES)(records[at])
        written = json.dumps(records, **{"ensure_ascii": False, **draw(WRITINGS)})
        bodies.append(_enclosed(written, double=draw(st.booleans())))
    return bodies


def _enclosed(records: str, *, double: bool = False) -> bytes:
    if double:
        return json.dumps({"error_code": "0", "message": f'{{"result":{records}}}'}).encode()
    return f'{{"error_code":"0","message":"","result":{records}}}'.encode("utf-8", "surrogatepass")


def _kept(file: Path, bodies: list[bytes], repeats: list[int]) -> Path:
    with file.open("wb") as out:
        for at, body in enumerate(bodies):
            write_page(out, PageHeader("LayThu", {}, 200, len(body), "", repeats if at == 0 else []), body)
    return file


def _many_at_once(file: Path) -> Outcome:
    assert isinstance(STREAM.layout, ServiceLayout)
    return _told(lambda: list(read_pages(STREAM, STREAM.layout, file, "kept", HASHES)))


def _record_by_record(file: Path) -> Outcome:
    def read() -> list[TextRecords]:
        parts, number = [], 1
        for header, body in kept_pages(file, "kept"):
            gathered = Gathered(SHAPE, number, "kept")
            number += gathered.take(bytes(memoryview(opened(body).records or b"[]")), header.repeats)
            parts.append(gathered.records(HASHES))
        if not sum(part.read for part in parts):
            raise DeliveryRefused(DeliveryProblem.EMPTY, "kept holds no record")
        return parts

    return _told(read)


def _told(read: Callable[[], list[TextRecords]]) -> Outcome:
    """What came out, in a form that can be compared."""
    try:
        parts = read()
    except DeliveryRefused as refusal:
        return refusal.problem, "" if refusal.problem is DeliveryProblem.MALFORMED else refusal.message
    except UnreadableReply:
        return DeliveryProblem.MALFORMED, ""
    rows: list[Any] = [row for part in parts for row in part.columns.rows(named=True)]
    numbers = [number for part in parts for number in part.numbers]
    hashes = [digest for part in parts for digest in part.hashes]
    faults: list[QuarantinedField] = [fault for part in parts for fault in (*part.unreadable, *part.field_faults)]
    return rows, numbers, hashes, sorted(faults, key=lambda fault: (fault.row_number, fault.field))


@given(pages=st.lists(even_pages(), min_size=1, max_size=3), repeats=st.sets(st.integers(0, 0)))
def test_even_pages_are_read_as_pythons_json_reads_them(
    tmp_path_factory: pytest.TempPathFactory, pages: list[list[dict[str, Any]]], repeats: set[int]
) -> None:
    bodies = [_enclosed(json.dumps(page, ensure_ascii=False, separators=(",", ":"))) for page in pages]
    records = [record for body in bodies for record in json.loads(body)["result"]]
    if len(records) == 1:
        repeats = set()
    found = _many_at_once(_kept(tmp_path_factory.mktemp("even") / "x", bodies, sorted(repeats)))
    places = [at for at in range(len(records)) if at not in repeats]
    assert found[0] == [{name: records[at][name] or None for name in ("Ma", "Ten", "So")} for at in places]
    assert found[1] == [at + 1 for at in places]
    assert found[2] == [
        hmac.digest(
            b"a key",
            json.dumps(records[at], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(),
            "sha256",
        )
        for at in places
    ]
    assert found[3] == []


@given(page=even_pages())
def test_even_pages_are_read_at_once_unless_a_brace_stands_in_them(page: list[dict[str, Any]]) -> None:
    records = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
    writing = writing_of(records.encode(), WANTED, IGNORED)
    if records.count("{") > len(page):
        assert writing is None or writing.columns([records.encode()]) is None
        return
    assert writing is not None
    columns = writing.columns([records.encode()])
    assert columns is not None and columns.height == len(page)


@given(bodies=any_pages(), repeats=st.sets(st.integers(0, 1)))
def test_whatever_stands_in_pages_both_ways_agree(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes], repeats: set[int]
) -> None:
    if repeats and len(json.loads(bodies[0]).get("result") or [0]) <= max(repeats):
        repeats = set()
    file = _kept(tmp_path_factory.mktemp("any") / "x", bodies, sorted(repeats))
    assert _many_at_once(file) == _record_by_record(file)


@given(
    page=even_pages(),
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from([*PIECES, '"a":"b",', "\xff"])), max_size=3
    ),
)
def test_bytes_changed_anywhere_are_read_alike_both_ways(
    tmp_path_factory: pytest.TempPathFactory, page: list[dict[str, Any]], cuts: list[tuple[float, int, str]]
) -> None:
    body = _enclosed(json.dumps(page, ensure_ascii=False, separators=(",", ":")))
    for where, length, put in cuts:
        at = int(where * len(body))
        body = body[:at] + put.encode("latin-1" if put == "\xff" else "utf-8") + body[at + length :]
    file = _kept(tmp_path_factory.mktemp("changed") / "x", [body], [])
    assert _many_at_once(file) == _record_by_record(file)


SECOND = {
    "other order": '{"Ma":"b","So":"2","Ten":"y"}',
    "a key twice": '{"Ma":"b","Ten":"y","So":"2","So":"3"}',
    "a field less": '{"Ma":"b","Ten":"y"}',
    "a field more": '{"Ma":"b","Ten":"y","So":"2","Moi":""}',
    "a number": '{"Ma":"b","Ten":"y","So":2}',
    "null": '{"Ma":"b","Ten":"y","So":null}',
    "a blank": '{"Ma":"b", "Ten":"y","So":"2"}',
    "an escaped letter": '{"Ma":"b","Ten":"\\u0111","So":"2"}',
    "NUL": '{"Ma":"b","Ten":"\\u0000","So":"2"}',
    "a brace": '{"Ma":"b","Ten":"{","So":"2"}',
    "the end of a record": '{"Ma":"b","Ten":"},{","So":"2"}',
    "an object": '{"Ma":"b","Ten":{"Ma":"c","Ten":"y","So":"2"},"So":"2"}',
    "no object": '"Ma"',
}


@pytest.mark.parametrize("second", SECOND)
def test_a_record_written_otherwise_than_the_first_is_not_taken_for_one_like_it(tmp_path: Path, second: str) -> None:
    records = f'[{{"Ma":"a","Ten":"x","So":"1"}},{SECOND[second]}]'
    writing = writing_of(records.encode(), WANTED, IGNORED)
    assert writing is None or writing.columns([records.encode()]) is None
    file = _kept(tmp_path / "x", [_enclosed(records)], [])
    assert _many_at_once(file) == _record_by_record(file)


def test_a_page_written_otherwise_does_not_hold_up_the_pages_beside_it(tmp_path: Path) -> None:
    even = '[{"Ma":"a","Ten":"x","So":"1"},{"Ma":"b","Ten":"y","So":""}]'
    odd = '[{"Ma":"c","Ten":"z","So":"3"},{"Ma":"d","So":"4","Ten":"{"}]'
    file = _kept(tmp_path / "x", [_enclosed(text) for text in (even, odd, even)], [])
    rows, numbers, _, faults = _many_at_once(file)
    assert [row["Ma"] for row in rows] == ["a", "b", "c", "d", "a", "b"] and numbers == [1, 2, 3, 4, 5, 6]
    assert not faults and _many_at_once(file) == _record_by_record(file)


def test_a_fault_is_told_where_it_stands_though_pages_wait_before_it(tmp_path: Path) -> None:
    even = '[{"Ma":"a","Ten":"x","So":"1"},{"Ma":"b","Ten":"y","So":""}]'
    drifted = '[{"Ma":"c","Ten":"z","So":"3","Moi":"x"}]'
    problem, message = _many_at_once(_kept(tmp_path / "x", [_enclosed(text) for text in (even, even, drifted)], []))
    assert problem is DeliveryProblem.COLUMN_ADDED and "record 5" in message
    with pytest.raises(DeliveryRefused, match="the page before record 3 is no readable answer"):
        assert isinstance(STREAM.layout, ServiceLayout)
        list(read_pages(STREAM, STREAM.layout, _kept(tmp_path / "y", [_enclosed(even), b"<html>"], []), "y", HASHES))


def test_bytes_that_are_no_text_refuse_the_delivery(tmp_path: Path) -> None:
    body = b'{"error_code":"0","result":[{"Ma":"a","Ten":"\xff","So":"1"}]}'
    assert _many_at_once(_kept(tmp_path / "x", [body], []))[0] is DeliveryProblem.MALFORMED


def test_the_hash_without_a_key_is_sha256_of_the_canonical_record(tmp_path: Path) -> None:
    assert isinstance(STREAM.layout, ServiceLayout)
    file = _kept(tmp_path / "x", [_enclosed('[{"So":"1","Ma":"đ","TaiLieu":[],"Ten":""}]')], [])
    [found] = read_pages(STREAM, STREAM.layout, file, "x", RowHashes())
    assert isinstance(found.hashes, pl.Series)
    assert found.hashes.to_list() == [hashlib.sha256('{"Ma":"đ","So":"1","TaiLieu":[],"Ten":""}'.encode()).digest()]


@given(
    page=st.lists(st.one_of(even_pages().map(lambda found: found[0]), st.just({}), others), min_size=1, max_size=4),
    long=st.booleans(),
    writing=WRITINGS,
    data=st.data(),
)
def test_records_taken_from_a_page_are_those_at_their_places(
    page: list[Any], long: bool, writing: dict[str, Any], data: st.DataObject
) -> None:
    if long:
        # More than is looked at from either end, and it ends and begins like records.
        page[0] = {"Ma": "x},{" * 2_000, "TaiLieu": [{"Ma": ""}, {"Ma": "y"}]}
    places = data.draw(st.lists(st.integers(0, len(page) - 1), unique=True).map(sorted))
    written = json.dumps(page, **{"ensure_ascii": False, **writing}).encode()
    assert records_at(written, places, len(page)) == [page[at] for at in places]
