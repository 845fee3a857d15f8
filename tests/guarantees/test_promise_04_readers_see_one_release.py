"""Promise 4: readers never see two releases at once, while releases come and go under them.

Belongs here: concurrent readers, whole statements and early snapshots alike. Does not: crashes while publishing
(promise 5).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg

from tests.conftest import Deployed
from tests.guarantees.partial_runs import ORDER, open_run, publish_unchecked
from warehouse import releases

RELEASES = 10
AT_LEAST = 2_000
UNIT = "boston/ANML"
#: One figure from each of four tables, the release they must all belong to beside them.
TOGETHER = """
    select (select release_id from release.pointer),
        (select count(*) from marts.dim_unit),
        (select count(*) from marts.fct_timeliness),
        (select count(*) from marts.fct_dossier),
        (select sum(received) from marts.fct_timeliness where policy = 'instant'
            and cut_off = timestamptz '2016-01-13 00:00:00-05')
"""
ONE_BY_ONE = (
    "select release_id from release.pointer",
    "select count(*) from marts.dim_unit",
    "select count(*) from marts.fct_timeliness",
    "select count(*) from marts.fct_dossier",
    "select sum(received) from marts.fct_timeliness where policy = 'instant'"
    " and cut_off = timestamptz '2016-01-13 00:00:00-05'",
)
Seen = tuple[int, ...]


@dataclass
class Readers:
    """What concurrent readers saw, until told to stop."""

    deployed: Deployed
    stop: threading.Event = field(default_factory=threading.Event)

    def whole_statements(self, _: int) -> list[Seen]:
        """READ COMMITTED: each statement has a snapshot of its own."""
        seen: list[Seen] = []
        with self.deployed.database.connect("motcua_inspector", autocommit=True) as connection:
            while not self.stop.is_set():
                seen.append(_numbers(connection.execute(TOGETHER).fetchone()))
        return seen

    def early_snapshots(self, seed: int) -> list[Seen]:
        """REPEATABLE READ: the snapshot is taken, time passes, releases come, and only then the tables are read."""
        seen: list[Seen] = []
        waits = random.Random(seed)
        with self.deployed.database.connect("motcua_inspector", autocommit=True) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            while not self.stop.is_set():
                with connection.transaction():
                    connection.execute("select 1 from release.pointer")
                    time.sleep(waits.choice((0.0, 0.001, 0.01, 0.1, 0.6)))
                    statements = list(enumerate(ONE_BY_ONE))
                    waits.shuffle(statements)
                    found = {place: _numbers(connection.execute(query).fetchone())[0] for place, query in statements}
                seen.append(tuple(found[place] for place in range(len(ONE_BY_ONE))))
        return seen


def _numbers(row: tuple[object, ...] | None) -> Seen:
    assert row is not None
    # A sum over no rows is null: a reader that finds a table empty is to be counted as mixed, not to stop.
    return tuple(int(str(value or 0)) for value in row)


def _without_one_unit(deployed: Deployed) -> Callable[[], None]:
    def change() -> None:
        for statement in (
            "delete from candidate.fct_dossier_verdict as v using candidate.fct_dossier as d"
            f" where d.dossier_key = v.dossier_key and d.unit_key = '{UNIT}'",
            f"delete from candidate.fct_timeliness where unit_key = '{UNIT}'",
            f"delete from candidate.fct_dossier where unit_key = '{UNIT}'",
            f"delete from candidate.dim_unit where unit_key = '{UNIT}'",
        ):
            deployed.do(statement)

    return change


def test_no_reader_sees_two_releases_at_once(copy_of_sample: Deployed) -> None:
    [(first,)] = copy_of_sample.ask("select release_id from release.pointer")
    readers = Readers(copy_of_sample)
    with ThreadPoolExecutor(max_workers=4) as pool:
        reading = [
            pool.submit(read, seed) for seed, read in enumerate((readers.whole_statements, readers.early_snapshots) * 2)
        ]
        try:
            _alternate(copy_of_sample, first)
        finally:
            readers.stop.set()
        seen = [row for future in reading for row in future.result()]
    expected = _contents(copy_of_sample)
    mixed = [row for row in seen if row != expected[row[0]]]
    assert mixed == []
    assert len(seen) >= AT_LEAST
    assert {row[0] for row in seen} >= set(sorted(expected)[1:]), "some release was seen by nobody"
    assert len({row[1:] for row in expected.values()}) == 2
    assert all(len({row[place] for row in expected.values()}) == 2 for place in range(1, 5)), "a table tells nothing"


def _alternate(deployed: Deployed, first: int) -> None:
    """Publishes the contents without one unit and rolls back to those with it, in turn."""
    change = _without_one_unit(deployed)
    for turn in range(RELEASES):
        if turn % 2 == 0:
            assert publish_unchecked(deployed, change).changed
        else:
            releases.roll_back(deployed.database, open_run(deployed), first, ORDER)


def _contents(deployed: Deployed) -> dict[int, Seen]:
    """By release: what a reader of it must find. All dossiers were received before the last cut-off."""
    found: dict[int, Seen] = {}
    for release in releases.list_releases(deployed.database):
        rows = {mart: int(content["rows"]) for mart, content in release.content.items()}
        found[release.release_id] = (
            release.release_id, rows["dim_unit"], rows["fct_timeliness"], rows["fct_dossier"], rows["fct_dossier"],
        )  # fmt: skip
    assert len(found) == RELEASES + 1
    return found
