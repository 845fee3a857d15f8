"""COPY and a driver's cursor write the same bytes, whatever a PostgreSQL column holds; and memory stays bounded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.extraction import Wanted
from demo.provincial.database import ProvincialDatabase
from extractors.row_hashes import RowHashes
from extractors.tables import TableReader, open_tables
from extractors.tables.batches import by_copy, by_cursor
from orchestration.settings import PROJECT
from tests.integration.tables.table_readings import STEP, Reading, source_of

Do = Callable[..., Any]

#: Column types with values of theirs that are easily written in two ways.
VALUES: dict[str, list[str]] = {
    "text": ["''", "'a,b'", "'\"'", "'x\"y'", "E'hai\\ndòng'", "E'\\r'", "' cách '", "'\\.'", "'NULL'", "'Đ'", "'🛂'", "null"],
    "bigint": ["0", "-9223372036854775808", "null"],
    "smallint": ["9"],
    "numeric": ["1.50", "0", "-0.000000001", "1e20", "123456789012345678901234567890.5", "'NaN'", "'Infinity'"],
    "float8": ["1", "0.1", "1e300", "1e-7", "-0.0", "'NaN'", "'-Infinity'", "123456789.125"],
    "boolean": ["true", "false", "null"],
    "date": ["'0001-01-01'", "'2023-02-28'"],
    "timestamp": [
        "'0001-01-01 00:00'", "'2023-06-30 23:59:59'", "'2023-06-30 01:02:03.5'", "'2023-06-30 01:02:03.000001'",
        "'9999-12-31 23:59:59.999999'",
    ],
    "timestamptz": ["'2023-06-30 08:00+07'", "'2023-06-30 01:02:03.25Z'"],
    "uuid": ["'6e8bc430-9c3a-11d9-9669-0800200c9a66'"],
    "bytea": ["'\\x00ff0a22'"],
    "varchar(20)": ["'Thái Nguyên'"],
}  # fmt: skip


def test_the_same_bytes_for_every_type(province: ProvincialDatabase, do: Do, tmp_path: Path) -> None:
    columns = [f"c{at}" for at in range(len(VALUES))]
    typed = ", ".join(f'"{name}" {kind}' for name, kind in zip(columns, VALUES, strict=True))
    do(f'create table "Bước" ("Id" bigint primary key, {typed}, "UpdatedOn" timestamp)')
    rows = max(map(len, VALUES.values()))
    for at in range(rows):
        values = ", ".join(values[at % len(values)] for values in VALUES.values())
        do(f"insert into \"Bước\" values ({at}, {values}, '2023-03-01')")
    fields = [STEP["fields"][1], *({"name": name} for name in columns), STEP["fields"][-1]]
    source = source_of(STEP | {"key": ["Id"], "fields": fields})
    written = {}
    for way in (by_copy, by_cursor):
        with open_tables(province.reader_url) as opened:
            reader = TableReader(opened.connection, opened.now, way)
            wanted = Reading(source, tmp_path / way.__name__)
            wanted.folder.mkdir()
            batches = list(reader.read(source, source.streams[0], wanted.wanted()))
            written[way] = [(batch.file.read_bytes(), batch.position, batch.name) for batch in batches]
    assert [text for text, _, _ in written[by_copy]] == [text for text, _, _ in written[by_cursor]]
    assert [(at["changed_at"], name) for _, at, name in written[by_copy] if at] == [
        (at["changed_at"], name) for _, at, name in written[by_cursor] if at
    ]
    assert len(written[by_copy]) == -(-rows // 4)


@pytest.mark.parametrize("way", [by_copy, by_cursor])
def test_both_ways_page_resume_and_leave_known_rows_out(
    province: ProvincialDatabase, steps: Reading, way: Any, do: Do
) -> None:
    with open_tables(province.reader_url) as opened:
        reader = TableReader(opened.connection, opened.now, way)
        assert sorted(row["id"] for row in steps.take(reader)) == list(range(12))
    do("""update "Bước" set "GhiChu" = 'mới', "UpdatedOn" = '2023-03-01 12:00:01' where "Id" in (7, 8)""")
    with open_tables(province.reader_url) as opened:
        reader = TableReader(opened.connection, opened.now, way)
        assert [row["id"] for row in steps.take(reader)] == [7, 8] or [row["id"] for row in steps.landed[-2:]] == [8, 7]


_READ_LARGE = """
import resource, sys
from pathlib import Path
from contracts.extraction import Wanted
from contracts.source import SourceContract
from extractors.tables import TableReader, open_tables
from extractors.tables import batches
source = SourceContract.model_validate_json(sys.stdin.readline())
with open_tables(sys.stdin.readline().strip()) as opened:
    reader = TableReader(opened.connection, opened.now, getattr(batches, sys.argv[2]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = 0
    for batch in reader.read(source, source.streams[0], Wanted(Path(sys.argv[1]), None, lambda since: frozenset(), bytes)):
        size += batch.file.stat().st_size
        batch.file.unlink()
print(size // 1_000_000, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.walk
@pytest.mark.parametrize("way", ["by_copy", "by_cursor"])
@pytest.mark.parametrize("page_rows", [50_000, 1_000_000])
def test_memory_does_not_grow_with_the_table_or_the_page(
    province: ProvincialDatabase, do: Do, tmp_path: Path, way: str, page_rows: int
) -> None:
    do(
        'create table "Bước" as select \'H55-\' || n as "MaHoSo", n::bigint as "Id", repeat(\'chữ \', 150) as "GhiChu",'
        " null::boolean as \"Xong\", timestamp '2023-01-01' + n * interval '1 second' as \"UpdatedOn\""
        " from generate_series(1, 250000) as n"
    )
    source = source_of(STEP | {"layout": STEP["layout"] | {"page_rows": page_rows}})
    done = subprocess.run(
        [sys.executable, "-c", _READ_LARGE, str(tmp_path), way],
        input=f"{source.model_dump_json()}\n{province.reader_url}\n",
        cwd=PROJECT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    megabytes, grown = map(int, done.stdout.split())
    assert megabytes > 200
    assert grown < 100, f"the process grew by {grown} MB"


def test_nothing_is_left_in_the_folder_when_nothing_changed(
    province: ProvincialDatabase, steps: Reading, tmp_path: Path
) -> None:
    with open_tables(province.reader_url) as reader:
        steps.take(reader)
        folder = tmp_path / "again"
        folder.mkdir()
        assert (
            list(reader.read(steps.source, steps.stream, Wanted(folder, steps.position, steps.known, RowHashes().one)))
            == []
        )
    assert list(folder.iterdir()) == []
