"""Promise 14, of rows: a login of one unit sees that unit's rows and those below it, and everybody else pays nothing for it.

Belongs here: row policies, the logins `motcua db grant` makes, their limits, and what the inspector reads in raw. Does not:
which tables a role reads (test_promise_14_no_one_reads_what_they_may_not.py).
"""

from __future__ import annotations

import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from expectations.suite import required_checks
from orchestration.settings import PROJECT, load_settings
from tests.conftest import CONFIG, Deployed
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases
from warehouse.migrate import migrate

Motcua = Callable[..., subprocess.CompletedProcess[str]]
BOSTON = ("--config", str(CONFIG), "--jurisdiction", "boston")
LISTS = re.compile("^(dim|bridge|map)_")
#: What BI tools ask, in kind.
QUERIES = (
    "select count(*) from marts.fct_dossier",
    "select received_month, count(*) from marts.fct_dossier group by received_month order by received_month",
    "select unit_key, sum(on_time), sum(late) from marts.fct_timeliness group by unit_key order by unit_key",
    "select * from marts.fct_dossier where dossier_key = 'boston/101001238599'",
    "select * from marts.fct_dossier where field_name like 'P%' and received_on >= '2015-02-01'",
    "select v.verdict, count(*) from marts.fct_dossier as d inner join marts.fct_dossier_verdict as v"
    " on v.dossier_key = d.dossier_key group by v.verdict order by v.verdict",
)


@pytest.fixture
def login(motcua: Motcua, copy_of_sample: Deployed) -> Iterator[tuple[str, str]]:
    """A login of the unit PARK, as the program makes one: its name and URL. The second of its units is added in tests."""
    name = f"park_{uuid.uuid4().hex[:8]}"
    database = ("--database", copy_of_sample.database.name)
    made = motcua("db", "grant", name, "--unit", "PARK", *BOSTON, *database)
    assert made.returncode == 0, made.stderr
    yield name, made.stdout.strip()
    gone = motcua("db", "revoke", name, "--config", str(CONFIG), *database)
    assert gone.returncode == 0, gone.stderr
    assert copy_of_sample.ask("select count(*) from pg_roles where rolname = %s", name) == [(0,)]
    assert copy_of_sample.ask("select count(*) from release.reader_scope where login = %s", name) == [(0,)]


def _codes(sampled: Path, *units: str) -> set[str]:
    return {c["CASE_ENQUIRY_ID"] for c in cases_of(sampled / "boston311" / "cases.csv") if c["Department"] in units}


