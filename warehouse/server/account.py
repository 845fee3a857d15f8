"""Which operating-system user the server runs as, and running something as that user.

Belongs here: choosing the user, running programs as them, asking what they may enter. Does not: PostgreSQL roles, or
changing anybody's permissions. PostgreSQL refuses to run as root, hence the second user.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from contracts.failures import DatabaseUnavailable

# Root steps down to the first of these that exists.
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class ServerAccount:
    """The user that owns the data directory. `steps_down`: we are root and have to become that user."""

    uid: int
    gid: int
    name: str
    steps_down: bool


def server_account(data: Path) -> ServerAccount:
    """The user to run the server of the data directory `data` (which need not exist yet) as.

    Raises DatabaseUnavailable when there is no user PostgreSQL would accept.
    """
    uid = os.geteuid()
    if uid != 0:
        try:
            return ServerAccount(uid, os.getegid(), pwd.getpwuid(uid).pw_name, steps_down=False)
        except KeyError:
            raise DatabaseUnavailable(
                f"the user id {uid} has no entry in the list of users, and PostgreSQL does not run without one",
                hint="Run as a user that has a name, or give that id one (useradd, or --user of an existing user).",
            ) from None
    return _owner_of(data) or _first_unprivileged()


def _owner_of(data: Path) -> ServerAccount | None:
    # A data directory made as `nobody` stays with nobody, although a package may have brought `postgres` since.
    try:
        found = data.stat()
    except FileNotFoundError:
        return None
    if found.st_uid == 0:
        return None
    try:
        name = pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        name = str(found.st_uid)
    return ServerAccount(found.st_uid, found.st_gid, name, steps_down=True)


def _first_unprivileged() -> ServerAccount:
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerAccount(entry.pw_uid, entry.pw_gid, name, steps_down=True)
    raise DatabaseUnavailable(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody",
        hint="Create one (useradd --system postgres) or run as an ordinary user.",
    )


def run_as(
    account: ServerAccount,
    command: Sequence[str | Path],
    *,
    output: int | IO[bytes] = subprocess.PIPE,
    pass_fds: Sequence[int] = (),
    new_session: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run `command` as `account` and wait for it; standard output and error both go to `output`.

    Only `pass_fds` are inherited, and none of our environment: neither secrets nor PG* variables reach the server.
    Raises OSError or subprocess.SubprocessError when it cannot be started; the exit code is the caller's to judge.
    """
    return subprocess.run(
        [os.fspath(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        user=account.uid if account.steps_down else None,
        group=account.gid if account.steps_down else None,
        extra_groups=[] if account.steps_down else None,
        # Not our own folder: the server's user may not be able to enter it. LC_ALL keeps messages in one language.
        cwd="/",
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        pass_fds=pass_fds,
        start_new_session=new_session,
        check=False,
    )


#: Ways that were found open. Asking starts a program as the other user, for which a process of 700 MB is forked; one that
#: asks a hundred questions in a row would do so for each. A way that was closed is tried again.
_found_open: set[tuple[int, Path, tuple[tuple[int, ...], ...]]] = set()


def first_closed_folder(account: ServerAccount, folder: Path) -> Path | None:
    """The topmost folder on the way to the existing `folder` that `account` cannot enter, or None.

    Asked by really entering it, so that access lists and mounts count too, and again in this process when a folder on the
    way has other rights or is another one than when it was last found open. Raises DatabaseUnavailable.
    """
    if not account.steps_down:
        return None
    way = (account.uid, folder, tuple(map(_rights, [folder, *folder.parents])))
    if way in _found_open:
        return None
    if _can_enter(account, folder):
        _found_open.add(way)
        return None
    return next(step for step in [*reversed(folder.parents), folder] if not _can_enter(account, step))


def _rights(folder: Path) -> tuple[int, ...]:
    found = folder.stat()
    return found.st_dev, found.st_ino, found.st_mode, found.st_uid, found.st_gid


def _can_enter(account: ServerAccount, folder: Path) -> bool:
    try:
        return run_as(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(
            f"nothing can be run as the user {account.name}: {error}",
            hint="PostgreSQL does not run as root. Where root may not become another user, run as an ordinary one.",
        ) from error
