"""The data directory: making it, knowing its superuser's password, refusing one that does not fit.

Belongs here: initdb and what has to be true before a server starts on the data. Does not: the running server.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from contracts.failures import DatabaseUnavailable, UsageError
from warehouse.home import Home
from warehouse.server.account import ServerAccount, run_as
from warehouse.server.binaries import Binaries
from warehouse.server.lease import Lock

SUPERUSER = "motcua"
_STAGING = "initdb-"


def superuser_password(home: Home) -> str:
    """The password on record. Raises DatabaseUnavailable when there is none."""
    try:
        return _password_file(home).read_text(encoding="ascii").strip()
    except OSError as error:
        raise DatabaseUnavailable(
            f"the database's password cannot be read from {_password_file(home)}: {error.strerror}",
            hint="It is made together with the database; restore both from the same backup.",
        ) from error


def ensure_cluster(home: Home, account: ServerAccount, binaries: Binaries, alive: Lock, *, throwaway: bool) -> None:
    """Make the data directory if there is none, and check that these binaries may use it if there is one.

    Call it with the start lock held; initdb inherits `alive`, so that one outliving us is waited for. Killed at any
    point, the next call starts over: the directory gets its name only when it is complete and on disk.
    Raises DatabaseUnavailable; UsageError for a durable database that is asked to be a throw-away one.
    """
    for left_over in home.server.glob(f"{_STAGING}*"):
        shutil.rmtree(left_over)
    if not home.data.exists():
        if throwaway:
            _throwaway_marker(home).touch(mode=0o600)
        _create(home, account, binaries, alive, durable=not throwaway)
    if throwaway and not _throwaway_marker(home).exists():
        raise UsageError(f"the database in {home.data} was made to last and is not run without durability")
    made_by = (home.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != binaries.major:
        raise DatabaseUnavailable(
            f"the database in {home.data} was made by PostgreSQL {made_by}; installed is {binaries.version}",
            hint="Dump it with the old release of motcua, move the folder away and load the dump with this one.",
        )


def _create(home: Home, account: ServerAccount, binaries: Binaries, alive: Lock, *, durable: bool) -> None:
    password = _record_password(home)
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=home.server))
    # A file and not an argument or our standard input: arguments are public, and root's pipe is closed to that user.
    password_file = staging / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="ascii")
    if account.steps_down:
        for path in (staging, password_file):
            os.chown(path, account.uid, account.gid)
    data = staging / "data"
    command: list[str | Path] = [binaries.path("initdb"), "-D", data, "-U", SUPERUSER, f"--pwfile={password_file}"]
    command += ["--auth=scram-sha-256", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    command += ["--lc-messages=C", "--no-instructions"]
    if not durable:
        # Nor is the password worth stretching by 4096 rounds, which take the client two thirds of a connection's time.
        command += ["--no-sync", "-c", "scram_iterations=1"]
    try:
        answer = run_as(account, command, pass_fds=(alive.fileno(),))
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(f"the database cannot be created as the user {account.name}: {error}") from error
    if answer.returncode != 0:
        last = answer.stdout.decode(errors="replace").strip().splitlines()[-3:]
        raise DatabaseUnavailable(f"the database could not be created in {home.server}: {' / '.join(last)}")
    data.rename(home.data)
    _sync(home.server)
    shutil.rmtree(staging)


def _record_password(home: Home) -> str:
    """The password on record or a new one, on disk before the database that will ask for it is."""
    file = _password_file(home)
    if file.exists():
        return superuser_password(home)
    fd, aside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # 0600 from the start.
    with os.fdopen(fd, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(32) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(aside, file)
    _sync(file.parent)
    return superuser_password(home)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _password_file(home: Home) -> Path:
    return home.state / "superuser-password"


def _throwaway_marker(home: Home) -> Path:
    return home.state / "throwaway"
