"""A build's tables are known to be as it left them without a row being read, and nobody writes one unnoticed.

Belongs here: what strikes a table from those that are known, and that the others are read. Does not: what follows from
it (test_built_by_changes.py), or writing past a seal (tests/guarantees).
"""

from __future__ import annotations

import psycopg
import pytest

from tests.conftest import Deployed
from warehouse.database import Database
from warehouse.left_tables import touched_since, watch

TABLE = "intermediate.int_dossier__limited"
MART = "candidate.fct_dossier"
#: How rows that stand there become others, or go.
WRITES = {
    "update": "update {0} set dossier_key = dossier_key where {1}",
    "delete": "delete from {0} where {1}",
    "truncate": "truncate {0}",
}


def _last(database: Database) -> tuple[int, str, dict[str, int]]:
    with database.connect() as connection:
        [found] = connection.execute(
            "select build_id, ended_in::xid::text, tables from audit.build order by build_id desc limit 1"
        ).fetchall()
    return found


def _known(database: Database) -> set[str]:
    with database.connect("motcua_loader") as connection:
        rows = connection.execute("select left_table from audit.tables_left_by(%s)", (_last(database)[0],)).fetchall()
    return {str(name) for (name,) in rows}


def _because(database: Database) -> str | None:
    build, ended_in, left = _last(database)
    with database.connect("motcua_loader") as connection:
        return touched_since(database, connection, build, ended_in, left)


def _found(table: str) -> str:
    return f"{table} is not as the last build left it"


def test_all_tables_of_a_build_are_known(copy_of_sample: Deployed) -> None:
    left = _last(copy_of_sample.database)[2]
    assert _known(copy_of_sample.database) == set(left) and len(left) > 80
    assert any(left.values())
    for name, rows in left.items():
        assert copy_of_sample.ask(f"select count(*) from {name}") == [(rows,)], name
    assert _because(copy_of_sample.database) is None


def test_tables_that_are_known_are_not_read(copy_of_sample: Deployed) -> None:
    with copy_of_sample.database.connect() as connection:
        connection.execute(f"lock table {TABLE}, {MART} in access exclusive mode")
        assert _because(copy_of_sample.database) is None


@pytest.mark.parametrize(
    ("table", "act"),
    [(TABLE, "update"), (TABLE, "delete"), (TABLE, "truncate"), (MART, "update"), (MART, "delete")],
)
def test_a_write_is_noticed(copy_of_sample: Deployed, table: str, act: str) -> None:
    """Nobody but its owner empties a held candidate."""
    one = f"dossier_key = (select min(dossier_key) from {table})"
    with copy_of_sample.database.connect("motcua_transformer") as connection:
        connection.execute(WRITES[act].format(table, one).encode())
    assert _known(copy_of_sample.database) == set(_last(copy_of_sample.database)[2]) - {table}
    assert _because(copy_of_sample.database) == _found(table)


def test_rows_that_come_are_noticed(copy_of_sample: Deployed) -> None:
    table = "intermediate.int_dossier__interrupted"
    with copy_of_sample.database.connect("motcua_transformer") as connection:
        connection.execute(f"insert into {table} default values".encode())
    assert _because(copy_of_sample.database) == _found(table)


def test_a_write_that_comes_to_nothing_is_looked_into(copy_of_sample: Deployed) -> None:
    """It strikes nothing that stays struck; one that wrote no row does, and the rows are asked."""
    with pytest.raises(ZeroDivisionError), copy_of_sample.database.connect("motcua_transformer") as connection:
        connection.execute(f"truncate {TABLE}".encode())
        raise ZeroDivisionError
    assert TABLE in _known(copy_of_sample.database)
    with copy_of_sample.database.connect("motcua_transformer") as connection:
        connection.execute(f"delete from {TABLE} where false".encode())
    assert TABLE not in _known(copy_of_sample.database)
    assert _because(copy_of_sample.database) is None


def test_a_table_made_over_is_read(copy_of_sample: Deployed) -> None:
    """No statement of it meets a trigger."""
    with copy_of_sample.database.connect("motcua_transformer") as connection:
        connection.execute(f"alter table {TABLE} alter dossier_key type text using dossier_key || '*'".encode())
    assert TABLE not in _known(copy_of_sample.database)
    assert _because(copy_of_sample.database) == _found(TABLE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"alter table {TABLE} disable trigger written", f"alter table {TABLE} enable trigger written"),
        (
            f"drop trigger written on {TABLE}",
            f"create trigger written after insert or update or delete or truncate on {TABLE}"
            " for each statement execute function audit.note_written()",
        ),
    ],
)
def test_a_trigger_that_was_away_for_a_while_is_no_witness(copy_of_sample: Deployed, before: str, after: str) -> None:
    write = WRITES["update"].format(TABLE, "true")
    for statement in (before, write, after):
        with copy_of_sample.database.connect("motcua_transformer") as connection:
            connection.execute(statement.encode())
    assert TABLE not in _known(copy_of_sample.database)
    assert _because(copy_of_sample.database) == _found(TABLE)


@pytest.mark.parametrize("table", [TABLE, MART])
def test_who_looked_before_the_build_closed_cannot_write_unnoticed(copy_of_sample: Deployed, table: str) -> None:
    database = copy_of_sample.database
    with pytest.raises(psycopg.errors.SerializationFailure), database.connect("motcua_transformer") as early:
        early.execute("set transaction isolation level repeatable read")
        early.execute("select")
        with database.connect("motcua_loader") as connection:
            build = _last(database)[0]
            connection.execute("select audit.leave_tables(%s, null)", (build + 1,))
        early.execute(f"delete from {table}".encode())


def test_a_build_waits_for_who_is_writing(copy_of_sample: Deployed) -> None:
    """Whoever began earlier may commit later: the note of the build comes after, and is struck by whoever comes then."""
    database = copy_of_sample.database
    with database.connect("motcua_transformer") as writing:
        writing.execute(f"delete from {TABLE}".encode())
        with pytest.raises(psycopg.errors.LockNotAvailable), database.connect("motcua_loader") as connection:
            connection.execute("set local lock_timeout = '100ms'")
            connection.execute("select audit.leave_tables(%s, null)", (_last(database)[0],))


def test_the_transformer_cannot_say_that_a_table_is_as_it_was(copy_of_sample: Deployed) -> None:
    for statement in (
        "update audit.left_table set build_id = 1",
        "update release.candidate set left_by = 1",
        "select audit.leave_tables(1, null)",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            copy_of_sample.database.connect("motcua_transformer") as connection,
        ):
            connection.execute(statement.encode())


def test_a_table_made_anew_is_watched(copy_of_sample: Deployed) -> None:
    """As dbt makes one: under another name, then in the place of the old one."""
    with copy_of_sample.database.connect("motcua_transformer") as connection:
        connection.execute(f"create table intermediate.other as table {TABLE}".encode())
        connection.execute(f"drop table {TABLE} cascade".encode())
        connection.execute(f"alter table intermediate.other rename to {TABLE.split('.')[1]}".encode())
    assert TABLE not in _known(copy_of_sample.database)
    watch(copy_of_sample.database)
    with copy_of_sample.database.connect("motcua_loader") as connection:
        build = _last(copy_of_sample.database)[0]
        names = connection.execute("select audit.leave_tables(%s, %s)", (build, build)).fetchall()
    assert (TABLE,) not in names and len(names) > 80
    with copy_of_sample.database.connect("motcua_transformer") as connection:
        connection.execute(f"truncate {TABLE}".encode())
    assert TABLE not in _known(copy_of_sample.database)
