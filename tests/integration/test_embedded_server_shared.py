"""The embedded server shared by several programs, some of which are killed, and killed itself.

Belongs here: leases, kill -9, stale pid files, orphans. Does not: settings and places of a server left in peace.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable

import psutil  # type: ignore[import-untyped,unused-ignore]
import psycopg
import pytest

from tests.integration.server_programs import AS_ROOT, FORKING_PROGRAM, ask, lives, pid_of, port_said_by, wait_for
from warehouse.home import Home
from warehouse.server.account import server_account
from warehouse.server.launcher import EmbeddedServer
from warehouse.server.lease import is_locked
from warehouse.server.postmaster import alive_file, find_postmaster

pytest_plugins = "tests.integration.server_programs"


def test_a_killed_program_leaves_a_usable_server(
    server: EmbeddedServer, home: Home, run_program: Callable[..., subprocess.Popen[str]]
) -> None:
    program = run_program(home)
    port = port_said_by(program)
    pid = pid_of(server)
    program.kill()
    program.wait()
    assert server.status().running
    assert not server.status().in_use
    with server.use() as address:
        assert (address.port, pid_of(server)) == (port, pid)
    assert not server.status().running


def test_the_last_one_to_leave_stops_it(
    server: EmbeddedServer, home: Home, run_program: Callable[..., subprocess.Popen[str]]
) -> None:
    killed, leaving = run_program(home), run_program(home)
    assert port_said_by(killed) == port_said_by(leaving)
    with server.use():
        pid = pid_of(server)
        killed.kill()
        killed.wait()
        leaving.communicate()
        assert leaving.returncode == 0
        assert pid_of(server) == pid
    assert not server.status().running


def test_leaving_first_stops_nothing(
    server: EmbeddedServer, home: Home, run_program: Callable[..., subprocess.Popen[str]]
) -> None:
    program = run_program(home)
    port_said_by(program)
    with server.use() as address, server.use() as again:
        assert address == again
    assert server.status().running
    program.communicate()
    assert not server.status().running


def test_a_forked_child_does_not_end_its_parents_lease(
    server: EmbeddedServer, home: Home, run_program: Callable[..., subprocess.Popen[str]]
) -> None:
    program = run_program(home, FORKING_PROGRAM)
    port_said_by(program)
    assert server.status().running
    assert server.status().in_use
    program.communicate()
    assert not server.status().running


def test_programs_starting_at_once_share_one_server(
    server: EmbeddedServer, home: Home, run_program: Callable[..., subprocess.Popen[str]]
) -> None:
    programs = [run_program(home) for _ in range(4)]
    assert len({port_said_by(program) for program in programs}) == 1
    masters = [p for p in psutil.process_iter(["cmdline"]) if str(home.data) in (p.info["cmdline"] or [])]
    assert [p.pid for p in masters if p.info["cmdline"][0].endswith("postgres")] == [pid_of(server)]
    for program in programs:
        program.communicate()
        assert program.returncode == 0
    assert not server.status().running


def test_ctrl_c_does_not_reach_the_server(
    server: EmbeddedServer, home: Home, run_program: Callable[..., subprocess.Popen[str]]
) -> None:
    program = run_program(home, start_new_session=True)
    port_said_by(program)
    pid = pid_of(server)
    assert os.getsid(pid) not in (os.getsid(program.pid), os.getsid(0))
    with server.use():
        os.killpg(program.pid, signal.SIGINT)
        program.communicate()
        assert program.returncode != 0
        assert pid_of(server) == pid


def test_a_killed_postmaster_is_replaced_even_while_a_backend_still_computes(
    server: EmbeddedServer, home: Home
) -> None:
    with server.use() as address:
        with psycopg.connect(address.url("postgres"), autocommit=True) as connection:
            connection.execute("create table kept as select 42 as answer")
        # A computing backend does not notice that its postmaster is gone, and holds the shared memory.
        computing = psycopg.connect(address.url("postgres"))
        backend = computing.info.backend_pid
        endless = threading.Thread(target=_run_to_the_end, args=(computing,))
        endless.start()
        wait_for(lambda: psutil.Process(backend).cpu_times().user > 0.1)
        pid = pid_of(server)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: find_postmaster(home) is None)
        assert lives(backend)
        with server.use() as fresh:
            assert pid_of(server) != pid
            assert fresh.port == address.port
            assert ask(fresh, "select answer from kept") == 42
        endless.join()
        assert not lives(backend)
        computing.close()


def _run_to_the_end(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select count(*) from generate_series(1, 100000) a, generate_series(1, 1000000) b")


def test_a_stale_pid_file_that_names_a_foreign_process(server: EmbeddedServer, home: Home) -> None:
    with server.use():
        os.kill(pid_of(server), signal.SIGKILL)
        wait_for(lambda: not is_locked(alive_file(home)))
        account = server_account(home.data)
        # PostgreSQL itself refuses to start while this process lives, since it is the same user's.
        with subprocess.Popen(["sleep", "600"], user=account.uid if AS_ROOT else None) as foreign:
            pid_file = home.data / "postmaster.pid"
            lines = pid_file.read_text().splitlines()
            pid_file.write_text("\n".join([str(foreign.pid), *lines[1:]]) + "\n")
            assert not server.status().running
            with server.use() as address:
                assert ask(address, "select 1") == 1
            assert foreign.poll() is None
            foreign.kill()


def test_a_truncated_pid_file(server: EmbeddedServer, home: Home) -> None:
    with server.use():
        os.kill(pid_of(server), signal.SIGKILL)
        wait_for(lambda: not is_locked(alive_file(home)))
        (home.data / "postmaster.pid").write_text("")
        with server.use() as address:
            assert ask(address, "select 1") == 1


def test_a_killed_backend_is_recovered_from(server: EmbeddedServer) -> None:
    with server.use() as address, psycopg.connect(address.url("postgres")) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with server.use() as again:
            assert ask(again, "select 1") == 1


def test_killed_during_initdb(
    server: EmbeddedServer, home: Home, run_program: Callable[..., subprocess.Popen[str]]
) -> None:
    program = run_program(home)
    wait_for(lambda: list(home.server.glob("initdb-*/data/base")))
    program.kill()
    program.wait()
    assert not home.data.exists()
    with server.use() as address:
        assert ask(address, "select 1") == 1
    assert not list(home.server.glob("initdb-*"))


def test_killed_between_starting_the_server_and_seeing_it(
    server: EmbeddedServer, home: Home, run_program: Callable[..., subprocess.Popen[str]]
) -> None:
    with server.use():
        pass
    program = run_program(home)
    wait_for(lambda: is_locked(alive_file(home)))
    program.kill()
    program.wait()
    with server.use() as address:
        assert ask(address, "select 1") == 1
    assert not server.status().running
