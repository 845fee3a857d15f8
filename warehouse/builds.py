"""Builds of the models as the ledger has them: whether one may go on from the last, its beginning, its end.

Belongs here: these questions and rows. Does not: building (orchestration), or what a build reads (the caller says).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import psycopg

from warehouse.contents import Table, contents_of
from warehouse.database import Database
from warehouse.fault_points import reached
from warehouse.left_tables import leave, touched_since, watch

#: Columns of small tables that move on from run to run. What depends on them is touched for it (int_code__touched).
INSTANTS = ("as_of", "day_before_as_of")


def instants_of(table: Table) -> Table:
    """The name by which a small table stands among what a build reads with its instants; without them it has its own."""
    return table[0], f"{table[1]} (instants)"


@dataclass(frozen=True, slots=True)
class Left:
    """What the build that another goes on from left: its number (None: there is none), its tables and the rows in each."""

    build_id: int | None
    tables: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Build:
    """A build that began. `because` says why it is made whole; None: it goes on from the last one.

    `changed` names what it reads (schema, name) that is otherwise than the last build read it, when it goes on, and
    `before` is that build.
    """

    build_id: int
    because: str | None
    changed: frozenset[Table]
    before: Left


def newest_lists(database: Database, streams: Sequence[tuple[str, str]]) -> list[str]:
    """The bytes that stand as the newest of each whole list (source, stream), by hash."""
    with database.connect("motcua_loader") as connection:
        rows = connection.execute(
            "select distinct on (source, stream) source || '.' || stream || '=' || file_sha256 from audit.delivery"
            " where retracted_at is null and (source, stream) in (select * from unnest(%s::text[], %s::text[]))"
            " order by source, stream, version desc, file_sha256 desc",
            ([source for source, _ in streams], [stream for _, stream in streams]),
        ).fetchall()
    return [str(row[0]) for row in rows]


def delivering_streams(database: Database) -> list[str]:
    """Streams of which anything stands: what is not there yet may be what others are compared with."""
    with database.connect("motcua_loader") as connection:
        rows = connection.execute(
            "select distinct source || '.' || stream as delivering from audit.delivery where retracted_at is null"
            " order by delivering"
        ).fetchall()
    return [str(row[0]) for row in rows]


def inputs_of(database: Database, small: Sequence[Table]) -> dict[str, str]:
    """What a build reads, by name of table: the hash of each small table without its instants, and under another name with
    them (`instants_of`); for raw tables that of their deliveries.

    Of a stream's deliveries it is what they are and in which order they stand: reading a list again moves its version
    and says nothing new, unless another stood before it. The table of all of them is otherwise then all the same.
    """
    with database.connect("motcua_loader") as connection:
        rows = connection.execute(
            "select 'raw.' || source || '__' || stream, encode(sha256(convert_to("
            " string_agg(row(delivery_id, file_sha256, stated, place)::text, E'\n' order by delivery_id), 'UTF8')), 'hex')"
            " from (select delivery_id, source, stream, file_sha256,"
            " case when version_rule <> 'reading' then version end as stated,"
            " row_number() over (partition by source, stream order by version desc, file_sha256 desc, delivery_id) as place"
            " from audit.delivery where retracted_at is null) as standing group by source, stream"
        ).fetchall()
        [(every,)] = connection.execute(
            "select encode(sha256(convert_to(coalesce("
            " string_agg(row(delivery_id, version, retracted_at)::text, E'\n' order by delivery_id), ''), 'UTF8')), 'hex')"
            " from audit.delivery"
        ).fetchall()
        return (
            {"audit.delivery": str(every), **{str(name): str(digest) for name, digest in rows}}
            | {".".join(table): contents_of(connection, [table], INSTANTS) for table in small}
            | {".".join(instants_of(table)): contents_of(connection, [table]) for table in small}
        )


def open_build(database: Database, run_id: UUID, basis: str, inputs: Mapping[str, str]) -> Build:
    """Puts a build on record before it begins, and decides whether it goes on from the last one.

    It does when that one ended, was of the same basis, each delivery it was made of stands as it stood, no as-of instant
    lies before its own, and its tables are as it left them. Anything else is built whole: slower, and the same.
    """
    with database.connect("motcua_loader") as connection:
        last = connection.execute(
            "select build_id, basis, standing, upto_delivery, ended_at, ended_in::xid::text, tables,"
            " coalesce(inputs, '{}') from audit.build order by build_id desc limit 1"
        ).fetchone()
        before: Mapping[str, str] = {}
        if last is None:
            because: str | None = "nothing was built before"
            last_id, tables = None, {}
        else:
            last_id, held, standing, upto, ended_at, ended_in, tables, before = last
            because = (
                ("the build before did not end" if ended_at is None else None)
                or ("the models, the deployment or a list they read changed" if held != basis else None)
                or ("a delivery was withdrawn or restored" if standing_at(connection, upto) != standing else None)
                or _moved_back(connection, last_id)
                or _unnoted(connection)
                or touched_since(database, connection, last_id, ended_in, tables)
            )
        build_id = _opened(connection, run_id, basis, inputs, because)
        reached("transform.build_opened")
        changed = {name for name in {*inputs, *before} if inputs.get(name) != before.get(name)}
        goes_on = Left(last_id, tables) if because is None else Left(None, {})
        return Build(build_id, because, frozenset(_named(name) for name in changed), goes_on)


def _named(table: str) -> Table:
    schema, _, name = table.partition(".")
    return schema, name


def _opened(
    connection: psycopg.Connection, run_id: UUID, basis: str, inputs: Mapping[str, str], because: str | None
) -> int:
    [(upto,)] = connection.execute("select coalesce(max(delivery_id), 0) from audit.delivery").fetchall()
    [(build_id,)] = connection.execute(
        "insert into audit.build (run_id, basis, inputs, standing, upto_delivery, as_whole, because)"
        " values (%s, %s, %s, %s, %s, %s, %s) returning build_id",
        (run_id, basis, json.dumps(inputs), standing_at(connection, upto), upto, because is not None, because),
    ).fetchall()
    connection.execute(
        "insert into audit.build_as_of select %s, jurisdiction, as_of from reference.jurisdiction", (build_id,)
    )
    return int(build_id)


def _moved_back(connection: psycopg.Connection, build_id: int) -> str | None:
    back = connection.execute(
        "select from audit.build_as_of as kept"
        " inner join reference.jurisdiction as now on now.jurisdiction = kept.jurisdiction"
        " where kept.build_id = %s and now.as_of < kept.as_of",
        (build_id,),
    ).fetchone()
    return None if back is None else "an as-of instant moved back"


def _unnoted(connection: psycopg.Connection) -> str | None:
    """Builds of an earlier version did not note their SQL; what a build leaves alone would stay without."""
    noted = connection.execute("select from audit.model_made limit 1").fetchone()
    return None if noted is not None else "the SQL of the models is not on record"


def standing_at(connection: psycopg.Connection, upto: int, at: datetime | None = None) -> str:
    """SHA-256 over the deliveries that stand, up to one of them; or that stood at an instant, as the ledger has it today.

    Reading a list again moves its version and not what it says; lists that models read are part of the basis.
    """
    [(standing,)] = connection.execute(
        "select encode(sha256(convert_to(coalesce(string_agg(row(delivery_id, source, stream, file_sha256,"
        " case when version_rule <> 'reading' then version end)::text, E'\\n' order by delivery_id), ''), 'UTF8')), 'hex')"
        " from audit.delivery where delivery_id <= %s and (retracted_at is null or retracted_at > %s)",
        (upto, at),
    ).fetchall()
    return str(standing)


@dataclass(frozen=True, slots=True)
class ModelText:
    """One model as it was built: its SQL, what it and its columns mean, the models it reads."""

    model: str
    sql: str
    meaning: str
    columns: Mapping[str, str]
    reads: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Of all of it."""
        told = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def _note_texts(connection: psycopg.Connection, run_id: UUID, texts: Sequence[ModelText]) -> None:
    """Keeps each wording once, and for which run it is new: nothing is written where all is as it was."""
    rows = [(t.sha256, t.model, t.sql, t.meaning, json.dumps(t.columns), list(t.reads)) for t in texts]
    held = {row[0] for row in connection.execute("select sha256 from audit.model_text").fetchall()}
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into audit.model_text (sha256, model, sql, meaning, columns, reads) values (%s, %s, %s, %s, %s, %s)",
            [row for row in rows if row[0] not in held],
        )
    connection.execute(
        "insert into audit.model_made (run_id, model, sha256)"
        " select %(run)s, told.model, told.sha256 from unnest(%(models)s::text[], %(hashes)s::text[]) as told (model, sha256)"
        " left join (select distinct on (m.model) m.model, m.sha256 from audit.model_made as m"
        " inner join audit.run as r on r.run_id = m.run_id order by m.model, r.run_number desc) as last"
        " on last.model = told.model where last.sha256 is distinct from told.sha256"
        " on conflict (run_id, model) do nothing",
        {"run": run_id, "models": [text.model for text in texts], "hashes": [text.sha256 for text in texts]},
    )


