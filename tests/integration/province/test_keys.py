"""Every declared key of the published tables: that all of them are proved, and that each of them can fail.

Belongs here: the proof on a whole province, where every table has rows. Does not: which columns must be declared
(tests/unit/docs/test_dictionary.py), or the gate (tests/guarantees).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from tests.integration.province.made_province import Province

_UNMET = b"select mart, column_name, key, times from release.unmet_references()"


def test_each_declared_key_can_fail(province: Province) -> None:
    """One row of every table names nobody, in a transaction that is taken back: the one statement finds all of them."""
    with province.database.connect() as connection:
        assert connection.execute(_UNMET).fetchall() == []
        declared = connection.execute(
            "select r.mart, r.column_name, m.key_columns from release.mart_reference as r"
            " inner join release.mart as m on m.name = r.mart order by r.mart, r.column_name"
        ).fetchall()
        expected, empty = set(), set()
        for mart, column, keys in declared:
            changed = connection.execute(
                sql.SQL(
                    "update {table} set {column} = 'x/nobody' where ({keys}) = (select {keys} from {table} limit 1)"
                ).format(
                    table=sql.Identifier("candidate", mart),
                    column=sql.Identifier(column),
                    keys=sql.SQL(", ").join(map(sql.Identifier, keys)),
                )
            ).rowcount
            (expected if changed else empty).add((mart, column))
        found = connection.execute(_UNMET).fetchall()
        connection.rollback()
    assert len(expected) > 75
    assert {mart for mart, _ in empty} <= {"fct_catalogue_change"}
    assert {(mart, column) for mart, column, key, _ in found if key == "x/nobody"} == expected


def test_nothing_declared_is_no_proof(province: Province) -> None:
    with province.database.connect() as connection:
        connection.execute("delete from release.mart_reference")
        found = connection.execute(_UNMET).fetchall()
        connection.rollback()
    assert found == [("no table", "declares a reference", None, 0)]
