"""Programs that use the embedded server, and a place for its home: what the tests of the server share.

Belongs here: fixtures and questions to processes. Does not: what is asserted about the server. Each test has a home of
its own in a folder that the server can enter, with spaces and Vietnamese letters in it.
PYTEST_DONT_REWRITE: the tests import this module before pytest loads its fixtures.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import psycopg
import pytest

from warehouse.home import Home, locate_home
from warehouse.server.address import ServerAddress
from warehouse.server.launcher import EmbeddedServer

PROJECT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0

# A program that uses the server until its standard input is closed.
PROGRAM = """
import sys
from pathlib import Path
from warehouse.home import Home
from warehouse.server.launcher import EmbeddedServer
with EmbeddedServer(Home(Path(sys.argv[1])), throwaway=True).use() as address:
    print(address.port, flush=True)
    sys.stdin.read()
"""
FORKING_PROGRAM = PROGRAM.replace(
    "    print(", "    import os\n    if not os.fork(): sys.exit()\n    os.wait()\n    print("
)


def wait_for(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Whether the process still runs; one that has ended may be left unburied for a while by a slow init."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def place() -> Iterator[Path]:
    # Not tmp_path: as root that is closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="motcua đường dẫn "))
    folder.chmod(0o755)
    yield folder
    for state in folder.rglob("state"):
        EmbeddedServer(Home(state.parent)).stop(force=True)
    shutil.rmtree(folder)


@pytest.fixture
def home(place: Path) -> Home:
    return locate_home(PROJECT, {"MOTCUA_HOME": str(place / "nhà một cửa")})


@pytest.fixture
def server(home: Home) -> EmbeddedServer:
    return EmbeddedServer(home, throwaway=True)


@pytest.fixture
def run_program() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(home: Home, text: str = PROGRAM, *, start_new_session: bool = False) -> subprocess.Popen[str]:
        program = subprocess.Popen(
            [sys.executable, "-c", text, str(home.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            start_new_session=start_new_session,
        )
        started.append(program)
        return program

    yield run
    for program in started:
        program.kill()
        program.communicate()


def port_said_by(program: subprocess.Popen[str]) -> int:
    assert program.stdout is not None
    return int(program.stdout.readline())


def ask(address: ServerAddress, question: str) -> object:
    with psycopg.connect(address.url("postgres")) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def pid_of(server: EmbeddedServer) -> int:
    pid = server.status().pid
    assert pid is not None
    return pid
