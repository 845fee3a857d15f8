"""What the ledger knows of a release for its manifest, the rows it published as they were hashed, and manifests kept.

Belongs here: reading that and keeping what was signed. Does not: signing, or the form of manifests and packs
(reporting/evidence).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from warehouse.builds import standing_at
from warehouse.database import Database
from warehouse.fault_points import reached

#: So many rows come from the server at a time.
_AT_ONCE = 5_000


def passed_releases(connection: psycopg.Connection, upto: int) -> list[int]:
    """The releases that passed, oldest first, up to one of them."""
    rows = connection.execute(
        "select release_id from release.release where verdict = 'pass' and release_id <= %s order by release_id",
        (upto,),
    ).fetchall()
    return [int(row[0]) for row in rows]


def kept_manifests(connection: psycopg.Connection, upto: int) -> dict[int, bytes]:
    """The manifests that are kept, by release."""
    rows = connection.execute(
        "select release_id, envelope from release.manifest where release_id <= %s order by release_id", (upto,)
    ).fetchall()
    return {int(release_id): str(envelope).encode() for release_id, envelope in rows}


def keep_manifest(database: Database, release_id: int, envelope: bytes) -> bytes:
    """Keeps a release's manifest for good, and gives the one that stands: another program may have been first."""
    with database.connect("motcua_publisher") as connection:
        [(standing,)] = connection.execute(
            "select release.keep_manifest(%s, %s)", (release_id, envelope.decode())
        ).fetchall()
        reached("evidence.manifest_kept")
    return str(standing).encode()


def contents_on_record(connection: psycopg.Connection, release_id: int) -> dict[str, dict[str, Any]]:
    """The tables of a release: for each its columns, rows and hash, as noted when it was published."""
    [(content,)] = connection.execute(
        "select content from release.release where release_id = %s", (release_id,)
    ).fetchall()
    return dict(content)


def row_texts(connection: psycopg.Connection, table: str, columns: Sequence[str]) -> Iterator[str]:
    """Each row of a table as the text that its hash is of (release.content_of), in the order of these texts.

    On a connection in a transaction, in which tables named without a schema are those of the wanted release.
    """
    # How content_of lets dates, numbers and bytes be written.
    connection.execute(
        "set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local extra_float_digits = 1;"
        " set local bytea_output = 'hex'; set local work_mem = '128MB'"
    )
    query = sql.SQL(
        'select told from (select row({})::text as told from {} as t) as rows order by told collate "C"'
    ).format(sql.SQL(", ").join(sql.Identifier("t", column) for column in columns), sql.Identifier(table))
    with connection.cursor(f"rows_{uuid4().hex}") as cursor:
        cursor.itersize = _AT_ONCE
        for (told,) in cursor.execute(query):
            yield str(told)


def facts_of(connection: psycopg.Connection, release_id: int) -> dict[str, Any]:
    """What a manifest says of a release beside its tables: who published it and when, the run, what it was built of and
    by what, and what every check said of it. Of a rollback these are of the release whose contents came back.
    """
    release = _one(
        connection,
        "select release_id as id, kind, restores, created_at, created_by, because, asked_by, content_sha256, warnings"
        " from release.release where release_id = %s",
        release_id,
    )
    judged = _judged_run(connection, release_id)
    build = _build(connection, judged)
    return {
        "release": release,
        "run": _one(
            connection,
            "select run.run_id::text, run.deployment, run.started_at, run.dagster_run_id,"
            " encode(sha256(convert_to(run.configuration::text, 'UTF8')), 'hex') as configuration_sha256"
            " from audit.run as run inner join release.release as made on made.run_id = run.run_id"
            " where made.release_id = %s",
            release_id,
        ),
        "built": build,
        "inputs": _inputs(connection, build),
        "checked_in_run": judged,
        "checks": _checks(connection, judged),
    }


def _judged_run(connection: psycopg.Connection, release_id: int) -> str:
    [(run_id,)] = connection.execute(
        "with recursive origin as ("
        " select release_id, run_id, restores from release.release where release_id = %s"
        " union all select r.release_id, r.run_id, r.restores from release.release as r"
        " inner join origin on origin.restores = r.release_id)"
        " select run_id::text from origin where restores is null",
        (release_id,),
    ).fetchall()
    return str(run_id)


def _build(connection: psycopg.Connection, judged: str) -> dict[str, Any] | None:
    """The build that stood when the run sealed its candidates, with the program and dbt's invocation that made it; None where
    none was. A build that had nothing to make left the candidates as the invocation before made them.
    """
    build = _one(
        connection,
        "select build.build_id, build.run_id::text, build.started_at, build.ended_at, build.as_whole, build.because,"
        " build.basis as basis_sha256, build.standing as deliveries_sha256, build.upto_delivery, noted.program, noted.server,"
        " (select made.dbt from audit.build as made where made.build_id <= build.build_id and made.dbt is not null"
        " and made.ended_at is not null order by made.build_id desc limit 1) as dbt"
        " from release.seal as seal inner join audit.build as build on build.ended_at <= seal.sealed_at"
        " left join audit.run_program as noted on noted.run_id = build.run_id"
        " where seal.run_id = %s order by build.build_id desc limit 1",
        judged,
    )
    if build:
        build["as_of"] = dict(
            connection.execute(
                "select jurisdiction, as_of::text from audit.build_as_of where build_id = %s order by jurisdiction",
                (build["build_id"],),
            ).fetchall()
        )
    return build or None


def _inputs(connection: psycopg.Connection, build: dict[str, Any] | None) -> dict[str, Any] | None:
    """The deliveries that stood when the build began. `as_built` is false where the ledger shows others today than the
    build noted: one was withdrawn and restored since.
    """
    if build is None:
        return None
    return {
        "deliveries": _all(
            connection,
            "select delivery_id, source, stream, kind, version, file_name, file_sha256, bytes, rows_read, rows_landed,"
            " rows_quarantined from audit.delivery"
            " where delivery_id <= %s and (retracted_at is null or retracted_at > %s) order by delivery_id",
            build["upto_delivery"], build["started_at"],
        ),
        "as_built": standing_at(connection, build["upto_delivery"], build["started_at"]) == build["deliveries_sha256"],
    }  # fmt: skip


def _checks(connection: psycopg.Connection, judged: str) -> list[dict[str, Any]]:
    return _all(
        connection,
        "select result.name, result.succeeded, result.ran, result.severity, result.message, result.observed,"
        " borne.because as overridden_because, borne.made_for as overridden_for, borne.made_by as overridden_by,"
        " borne.made_at as overridden_at from release.check_result as result"
        " left join release.check_override as borne on borne.run_id = result.run_id and borne.name = result.name"
        ' where result.run_id = %s order by result.name collate "C"',
        judged,
    )


def _all(connection: psycopg.Connection, query: str, *values: object) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def _one(connection: psycopg.Connection, query: str, *values: object) -> dict[str, Any]:
    """The one row, empty where there is none."""
    return next(iter(_all(connection, query, *values)), {})
