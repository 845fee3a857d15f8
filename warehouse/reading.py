"""What a reader's connection sees: the published rows as they stand, or a kept release as it was.

Belongs here: choosing that once for a connection, so that one query serves both. Does not: queries; those name tables of
marts without their schema.
"""

from __future__ import annotations

import psycopg

from contracts.failures import UsageError

_LIST = "`motcua release list` shows them."


def read_standing(connection: psycopg.Connection) -> None:
    """Tables named without a schema are the published ones."""
    connection.execute("select set_config('search_path', 'marts', false), set_config('motcua.release', '', false)")


def read_as_of(connection: psycopg.Connection, release: int) -> None:
    """Tables named without a schema are those of a kept release. As the inspector; raises UsageError when it is not kept."""
    try:
        with connection.transaction():
            connection.execute("select release.read_as_of(%s)", (release,))
    except psycopg.errors.NoDataFound as error:
        raise UsageError(str(error.diag.message_primary), hint=_LIST) from error
    except psycopg.errors.UndefinedFunction as error:
        raise UsageError(
            "the database was made by a version that could not read old releases",
            hint="Any run brings it up to date: motcua run",
        ) from error
    connection.execute("select set_config('search_path', 'marts_as_of', false)")


def unknown_then(connection: psycopg.Connection, release: int) -> list[str]:
    """Published tables, and columns of others, that a release did not have yet: of them nothing is known in it."""
    rows = connection.execute(
        "select mart.name, mart.columns, release.content -> mart.name -> 'columns' from release.mart as mart"
        ' inner join release.release as release on release.release_id = %s order by mart.name collate "C"',
        (release,),
    ).fetchall()
    missing = []
    for name, columns, held in rows:
        if held is None:
            missing.append(str(name))
        else:
            missing += [f"{name}.{column}" for column in columns if column not in held]
    return missing
