"""dbt's connections: kept from node to node, and found by each as a new one would be.

Belongs here: what a node may rely on. Does not: what dbt builds over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.adapters.postgres.connections import PostgresCredentials

from orchestration.kept_connections import KeptConnections
from tests.conftest import Deployed
from warehouse.database import Database


def _manager(database: Database) -> KeptConnections:
    credentials = PostgresCredentials(
        host=database.host, port=database.port, user=database.user, password=database.password,
        database=database.name, schema="staging", role="motcua_transformer",
    )  # fmt: skip
    return KeptConnections(SimpleNamespace(credentials=credentials), get_context("spawn"))


@pytest.fixture
def held(sample: Deployed) -> Iterator[KeptConnections]:
    made = _manager(sample.database)
    yield made
    made.cleanup_all()


def _answer(held: KeptConnections, query: str) -> Any:
    """The first value a query gives, on this thread's connection and outside of any transaction of dbt's."""
    return held.add_query(query, auto_begin=False)[1].fetchone()[0]


def _do(held: KeptConnections, statement: str) -> None:
    held.add_query(statement, auto_begin=True)


def _process(held: KeptConnections) -> int:
    return int(_answer(held, "select pg_backend_pid()"))


def test_the_next_node_has_the_same_connection_in_the_profiles_role(held: KeptConnections) -> None:
    held.set_connection_name("model.first")
    first = _process(held)
    held.release()
    held.set_connection_name("model.second")
    assert _process(held) == first
    # Rolled back before anything was committed: the role must not have gone with it.
    assert _answer(held, "select current_user") == "motcua_transformer"


def test_what_a_node_left_undone_is_undone(held: KeptConnections) -> None:
    held.set_connection_name("model.first")
    _do(held, "create table intermediate.half_made (n int)")
    _do(held, "set enable_hashjoin to off")
    held.release()
    held.set_connection_name("model.second")
    assert held.get_thread_connection().transaction_open is False
    assert _answer(held, "select to_regclass('intermediate.half_made')") is None
    assert _answer(held, "show enable_hashjoin") == "on"


def test_temporary_tables_are_gone(held: KeptConnections) -> None:
    held.set_connection_name("model.first")
    _do(held, "create temporary table passing as select 1 as n")
    held.commit()
    assert _answer(held, "select to_regclass('pg_temp.passing')") is not None
    held.release()
    held.set_connection_name("model.second")
    assert _answer(held, "select to_regclass('pg_temp.passing')") is None


def test_no_lock_is_held_between_nodes(held: KeptConnections, sample: Deployed) -> None:
    held.set_connection_name("model.first")
    process = _process(held)
    _answer(held, "select count(*) from intermediate.int_dossier__current")
    locks = "select count(*) from pg_locks where pid = %s and relation is not null"
    assert sample.ask(locks, process) != [(0,)]
    held.release()
    assert sample.ask(locks, process) == [(0,)]
    assert sample.ask("select state from pg_stat_activity where pid = %s", process) == [("idle",)]


def test_a_broken_connection_is_not_kept(held: KeptConnections, sample: Deployed) -> None:
    held.set_connection_name("model.first")
    first = _process(held)
    sample.ask("select pg_terminate_backend(%s, 10000)", first)
    held.release()
    held.set_connection_name("model.second")
    assert _process(held) != first
    assert _answer(held, "select current_user") == "motcua_transformer"


def test_the_end_closes_them(held: KeptConnections) -> None:
    held.set_connection_name("model.first")
    _process(held)
    held.release()
    handle = held.get_thread_connection().handle
    assert not handle.closed
    held.cleanup_all()
    assert handle.closed


def test_a_build_needs_a_few_connections_and_not_one_a_node(copy_of_sample: Deployed) -> None:
    """Else these tests could all be green while dbt goes on as before."""
    from orchestration import dbt_project

    prepared = dbt_project.prepare(copy_of_sample.settings)
    counted = "select sessions from pg_stat_database where datname = current_database()"
    [(before,)] = copy_of_sample.ask(counted)
    nodes: list[Any] = []
    assert (
        dbt_project.build(copy_of_sample.settings, copy_of_sample.database, prepared, nodes.append, ["staging"]) == []
    )
    [(after,)] = copy_of_sample.ask(counted)
    assert len(nodes) > 20
    assert 0 < after - before < 12
