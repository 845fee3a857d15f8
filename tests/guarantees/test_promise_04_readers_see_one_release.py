"""Promise 4: readers never see two releases at once, while releases come and go under them.

Belongs here: concurrent readers, whole statements, early snapshots and dumps alike. Does not: crashes while publishing
(promise 5).
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.conftest import Deployed
from tests.guarantees.partial_runs import ORDER, change_of, open_run, publish_unchecked
from warehouse import releases
from warehouse.server.launcher import EmbeddedServer

UNITS = ("boston/ANML", "boston/PARK")
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


@dataclass(frozen=True)
class Trial:
    """How many releases come under how many pairs of readers (and one that dumps), and the reads they come between."""

    releases: int
    pairs: int
    at_least: int


SHORT, LONG = Trial(releases=8, pairs=2, at_least=1_500), Trial(releases=80, pairs=4, at_least=10_000)


@dataclass
class Readers:
    """What concurrent readers saw, each with what kind of reader it was, until told to stop."""

    deployed: Deployed
    stop: threading.Event = field(default_factory=threading.Event)
    seen: list[tuple[str, Seen]] = field(default_factory=list)

    def whole_statements(self, _: int) -> None:
        """READ COMMITTED: each statement has a snapshot of its own."""
        with self.deployed.database.connect("motcua_inspector", autocommit=True) as connection:
            while not self.stop.is_set():
                self.seen.append(("whole_statements", _numbers(connection.execute(TOGETHER).fetchone())))

    def early_snapshots(self, seed: int) -> None:
        """REPEATABLE READ: the snapshot is taken, time passes, releases come, and only then the tables are read."""
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
                self.seen.append(("early_snapshots", tuple(found[place] for place in range(len(ONE_BY_ONE)))))

    def dumps(self, _: int) -> None:
        """pg_dump of all of marts, with the pointer: the copy somebody takes home is of one release too."""
        database = self.deployed.database
        program = EmbeddedServer(self.deployed.settings.home).bin_path("pg_dump")
        while not self.stop.is_set():
            finished = subprocess.run(
                [str(program), "--data-only", "--table=marts.*", "--table=release.pointer", f"--dbname={database.name}"],
                env={**os.environ, "PGHOST": database.host, "PGPORT": str(database.port), "PGUSER": database.user,
                     "PGPASSWORD": database.password},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            self.seen.append(("dumps", _in_dump(finished.stdout)))


def _in_dump(text: str) -> Seen:
    """The numbers that a dump holds, in the order of TOGETHER."""
    tables = {
        table: (columns.split(", "), [line.split("\t") for line in rows.splitlines()])
        for table, columns, rows in re.findall(r"^COPY (\S+) \(([^)]*)\) FROM stdin;\n(.*?)^\\\.$", text, re.M | re.S)
    }
    columns, figures = tables["marts.fct_timeliness"]
    policy, cut_off, received = (columns.index(name) for name in ("policy", "cut_off", "received"))
    columns, pointer = tables["release.pointer"]
    return (
        int(pointer[0][columns.index("release_id")]),
        *(len(tables[f"marts.{name}"][1]) for name in ("dim_unit", "fct_timeliness", "fct_dossier")),
        sum(
            int(row[received])
            for row in figures
            if row[policy] == "instant" and row[cut_off].startswith("2016-01-13 05")
        ),
    )


def _numbers(row: tuple[object, ...] | None) -> Seen:
    assert row is not None
    # A sum over no rows is null: a reader that finds a table empty is to be counted as mixed, not to stop.
    return tuple(int(str(value or 0)) for value in row)


def _without_unit(deployed: Deployed, unit: str) -> Callable[[], None]:
    def change() -> None:
        for statement in (
            "delete from candidate.fct_dossier_verdict as v using candidate.fct_dossier as d"
            f" where d.dossier_key = v.dossier_key and d.unit_key = '{unit}'",
            f"delete from candidate.fct_timeliness where unit_key = '{unit}'",
            f"delete from candidate.fct_dossier where unit_key = '{unit}'",
            f"delete from candidate.dim_unit where unit_key = '{unit}'",
        ):
            deployed.do(statement)

    return change


@pytest.mark.parametrize("trial", [SHORT, pytest.param(LONG, marks=pytest.mark.long)], ids=["short", "long"])
def test_no_reader_sees_two_releases_at_once(copy_of_sample: Deployed, trial: Trial) -> None:
    readers = Readers(copy_of_sample)
    kinds = [*(readers.whole_statements, readers.early_snapshots) * trial.pairs, readers.dumps]
    with ThreadPoolExecutor(max_workers=len(kinds)) as pool:
        reading = [(read.__name__, pool.submit(read, seed)) for seed, read in enumerate(kinds)]
        begun = time.monotonic()
        try:
            for turn in range(trial.releases):
                before = len(readers.seen)
                _come_or_go(copy_of_sample, turn)
                [(newest,)] = copy_of_sample.ask("select release_id from release.pointer")
                # However fast releases and readers are; one that came to grief is not waited for.
                while len(readers.seen) < trial.at_least * (turn + 1) // trial.releases or all(
                    row[0] != newest for _, row in readers.seen[before:]
                ):
                    if any(future.done() for _, future in reading):
                        break
                    time.sleep(0.01)
        finally:
            readers.stop.set()
        # A reader that was refused, cancelled or chosen as the victim of a deadlock raises here.
        for _, future in reading:
            future.result()
    seen = readers.seen
    expected = _contents(copy_of_sample, trial.releases)
    mixed = [(kind, row) for kind, row in seen if row != expected[row[0]]]
    empty = [(kind, row) for kind, row in seen if 0 in row]
    deadlocks = copy_of_sample.ask(
        "select deadlocks from pg_stat_database where datname = %s", copy_of_sample.database.name
    )
    counted = {kind: sum(1 for said, _ in seen if said == kind) for kind in dict(reading)}
    print(
        f"{trial.releases} releases, {len(seen):,} reads ({', '.join(f'{n:,} {kind}' for kind, n in counted.items())})"
        f" in {time.monotonic() - begun:.0f} s: {len(mixed)} mixed, {len(empty)} empty, {deadlocks[0][0]} deadlocks"
    )
    assert (mixed, empty, deadlocks) == ([], [], [(0,)])
    assert all(counted.values()), "a kind of reader read nothing"
    assert {row[0] for _, row in seen} >= set(sorted(expected)[1:]), "some release was seen by nobody"
    assert all(len({row[place] for row in expected.values()}) >= 3 for place in (2, 3, 4)), "a table tells nothing"


def _come_or_go(deployed: Deployed, turn: int) -> None:
    """Publishes the contents without one unit, then without another too, and rolls back to those with both; in turn."""
    [(first,)] = deployed.ask("select min(release_id) from release.release")
    if turn % 4 == 3:
        releases.roll_back(deployed.database, open_run(deployed), first + 1, ORDER)
    elif turn % 4 == 2:
        releases.roll_back(deployed.database, open_run(deployed), first, ORDER)
    elif turn < 2:
        assert publish_unchecked(deployed, _without_unit(deployed, UNITS[turn])).changed
    else:
        # The candidates lack both units by now: what is published stands again once rolled back from.
        assert publish_unchecked(deployed, change_of(deployed, turn)).changed


def _contents(deployed: Deployed, wanted: int) -> dict[int, Seen]:
    """By release: what a reader of it must find. All dossiers were received before the last cut-off."""
    found: dict[int, Seen] = {}
    for release in releases.list_releases(deployed.database):
        rows = {mart: int(content["rows"]) for mart, content in release.content.items()}
        found[release.release_id] = (
            release.release_id, rows["dim_unit"], rows["fct_timeliness"], rows["fct_dossier"], rows["fct_dossier"],
        )  # fmt: skip
    assert len(found) == wanted + 1
    return found
