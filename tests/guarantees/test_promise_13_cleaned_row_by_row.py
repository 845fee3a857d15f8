"""Promise 13, while kept: every row of every table against what readers saw when it was published, and while they read.

Belongs here: cleaning tried row by row, and by readers who ask statement by statement. Does not: who may clean, and what is
said of what is gone (test_promise_13_what_is_kept.py).
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import sql

from contracts.deployment import instant
from contracts.failures import GateRefused
from contracts.order import Order
from orchestration import steps
from tests.conftest import Deployed
from tests.guarantees.partial_runs import ORDER, change_of, publish_unchecked, session_on
from warehouse import releases, retention
from warehouse.periods import Closing, close_period

Rows = dict[str, list[str]]


def _read(connection: psycopg.Connection, schema: str, marts: dict[str, list[str]]) -> Rows:
    """Every row of every published table as text, without the store's own column, in one order."""
    return {
        mart: sorted(
            row[0]
            for row in connection.execute(
                sql.SQL("select row({})::text from {}").format(
                    sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(schema, mart)
                )
            )
        )
        for mart, columns in marts.items()
    }


def _published_rows(deployed: Deployed) -> Rows:
    with deployed.database.connect("motcua_inspector") as connection:
        return _read(connection, "marts", _marts(deployed))


def _rows_as_of(connection: psycopg.Connection, marts: dict[str, list[str]], release: int) -> Rows:
    connection.execute("select release.read_as_of(%s)", (release,))
    return _read(connection, "marts_as_of", marts)


def _marts(deployed: Deployed) -> dict[str, list[str]]:
    rows: list[Any] = deployed.ask("select name, columns from release.mart")
    return dict(rows)


def _publish(deployed: Deployed, number: int) -> None:
    """A release that differs from each other."""
    assert publish_unchecked(deployed, change_of(deployed, number)).changed


def _five_releases(deployed: Deployed) -> dict[int, Rows]:
    """Releases 1 to 5, each with the rows that readers saw when it was published."""
    seen = {1: _published_rows(deployed)}
    for number in range(2, 6):
        _publish(deployed, number)
        seen[number] = _published_rows(deployed)
    assert [release.release_id for release in releases.list_releases(deployed.database)] == [5, 4, 3, 2, 1]
    assert all(seen[a] != seen[b] for a in seen for b in seen if a < b)
    return seen


def _close(deployed: Deployed) -> None:
    ends = [instant(day, "America/New_York") for day in ("2015-04-01", "2015-07-01")]
    close_period(deployed.database, Closing("boston", "2015-Q2", ends[0], ends[1], Order("reported", "the office")))


def _history(deployed: Deployed) -> dict[str, list[tuple[int, int]]]:
    tables = deployed.ask("select tablename from pg_tables where schemaname = 'history'")
    return {
        table: [(first, end) for first, end in deployed.ask(f"select release_from, release_to from history.{table}")]
        for (table,) in tables
    }


def test_cleaning_takes_the_rows_that_nobody_can_ask_for_and_no_other(copy_of_sample: Deployed) -> None:
    """1 stands in a closed period, 3 is pinned, 5 is published: 2 and 4 go, and of the history what only they held."""
    _close(copy_of_sample)
    seen = _five_releases(copy_of_sample)
    retention.pin(copy_of_sample.database, 3, ORDER)
    before = _history(copy_of_sample)
    done = retention.clean(copy_of_sample.database, 1, ORDER)
    assert (done.cleaned, done.kept) == ((2, 4), (1, 3, 5))
    needed = {
        mart: sorted(span for span in spans if any(span[0] <= kept < span[1] for kept in (1, 3, 5)))
        for mart, spans in before.items()
    }
    after = {mart: sorted(spans) for mart, spans in _history(copy_of_sample).items()}
    assert after == needed
    assert done.removed == {m: len(before[m]) - len(after[m]) for m in before if len(before[m]) > len(after[m])}
    assert sum(done.removed.values()) > 10
    with copy_of_sample.database.connect("motcua_inspector") as connection:
        for number in (1, 3, 5):
            assert _rows_as_of(connection, _marts(copy_of_sample), number) == seen[number], number


def test_readers_under_way_see_a_release_whole_or_are_told(copy_of_sample: Deployed) -> None:
    """One began before the cleaning and reads after it; others read all the while, statement by statement."""
    seen = _five_releases(copy_of_sample)
    marts = _marts(copy_of_sample)
    counted = {number: len(rows["fct_dossier"]) + len(rows["dim_date"]) for number, rows in seen.items()}
    assert counted[2] != counted[3]
    stop = threading.Event()

    def read_on(release: int) -> list[int | None]:
        answers: list[int | None] = []
        with copy_of_sample.database.connect("motcua_inspector", autocommit=True) as connection:
            while not stop.is_set():
                try:
                    connection.execute("select release.read_as_of(%s)", (release,))
                    row = connection.execute(
                        "select (select count(*) from marts_as_of.fct_dossier) + (select count(*) from marts_as_of.dim_date)"
                    ).fetchone()
                except psycopg.errors.NoDataFound:
                    answers.append(None)
                    continue
                assert row is not None
                answers.append(row[0])
        return answers

    with copy_of_sample.database.connect("motcua_inspector") as early, ThreadPoolExecutor(2) as pool:
        early.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        early.execute("select release.read_as_of(2)")
        readers = {release: pool.submit(read_on, release) for release in (2, 5)}
        try:
            assert retention.clean(copy_of_sample.database, 1, ORDER).cleaned == (1, 2, 3, 4)
            assert _rows_as_of(early, marts, 2) == seen[2]
        finally:
            stop.set()
    assert set(readers[5].result()) == {counted[5]}
    answers = readers[2].result()
    assert set(answers) <= {counted[2], None}
    assert answers == sorted(answers, key=lambda answer: answer is None), "once gone, it stays gone"
    with (
        copy_of_sample.database.connect("motcua_inspector") as late,
        pytest.raises(psycopg.errors.NoDataFound),
    ):
        late.execute("select release.read_as_of(2)")


def test_an_older_snapshot_does_not_clean(copy_of_sample: Deployed) -> None:
    """It would not show what was pinned or published while it waited for the lock."""
    _publish(copy_of_sample, 1)
    with copy_of_sample.database.connect("motcua_publisher") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("select release_id from release.pointer")
        retention.pin(copy_of_sample.database, 1, ORDER)
        with pytest.raises(psycopg.errors.InvalidTransactionState):
            connection.execute("select release.clean(1, 'room', 'me')")
    assert copy_of_sample.ask("select release_id from release.cleaned") == []


def test_a_refused_release_takes_no_place_among_those_that_are_kept(copy_of_sample: Deployed) -> None:
    """Of the last two, both can be read."""
    _publish(copy_of_sample, 1)
    _publish(copy_of_sample, 2)
    with pytest.raises(GateRefused), session_on(copy_of_sample) as session:
        steps.publish(session)
    kept: Any = copy_of_sample.ask("select release_id, verdict from release.release order by release_id")
    assert kept == [(1, "pass"), (2, "pass"), (3, "pass"), (4, "fail")]
    assert retention.clean(copy_of_sample.database, 2, ORDER).cleaned == (1,)
