"""The installed program's own entry point, called in this process: what a command says and with which exit code it ends.

Belongs here: making such a call look like a process that has finished. Does not: tests of what only a process of its own
can show (imports, signals, another hash seed, what the interpreter does at its end); those start one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO
from unittest import mock

from orchestration.cli.main import main


def finished(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What the program with these arguments and environment variables (beside ours) prints, and its exit code."""
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as complained:
        with ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, environment))
            stack.enter_context(mock.patch.object(sys, "argv", ["motcua", *arguments]))
            stack.enter_context(_written_to(told, "stdout"))
            stack.enter_context(_written_to(complained, "stderr"))
            stack.callback(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
            code = _exit_code()
        said = [_content(file) for file in (told, complained)]
    return subprocess.CompletedProcess(["motcua", *arguments], code, *said)


def _exit_code() -> int:
    """The interpreter's own rules: 0 at the end, what is said to sys.exit, and a trace and 1 for what nobody caught."""
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except Exception:  # noqa: BLE001  (told as the interpreter tells it: tests look for it)
        traceback.print_exc()
        return 1
    return 0


@contextmanager
def _written_to(file: IO[bytes], name: str) -> Iterator[None]:
    """The descriptor itself, so that what libraries in C and programs started by a command say is caught too."""
    number = {"stdout": 1, "stderr": 2}[name]
    before = os.dup(number)
    os.dup2(file.fileno(), number)
    # Never closed: a library may keep it as the place for its log.
    stream = open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)  # noqa: SIM115
    try:
        with mock.patch.object(sys, name, stream):
            yield
    finally:
        stream.flush()
        os.dup2(before, number)
        os.close(before)


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()
