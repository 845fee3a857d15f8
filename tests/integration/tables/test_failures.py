"""Sources that are not to be had, and tables that are not what the contract says: by name, without secrets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from contracts.failures import DeliveryProblem, DeliveryRefused, MotcuaError, SourceUnavailable, UsageError
from demo.provincial.database import ProvincialDatabase
from extractors.tables import open_tables, read_table
from tests.integration.tables.table_readings import STEP, Reading, source_of

Do = Callable[..., Any]
SECRET = "mat-khau-bi-mat"


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{password}@{parts.hostname}:{parts.port}"))


def failure_of(url: str) -> MotcuaError:
    with pytest.raises(MotcuaError) as raised, open_tables(url):
        pass
    told = raised.value
    assert SECRET not in f"{told} {told.hint} {told.__cause__!r}"
    assert told.__suppress_context__ or told.__context__ is None
    return told


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_a_server_that_is_down(closed_port: int) -> None:
    told = failure_of(f"postgresql://doc:{SECRET}@127.0.0.1:{closed_port}/tinh")
    assert isinstance(told, SourceUnavailable)
    assert told.exit_code == 3
    assert "cannot be reached" in told.message
    assert told.hint


def test_a_server_that_comes_back_while_it_is_tried_again(province: ProvincialDatabase) -> None:
    parts = urlsplit(province.reader_url)
    taken: list[bytes] = []
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()

        def refuse_once_then_pass_on() -> None:
            door.accept()[0].close()  # hung up on
            caller, _ = door.accept()
            server = socket.create_connection((parts.hostname or "", parts.port or 0))

            def pump(giving: socket.socket, taking: socket.socket) -> None:
                while data := giving.recv(65_536):
                    taken.append(data[:1])
                    taking.sendall(data)
                taking.shutdown(socket.SHUT_WR)

            back = threading.Thread(target=pump, args=(server, caller))
            back.start()
            pump(caller, server)
            back.join()
            caller.close()
            server.close()

        thread = threading.Thread(target=refuse_once_then_pass_on)
        thread.start()
        netloc = f"{parts.username}:{parts.password}@127.0.0.1:{door.getsockname()[1]}"
        url = urlunsplit(parts._replace(netloc=netloc)) + "?sslmode=disable&gssencmode=disable"
        with open_tables(url) as reader:
            assert reader.now
        thread.join()
    assert taken


def test_a_wrong_password_is_tried_once(province: ProvincialDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    connect = psycopg.Connection.connect
    monkeypatch.setattr(
        psycopg,
        "connect",
        lambda *a, **named: tried.append(1) or connect(*a, **named),  # type: ignore[func-returns-value]
    )
    told = failure_of(with_password(province.reader_url, SECRET))
    assert isinstance(told, SourceUnavailable)
    assert "authentication failed" in told.message
    assert len(tried) == 1


def test_a_database_that_is_not_there(province: ProvincialDatabase) -> None:
    told = failure_of(urlunsplit(urlsplit(province.reader_url)._replace(path="/khong_co")))
    assert isinstance(told, SourceUnavailable)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql//doc:{SECRET}@h/x",
        f"khongco://doc:{SECRET}@h/x",
        f"sqlite:///{SECRET}",
        f"postgresql+nodriver://u:{SECRET}@h/d",
    ],
)
def test_an_address_that_cannot_be_used(url: str) -> None:
    assert isinstance(failure_of(url), UsageError)


def test_a_table_that_is_not_there_or_may_not_be_read(province: ProvincialDatabase, do: Do, steps: Reading) -> None:
    do('revoke all on "Bước" from public')
    do(f'revoke all on "Bước" from "{urlsplit(province.reader_url).username}"')
    with pytest.raises(SourceUnavailable, match="InsufficientPrivilege"):
        list(read_table(steps.source, steps.stream, steps.wanted(), province.reader_url))
    do('drop table "Bước"')
    with pytest.raises(SourceUnavailable, match="no table Bước"):
        list(read_table(steps.source, steps.stream, steps.wanted(), province.reader_url))


@pytest.mark.parametrize(
    ("change", "problem", "told"),
    [
        ('drop column "Xong"', DeliveryProblem.COLUMN_DROPPED, "lacks 'Xong'"),
        ('rename column "GhiChu" to "GhiChus"', DeliveryProblem.COLUMN_RENAMED, "probably now 'GhiChus'"),
        ('alter column "UpdatedOn" type text', DeliveryProblem.COLUMN_RETYPED, "UpdatedOn"),
    ],
)
def test_columns_that_drifted(
    province: ProvincialDatabase, do: Do, steps: Reading, change: str, problem: DeliveryProblem, told: str
) -> None:
    do(f'alter table "Bước" {change}')
    with pytest.raises(DeliveryRefused, match=told) as refused:
        list(read_table(steps.source, steps.stream, steps.wanted(), province.reader_url))
    assert refused.value.problem is problem


def test_a_column_the_contract_does_not_name_is_the_sources_own_affair(
    province: ProvincialDatabase, do: Do, steps: Reading
) -> None:
    do('alter table "Bước" add column "Moi" text')
    with open_tables(province.reader_url) as tables:
        assert len(steps.take(tables)) == 12


def test_a_stamp_that_is_no_moment(province: ProvincialDatabase, do: Do, steps: Reading) -> None:
    do("""insert into "Bước" values ('z', 99, null, null, 'infinity')""")
    with pytest.raises(DeliveryRefused, match="infinity") as refused:
        list(read_table(steps.source, steps.stream, steps.wanted(), province.reader_url))
    assert refused.value.problem is DeliveryProblem.COLUMN_RETYPED


def test_a_page_that_takes_too_long(province: ProvincialDatabase, do: Do, steps: Reading) -> None:
    do(
        'create view slow as select "MaHoSo", "Id", "GhiChu" || pg_sleep(1) as "GhiChu", "Xong", "UpdatedOn" from "Bước"'
    )
    source = source_of(STEP | {"layout": STEP["layout"] | {"table": "slow"}})
    url = province.reader_url + "?options=-c%20statement_timeout%3D200"
    with pytest.raises(SourceUnavailable, match="QueryCanceled") as raised:
        list(read_table(source, source.streams[0], steps.wanted(), url))
    assert "H55" not in raised.value.message


def test_a_connection_cut_between_two_pages_leaves_what_was_read(
    province: ProvincialDatabase, do: Do, steps: Reading
) -> None:
    with pytest.raises(SourceUnavailable) as raised, open_tables(province.reader_url) as reader:
        batches = iter(reader.read(steps.source, steps.stream, steps.wanted()))
        steps.land(next(batches))
        do(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
            urlsplit(province.reader_url).username,
        )
        list(batches)
    assert "H55" not in raised.value.message
    with open_tables(province.reader_url) as reader:
        steps.take(reader)
    assert sorted({row["id"] for row in steps.landed}) == list(range(12))


def test_the_login_of_the_pipeline_cannot_write(province: ProvincialDatabase, steps: Reading) -> None:
    with psycopg.connect(province.reader_url) as connection:
        connection.execute("set session characteristics as transaction read write")
        connection.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute('delete from "Bước"')
