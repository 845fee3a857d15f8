"""JSON lines: types are JSON's own, numbers stay exact, keys may neither repeat nor drift."""

from __future__ import annotations

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.records import ROW_HASH, ROW_NUMBER
from extractors.evidence import record_text
from extractors.row_hashes import RowHashes

LINES = {"kind": "jsonlines"}
FIELDS = [
    "key",
    {"name": "whole", "type": "integer"},
    {"name": "amount", "type": "number"},
    {"name": "yes", "type": "boolean"},
    {"name": "any", "type": "json"},
    {"name": "day", "type": "date", "format": "%Y-%m-%d"},
]
NAMES = [field if isinstance(field, str) else field["name"] for field in FIELDS]
GOOD = b'{"key": "k", "whole": 1, "amount": 1, "yes": true, "any": [1], "day": "2015-01-01"}\n'


@pytest.fixture
def run(source_of, outcome, tmp_path):
    """Reads JSON lines by the fields above."""
    return lambda data, **layout: outcome(source_of(FIELDS, layout=LINES | layout), tmp_path / "x.jsonl", data)


def test_values_come_through(run):
    result = run(GOOD + '{"whole":null,"key":"é\\n","amount":0.12,"any":{"b":1,"a":[]},"yes":false}\n'.encode())
    assert result.rows.drop(ROW_HASH)[1].rows() == [(2, "é\n", None, Decimal("0.12"), False, '{"a":[],"b":1}', None)]


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.00001", "0.00001"), ("1e3", "1000"), ("-1.5E-2", "-0.015"), ("12345678901234567890.1234567891",) * 2, ("1.10", "1.1"),
     ("0.3", "0.3"), ("1234567890123456789012345678",) * 2],
)  # fmt: skip
def test_numbers_are_exact(run, text, value):
    result = run(GOOD + b'{"key":"k","amount":' + text.encode() + b"}\n")
    assert result.rows["amount"][1] == Decimal(value)


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        (b"", "", "the line is empty"),
        (b"{", "", "no valid JSON"),
        (b"[1]", "", "is a list, not an object"),
        (b"null", "", "is null, not an object"),
        (b'{"key":"\xff"}', "", "no valid JSON"),
        (b'{"key":NaN}', "", "no valid JSON"),
        (b'{"key":"a","key":"b"}', "", "names a key twice"),
        (b'{"key":"a","any":{"x":1,"x" :1}}', "", "names a key twice"),
        (b'{"key":"a","any":' + b"[" * 300 + b"]" * 300 + b"}", "", "nested more than"),
        (b'{"key":"a\\u0000"}', "key", "NUL"),
        (b'{"key":"a","any":["\\u0000"]}', "any", "NUL"),
        (b'{"key":1}', "key", "is a number, where text belongs"),
        (b'{"key":"a","whole":"1"}', "whole", "is text, where a number belongs"),
        (b'{"key":"a","whole":1.5}', "whole", "is not an integer"),
        (b'{"key":"a","whole":1.0}', "whole", "is not an integer"),
        (b'{"key":"a","whole":true}', "whole", "is true or false, where a number belongs"),
        (b'{"key":"a","whole":99999999999999999999}', "whole", "beyond 64 bits"),
        (b'{"key":"a","amount":0.12345678901}', "amount", "more than 10 decimal places"),
        (b'{"key":"a","amount":1e40}', "amount", "is not a number"),
        (b'{"key":"a","amount":1e400}', "", "no valid JSON"),
        (b'{"key":"a","amount":1e999999999999999999999}', "", "no valid JSON"),
        (b'{"key":"a","whole":' + b"9" * 5_000 + b"}", "", "no valid JSON"),
        (b'{"key":"a","yes":1}', "yes", "is a number, where true or false belongs"),
        (b'{"key":"a","any":[0.123456789012345678901]}', "any", "more digits"),
        (b'{"key":"a","day":"2015-02-30"}', "day", "no day of the calendar"),
        (b'{"key":null}', "key", "is empty"),
        (b'{"whole":1}', "key", "is empty"),
    ],
)
def test_one_bad_line_is_quarantined(run, line, field, words):
    result = run(GOOD + line + b"\n" + GOOD)
    assert result.rows[ROW_NUMBER].to_list() == [1, 3]
    assert (result.read, result.quarantined_rows) == (3, 1)
    (fault,) = result.quarantine
    assert fault.row_number == 2
    assert words in fault.reason
    assert fault.field == field


@pytest.mark.parametrize(
    ("data", "problem", "words"),
    [
        (b"", "empty", "no record"),
        (GOOD[:-1], "truncated", "no line end"),
        (GOOD + b'{"key":"a","extra":1}\n', "column_added", "'extra'"),
        (GOOD.replace(b"amount", b"amounts"), "column_renamed", "'amount' is probably now 'amounts'"),
        (b'{"key":"k","whole":1,"amount":1,"yes":true,"day":null}\n' * 2, "column_dropped", "'any'"),
        (GOOD.replace(b"1,", b'"1",') * 20, "column_retyped", "whole: 20 of 20 values"),
    ],
)
def test_refused_as_a_whole(run, data, problem, words):
    with pytest.raises(DeliveryRefused) as caught:
        run(data)
    assert caught.value.problem == DeliveryProblem(problem)
    assert words in caught.value.message


def test_records_are_found_again(run, source_of, tmp_path):
    data = b"\xef\xbb\xbf" + GOOD + GOOD.replace(b'"k"', '"é "'.encode())[:-1] + b"\r\n" + GOOD[:-1]
    result = run(data, final_newline="optional")
    stream = source_of(FIELDS, layout=LINES).streams[0]
    for number, digest in result.rows.select(ROW_NUMBER, ROW_HASH).iter_rows():
        text, found = record_text(stream, tmp_path / "x.jsonl", number, RowHashes())
        assert bytes.fromhex(found) == digest
        assert json.loads(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", 'b"', "c\\", "key", ":"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.walk
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(st.dictionaries(st.sampled_from(NAMES), _JSON)
                     | _JSON | st.binary(max_size=12), min_size=1, max_size=6)
)  # fmt: skip
def test_any_json_is_accounted_for(run, records):
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    try:
        result = run(GOOD + b"\n".join(lines) + b"\n")
    except DeliveryRefused:
        return
    assert result.read == result.rows.height + result.quarantined_rows
    for number, text in result.rows.select(ROW_NUMBER, "any").iter_rows():
        record = json.loads((GOOD + b"\n".join(lines)).split(b"\n")[number - 1])
        value = None if record.get("any") == "" else record.get("any")
        assert (None if text is None else orjson.loads(text)) == value
