"""Promise 5 at random instants: runs over a small province, its systems up, are killed at any moment and run again.

Belongs here: one kill, two and a hundred of them in the long search. Does not: named points (test_promise_05_fault_points.py).
"""

from __future__ import annotations

import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from demo.box import CONFIG, standing
from demo.province.generate import generate
from orchestration.settings import load_settings
from tests.conftest import CONFIG as CONFIG_OF_BOSTON
from tests.conftest import Deployed, given_sources
from tests.guarantees import struck as told
from tests.guarantees.struck import KEY, Place, place
from tests.guarantees.warm_program import WarmProgram
from warehouse.database import open_database
from warehouse.server.launcher import EmbeddedServer

#: The smallest in which every system has something to tell.
SCALE = 0.01
KILLS = 100
#: Of which two readings of the same systems at different times must tell the same.
SAME = ("published", "quarantine", "rows that are no delivery's", "overrides", "key")


@pytest.fixture(scope="module")
def province(session_server: EmbeddedServer, session_folder: Path) -> Iterator[list[str]]:
    """The arguments of a run over it."""
    folder = session_folder / "tỉnh rất nhỏ"
    generate(folder, scale=SCALE)
    with standing(folder) as arguments:
        yield arguments


def _place(arguments: list[str], database: str) -> Iterator[Place]:
    given = [value for flag, value in pairwise(arguments) if flag == "--set"]
    settings = load_settings(CONFIG, given, database)
    with open_database(settings.home, database) as found:
        yield Place(CONFIG, Deployed(settings, found), tuple(given))


@pytest.fixture(scope="module")
def calm(province: list[str], program: WarmProgram) -> Iterator[tuple[dict[str, Any], float]]:
    """What stands after an undisturbed run, and how long it took."""
    for there in _place(province, "calm_province"):
        begun = time.monotonic()
        ended = program.start(there.run(), KEY).ended()
        lasted = time.monotonic() - begun
        assert ended.returncode == 0, ended.stdout
        yield told.standing(there.deployed), lasted


@pytest.mark.long
def test_a_hundred_over_a_province(
    program: WarmProgram, province: list[str], calm: tuple[dict[str, Any], float]
) -> None:
    """In rounds: one ends with a run that was faster than its killer, and begins again with an empty database.

    A run that nobody killed tells how long one takes by now: the first may have had a busy machine.
    """
    expected, lasted = calm
    chance = random.Random(KILLS)
    reached: Counter[str] = Counter()
    rounds = 0
    while reached.total() < KILLS:
        rounds += 1
        for there in _place(province, f"struck_province_{rounds}"):
            before, begun = reached.total(), time.monotonic()
            ended = _run_until_one_ends(program, there, chance, lasted, KILLS, reached, expected)
            assert ended.returncode == 0, ended.stdout
            if reached.total() == before:
                lasted = min(lasted, time.monotonic() - begun)
            found = told.standing(there.deployed)
            same = [*SAME, *(name for name in expected if name.startswith("raw."))]
            assert {name: (found[name], expected[name]) for name in same if found[name] != expected[name]} == {}
            assert _left_open(there.deployed) == [(0, 0)]
            assert there.deployed.ask("select count(*) from release.release") == [(1,)]
        print(f"{reached.total()} kills in {rounds} rounds, a run of {lasted:.0f} s: {dict(reached)}", flush=True)


@pytest.mark.walk
@pytest.mark.parametrize("kills", [1, pytest.param(2, marks=pytest.mark.long)])
def test_over_a_sample(program: WarmProgram, sample: Deployed, kills: int) -> None:
    """Somewhere in the first seconds, then wherever the rerun is; what is published in the end is what nothing disturbed."""
    chance, expected, reached = random.Random(2), told.standing(sample), Counter[str]()
    with place(CONFIG_OF_BOSTON, *given_sources(sample.settings)) as there:
        ended = _run_until_one_ends(program, there, chance, 6.0, kills, reached, expected)
        print(f"killed in {dict(reached)}", flush=True)
        assert ended.returncode == 0, ended.stdout
        assert told.differences(told.standing(there.deployed), expected) == {}
        assert _left_open(there.deployed) == [(0, 0)]


def _run_until_one_ends(
    program: WarmProgram,
    there: Place,
    chance: random.Random,
    lasted: float,
    kills: int,
    reached: Counter[str],
    expected: dict[str, Any],
) -> subprocess.CompletedProcess[str]:
    while True:
        command = program.start(there.run(), KEY)
        strike = threading.Timer(chance.uniform(0.1, lasted), command.kill)
        if reached.total() < kills:
            strike.start()
        ended = command.ended()
        strike.cancel()
        if ended.returncode != -signal.SIGKILL:
            return ended
        stages = re.findall(r"^ *[\d.]+ s (\w+)", ended.stdout, re.M)
        reached[stages[-1] if stages else "before the first"] += 1
        found = told.standing(there.deployed)
        assert found.get("published", {}) in ({}, _nothing(found), expected["published"])


def _nothing(found: dict[str, Any]) -> dict[str, Any]:
    """The published tables before the first release: there and empty."""
    published: dict[str, Any] = found.get("published", {})
    return published if all(int(table["rows"]) == 0 for table in published.values()) else {}


def _left_open(deployed: Deployed) -> list[tuple[Any, ...]]:
    return deployed.ask(
        "select (select count(*) from audit.run where outcome = 'running'),"
        " (select count(*) from audit.delivery_attempt where outcome = 'running')"
    )
