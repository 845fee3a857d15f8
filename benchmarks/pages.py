"""What people read of a whole province: its figures explained, its pages, its files for offices, as commands started by a user.

Belongs here: whole commands over one release, by the clock and by the processor time of the program. Does not: building that
release (models.py, release.py).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter

from benchmarks.command_line import PROGRAM
from benchmarks.ground import Ground
from benchmarks.rounds import title
from orchestration.settings import PROJECT

_DATABASE = "province"
_CONFIG = PROJECT / "demo" / "thai_nguyen.yml"
#: A figure of each kind: of the whole, of a unit, cells of both forms, a rate, a place in the ranking.
_FIGURES = (
    "thai_nguyen/2023H1/late_in_period/day", "thai_nguyen/2023-07-01/late/day;unit=H55.09",
    "thai_nguyen/2023H1/ii06a.late/day;variant=levels;level=district", "thai_nguyen/2023H1/ii07b.one_stop_total",
    "thai_nguyen/2023H1/rate.article;unit=H55.09", "thai_nguyen/as_of/ranking.unit_rank;unit=H55.09",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Answer:
    """Seconds until the first line stood there, until what was counted did, until the end; processor seconds of the program."""

    first: float
    counted: float
    whole: float
    busy: float


def measure(ground: Ground, rounds: int) -> None:
    """Prints both tables; the release before is explained as well."""
    folder = str(ground.folder / "province")
    for arguments in (
        ("province", "--folder", folder, "--database", _DATABASE), ("advance", "--folder", folder, "--days", "1"),
        ("province", "--folder", folder, "--database", _DATABASE),
    ):  # fmt: skip
        subprocess.run([sys.executable, "-m", "demo", *arguments], check=True, stdout=subprocess.DEVNULL, cwd=PROJECT)
    compare(_DATABASE, ground.folder, rounds)


def compare(database: str, out: Path, rounds: int) -> None:
    """Prints what each command takes over a province's database that has two releases; writes into `out`."""
    commands: dict[str, tuple[str, ...]] = {
        "claims (starting up, and one table)": ("claims",),
        **{f"explain {figure}": ("explain", figure, "--limit", "3") for figure in _FIGURES},
        f"{_FIGURES[0]}, the release before": ("explain", _FIGURES[0], "--limit", "3", "--release", "1"),
        "site build": ("site", "build", "--out", str(out / "site")),
        "office --only forms": _office(out, "--only", "forms"),
        "office": _office(out),
    }
    answers: dict[str, list[_Answer]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, arguments in commands.items():
            answers[name].append(_asked(database, arguments))
    title(
        "pages: 346,000 dossiers, 6.5 million published rows",
        f"  medians of {rounds} rounds, in turn: first line, what was counted, the end; processor time of the program.",
    )
    for name, told in answers.items():
        seconds = [median(getattr(one, part) for one in told) for part in ("first", "counted", "whole", "busy")]
        print(f"  {name:<66} " + "".join(f"{value:6.2f}" for value in seconds) + " s", flush=True)


def _office(folder: Path, *only: str) -> tuple[str, ...]:
    return "office", "--period", "2023H1", *only, "--out", str(folder / "office")


def _asked(database: str, arguments: Sequence[str]) -> _Answer:
    """Runs the installed program. Raises when it fails."""
    before, started = _busy(), perf_counter()
    command = [str(PROGRAM), *arguments, "--config", str(_CONFIG), "--database", database]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        lines = [perf_counter() - started for _ in program.stdout]
    if program.returncode != 0:
        raise RuntimeError(f"motcua {' '.join(arguments)} ended with {program.returncode}")
    # What comes at once is one answer: the published value is told before anything is counted.
    counted = next((at for at in lines if at > lines[0] + 0.02), lines[-1])
    return _Answer(lines[0], counted, lines[-1], _busy() - before)


def _busy() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
