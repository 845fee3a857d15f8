"""The server as processes: finding the running one, starting one, stopping it, clearing away what a dead one left.

Belongs here: process ids, the pid file, signals, the server's log. Does not: who may start or stop it (launcher).

Every process of the server inherits one open file with an flock on it (`alive_file`). So the kernel tells whether any
of them still lives, which a pid file cannot: pids are used again, and backends outlive a postmaster that was killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contracts.failures import DatabaseUnavailable
from warehouse.home import Home
from warehouse.outages import full, is_full_in_words
from warehouse.server.account import ServerAccount, run_as
from warehouse.server.binaries import Binaries
from warehouse.server.lease import Lock, is_locked, try_lock
from warehouse.server.settings import cluster_name, server_arguments

_PROC = Path("/proc")
_POLL_SECONDS = 0.01
# Crash recovery replays up to max_wal_size of log before the server is ready.
_READY_SECONDS = 300.0
# A fast shutdown writes a checkpoint.
_STOP_SECONDS = 120.0
# Backends notice at once that their postmaster is gone unless they are computing: asked to end after the first delay
# (seconds), killed after the second.
_ORPHANS_ASKED, _ORPHANS_KILLED, _ORPHANS_GONE = 1.0, 8.0, 15.0
# No process can have this id (Linux stops at 2^22).
_NOBODYS_PID = 2**31 - 1
_LOG_BYTES = 16 * 1024 * 1024


class PortTaken(Exception):
    """Somebody took the chosen port between choosing and listening: to be tried again with another."""


@dataclass(frozen=True)
class Postmaster:
    """A running server's first process. `phase` is PostgreSQL's word: starting, ready, stopping or empty."""

    pid: int
    port: int
    phase: str


def alive_file(home: Home) -> Path:
    """The file that is locked as long as any process of the server lives."""
    return home.state / "alive.lock"


def log_file(home: Home) -> Path:
    """The server's log."""
    return home.logs / "postgresql.log"


def find_postmaster(home: Home) -> Postmaster | None:
    """The server running on the home's data directory, or None."""
    lines = _pid_file_lines(home)
    if len(lines) < 4 or not lines[0].isdecimal() or not lines[3].isdecimal():
        return None  # None, or written this very moment.
    pid = int(lines[0])
    if not _is_postmaster_of(home.data, pid):
        return None
    return Postmaster(pid, int(lines[3]), lines[7].strip() if len(lines) > 7 else "")


def wait_until_ready(home: Home) -> Postmaster | None:
    """The running or just started server once it takes connections; None if it ended. Raises DatabaseUnavailable."""
    deadline = time.monotonic() + _READY_SECONDS
    seen = False
    while True:
        # In this order: a server that shows itself between the two questions must not be taken for one that ended.
        living = is_locked(alive_file(home))
        found = find_postmaster(home)
        if found is not None and found.phase == "ready":
            return found
        # Before it is first seen, only the lock tells: it has yet to write its pid file.
        if found is None and (seen or not living):
            return None
        seen = found is not None
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"the database is not ready after {_READY_SECONDS:.0f} seconds", hint=f"See {log_file(home)}."
            )
        time.sleep(_POLL_SECONDS)


def start_postmaster(
    home: Home, account: ServerAccount, binaries: Binaries, alive: Lock, port: int, *, throwaway: bool
) -> Postmaster | None:
    """Start a server on `port` and wait until it is ready. `alive` passes to the server.

    None when it ended without a complaint: somebody killed it. Raises PortTaken, or DatabaseUnavailable with the last
    complaint in its log.
    """
    _disarm_pid_file(home)
    log = _open_log(home)
    try:
        before = os.fstat(log).st_size
        with os.fdopen(os.dup(log), "ab") as output:
            # Through a shell that ends at once: the server becomes a child of init and not ours to wait for. In a
            # session of its own, so that Ctrl-C in the terminal does not reach it.
            command: list[str | Path] = ["/bin/sh", "-c", '"$@" &', "sh", binaries.path("postgres")]
            command += server_arguments(home.data, port, throwaway=throwaway)
            run_as(account, command, output=output, pass_fds=(alive.fileno(),), new_session=True)
        alive.hand_on()
        found = wait_until_ready(home)
        if found is not None:
            return found
        said = os.pread(log, _LOG_BYTES, before).decode(errors="replace")
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(f"the database cannot be started as the user {account.name}: {error}") from error
    finally:
        os.close(log)
    if "could not create any TCP/IP sockets" in said:
        raise PortTaken
    complaints = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
    if not complaints:
        return None
    if is_full_in_words(complaints[-1]):
        raise full(home.data)
    raise DatabaseUnavailable(f"the database does not start: {complaints[-1]}", hint=f"See {log_file(home)}.")


