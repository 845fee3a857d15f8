"""Logins for readers of one unit: made, given units, taken away again.

Belongs here: the logins of motcua_bi_unit and their rows of release.reader_scope. Does not: what a scope lets through
(schema/085_row_scopes.sql), or the logins of whole roles (database.reader_url).
"""

from __future__ import annotations

import re
import secrets

import psycopg
from psycopg import sql

from contracts.failures import DatabaseUnavailable, UsageError
from warehouse.database import Database
from warehouse.fault_points import reached

_GROUP = "motcua_bi_unit"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
#: The login whose limits those of one unit get as well (schema/010_roles.sql): limits are of a login, not of its groups.
_LIMITED = "motcua_bi"


def give_unit(database: Database, login: str, jurisdiction: str, unit_code: str) -> str | None:
    """Lets the login see the rows of a published unit and of those below it; made if need be, its URL is returned then.

    The password is made here and kept nowhere. Raises UsageError for a name that cannot be one, a login of another kind or
    a unit that is not published.
    """
    if not _NAME.fullmatch(login) or login.startswith(("motcua", "pg_")):
        raise UsageError(
            f"{login!r} is no name for a login",
            hint="Small letters, digits and underscores, not beginning with motcua or pg_.",
        )
    password = secrets.token_urlsafe(24)
    with database.connect() as connection:
        unit_key = _unit_key(connection, jurisdiction, unit_code)
        made = _made(connection, login, password)
        connection.execute("set local role motcua_owner")
        connection.execute(
            "insert into release.reader_scope (login, unit_key) values (%s, %s) on conflict do nothing",
            (login, unit_key),
        )
        reached("access.login_given")
    return database.url_for(login, password) if made else None


def take_away(database: Database, login: str) -> int:
    """Takes all units of the login, and the login itself; says how many units it had. Raises UsageError for another kind."""
    with database.connect() as connection:
        if not _is_ours(connection, login):
            raise UsageError(f"there is no login {login} of a unit", hint="`motcua db grant` makes them.")
        gone = connection.execute("delete from release.reader_scope where login = %s", (login,)).rowcount
        connection.execute(sql.SQL("revoke {} from {}").format(sql.Identifier(_GROUP), sql.Identifier(login)))
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))
        reached("access.login_taken")
    return gone


def _unit_key(connection: psycopg.Connection, jurisdiction: str, unit_code: str) -> str:
    found = connection.execute(
        "select unit_key from marts.dim_unit where jurisdiction = %s and unit_code = %s and is_current",
        (jurisdiction, unit_code),
    ).fetchone()
    if found is None:
        raise UsageError(
            f"{jurisdiction} has no published unit {unit_code}", hint="`motcua figures --by unit` shows the codes."
        )
    return str(found[0])


def _made(connection: psycopg.Connection, login: str, password: str) -> bool:
    if connection.execute("select from pg_roles where rolname = %s", (login,)).fetchone() is not None:
        if not _is_ours(connection, login):
            raise UsageError(f"{login} is a login that does not belong to {_GROUP}", hint="Choose another name.")
        return False
    name = sql.Identifier(login)
    try:
        connection.execute(sql.SQL("create role {} login password {}").format(name, sql.Literal(password)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseUnavailable(
            f"{connection.info.user} may not make logins here: {error.diag.message_primary}",
            hint=f"As an administrator: create role {login} login; grant {_GROUP} to {login};",
        ) from error
    connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(_GROUP), name))
    _limit(connection, name)
    return True


def _limit(connection: psycopg.Connection, login: sql.Identifier) -> None:
    [(connections, settings)] = connection.execute(
        "select rolconnlimit, coalesce(rolconfig, '{}') from pg_roles where rolname = %s", (_LIMITED,)
    ).fetchall()
    connection.execute(sql.SQL("alter role {} connection limit {}").format(login, sql.Literal(connections)))
    for setting in settings:
        name, _, value = setting.partition("=")
        connection.execute(sql.SQL("alter role {} set {} = {}").format(login, sql.Identifier(name), sql.Literal(value)))


def _is_ours(connection: psycopg.Connection, login: str) -> bool:
    """Whether it is a login whose one group is that of readers of a unit."""
    row = connection.execute(
        "select not member.rolsuper and count(*) = 1 and bool_and(grp.rolname = %s) from pg_roles as member"
        " inner join pg_auth_members as m on m.member = member.oid inner join pg_roles as grp on grp.oid = m.roleid"
        " where member.rolname = %s group by member.rolsuper",
        (_GROUP, login),
    ).fetchone()
    return row is not None and bool(row[0])
