"""Pages written by two processes: what goes wrong in the second one is said by the first, and neither outlives the other.

Belongs here: the second process, for real. Does not: what it writes (test_release_pages.py).
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from orchestration import site
from orchestration.cli.opened import reading
from orchestration.page_writing import second_process, told_by, write_release
from reporting.pages.gathered import Release
from tests.conftest import Deployed
from warehouse.scratch import hold_folder

#: A process that asks for pages and is killed.
_FIRST = """
import pathlib, pickle, sys, time
from orchestration.page_writing import second_process
from warehouse.scratch import hold_folder

folder, told = map(pathlib.Path, sys.argv[1:])
with second_process(folder, pickle.loads(told.read_bytes()), hold_folder(folder)):
    time.sleep(60)
"""


@pytest.fixture
def release(sample: Deployed) -> Release:
    """Brazil's catalogue, which has few pages."""
    with reading(sample.database) as connection:
        return site.gathered(connection, None, None, "brazil")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "thư mục"
    made.mkdir()
    return made


@pytest.fixture
def held(folder: Path) -> Iterator[int]:
    held = hold_folder(folder)
    assert held is not None
    yield held
    os.close(held)


def test_both_languages_are_written(release: Release, folder: Path, held: int) -> None:
    count, size = write_release(folder, release, [("models.html", b"models")], held)
    there = [path for path in folder.rglob("*") if path.is_file()]
    assert (len(there), sum(path.stat().st_size for path in there)) == (count, size)
    english = {path.name for path in there if path.name.endswith(".en.html")}
    assert {name.replace(".en.html", ".html") for name in english} | {"style.css", "models.html"} == {
        path.name for path in there if path.name not in english
    }


def test_what_the_second_process_cannot_write_is_told_by_the_first(release: Release, folder: Path, held: int) -> None:
    (folder / "evidence").write_text("no folder", encoding="utf-8")
    with pytest.raises(FileExistsError) as told, second_process(folder, release, held) as second:
        told_by(second)
    assert told.value.filename == str(folder / "evidence")


def test_a_second_process_that_fails_fails_the_first(
    release: Release, folder: Path, held: int, capfd: pytest.CaptureFixture[str]
) -> None:
    # Only of the pages in English there is one already.
    (folder / "index.en.html").write_text("another page", encoding="utf-8")
    with pytest.raises(RuntimeError, match="wrote the pages in en ended with 1"):
        write_release(folder, release, [], held)
    assert "two pages are called index.en.html" in capfd.readouterr().err


def test_a_first_process_that_fails_ends_the_second(release: Release, folder: Path, held: int) -> None:
    (folder / "index.html").write_text("another page", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"two pages are called index\.html"):
        write_release(folder, release, [], held)
    assert not [child for child in psutil.Process().children() if "orchestration.page_writing" in child.cmdline()]


def test_the_second_process_holds_the_folder_and_ends_when_the_first_is_killed(
    release: Release, folder: Path, tmp_path: Path
) -> None:
    told = tmp_path / "release"
    told.write_bytes(pickle.dumps(release))
    with subprocess.Popen([sys.executable, "-c", _FIRST, str(folder), str(told)]) as first:
        second = _second_of(first.pid)
        second.suspend()
        first.kill()
        first.wait()
        assert hold_folder(folder) is None, "nobody builds here while it may still write"
        second.resume()
        second.wait(30)
    again = hold_folder(folder)
    assert again is not None
    os.close(again)


def _second_of(process: int) -> psutil.Process:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for child in psutil.Process(process).children():
            if "orchestration.page_writing" in child.cmdline():
                return child
        time.sleep(0.01)
    raise AssertionError("no second process was started")