def _seen(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {code for (code,) in connection.execute("select dossier_code from marts.fct_dossier").fetchall()}


def test_a_login_sees_the_dossiers_of_its_unit_and_below(
    login: tuple[str, str], copy_of_sample: Deployed, sampled: Path, motcua: Motcua
) -> None:
    """Which they are is read from the delivered file."""
    name, url = login
    of_park = _codes(sampled, "PARK")
    assert len(of_park) > 50
    assert _seen(url) == of_park
    # The unit above sees what stands below it, at any depth, and no circle of parents goes on for ever.
    for below, above in (("ISD", "PARK"), ("ANML", "ISD"), ("PARK", "ANML")):
        copy_of_sample.do(
            "update marts.dim_unit set parent_unit_key = %s where unit_key = %s", f"boston/{above}", f"boston/{below}"
        )
    three = _codes(sampled, "PARK", "ISD", "ANML")
    assert _seen(url) == three > of_park
    again = motcua("db", "grant", name, "--unit", "PWDx", *BOSTON, "--database", copy_of_sample.database.name)
    assert again.returncode == 0, again.stderr
    assert _seen(url) == _codes(sampled, "PARK", "ISD", "ANML", "PWDx") > three


def test_every_published_table_keeps_to_the_unit(login: tuple[str, str], copy_of_sample: Deployed) -> None:
    _, url = login
    marts = copy_of_sample.ask("select name, columns from release.mart order by name")
    told = {"open": 0, "unit": 0, "dossier": 0, "closed": 0}
    with psycopg.connect(url) as connection:
        for mart, columns in marts:
            kind, condition = _expected(mart, columns)
            wanted = copy_of_sample.ask(f"select to_jsonb(t)::text from marts.{mart} as t where {condition} order by 1")
            found = connection.execute(
                f"select to_jsonb(t)::text from marts.{mart} as t order by 1".encode()
            ).fetchall()
            assert found == wanted, mart
            told[kind] += 1
    assert all(told.values()), told


def _expected(mart: str, columns: list[str]) -> tuple[str, str]:
    """What a login of PARK should see of a table, as a condition for those who see everything."""
    if LISTS.match(mart):
        return "open", "true"
    for named in ("unit_key", "restated_unit_key"):
        if named in columns:
            return "unit", f"{named} = 'boston/PARK'"
    if "dossier_key" in columns:
        return "dossier", "dossier_key in (select dossier_key from marts.fct_dossier where unit_key = 'boston/PARK')"
    return "closed", "false"


def test_a_login_cannot_widen_what_it_sees(login: tuple[str, str], copy_of_sample: Deployed) -> None:
    _, url = login
    refused = (
        "set role motcua_bi", "set role motcua_owner", "set role motcua_inspector", "reset role; set role motcua_bi",
        "insert into release.reader_scope (login, unit_key) values (session_user, 'boston/PWDx')",
        "select * from release.reader_scope", "select release.units_in_scope()", "select release.guard_rows('fct_dossier')",
        "drop policy own_units on marts.fct_dossier", "alter table marts.fct_dossier disable row level security",
        "create policy mine on marts.fct_dossier using (true)", "grant motcua_bi to session_user",
        "create function public.leak(text) returns boolean language sql as 'select true'",
        "set row_security = off; select * from marts.fct_dossier", "select * from history.fct_dossier",
        "select * from candidate.fct_dossier", "select * from audit.run", "update marts.dim_unit set unit_name = 'x'",
        "delete from marts.fct_dossier",
    )  # fmt: skip
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    # Nor does the group itself, to whoever was not given a unit.
    with _acting(copy_of_sample, "motcua_bi_unit") as connection:
        for mart in ("fct_dossier", "fct_dossier_verdict", "fct_timeliness", "rpt_form_ii06a"):
            assert connection.execute(f"select count(*) from marts.{mart}".encode()).fetchall() == [(0,)], mart
        assert connection.execute("select count(*) > 10 from marts.dim_unit").fetchall() == [(True,)]


@contextmanager
def _acting(deployed: Deployed, role: str) -> Iterator[psycopg.Connection]:
    with deployed.database.connect() as connection:
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
        yield connection
        connection.rollback()


@pytest.mark.parametrize("role", ["motcua_bi", "motcua_inspector", "motcua_checker", "motcua_transformer"])
def test_those_who_see_everything_pay_nothing(boston: Deployed, role: str) -> None:
    """Their plans are those of the superuser, whom no policy concerns, but for the order in which a row is tested."""

    def plans(connection: psycopg.Connection) -> list[list[str]]:
        told = [connection.execute(f"explain (costs off) {query}".encode()).fetchall() for query in QUERIES]
        return [[" ".join(sorted(re.split(r"[()]| AND ", line))) for (line,) in plan] for plan in told]

    with boston.database.connect() as above, _acting(boston, role) as connection:
        assert plans(connection) == plans(above)
    with _acting(boston, "motcua_bi_unit") as scoped, boston.database.connect() as above:
        assert all(plan != free for plan, free in zip(plans(scoped), plans(above), strict=True))


@pytest.mark.walk
def test_a_release_reaches_the_readers_of_a_unit(
    login: tuple[str, str], copy_of_sample: Deployed, sampled: Path, tmp_path: Path
) -> None:
    """Publishing meets no policy: a row that changes and one that goes are changed for them as well."""
    _, url = login
    cases = cases_of(sampled / "boston311" / "cases.csv")
    gone = next(case for case in cases if case["Department"] == "PARK" and case["CLOSED_DT"])
    close_one_later(cases)
    left = [case for case in cases if case is not gone]
    summary = copy_of_sample.run(f"sources.boston311.path={write_cases(tmp_path / 'cases.csv', left)}")
    assert (summary.failure, summary.changed) == (None, True)
    assert _seen(url) == _codes(sampled, "PARK") - {gone["CASE_ENQUIRY_ID"]}


def test_readers_logins_have_limits(login: tuple[str, str], copy_of_sample: Deployed) -> None:
    name, url = login
    with psycopg.connect(url) as connection:
        assert connection.execute("show statement_timeout").fetchall() == [("2min",)]
        assert connection.execute("show idle_in_transaction_session_timeout").fetchall() == [("10min",)]
    limits = copy_of_sample.ask(
        "select rolname, rolconnlimit, rolconfig::text from pg_roles where rolname = any(%s) order by rolname",
        [name, "motcua_bi", "motcua_inspector"],
    )
    assert {role: limit for role, limit, _ in limits} == {name: 20, "motcua_bi": 20, "motcua_inspector": 20}
    assert all("statement_timeout=2min" in settings for _, _, settings in limits)


def test_a_grant_that_cannot_be_is_refused(motcua: Motcua, copy_of_sample: Deployed) -> None:
    database = ("--database", copy_of_sample.database.name)
    for wrong, unit in (
        ("motcua_bi", "PARK"),
        ("Park", "PARK"),
        ("pg_park", "PARK"),
        ("a'b", "PARK"),
        ("nobody_new", "NOSUCH"),
    ):
        finished = motcua("db", "grant", wrong, "--unit", unit, *BOSTON, *database)
        assert finished.returncode == 2, (wrong, finished.stdout, finished.stderr)
        assert "Traceback" not in finished.stderr
    assert copy_of_sample.ask("select count(*) from release.reader_scope") == [(0,)]
    assert copy_of_sample.ask("select count(*) from pg_roles where rolname = 'nobody_new'") == [(0,)]
    for other in ("motcua_inspector", "motcua", "nobody_new"):
        assert motcua("db", "revoke", other, "--config", str(CONFIG), *database).returncode == 2
    assert copy_of_sample.ask("select count(*) from pg_roles where rolname in ('motcua', 'motcua_inspector')") == [(2,)]


def test_the_inspector_reads_pseudonyms_and_nothing_else_of_raw_rows(empty_database: Deployed) -> None:
    """Of a province, whose contracts have personal fields."""
    settings = load_settings(PROJECT / "demo" / "thai_nguyen.yml")
    migrate(empty_database.database, settings.all_contracts, required_checks())
    wanted = {
        (f"{source.name}__{stream.name}", field.column)
        for source in settings.all_contracts for stream in source.streams for field in stream.personal_fields
    }  # fmt: skip
    assert len(wanted) > 3
    tables = {table for table, _ in wanted}
    found = empty_database.ask(
        "select c.relname, a.attname from pg_attribute as a inner join pg_class as c on c.oid = a.attrelid"
        " where c.relnamespace = 'raw'::regnamespace and a.attnum > 0 and c.relkind = 'r'"
        " and has_column_privilege('motcua_inspector', c.oid, a.attnum, 'select')"
    )
    assert set(found) == wanted | {(table, name) for table in tables for name in ("_delivery_id", "_row_number")}
