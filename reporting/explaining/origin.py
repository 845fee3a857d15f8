"""What made a release and judged it: its run, program, checks, and the SQL of the models behind a figure.

Belongs here: reading that from the ledger. Does not: whether a verdict was right (the database derives it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row

from reporting.explaining.model import Check, Release, Statement

_RELEASE = (
    "select r.release_id, r.kind, r.restores, r.created_at, r.content_sha256, r.run_id, r.warnings,"
    " r.release_id = (select release_id from release.pointer) as is_published"
    " from release.release as r where r.release_id = %s"
)
#: What was built last before or in a run, model by model: what a run left alone was made by an earlier one.
_MADE = """
    with recursive made as (
        select distinct on (m.model) m.model, m.sha256, t.sql, t.meaning, t.columns, t.reads
        from audit.model_made as m
        inner join audit.model_text as t on t.sha256 = m.sha256
        inner join audit.run as r on r.run_id = m.run_id
        where r.run_number <= (select run_number from audit.run where run_id = %(run)s)
        order by m.model, r.run_number desc
    ),
    behind as (
        select made.model, 0 as steps, made.reads from made where made.model = %(model)s
        union
        select made.model, behind.steps + 1, made.reads
        from behind inner join made on made.model = any(behind.reads)
        -- Up to the facts of dossiers, where a figure's dossiers are found; what is behind them is each row's own story.
        where not exists (
            select from unnest(%(facts)s::text[]) as facts (names) where behind.model like facts.names
        )
    )
    select
        made.model, encode(sha256(convert_to(made.sql, 'UTF8')), 'hex') as sha256, made.sql, made.meaning, made.columns,
        made.reads
    from made inner join (select model, min(steps) as steps from behind group by model) as b on b.model = made.model
    order by b.steps, made.model collate "C"
"""

#: Beyond these the way back is not followed.
_FACTS = ["dim\\_%", "int\\_dossier\\_\\_%", "fct\\_dossier%", "fct\\_catalogue%", "fct\\_decision%", "%\\_\\_touched"]


def release_read(connection: psycopg.Connection, release_id: int) -> tuple[Release, Any]:
    """A release, and the id of the run whose build it holds: a rollback's is that of the release it restores."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_RELEASE, (release_id,)).fetchone()
        assert row is not None
        of_build = row
        while of_build["restores"] is not None:
            following = cursor.execute(_RELEASE, (of_build["restores"],)).fetchone()
            assert following is not None
            of_build = following
    told = Release(
        row["release_id"], row["kind"], row["restores"], row["created_at"], row["content_sha256"], row["is_published"],
        tuple(str(warning) for warning in row["warnings"] or ()),
    )  # fmt: skip
    return told, of_build["run_id"]


def checks_of(connection: psycopg.Connection, run_id: Any) -> tuple[Check, ...]:
    """What the gate asked of a run and was told."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            'select name, succeeded, message from release.check_result where run_id = %s order by name collate "C"',
            (run_id,),
        ).fetchall()
    return tuple(Check(**row) for row in rows)


def made_by(connection: psycopg.Connection, run_id: Any, model: str) -> tuple[tuple[Statement, ...], Mapping[str, str]]:
    """The SQL of a model and of those between it and the facts, nearest first, and what the model's columns meant then.

    Of a build that did not note it there is no SQL, and what the columns of the published table mean today.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_MADE, {"run": run_id, "model": model, "facts": _FACTS}).fetchall()
    statements = tuple(
        Statement(row["model"], row["sql"], row["sha256"], row["meaning"], tuple(row["reads"])) for row in rows
    )
    if rows:
        return statements, rows[0]["columns"]
    meanings = connection.execute(
        "select a.attname, col_description(a.attrelid, a.attnum) from pg_attribute as a"
        " where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped",
        (f"marts.{model}",),
    ).fetchall()
    return statements, {name: meaning for name, meaning in meanings if meaning}
