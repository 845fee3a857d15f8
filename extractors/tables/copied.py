"""The lines that PostgreSQL's COPY … TO STDOUT sends, straight from libpq.

Belongs here: that one conversation. Does not: what is asked or where the lines go.

psycopg's own loop over a copy costs 0.6 s a million rows, half of it for a generator and a wait for every row; its public
low level (psycopg.pq) hands rows over as they lie in libpq's buffer, and waits only when that is empty.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from functools import partial

import psycopg
from psycopg.pq import ExecStatus

#: A server that sends nothing for so long while a page is under way is taken for gone.
_SILENCE_SECONDS = 660.0


def copy_lines(
    connection: psycopg.Connection, statement: bytes, take: Callable[[memoryview], object]
) -> tuple[int, bytes]:
    """Gives `take` each row as sent, a line with its line end (a quoted value may hold line ends of its own).

    Returns how many there were, and the last one. Raises psycopg.Error, and what `take` raises: the conversation is then
    not over and the connection of no use any more.
    """
    inner = connection.pgconn
    begun = inner.exec_(statement)
    if begun.status != ExecStatus.COPY_OUT:
        raise psycopg.errors.error_from_result(begun)
    give, poll = partial(inner.get_copy_data, 1), select.poll()
    poll.register(inner.socket, select.POLLIN)
    count, size, line, last = 0, 1, memoryview(b""), memoryview(b"")
    while size >= 0:
        # Once for every row there is: nothing in this loop that could stand outside it. Lines are not gathered in a list:
        # views are what Python's garbage collector counts, and it would set out every few hundred rows.
        for size, line in iter(give, None):
            if size <= 0:
                break
            take(line)
            last = line
            count += 1
        if size == 0:
            if not poll.poll(_SILENCE_SECONDS * 1_000):
                raise psycopg.OperationalError("the server fell silent in the middle of a page")
            inner.consume_input()
    while (ended := inner.get_result()) is not None:
        if ended.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(ended)
    return count, bytes(last)
