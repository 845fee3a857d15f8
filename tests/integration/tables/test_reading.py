"""Tables of a real PostgreSQL read in pages, by what changed, in one snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from contracts.extraction import Wanted
from contracts.failures import DeliveryProblem, DeliveryRefused, UsageError
from demo.provincial.database import ProvincialDatabase
from extractors.drops import read
from extractors.row_hashes import RowHashes
from extractors.tables import TableReader, open_tables, read_table
from tests.integration.tables.table_readings import CREATE_STEP, STEP, Reading, source_of

Do = Callable[..., Any]
HANOI = timezone(timedelta(hours=7))


def test_every_row_comes_once_in_pages_whatever_is_stamped_alike(tables: TableReader, steps: Reading) -> None:
    batches = list(tables.read(steps.source, steps.stream, steps.wanted()))
    rows = [row for batch in batches for row in steps.land(batch)]
    assert len(batches) == 3
    assert sorted(row["id"] for row in rows) == list(range(12))
    order = [(row["updatedon"], row["mahoso"], row["id"]) for row in rows]
    assert order == sorted(order)
    assert {row["id"]: row["ghichu"] for row in rows}[5] is None
    assert {row["id"]: row["ghichu"] for row in rows}[4] == 'ghi, chú "4'
    assert rows[0]["updatedon"] == datetime(2023, 3, 1, 1, tzinfo=UTC)
    assert batches[-1].position == {"changed_at": "2023-03-01T12:00:00", "key": ["H55'%-2", "11"]}


def test_a_second_reading_brings_nothing_and_a_third_only_what_changed(
    province: ProvincialDatabase, do: Do, steps: Reading
) -> None:
    with open_tables(province.reader_url) as tables:
        assert len(steps.take(tables)) == 12
        wanted = steps.wanted()
        assert list(tables.read(steps.source, steps.stream, wanted)) == []
        assert list(wanted.folder.iterdir()) == []
    assert steps.asked_since[-1] == datetime(2023, 3, 1, 11, 45, tzinfo=HANOI)
    do("""update "Bước" set "GhiChu" = 'mới', "UpdatedOn" = '2023-03-02 09:00:00.25' where "Id" = 3""")
    # Its transaction was open while the last page was read, and is committed behind the cursor.
    do("""insert into "Bước" values ('H55-9', 99, 'muộn', null, '2023-03-01 11:50')""")
    # Behind the overlap: nobody can know of it; a backfill can bring it.
    do("""insert into "Bước" values ('H55-9', 100, 'quá muộn', null, '2023-03-01 11:40')""")
    with open_tables(province.reader_url) as tables:
        came = steps.take(tables)
        assert [(row["id"], row["ghichu"]) for row in came] == [(99, "muộn"), (3, "mới")]
        assert came[1]["updatedon"].microsecond == 250_000
        assert steps.position == {"changed_at": "2023-03-02T09:00:00.250000", "key": ["H55'%-0", "3"]}
        day = {"changed_from": datetime(2023, 3, 1, tzinfo=HANOI), "changed_to": datetime(2023, 3, 2, tzinfo=HANOI)}
        assert [row["id"] for row in steps.take(tables, **day)] == [100]


def test_rows_known_by_hash_are_known_by_what_the_reader_of_the_file_hashes(
    tables: TableReader, steps: Reading
) -> None:
    for batch in tables.read(steps.source, steps.stream, steps.wanted()):
        text = batch.file.read_bytes()
        digests = {hashlib.sha256(line).digest() for line in text.split(b"\n")[1:-1]}
        assert digests == {row["_row_sha256"] for row in steps.land(batch)}


def test_killed_between_two_batches_it_goes_on_where_it_was(tables: TableReader, steps: Reading) -> None:
    first = next(iter(tables.read(steps.source, steps.stream, steps.wanted())))
    steps.land(first)
    steps.take(tables)
    assert sorted(row["id"] for row in steps.landed) == list(range(12))


def test_a_backfill_is_half_open_and_leaves_the_position_alone(tables: TableReader, steps: Reading) -> None:
    nine, eleven = datetime(2023, 3, 1, 2, tzinfo=UTC), datetime(2023, 3, 1, 4, tzinfo=UTC)
    batches = list(tables.read(steps.source, steps.stream, steps.wanted(changed_from=nine, changed_to=eleven)))
    assert [batch.position for batch in batches] == [None]
    assert [row["id"] for row in steps.land(batches[0])] == [1, 2]
    assert steps.position is None
    assert sorted(row["id"] for row in steps.take(tables, changed_to=nine)) == [0]
    assert sorted(row["id"] for row in steps.take(tables, changed_from=eleven)) == list(range(3, 12))


def test_a_row_stamped_in_the_future_does_not_hide_what_comes_after_it(
    province: ProvincialDatabase, do: Do, steps: Reading
) -> None:
    do("""insert into "Bước" values ('H55-9', 99, 'sai giờ', null, '9999-12-31 00:00')""")
    with open_tables(province.reader_url) as tables:
        assert len(steps.take(tables)) == 13
        assert steps.position is not None and steps.position["key"] == []
        assert datetime.fromisoformat(steps.position["changed_at"]).replace(tzinfo=HANOI) == tables.now
    do("""update "Bước" set "UpdatedOn" = (now() at time zone 'Asia/Ho_Chi_Minh'), "GhiChu" = 'mới' where "Id" = 1""")
    with open_tables(province.reader_url) as tables:
        assert [row["id"] for row in steps.take(tables)] == [1]


def test_rows_without_a_stamp_go_to_the_quarantine(province: ProvincialDatabase, do: Do, steps: Reading) -> None:
    do("""insert into "Bước" values ('H55-9', 99, null, null, null), ('H55-8', 98, null, null, null)""")
    texts = []
    for _ in range(2):
        with open_tables(province.reader_url) as tables:
            *_, last = tables.read(steps.source, steps.stream, steps.wanted())
        texts.append(last.file.read_bytes())
        assert last.position is None
    assert texts[0] == texts[1]
    batches = list(read(steps.stream, steps.source, last.file, last.file.name))
    assert sum(batch.quarantined_rows for batch in batches) == 2


def test_all_streams_are_read_in_one_snapshot(
    province: ProvincialDatabase, do: Do, steps: Reading, tmp_path: Path
) -> None:
    with open_tables(province.reader_url) as tables:
        do("""insert into "Bước" values ('H55-9', 99, 'sau', null, '2023-03-02 00:00')""")
        do("""delete from "Bước" where "Id" = 0""")
        assert sorted(row["id"] for row in steps.take(tables)) == list(range(12))
    with open_tables(province.reader_url) as tables:
        assert [row["id"] for row in steps.take(tables)] == [99]


def test_columns_with_an_offset_are_read_and_positioned_as_instants(
    province: ProvincialDatabase, do: Do, tmp_path: Path
) -> None:
    do(CREATE_STEP)
    do('alter table "Bước" alter "UpdatedOn" type timestamptz')
    do(
        """insert into "Bước" values ('a', 1, null, null, '2023-03-01 08:00+07'), ('a', 2, null, null, '2023-03-01 02:00Z')"""
    )
    # They are kept in UTC and say so: `+00`.
    fields = [*STEP["fields"][:-1], STEP["fields"][-1] | {"format": "%Y-%m-%d %H:%M:%S+00"}]
    reading = Reading(source_of(STEP | {"fields": fields}, zone="UTC"), tmp_path)
    with open_tables(province.reader_url) as tables:
        reading.take(tables, changed_from=datetime(2023, 3, 1, 1, 30, tzinfo=UTC))
        assert [row["id"] for row in reading.landed] == [2]
        reading.take(tables)
        assert reading.position == {"changed_at": "2023-03-01T02:00:00+00:00", "key": ["a", "2"]}
        assert list(tables.read(reading.source, reading.stream, reading.wanted())) == []


class TestWholeTables:
    WHOLE = STEP | {
        "layout": {"kind": "table", "table": "Bước"},
        "delivery": "full",
        "version": {"by": "reading"},
    }

    def test_the_same_contents_are_the_same_bytes(self, province: ProvincialDatabase, do: Do, steps: Reading) -> None:
        source = source_of(self.WHOLE)
        texts = []
        for _ in range(2):
            with open_tables(province.reader_url) as tables:
                (batch,) = tables.read(source, source.streams[0], steps.wanted())
            assert batch.position is None
            assert abs(batch.read_at - datetime.now(UTC)) < timedelta(minutes=1)
            texts.append(batch.file.read_bytes())
            do('update "Bước" set "GhiChu" = "GhiChu" where "Id" % 2 = 0')  # moves rows about
        assert texts[0] == texts[1]
        assert texts[0].count(b"\n") == 13

    def test_an_empty_one_is_handed_out_to_be_refused(
        self, province: ProvincialDatabase, do: Do, steps: Reading
    ) -> None:
        do('delete from "Bước"')
        source = source_of(self.WHOLE)
        (batch,) = read_table(source, source.streams[0], steps.wanted(), province.reader_url)
        with pytest.raises(DeliveryRefused) as refused:
            list(read(source.streams[0], source, batch.file, batch.file.name))
        assert refused.value.problem is DeliveryProblem.EMPTY


def test_a_changing_table_that_is_empty_brings_nothing(province: ProvincialDatabase, do: Do, steps: Reading) -> None:
    do('delete from "Bước"')
    assert list(read_table(steps.source, steps.stream, steps.wanted(), province.reader_url)) == []


def test_a_position_of_another_kind_of_reader_is_refused(tables: TableReader, steps: Reading, tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, {"page": 7}, steps.known, RowHashes().one)
    with pytest.raises(UsageError, match="position"):
        list(tables.read(steps.source, steps.stream, wanted))
