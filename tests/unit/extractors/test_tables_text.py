"""Rows as kept text, and positions: pure, without a database."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.extraction import Wanted
from contracts.failures import DeliveryProblem, DeliveryRefused, UsageError
from contracts.source import FieldContract, StreamContract, TableLayout, VersionByField
from extractors.delimited import split_record
from extractors.row_hashes import RowHashes
from extractors.tables.kept_text import header, record
from extractors.tables.positions import instant_of, position_after, span_wanted, stamp_of
from extractors.tables.statements import Place, Span

LAYOUT = TableLayout(kind="table", table="T", changed_at="UpdatedOn", overlap_seconds=600)
STREAM = StreamContract(
    name="step",
    layout=LAYOUT,
    delivery="incremental",
    key=("Id",),
    version=VersionByField(by="field", field="UpdatedOn"),
    fields=(
        FieldContract(name="Id", required=True),
        FieldContract(name="UpdatedOn", type="instant", format="%Y-%m-%d %H:%M:%S%.f", required=True),
    ),
)
HANOI = "Asia/Ho_Chi_Minh"
NOW = datetime(2023, 7, 1, tzinfo=UTC)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=5))
def test_any_text_is_read_back_by_us_and_by_the_standard_library(values: list[str]) -> None:
    text = record(("x",) * len(values), values).decode()
    assert split_record(text, ",", '"') == values
    if not any("\r" in value or "\0" in value for value in values):  # the library's reader has its own idea of those
        assert next(csv.reader(io.StringIO(text + "\n", newline=""), strict=True)) == values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", '""'),
        (True, "t"),
        (False, "f"),
        (-7, "-7"),
        (1.0, "1"),
        (0.1, "0.1"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.50"), "1.50"),
        (date(1, 1, 1), "0001-01-01"),
        (datetime(2023, 6, 30, 23, 59, 59), "2023-06-30 23:59:59"),
        (datetime(2023, 6, 30, 1, 2, 3, 500_000), "2023-06-30 01:02:03.5"),
        (datetime(2023, 6, 30, 1, 2, 3, 1), "2023-06-30 01:02:03.000001"),
        (datetime(2023, 6, 30, 8, tzinfo=timezone(timedelta(hours=7))), "2023-06-30 01:00:00+00"),
        (b"\x00\xff", "\\x00ff"),
    ],
)
def test_how_each_kind_of_value_is_written(value: Any, text: str) -> None:
    assert record(("a",), [value]).decode() == text


def test_a_value_of_an_unknown_kind_is_refused_without_being_shown() -> None:
    with pytest.raises(DeliveryRefused, match="GhiChu") as refused:
        record(("Id", "GhiChu"), [1, timedelta(hours=987)])
    assert refused.value.problem is DeliveryProblem.COLUMN_RETYPED
    assert "987" not in refused.value.message


def test_the_header_quotes_as_records_do() -> None:
    assert header(["Id", 'a"b', "c,d"]) == b'Id,"a""b","c,d"\n'


def wanted(position: dict[str, Any] | None, **entries: Any) -> Wanted:
    return Wanted(Path(), position, lambda since: frozenset(), RowHashes().one, **entries)


class TestWhereAReadingBegins:
    def test_from_the_beginning(self) -> None:
        assert span_wanted(LAYOUT, wanted(None), HANOI, aware=False) == Span()

    def test_an_overlap_before_the_position(self) -> None:
        at = {"changed_at": "2023-06-30T08:00:00", "key": [7]}
        assert span_wanted(LAYOUT, wanted(at), HANOI, aware=False) == Span(datetime(2023, 6, 30, 7, 50))

    def test_a_column_that_became_one_of_instants(self) -> None:
        at = {"changed_at": "2023-06-30T08:00:00", "key": [7]}
        assert span_wanted(LAYOUT, wanted(at), HANOI, aware=True) == Span(datetime(2023, 6, 30, 0, 50, tzinfo=UTC))

    def test_no_time_before_the_first(self) -> None:
        at = {"changed_at": "0001-01-01T00:00:01", "key": []}
        assert span_wanted(LAYOUT, wanted(at), HANOI, aware=False) == Span(datetime(1, 1, 1))

    def test_a_backfill_in_the_zones_wall_clock_whatever_the_position(self) -> None:
        stretch = {"changed_from": datetime(2023, 5, 31, 17, tzinfo=UTC), "changed_to": None}
        at = {"changed_at": "2023-06-30T08:00:00", "key": []}
        assert span_wanted(LAYOUT, wanted(at, **stretch), HANOI, aware=False) == Span(datetime(2023, 6, 1))
        assert span_wanted(LAYOUT, wanted(at, **stretch), HANOI, aware=True) == Span(stretch["changed_from"])

    @pytest.mark.parametrize("position", [{}, {"page": 3}, {"changed_at": None}, {"changed_at": "yesterday"}])
    def test_a_position_of_something_else_is_refused(self, position: dict[str, Any]) -> None:
        with pytest.raises(UsageError):
            span_wanted(LAYOUT, wanted(position), HANOI, aware=False)

    def test_an_hour_that_clocks_show_twice_is_its_first(self) -> None:
        twice = datetime(2023, 11, 5, 1, 30)
        assert instant_of(twice, "America/New_York").astimezone(UTC) == datetime(2023, 11, 5, 5, 30, tzinfo=UTC)


class TestWhereItLeavesOff:
    def test_at_the_last_row(self) -> None:
        place = Place(datetime(2023, 6, 30, 8, 0, 0, 500_000), (date(2023, 1, 2), Decimal("7"), "x", 3))
        assert position_after(place, NOW, HANOI, STREAM) == {
            "changed_at": "2023-06-30T08:00:00.500000",
            "key": ["2023-01-02", "7", "x", 3],
        }

    def test_in_the_servers_own_spelling(self) -> None:
        place = Place("2023-06-30 08:00:00.5", ("a",), text=True)
        assert stamp_of(place, STREAM) == datetime(2023, 6, 30, 8, 0, 0, 500_000)

    def test_never_beyond_the_sources_clock(self) -> None:
        place = Place(datetime(9999, 12, 31), ("a",))
        assert position_after(place, NOW, HANOI, STREAM) == {"changed_at": "2023-07-01T07:00:00", "key": []}
        aware = Place(datetime(2024, 1, 1, tzinfo=ZoneInfo(HANOI)), ("a",))
        assert position_after(aware, NOW, HANOI, STREAM)["changed_at"] == NOW.isoformat()

    def test_what_is_no_moment(self) -> None:
        with pytest.raises(DeliveryRefused):
            stamp_of(Place("infinity", ("a",), text=True), STREAM)
