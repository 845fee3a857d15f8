"""Reading moments by slicing digits must equal strptime wherever the strict form is met, and zones must equal zoneinfo."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.failures import ContractError
from extractors.moments import compile_format, read_moments, render
from extractors.zones import end_of_day, utc_from_wall_clock, why_no_instant

EPOCH = datetime(1970, 1, 1)
FORMATS = [
    "%m/%d/%Y %I:%M:%S %p",
    "%Y-%m-%d",
    "%d.%m.%y %H:%M",
    "%Y%m%d%H%M%S",
    "%-d/%-m/%Y %-H:%M",
    "%d %b %Y",
    "%B %-d, %Y %-I:%M %p",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S %z",
    "ngày %d tháng %m năm %Y",
    "%d|%m|%Y (%H)",
]
#: Formats Python knows under another spelling.
_PYTHON = {"%-d": "%d", "%-m": "%m", "%-H": "%H", "%-I": "%I", "%:z": "%z"}


def _python_format(text: str) -> str:
    for ours, theirs in _PYTHON.items():
        text = text.replace(ours, theirs)
    return text


def _read(values: list[str], text: str) -> list[datetime | None]:
    moments = read_moments(pl.Series(values, dtype=pl.String), compile_format(text))
    local = moments.local - (0 if moments.offset is None else moments.offset)
    return [
        EPOCH + timedelta(microseconds=int(value)) if ok else None
        for value, ok in zip(local, moments.readable, strict=True)
    ]


def _expected(value: str, text: str) -> datetime | None:
    if re.fullmatch(compile_format(text).pattern, value) is None:
        return None
    try:
        moment = datetime.strptime(value, _python_format(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


@settings(max_examples=300, deadline=None)
@given(text=st.sampled_from(FORMATS), moments=st.lists(st.datetimes(datetime(1000, 1, 1)), min_size=1, max_size=100))
def test_what_is_written_is_read(text, moments):
    compiled = compile_format(text)
    values = [render(moment, compiled) for moment in moments]
    assert _read(values, text) == [_expected(value, text) for value in values]
    assert None not in _read(values, text)


@settings(max_examples=500, deadline=None)
@given(data=st.data(), text=st.sampled_from(FORMATS))
def test_damaged_values_are_read_as_strptime_reads_them_or_not_at_all(data, text):
    compiled = compile_format(text)
    values = []
    for moment in data.draw(st.lists(st.datetimes(datetime(1000, 1, 1)), min_size=1, max_size=80)):
        letters = list(render(moment, compiled))
        for _ in range(data.draw(st.integers(0, 2))):
            at = data.draw(st.integers(0, len(letters) - 1))
            letters[at] = data.draw(
                st.sampled_from(["0", "1", "2", "3", "5", "6", "9", " ", "/", "x", "é", "", "-", "A", "p"])
            )
        values.append("".join(letters))
    # Seconds of 60 and 61 are strptime's concession to leap seconds, and no time of a day we could keep.
    for value, got in zip(values, _read(values, text), strict=True):
        assert got == _expected(value, text), value


def test_every_second_of_two_days_and_every_day_of_centuries():
    text = "%m/%d/%Y %I:%M:%S %p"
    seconds = [EPOCH + timedelta(days=16_436, seconds=second) for second in range(0, 172_800, 7)]
    days = [EPOCH + timedelta(days=day) for day in range(-150_000, 150_000, 3)]
    for moments in (seconds, days):
        column = pl.Series(moments).dt.strftime(text)
        assert _read(column.to_list(), text) == moments
        naive = column.str.to_datetime(text, time_unit="us", strict=True, exact=True)
        assert naive.to_list() == moments


@pytest.mark.parametrize(
    "text",
    ["%Q", "%d/%m", "%Y-%m", "%d/%m/%Y %I:%M", "%d/%m/%Y %H:%S", "%d/%m/%Y %M", "%d/%d/%m/%Y", "%Y-%m-%d %p", "", "%"],
)
def test_formats_that_cannot_be_read_are_refused(text):
    with pytest.raises(ContractError):
        compile_format(text)


ZONES = [
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Ho_Chi_Minh",
    "Australia/Lord_Howe",
    "Africa/Monrovia",
    "Asia/Kathmandu",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
]


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    repeated=st.sampled_from(["first", "second", "quarantine"]),
    moments=st.lists(
        st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
        | st.datetimes(datetime(2015, 1, 1), datetime(2016, 1, 1)),
        min_size=1,
        max_size=60,
    ),
)
def test_wall_clock_is_zoneinfos(zone, repeated, moments):
    local = np.array([(moment - EPOCH) // timedelta(microseconds=1) for moment in moments], np.int64)
    utc, known = utc_from_wall_clock(local, zone, repeated)
    info = ZoneInfo(zone)
    for moment, value, sure in zip(moments, utc, known, strict=True):
        expected = moment.replace(tzinfo=info, fold=repeated == "second").astimezone(UTC)
        skipped = expected.astimezone(info).replace(tzinfo=None) != moment
        offsets = {moment.replace(tzinfo=info, fold=fold).utcoffset() for fold in (0, 1)}
        twice = len(offsets) == 2 and not skipped
        assert sure == (not skipped and not (twice and repeated == "quarantine")), moment
        if sure:
            assert EPOCH + timedelta(microseconds=int(value)) == expected.replace(tzinfo=None)


@pytest.mark.walk
def test_every_quarter_hour_around_each_change_of_clocks():
    for zone in ZONES:
        info = ZoneInfo(zone)
        moments = [datetime(2010, 1, 1) + timedelta(minutes=15 * step) for step in range(35_040 * 2)]
        local = np.array([(moment - EPOCH) // timedelta(microseconds=1) for moment in moments], np.int64)
        utc, known = utc_from_wall_clock(local, zone, "first")
        expected = [moment.replace(tzinfo=info).astimezone(UTC) for moment in moments]
        exists = [
            there.astimezone(info).replace(tzinfo=None) == moment
            for there, moment in zip(expected, moments, strict=True)
        ]
        assert known.tolist() == exists
        got = (EPOCH + timedelta(microseconds=int(value)) for value in utc[known])
        assert list(got) == [there.replace(tzinfo=None) for there, real in zip(expected, exists, strict=True) if real]


def test_reasons_and_ends_of_days():
    assert "never was" in why_no_instant(datetime(2015, 3, 8, 2, 30), "America/New_York")
    assert "was twice" in why_no_instant(datetime(2015, 11, 1, 1, 30), "America/New_York")
    assert "outside" in why_no_instant(datetime(9999, 12, 31, 23), "America/New_York")
    assert end_of_day(datetime(2015, 12, 31), "Asia/Ho_Chi_Minh") == datetime(2015, 12, 31, 17, tzinfo=UTC)
    with pytest.raises(ValueError, match="no next day"):
        end_of_day(datetime(9999, 12, 31), "UTC")


def test_a_fraction_is_read_where_there_is_one() -> None:
    whole = ["2023-01-03 08:15:00", "2024-02-29 23:59:59"]
    parted = [*whole, "2023-01-03 08:15:00.5", "2023-01-03 08:15:00.000001"]
    refused = ["2023-01-03 08:15:00.", "2023-01-03 08:15:00.1234567", "2023-02-29 08:15:00", "2023-01-03 08:15"]
    assert _read(whole, "%Y-%m-%d %H:%M:%S%.f") == [datetime.fromisoformat(value) for value in whole]
    read = _read(parted + refused, "%Y-%m-%d %H:%M:%S%.f")
    assert read[:4] == [datetime.fromisoformat(value.ljust(26, "0") if "." in value else value) for value in parted]
    assert read[4:] == [None] * 4
    written = compile_format("%Y-%m-%d %H:%M:%S%.f")
    assert [render(moment, written) for moment in read[:4] if moment][2] == "2023-01-03 08:15:00.500000"
