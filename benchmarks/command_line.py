"""How long the commands of a person at a terminal take to answer.

Belongs here: whole commands, started as a user starts them. Does not: the run (demo_run.py).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.ground import CONFIG, Ground
from benchmarks.rounds import line, seconds_of, take_turns, title
from orchestration.running import run_job
from orchestration.session import NoProgress

PROGRAM = Path(sys.executable).parent / "motcua"
_DATABASE = "command_line"


def called(*arguments: str) -> float:
    """The seconds that the installed program takes, from being started to having ended. Raises when it fails."""
    return seconds_of(lambda: subprocess.run([PROGRAM, *arguments], check=True, capture_output=True))


def measure(ground: Ground, rounds: int) -> None:
    """Prints the seconds of each command."""
    summary = run_job(ground.settings(_DATABASE), NoProgress())
    if summary.failure is not None:
        raise summary.failure
    of = ("--config", str(CONFIG), "--database", _DATABASE, "--jurisdiction", "boston")
    seconds = take_turns(
        {
            "python -c pass": lambda: seconds_of(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)),
            "motcua --help": lambda: called("--help"),
            "motcua figures": lambda: called("figures", *of),
            "motcua figures --by unit": lambda: called("figures", *of, "--by", "unit"),
        },
        rounds,
    )
    title("help: commands from start to end", f"  median of {rounds} rounds (least to most); the server is up.")
    for name, taken in seconds.items():
        line(name, taken)
