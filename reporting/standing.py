"""A published table as it stood in one release: current rows and the superseded ones beside them.

Belongs here: that one sub-query. Does not: what is asked of it. The reader must be the inspector, who alone may read history.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql


def stood(table: str, columns: Sequence[str], release: int | None = None) -> sql.Composable:
    """The table's rows in a release as a sub-query in brackets; without one, those that stand now."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    now = sql.SQL("select {} from {}").format(listed, sql.Identifier("marts", table))
    if release is None:
        return sql.SQL("({})").format(now)
    return sql.SQL(
        "({now} where release_from <= {release} union all select {listed} from {history}"
        " where release_from <= {release} and release_to > {release})"
    ).format(now=now, listed=listed, history=sql.Identifier("history", table), release=sql.Literal(release))


def columns_of(connection: psycopg.Connection, table: str) -> list[str]:
    """The columns a published table has today, without the release store's own."""
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
        " and attname <> 'release_from' order by attnum",
        (f"marts.{table}",),
    ).fetchall()
    return [row[0] for row in rows]
