"""Delimited files as they should not be: each kind of damage, and what is said about it."""

from __future__ import annotations

import hashlib

import pytest

from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable
from contracts.records import ROW_HASH, ROW_NUMBER, SHOWN_VALUE_LENGTH
from extractors.evidence import record_text
from extractors.row_hashes import RowHashes

ABC = ["a", "b", "c"]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "x.csv"


def _refused(run) -> DeliveryRefused:
    with pytest.raises(DeliveryRefused) as caught:
        run()
    return caught.value


def test_the_plain_case(source_of, outcome, file):
    result = outcome(source_of(ABC), file, b'a,b,c\n1,,"x"\n2,"","y\n""z"", "\n')
    assert result.rows.drop(ROW_HASH).rows() == [(2, "1", None, "x"), (3, "2", None, 'y\n"z", ')]
    assert result.rows[ROW_HASH].to_list() == [
        hashlib.sha256(record).digest() for record in (b'1,,"x"', b'2,"","y\n""z"", "')
    ]


def test_columns_may_come_in_another_order(source_of, outcome, file):
    result = outcome(source_of(ABC), file, b"c,a,b\n3,1,2\n")
    assert result.rows.drop(ROW_HASH, ROW_NUMBER).rows() == [("1", "2", "3")]


@pytest.mark.parametrize(
    ("data", "layout", "values"),
    [
        (b"\xef\xbb\xbfa,b,c\n1,2,3\n", {}, ("1", "2", "3")),
        (b"a,b,c\r\n1,2,3\r\n", {}, ("1", "2", "3")),
        (b'a,b,c\r\n"1","2\r\n","3"\r\n', {}, ("1", "2\r\n", "3")),
        (b"a;b;c\n1;2,;3\n", {"delimiter": ";"}, ("1", "2,", "3")),
        (b'a\tb\tc\n1\t"2\t""\n', {"delimiter": "\t", "quote": None}, ("1", '"2', '""')),
        (b"a|b|c\n1|'2|'''|3\n", {"delimiter": "|", "quote": "'"}, ("1", "2|'", "3")),
        ("a,b,c\n1,ế,ñ\n".encode("utf-16"), {"encoding": "utf-16"}, ("1", "ế", "ñ")),
        ("a,b,c\n1,Đơn,2\n".encode("windows-1258"), {"encoding": "windows-1258"}, ("1", "Đơn", "2")),
        ('Báo cáo\n"quý \'I", 2015\na,b,c\n1,2,3\n'.encode(), {"header_row": 3}, ("1", "2", "3")),
        (b"a,b,c\n1,2,3", {"final_newline": "optional"}, ("1", "2", "3")),
        (b"a,b,c\n\xef\xbb\xbf1,2,3\n", {}, ("\ufeff1", "2", "3")),
    ],
)
def test_dialects(source_of, outcome, file, data, layout, values):
    source = source_of(ABC, layout={"kind": "delimited", **layout})
    result = outcome(source, file, data)
    assert result.rows.drop(ROW_HASH, ROW_NUMBER).rows() == [values]
    number = result.rows[ROW_NUMBER][0]
    assert number == layout.get("header_row", 1) + 1
    assert bytes.fromhex(record_text(source.streams[0], file, number, RowHashes())[1]) == result.rows[ROW_HASH][0]


@pytest.mark.parametrize(
    ("data", "problem", "words"),
    [
        (b"", "empty", "holds no line"),
        (b"a,b,c\n", "empty", "header and no record"),
        (b"a,b\n1,2\n", "column_dropped", "'c'"),
        (b"a,b,c,zz\n1,2,3,4\n", "column_added", "'zz'"),
        (b"a,b,c,\n1,2,3,\n", "column_added", "a column without a name"),
        (b"a,b,c,c\n1,2,3,4\n", "column_repeated", "'c'"),
        (b"a,b,c\n1,2", "truncated", "no line end"),
        (b'a,b,c\n1,2,"3\n4,5,6\n', "truncated", "never closed"),
        (b"a,b", "truncated", "no line end"),
        (b"a,b,c\n1,2,3\n4,\xff,6\n", "wrong_encoding", "0xFF at offset 14 (line 3)"),
        ("a,b,c\n1,2,3\n".encode("utf-16"), "wrong_encoding", "UTF-16"),
        (b"PK\x03\x04rest", "malformed", "zip"),
        (b"a;b;c\n1;2;3\n", "malformed", "';'"),
        (b"a,b,c\r1,2,3\r", "malformed", "carriage returns alone"),
        (b'"a"x,b,c\n1,2,3\n', "malformed", "quote"),
    ],
)
def test_refused_as_a_whole(source_of, outcome, file, data, problem, words):
    failure = _refused(lambda: outcome(source_of(ABC), file, data))
    assert failure.problem == DeliveryProblem(problem)
    assert words in failure.message
    assert "x.csv" in failure.message


