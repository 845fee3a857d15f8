"""Where motcua keeps what it must not lose: the database, the raw files, its own state.

Belongs here: finding that folder, making it with the right permissions. Does not: what is inside the files, or anything
kept inside the project (that can always be made again).
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.failures import UsageError
from warehouse.server.account import first_closed_folder, server_account

_PRIVATE = 0o700
# May be passed through, not listed: what the server's user needs above the data when we are root.
_PASSABLE = 0o711


@dataclass(frozen=True)
class Home:
    """The folder and the rooms in it. `root` is absolute, without symbolic links."""

    root: Path

    @property
    def server(self) -> Path:
        """What belongs to the PostgreSQL server; the server's user can pass through it."""
        return self.root / "server"

    @property
    def data(self) -> Path:
        """The PostgreSQL data directory, owned by the server's user."""
        return self.server / "data"

    @property
    def files(self) -> Path:
        """Raw files as received: for the loader alone."""
        return self.root / "files"

    @property
    def state(self) -> Path:
        """Secrets, locks and markers."""
        return self.root / "state"

    @property
    def logs(self) -> Path:
        """Logs of the server and of runs."""
        return self.root / "logs"

    def make_folders(self) -> None:
        """Make what is missing, private but for what the server's user has to pass; existing folders stay as they are.

        Raises UsageError when that is impossible or the home is another user's; DatabaseUnavailable when there is no
        user to run the server as.
        """
        account = server_account(self.data)
        passable = _PASSABLE if account.steps_down else _PRIVATE
        try:
            for folder in [*reversed(self.root.parents), self.root, self.server]:
                _make_folder(folder, passable)
            for folder in (self.files, self.state, self.logs):
                _make_folder(folder, _PRIVATE)
            owner = self.state.stat().st_uid
            os.listdir(self.state)
        except OSError as error:
            raise UsageError(
                f"{self.root} cannot be used to keep the database in: {error.strerror or error}",
                hint="Set MOTCUA_HOME to a folder this user can write to.",
            ) from error
        if owner != os.geteuid():
            raise UsageError(
                f"{self.root} belongs to another user ({_user_name(owner)})",
                hint=f"Run as {_user_name(owner)}, or set MOTCUA_HOME to a folder of your own.",
            )
        closed = first_closed_folder(account, self.server)
        if closed is not None:
            raise UsageError(
                f"as root the database runs as the user {account.name}, who cannot enter {closed}",
                hint=f"Set MOTCUA_HOME to a folder {account.name} can reach, or open that one (chmod o+x).",
            )


def locate_home(project: Path, environ: Mapping[str, str]) -> Home:
    """The home of the project checked out at `project`, its folders made.

    MOTCUA_HOME wins (a relative one counts from the project); otherwise each checkout has its own, below
    /var/lib/motcua for root and below ${XDG_DATA_HOME:-~/.local/share}/motcua for everybody else.
    Raises UsageError, and DatabaseUnavailable when there is no user to run the server as.
    """
    project = project.resolve()
    chosen = environ.get("MOTCUA_HOME", "")
    root = project / chosen if chosen else _usual_place(environ) / "motcua" / folder_name(project)
    home = Home(root.resolve())
    home.make_folders()
    return home


def folder_name(project: Path) -> str:
    """An ASCII name for the resolved path `project`, different for each path."""
    plain = unicodedata.normalize("NFKD", project.name.replace("đ", "d").replace("Đ", "D"))
    words = re.findall(r"[a-z0-9]+", re.sub(r"[^\x00-\x7f]", "", plain).lower())
    return f"{'-'.join(words)[:32].strip('-') or 'project'}-{hashlib.sha256(os.fsencode(project)).hexdigest()[:8]}"


def _usual_place(environ: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib")
    shared = Path(environ.get("XDG_DATA_HOME", ""))
    if shared.is_absolute():  # The specification says to ignore a relative one.
        return shared
    own = Path(environ.get("HOME") or _home_on_record())
    if not own.is_absolute() or not own.is_dir():
        raise UsageError(
            f"this user's home folder ({own}) does not exist" if own.name else "this user has no home folder",
            hint="Set MOTCUA_HOME to a folder to keep the database and the raw files in.",
        )
    return own / ".local" / "share"


def _home_on_record() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return ""


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _make_folder(folder: Path, mode: int) -> None:
    if folder.is_dir():
        return
    # Made aside and renamed: the umask may be stricter than the mode, and another program starting at the same moment
    # must not find the folder before its mode is right.
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        aside.chmod(mode)
        aside.rename(folder)
    except OSError:
        aside.rmdir()
        if not folder.is_dir():
            raise
