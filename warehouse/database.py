"""Which database, as whom: connections to the embedded server or to the one MOTCUA_DATABASE_URL names.

Belongs here: addresses, roles, connecting, creating a missing database. Does not: starting servers (warehouse/server).
"""

from __future__ import annotations

import json
import os
import re
import secrets as random_secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from contracts.failures import DatabaseUnavailable, UsageError
from warehouse.fault_points import reached
from warehouse.home import Home
from warehouse.outages import outage
from warehouse.secret_file import read_secret_file
from warehouse.server.address import ServerAddress
from warehouse.server.launcher import EmbeddedServer

URL_VARIABLE = "MOTCUA_DATABASE_URL"
URL_FILE_VARIABLE = "MOTCUA_DATABASE_URL_FILE"
_GIVEN_BY = f"{URL_VARIABLE} or the file that {URL_FILE_VARIABLE} names"
OLDEST_SERVER = 150_000
Role = Literal[
    "motcua_owner",
    "motcua_loader",
    "motcua_transformer",
    "motcua_checker",
    "motcua_publisher",
    "motcua_inspector",
    "motcua_bi",
    "motcua_bi_unit",
]


@dataclass(frozen=True, slots=True)
class Database:
    """One database, reachable now. `url` holds a password and is kept out of every repr."""

    name: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    url: str = field(repr=False)
    embedded: bool
    #: Where a server of ours keeps it.
    folder: Path | None = None

    @contextmanager
    def connect(self, role: Role | None = None, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
        """A connection in UTC, acting as the role; commits at the end unless an exception leaves the block."""
        with _connected(self.url, autocommit=autocommit, folder=self.folder) as connection:
            if role is not None:
                connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
                if not autocommit:
                    connection.commit()
            yield connection

    def url_for(self, user: str, password: str) -> str:
        """The same database under another login."""
        return _url(self.host, self.port, user, password, self.name)


def _url(host: str, port: int, user: str, password: str, database: str) -> str:
    return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{quote(database, safe='')}"


@contextmanager
def _connected(url: str, *, autocommit: bool = False, folder: Path | None = None) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(url, autocommit=autocommit, connect_timeout=15, application_name="motcua")
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"the database cannot be reached: {_without_secrets(str(error))}",
            hint=f"Look at `motcua db status`; with a server of your own, check {_GIVEN_BY}.",
        ) from None
    with _told_in_words(connection, folder), connection:
        # Said here and not while connecting: a PGTZ or PGDATESTYLE in the environment would win over that, and what is
        # landed as UTC without an offset would be hours off.
        connection.execute("set timezone to 'UTC'; set datestyle to 'ISO, YMD'")
        if not autocommit:
            connection.commit()
        yield connection


@contextmanager
def _told_in_words(connection: psycopg.Connection, folder: Path | None) -> Iterator[None]:
    try:
        yield
    except (psycopg.OperationalError, OSError) as error:
        found = outage(error, connection, folder)
        if found is None:
            raise
        raise found from error


def _without_secrets(text: str) -> str:
    """libpq does not print passwords, but a URL it could not parse comes back whole."""
    return re.sub(r"//[^@\s]*@", "//***@", text).strip()


def given_url(environ: Mapping[str, str] = os.environ) -> str | None:
    """The URL of a server of the user's own, from MOTCUA_DATABASE_URL or the file MOTCUA_DATABASE_URL_FILE names.

    None when neither is given. Raises UsageError when both are, or the file cannot be read or is not private.
    """
    value, file = environ.get(URL_VARIABLE, "").strip(), environ.get(URL_FILE_VARIABLE, "")
    if value and file:
        raise UsageError(f"{URL_VARIABLE} and {URL_FILE_VARIABLE} are both set", hint="Give one of them.")
    if file:
        return read_secret_file(URL_FILE_VARIABLE, Path(file).expanduser()).strip()
    return value or None


@contextmanager
def open_database(home: Home, name: str) -> Iterator[Database]:
    """The named database, created if missing, on the server of MOTCUA_DATABASE_URL or else the embedded one.

    With a URL given (`given_url`) its own database is used unless another name than the default is asked for.
    Raises DatabaseUnavailable, or UsageError when the URL cannot be read or the server is older than PostgreSQL 15.
    """
    given = given_url()
    if given is not None:
        database = _external(given, name)
        _create_if_missing(database, given)
        yield database
        return
    with EmbeddedServer(home).use() as address:
        database = _embedded(home, address, name)
        _create_if_missing(database, address.url("postgres"))
        yield database


@contextmanager
def new_database(home: Home, name: str) -> Iterator[Database]:
    """The named database, made for the block; or one that is there and holds nothing.

    It has its name when the block has ended well, and another until then: what was cut off, by a power cut too, is never
    taken for the whole, and the next attempt begins anew. Raises UsageError when there is one that holds something of
    ours or another program is making it, and what `open_database` raises.
    """
    given = given_url()
    if given is not None:
        with _new(lambda chosen: _external(given, chosen), name, given) as database:
            yield database
        return
    with (
        EmbeddedServer(home).use() as address,
        _new(lambda chosen: _embedded(home, address, chosen), name, address.url("postgres")) as database,
    ):
        yield database