def test_a_renamed_column_is_told_with_its_likely_new_name(source_of, outcome, file):
    source = source_of(["case_id", "opened", "closed"])
    failure = _refused(lambda: outcome(source, file, b"case_id,opened_at,closed,extra\n1,2,3,4\n"))
    assert failure.problem == DeliveryProblem.COLUMN_RENAMED
    assert "'opened' is probably now 'opened_at'" in failure.message
    assert "'extra'" in failure.message


def test_bytes_that_are_not_the_contracts_encoding_are_placed(source_of, outcome, file):
    source = source_of(ABC, layout={"kind": "delimited", "encoding": "shift_jis"})
    data = "a,b,c\n1,2,日本\n".encode("shift_jis") + b"2,\xfe\xfe,3\n"
    failure = _refused(lambda: outcome(source, file, data))
    assert failure.problem == DeliveryProblem.WRONG_ENCODING
    offset = data.index(b"\xfe")
    assert f"offset {offset}" in failure.message
    assert "(line 3)" in failure.message


def test_a_utf8_mark_under_another_encoding_is_named(source_of, outcome, file):
    source = source_of(ABC, layout={"kind": "delimited", "encoding": "windows-1258"})
    failure = _refused(lambda: outcome(source, file, b"\xef\xbb\xbfa,b,c\n1,2,3\n"))
    assert failure.problem == DeliveryProblem.WRONG_ENCODING
    assert "UTF-8" in failure.message


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"1,2", "the record has 2 fields, the header 3"),
        (b"1,2,3,4", "the record has 4 fields, the header 3"),
        (b"", "the line is empty"),
        (b'1,2"2,3', "a quote inside a field that is not quoted"),
        (b'1,"2"2,3', "text after a closing quote"),
        (b'1,2,"x"y"', "text after a closing quote"),
        (b"1,2\r2,3", "a carriage return on its own"),
        (b"1,\0,3", "NUL"),
    ],
)
@pytest.mark.parametrize("around", [b"0,x,y\n", b'0,"x\r\n\n",y\n'])
def test_one_bad_record_is_quarantined_and_the_others_land(source_of, outcome, file, record, reason, around):
    result = outcome(source_of(ABC), file, b"a,b,c\n" + around + record + b"\n" + around)
    assert result.rows[ROW_NUMBER].to_list() == [2, 4]
    (fault,) = result.quarantine
    assert (fault.row_number, fault.field) == (3, "")
    assert reason in fault.reason
    assert fault.value == record.decode().replace("\0", "␀")
    assert (result.read, result.quarantined_rows) == (3, 1)


def test_a_record_too_long_is_shown_short(source_of, outcome, file):
    source = source_of(ABC, layout={"kind": "delimited", "max_record_bytes": 5_000})
    result = outcome(source, file, b"a,b,c\n1,2,3\n4," + b"x" * 6_000 + b",6\n7,8,9\n")
    assert result.rows["a"].to_list() == ["1", "7"]
    (fault,) = result.quarantine
    assert fault.row_number == 3
    assert len(fault.value) == SHOWN_VALUE_LENGTH
    assert "6,004 bytes long" in fault.reason


@pytest.mark.parametrize("shift", range(4))
def test_a_long_record_is_cut_between_characters(source_of, outcome, file, monkeypatch, shift):
    source = source_of(ABC, layout={"kind": "delimited", "max_record_bytes": 5_000})
    monkeypatch.setattr("extractors.byte_chunks.CHUNK_BYTES", 4_099)
    result = outcome(source, file, b"a,b,c\n4," + b"x" * shift + "€😀".encode() * 2_000 + b",6\n7,8,9\n")
    assert result.rows["a"].to_list() == ["7"]
    (fault,) = result.quarantine
    assert fault.value == ("4," + "x" * shift + "€😀" * 2_000)[:SHOWN_VALUE_LENGTH]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("quoted", [True, False])
def test_the_same_however_small_the_pieces(source_of, outcome, file, monkeypatch, chunk, quoted):
    source = source_of(ABC, layout={"kind": "delimited", "max_record_bytes": 30})
    long = b'"4","' + b'x,""\n' * 20 + b'",6' if quoted else b"4," + b"x" * 100 + b",6"
    data = b'a,b,c\r\n1,"2\n"",",3\r\n' + long + b'\r\n7,"8"8,9\n10,11,12\n,,\n'
    file.write_bytes(data)
    whole = outcome(source, file)
    monkeypatch.setattr("extractors.byte_chunks.CHUNK_BYTES", chunk)
    pieces = outcome(source, file)
    assert pieces.rows.rows() == whole.rows.rows()
    assert pieces.quarantine == whole.quarantine
    assert whole.rows[ROW_NUMBER].to_list() == [2, 5]
    assert [fault.row_number for fault in whole.quarantine] == [3, 4, 6]


def test_a_missing_file_is_unavailable(source_of, outcome, tmp_path):
    with pytest.raises(SourceUnavailable):
        outcome(source_of(ABC), tmp_path / "none.csv")
