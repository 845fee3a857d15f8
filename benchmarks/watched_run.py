"""One run of the job in a process of its own, under the clock; its account goes to standard output as JSON.

Belongs here: that process, started by demo_run.py as `python -m benchmarks.watched_run CONFIG DATABASE SOURCE=PATH…`.
Does not: comparing runs.
"""

from __future__ import annotations

import json
import sys
import time

from benchmarks.attribution import Clock, watch_databases, watch_imports


class _Stages:
    """Progress that only tells the clock which stage begins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def stage(self, name: str) -> None:
        """Hands the stage on."""
        self._clock.stage(name)

    def step(self, name: str, *, detail: str = "", rows: int | None = None, seconds: float | None = None) -> None:
        """Steps do not matter here."""


def main(config: str, database: str, *sources: str) -> None:
    """Runs the job once."""
    begun = time.time()
    clock = Clock("start")
    watch_imports(clock)
    watch_databases(clock)
    from pathlib import Path

    from orchestration.running import run_job
    from orchestration.settings import load_settings

    summary = run_job(load_settings(Path(config), sources, database), _Stages(clock))
    if summary.failure is not None:
        raise summary.failure
    clock.stage("end")
    parts = [[stage, kind, seconds] for (stage, kind), seconds in clock.seconds.items()]
    print(json.dumps({"begun": begun, "ended": time.time(), "parts": parts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
