"""Promise 5 inside the server's procedures: cut off in the midst of one call, nothing of it is there; run again, all is.

Belongs here: the program killed, and its connection ended, while publishing, rolling back, cleaning and closing
have written to each of their tables. Does not: points of the program itself (test_promise_05_fault_points.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CONFIG, Deployed, given_sources
from tests.guarantees.held_inside import held
from tests.guarantees.partial_runs import change_of, publish_unchecked
from tests.guarantees.struck import KEY, Place, differences, place, standing
from tests.guarantees.test_overrides import HELD, refused_run
from tests.guarantees.warm_program import WarmProgram

WHY = ("--because", "tried by a test")
#: Each act with tables it writes, in its order. A table that stays is not written.
PUBLISHING = (
    ("release.release", "insert"),
    ("marts.dim_channel", "insert"),
    ("history.dim_date", "insert"),
    ("marts.fct_dossier", "insert"),
    ("release.pointer", "insert or update"),
)
ROLLING_BACK = (("release.release", "insert"), ("release.pointer", "insert or update"), ("marts.fct_dossier", "delete"))
CLEANING = (("release.cleaned", "insert"), ("history.fct_dossier", "delete"))
CLOSING = (("release.closed_period", "insert"),)
#: What the override had committed before it asked for the publication.
_BEFORE = {"overrides"}


def cut_off(program: WarmProgram, there: Place, arguments: list[str], at: tuple[str, str], *, killed: bool) -> None:
    """Kills the program, or ends its connection, while the server waits inside the call; then the server goes on."""
    with held(there.deployed, *at) as inside:
        command = program.start([*arguments, *there.on()], KEY)
        pid = inside.waiting(command.is_over)
        assert pid is not None, f"it never came to {at}: {command.said()}"
        if killed:
            command.kill()
        else:
            there.deployed.do("select pg_terminate_backend(%s)", pid)
        inside.let_go()
        ended = command.ended()
        inside.gone(pid)
    if killed:
        assert ended.returncode < 0
    else:
        assert (ended.returncode, "the connection to the database was lost" in ended.stdout) == (3, True), ended.stdout
        assert "run again" in ended.stdout


def walked(
    program: WarmProgram, there: Place, arguments: list[str], places: tuple[tuple[str, str], ...], committed: set[str]
) -> dict[str, Any]:
    """At each place once the program and once its connection; then undisturbed. What stands then."""
    before = standing(there.deployed)
    for at in places:
        for killed in (True, False):
            cut_off(program, there, arguments, at, killed=killed)
            assert set(differences(before, standing(there.deployed))) <= committed, (at, killed)
    ended = program.start([*arguments, *there.on()], KEY).ended()
    assert ended.returncode == 0, ended.stdout
    return standing(there.deployed)


@pytest.mark.walk
def test_cut_off_inside_each_procedure(program: WarmProgram, sample: Deployed) -> None:
    given, template = given_sources(sample.settings), sample.database.name
    with place(CONFIG, *given, template=template) as struck, place(CONFIG, *given, template=template) as calm:
        for there in (struck, calm):
            publish_unchecked(there.deployed, change_of(there.deployed, 1))
            change_of(there.deployed, 2)()
            refused_run(there.deployed, severity="hold")
        acts: tuple[tuple[list[str], tuple[tuple[str, str], ...], set[str]], ...] = (
            (["gate", "override", "--check", HELD, *WHY], PUBLISHING, _BEFORE),
            (["release", "rollback", "1", *WHY], ROLLING_BACK, set()),
            (["release", "clean", "--keep", "1", *WHY], CLEANING, set()),
            (["period", "close", "2015Q2", "--jurisdiction", "boston", *WHY], CLOSING, set()),
        )
        for arguments, places, committed in acts:
            found = walked(program, struck, arguments, places, committed)
            ended = program.start([*arguments, *calm.on()], KEY).ended()
            assert ended.returncode == 0, ended.stdout
            assert differences(found, standing(calm.deployed)) == {}, arguments


def test_what_a_killed_program_left_working_does_not_mix_with_its_rerun(
    program: WarmProgram, sample: Deployed, tmp_path: Path
) -> None:
    """The server does not know that the program is gone, and works on: the rerun waits, and neither spoils the other."""
    given, template = given_sources(sample.settings), sample.database.name
    with place(CONFIG, *given, template=template) as struck:
        publish_unchecked(struck.deployed, change_of(struck.deployed, 1))
        back = ["release", "rollback", "1", *WHY, *struck.on()]
        with held(struck.deployed, "release.pointer", "insert or update") as inside:
            first = program.start(back, KEY)
            pid = inside.waiting(first.is_over)
            first.kill()
            first.ended()
            again = program.start(back, KEY)
            waits = (
                "select count(*) from pg_stat_activity where datname = %s and wait_event_type = 'Lock' and pid <> %s"
            )
            for _ in range(1_000):
                if again.is_over() or struck.deployed.ask(waits, struck.deployed.database.name, pid) == [(1,)]:
                    break
            assert not again.is_over(), again.said()
            inside.let_go()
            assert again.ended().returncode == 0, again.said()
        assert struck.deployed.published()["content"] == sample.published()["content"]
        assert struck.deployed.ask("select count(*) from release.release where kind = 'rollback'") == [(1,)]
        outcomes = struck.deployed.ask("select outcome from audit.run order by started_at desc limit 2")
        assert outcomes == [("published",), ("interrupted",)]
