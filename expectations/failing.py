"""Which rows fail a rule: for each kind of expectation the suite may use, a query of our own beside Great Expectations'.

Belongs here: those queries. Does not: running them, or rules that are queries themselves (`violations`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def _missing(table: str, key: str, arguments: Mapping[str, Any]) -> str:
    return f"select {key}, '{arguments['column']}' as missing from {table} where {arguments['column']} is null"


def _repeated(table: str, key: str, arguments: Mapping[str, Any]) -> str:
    column = arguments["column"]
    times = f"count(*) over (partition by {column})"
    return (
        f"select {key}, repeated from (select {key}, {column} as repeated, {times} as times from {table}"
        f" where {column} is not null) as counted where times > 1"
    )


def _outside(table: str, key: str, arguments: Mapping[str, Any]) -> str:
    column = arguments["column"]
    allowed = ", ".join("'" + str(value).replace("'", "''") + "'" for value in arguments["value_set"])
    return f"select {key}, {column} as outside from {table} where {column} not in ({allowed})"


#: An expectation whose failing rows nobody could list is none for a gate; the suite refuses it.
FAILING: dict[str, Callable[[str, str, Mapping[str, Any]], str]] = {
    "expect_column_values_to_not_be_null": _missing,
    "expect_column_values_to_be_unique": _repeated,
    "expect_column_values_to_be_in_set": _outside,
}
#: What each of them asks of a column, after its name.
EXPECTED = {
    "expect_column_values_to_not_be_null": "is told in every row",
    "expect_column_values_to_be_unique": "names one row",
    "expect_column_values_to_be_in_set": "is one of the known words",
}


def failing_rows(table: str, key: str, kind: str, arguments: Mapping[str, Any]) -> str:
    """The query whose rows fail one expectation: the row's key, and what is wrong with it."""
    return FAILING[kind](table, key, arguments)
