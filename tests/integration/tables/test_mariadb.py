"""The same reading from MariaDB of Debian's packages: a server of its own on a free port, for real."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymysql
import pytest

from contracts.failures import SourceUnavailable
from extractors.tables import open_tables
from extractors.tables.batches import by_cursor, way_for
from tests.integration.tables.table_readings import STEP, Reading, source_of

pytestmark = pytest.mark.system
PASSWORD = "mật khẩu/@:bí mật"
Do = Callable[..., Any]


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The port of a MariaDB server that nobody else uses."""
    if shutil.which("mariadbd") is None:
        subprocess.run(["apt-get", "update", "-qq"], check=True, capture_output=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "mariadb-server"]
        subprocess.run(
            install, check=True, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
    folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
    user = "mysql" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", f"--user={user}", "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={folder}/data", f"--user={user}", "--bind-address=127.0.0.1",
             f"--port={port}", f"--socket={folder}/socket", f"--pid-file={folder}/pid"],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait(port, running, folder / "log")
        yield port
    finally:
        running.terminate()
        running.wait(timeout=60)
        shutil.rmtree(folder)


def _wait(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="root").close()
            return
        except pymysql.err.OperationalError:
            if running.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")[-2_000:]) from None
            time.sleep(0.1)


@pytest.fixture
def do(server: int) -> Do:
    def run(statement: str) -> Any:
        with (
            pymysql.connect(
                host="127.0.0.1", port=server, user="root", charset="utf8mb4", autocommit=True
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            return cursor.fetchall()

    return run


@pytest.fixture
def url(server: int, do: Do) -> str:
    from urllib.parse import quote

    do("drop database if exists tinh")
    do("create database tinh character set utf8mb4 collate utf8mb4_unicode_ci")
    do(f"create or replace user doc identified by '{PASSWORD}'")
    do("grant select on tinh.* to doc")
    do(
        "create table tinh.`Bước` (`MaHoSo` varchar(40), `Id` bigint, `GhiChu` text, `Xong` boolean,"
        " `UpdatedOn` datetime(6), primary key (`MaHoSo`, `Id`), key (`UpdatedOn`, `MaHoSo`, `Id`)) engine = innodb"
    )
    notes = ["null" if n == 5 else f"'ghi, \"chú\" {n}'" for n in range(12)]
    rows = ", ".join(
        f"('H55''%-{n % 3}', {n}, {notes[n]}, {n % 2 == 0}, timestamp('2023-03-01 08:00') + interval {min(n, 4)} hour)"
        for n in range(12)
    )
    do(f"insert into tinh.`Bước` values {rows}")
    return f"mysql://doc:{quote(PASSWORD, safe='')}@127.0.0.1:{server}/tinh"


@pytest.fixture
def steps(tmp_path: Path) -> Reading:
    return Reading(source_of(STEP), tmp_path)


def test_pages_positions_and_values(url: str, do: Do, steps: Reading) -> None:
    with open_tables(url) as reader:
        assert way_for(reader.connection) is by_cursor
        assert abs((reader.now - datetime.now(UTC)).total_seconds()) < 60
        batches = list(reader.read(steps.source, steps.stream, steps.wanted()))
        assert len(batches) == 3
        rows = {row["id"]: row for batch in batches for row in steps.land(batch)}
        assert sorted(rows) == list(range(12))
        assert rows[4]["ghichu"] == 'ghi, "chú" 4'
        assert rows[5]["ghichu"] is None
        assert [rows[4]["xong"], rows[5]["xong"]] == [True, False]
        assert rows[0]["updatedon"] == datetime(2023, 3, 1, 1, tzinfo=UTC)
        assert steps.position == {"changed_at": "2023-03-01T12:00:00", "key": ["H55'%-2", 11]}
        assert list(reader.read(steps.source, steps.stream, steps.wanted())) == []


def test_one_snapshot_and_then_what_changed(url: str, do: Do, steps: Reading) -> None:
    with open_tables(url) as reader:
        do("insert into tinh.`Bước` values ('H55-9', 99, 'sau', null, '2023-03-02 00:00:00.25')")
        do("delete from tinh.`Bước` where `Id` = 0")
        assert sorted(row["id"] for row in steps.take(reader)) == list(range(12))
    with open_tables(url) as reader:
        (came,) = steps.take(reader)
        assert (came["id"], came["xong"], came["updatedon"].microsecond) == (99, None, 250_000)


def test_a_whole_table_and_rows_without_a_stamp(url: str, do: Do, steps: Reading) -> None:
    do("insert into tinh.`Bước` values ('H55-9', 99, null, null, null)")
    whole = source_of(
        STEP | {"layout": {"kind": "table", "table": "Bước"}, "delivery": "full", "version": {"by": "reading"}}
    )
    with open_tables(url) as reader:
        (batch,) = reader.read(whole, whole.streams[0], steps.wanted())
        assert batch.file.read_bytes().count(b"\n") == 14
        *_, last = reader.read(steps.source, steps.stream, steps.wanted())
        assert last.file.read_bytes().decode().splitlines()[1:] == ["H55-9,99,,,"]


def test_the_transaction_cannot_write(url: str, do: Do) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    do("grant all on tinh.* to doc")
    with open_tables(url) as reader, pytest.raises(DBAPIError, match="READ ONLY"):
        reader.connection.execute(text("delete from `Bước`"))


def test_failures_are_told_without_the_password(url: str, server: int, do: Do, steps: Reading) -> None:
    do("create or replace user doc identified by 'another'")
    with pytest.raises(SourceUnavailable, match="cannot be reached") as refused, open_tables(url):
        pass
    assert PASSWORD not in str(refused.value)
    do(f"create or replace user doc identified by '{PASSWORD}'")
    do("grant select on tinh.* to doc")
    do("drop table tinh.`Bước`")
    with pytest.raises(SourceUnavailable, match="no table"), open_tables(url) as reader:
        steps.take(reader)
