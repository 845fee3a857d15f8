"""Folders for what is needed only while a program is at work, cleared away by the next run when it was killed meanwhile.

Belongs here: making them, telling one in use from one left behind, removing those. Does not: what lies in them (pages as
read, files on their way into the store, evidence unpacked: personal data all of it, which must not stay for ever).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.home import Home

_PREFIX = ".at-work-"


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A private folder below `parent` for the block, gone afterwards."""
    folder, lock = _made(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        os.close(lock)


def _made(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = hold_folder(folder)
        # Before it was held, a run that clears up may have taken it for one left behind.
        if lock is not None and os.fstat(lock).st_nlink > 0:
            return folder, lock
        if lock is not None:
            os.close(lock)


def clear_remains(home: Home) -> None:
    """Removes what programs left that were killed."""
    for parent in (home.files, home.state):
        for folder in parent.glob(f"{_PREFIX}*"):
            lock = hold_folder(folder)
            if lock is not None:
                # Another run may be clearing up at the same moment.
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def hold_folder(folder: Path) -> int | None:
    """Holds a folder until the descriptor is closed or the program dies; None when another does, or it is gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
