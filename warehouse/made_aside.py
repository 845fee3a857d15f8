"""A folder that is there whole or not at all: filled beside its place, and moved there when everything in it is written.

Belongs here: that. Does not: what is in such folders (backups, evidence packs).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.failures import UsageError
from warehouse.scratch import hold_folder


@contextmanager
def made_aside(folder: Path, kind: str) -> Iterator[Path]:
    """An empty private folder to fill, which becomes `folder` when the block ends well and is removed when it does not.

    `kind` is the word for what it will be. Raises UsageError when the folder is there and not empty, cannot be written,
    or is being made by somebody else.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty", hint=f"A {kind} is made in a folder of its own.")
    aside = folder.with_name(f".{folder.name}.making")
    try:
        aside.mkdir(parents=True, mode=0o700, exist_ok=True)
        held = hold_folder(aside)
        if held is None:
            raise UsageError(f"another {kind} is being made in {folder}", hint="Wait until it has ended.")
        try:
            # Of one that was cut off: nobody else holds the folder.
            _empty(aside)
            yield aside
            if folder.exists():
                folder.rmdir()
            aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
            os.close(held)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}") from error


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
