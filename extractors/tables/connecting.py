"""Connections to databases of others: one snapshot, read only, and what a failure there means.

Belongs here: isolation per dialect, the source's clock, which errors pass by themselves and which do not, their words.
Does not: queries (statements.py) or paging (reader.py). Messages never hold a password or a row's value: an error's
kind is told, not its text, except for failures to connect, where the text says what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from contracts.failures import SourceUnavailable, UsageError

_CONNECT_SECONDS = 15
#: The longest one page may take. A source that is stuck must not hold a run for ever.
_PAGE_SECONDS = 600
_ATTEMPTS = 3

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "postgresql": {
        "connect_timeout": _CONNECT_SECONDS,
        "client_encoding": "utf8",
        "application_name": "motcua",
        # A connection whose other end vanished without a word is noticed within two minutes.
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 5,
        "tcp_user_timeout": 120_000,
    },
    "mysql": {
        "connect_timeout": _CONNECT_SECONDS,
        "read_timeout": _PAGE_SECONDS,
        "write_timeout": _PAGE_SECONDS,
        "charset": "utf8mb4",
    },
}
_ARGUMENTS["mariadb"] = _ARGUMENTS["mysql"]

_ISOLATION = {
    "postgresql": "REPEATABLE READ",
    "mysql": "REPEATABLE READ",
    "mariadb": "REPEATABLE READ",
    "mssql": "SNAPSHOT",  # the database must allow it: alter database … set allow_snapshot_isolation on
    "oracle": "SERIALIZABLE",
}
#: The clock in UTC, without an offset in the value.
_CLOCK = {
    "postgresql": "select transaction_timestamp() at time zone 'UTC'",
    "mysql": "select utc_timestamp(6)",
    "mariadb": "select utc_timestamp(6)",
    "mssql": "select sysutcdatetime()",
    "oracle": "select sys_extract_utc(systimestamp) from dual",
}
#: Server errors that stay until somebody changes something: MySQL's numbers, and what PostgreSQL says before a session
#: exists (it gives no code then).
_LASTING_NUMBERS = {1044, 1045, 1049, 1130, 1698}
_LASTING_WORDS = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "no password supplied",
    "not permitted to log in",
    "permission denied",
)


@contextmanager
def snapshot(address: str) -> Iterator[Connection]:
    """A connection in one read-only transaction that sees one state of the database. Ended, never committed.

    Raises SourceUnavailable, and UsageError for an address that cannot be used.
    """
    url = _parsed(address)
    engine = _engine(url)
    try:
        connection = _connected(engine, url)
        try:
            yield connection
        finally:
            _leave(connection)
    finally:
        engine.dispose()


def source_clock(connection: Connection) -> datetime:
    """The database's own clock at the snapshot."""
    with telling("its clock"):
        now: object = connection.execute(text(_CLOCK[connection.dialect.name])).scalar_one()
    assert isinstance(now, datetime)
    return now.replace(tzinfo=UTC)


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Turns a database's failure in the block into SourceUnavailable; `what` was being read."""
    try:
        yield
    except DBAPIError as error:
        raise _unavailable(what, error.orig or error) from None
    except SQLAlchemyError as error:
        raise _unavailable(what, error) from None
    except psycopg.Error as error:
        raise _unavailable(what, error) from None


def is_transient(error: BaseException) -> bool:
    """Whether a failure to connect may pass by itself. The one place that decides it."""
    cause: BaseException = error.orig or error if isinstance(error, DBAPIError) else error
    if type(cause).__name__ not in {"OperationalError", "InterfaceError", "ConnectionTimeout"}:
        return False
    if cause.args and cause.args[0] in _LASTING_NUMBERS:
        return False
    told = str(cause)
    return not any(words in told for words in _LASTING_WORDS)


def _parsed(address: str) -> URL:
    try:
        url = make_url(address.strip())
        dialect = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        # What SQLAlchemy says of an address it cannot read may quote it, password and all.
        raise UsageError(
            "the address of the source's database cannot be read",
            hint="Example: postgresql://user:password@host:5432/name; in the password, write @ as %40 and / as %2F.",
        ) from None
    if dialect not in _ISOLATION:
        raise UsageError(
            f"databases of the kind {dialect} cannot be read in one snapshot here",
            hint=f"Known: {', '.join(_ISOLATION)}",
        )
    if dialect in {"mysql", "mariadb"} and url.drivername == dialect:
        return url.set(drivername=f"{dialect}+pymysql")
    return url


def _engine(url: URL) -> Engine:
    dialect = url.get_backend_name()
    arguments = dict(_ARGUMENTS.get(dialect, {}))
    if url.get_driver_name() == "pymysql" and url.password:
        # Left to itself it takes every password for Latin-1, and fails on a Vietnamese one.
        arguments["password"] = str(url.password).encode()
    options: dict[str, Any] = {"isolation_level": _ISOLATION[dialect]}
    try:
        return create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True, **options)
    except (ImportError, ArgumentError, NoSuchModuleError) as error:
        raise UsageError(
            f"the driver for {url.drivername} is not installed ({type(error).__name__})",
            hint="Install it beside motcua, or name another driver in the address.",
        ) from None


def _connected(engine: Engine, url: URL) -> Connection:
    attempts = Retrying(
        retry=retry_if_exception(is_transient),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential(multiplier=0.5, max=5),
        reraise=True,
    )
    try:
        return attempts(_begun, engine)
    except SQLAlchemyError as error:
        cause: BaseException = error.orig or error if isinstance(error, DBAPIError) else error
        raise SourceUnavailable(
            f"the source's database cannot be reached: {_without_secrets(str(cause), url)}",
            hint="Check the address, the login and whether the database is up."
            if is_transient(error)
            else "Check the login in the secret that names the source's database.",
        ) from None


def _begun(engine: Engine) -> Connection:
    connection = engine.connect()
    dialect = connection.dialect.name
    try:
        if dialect == "postgresql":
            connection = connection.execution_options(postgresql_readonly=True)
            # A wall clock stays as it is; instants with an offset are written in UTC, whatever the server's zone.
            connection.execute(text("set local timezone to 'UTC'"))
            connection.execute(text("set local datestyle to 'ISO, YMD'"))
            connection.execute(
                text(
                    "select set_config('statement_timeout', :limit, true) where current_setting('statement_timeout') = '0'"
                ),
                {"limit": f"{_PAGE_SECONDS}s"},
            )
        elif dialect in {"mysql", "mariadb"}:
            connection.execute(text("start transaction with consistent snapshot, read only"))
    except BaseException:
        connection.close()
        raise
    return connection


def _leave(connection: Connection) -> None:
    try:
        connection.close()
    except (DBAPIError, psycopg.Error):
        # Rolling back over a connection that broke: whatever broke it is being raised already, and nothing was written.
        if not connection.closed:
            connection.invalidate()


def _unavailable(what: str, error: BaseException) -> SourceUnavailable:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    code = getattr(error, "sqlstate", None) or number
    told = type(error).__name__ + (f", code {code}" if code else "")
    return SourceUnavailable(
        f"the source's database did not give {what} ({told})",
        hint="Try again later; if it stays, look at the source's own log and at what the login may read.",
    )


def _without_secrets(told: str, url: URL) -> str:
    if url.password:
        told = told.replace(str(url.password), "***")
    return " ".join(told.split())
