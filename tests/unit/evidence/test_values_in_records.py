"""The value of one column, read from a record as PostgreSQL writes rows: against Python's own reader of delimited text.

Belongs here: quotes, commas, line ends and backslashes in values. Does not: hashes (test_every_tampering_is_found.py).
"""

from __future__ import annotations

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from reporting.evidence.tables import value_in

#: What makes PostgreSQL quote a value, among what does not.
CHARACTERS = st.text(alphabet='ab,"\\() \nđ', max_size=8)


def _written(values: list[str | None]) -> bytes:
    """As `row(…)::text` writes them, without its parentheses."""

    def cell(value: str | None) -> str:
        if value is None:
            return ""
        plain = value and not set(value) & set(',"\\() \n')
        return value if plain else '"' + value.replace("\\", "\\\\").replace('"', '""') + '"'

    return ",".join(map(cell, values)).encode()


@given(st.lists(st.none() | CHARACTERS, min_size=1, max_size=5), st.data())
def test_a_value_is_found_whatever_stands_before_it(values: list[str | None], data: st.DataObject) -> None:
    column = data.draw(st.integers(0, len(values) - 1))
    assert value_in(_written(values), column).decode() == (values[column] or "")


@given(st.lists(st.none() | CHARACTERS, min_size=2, max_size=5))
@example(["a,b", '"', None])
def test_a_common_reader_finds_the_same(values: list[str | None]) -> None:
    record = _written(values)
    [read] = csv.reader(io.StringIO(record.decode(), newline=""))
    assert [value_in(record, place).decode() for place in range(len(values))] == [
        value.replace("\\\\", "\\") for value in read
    ]


def test_a_record_that_is_too_short_has_nothing_there() -> None:
    assert [value_in(record, 2) for record in (b"a,b", b'"a,b",c', b"")] == [b"", b"", b""]
