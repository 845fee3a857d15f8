"""Promise 5 on a full disk: the program says that it is full and what to do, and with room again the rerun is whole.

Belongs here: a small disk of the test's own (a tmpfs, mounted where that is permitted), filled up under the server's data,
under the kept files and under all of the home. Does not: other ways in which a run ends early.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import CONFIG, Deployed, given_sources
from tests.guarantees.struck import KEY, differences, standing
from tests.guarantees.warm_program import WarmProgram
from warehouse.database import open_database
from warehouse.home import Home
from warehouse.server.launcher import EmbeddedServer

SIZE = 400 * 1024 * 1024


@contextmanager
def _mounted(folder: Path) -> Iterator[Path]:
    """A small disk at the folder. Skips the test where mounting is not permitted."""
    folder.mkdir(parents=True, exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0711", "tmpfs", str(folder)]
    try:
        finished = subprocess.run(mounting, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount program here: a full disk cannot be made")
    if finished.returncode != 0:
        pytest.skip(f"a disk cannot be mounted here ({finished.stderr.strip()}): a full one cannot be made")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(disk: Path, but: int) -> Path:
    """Fills the disk up but for so many bytes; removing the file makes room again."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        left = shutil.disk_usage(disk).free - but
        while left > 0:
            left -= file.write(b"\0" * min(left, 1024 * 1024))
    return ballast


@pytest.fixture
def home() -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="motcua-full-"))
    folder.chmod(0o755)
    yield Home(folder / "home")
    shutil.rmtree(folder)


def _run(program: WarmProgram, sample: Deployed, home: Home) -> subprocess.CompletedProcess[str]:
    given = [part for override in given_sources(sample.settings) for part in ("--set", override)]
    arguments = ["run", "--config", str(CONFIG), "--database", "struck", *given]
    return program.start(arguments, {**KEY, "MOTCUA_HOME": str(home.root)}).ended()


#: What lies on the full disk, and the room left there: too little for the server to start, to build, or for a delivery.
DISKS = {
    "the server's data, starting": (lambda home: home.server, 1_000_000),
    "the server's data, building": (lambda home: home.server, 20_000_000),
    "the kept files": (lambda home: home.files, 100_000),
    "everything": (lambda home: home.root, 20_000_000),
    "everything, building": (lambda home: home.root, 48_000_000),
}


@pytest.mark.long
@pytest.mark.parametrize("which", DISKS)
def test_a_full_disk_is_said_and_room_heals_it(program: WarmProgram, sample: Deployed, home: Home, which: str) -> None:
    place, room = DISKS[which]
    home.make_folders()
    with _mounted(place(home)) as disk:
        try:
            with open_database(home, "struck"):
                pass
            ballast = _fill(disk, room)
            ended = _run(program, sample, home)
            assert (ended.returncode, "is full" in ended.stdout) == (3, True), ended.stdout
            assert "Make room, then run again." in ended.stdout and "Traceback" not in ended.stdout, ended.stdout
            ballast.unlink()
            ended = _run(program, sample, home)
            assert ended.returncode == 0, ended.stdout
            with open_database(home, "struck") as database:
                assert differences(standing(Deployed(sample.settings, database)), standing(sample)) == {}
        finally:
            EmbeddedServer(home).stop(force=True)
