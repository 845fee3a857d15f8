"""The whole job on Boston's dossiers: how long, and how much of it is the database's, imports and our own.

Belongs here: the first run of a database and runs after it, in turn. Does not: the clock (attribution.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from benchmarks.attribution import KINDS, Kind
from benchmarks.command_line import called
from benchmarks.ground import CONFIG, Ground
from benchmarks.rounds import line, take_turns, title
from orchestration import dbt_project
from orchestration.settings import PROJECT

Parts = defaultdict[tuple[str, Kind], float]


@dataclass(slots=True)
class _Runs:
    ground: Ground
    warm: str = "warm"
    made: int = 0
    accounts: dict[str, list[Parts]] = field(default_factory=lambda: {"first": [], "again": []})

    def first(self) -> float:
        """A run in a database that does not exist yet."""
        self.made += 1
        return self._watched("first", f"first_{self.made}")

    def again(self) -> float:
        """A run after others, with the same deliveries."""
        return self._watched("again", self.warm)

    def command(self) -> float:
        """The same as a user types it, with nothing watched."""
        return called("run", "--quiet", *self._set(), "--config", str(CONFIG), "--database", self.warm)

    def _set(self) -> list[str]:
        return [part for entry in self._sources() for part in ("--set", entry)]

    def _sources(self) -> list[str]:
        return [f"sources.{name}.path={self.ground.deliveries / name}" for name in ("boston311", "cartas")]

    def _watched(self, kind: str, database: str) -> float:
        started = time.time()
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.watched_run", str(CONFIG), database, *self._sources()],
            check=True, stdout=subprocess.PIPE, cwd=PROJECT,
        ).stdout  # fmt: skip
        ended = time.time()
        account = json.loads(answer)
        parts: Parts = defaultdict(float, {(stage, part): seconds for stage, part, seconds in account["parts"]})
        # Before the clock starts and after it: the interpreter coming up and going down, which is ours too.
        parts["start", "rest"] += account["begun"] - started
        parts["end", "rest"] += ended - account["ended"]
        self.accounts[kind].append(parts)
        return ended - started


def measure(ground: Ground, rounds: int) -> None:
    """Prints the seconds of each kind of run, and what they went to, by stage."""
    dbt_project.prepare(ground.settings("warm"))
    runs = _Runs(ground)
    runs.command()
    seconds = take_turns({"first": runs.first, "again": runs.again, "command": runs.command}, rounds)
    title(
        "demo: the whole job on Boston's 26,788 dossiers and Brazil's charters",
        f"  median of {rounds} rounds (least to most), each run in a process of its own; the server is up and dbt's\n"
        "  project parsed. database: at least one statement under way (psycopg's wait, psycopg2's execute and commit).\n"
        "  imports: an import that loads something, and no statement. rest: all else, with the interpreter's start and end.",
    )
    line("first run of a database", seconds["first"])
    line("run again, same deliveries", seconds["again"])
    line("the same as `motcua run`, nothing watched", seconds["command"])
    for kind, name in (("first", "first run"), ("again", "run again")):
        _account(name, runs.accounts[kind])


def _account(name: str, runs: list[Parts]) -> None:
    stages = list(dict.fromkeys(stage for run in runs for stage, _ in run))
    print(f"\n  {name:<16}" + "".join(f"{kind:>12}" for kind in KINDS))
    for stage in stages:
        print(f"    {stage:<14}" + "".join(f"{median(run[stage, kind] for run in runs):12.2f}" for kind in KINDS))
    totals = [{kind: sum(run[stage, kind] for stage in stages) for kind in KINDS} for run in runs]
    print("    " + f"{'all':<14}" + "".join(f"{median(total[kind] for total in totals):12.2f}" for kind in KINDS))
    shares = [{kind: total[kind] / sum(total.values()) for kind in KINDS} for total in totals]
    print("    " + f"{'share':<14}" + "".join(f"{median(share[kind] for share in shares):12.0%}" for kind in KINDS))
