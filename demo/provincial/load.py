"""Filling the provincial stand-in from a generated state, and bringing it to a later one as its clerks would have.

Belongs here: only what differs is written, in one transaction over all tables. Does not: the state's contents.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql

from demo.provincial.database import CLOCK

_SCHEMA = Path(__file__).with_name("schema.sql")
_ROWS_AT_ONCE = 200_000

#: Each table with its primary key, and whether its rows are stamped with UpdatedOn (and then never really deleted).
TABLES: dict[str, tuple[tuple[str, ...], bool]] = {
    "Groups": (("Id",), False),
    "ThuTucs": (("MaTTHC",), False),
    "DonViThuTucs": (("MaTTHC", "DonViId"), False),
    "NgayNghis": (("Date",), False),
    "HoSos": (("MaHoSo",), True),
    "QuaTrinhXuLyHoSos": (("Id",), True),
    "HoSoBoSungs": (("Id",), True),
    "DuThaoXuLyHoSos": (("Id",), True),
    "YeuCauThanhToans": (("Id",), True),
    "DanhGiaHoSos": (("Id",), True),
    "PhanAnhKienNghis": (("Id",), True),
}


def load(folder: Path, url: str) -> None:
    """Makes the database behind the URL hold what <folder>/provincial/<Table>.parquet say. Twice is once.

    A row that is the same already is not touched, so its UpdatedOn and place stay. What another province left (another
    seed or scale in state.json) is emptied first: merged, the two would count as one. Raises FileNotFoundError when a
    table's file is missing: a state is whole or it is none.
    """
    files = {table: folder / "provincial" / f"{table}.parquet" for table in TABLES}
    missing = [file.name for file in files.values() if not file.is_file()]
    if missing:
        raise FileNotFoundError(f"{folder / 'provincial'} lacks {', '.join(missing)}: generate the province first")
    with psycopg.connect(url) as connection:
        connection.execute(_SCHEMA.read_bytes())
        _empty_of_another(connection, folder / "state.json")
        _set_clock(connection, folder / "state.json")
        changed = [table for table, file in files.items() if _load_table(connection, table, file)]
    with psycopg.connect(url, autocommit=True) as connection:
        for table in changed:
            # Without it the first reading would be planned for empty tables.
            connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(table)))


def _empty_of_another(connection: psycopg.Connection, state: Path) -> None:
    if not state.is_file():
        return
    province = {name: value for name, value in json.loads(state.read_text(encoding="utf-8")).items() if name != "at"}
    sha256 = hashlib.sha256(json.dumps(province, sort_keys=True).encode()).hexdigest()
    entry = ("(tỉnh)", sha256)
    if connection.execute('select 1 from "TrangThaiNap" where "Bang" = %s and "Sha256" = %s', entry).fetchone():
        return
    emptied = sql.SQL(", ").join(map(sql.Identifier, [*TABLES, "TrangThaiNap"]))
    connection.execute(sql.SQL("truncate {}").format(emptied))
    connection.execute('insert into "TrangThaiNap" values (%s, %s)', entry)


def _set_clock(connection: psycopg.Connection, state: Path) -> None:
    """The clock its readers see stands at the instant of the state: a list of 2023 is not one of today.

    The reading login looks into this schema before PostgreSQL's own (database.py).
    """
    if not state.is_file():
        return
    at = sql.Literal(json.loads(state.read_text(encoding="utf-8"))["at"])
    clock = sql.Identifier(CLOCK)
    connection.execute(sql.SQL("create schema if not exists {}").format(clock))
    connection.execute(sql.SQL("grant usage on schema {} to public").format(clock))
    connection.execute(
        sql.SQL(
            "create or replace function {}.transaction_timestamp() returns timestamptz language sql stable"
            " return {}::timestamptz"
        ).format(clock, at)
    )


def _load_table(connection: psycopg.Connection, table: str, file: Path) -> bool:
    """Whether there was anything to do."""
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    if connection.execute(
        'select 1 from "TrangThaiNap" where "Bang" = %s and "Sha256" = %s', (table, sha256)
    ).fetchone():
        return False
    key, stamped = TABLES[table]
    names = list(pl.read_parquet_schema(file))
    target = sql.Identifier(table)
    first = connection.execute(sql.SQL("select 1 from {} limit 1").format(target)).fetchone() is None
    if first:
        _copy_file(connection, target, names, file)
    else:
        staged = sql.Identifier("moi_" + table)
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        connection.execute(
            sql.SQL("create temp table {} on commit drop as select {} from {} limit 0").format(staged, columns, target)
        )
        _copy_file(connection, staged, names, file)
        _merge(connection, target, staged, names, key)
        if not stamped:
            _delete_gone(connection, target, staged, key)
    if stamped:
        connection.execute(
            # After the first filling: an index kept up while it grows costs half as much again.
            sql.SQL("create index if not exists {} on {} ({})").format(
                sql.Identifier(f"IX_{table}_UpdatedOn"),
                target,
                sql.SQL(", ").join(map(sql.Identifier, ("UpdatedOn", *key))),
            )
        )
    connection.execute(
        'insert into "TrangThaiNap" values (%s, %s) on conflict ("Bang") do update set "Sha256" = excluded."Sha256"',
        (table, sha256),
    )
    return True


def _copy_file(connection: psycopg.Connection, target: sql.Identifier, names: list[str], file: Path) -> None:
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        target, sql.SQL(", ").join(map(sql.Identifier, names))
    )
    rows = pl.read_parquet(file)
    with connection.cursor().copy(statement) as copy:
        for part in rows.iter_slices(_ROWS_AT_ONCE):
            text = io.BytesIO()
            part.write_csv(text, include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.f")
            copy.write(text.getbuffer())


def _merge(
    connection: psycopg.Connection,
    target: sql.Identifier,
    staged: sql.Identifier,
    names: list[str],
    key: tuple[str, ...],
) -> None:
    rest = [name for name in names if name not in key]
    listed = sql.SQL(", ").join
    connection.execute(
        sql.SQL(
            "insert into {target} as held ({names}) select {names} from {staged} on conflict ({key}) do update set {set}"
            " where ({old}) is distinct from ({new})"
        ).format(
            target=target,
            names=listed(map(sql.Identifier, names)),
            staged=staged,
            key=listed(map(sql.Identifier, key)),
            set=listed(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in rest),
            old=listed(sql.Identifier("held", name) for name in rest),
            new=listed(sql.Identifier("excluded", name) for name in rest),
        )
    )


def _delete_gone(
    connection: psycopg.Connection, target: sql.Identifier, staged: sql.Identifier, key: tuple[str, ...]
) -> None:
    same = sql.SQL(" and ").join(sql.SQL("moi.{0} = held.{0}").format(sql.Identifier(name)) for name in key)
    connection.execute(
        sql.SQL("delete from {} as held where not exists (select 1 from {} as moi where {})").format(
            target, staged, same
        )
    )
