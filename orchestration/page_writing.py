"""A release's pages written into a folder, by two processes at once: each language by one.

Belongs here: the second process (`python -m orchestration.page_writing`), what it is told and what it tells. Does not: what
stands on a page, or putting the folder in its place (site.py).
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reporting.forms import Language
from reporting.pages.gathered import Release
from reporting.pages.site import pages_in, shared_files

#: The language that the second process writes.
_ELSEWHERE = Language.en

Written = tuple[int, int]


def write_release(folder: Path, release: Release, beside: Iterable[tuple[str, bytes]], held: int) -> Written:
    """Writes every file of a release's pages, and those `beside` them. Gives how many, and their bytes.

    `held` is what keeps others from building here: the second process holds it too, until it ends. What goes wrong there is
    raised here, and whatever ends this function ends that process first.
    """
    with second_process(folder, release, held) as second:
        wrote = [
            write_files(folder, files) for files in (shared_files(release), beside, pages_in(release, Language.vi))
        ]
        wrote.append(told_by(second))
    return sum(count for count, _ in wrote), sum(size for _, size in wrote)


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> Written:
    """Writes files by their names below the folder, none over another."""
    count, size, there = 0, 0, set[Path]()
    for name, content in files:
        path = folder / name
        if path.parent not in there:
            path.parent.mkdir(parents=True, exist_ok=True)
            there.add(path.parent)
        try:
            with path.open("xb", buffering=0) as file:
                file.write(content)
        except FileExistsError as error:
            raise RuntimeError(f"two pages are called {name}") from error
        count, size = count + 1, size + len(content)
    return count, size


@contextmanager
def second_process(folder: Path, release: Release, held: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process that writes the pages of one language; when the block ends, it ends."""
    with tempfile.TemporaryFile() as told:
        # A file and no pipe: the other begins to read when it has its libraries, and nobody waits for it.
        pickle.dump((folder, release, os.getpid()), told, pickle.HIGHEST_PROTOCOL)
        told.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "orchestration.page_writing"],
            stdin=told, stdout=subprocess.PIPE, pass_fds=(held,),
        )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def told_by(process: subprocess.Popen[bytes]) -> Written:
    """What the second process wrote, when it has. Raises what the system refused it; RuntimeError for any other failure."""
    answer, _ = process.communicate()
    if process.returncode != 0 or not answer:
        # What it was stands on standard error, where the other process left it.
        raise RuntimeError(f"the process that wrote the pages in {_ELSEWHERE} ended with {process.returncode}")
    wrote, failed = pickle.loads(answer)
    if failed is not None:
        raise OSError(*failed)
    return wrote[0], wrote[1]


def _while_asked(files: Iterable[tuple[str, bytes]], asking: int) -> Iterator[tuple[str, bytes]]:
    """The files, as long as the process that asked for them lives: killed, it cannot end this one."""
    for file in files:
        if os.getppid() != asking:
            raise RuntimeError("whoever asked for the pages is gone")
        yield file


def _main() -> None:
    # Ctrl-C reaches both: the one that asked ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder, release, asking = pickle.load(sys.stdin.buffer)
    wrote, failed = None, None
    try:
        wrote = write_files(folder, _while_asked(pages_in(release, _ELSEWHERE), asking))
    except OSError as error:
        # A full disk, a folder that may not be written: told in words by the one that asked. Any other failure ends this process.
        failed = error.errno, error.strerror, error.filename
    sys.stdout.buffer.write(pickle.dumps((wrote, failed)))


if __name__ == "__main__":
    _main()
