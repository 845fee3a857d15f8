"""A database of the version before becomes one of this version: with its rows, its readers' rights and nothing missing.

Belongs here: the kept schema (upgrade/schema.sql) brought up to date and held against a new database. Does not: the tables
of the models, which follow the manifest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from expectations.suite import required_checks
from tests.conftest import Deployed
from warehouse.migrate import SCHEMA_FILES, migrate

KEPT = Path(__file__).parent / "upgrade" / "schema.sql"
ROOMS = "n.nspname !~ '^(pg_|information_schema)' and n.nspname <> 'public'"
#: What a database is made of, in words that do not depend on when or in which order it was made.
SHAPE = {
    "schemas": f"select n.nspname, n.nspowner::regrole::text, n.nspacl::text from pg_namespace as n where {ROOMS}",
    "relations": "select n.nspname, c.relname, c.relkind, c.relowner::regrole::text, c.relrowsecurity, obj_description(c.oid),"
    " (select array_agg(a::text order by a::text) from unnest(c.relacl) as a) from pg_class as c"
    f" inner join pg_namespace as n on n.oid = c.relnamespace where {ROOMS} and c.relkind in ('r', 'v', 'S')",
    "columns": "select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,"
    " pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), a.attacl::text from pg_attribute as a"
    " inner join pg_class as c on c.oid = a.attrelid inner join pg_namespace as n on n.oid = c.relnamespace"
    " left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum"
    f" where {ROOMS} and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped",
    "constraints": "select n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid) from pg_constraint as k"
    f" inner join pg_class as c on c.oid = k.conrelid inner join pg_namespace as n on n.oid = c.relnamespace where {ROOMS}",
    "indexes": f"select n.nspname, i.indexname, i.indexdef from pg_indexes as i"
    f" inner join pg_namespace as n on n.nspname = i.schemaname where {ROOMS}",
    "functions": "select n.nspname, p.proname, pg_get_functiondef(p.oid), p.proowner::regrole::text,"
    " (select array_agg(a::text order by a::text) from unnest(p.proacl) as a) from pg_proc as p"
    f" inner join pg_namespace as n on n.oid = p.pronamespace where {ROOMS}",
    "triggers": "select n.nspname, c.relname, pg_get_triggerdef(t.oid), t.tgenabled from pg_trigger as t"
    " inner join pg_class as c on c.oid = t.tgrelid inner join pg_namespace as n on n.oid = c.relnamespace"
    f" where {ROOMS} and not t.tgisinternal",
    "policies": "select schemaname, tablename, policyname, roles::text, cmd, qual, with_check from pg_policies",
    "views": f"select n.nspname, v.viewname, v.definition from pg_views as v"
    f" inner join pg_namespace as n on n.nspname = v.schemaname where {ROOMS}",
}


def _shape(deployed: Deployed) -> dict[str, set[tuple[Any, ...]]]:
    return {
        part: {
            tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in deployed.ask(query)
        }
        for part, query in SHAPE.items()
    }


def _of_the_version_before(deployed: Deployed) -> None:
    with deployed.database.connect() as connection:
        connection.execute((SCHEMA_FILES / "010_roles.sql").read_bytes())
        connection.execute(KEPT.read_bytes())


def _migrated(deployed: Deployed) -> None:
    migrate(deployed.database, deployed.settings.all_contracts, required_checks())


def test_an_older_database_becomes_like_a_new_one(empty_database: Deployed, second_database: Deployed) -> None:
    _migrated(second_database)
    _of_the_version_before(empty_database)
    _migrated(empty_database)
    old, new = _shape(empty_database), _shape(second_database)
    differing = {
        part: {"only after an upgrade": old[part] - new[part], "only in a new one": new[part] - old[part]}
        for part in SHAPE
        if old[part] != new[part]
    }
    assert differing == {}
    assert min(len(rows) for part, rows in new.items() if part != "policies") > 1


def test_an_upgrade_keeps_what_is_on_record(empty_database: Deployed) -> None:
    """The rows of a passed and of a refused release, a delivery and its run; and applying it again changes nothing."""
    _of_the_version_before(empty_database)
    run_id = uuid4()
    for statement in (
        "insert into audit.run (run_id, deployment, configuration, outcome) values (%(run)s, 'before', '{}', 'published')",
        "insert into audit.delivery (source, stream, kind, file_sha256, file_name, bytes, version, version_rule, rows_read,"
        " rows_landed, rows_quarantined) values ('s', 't', 'full', repeat('a', 64), 'f', 1, now(), 'file', 3, 2, 1)",
        "insert into release.check_result (run_id, name, succeeded, message, observed)"
        " values (%(run)s, 'known_states', false, '3 violations', '{\"violations\": 3}')",
        "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256)"
        " values (%(run)s, 'publish', 'pass', '{}', '{}', 'x'), (%(run)s, 'publish', 'fail', '{why}', '{}', 'y')",
        "insert into release.pointer (release_id, verdict) values (1, 'pass')",
    ):
        with empty_database.database.connect() as connection:
            connection.execute(statement.encode(), {"run": run_id})
    tables = ("audit.run", "audit.delivery", "release.check_result", "release.release", "release.pointer")
    before = {table: _rows(empty_database, table) for table in tables}
    for _ in range(2):
        _migrated(empty_database)
        after = {table: _rows(empty_database, table) for table in tables}
        for table in tables:
            assert len(after[table]) == len(before[table])
            for was, has in zip(before[table], after[table], strict=True):
                assert {name: has[name] for name in was} == was, table
    assert empty_database.ask("select verdict from release.pointer") == [("pass",)]


def _rows(deployed: Deployed, table: str) -> list[dict[str, Any]]:
    return [row for (row,) in deployed.ask(f"select to_jsonb(t) from {table} as t order by to_jsonb(t)::text")]
