"""Holding a transaction inside a procedure of the server, at the moment when it has written to a table.

Belongs here: triggers of the test's own, in a database of its own, that wait as long as the test wants. Does not: what is
done to the program or its connection meanwhile. The procedures themselves know nothing of it: nothing that could stop
them, or change what they do, is part of what is shipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from tests.conftest import Deployed

_KEY = 50_505


@dataclass
class Held:
    """A place in a transaction; `waiting` comes back with the server's process that has come there."""

    _keeper: psycopg.Connection

    def waiting(self, ended: Callable[[], bool], seconds: float = 120.0) -> int | None:
        """The process that waits, or None when the program ended without coming there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            row = self._keeper.execute(
                "select pid from pg_locks where locktype = 'advisory' and objid = %s and not granted", (_KEY,)
            ).fetchone()
            if row is not None:
                return int(row[0])
            if ended():
                return None
            time.sleep(0.01)
        raise AssertionError("waited in vain")

    def let_go(self) -> None:
        """Lets whoever waits go on."""
        self._keeper.execute("select pg_advisory_unlock(%s)", (_KEY,))

    def gone(self, pid: int) -> None:
        """Waits until the server's process has ended."""
        for _ in range(3_000):
            if self._keeper.execute("select from pg_stat_activity where pid = %s", (pid,)).fetchone() is None:
                return
            time.sleep(0.01)
        raise AssertionError("a process of the server outlived its program")


@contextmanager
def held(deployed: Deployed, table: str, event: str) -> Iterator[Held]:
    """Has every statement of that kind on the table wait at its end, until let go or the block ends."""
    with deployed.database.connect(autocommit=True) as keeper:
        keeper.execute(
            "create schema if not exists held;"
            " create or replace function held.wait() returns trigger language plpgsql as $$ begin"
            f" perform pg_catalog.pg_advisory_xact_lock_shared({_KEY}); return null; end $$"
        )
        keeper.execute(
            f"create trigger held after {event} on {table} for each statement execute function held.wait()".encode()
        )
        keeper.execute("select pg_advisory_lock(%s)", (_KEY,))
        place = Held(keeper)
        try:
            yield place
        finally:
            place.let_go()
            keeper.execute(f"drop trigger held on {table}; drop schema held cascade".encode())
