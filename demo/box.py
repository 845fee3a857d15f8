"""A province in a box: its generated state in the stand-ins' hands, the stand-ins up, the pipeline run over it.

Belongs here: starting and stopping, and telling the deployment where things are. Does not: the state (demo/province), the
stand-ins (demo/provincial, demo/portal), or the pipeline, which is started as anyone would start it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.portal.command import PASSWORD_VARIABLE
from demo.provincial.database import DATABASE, ensure_database
from demo.provincial.load import load
from orchestration.settings import PROJECT
from warehouse.home import locate_home

CONFIG = PROJECT / "demo" / "thai_nguyen.yml"
FOLDER = PROJECT / "demo" / "deliveries" / "thai_nguyen"
#: Below it what is planted at least once is more than the hundredth of a stream that the gate lets into quarantine.
SMALLEST_SCALE = 0.01
_PATIENCE_SECONDS = 60.0


@contextmanager
def standing(folder: Path, reached_as: str | None = None) -> Iterator[list[str]]:
    """The province's systems up for the block; gives the arguments of `motcua run` that name this state of it.

    `reached_as` is the name by which other machines reach this one; without, only this machine reaches the portal.
    The provincial system's database is a state's own: rows are never deleted there, so two provinces would mix. Raises
    RuntimeError when the portal does not start.
    """
    private = folder / "secrets"
    private.mkdir(mode=0o700, exist_ok=True)
    with ensure_database(locate_home(PROJECT, os.environ), _database_of(folder)) as provincial:
        load(folder, provincial.owner_url)
        _write(private / "provincial_url", provincial.reader_url)
        with _portal(folder, private, reached_as):
            yield ["--config", str(CONFIG), *_overrides(folder)]


def _database_of(folder: Path) -> str:
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    which = f"{folder.resolve()} {state['seed']} {state['scale']}"
    return f"{DATABASE}_{hashlib.sha256(which.encode()).hexdigest()[:8]}"


def at(folder: Path) -> str:
    """The instant for which the state stands, in the province's time."""
    return str(json.loads((folder / "state.json").read_text(encoding="utf-8"))["at"])


def _overrides(folder: Path) -> list[str]:
    given = {
        "jurisdictions.thai_nguyen.as_of": at(folder),
        "sources.provincial.database.file": folder / "secrets" / "provincial_url",
        "sources.portal.service.address.file": folder / "secrets" / "portal_address",
        "sources.portal.service.password.file": folder / "secrets" / "portal_password",
        "sources.one_stop.path": folder / "one_stop",
        "sources.decisions.path": folder / "decisions",
        "sources.centre.path": folder / "centre",
    }
    return [part for entry, value in given.items() for part in ("--set", f"{entry}={value}")]


@contextmanager
def _portal(folder: Path, private: Path, reached_as: str | None) -> Iterator[None]:
    password = secrets.token_urlsafe(18)
    ready = private / "portal_ready"
    ready.unlink(missing_ok=True)
    server = subprocess.Popen(
        [
            sys.executable, "-m", "demo", "portal", "--folder", str(folder), "--ready-file", str(ready),
            "--incidents", str(folder / "portal_incidents.txt"), "--now", at(folder)[:19],
            *(["--reached-as", reached_as] if reached_as else []),
        ],
        cwd=PROJECT, env={**os.environ, PASSWORD_VARIABLE: password}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(ready, server)
        _write(private / "portal_address", ready.read_text(encoding="utf-8").strip())
        _write(private / "portal_password", password)
        yield
    finally:
        server.terminate()
        server.wait()


def _wait(ready: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not (ready.exists() and ready.read_text(encoding="utf-8").strip()):
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the portal's stand-in did not start; what it said stands above")
        time.sleep(0.05)


def _write(path: Path, secret: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    aside.replace(path)
