"""Column lineage of the models themselves, held against the database: it is complete, and what it says happens.

Belongs here: what PostgreSQL says of columns (its catalogue, what a view depends on, what changes when a source is emptied),
columns worked by hand, the command and the function. Does not: kinds of SQL (tests/unit/test_column_lineage.py).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from orchestration import dbt_project
from orchestration.dbt_project import Prepared, prepare
from orchestration.keeping_lineage import keep_column_lineage
from orchestration.session import NoProgress, Session
from tests.conftest import Deployed

Edge = tuple[str, str, str, str | None, str | None, str | None, str]
_EDGES = "select model_schema, model, column_name, source_schema, source_table, source_column, kind from audit.column_lineage"


@pytest.fixture(scope="module")
def edges(sample: Deployed) -> list[Edge]:
    return sample.ask(_EDGES)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def manifest(sample: Deployed) -> dict[str, Any]:
    return prepare(sample.settings).manifest


def test_every_column_of_every_model_has_a_source_or_is_a_constant(
    sample: Deployed, edges: list[Edge], manifest: dict[str, Any]
) -> None:
    """Of the published ones the contract says which there are, of all of them the database does."""
    told = {(schema, model, column) for schema, model, column, *_ in edges}
    contracted = {
        ("marts", mart.name, column.name)
        for mart in dbt_project.declared_marts(prepare(sample.settings))
        for column in mart.columns
    }
    assert contracted == {place for place in told if place[0] == "marts"}
    models = [(node["schema"], node["name"]) for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    held = sample.ask(
        "select n.nspname, c.relname, a.attname from pg_attribute as a inner join pg_class as c on c.oid = a.attrelid"
        " inner join pg_namespace as n on n.oid = c.relnamespace where a.attnum > 0 and not a.attisdropped"
        " and (n.nspname, c.relname) in (select * from unnest(%s::text[], %s::text[]))",
        [schema for schema, _ in models],
        [name for _, name in models],
    )
    assert {("marts" if schema == "candidate" else schema, name, column) for schema, name, column in held} == told


def test_every_source_is_in_the_database_and_what_is_unchanged_keeps_its_type(
    sample: Deployed, edges: list[Edge]
) -> None:
    types = {
        (schema, table, column): kind
        for schema, table, column, kind in sample.ask(
            "select table_schema, table_name, column_name, data_type from information_schema.columns"
        )
    }
    tables = {place[:2] for place in types}
    named = {
        (schema, table, column) for _, _, _, schema, table, column, kind in edges if kind in {"unchanged", "computed"}
    }
    assert named - set(types) == set()
    assert {(schema, table) for _, _, _, schema, table, _, kind in edges if kind == "rows"} - tables == set()
    for schema, model, column, *source, kind in edges:
        if kind == "unchanged":
            assert types[schema, model, column] == types[tuple(source)], (model, column)  # type: ignore[index]
    # Candidates have what is published of them.
    assert {place for place in types if place[0] == "candidate"} >= {
        ("candidate", *place[1:]) for place in named if place[0] == "marts"
    }


def _texts(deployed: Deployed) -> dict[str, str]:
    """What each model was built with; the sample was built whole."""
    return dict(deployed.ask("select model, sql from audit.model_text"))


def test_postgresql_depends_on_every_column_that_is_named(
    sample: Deployed, edges: list[Edge], manifest: dict[str, Any]
) -> None:
    """A view of each model's SQL depends, by PostgreSQL's own account, on all that its columns are said to be made of."""
    texts = _texts(sample)
    assert set(texts) == {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    with sample.database.connect() as connection:
        connection.execute("create schema looked_at")
        for name, text in texts.items():
            view = sql.Identifier("looked_at", name)
            connection.execute(sql.SQL("create view {} as ").format(view) + sql.SQL(text))  # type: ignore[arg-type]
        rows = connection.execute(
            "select v.relname, case n.nspname when 'candidate' then 'marts' else n.nspname end, t.relname, a.attname"
            " from pg_depend as d inner join pg_rewrite as r on r.oid = d.objid inner join pg_class as v on v.oid = r.ev_class"
            " inner join pg_class as t on t.oid = d.refobjid inner join pg_namespace as n on n.oid = t.relnamespace"
            " left join pg_attribute as a on a.attrelid = t.oid and a.attnum = d.refobjsubid and a.attnum > 0"
            " where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass"
            " and v.relnamespace = 'looked_at'::regnamespace and t.oid <> v.oid"
        ).fetchall()
        connection.rollback()
    columns = set(rows)
    tables = {row[:3] for row in rows}
    for _, model, _, schema, table, column, kind in edges:
        if kind == "rows":
            assert (model, schema, table) in tables
        elif kind != "constant":
            assert (model, schema, table, column) in columns


@contextmanager
def _emptied(connection: psycopg.Connection, schema: str, table: str, column: str) -> Iterator[None]:
    """While it lasts, a temporary table of the same name holds the same rows without the values of one column."""
    kind = connection.execute(
        "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = %s::regclass and attname = %s",
        (f"{schema}.{table}", column),
    ).fetchone()
    assert kind is not None
    emptied = sql.Identifier("pg_temp", table)
    connection.execute(
        sql.SQL("create temporary table {} as select * from {}").format(
            sql.Identifier(table), sql.Identifier(schema, table)
        )
    )
    connection.execute(sql.SQL("update {} set {} = null").format(emptied, sql.Identifier(column)))
    yield
    connection.execute(sql.SQL("drop table {}").format(emptied))


def _contents(connection: psycopg.Connection, text: str, columns: list[str]) -> tuple[int, dict[str, str]]:
    """Rows of a query, and of each column its values whatever their order."""
    digests = [
        sql.SQL("md5(string_agg({0}::text, '|' order by {0}::text))").format(sql.Identifier(name)) for name in columns
    ]
    query = sql.SQL("select count(*), {} from ({}) as q").format(sql.SQL(", ").join(digests), sql.SQL(text))  # type: ignore[arg-type]
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0], dict(zip(columns, row[1:], strict=True))


#: A model, the table whose columns are emptied one by one, and those of them by which it joins or chooses rows.
EMPTIED = [
    ("stg_boston311__case", "raw", "boston311__case", set[str]()),
    ("fct_dossier", "intermediate", "int_dossier__current", {"dossier_key", "jurisdiction", "dossier_code"}),
    ("fct_dossier_verdict", "intermediate", "int_dossier__judged", {"dossier_key"}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "schema", "table", "by"), EMPTIED, ids=[model for model, *_ in EMPTIED])
def test_what_changes_when_a_source_is_emptied_is_what_is_made_of_it(
    sample: Deployed, edges: list[Edge], model: str, schema: str, table: str, by: set[str]
) -> None:
    text = _texts(sample)[model].replace(f'"{sample.database.name}"."{schema}"."{table}"', f"{table}")
    assert f"from {table}" in text or f"join {table}" in text
    columns = sorted({edge[2] for edge in edges if edge[1] == model})
    tried = set()
    with sample.database.connect() as connection:
        connection.execute(sql.SQL("set local search_path = pg_temp, {}").format(sql.Identifier(schema)))
        rows, before = _contents(connection, text, columns)
        assert rows > 2000
        names = connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            (f"{schema}.{table}",),
        ).fetchall()
        for (name,) in names:
            if name in by:
                continue
            with _emptied(connection, schema, table, name):
                found, after = _contents(connection, text, columns)
            assert found == rows, name
            changed = {column for column in columns if after[column] != before[column]}
            made_of_it = {e[2]: e[6] for e in edges if e[1] == model and e[3:6] == (schema, table, name)}
            assert changed <= set(made_of_it), name
            for column, kind in made_of_it.items():
                if kind == "unchanged" and before[column] is not None:
                    assert column in changed, (name, column)
            tried |= changed
        connection.rollback()
    assert len(tried) >= 4


#: Worked by hand from the models' text: what each is directly made of, `=` where it is passed on.
BY_HAND = {
    ("stg_provincial__supplement", "due_after"): {"=raw.provincial__supplement.ngayhentramoi"},
    ("fct_dossier", "due_at"): {"=intermediate.int_dossier__current.due_at"},
    ("fct_dossier", "unit_key"): {
        "intermediate.int_dossier__current.jurisdiction", "intermediate.int_dossier__current.unit_code",
    },
    ("fct_dossier", "paused_minutes"): {
        "intermediate.int_dossier__working_time.payment_minutes", "intermediate.int_dossier__working_time.stopped_minutes",
    },
    ("fct_dossier", "supplement_requests"): {"intermediate.int_dossier__waiting.waits_for"},
    ("fct_dossier", "recomputed_due_at"): {"=intermediate.int_dossier__due.due_at"},
    ("fct_dossier", "state"): {
        "intermediate.int_dossier__current.received_at", "intermediate.int_dossier__current.closed_otherwise_at",
        "intermediate.int_dossier__current.resolved_at", "reference.jurisdiction.as_of",
    },
    ("fct_dossier_verdict", "dossier_verdict_key"): {
        "marts.fct_dossier.dossier_key", "intermediate.int_dossier__judged.policy",
    },
    ("fct_dossier_verdict", "verdict"): {
        "marts.fct_dossier.received_at", "reference.jurisdiction.as_of", "reference.jurisdiction.zone",
        *(f"intermediate.int_dossier__judged.{name}" for name in (
            "closed_otherwise_at", "resolved_at", "resolution", "exceeded_at", "due_at", "missing_due", "compares", "due_on",
        )),
    },
    ("dim_date", "date_day"): {"intermediate.int_dossier__current.received_on", "reference.jurisdiction.as_of"},
    ("int_record__gathered", "system"): {"a constant"},
}  # fmt: skip


def test_columns_worked_by_hand(edges: list[Edge]) -> None:
    for (model, column), expected in BY_HAND.items():
        told = {
            "a constant" if kind == "constant" else ("=" if kind == "unchanged" else "") + ".".join(map(str, source))
            for _, name, of, *source, kind in edges
            if (name, of) == (model, column)
        }
        assert told == expected, (model, column)


#: The raw fields in which a due date may begin: what was promised at first, what came after, in each system.
DUE_AT = {
    ("boston311__case", "target_dt"), ("one_stop__csv", "due_at"), ("one_stop__unicode_text", "due_at"),
    ("one_stop__workbook", "due_at"), ("portal__dossier", "ngayhentra"), ("provincial__dossier", "ngayhentra"),
    ("provincial__dossier", "ngayhentrabandau"), ("provincial__draft", "ngayhentramoi"), ("provincial__draft", "ngaygui"),
    ("provincial__supplement", "ngaytiepnhanbosung"), ("provincial__supplement", "ngayhentramoi"),
}  # fmt: skip


def test_an_inspector_follows_a_column_both_ways_in_sql(sample: Deployed) -> None:
    up = "select distinct source_table, source_column from audit.lineage_of(%s, %s) where source_schema = 'raw'"
    for table in ("fct_dossier", "marts.fct_dossier"):
        assert set(sample.ask(up, table, "due_at", role="motcua_inspector")) == DUE_AT
    for table, column in DUE_AT:
        down = sample.ask(
            "select model, column_name from audit.lineage_of(%s, %s, true) where model_schema = 'marts'",
            f"raw.{table}", column, role="motcua_inspector",
        )  # fmt: skip
        assert ("fct_dossier", "due_at") in down and ("rpt_late_dossier", "due_at") in down
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sample.ask(up, "fct_dossier", "due_at", role="motcua_bi")


def test_the_command_shows_the_way_to_the_fields_of_the_sources(
    sample: Deployed, motcua: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    on = ("--database", sample.database.name)
    tree = motcua("lineage", "fct_dossier.due_at", *on).stdout
    assert tree.splitlines()[0] == "marts.fct_dossier.due_at"
    assert "unchanged: raw.boston311__case.target_dt  ← TARGET_DT in files cases.csv (boston311.case)" in tree
    assert "← NgayHenTra of table HoSos (provincial.dossier)" in tree
    assert "NgayHenTra of service LayDanhSachHoSo (portal.dossier)" in tree
    down = motcua("lineage", "raw.boston311__case.target_dt", "--down", "--language", "vi", *on).stdout
    assert "giữ nguyên trong: marts.fct_dossier.due_at" in down
    rows = json.loads(motcua("lineage", "marts.fct_dossier.due_at", "--format", "json", *on).stdout)
    assert {tuple(row["source"].split(".")[1:]) for row in rows if row["source"].startswith("raw.")} == DUE_AT
    assert all(row["field"] for row in rows if row["source"].startswith("raw."))
    for asked, said in (
        ("fct_dossier.nothing", "there are"),
        ("nowhere.at_all", "on record"),
        ("due_at", "TABLE.COLUMN"),
    ):
        refused = motcua("lineage", asked, *on)
        assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr


def test_a_project_that_is_as_it_was_costs_one_look_up(copy_of_sample: Deployed, tmp_path: Path) -> None:
    """Nothing to find it from: no file of an earlier finding, and a manifest of nothing."""
    project = dbt_project.fingerprint(copy_of_sample.settings)
    [(run_id,)] = copy_of_sample.ask("select run_id from audit.run limit 1")
    session = Session(copy_of_sample.settings, copy_of_sample.database, run_id, NoProgress())
    nothing = Prepared(tmp_path, {"nodes": {}})
    keep_column_lineage(session, nothing, {})
    assert copy_of_sample.ask("select project from audit.project_lineage") == [(project,)]
    assert list(tmp_path.iterdir()) == []
    # And another database of the same home has it from the file; what is compiled says the same as what was built.
    held = sorted(copy_of_sample.ask(_EDGES), key=str)
    copy_of_sample.do(
        "alter table audit.column_lineage disable trigger all; alter table audit.project_lineage disable trigger all"
    )
    for target in (prepare(copy_of_sample.settings).target, tmp_path):
        copy_of_sample.do("truncate audit.column_lineage, audit.project_lineage")
        there = replace(prepare(copy_of_sample.settings), target=target)
        if target == tmp_path:
            (tmp_path / dbt_project.GRAPH).write_bytes(
                (prepare(copy_of_sample.settings).target / dbt_project.GRAPH).read_bytes()
            )
        keep_column_lineage(session, there, {})
        assert sorted(copy_of_sample.ask(_EDGES), key=str) == held


def test_the_lineage_of_a_project_is_never_rewritten(copy_of_sample: Deployed) -> None:
    for table in ("audit.column_lineage", "audit.project_lineage"):
        for act in (f"delete from {table}", f"update {table} set method = '2'", f"truncate {table} cascade"):
            with pytest.raises(psycopg.Error):
                copy_of_sample.do(act, role="motcua_owner")
