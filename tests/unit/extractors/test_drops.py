"""Finding deliveries, and the version a file name tells."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable
from contracts.source import VersionByFileName
from extractors.drops import file_name_version, find_deliveries, read

RULE = VersionByFileName(by="file_name", pattern=r"cases_(?P<date>\d+)\.csv", format="%Y%m%d")


def test_hidden_unfinished_and_other_files_are_left_out(tmp_path, source_of):
    for name in ("b.csv", "a.csv", ".c.csv", "~$d.csv", "e.csv.part", "f.csv~", "g.txt", "h.tmp"):
        (tmp_path / name).touch()
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "i.csv").touch()
    assert [found.path.name for found in find_deliveries(source_of(["a"]), tmp_path)] == ["a.csv", "b.csv"]
    deep = find_deliveries(source_of(["a"], files="**/*"), tmp_path)
    assert [found.path.name for found in deep] == ["a.csv", "b.csv", "g.txt"]


def test_nothing_there_is_named(tmp_path, source_of, built_in):
    source = source_of(["a"])
    with pytest.raises(SourceUnavailable, match="nothing at"):
        find_deliveries(source, tmp_path / "none")
    with pytest.raises(SourceUnavailable, match=r"no file of stream thing \(\*\.csv\)"):
        find_deliveries(source, tmp_path)
    (tmp_path / "snapshot_2015-12-31.csv").touch()
    with pytest.raises(SourceUnavailable, match=r"no file of stream change_event \(change_events\.jsonl\)"):
        find_deliveries(built_in["cartas"], tmp_path)


def test_a_single_file(tmp_path, source_of, built_in):
    file = tmp_path / "anything.dat"
    file.touch()
    (found,) = find_deliveries(source_of(["a"]), file)
    assert (found.source, found.stream, found.path) == ("made", "thing", file)
    with pytest.raises(SourceUnavailable, match=r"anything\.dat belongs to none of the streams"):
        find_deliveries(built_in["cartas"], file)
    snapshot = tmp_path / "snapshot_2015-12-31.csv"
    snapshot.touch()
    assert [found.stream for found in find_deliveries(built_in["cartas"], snapshot)] == ["service"]


def test_a_version_is_the_end_of_its_day_in_the_zone():
    assert file_name_version(RULE, "cases_20151231.csv", "America/New_York") == datetime(2016, 1, 1, 5, tzinfo=UTC)
    # Clocks were put forward on that day; the midnight that ends it is already summer time.
    assert file_name_version(RULE, "cases_20150308.csv", "America/New_York") == datetime(2015, 3, 9, 4, tzinfo=UTC)


@pytest.mark.parametrize("name", ["cases.csv", "cases_20151231.csv.bak", "old_cases_20151231.csv", "cases_20151301.csv",
                                  "cases_99991231.csv"])  # fmt: skip
def test_no_version_in_the_name(name):
    with pytest.raises(DeliveryRefused) as caught:
        file_name_version(RULE, name, "UTC")
    assert caught.value.problem == DeliveryProblem.NO_VERSION
    assert name in caught.value.message


def test_a_reading_that_is_left_early_leaves_no_thread_behind(tmp_path, source_of, monkeypatch):
    monkeypatch.setattr("extractors.byte_chunks.CHUNK_BYTES", 1_000)
    file = tmp_path / "a.csv"
    file.write_text("a\n" + "".join(f"{number}\n" for number in range(10_000)), encoding="utf-8")
    source = source_of(["a"])
    before = set(threading.enumerate())
    with closing(read(source.stream("thing"), source, file, file.name)) as batches:
        assert next(batches).read < 1_000
        assert set(threading.enumerate()) - before, "records are to be told apart in a thread of their own"
    assert set(threading.enumerate()) <= before
