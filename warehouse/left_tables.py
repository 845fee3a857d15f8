"""The tables of the transformation as a build leaves them: how many rows each holds, and whether it stands like that.

Belongs here: these two questions, asked of a table's rows only where the database does not know the answer
(warehouse/schema/057_left_tables.sql). Does not: whether a build goes on from the last (builds.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg import sql

from warehouse.contents import Table, tables_of
from warehouse.database import Database
from warehouse.fault_points import reached


def touched_since(
    database: Database, connection: psycopg.Connection, build_id: int, ended_in: str, left: Mapping[str, int]
) -> str | None:
    """Whether a table holds other rows than a build left in it, by name in `left`; in words, None where none does.

    Tables that nobody wrote since are known to the database. Others are read: their number of rows, and who wrote them when.
    """
    standing = _left_by(connection, build_id)
    later = sql.SQL("count(*) filter (where age(xmin) <= age({}::xid))").format(sql.Literal(ended_in))
    found = _of_each_table(database, standing, sql.SQL("count(*), {}").format(later))
    changed = sorted(name for name, rows in left.items() if name not in standing and found.get(name) != (rows, 0))
    return f"{changed[0]} is not as the last build left it" if changed else None


def watch(database: Database) -> None:
    """From now on every table that a build made tells of its writes; published ones are taken over for it."""
    with database.connect("motcua_transformer") as connection:
        connection.execute("select audit.watch_tables(), release.take_over_candidates()")
        reached("transform.tables_watched")


def leave(
    database: Database, connection: psycopg.Connection, build_id: int, before: int | None, left: Mapping[str, int]
) -> dict[str, int]:
    """Notes that a build leaves every table as it is, in the transaction of `connection`; until it ends nobody writes any.

    Gives the rows of each by schema and name. Those that stand as the build `before` left them hold as many as `left` says.
    """
    rows = connection.execute("select left_before from audit.leave_tables(%s, %s)", (build_id, before)).fetchall()
    known = {str(name): left[name] for (name,) in rows if name in left}
    counted = _of_each_table(database, known.keys(), sql.SQL("count(*)"))
    return dict(sorted((known | {name: number for name, (number,) in counted.items()}).items()))


def _left_by(connection: psycopg.Connection, build_id: int) -> frozenset[str]:
    rows = connection.execute("select left_table from audit.tables_left_by(%s)", (build_id,)).fetchall()
    return frozenset(str(name) for (name,) in rows)


def _of_each_table(database: Database, without: Set[str], numbers: sql.Composable) -> dict[str, tuple[int, ...]]:
    """For each table but those, what is counted of its rows; two tables at a time, for a build has two threads."""
    with database.connect("motcua_transformer") as connection:
        tables = [
            table
            for schema in ("intermediate", "candidate")
            for table in tables_of(connection, schema)
            if ".".join(table) not in without
        ]

    def counted(some: Sequence[Table]) -> dict[str, tuple[int, ...]]:
        found = {}
        with database.connect("motcua_transformer") as connection:
            for table in some:
                query = sql.SQL("select {} from {}").format(numbers, sql.Identifier(*table))
                [found[".".join(table)]] = connection.execute(query).fetchall()
        return found

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(counted, (tables[::2], tables[1::2]))
    return one | other
