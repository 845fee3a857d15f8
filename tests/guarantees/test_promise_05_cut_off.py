"""Promise 5 when something else than the program goes: its connections, the server, or another program that comes in.

Belongs here: backends ended at each stage, the server killed, two acts at once. Does not: the program killed
(test_promise_05_fault_points.py), disks (test_promise_05_disk_full.py).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import CONFIG, Deployed, given_sources
from tests.guarantees.held_inside import held
from tests.guarantees.partial_runs import change_of, publish_unchecked
from tests.guarantees.struck import KEY, Place, differences, place, standing
from tests.guarantees.warm_program import WarmProgram
from warehouse.database import open_database
from warehouse.home import Home
from warehouse.server.launcher import EmbeddedServer
from warehouse.server.postmaster import find_postmaster

Program = Callable[..., "subprocess.CompletedProcess[str]"]
#: One in each stage, and inside its transaction where it has one of the program's.
STAGES = (
    "prepare.reference_stored", "run.begun", "landing.rows_copied", "transform.inputs_noted", "transform.statement:20",
    "transform.models_built", "transform.sealed", "check.begun", "check.words_recorded", "check.ended", "publish.published",
)  # fmt: skip
SHORT = ("landing.rows_copied", "publish.published")
KILLED_SERVER = ("landing.rows_copied", "transform.model_ended:10", "publish.published")
LOST = "the connection to the database was lost"
BUSY = "another run is at work"


def cut_at(program: WarmProgram, there: Place, point: str) -> None:
    """Halts a run at a point, ends all its connections, and lets it go on: it has to say so and to leave."""
    command = program.start(there.run(), KEY, f"stop@{point}")
    assert command.halted(), f"{point}: {command.said()}"
    there.deployed.do(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
        there.deployed.database.name,
    )
    command.go_on()
    ended = command.ended()
    assert (ended.returncode, LOST in ended.stdout) == (3, True), (point, ended.stdout)
    assert "Traceback" not in ended.stdout, point


@pytest.mark.walk
@pytest.mark.parametrize("points", [SHORT, pytest.param(STAGES, marks=pytest.mark.long)], ids=["short", "all"])
def test_connections_cut_at_each_stage(program: WarmProgram, sample: Deployed, points: tuple[str, ...]) -> None:
    """On one database, one after the other; each run is the rerun of the one before."""
    with place(CONFIG, *given_sources(sample.settings)) as struck:
        for point in points:
            cut_at(program, struck, point)
            assert struck.deployed.ask("select count(*) from release.pointer") == [(0,)], point
        ended = program.start(struck.run(), KEY).ended()
        assert ended.returncode == 0, ended.stdout
        assert differences(standing(struck.deployed), standing(sample)) == {}
        assert struck.deployed.ask("select count(*) from audit.run where outcome = 'running'") == [(0,)]


@pytest.fixture
def elsewhere() -> Iterator[Home]:
    """A home with a server of its own, durable as in use."""
    folder = Path(tempfile.mkdtemp(prefix="motcua-struck-"))
    folder.chmod(0o755)
    yield Home(folder / "home")
    EmbeddedServer(Home(folder / "home")).stop(force=True)
    shutil.rmtree(folder)


@pytest.mark.long
def test_the_server_killed_in_the_middle_of_a_run(program: WarmProgram, sample: Deployed, elsewhere: Home) -> None:
    """On one database, one after the other, with a server of its own: each start makes one that waits for the disk."""
    given = [part for override in given_sources(sample.settings) for part in ("--set", override)]
    run = ["run", "--config", str(CONFIG), "--database", "struck", *given]
    there = {**KEY, "MOTCUA_HOME": str(elsewhere.root)}
    for point in KILLED_SERVER:
        command = program.start(run, there, f"stop@{point}")
        assert command.halted(), f"{point}: {command.said()}"
        found = find_postmaster(elsewhere)
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
        command.go_on()
        ended = command.ended()
        assert ended.returncode == 3, (point, ended.stdout)
        assert "the database" in ended.stdout and "Traceback" not in ended.stdout, (point, ended.stdout)
    ended = program.start(run, there).ended()
    assert ended.returncode == 0, ended.stdout
    with open_database(elsewhere, "struck") as database:
        assert differences(standing(Deployed(sample.settings, database)), standing(sample)) == {}


@pytest.mark.walk
def test_who_comes_second_says_so_and_leaves(program: WarmProgram, sample: Deployed, motcua: Program) -> None:
    """While a run is at work, another run, a rollback and a replay leave at once; and it ends as if alone."""
    given, template = given_sources(sample.settings), sample.database.name
    with place(CONFIG, *given, template=template) as there:
        publish_unchecked(there.deployed, change_of(there.deployed, 1))
        before = standing(there.deployed)
        run = program.start(there.run("jurisdictions.boston.default_policy=day"), KEY, "stop@transform.models_built")
        assert run.halted(), run.said()
        back = ["release", "rollback", "1", "--because", "tried by a test", *there.on()]
        for second in (there.run(), back, ["quarantine", "replay", "--delivery", "1", *there.on()]):
            ended = motcua(*second, **KEY)
            assert (ended.returncode, BUSY in ended.stderr) == (3, True), (second, ended.stderr)
        assert there.deployed.published()["content"] == before["published"]
        run.go_on()
        assert run.ended().returncode == 0, run.said()
        assert there.deployed.ask("select count(*) from audit.run where outcome = 'running'") == [(0,)]


def test_a_run_during_a_rollback_leaves(program: WarmProgram, sample: Deployed, motcua: Program) -> None:
    given, template = given_sources(sample.settings), sample.database.name
    with place(CONFIG, *given, template=template) as there:
        publish_unchecked(there.deployed, change_of(there.deployed, 1))
        runs = there.deployed.ask("select count(*) from audit.run")[0][0]
        back = ["release", "rollback", "1", "--because", "tried by a test", *there.on()]
        with held(there.deployed, "marts.fct_dossier", "delete") as inside:
            rollback = program.start(back, KEY)
            assert inside.waiting(rollback.is_over) is not None, rollback.said()
            ended = motcua(*there.run(), **KEY)
            assert (ended.returncode, BUSY in ended.stderr) == (3, True), ended.stderr
            inside.let_go()
            assert rollback.ended().returncode == 0, rollback.said()
        assert there.deployed.published()["content"] == sample.published()["content"]
        assert there.deployed.ask("select count(*) from audit.run") == [(runs + 1,)]