@contextmanager
def _new(named: Callable[[str], Database], name: str, through: str) -> Iterator[Database]:
    wanted = named(name)
    with _connected(through, autocommit=True) as keeper:
        if keeper.execute("select from pg_database where datname = %s", (wanted.name,)).fetchone() is not None:
            _refuse_unless_empty(wanted)
            yield wanted
            return
        lock = f"motcua.new.{wanted.name}"
        [(ours,)] = keeper.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (lock,)).fetchall()
        if not ours:
            raise UsageError(f"another program is making the database {wanted.name}", hint="Wait until it has ended.")
        # An identifier has 63 bytes. One that is there was cut off: nobody else holds the lock.
        unfinished = named(f"{wanted.name[:45]}_unfinished")
        remove = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(unfinished.name))
        keeper.execute(remove)
        _create_if_missing(unfinished, through)
        try:
            yield unfinished
        except BaseException:
            keeper.execute(remove)
            raise
        reached("restore.not_named_yet")
        _rename(keeper, unfinished.name, wanted.name)


def _refuse_unless_empty(database: Database) -> None:
    with database.connect() as connection:
        [(held,)] = connection.execute("select to_regclass('audit.run') is not null").fetchall()
    if held:
        raise UsageError(f"there is a database {database.name} already", hint="Choose another name: --database NAME.")


def _rename(keeper: psycopg.Connection, before: str, after: str) -> None:
    # A connection that was just closed is on the server's list for a moment longer.
    keeper.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", (before,))
    keeper.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(before), sql.Identifier(after)))


def _embedded(home: Home, address: ServerAddress, name: str) -> Database:
    return Database(
        name=name, host=address.host, port=address.port, user=address.user, password=address.password,
        url=address.url(name), embedded=True, folder=home.data,
    )  # fmt: skip


def _external(given: str, name: str) -> Database:
    try:
        parts = urlsplit(given)
        chosen = name if name != "motcua" or parts.path in {"", "/"} else parts.path.lstrip("/")
        url = urlunsplit(parts._replace(path=f"/{chosen}"))
        described = psycopg.conninfo.conninfo_to_dict(url)
        host, user, port = parts.hostname, described.get("user"), parts.port or 5432
    except (ValueError, psycopg.ProgrammingError):
        # What the libraries say of a URL they cannot parse quotes it, password and all.
        raise _not_a_url() from None
    # An @ or / left as it is in the password ends up in the host, for one reader of the URL or the other.
    if (
        parts.scheme not in {"postgresql", "postgres"}
        or not host
        or not user
        or str(described.get("host")).lower() != host
    ):
        raise _not_a_url()
    password = str(described.get("password") or "")
    return Database(name=chosen, host=host, port=port, user=str(user), password=password, url=url, embedded=False)


def _not_a_url() -> UsageError:
    return UsageError(
        f"{_GIVEN_BY} is not a database URL",
        hint="Example: postgresql://user:password@host:5432/motcua; in the password, write @ as %40, / as %2F, % as %25.",
    )


def _create_if_missing(database: Database, through: str) -> bool:
    """Creates the database, on PostgreSQL's own word that it is not there; says whether it did."""
    try:
        probe = psycopg.connect(database.url, connect_timeout=15)
    except psycopg.OperationalError as error:
        if f'database "{database.name}" does not exist' not in str(error):
            raise DatabaseUnavailable(
                f"the database cannot be reached: {_without_secrets(str(error))}",
                hint="Look at `motcua db status`." if database.embedded else f"Check {_GIVEN_BY}.",
            ) from None
    else:
        with probe:
            if probe.info.server_version < OLDEST_SERVER:
                raise UsageError(
                    f"the server is PostgreSQL {probe.info.server_version // 10_000}; motcua needs 15 or newer"
                )
        probe.close()
        return False
    with _connected(through, autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(database.name)))
        except psycopg.errors.DuplicateDatabase:
            return False  # another program was faster: it is there, which is all that is wanted
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseUnavailable(
                f"there is no database {database.name}, and {database.user} may not create one",
                hint=f"As an administrator: create database {database.name} owner {database.user};",
            ) from error
    return True


READERS: dict[str, Role] = {"bi": "motcua_bi", "inspector": "motcua_inspector"}


def reader_url(database: Database, home: Home, reader: str) -> str:
    """A URL for a reader of the embedded server. Passwords are made once and kept in the home's private file.

    Raises UsageError on a server that is not ours: there its owner grants the role to users of their own.
    """
    role = READERS[reader]
    if not database.embedded:
        raise UsageError(
            f"the server is not ours, so motcua makes no login there; grant {role} to a user of your own",
            hint=f"As the database's owner: grant {role} to some_user;",
        )
    password = _kept_password(home.state / "readers.json", role)
    with database.connect() as connection:
        connection.execute(
            sql.SQL("alter role {} login password {}").format(sql.Identifier(role), sql.Literal(password))
        )
        reached("access.password_set")
    return database.url_for(role, password)


def _kept_password(path: Path, role: str) -> str:
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if role not in known:
        known[role] = random_secrets.token_urlsafe(24)
        # Beside the file and then in its place: cut off while writing, the old passwords would be gone.
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w") as file:
            json.dump(known, file)
        reached("access.password_written")
        Path(aside).replace(path)
    return known[role]
