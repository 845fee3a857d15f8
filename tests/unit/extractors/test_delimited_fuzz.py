"""Tables of any content in any dialect are read back equal; garbage is read, quarantined or refused, never anything else."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.failures import DeliveryRefused
from contracts.records import ROW_HASH, ROW_NUMBER
from extractors.evidence import record_text
from extractors.row_hashes import RowHashes

_QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "windows-1258", "shift_jis", "gb18030"]


@st.composite
def _tables(draw):
    encoding = draw(st.sampled_from(_ENCODINGS))
    # NUL and a mark at the file's start are tested apart. A lone CR is written quoted by csv.writer, so it may stand here.
    character = st.characters(codec=encoding, exclude_characters="\0\ufeff", exclude_categories=["Cs"])
    text = st.text(character | st.sampled_from(list(" ,;\t|\"'\n\r")), max_size=12)
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", " ", "a"]))
    quote = draw(st.sampled_from(['"', "'", "$"]))
    width = draw(st.integers(1, 5))
    names = [f"N{number}" for number in range(width)]
    rows = draw(st.lists(st.tuples(text.filter(bool), *[text] * (width - 1)), min_size=1, max_size=12))
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    if line_end == "\n" and any("\r" in value for row in rows for value in row):
        quoting = csv.QUOTE_ALL  # this csv.writer leaves a CR unquoted unless the line end holds one
    return encoding, delimiter, quote, names, rows, line_end, quoting


@pytest.mark.walk
@settings(max_examples=300, deadline=None, suppress_health_check=_QUIET)
@given(table=_tables(), chunk=st.sampled_from([1 << 20, 11]))
def test_what_csv_writes_is_read_back(source_of, outcome, tmp_path, monkeypatch, table, chunk):
    encoding, delimiter, quote, names, rows, line_end, quoting = table
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quotechar=quote, lineterminator=line_end, quoting=quoting)
    writer.writerow(names)
    writer.writerows(rows)
    data = text.getvalue().encode(encoding)
    if data.decode(encoding) != text.getvalue():
        return  # a few characters do not survive these codecs themselves
    monkeypatch.setattr("extractors.byte_chunks.CHUNK_BYTES", chunk)
    layout = {"kind": "delimited", "delimiter": delimiter, "quote": quote, "encoding": encoding}
    source = source_of(names, layout=layout)
    file = tmp_path / "t.csv"
    result = outcome(source, file, data)
    assert result.quarantine == []
    assert result.rows.drop(ROW_HASH, ROW_NUMBER).rows() == [tuple(value or None for value in row) for row in rows]
    for number, digest in result.rows.select(ROW_NUMBER, ROW_HASH).iter_rows():
        assert bytes.fromhex(record_text(source.streams[0], file, number, RowHashes())[1]) == digest


_SCRAPS = st.lists(
    st.sampled_from(
        [b"a", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b"1", b" ", "é".encode(), b"\xff", b"1,2,3\n"]
    ),
    max_size=40,
).map(b"".join)


@pytest.mark.walk
@settings(max_examples=1_000, deadline=None, suppress_health_check=_QUIET)
@given(
    garbage=_SCRAPS,
    chunk=st.sampled_from([1 << 20, 1, 5]),
    final=st.sampled_from(["required", "optional"]),
    longest=st.sampled_from([8, 1_000]),
)
def test_garbage_is_accounted_for(source_of, outcome, tmp_path, monkeypatch, garbage, chunk, final, longest):
    monkeypatch.setattr("extractors.byte_chunks.CHUNK_BYTES", chunk)
    layout = {"kind": "delimited", "final_newline": final, "max_record_bytes": longest}
    source = source_of(["a", "b", "c"], layout=layout)
    file = tmp_path / "g.csv"
    try:
        result = outcome(source, file, b"a,b,c\n" + garbage)
    except DeliveryRefused as refusal:
        assert "disagree" not in refusal.message, "our framing and polars read the same bytes differently"
        return
    assert result.read == result.rows.height + result.quarantined_rows > 0
    numbers = sorted({fault.row_number for fault in result.quarantine} | set(result.rows[ROW_NUMBER]))
    assert numbers == list(range(2, result.read + 2)), "every record is in one of the two, and in its place"
    for number, digest in result.rows.select(ROW_NUMBER, ROW_HASH).iter_rows():
        text, found = record_text(source.streams[0], file, number, RowHashes())
        assert bytes.fromhex(found) == digest
        (parsed,) = csv.reader([text], strict=True) if "\n" not in text and "\r" not in text else [None]
        row = result.rows.filter(result.rows[ROW_NUMBER] == number).drop(ROW_HASH, ROW_NUMBER).row(0)
        assert parsed is None or tuple(value or None for value in parsed) == row


def test_a_file_large_enough_for_threads_with_line_breaks_in_every_record(source_of, outcome, tmp_path):
    rows = [(f"k{number}", f'a\r\n"{number}",\n' * (number % 5), "\n" * (number % 3)) for number in range(120_000)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("a", "b", "c"), *rows])
    result = outcome(source_of(["a", "b", "c"]), tmp_path / "big.csv", text.getvalue().encode())
    assert result.quarantine == []
    assert result.rows.drop(ROW_HASH, ROW_NUMBER).rows() == [tuple(value or None for value in row) for row in rows]
