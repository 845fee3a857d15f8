"""The program, started often: a process that has imported everything, and a fork of it for each command.

Belongs here: that process (as a script) and its handle. Does not: what commands do or what is asserted of them. A process
of its own takes 4 s of processor time for imports; a fork none, and it can be killed or halted like any other. Never fork
the tests' own process: the libraries have started threads there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).resolve().parents[2]


@dataclass
class Command:
    """A command at work. `ended` waits for it."""

    pid: int
    _program: WarmProgram
    _said: Path
    #: Of processor time, once it has ended.
    seconds: float = 0.0

    def ended(self) -> subprocess.CompletedProcess[str]:
        """Its exit code (negative: the signal that ended it) and what it said, on both ways."""
        answered = self._program.answer()
        self.seconds = float(answered["seconds"])
        code = int(answered["code"])
        return subprocess.CompletedProcess(["motcua"], code, self.said(), self.said())

    def said(self) -> str:
        """What it has said so far."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    def halted(self, seconds: float = 120.0) -> bool:
        """Waits until it halts at its fault point; false when it ended without coming there."""
        deadline = time.monotonic() + seconds
        while (state := _state(self.pid)) not in {"T", "Z", ""}:
            assert time.monotonic() < deadline, f"neither halted nor ended; it said: {self.said()}"
            time.sleep(0.01)
        return state == "T"

    def is_over(self) -> bool:
        """Whether it has ended."""
        return _state(self.pid) in {"Z", ""}

    def kill(self) -> None:
        """Ends it as a power cut would."""
        if not self.is_over():
            os.kill(self.pid, signal.SIGKILL)

    def go_on(self) -> None:
        """Lets it go on after it halted."""
        os.kill(self.pid, signal.SIGCONT)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


class WarmProgram:
    """The handle: one command at a time."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._number = 0

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], fault: str = "") -> Command:
        """Starts a command with these environment variables besides ours, killed or halted where `fault` says."""
        self._number += 1
        said = self._folder / f"said-{self._number}"
        said.touch()
        assert self._process.stdin is not None
        order = {"arguments": list(arguments), "environment": dict(environment), "fault": fault, "said": str(said)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Command(int(self.answer()["pid"]), self, said)

    def answer(self) -> dict[str, Any]:
        """What the process answers next."""
        assert self._process.stdout is not None
        answered: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answered


@contextmanager
def warm_program() -> Iterator[WarmProgram]:
    """The process, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="motcua-said-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.guarantees.warm_program"],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            yield WarmProgram(process, Path(folder))
        finally:
            process.kill()
            process.communicate()


def _serve(orders: IO[str], answers: IO[str]) -> None:
    import gc
    import importlib

    for module in (
        "orchestration.cli.main", "orchestration.running", "orchestration.definitions", "orchestration.instance",
        "dbt.cli.main", "dbt.adapters.postgres", "google.protobuf.json_format", "expectations.gate", "great_expectations",
        "extractors.drops", "orchestration.replaying", "orchestration.overriding", "warehouse.restore",
    ):  # fmt: skip
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    for line in orders:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order)
        print(json.dumps({"pid": pid}), file=answers, flush=True)
        _, status, used = os.wait4(pid, 0)
        answered = {"code": os.waitstatus_to_exitcode(status), "seconds": used.ru_utime + used.ru_stime}
        print(json.dumps(answered), file=answers, flush=True)


def _become(order: dict[str, Any]) -> None:
    from orchestration.cli.main import main
    from warehouse import fault_points

    os.setsid()
    descriptor = os.open(order["said"], os.O_WRONLY | os.O_APPEND)
    for number in (1, 2):
        os.dup2(descriptor, number)
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    os.environ.update(order["environment"])
    sys.argv = ["motcua", *order["arguments"]]
    fault_points.arm(order["fault"])
    code = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        raise
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.stdin, sys.stdout)
