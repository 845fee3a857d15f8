"""The embedded PostgreSQL server, shared by every program that uses the same home.

Belongs here: starting it for the first that needs it, stopping it after the last, keeping it up on demand. Does not:
creating databases, roles or tables in it.

Three locks, all given back by the kernel when their holder dies: the *door*, held while starting, stopping or deciding
either; the *lease*, shared, held by each program as long as it uses the server; and *alive*, held by the server itself.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg

from contracts.failures import DatabaseUnavailable, UsageError
from warehouse.home import Home
from warehouse.server.account import server_account
from warehouse.server.address import ServerAddress, ServerStatus
from warehouse.server.binaries import Binaries, binaries_for, find_binaries, installed_version
from warehouse.server.cluster import SUPERUSER, ensure_cluster, superuser_password
from warehouse.server.lease import Lock, holding, is_locked, try_lock, wait_for_lock
from warehouse.server.postmaster import (
    PortTaken,
    Postmaster,
    clear_remains,
    find_postmaster,
    start_postmaster,
    stop_postmaster,
    wait_until_ready,
)

_HOST = "127.0.0.1"
# Longer than the longest start or stop that somebody else may be waiting for behind the door.
_DOOR_SECONDS = 330.0
# `status` holds the lease for an instant to see whether anybody else does.
_LEASE_SECONDS = 10.0
_ATTEMPTS = 8
_RECOVERY_SECONDS = 60.0
_POLL_SECONDS = 0.05


class EmbeddedServer:
    """The server of one home. Making one touches nothing; all methods may be called from any number of programs.

    `throwaway`: without durability, for test databases only.
    """

    def __init__(self, home: Home, *, throwaway: bool = False) -> None:
        self._home = home
        self._throwaway = throwaway
        self._lease_file = home.state / "lease.lock"
        self._keep_marker = home.state / "keep"
        self._port_file = home.state / "port"

    def use(self) -> AbstractContextManager[ServerAddress]:
        """The running server for the block, started if need be; stopped at its end if nobody else needs it.

        Raises DatabaseUnavailable or UsageError.
        """
        return self._use()

    def start(self, keep: bool) -> ServerAddress:
        """Start the server if it is not running; with `keep` it stays up until `stop`.

        Without `keep`, the next program to use it and be the last one stops it. Raises DatabaseUnavailable, UsageError.
        """
        self._home.make_folders()
        with self._door():
            address = self._ensure_running()
            if keep:
                self._keep_marker.touch(mode=0o600)
        return address

    def stop(self, force: bool = False) -> bool:
        """Do not keep the server up any longer, and stop it now. Returns whether it had to be stopped.

        Raises UsageError while programs use it, unless `force`d (it then stops after the last of them);
        DatabaseUnavailable when it does not stop.
        """
        if not self._home.state.is_dir():
            return False
        with self._door():
            self._keep_marker.unlink(missing_ok=True)
            if not force and is_locked(self._lease_file):
                raise UsageError(
                    "the database is in use by another program, so it was not stopped",
                    hint="It stops by itself when the last program using it ends. To end their connections: --force.",
                )
            return self._stop_running()

    def status(self) -> ServerStatus:
        """The server as it is now; starts nothing and waits for nobody. Raises DatabaseUnavailable without binaries."""
        made = self._home.state.is_dir()
        found = find_postmaster(self._home) if made else None
        return ServerStatus(
            running=found is not None,
            pid=found.pid if found else None,
            port=found.port if found else None,
            data_directory=self._home.data,
            in_use=made and self._is_in_use(),
            keep=made and self._keep_marker.exists(),
            version=installed_version(),
        )

    def bin_path(self, name: str) -> Path:
        """The PostgreSQL client program `name` (psql, pg_dump), for the user we are. Raises UsageError if unknown."""
        return Binaries(find_binaries(), "").path(name)

    @contextmanager
    def _use(self) -> Iterator[ServerAddress]:
        self._home.make_folders()
        with self._door():
            lease = wait_for_lock(self._lease_file, shared=True, seconds=_LEASE_SECONDS, what="the database's lease")
            try:
                address = self._ensure_running()
            except BaseException:  # Interrupted too: nobody would stop what was half started.
                self._give_up(lease)
                raise
        user = os.getpid()
        try:
            yield address
        finally:
            if os.getpid() == user:
                with self._door():
                    self._give_up(lease)
            else:
                lease.release()  # A forked child leaves the block: its parent goes on using the server.

    def _door(self) -> AbstractContextManager[None]:
        return holding(
            self._home.state / "door.lock", seconds=_DOOR_SECONDS, what="another program to start or stop the database"
        )

    def _give_up(self, lease: Lock) -> None:
        lease.release()
        if not self._keep_marker.exists() and not is_locked(self._lease_file):
            self._stop_running()

    def _is_in_use(self) -> bool:
        # Looking means holding the lease for an instant, and whoever leaves just then would think it is still in use:
        # so only behind the door. If somebody else is there, they are about to use it or have just done so.
        door = try_lock(self._home.state / "door.lock")
        if door is None:
            return True
        try:
            return is_locked(self._lease_file)
        finally:
            door.release()

    def _stop_running(self) -> bool:
        found = find_postmaster(self._home)
        if found is None:
            return False
        stop_postmaster(self._home, server_account(self._home.data), found)
        return True

    def _ensure_running(self) -> ServerAddress:
        port = self._last_port()
        for _ in range(_ATTEMPTS):
            try:
                found = wait_until_ready(self._home) if find_postmaster(self._home) else self._start_on(port)
            except PortTaken:
                port = None
                continue
            address = self._checked(found) if found else None
            if address is not None:
                return address
            # It ended again before we were in, whoever ended it: once more.
        raise DatabaseUnavailable(
            f"the database did not stay up in {_ATTEMPTS} attempts", hint=f"See {self._home.logs}."
        )

    def _start_on(self, port: int | None) -> Postmaster | None:
        account = server_account(self._home.data)
        alive = clear_remains(self._home, account)
        if alive is None:
            return None
        try:
            binaries = binaries_for(account, self._home.server)
            ensure_cluster(self._home, account, binaries, alive, throwaway=self._throwaway)
            chosen = _free_port(port)
            return start_postmaster(self._home, account, binaries, alive, chosen, throwaway=self._throwaway)
        finally:
            alive.hand_on()

    def _checked(self, found: Postmaster) -> ServerAddress | None:
        """The address, once the server there has proved to be ours; None if it ended meanwhile."""
        address = ServerAddress(_HOST, found.port, SUPERUSER, superuser_password(self._home))
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while True:
            try:
                directory = _data_directory(address)
                break
            except psycopg.Error as error:
                if find_postmaster(self._home) != found:
                    return None
                # A killed backend makes the server throw everybody out and recover, while it says it is ready: wait.
                # A refused password does not get better.
                if "authentication" in str(error) or time.monotonic() > deadline:
                    raise DatabaseUnavailable(
                        f"the database on port {found.port} does not let its own superuser in: {error}",
                        hint="Was the password changed, or another folder restored? They belong together.",
                    ) from error
                time.sleep(_POLL_SECONDS)
        if directory != self._home.data:
            raise DatabaseUnavailable(f"the server on port {found.port} is not the one of {self._home.data}")
        if self._last_port() != found.port:
            self._port_file.write_text(f"{found.port}\n", encoding="ascii")
        return address

    def _last_port(self) -> int | None:
        try:
            text = self._port_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        return int(text) if text.isdecimal() else None  # Empty when killed while writing.


def _data_directory(address: ServerAddress) -> Path | None:
    # Whoever listens there must not be able to ask for the password in clear.
    with psycopg.connect(address.url("postgres"), connect_timeout=10, require_auth="scram-sha-256") as connection:
        row = connection.execute("show data_directory").fetchone()
    return Path(row[0]) if row else None


def _free_port(wanted: int | None) -> int:
    """The wanted port if it can be had (reports keep their address), otherwise one that the system picks."""
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((_HOST, port))
            except OSError:
                continue  # Taken; 0 is next.
            return int(trial.getsockname()[1])
    raise DatabaseUnavailable(f"no free port could be found on {_HOST}")
