"""Promise 14: no one reads what their role may not, and no secret stands where it does not belong.

Belongs here: roles against schemas, the kept files' modes, and passwords in what the program leaves behind. Does not:
writing (promise 3).
"""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from psycopg import sql

from orchestration.dbt_project import declared_marts, prepare
from tests.conftest import CONFIG, Deployed
from tests.guarantees.partial_runs import deliver, session_on
from warehouse.database import Role, reader_url
from warehouse.marts import Mart, MartColumn, sync_marts

Motcua = Callable[..., subprocess.CompletedProcess[str]]
ROLES = [role for role in get_args(Role) if role != "motcua_owner"]
ROOMS = (
    "raw",
    "staging",
    "intermediate",
    "candidate",
    "marts",
    "history",
    "marts_as_of",
    "noted",
    "hashed",
    "rehashed",
    "audit",
    "release",
    "reference",
)
#: Every room a role can read something in; where it is not all of the room, NARROWER says what.
READS: dict[str, set[str]] = {
    "motcua_loader": {"raw", "audit", "release", "reference"},
    "motcua_transformer": {
        "raw", "staging", "intermediate", "candidate", "marts", "audit", "release", "reference",
    },
    "motcua_checker": {
        "staging", "intermediate", "candidate", "marts", "audit", "release", "reference",
    },
    "motcua_publisher": {"audit", "release"},
    "motcua_inspector": {"marts", "history", "marts_as_of", "audit", "release", "reference"},
    "motcua_bi": {"marts"},
    # Every table, but of its rows only those of the units its login was given (test_promise_14_rows_of_a_unit.py).
    "motcua_bi_unit": {"marts"},
}  # fmt: skip
#: Tables that nobody but the owner reads, and those that only some readers of their room read.
NARROWER: dict[str, set[str]] = {
    "audit.schema_state": set(),
    "raw.quarantine": {"motcua_loader"},
}


@contextmanager
def _as_role(deployed: Deployed, role: str) -> Iterator[psycopg.Connection]:
    with deployed.database.connect() as connection:
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
        yield connection
        connection.rollback()


def _readable(deployed: Deployed, role: str) -> tuple[set[str], set[str]]:
    """All tables and views of the rooms, and those the role can really read from."""
    relations = deployed.ask(
        "select n.nspname, c.relname from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname !~ '^(pg_|information_schema)'"
    )
    found = set()
    with _as_role(deployed, role) as connection:
        connection.execute("select set_config('motcua.release', '1', false)")
        for schema, name in relations:
            query = sql.SQL("select * from {} limit 1").format(sql.Identifier(schema, name))
            try:
                with connection.transaction():
                    connection.execute(query)
            except psycopg.errors.InsufficientPrivilege:
                continue
            found.add(f"{schema}.{name}")
    return {f"{schema}.{name}" for schema, name in relations}, found


def _expected(every: set[str], role: str) -> set[str]:
    return {
        table for table in every
        if table.split(".")[0] in READS[role] and (table not in NARROWER or role in NARROWER[table])
    }  # fmt: skip


def test_the_matrix_speaks_of_every_role_and_room(sample: Deployed) -> None:
    assert set(READS) == set(ROLES)
    rooms = sample.ask(
        "select nspname from pg_namespace where nspname !~ '^(pg_|information_schema)' and nspname <> 'public'"
    )
    assert {room for (room,) in rooms} == set(ROOMS)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_its_rooms_and_no_other(sample: Deployed, role: str) -> None:
    every, found = _readable(sample, role)
    assert {table.split(".")[0] for table in every} == set(ROOMS)
    assert found == _expected(every, role)


def test_a_new_databases_tables_are_read_by_the_same_roles(empty_database: Deployed) -> None:
    """The same in a database made a moment ago, also for a table that is published for the first time."""
    deliver(empty_database)
    declared = declared_marts(prepare(empty_database.settings))
    new = Mart("fct_new", "new", ("key",), (MartColumn("key", "text", "its key"),))
    sync_marts(empty_database.database, [*declared, new])
    empty_database.do("create table candidate.fct_new (key text)", role="motcua_transformer")
    for role in ROLES:
        every, found = _readable(empty_database, role)
        assert {"marts.fct_new", "history.fct_new", "candidate.fct_new"} <= every
        assert found == _expected(every, role), role


