"""Promise 5: kill -9 anywhere, run again: the same published contents as an undisturbed run; nothing lost, nothing twice.

Belongs here: killing the installed program, as a process of its own, as each stage begins and at random (the long search).
Does not: kills at named points, of which every test run tries each (test_promise_05_fault_points.py).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Deployed, given_sources

STAGES = ("prepare", "deliver", "transform", "check", "publish")


class Victim:
    """A `motcua run` as a process of its own, watched through its progress lines."""

    def __init__(self, deployed: Deployed) -> None:
        overrides = [part for override in given_sources(deployed.settings) for part in ("--set", override)]
        self._process = subprocess.Popen(
            [str(Path(sys.executable).parent / "motcua"), "run", "--config", str(deployed.settings.config),
             "--database", deployed.database.name, *overrides],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ.copy(),
        )  # fmt: skip

    def lines(self) -> Iterator[str]:
        """What it says, as it says it."""
        assert self._process.stderr is not None
        yield from self._process.stderr

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(30)

    def wait(self, seconds: float) -> bool:
        """Whether it ended by itself within that time."""
        try:
            self._process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def _assert_whole(deployed: Deployed, undisturbed: Deployed) -> None:
    summary = deployed.run()
    assert summary.failure is None
    assert deployed.published()["content"] == undisturbed.published()["content"]
    assert deployed.ask("select count(*) from raw.boston311__case") == [(2_679,)]
    assert deployed.ask("select count(*), sum(rows_landed) from audit.delivery") == [(5, 6_126)]
    assert deployed.ask("select count(*) from audit.run where outcome = 'running'") == [(0,)]
    assert deployed.ask("select count(*) from audit.delivery_attempt where outcome = 'running'") == [(0,)]
    assert deployed.ask("select count(*) from history.fct_dossier") == [(0,)]


@pytest.mark.long
def test_killed_as_each_stage_begins(sample: Deployed, empty_database: Deployed) -> None:
    for stage in STAGES:
        victim = Victim(empty_database)
        for line in victim.lines():
            if line.split(" s ", 1)[-1].strip().startswith(stage):
                break
        victim.kill()
    _assert_whole(empty_database, sample)
    outcomes = dict(empty_database.ask("select outcome, count(*) from audit.run group by outcome"))
    # Killed while preparing, a run may have had no row yet.
    assert outcomes["interrupted"] >= len(STAGES) - 1


@pytest.mark.long
def test_killed_at_random(sample: Deployed, empty_database: Deployed) -> None:
    chance = random.Random(20_150_331)
    for _ in range(40):
        victim = Victim(empty_database)
        if not victim.wait(chance.uniform(0.2, 12.0)):
            victim.kill()
        published = empty_database.ask("select to_regclass('release.pointer') is not null")[0][0]
        if published and empty_database.ask("select count(*) from release.pointer") == [(1,)]:
            assert empty_database.published()["content"] == sample.published()["content"]
    _assert_whole(empty_database, sample)
