"""Who is using the server: file locks that the kernel gives back when a program dies, however it dies.

Belongs here: taking and probing locks. Does not: deciding what to do about them (launcher). Every lock is an flock on
an open file that no child inherits, unless it is handed over on purpose.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.failures import DatabaseUnavailable

_POLL_SECONDS = 0.01


class Lock:
    """An flock on a file, held from `take` to `release`. Two in one process are as good as two in two processes."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._owner = os.getpid()

    def fileno(self) -> int:
        """The open file that carries the lock, to hand on to a child."""
        return self._fd

    def release(self) -> None:
        """Give the lock back. In a forked child only its copy of the file is closed: the lock is the parent's."""
        if os.getpid() == self._owner:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
        os.close(self._fd)

    def hand_on(self) -> None:
        """Close our copy, if it is not closed yet, and leave the lock to the children that inherited it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def try_lock(path: Path, *, shared: bool = False) -> Lock | None:
    """The lock on `path` (made if missing, private), or None when somebody else's stands against it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return Lock(fd)


def is_locked(path: Path) -> bool:
    """Whether anybody, this process included, holds a lock on `path`."""
    lock = try_lock(path)
    if lock is None:
        return True
    lock.release()
    return False


def wait_for_lock(path: Path, *, seconds: float, what: str, shared: bool = False) -> Lock:
    """The lock on `path`, waiting up to `seconds`. Raises DatabaseUnavailable, naming `what`, when those are over."""
    deadline = time.monotonic() + seconds
    while (lock := try_lock(path, shared=shared)) is None:
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(f"waited {seconds:.0f} seconds for {what}")
        time.sleep(_POLL_SECONDS)
    return lock


@contextmanager
def holding(path: Path, *, seconds: float, what: str) -> Iterator[None]:
    """Hold the lock on `path` for the block. Raises as `wait_for_lock`."""
    lock = wait_for_lock(path, seconds=seconds, what=what)
    try:
        yield
    finally:
        lock.release()
