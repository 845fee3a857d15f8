"""The database gone or full while a program was at work: told apart from faults of the program, and said in words.

Belongs here: what the server's errors and a tool's report of them mean, and what to do then. Does not: retrying. Whatever
was not committed is not there, so that running again is always the way on.
"""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import psycopg

from contracts.failures import DatabaseUnavailable

_AGAIN = "Nothing is half there: what readers see is as it was, what had landed stays."
#: Less room than this, and the server cannot even begin a new piece of its log (16 MB).
_TOO_LITTLE = 32 * 1024 * 1024
_LOST = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.IdleInTransactionSessionTimeout,
)
#: As the server and libpq say it in English, which is all that dbt hands on of it.
_FULL_IN_WORDS = ("No space left on device", "Disk quota exceeded")
_LOST_IN_WORDS = (
    "terminating connection", "server closed the connection", "connection already closed", "connection is closed",
    "Connection refused", "the database system is", "could not connect",
)  # fmt: skip


def outage(
    error: BaseException, connection: psycopg.Connection | None, folder: Path | None
) -> DatabaseUnavailable | None:
    """What an error means when it is no fault of the statement; None when it is. `folder` is the data of a server of ours."""
    if isinstance(error, psycopg.errors.DiskFull) or _is_full(error):
        return full(folder)
    if isinstance(error, _LOST) or (
        isinstance(error, psycopg.OperationalError) and connection is not None and connection.broken
    ):
        return lost(folder)
    return None


def outage_in_words(text: str, folder: Path | None) -> DatabaseUnavailable | None:
    """The same, of what another program reported."""
    if is_full_in_words(text):
        return full(folder)
    return lost(folder) if any(words in text for words in _LOST_IN_WORDS) else None


def is_full_in_words(text: str) -> bool:
    """Whether a server that speaks English says that its disk is full."""
    return any(words in text for words in _FULL_IN_WORDS)


def full(folder: Path | None) -> DatabaseUnavailable:
    """The disk is full."""
    where = f"with {folder}" if folder is not None else "of the database server"
    return DatabaseUnavailable(f"the disk {where} is full", hint=f"Make room, then run again. {_AGAIN}")


def lost(folder: Path | None) -> DatabaseUnavailable:
    """The connection ended: the server's end, somebody's word, or a disk so full that the server ended itself."""
    if folder is not None and folder.exists() and is_out_of_room(folder):
        return full(folder)
    return DatabaseUnavailable(
        "the connection to the database was lost", hint=f"Look at `motcua db status`, then run again. {_AGAIN}"
    )


def is_out_of_room(folder: Path) -> bool:
    """Whether the disk of a folder has no room left to work with."""
    return shutil.disk_usage(folder).free < _TOO_LITTLE


def _is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
