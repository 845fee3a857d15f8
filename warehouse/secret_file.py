"""Secret files: read when they are needed, refused when others can read them.

Belongs here: reading one file that holds one secret. Does not: which secrets there are (warehouse/database,
orchestration/secrets). No message of this module holds a secret, only what it was expected for and the file's path.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from contracts.failures import UsageError

#: Where containers get their secrets: readable by everyone inside, and by nobody outside.
MOUNTED = Path("/run/secrets")


def read_secret_file(name: str, path: Path, closed_to: int = stat.S_IRWXO) -> str:
    """What the file holds, without the line end; `name` says in messages what it was wanted for.

    Raises UsageError when it is not there, is empty, is no text, or lies open to others: has any of the rights `closed_to`.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & closed_to and not path.resolve().is_relative_to(MOUNTED):
                whom = "every user" if mode & stat.S_IRWXO else "other users"
                raise UsageError(
                    f"{name}: {path} can be read or written by {whom} of this machine (mode {mode:04o})",
                    hint=f"Make it private: chmod 600 {path}",
                )
            content = file.read()
    except OSError as error:
        raise UsageError(
            f"{name}: the secret file {path} cannot be read: {error.strerror or error}",
            hint="Relative paths begin at the deployment file's folder.",
        ) from None
    try:
        value = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(f"{name}: the secret file {path} is not UTF-8 text") from None
    if not value:
        raise UsageError(f"{name}: the secret file {path} is empty")
    return value