def stop_postmaster(home: Home, account: ServerAccount, found: Postmaster) -> None:
    """End all connections, shut the server down and wait until it is gone. Raises DatabaseUnavailable."""
    _signal(found.pid, signal.SIGINT)
    deadline = time.monotonic() + _STOP_SECONDS
    while _is_postmaster_of(home.data, found.pid):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"the database did not stop within {_STOP_SECONDS:.0f} seconds", hint=f"See {log_file(home)}."
            )
        time.sleep(_POLL_SECONDS)
    lock = clear_remains(home, account)
    if lock is not None:
        lock.release()


def clear_remains(home: Home, account: ServerAccount) -> Lock | None:
    """Wait until nothing of an earlier server lives, ending what does not end itself; then the lock on `alive_file`.

    None when there is a server after all: its starter died before the server had shown itself.
    Raises DatabaseUnavailable.
    """
    begun = time.monotonic()
    steps = [(_ORPHANS_ASKED, signal.SIGTERM), (_ORPHANS_KILLED, signal.SIGKILL)]
    while find_postmaster(home) is None:
        lock = try_lock(alive_file(home))
        if lock is not None:
            return lock
        waited = time.monotonic() - begun
        if steps and waited > steps[0][0]:
            _, number = steps.pop(0)
            for pid in _orphans(home, account):
                _signal(pid, number)
        if waited > _ORPHANS_GONE:
            raise DatabaseUnavailable(
                f"processes that cannot be ended from here still use the database in {home.data}",
                hint="Is another container or machine using the same folder? Stop it there first.",
            )
        time.sleep(_POLL_SECONDS)
    return None


def _pid_file_lines(home: Home) -> list[str]:
    try:
        return (home.data / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _disarm_pid_file(home: Home) -> None:
    """Make sure that a stale pid file does not keep the server from starting.

    PostgreSQL refuses to start while the pid in the file belongs to any process of the same user, a foreign one too.
    The pid is replaced and the file not removed: PostgreSQL then still looks whether its shared memory is in use.
    """
    lines = _pid_file_lines(home)
    if not lines:  # Missing, or emptied by a crash of the machine, which PostgreSQL does not put up with.
        (home.data / "postmaster.pid").unlink(missing_ok=True)
    elif find_postmaster(home) is None:
        text = "\n".join([str(_NOBODYS_PID), *lines[1:]]) + "\n"
        (home.data / "postmaster.pid").write_text(text, encoding="utf-8", errors="surrogateescape")


def _is_postmaster_of(data: Path, pid: int) -> bool:
    if not _PROC.is_dir():
        return _exists(pid)  # PostgreSQL's own rule, where there is nothing better to go by.
    # The command line and not the working directory: root in a container may not look at the latter.
    words = _command_line(pid)
    return bool(words) and os.path.basename(words[0]) == b"postgres" and os.fsencode(data) in words


def _orphans(home: Home, account: ServerAccount) -> Iterator[int]:
    title = f"postgres: {cluster_name(home.data)}: ".encode()
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        pid = int(entry.name) if entry.name.isdecimal() else 0
        if pid and _owner(entry) == account.uid and b" ".join(_command_line(pid)).startswith(title):
            yield pid


def _command_line(pid: int) -> list[bytes]:
    """The words of a process's command line; none for one that has ended, waited for or not."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []


def _owner(entry: Path) -> int | None:
    try:
        return entry.stat().st_uid
    except FileNotFoundError:
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    # If it has ended by itself, that is what was wanted.
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _open_log(home: Home) -> int:
    """The log, opened for reading and appending; the previous one is kept beside it once it has grown large."""
    path = log_file(home)
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