def test_a_bi_login_reads_marts_and_can_do_nothing_else(sample: Deployed) -> None:
    url = reader_url(sample.database, sample.settings.home, "bi")
    refused = (
        "select * from raw.boston311__case", "select * from raw.quarantine", "select * from release.pointer",
        "select * from audit.run", "select * from candidate.fct_dossier", "select * from history.fct_dossier",
        "create temporary table mine (a int)", "create table public.mine (a int)", "create schema mine",
        "set role motcua_inspector", "set role motcua_owner", "set session authorization motcua_owner",
        "select release.content_of('{}')", "select pg_read_file('postgresql.conf')", "copy marts.dim_unit to program 'id'",
        "select rolpassword from pg_authid", "create role mine", "alter role motcua_bi createrole",
    )  # fmt: skip
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("select current_user, session_user, count(*) from marts.fct_dossier").fetchone()
        assert row == ("motcua_bi", "motcua_bi", 2_679)
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_kept_files_are_for_the_loader_alone(sample: Deployed) -> None:
    files = sample.settings.home.files
    kept = [path for path in files.rglob("*") if path.is_file()]
    folders = [files, *(path for path in files.rglob("*") if path.is_dir())]
    assert len(kept) >= 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o400}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert stat.S_IMODE(sample.settings.home.state.stat().st_mode) == 0o700


def _secrets(deployed: Deployed) -> list[str]:
    reader_url(deployed.database, deployed.settings.home, "inspector")
    kept = json.loads((deployed.settings.home.state / "readers.json").read_text())
    secrets = [deployed.database.password, *kept.values()]
    assert all(len(secret) > 10 for secret in secrets)
    return secrets


def test_no_password_stands_in_what_a_run_leaves_behind(sample: Deployed) -> None:
    """Dagster's history, dbt's logs and artefacts, the server's log, the ledger; a refused and a crashed run included."""
    home = sample.settings.home
    secrets = _secrets(sample)
    searched = 0
    for folder in (home.state / "dagster", home.state / "dbt", home.logs):
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                searched += len(content)
                assert [path for secret in secrets if secret.encode() in content] == []
    assert searched > 1_000_000, "there was nothing to search"
    kept = sample.ask("select configuration::text, coalesce(problem, '') from audit.run")
    assert kept
    assert not [text for row in kept for text in row for secret in secrets if secret in text]
    assert sample.database.password not in repr(sample) + repr(sample.settings)


def test_secret_files_are_private(sample: Deployed) -> None:
    secrets = [secret.encode() for secret in _secrets(sample)]
    holding = [
        path for path in sample.settings.home.state.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    ]  # fmt: skip
    assert holding
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding} == {0o600}


SECRET = "Geheim-2718281828"
WRONG_URLS = {
    "nobody listens": f"postgresql://motcua:{SECRET}@127.0.0.1:1/motcua",
    "an at sign in the password": f"postgresql://motcua:pa@{SECRET}@127.0.0.1:1/motcua",
    "a slash in the password": f"postgresql://motcua:pa/{SECRET}@127.0.0.1:1/motcua",
    "no such scheme": f"mysql://motcua:{SECRET}@127.0.0.1/motcua",
    "a port in words": f"postgresql://motcua:{SECRET}@127.0.0.1:port/motcua",
    "a bad escape": f"postgresql://motcua:%zz{SECRET}@127.0.0.1:1/motcua",
    "a bad option": f"postgresql://motcua:{SECRET}@127.0.0.1:1/motcua?nonsense=1",
    "a password among the options": f"postgresql://motcua@127.0.0.1:1/motcua?password={SECRET}",
    "no URL at all": f"host=127.0.0.1 port=1 password={SECRET}",
}


@pytest.mark.parametrize("wrong", WRONG_URLS)
def test_a_failing_command_keeps_the_password_to_itself(motcua_process: Motcua, wrong: str) -> None:
    finished = motcua_process("figures", "--config", str(CONFIG), MOTCUA_DATABASE_URL=WRONG_URLS[wrong])
    assert finished.returncode in {2, 3}, finished.stderr
    assert finished.stderr.startswith("motcua: ")
    assert SECRET not in finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_wrong_password_is_not_told_by_any_command(sample: Deployed, motcua_process: Motcua) -> None:
    url = sample.database.url_for(sample.database.user, SECRET)
    for command in (("run", "--quiet"), ("release", "list"), ("db", "status"), ("db", "url")):
        finished = motcua_process(*command, MOTCUA_DATABASE_URL=url, MOTCUA_CONFIG=str(CONFIG))
        assert finished.returncode == 3, (command, finished.stderr)
        assert SECRET not in finished.stdout + finished.stderr


def test_the_configuration_on_record_is_the_deployment(copy_of_sample: Deployed, sampled: Path) -> None:
    with session_on(copy_of_sample) as session:
        [(configuration,)] = copy_of_sample.ask(
            "select configuration from audit.run where run_id = %s", session.run_id, role="motcua_inspector"
        )
    assert set(configuration) == {"name", "database", "jurisdictions", "sources", "claims", "calendars", "openlineage"}
    assert configuration["sources"]["boston311"]["path"] == str(sampled / "boston311")