def close_build(
    database: Database, build: Build, run_id: UUID, texts: Sequence[ModelText], invocation: Mapping[str, str]
) -> dict[str, int]:
    """Every model was made and every test of its rows held; `texts` are the models that were made, `invocation` says by
    which invocation of dbt (empty: nothing had to be made).

    Gives the rows of each table of the transformation, by schema and name.
    """
    watch(database)
    with database.connect("motcua_loader") as connection:
        # Younger than every row of the build: its number is drawn when all of them are there.
        connection.execute("select pg_current_xact_id()")
        tables = leave(database, connection, build.build_id, build.before.build_id, build.before.tables)
        connection.execute(
            "update audit.build set ended_at = clock_timestamp(), ended_in = pg_current_xact_id(), tables = %s, dbt = %s"
            " where build_id = %s",
            (json.dumps(tables), json.dumps(dict(invocation)) if invocation else None, build.build_id),
        )
        _note_texts(connection, run_id, texts)
        reached("transform.build_closed")
    return tables


@dataclass(frozen=True, slots=True)
class ReleaseTexts:
    """The models that made a release: the project's SHA-256, and the SQL of each by name."""

    project: str
    sql: Mapping[str, str]


def texts_of_release(database: Database, release: int) -> ReleaseTexts | None:
    """What is on record of the models of a release, of a rollback those of the release it restores; None: nothing is."""
    with database.connect("motcua_inspector") as connection:
        made = connection.execute(
            "select p.program ->> 'dbt_project_sha256', r.run_number from release.release as asked"
            " left join release.release as restored on restored.release_id = asked.restores"
            " inner join audit.run as r on r.run_id = coalesce(restored.run_id, asked.run_id)"
            " inner join audit.run_program as p on p.run_id = r.run_id where asked.release_id = %s",
            (release,),
        ).fetchone()
        if made is None:
            return None
        rows = connection.execute(
            "select distinct on (m.model) m.model, t.sql from audit.model_made as m"
            " inner join audit.model_text as t on t.sha256 = m.sha256 inner join audit.run as r on r.run_id = m.run_id"
            " where r.run_number <= %s order by m.model, r.run_number desc",
            (made[1],),
        ).fetchall()
    return ReleaseTexts(str(made[0]), dict(rows))
