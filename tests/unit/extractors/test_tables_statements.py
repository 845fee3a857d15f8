"""The SELECTs on tables, as each dialect writes them. SQL Server and Oracle are compiled for here, never run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Dialect, Integer, Select, String
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql
from sqlalchemy.types import DateTime

from contracts.source import FieldContract, StreamContract, TableLayout, VersionByField
from extractors.tables.statements import Place, Span, TableQueries

FORMAT = "%Y-%m-%d %H:%M:%S%.f"
STREAM = StreamContract(
    name="step",
    layout=TableLayout(kind="table", table="dbo.QuáTrình", changed_at="UpdatedOn"),
    delivery="incremental",
    key=("MaHoSo", "Id"),
    version=VersionByField(by="field", field="UpdatedOn"),
    fields=(
        FieldContract(name="MaHoSo", required=True),
        FieldContract(name="Id", type="integer", required=True),
        FieldContract(name="select", meaning="a reserved word"),
        FieldContract(name="UpdatedOn", type="instant", format=FORMAT, required=True),
    ),
)
TYPES: dict[str, Any] = {"MaHoSo": String(), "Id": Integer(), "select": String(), "UpdatedOn": DateTime()}
NOON = datetime(2023, 6, 30, 12)
DIALECTS: dict[str, Dialect] = {
    "postgresql": postgresql.dialect(),
    "mysql": mysql.dialect(),
    "mssql": mssql.dialect(),
    "oracle": oracle.dialect(),
}
QUOTES = {"postgresql": '""', "mysql": "``", "mssql": "[]", "oracle": '""'}


def queries(dialect: str) -> TableQueries:
    layout = STREAM.layout
    assert isinstance(layout, TableLayout)
    return TableQueries(STREAM, layout, TYPES, compares_rows=dialect == "postgresql")


def written(query: Select[Any], dialect: str) -> str:
    return " ".join(str(query.compile(dialect=DIALECTS[dialect])).split())


@pytest.mark.parametrize("dialect", DIALECTS)
class TestEveryDialect:
    def test_names_are_quoted_as_the_contract_spells_them(self, dialect: str) -> None:
        left, right = QUOTES[dialect]
        text = written(queries(dialect).whole(), dialect)
        assert f"FROM {left}dbo{right}.{left}QuáTrình{right}" in text
        for name in ("MaHoSo", "Id", "select", "UpdatedOn"):
            assert f"{left}{name}{right}" in text

    def test_a_page_is_limited_ordered_by_stamp_and_key_and_never_counts_off(self, dialect: str) -> None:
        left, right = QUOTES[dialect]
        text = written(queries(dialect).page(Span(NOON), Place(NOON, ("H55'%", 7)), 500), dialect)
        order = text.partition(" ORDER BY ")[2]
        names = [f"{left}{name}{right}" for name in ("UpdatedOn", "MaHoSo", "Id")]
        positions = [order.index(name) for name in names]
        assert positions == sorted(positions)
        assert "OFFSET" not in text
        assert {"postgresql": "LIMIT", "mysql": "LIMIT", "mssql": "TOP", "oracle": "FETCH FIRST"}[dialect] in text

    def test_values_are_bound_and_stand_nowhere_in_the_text(self, dialect: str) -> None:
        compiled = queries(dialect).page(Span(NOON), Place(NOON, ("H55'%", 7)), 500).compile(dialect=DIALECTS[dialect])
        assert "H55" not in str(compiled)
        assert "H55'%" in compiled.params.values()

    def test_rows_without_a_stamp_have_a_question_of_their_own(self, dialect: str) -> None:
        assert "IS NOT NULL" in written(queries(dialect).page(Span(), None, 5), dialect)
        assert "IS NULL" in written(queries(dialect).unstamped(), dialect)


@pytest.mark.parametrize("dialect", ["mysql", "mssql", "oracle"])
def test_without_row_comparison_the_next_page_begins_where_an_index_can(dialect: str) -> None:
    left, right = QUOTES[dialect]
    text = written(queries(dialect).page(Span(), Place(NOON, ("a", 7)), 500), dialect)
    assert f"{left}UpdatedOn{right} >= " in text
    assert text.count(" OR ") == 2


def test_postgresql_compares_whole_rows() -> None:
    text = written(queries("postgresql").page(Span(), Place(NOON, ("a", 7)), 500), "postgresql")
    assert '"UpdatedOn", dbo."QuáTrình"."MaHoSo"' in text.replace('"dbo"', "dbo")
    assert ") > (" in text


def test_a_place_in_the_servers_own_spelling_is_cast_back() -> None:
    place = Place("2023-06-30 12:00:00", ("a", "7"), text=True)
    text = written(queries("postgresql").page(Span(), place, 500), "postgresql")
    assert "AS INTEGER)" in text
    assert "AS TIMESTAMP WITHOUT TIME ZONE)" in text
