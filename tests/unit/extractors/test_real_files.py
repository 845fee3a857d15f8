"""The real deliveries, read by our readers and by Python's own csv, json and zoneinfo, must be equal."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from contracts.records import ROW_HASH, ROW_NUMBER
from extractors.drops import file_name_version, find_deliveries
from extractors.evidence import record_text
from extractors.row_hashes import RowHashes


def test_boston_is_what_csv_and_zoneinfo_say(boston_folder, built_in, outcome):
    source = built_in["boston311"]
    (found,) = find_deliveries(source, boston_folder)
    result = outcome(source, found.path)
    zone = ZoneInfo("America/New_York")

    def instant(text):
        if not text:
            return None
        local = datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p")
        return local.replace(tzinfo=zone).astimezone(UTC)

    with found.path.open(newline="", encoding="utf-8") as text:
        expected = list(csv.DictReader(text))
    assert (result.read, result.rows.height, result.quarantine) == (26_788, 26_788, [])
    assert result.rows[ROW_NUMBER].to_list() == list(range(2, 26_790))
    fields = source.streams[0].fields
    for field in fields:
        values = [row[field.name] for row in expected]
        wanted = (
            [instant(value) for value in values] if field.type == "instant" else [value or None for value in values]
        )
        assert result.rows[field.column].to_list() == wanted
    raw = found.path.read_bytes().split(b"\n")[1:-1]
    assert result.rows[ROW_HASH].to_list() == [hashlib.sha256(line).digest() for line in raw]


@pytest.mark.parametrize(("day", "services"), [("2015-12-31", 580), ("2016-06-30", 613), ("2016-12-31", 637)])
def test_cartas_snapshots_are_what_csv_says(cartas_folder, built_in, outcome, day, services):
    source = built_in["cartas"]
    file = cartas_folder / f"snapshot_{day}.csv"
    result = outcome(source, file, stream="service")
    with file.open(newline="", encoding="utf-8") as text:
        expected = list(csv.DictReader(text))
    assert (result.read, result.rows.height, result.quarantine) == (services, services, [])
    assert result.rows["nome"].to_list() == [row["nome"] for row in expected]
    assert any("\n" in row["nome"] for row in expected), "line breaks inside values are part of what is tested"
    assert result.rows["etapas"].to_list() == [int(row["etapas"]) for row in expected]
    truth = {"true": True, "false": False, "": None}
    assert result.rows["gratuito"].to_list() == [truth[row["gratuito"]] for row in expected]
    # The end of that day in São Paulo, whose clocks were on summer time in December (UTC-2) and not in June (UTC-3).
    hour = 3 if day == "2016-06-30" else 2
    version = file_name_version(source.stream("service").version, file.name, source.zone)
    assert version.hour == hour
    assert version.astimezone(ZoneInfo(source.zone)).time() == datetime.min.time()


def test_change_events_are_what_json_says(cartas_folder, built_in, outcome):
    file = cartas_folder / "change_events.jsonl"
    result = outcome(built_in["cartas"], file, stream="change_event")
    expected = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (result.read, result.rows.height, result.quarantine) == (1_617, 1_617, [])
    assert result.rows["at"].to_list() == [datetime.fromisoformat(row["at"]) for row in expected]
    assert [json.loads(text) for text in result.rows["files"]] == [row["files"] for row in expected]
    for name in ("commit", "portal_action", "service_id", "new_service_id"):
        assert result.rows[name].to_list() == [row[name] for row in expected]
    assert result.rows[ROW_NUMBER].to_list() == list(range(1, 1_618))


def test_find_deliveries_finds_all_in_order(cartas_folder, built_in):
    found = find_deliveries(built_in["cartas"], cartas_folder)
    assert [(file.stream, file.path.name) for file in found] == [
        ("service", "snapshot_2015-12-31.csv"),
        ("service", "snapshot_2016-06-30.csv"),
        ("service", "snapshot_2016-12-31.csv"),
        ("change_event", "change_events.jsonl"),
    ]


def _rows_of(result) -> list[tuple[int, str]]:
    return [(number, digest.hex()) for number, digest in result.rows.select(ROW_NUMBER, ROW_HASH).iter_rows()]


def test_every_record_of_cartas_is_found_again_by_its_number(cartas_folder, built_in, outcome):
    source = built_in["cartas"]
    stream = source.stream("service")
    file = cartas_folder / "snapshot_2016-12-31.csv"
    result = outcome(source, file, stream="service")
    for number, digest in _rows_of(result):
        text, found = record_text(stream, file, number, RowHashes())
        assert found == digest == hashlib.sha256(text.encode()).hexdigest()
    events = cartas_folder / "change_events.jsonl"
    for number, digest in _rows_of(outcome(source, events, stream="change_event"))[::50]:
        assert record_text(source.stream("change_event"), events, number, RowHashes())[1] == digest


def test_every_record_of_boston_is_found_again_by_its_number(boston_folder, built_in, outcome):
    source, file = built_in["boston311"], boston_folder / "cases.csv"
    stream = source.streams[0]
    rows = _rows_of(outcome(source, file))
    # All of them through the same streaming walk, and some through the whole call (each of which walks from the start).
    from extractors.evidence import _delimited_records

    walked = [hashlib.sha256(text.encode()).hexdigest() for text in _delimited_records(stream.layout, file)]
    assert walked[1:] == [digest for _, digest in rows]
    for number, digest in (rows[0], rows[12_345], rows[-1]):
        text, found = record_text(stream, file, number, RowHashes())
        assert found == digest
        assert text.split(",")[0] == str(outcome(source, file).rows["case_enquiry_id"][number - 2])
