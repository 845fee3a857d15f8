"""Text to values: what each type takes, what it does not and why, and when a column counts as retyped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.records import ROW_HASH, ROW_NUMBER

BOSTON = "%m/%d/%Y %I:%M:%S %p"


def _one(source_of, outcome, tmp_path, field, values, **entries):
    """A delivery with a key and one field under test."""
    source = source_of(["key", {"name": "value"} | field], layout={"kind": "delimited", "delimiter": ";"}, **entries)
    lines = "".join(f'{at};"{value}"\n' for at, value in enumerate(values))
    return outcome(source, tmp_path / "v.csv", ("key;value\n" + lines).encode())


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (
            {"type": "integer"},
            {"0": 0, "-7": -7, "9223372036854775807": 2**63 - 1, "-9223372036854775808": -(2**63), "": None},
            ["1.5", "1.0", " 1", "1 ", "+1", "007", "1e3", "1,000", "٣", "0x1", "9223372036854775808", "-", "--1", "1\n"],
        ),
        (
            {"type": "number"},
            {"0": Decimal(0), "-1.50": Decimal("-1.5"), "0.1234567890": Decimal("0.123456789"), "": None,
             "9" * 28 + "." + "9" * 10: Decimal("9" * 28 + "." + "9" * 10)},
            ["1,5", "1e3", ".5", "5.", "00.5", "+1", " 1", "NaN", "inf", "0.12345678901", "9" * 29, "1.000,5", "1_0", "1\n"],
        ),
        ({"type": "boolean"}, {"true": True, "false": False, "": None}, ["True", "1", "true ", "sim"]),
        (
            {"type": "boolean", "true_values": ["S", "1"], "false_values": ["N"]},
            {"S": True, "1": True, "N": False},
            ["s", "true"],
        ),
        ({"enumeration": ["Open", "Closed"]}, {"Open": "Open", "": None}, ["open", " Open", "Open ", "Opened", "Open\n"]),
        (
            {"type": "date", "format": "%d/%m/%Y"},
            {"29/02/2016": date(2016, 2, 29), "01/01/0001": date(1, 1, 1), "31/12/9999": date(9999, 12, 31), "": None},
            ["30/02/2016", "29/02/2015", "1/2/2016", "01/02/16", "2016-02-01", "01/13/2016", "00/01/2016", "01/01/0000",
             "01/02/2016 ", "٠١/02/2016", "01/02/2016\n", "01/02/20166"],
        ),
        (
            {"type": "instant", "format": BOSTON},
            {"01/31/2015 12:00:00 AM": datetime(2015, 1, 31, 5, tzinfo=UTC),
             "07/31/2015 12:00:00 pm": datetime(2015, 7, 31, 16, tzinfo=UTC), "": None},
            ["02/30/2015 01:00:00 AM", "01/31/2015 00:00:00 AM", "01/31/2015 13:00:00 PM", "01/31/2015 01:60:00 AM",
             "01/31/2015 01:00:60 AM", "01/31/15 01:00:00 AM", "01/31/2015 01:00:00", "01/31/2015 01:00:00 XM",
             "01/31/2015  1:00:00 AM", "03/08/2015 02:30:00 AM", "11/01/2015 01:30:00 AM"],
        ),
        (
            {"type": "instant", "format": "%Y-%m-%dT%H:%M:%S%:z"},
            {"2015-01-01T00:00:00-03:00": datetime(2015, 1, 1, 3, tzinfo=UTC),
             "2015-03-08T02:30:00+05:30": datetime(2015, 3, 7, 21, tzinfo=UTC)},
            ["2015-01-01T00:00:00Z", "2015-01-01T00:00:00-0300", "2015-01-01T00:00:00-03:60", "2015-01-01T00:00:00+24:00",
             "2015-01-01 00:00:00-03:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:30:00-01:00"],
        ),
    ],
)  # fmt: skip
def test_what_a_type_takes(source_of, outcome, tmp_path, field, good, bad):
    # Padding with good values keeps the share of bad ones below that of a retyped column.
    values = [*good, *bad]
    padding = [next(iter(good))] * (2 * len(bad))
    result = _one(source_of, outcome, tmp_path, field, values + padding)
    assert result.rows["value"].to_list()[: len(good)] == list(good.values())
    assert [fault.value for fault in result.quarantine] == bad
    assert {fault.field for fault in result.quarantine} == {"value"}
    assert all(fault.reason for fault in result.quarantine)
    assert result.rows.height == len(good) + len(padding)


@pytest.mark.parametrize(
    ("repeated", "hour"),
    [("first", datetime(2015, 11, 1, 5, 30, tzinfo=UTC)), ("second", datetime(2015, 11, 1, 6, 30, tzinfo=UTC))],
)
def test_the_repeated_hour_is_what_the_contract_says(source_of, outcome, tmp_path, repeated, hour):
    field = {"type": "instant", "format": BOSTON}
    result = _one(source_of, outcome, tmp_path, field, ["11/01/2015 01:30:00 AM"], repeated_hour=repeated)
    assert result.rows["value"].to_list() == [hour]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ({"type": "instant", "format": BOSTON}, "03/08/2015 02:30:00 AM", "never was in America/New_York"),
        ({"type": "instant", "format": BOSTON}, "11/01/2015 01:30:00 AM", "was twice in America/New_York"),
        ({"type": "instant", "format": BOSTON}, "02/30/2015 02:30:00 AM", "no day of the calendar"),
        ({"type": "instant", "format": BOSTON}, "2015-02-03", "for example 12/31/2015 04:30:00 PM"),
        ({"type": "integer"}, "9" * 30, "beyond 64 bits"),
        ({"type": "number"}, "1.234,5", "decimal comma"),
        ({"enumeration": ["Open"]}, "Open ", "none of the 1 known values (Open); it has white space around it"),
        ({"required": True}, "", "is empty, and the field is required"),
    ],
)
def test_reasons_a_person_understands(source_of, outcome, tmp_path, field, value, words):
    result = _one(source_of, outcome, tmp_path, field, [value])
    assert words in result.reasons()[2, "value"]


def test_every_failing_field_of_a_row_is_told_and_the_row_stays_out_whole(source_of, outcome, tmp_path):
    fields = ["key", {"name": "n", "type": "integer"}, {"name": "d", "type": "date", "format": "%Y-%m-%d"}]
    result = outcome(source_of(fields), tmp_path / "v.csv", b"key,n,d\na,1,2015-01-01\n,x,y\nb,,\n")
    assert result.rows[ROW_NUMBER].to_list() == [2, 4]
    assert [(fault.row_number, fault.field) for fault in result.quarantine] == [(3, "key"), (3, "n"), (3, "d")]
    assert (result.read, result.quarantined_rows) == (3, 1)


def test_a_column_that_changed_its_type_refuses_the_delivery(source_of, outcome, tmp_path):
    with pytest.raises(DeliveryRefused) as caught:
        _one(source_of, outcome, tmp_path, {"type": "integer"}, ["1"] * 9 + ["one"] * 11)
    assert caught.value.problem == DeliveryProblem.COLUMN_RETYPED
    assert "value: 11 of 20 values, for example 'one' is not an integer" in caught.value.message


@pytest.mark.parametrize(
    ("values", "entries"),
    [
        (["1"] * 10 + ["one"] * 10, {}),  # half is not more than half
        (["one"] * 19, {}),  # too few to tell
        (["one"] * 5 + ["1"] * 20 + [""] * 100, {"retyped_share": 0.2}),  # empty values count for nothing
    ],
)
def test_what_is_no_change_of_type(source_of, outcome, tmp_path, values, entries):
    result = _one(source_of, outcome, tmp_path, {"type": "integer"}, values, **entries)
    assert result.quarantined_rows == values.count("one")


def test_a_field_may_land_null_beside_its_entry(source_of, outcome, tmp_path):
    fields = [
        "key",
        {"name": "n", "type": "integer"},
        {"name": "d", "type": "date", "format": "%Y-%m-%d", "unreadable": "land_null"},
        {"name": "e", "enumeration": ["x"], "unreadable": "land_null"},
    ]
    data = b"key,n,d,e\na,1,2015-01-01,x\nb,2,0001-13-01,z\nc,bad,never,x\n,4,,\nd,,,\n"
    result = outcome(source_of(fields), tmp_path / "v.csv", data)
    assert result.rows.drop(ROW_HASH, ROW_NUMBER).rows() == [
        ("a", 1, date(2015, 1, 1), "x"),
        ("b", 2, None, None),
        ("d", None, None, None),
    ]
    assert [(fault.row_number, fault.field, fault.value, fault.whole_row) for fault in result.quarantine] == [
        (3, "d", "0001-13-01", False),
        (3, "e", "z", False),
        (4, "n", "bad", True),
        (4, "d", "never", True),
        (5, "key", "", True),
    ]
    assert (result.read, result.quarantined_rows) == (5, 2)


def test_values_that_land_null_count_when_a_column_changed_its_type(source_of, outcome, tmp_path):
    with pytest.raises(DeliveryRefused) as caught:
        _one(source_of, outcome, tmp_path, {"type": "integer", "unreadable": "land_null"}, ["1"] * 9 + ["one"] * 11)
    assert caught.value.problem == DeliveryProblem.COLUMN_RETYPED


def test_what_the_reader_found_lands_null_too(source_of, outcome, tmp_path):
    fields = ["key", {"name": "n", "type": "integer", "unreadable": "land_null"}, {"name": "m", "type": "integer"}]
    lines = b'{"key": "a", "n": "1", "m": 1}\n{"key": "b", "n": "1", "m": "1"}\n{"key": "c", "n": 1, "m": 1}\n'
    result = outcome(source_of(fields, layout={"kind": "jsonlines"}), tmp_path / "v.csv", lines)
    assert result.rows.select("key", "n").rows() == [("a", None), ("c", 1)]
    assert [(fault.row_number, fault.field, fault.whole_row) for fault in result.quarantine] == [
        (1, "n", False), (2, "n", True), (2, "m", True),
    ]  # fmt: skip
