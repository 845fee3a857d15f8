"""What the time of a process goes to: waiting for the database, importing, or the rest.

Belongs here: one clock for the three and the places where it is told. Does not: the process measured.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

Kind = Literal["database", "imports", "rest"]
KINDS: tuple[Kind, ...] = ("database", "imports", "rest")


class Clock:
    """Gives every moment to one kind: the database while any statement is under way in any thread, imports while any
    goes on and no statement does, and the rest. So the parts add up to the whole, however many threads there are.
    """

    def __init__(self, stage: str) -> None:
        self._lock = threading.Lock()
        self._under_way: Counter[Kind] = Counter()
        self._stage = stage
        self._since = time.perf_counter()
        self.seconds: defaultdict[tuple[str, Kind], float] = defaultdict(float)

    @contextmanager
    def during(self, kind: Kind) -> Iterator[None]:
        """Something of that kind is under way in the block."""
        self._change(kind, 1)
        try:
            yield
        finally:
            self._change(kind, -1)

    def stage(self, name: str) -> None:
        """What follows belongs to another stage."""
        with self._lock:
            self._charge()
            self._stage = name

    def _change(self, kind: Kind, by: int) -> None:
        with self._lock:
            self._charge()
            self._under_way[kind] += by

    def _charge(self) -> None:
        now = time.perf_counter()
        kind: Kind = next((kind for kind in KINDS if self._under_way[kind]), "rest")
        self.seconds[self._stage, kind] += now - self._since
        self._since = now


def watch_imports(clock: Clock) -> None:
    """Every way of importing comes through this one function, and only when there is something to load."""
    bootstrap: Any = importlib._bootstrap
    load = bootstrap._find_and_load
    busy = threading.local()

    def find_and_load(name: str, import_: Any) -> Any:
        if getattr(busy, "now", False):
            return load(name, import_)
        busy.now = True
        try:
            with clock.during("imports"):
                return load(name, import_)
        finally:
            busy.now = False

    bootstrap._find_and_load = find_and_load


def watch_databases(clock: Clock) -> None:
    """Both drivers: psycopg 3 (our own statements, COPY, the gate through SQLAlchemy) and psycopg2 (dbt)."""
    import psycopg
    import psycopg2  # type: ignore[import-untyped]
    from psycopg2 import extensions

    def timed(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            with clock.during("database"):
                return original(*arguments, **named)

        return call

    # psycopg 3 sends and receives everything inside Connection.wait.
    for name in ("wait", "close"):
        setattr(psycopg.Connection, name, timed(getattr(psycopg.Connection, name)))
    connect = timed(psycopg.Connection.connect)
    setattr(psycopg.Connection, "connect", staticmethod(connect))  # noqa: B010
    setattr(psycopg, "connect", connect)  # noqa: B010

    class Cursor(extensions.cursor):  # type: ignore[misc]
        execute = timed(extensions.cursor.execute)
        executemany = timed(extensions.cursor.executemany)
        copy_expert = timed(extensions.cursor.copy_expert)

    class Connection(extensions.connection):  # type: ignore[misc]
        commit = timed(extensions.connection.commit)
        rollback = timed(extensions.connection.rollback)

        def cursor(self, *arguments: Any, **named: Any) -> Any:
            named.setdefault("cursor_factory", Cursor)
            return super().cursor(*arguments, **named)

    old_connect = timed(psycopg2.connect)
    setattr(psycopg2, "connect", lambda *a, **named: old_connect(*a, **{"connection_factory": Connection} | named))  # noqa: B010
