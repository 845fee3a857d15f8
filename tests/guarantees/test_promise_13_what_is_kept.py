"""Promise 13, while kept: what cleaning leaves reads as before, what it takes says so, and nobody reading loses a row.

Belongs here: pins, closed periods, cleaning with readers at work, and who may. Does not: reading old releases in general
(test_promise_13_old_releases_read_the_same.py).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import psycopg
import pytest

from contracts.deployment import instant
from contracts.failures import UsageError
from contracts.order import Order
from tests.conftest import CONFIG, Deployed
from tests.guarantees.partial_runs import ORDER, open_run, publish_unchecked
from tests.guarantees.test_promise_03_database_refuses_every_way_round import ROLES, acting_as, attempt
from warehouse import releases, retention
from warehouse.periods import Closing, close_period

Motcua = Callable[..., subprocess.CompletedProcess[str]]
UNIT = "select count(*), sum(row_number), max(release_from) from marts_as_of.fct_dossier where unit_key = 'boston/ANML'"
#: Rows of history that no release holds which can be asked for.
HELD_BY_NOBODY = (
    "select count(*) from history.fct_dossier as h where not exists (select from release.release as r"
    " left join release.cleaned as c on c.release_id = r.release_id where c.release_id is null and r.verdict = 'pass'"
    " and r.release_id >= h.release_from and r.release_id < h.release_to)"
)


def _published(deployed: Deployed) -> int:
    """One more release: every dossier of one unit reads otherwise."""
    change = "update candidate.fct_dossier set row_number = row_number + 1 where unit_key = 'boston/ANML'"
    made = publish_unchecked(deployed, lambda: deployed.do(change))
    assert made.changed
    return made.release_id


def _read(deployed: Deployed, release: int) -> list[tuple[object, ...]]:
    with deployed.database.connect("motcua_inspector") as connection:
        connection.execute("select release.read_as_of(%s)", (release,))
        return connection.execute(UNIT.encode()).fetchall()


def test_cleaning_leaves_what_is_kept_and_says_what_is_gone(copy_of_sample: Deployed, motcua: Motcua) -> None:
    database, on = copy_of_sample.database, ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    [(closed,)] = copy_of_sample.ask("select release_id from release.pointer")
    ends = [instant(day, "America/New_York") for day in ("2015-04-01", "2015-07-01")]
    close_period(database, Closing("boston", "2015-Q2", *ends, Order("reported", "the office")))
    pinned, third, fourth, current = (_published(copy_of_sample) for _ in range(4))
    then = {release: _read(copy_of_sample, release) for release in (closed, pinned, third, fourth, current)}
    assert len({str(rows) for rows in then.values()}) == 5
    assert motcua("release", "pin", str(pinned), "--because", "sent to the ministry", *on).returncode == 0
    with pytest.raises(UsageError, match="pinned already"):
        retention.pin(database, pinned, ORDER)

    done = motcua("release", "clean", "--keep", "1", "--because", "room", "--by", "Nguyễn Văn A", *on)
    assert done.returncode == 0, done.stderr
    assert "2 releases cleaned" in done.stdout and f"3 kept: {closed}, {pinned}, {current}" in done.stdout
    for release in (closed, pinned, current):
        assert _read(copy_of_sample, release) == then[release]
    assert copy_of_sample.ask(HELD_BY_NOBODY) == [(0,)]
    [(left,)] = copy_of_sample.ask("select count(*) from history.fct_dossier")
    assert left == 2 * copy_of_sample.ask("select count(*) from marts.fct_dossier where unit_key = 'boston/ANML'")[0][0]
    for command in (["figures", "-j", "boston", "--release", str(third)], ["release", "diff", str(third), str(current)],
                    ["release", "rollback", str(fourth), "--because", "why not"]):  # fmt: skip
        told = motcua(*command, *on)
        assert (told.returncode, "was cleaned on" in told.stderr, "Nguyễn Văn A" in told.stderr) == (2, True, True)
    listed = " ".join(motcua("release", "list", *on).stdout.split())
    assert "pinned: sent to the ministry" in listed and listed.count("cleaned on") == 2
    assert motcua("release", "show", str(third), *on).returncode == 0, "what it was stays on record"

    again = retention.clean(database, 1, ORDER)
    assert (again.cleaned, again.removed) == ((), {})
    retention.unpin(database, pinned, ORDER)
    assert retention.clean(database, 1, ORDER).cleaned == (pinned,)
    assert _read(copy_of_sample, closed) == then[closed], "a closed period's release never goes"
    made, _ = releases.roll_back(database, open_run(copy_of_sample), closed, ORDER)
    assert _read(copy_of_sample, made)[0][:2] == then[closed][0][:2]
    with pytest.raises(UsageError, match="at least one"):
        retention.clean(database, 0, ORDER)


def test_a_reader_at_work_loses_nothing(copy_of_sample: Deployed) -> None:
    """It began before the cleaning and reads a release that goes: by its own snapshot it is all there until it ends."""
    [(first,)] = copy_of_sample.ask("select release_id from release.pointer")
    _published(copy_of_sample)
    with psycopg.connect(copy_of_sample.database.url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select release.read_as_of(%s)", (first,))
        before = reader.execute(UNIT.encode()).fetchall()
        assert retention.clean(copy_of_sample.database, 1, ORDER).cleaned == (first,)
        assert reader.execute(UNIT.encode()).fetchall() == before
        reader.commit()
        with pytest.raises(psycopg.errors.NoDataFound, match="was cleaned on"):
            reader.execute(UNIT.encode())


def test_only_the_publisher_pins_and_cleans_and_nobody_by_hand(copy_of_sample: Deployed) -> None:
    [(first,)] = copy_of_sample.ask("select release_id from release.pointer")
    _published(copy_of_sample)
    calls = (f"select release.pin({first}, 'why', 'who')", "select release.clean(1, 'why', 'who')")
    by_hand = (
        f"insert into release.pin (release_id, because, pinned_for) values ({first}, 'why', 'who')",
        f"insert into release.cleaned (release_id, because, cleaned_for) values ({first}, 'why', 'who')",
        "delete from release.pin", "update release.pin set because = 'other'", "delete from history.fct_dossier",
        "create or replace function release.kept(newest integer) returns bigint[] language sql as $$ select '{}'::bigint[] $$",
    )  # fmt: skip
    for role in ROLES:
        with acting_as(copy_of_sample, role) as connection:
            for call in calls:
                error = attempt(connection, call)
                assert (error is None) == (role == "motcua_publisher"), (role, call, error)
            for statement in by_hand:
                assert isinstance(attempt(connection, statement), psycopg.errors.InsufficientPrivilege), (
                    role,
                    statement,
                )
    with copy_of_sample.database.connect() as connection:
        for statement in ("delete from history.fct_dossier", "truncate history.fct_dossier", "delete from release.pin",
                          "delete from release.cleaned"):  # fmt: skip
            assert isinstance(attempt(connection, statement), psycopg.errors.InsufficientPrivilege), statement
