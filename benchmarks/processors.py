"""How long processors were busy for a piece of work: what a machine that others use at the same time still tells.

Belongs here: processor time of this process, of the database server and of other programs that take part. Does not: time
by the clock (rounds.py).
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from benchmarks.rounds import seconds_of
from warehouse.home import Home
from warehouse.server.launcher import EmbeddedServer

#: Until the server has counted what ended with its connections.
_SETTLING_SECONDS = 0.5


@dataclass(slots=True)
class Processors:
    """Processor seconds by the name of the work: here, in the home's server, and in the other programs by their ids."""

    home: Home
    others: tuple[int, ...] = ()
    here: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    server: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    other: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def noting(self, name: str, work: Callable[[], object]) -> float:
        """The seconds of a piece of work by the clock; notes its processor seconds."""
        before = self._now()
        seconds = seconds_of(work)
        time.sleep(_SETTLING_SECONDS)
        for noted, at_first, at_last in zip((self.here, self.server, self.other), before, self._now(), strict=True):
            noted[name].append(at_last - at_first)
        return seconds

    def total(self, name: str) -> list[float]:
        """All of it, by round."""
        return [sum(parts) for parts in zip(self.here[name], self.server[name], self.other[name], strict=True)]

    def _now(self) -> tuple[float, float, float]:
        server = psutil.Process(EmbeddedServer(self.home).status().pid)
        ended = server.cpu_times()
        living = sum(_busy(one) for one in server.children())
        return (
            _busy(psutil.Process()),
            ended.children_user + ended.children_system + living,
            sum(_busy(psutil.Process(other)) for other in self.others),
        )


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
