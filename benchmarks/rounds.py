"""Rounds in which everything compared takes its turn, and what is said of them.

Belongs here: turns, medians, tables. Does not: what is measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

Turn = Callable[[], float]


def take_turns(turns: dict[str, Turn], rounds: int) -> dict[str, list[float]]:
    """The seconds of each, in every round one after the other: what slows the machine down meets them all."""
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            seconds[name].append(turn())
    return seconds


def seconds_of(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def title(name: str, explained: str) -> None:
    """The heading of a table, with how its figures were got."""
    print(f"\n{name}\n{explained}", flush=True)


def line(name: str, seconds: list[float], against: list[float] | None = None) -> None:
    """Median, spread and, if wanted, the median of the rounds' ratios to what is measured against."""
    ratio = ""
    if against is not None:
        ratio = f"  × {median(one / other for one, other in zip(seconds, against, strict=True)):.2f}"
    spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
    print(f"  {name:<58} {median(seconds):6.2f} s  ({spread}){ratio}", flush=True)
