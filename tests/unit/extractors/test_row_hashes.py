"""Hashes of records, held against Python's own SHA-256 and HMAC, and against themselves in other readers and other runs."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.failures import UsageError
from contracts.records import ROW_HASH
from extractors.drops import read
from extractors.evidence import record_text
from extractors.pseudonyms import Pseudonyms
from extractors.row_hashes import RowHashes

SECRET = bytes(range(32))
PSEUDONYMS = Pseudonyms(SECRET)
PERSONAL = ["code", {"name": "id", "personal": True, "personal_kind": "identity"}]
OPEN = ["code", "id"]
#: What the key of records is made of, spelt out a second time.
ROW_KEY = hmac.new(SECRET, b"row hashes", "sha256").hexdigest().encode()
_ROOT = Path(__file__).resolve().parents[3]
_AGAIN = """
import sys
from extractors.pseudonyms import Pseudonyms
from extractors.row_hashes import RowHashes
print(RowHashes(Pseudonyms(bytes(range(32))).row_key).one(sys.argv[1].encode()).hex())
"""


@given(st.lists(st.binary(max_size=200)), st.one_of(st.none(), st.text("0123456789abcdef", min_size=1, max_size=150)))
def test_a_column_is_hashed_as_one_by_one_and_as_python_does(records: list[bytes], key: str | None) -> None:
    hashes = RowHashes(key)
    column = hashes.of(pl.Series("r", records, dtype=pl.Binary))
    assert column.dtype == pl.Binary
    assert column.to_list() == [hashes.one(record) for record in records]
    assert column.to_list() == [
        hashlib.sha256(record).digest() if key is None else hmac.new(key.encode(), record, "sha256").digest()
        for record in records
    ]


def test_text_is_hashed_as_its_bytes() -> None:
    texts = ["Hồ sơ", "", "a,b\n"]
    encoded = pl.Series("r", [text.encode() for text in texts], dtype=pl.Binary)
    for hashes in (RowHashes(), RowHashes("k")):
        assert hashes.of(pl.Series("r", texts)).to_list() == hashes.of(encoded).to_list()


@pytest.mark.parametrize("kind", ["delimited", "jsonlines"])
@pytest.mark.parametrize("fields", [PERSONAL, OPEN], ids=["personal", "open"])
def test_what_lands_is_keyed_where_people_are_in_the_record(source_of, tmp_path, kind, fields):
    source = source_of(fields, layout={"kind": kind})
    lines = [f"a{at},98710000{at:04}" for at in range(50)]
    if kind == "jsonlines":
        lines = [json.dumps(dict(zip(OPEN, line.split(","), strict=True))) for line in lines]
    file = tmp_path / "x"
    file.write_text("".join(f"{line}\n" for line in (lines if kind == "jsonlines" else ["code,id", *lines])))
    [batch] = read(source.streams[0], source, file, "x", pseudonyms=PSEUDONYMS)
    plain = [hashlib.sha256(line.encode()).digest() for line in lines]
    keyed = [hmac.new(ROW_KEY, line.encode(), "sha256").digest() for line in lines]
    assert batch.rows[ROW_HASH].to_list() == (keyed if fields is PERSONAL else plain)
    hashes = RowHashes.of_stream(source.streams[0], PSEUDONYMS)
    number = int(batch.rows["_row_number"][7])
    assert record_text(source.streams[0], file, number, hashes)[1] == batch.rows[ROW_HASH][7].hex()


@pytest.mark.parametrize("last", ["b,2", 'b,"2\n3"', "b,2\r"], ids=["plain lines", "a line end in quotes", "CR LF"])
def test_a_record_has_one_hash_whatever_stands_beside_it(source_of, tmp_path, last):
    source = source_of(OPEN, layout={"kind": "delimited"})
    file = tmp_path / "x"
    file.write_bytes(f'code,id\na,"1,Ngô"\n{last}\n'.encode())
    [batch] = read(source.streams[0], source, file, "x")
    records = ['a,"1,Ngô"', last.removesuffix("\r")]
    assert batch.rows[ROW_HASH].to_list() == [hashlib.sha256(record.encode()).digest() for record in records]


def test_another_program_makes_the_same_hash() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _AGAIN, "a,Ngô"], cwd=_ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == hmac.new(ROW_KEY, "a,Ngô".encode(), "sha256").hexdigest()


def test_records_of_people_are_not_hashed_without_a_key(source_of):
    with pytest.raises(UsageError, match="no pseudonym key was given to hash them under"):
        RowHashes.of_stream(source_of(PERSONAL).streams[0], None)
    assert RowHashes.of_stream(source_of(OPEN).streams[0], None) == RowHashes()


def test_the_key_of_records_is_told_nowhere() -> None:
    hashes = RowHashes(PSEUDONYMS.row_key)
    assert PSEUDONYMS.row_key not in repr(hashes)
    assert PSEUDONYMS.fingerprint not in PSEUDONYMS.row_key
