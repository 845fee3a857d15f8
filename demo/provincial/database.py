"""Where the provincial stand-in lives: a database of its own beside the warehouse, and a login that may only read it.

Belongs here: creating both. Does not: filling it (load.py).
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql

from warehouse.database import Database, open_database
from warehouse.home import Home

DATABASE = "he_thong_tinh"
#: The schema whose clock stands before PostgreSQL's own for who reads.
CLOCK = "dong_ho"
#: What the pipeline logs in as. Roles belong to the whole server, so the database's name is part of it.
_READER = "{}_chi_doc"


@dataclass(frozen=True, slots=True)
class ProvincialDatabase:
    """The two ways in: `owner_url` fills it, `reader_url` is what the pipeline is given. Both hold passwords."""

    owner_url: str = field(repr=False)
    reader_url: str = field(repr=False)


@contextmanager
def ensure_database(home: Home, name: str = DATABASE) -> Iterator[ProvincialDatabase]:
    """The stand-in's database and its reading login, made if missing; the server stays up for the block.

    It lives on the server of MOTCUA_DATABASE_URL or else the embedded one. The login's password is made once and kept
    in the home's private file; its rights cover tables that are made later. Raises DatabaseUnavailable, UsageError.
    """
    with open_database(home, name) as database:
        reader = _READER.format(name)
        password = _kept_password(home.state / "provincial.json", reader)
        _ensure_reader(database, reader, password)
        yield ProvincialDatabase(owner_url=database.url, reader_url=database.url_for(reader, password))


def _ensure_reader(database: Database, reader: str, password: str) -> None:
    role, here = sql.Identifier(reader), sql.Identifier(database.name)
    with database.connect() as connection:
        # Two programs that make the login at once would fail each other.
        connection.execute("select pg_advisory_xact_lock(hashtext(%s))", (reader,))
        if connection.execute("select 1 from pg_roles where rolname = %s", (reader,)).fetchone() is None:
            connection.execute(sql.SQL("create role {}").format(role))
        connection.execute(sql.SQL("alter role {} login password {}").format(role, sql.Literal(password)))
        connection.execute(sql.SQL("alter role {} set default_transaction_read_only to on").format(role))
        connection.execute(
            sql.SQL("alter role {} in database {} set search_path to {}, pg_catalog, public").format(
                role, here, sql.Identifier(CLOCK)
            )
        )
        connection.execute(sql.SQL("revoke all on database {} from public").format(here))
        connection.execute(sql.SQL("grant connect on database {} to {}").format(here, role))
        connection.execute(sql.SQL("grant select on all tables in schema public to {}").format(role))
        connection.execute(
            sql.SQL("alter default privileges in schema public grant select on tables to {}").format(role)
        )


def _kept_password(path: Path, role: str) -> str:
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if role not in known:
        known[role] = secrets.token_urlsafe(24)
        aside = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(known, file)
        aside.replace(path)
    return known[role]
