"""Keys of the published tables: what they are made of, that every declared one is proved, and that each of them can fail.

Belongs here: keys on a whole province, where nearly every table has rows. Does not: which columns must be declared
(tests/unit/docs/test_dictionary.py), or the gate (tests/guarantees).
"""

from __future__ import annotations

import hashlib
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
    # Nothing waits for its receipt in so small a province.
    assert {mart for mart, _ in empty} <= {"rpt_not_accepted"}
    assert {(mart, column) for mart, column, key, _ in found if key == "x/nobody"} == expected


def test_nothing_declared_is_no_proof(province: Province) -> None:
    with province.database.connect() as connection:
        connection.execute("delete from release.mart_reference")
        found = connection.execute(_UNMET).fetchall()
        connection.rollback()
    assert found == [("no table", "declares a reference", None, 0)]


def test_a_key_follows_from_its_row_alone(province: Province) -> None:
    """Made again from the columns beside it, in another language: no sequence, no order and no look-up has a part in it."""
    for table, key, natural in (
        ("dim_unit", "unit_key", "unit_code"),
        ("dim_procedure", "procedure_key", "procedure_code"),
        ("dim_channel", "channel_key", "channel_code"),
        ("dim_period", "period_key", "period"),
        ("fct_dossier", "dossier_key", "dossier_code"),
    ):
        rows = province.ask(f"select {key}, jurisdiction, {natural} from marts.{table}")
        assert [key for key, body, code in rows if key != f"{body}/{code}"] == [], table
        assert rows
    for table in ("dim_unit", "dim_procedure"):
        thing = table.removeprefix("dim_")
        rows = province.ask(f"select {thing}_version_key, {thing}_key, valid_from from marts.{table}")
        assert [version for version, key, first in rows if version != f"{key}@{first}"] == [], table
    rates = province.ask("select rate_key, jurisdiction, period, unit_key, rate from marts.rpt_rate")
    assert len(rates) > 500
    for key, *grain in rates:
        told = "".join("-|" if part is None else f"={part}|" for part in grain)
        assert key == hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()
