"""Promise 3: the database refuses every way round the gate, as each role, and holds the rules itself where it can.

Belongs here: statements that would change what is published without the gate, and what stops each. Does not: reading
rights (promise 14), or what superuser and owner may do: they stand above the rules (warehouse/schema/010_roles.sql).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from contracts.failures import GateRefused
from expectations.suite import load_suite
from orchestration import steps
from tests.conftest import Deployed
from tests.guarantees.partial_runs import all_green, open_run, publish_unchecked, session_on
from warehouse import releases
from warehouse.database import Role

ROLES = [role for role in get_args(Role) if role != "motcua_owner"]
MARTS = "select name from release.mart order by name"
DENIED = (psycopg.errors.InsufficientPrivilege,)
#: On a whole table, as any role; {mart} stands for each published table.
ON_TABLES = (
    "insert into {table} select * from {table} limit 1",
    "update {table} set release_from = release_from",
    "delete from {table}",
    "truncate {table}",
    "merge into {table} as t using (select 1) as s on false when not matched then do nothing when matched then delete",
    "copy {table} from stdin",
    "alter table {table} add column sneaked text",
    "alter table {table} disable trigger all",
    "drop table {table}",
    "create rule sneaked as on insert to {table} do instead nothing",
    "create trigger sneaked before insert on {table} execute function release.refuse_change()",
    "lock table {table} in access exclusive mode",
)
ON_RELEASES = (
    "update release.pointer set release_id = 1",
    "update release.pointer set release_id = %(refused)s",
    "update release.pointer set release_id = 999999",
    "delete from release.pointer",
    "truncate release.pointer",
    "insert into release.pointer (release_id, verdict) values (1, 'pass')",
    "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256)"
    " select run_id, 'publish', 'pass', '{{}}', content, content_sha256 from release.release limit 1",
    "update release.release set verdict = 'pass', reasons = '{{}}' where release_id = %(refused)s",
    "update release.release set verdict = 'fail'",
    "delete from release.release",
    "truncate release.release cascade",
    "update release.check_result set succeeded = true",
    "delete from release.check_result",
    "truncate release.check_result",
    "update release.seal set content = '{{}}'",
    "delete from release.seal",
    "insert into release.seal (run_id, content) select run_id, '{{}}' from audit.run limit 1",
    "insert into release.check_override (run_id, name, severity, because, made_for)"
    " select run_id, name, 'warn', 'x', 'x' from release.check_result limit 1",
    "update release.check_override set because = 'x'",
    "delete from release.check_override",
    "update release.check_result set severity = 'warn'",
    "update release.required_check set severity = 'warn'",
    "update release.failed_key set key = '{{}}'",
    "delete from release.failed_key",
    "truncate release.failed_key",
    "delete from release.failed_delivery",
    "insert into release.manifest (release_id, envelope, sha256)"
    " values (1, 'x', encode(sha256(convert_to('x', 'UTF8')), 'hex'))",
    "update release.manifest set envelope = 'x'",
    "delete from release.manifest",
    "truncate release.manifest",
    "update audit.run_program set program = '{{}}'",
    "delete from audit.run_program",
    "alter table release.check_result disable trigger all",
    "drop trigger severity_is_the_databases on release.check_result",
    "create or replace function release.note_severity() returns trigger language plpgsql as 'begin return new; end'",
    "delete from release.required_check",
    "truncate release.required_check",
    "update release.required_check set name = name || '?'",
    "insert into release.reader_scope (login, unit_key) values (session_user, 'boston/PARK')",
    "delete from release.reader_scope",
    "drop policy everything on marts.fct_dossier",
    "alter table marts.fct_dossier disable row level security",
    "select release.guard_rows('fct_dossier')",
    "delete from release.mart",
    "update release.mart set columns = '{{}}'",
    "alter table release.pointer drop constraint pointer_verdict_check",
    "alter table release.release disable trigger all",
    "drop trigger rows_are_evidence on release.release",
    "create or replace function release.reasons_against(judged uuid) returns text[] language sql"
    " as $$ select '{{}}'::text[] $$",
    "alter function release.publish(uuid) security invoker",
    "drop function release.publish(uuid)",
    "alter function release.publish(uuid) owner to current_user",
    "select release.apply_noted('dim_unit', 'candidate.dim_unit', 1)",
    "select release.restore_rows(1, release.relations_in('candidate'))",
    "select release.publish_candidates(1)",
    "select release.compare_whole('dim_unit', 'candidate.dim_unit')",
    "select release.hold_candidate('dim_unit')",
    "update release.candidate set sealed_run = (select max(run_id::text)::uuid from audit.run)",
    "delete from release.candidate",
    "insert into noted.dim_unit select unit_key from marts.dim_unit",
    "drop table noted.dim_unit",
    "select release.rehash('dim_unit')",
    "select release.take_over_hashes('dim_unit')",
    "update hashed.dim_unit set sha256 = ''",
    "delete from rehashed.dim_unit",
    "delete from release.hashed_mart",
    "select release.set_aside('fct_dossier', 1)",
    "create table marts.sneaked (a int)",
    "create view marts.sneaked as select 1 as a",
    "create table release.sneaked (a int)",
    "create function release.sneaked() returns int language sql as 'select 1'",
    "create table history.sneaked (a int)",
    "drop schema marts cascade",
    "alter schema candidate rename to elsewhere",
    "alter schema marts rename to gone",
    "create schema sneaked",
    "set role motcua_owner",
    "alter role motcua_bi superuser",
    "grant motcua_publisher to motcua_transformer",
    "set session_replication_role = replica",
)


@contextmanager
def acting_as(deployed: Deployed, role: str) -> Iterator[psycopg.Connection]:
    """A connection that is that role from the beginning, as a login of its own would be; nothing of it is committed."""
    with deployed.database.connect() as connection:
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
        yield connection
        connection.rollback()


def refused_release(deployed: Deployed) -> int:
    """A release on record that the gate refused."""
    with pytest.raises(GateRefused), session_on(deployed) as session:
        steps.publish(session)
    return int(deployed.ask("select max(release_id) from release.release where verdict = 'fail'")[0][0])


def attempt(connection: psycopg.Connection, statement: str, **values: object) -> psycopg.Error | None:
    """Tries a statement and takes it back; gives the error that stopped it."""
    try:
        with connection.transaction(force_rollback=True), connection.cursor() as cursor:
            if statement.startswith("copy"):
                with cursor.copy(statement.encode()) as copy:
                    copy.write(b"")
            else:
                cursor.execute(statement.encode(), values or None)
    except psycopg.Error as error:
        return error
    return None


@pytest.mark.parametrize("role", ROLES)
def test_no_role_can_change_a_published_table(sample: Deployed, role: str) -> None:
    tables = [f"{schema}.{mart}" for (mart,) in sample.ask(MARTS) for schema in ("marts", "history")]
    assert len(tables) > 10
    with acting_as(sample, role) as connection:
        got_through = {
            statement: error
            for table in tables
            for statement in (form.format(table=table) for form in ON_TABLES)
            if not isinstance(error := attempt(connection, statement), DENIED)
        }
    assert got_through == {}


@pytest.mark.parametrize("role", ROLES)
def test_no_role_can_change_a_release_the_checks_or_the_rules(copy_of_sample: Deployed, role: str) -> None:
    refused = refused_release(copy_of_sample)
    before = copy_of_sample.published()
    with acting_as(copy_of_sample, role) as connection:
        got_through = {
            statement: error
            for statement in (form.replace("{{", "{").replace("}}", "}") for form in ON_RELEASES)
            if not isinstance(error := attempt(connection, statement, refused=refused), DENIED)
        }
    assert got_through == {}
    assert copy_of_sample.published() == before


@pytest.mark.parametrize("role", ROLES)
def test_only_the_publisher_publishes_and_only_the_checker_judges(copy_of_sample: Deployed, role: str) -> None:
    run_id = open_run(copy_of_sample)
    calls = {
        "select release.publish(%(run)s)": {"motcua_publisher"},
        "select release.rollback(%(run)s, 1, 'why', 'who')": {"motcua_publisher"},
        "select release.prepare_candidate('dim_unit')": {"motcua_transformer"},
        "select release.seal_candidates(%(run)s)": {"motcua_transformer"},
        "select release.open_candidates('{dim_unit}')": {"motcua_transformer"},
        "insert into release.check_result (run_id, name, succeeded, message, observed)"
        " values (%(run)s, 'known_states', true, 'holds', '{}')": {"motcua_checker"},
    }
    with acting_as(copy_of_sample, role) as connection:
        for statement, allowed in calls.items():
            error = attempt(connection, statement, run=run_id)
            assert (error is None) if role in allowed else isinstance(error, DENIED), (statement, error)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("ran", [True, False], ids=["red", "crashed"])
def test_nobody_overrides_a_failure(copy_of_sample: Deployed, role: str, ran: bool) -> None:
    """Not the publisher either, who may override a warning, and not when the checker calls the failure a warning."""
    run_id = open_run(copy_of_sample)
    fails, warns = (
        next(check.name for check in load_suite() if check.severity == severity) for severity in ("fail", "warn")
    )
    for name, went in ((fails, ran), (warns, True)):
        copy_of_sample.do(
            "insert into release.check_result (run_id, name, succeeded, message, observed, severity, ran)"
            " values (%s, %s, false, 'no', '{}', 'warn', %s)",
            run_id, name, went, role="motcua_checker",
        )  # fmt: skip
    override = "select release.override_check(%(run)s, %(name)s, 'it may be borne', 'somebody')"
    with acting_as(copy_of_sample, role) as connection:
        assert isinstance(attempt(connection, override, run=run_id, name=fails), DENIED)
        stopped = attempt(connection, override, run=run_id, name=warns)
        assert stopped is None if role == "motcua_publisher" else isinstance(stopped, DENIED)
    with copy_of_sample.database.connect() as connection:
        forged = (
            "insert into release.check_override (run_id, name, severity, because, made_for)"
            " values (%(run)s, %(name)s, %(severity)s, 'x', 'x')"
        )
        errors = [
            type(attempt(connection, forged, run=run_id, name=fails, severity=severity))
            for severity in ("fail", "warn")
        ]
    assert errors == [psycopg.errors.CheckViolation, psycopg.errors.ForeignKeyViolation]


def test_the_constraints_hold_even_for_a_superuser(copy_of_sample: Deployed) -> None:
    """Not by rights but by keys, checks and triggers: what a slip of an administrator meets."""
    refused = refused_release(copy_of_sample)
    errors = psycopg.errors
    expected = {
        "update release.pointer set release_id = %(refused)s": errors.ForeignKeyViolation,
        "update release.pointer set release_id = %(refused)s, verdict = 'fail'": errors.CheckViolation,
        "update release.pointer set release_id = 999999": errors.ForeignKeyViolation,
        "update release.pointer set release_id = null": errors.NotNullViolation,
        "insert into release.pointer (release_id, verdict) values (1, 'pass')": errors.UniqueViolation,
        "insert into release.pointer (only_row, release_id, verdict) values (false, 1, 'pass')": errors.CheckViolation,
        "delete from release.pointer": errors.InsufficientPrivilege,
        "truncate release.pointer": errors.InsufficientPrivilege,
        "update release.release set verdict = 'pass', reasons = '{}'": errors.InsufficientPrivilege,
        "update release.release set verdict = 'fail'": errors.InsufficientPrivilege,
        "delete from release.release": errors.InsufficientPrivilege,
        "truncate release.release cascade": errors.InsufficientPrivilege,
        "update release.check_result set succeeded = true": errors.InsufficientPrivilege,
        "delete from release.check_result": errors.InsufficientPrivilege,
        "truncate release.check_result cascade": errors.InsufficientPrivilege,
        "update release.seal set content = '{}'": errors.InsufficientPrivilege,
        "delete from release.seal": errors.InsufficientPrivilege,
        "insert into release.check_result (run_id, name, succeeded, message, observed) select run_id, name, true, '', '{}'"
        " from release.check_result limit 1": errors.UniqueViolation,
        "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256)"
        " select run_id, kind, 'fail', '{}', content, '' from release.release limit 1": errors.CheckViolation,
        "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256)"
        " select run_id, kind, 'pass', '{why}', content, '' from release.release limit 1": errors.CheckViolation,
        "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256)"
        " select run_id, kind, 'perhaps', '{why}', content, '' from release.release limit 1": errors.CheckViolation,
        "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256)"
        " select run_id, 'rollback', 'pass', '{}', content, '' from release.release limit 1": errors.CheckViolation,
        "insert into release.release (run_id, kind, restores, verdict, reasons, content, content_sha256, because)"
        " select run_id, 'rollback', 1, 'pass', '{}', content, '', 'why' from release.release limit 1": errors.CheckViolation,
        "update audit.delivery set rows_landed = rows_landed - 1": errors.CheckViolation,
        "delete from audit.run": errors.ForeignKeyViolation,
    }
    with copy_of_sample.database.connect() as connection:
        stopped = {form: type(attempt(connection, form, refused=refused)) for form in expected}
    assert stopped == expected


def _altered_candidates(deployed: Deployed) -> None:
    deployed.do("update candidate.dim_unit set unit_code = unit_code || ' (new)'")


def test_candidates_changed_after_the_checks_are_not_published(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    with pytest.raises(GateRefused), session_on(copy_of_sample) as session:
        releases.seal_candidates(session.database, session.run_id)
        releases.record_checks(session.database, session.run_id, all_green())
        copy_of_sample.do(
            "update candidate.fct_timeliness set on_time = on_time + 1 where timeliness_key ="
            " (select min(timeliness_key) from candidate.fct_timeliness)",
            role="motcua_transformer",
        )
        steps.publish(session)
    assert session.published is not None
    assert session.published.reasons == ("the candidates are not those that were checked",)
    assert copy_of_sample.published() == before


def test_another_runs_checks_do_not_let_these_candidates_through(copy_of_sample: Deployed) -> None:
    """The run that published today's release is all green; its id does not carry other candidates."""
    before = copy_of_sample.published()
    [(green_run,)] = copy_of_sample.ask("select run_id from release.release order by release_id limit 1")
    _altered_candidates(copy_of_sample)
    refused = releases.publish(copy_of_sample.database, green_run)
    assert (refused.verdict, refused.reasons) == ("fail", ("the candidates are not those that were checked",))
    with pytest.raises(psycopg.errors.UniqueViolation):
        releases.seal_candidates(copy_of_sample.database, green_run)
    assert copy_of_sample.published() == before


def test_a_run_that_does_not_exist_publishes_nothing(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        releases.publish(copy_of_sample.database, uuid4())
    assert copy_of_sample.published() == before


def test_emptied_rules_let_nothing_through(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    for emptied, reason in (
        ("release.required_check", "no required check is defined"),
        ("release.mart", "no table is declared for publication"),
    ):
        with pytest.raises(GateRefused), session_on(copy_of_sample) as session:
            _altered_candidates(copy_of_sample)
            releases.seal_candidates(session.database, session.run_id)
            releases.record_checks(session.database, session.run_id, all_green())
            copy_of_sample.do(f"delete from {emptied}")
            steps.publish(session)
        assert session.published is not None
        assert reason in session.published.reasons
    assert copy_of_sample.ask("select release_id from release.pointer") == before["release"]


def test_a_check_is_heard_once(copy_of_sample: Deployed) -> None:
    """A red check cannot be said to be green afterwards, nor twice, by whoever may write checks."""
    with pytest.raises(GateRefused), session_on(copy_of_sample) as session:
        releases.seal_candidates(session.database, session.run_id)
        said = all_green()
        red = type(said[0])(said[0].name, False, "1 violations")
        releases.record_checks(session.database, session.run_id, [red, *said[1:]])
        with pytest.raises(psycopg.errors.UniqueViolation):
            releases.record_checks(session.database, session.run_id, said[:1])
        steps.publish(session)
    assert session.published is not None
    assert session.published.reasons == (f"{load_suite()[0].name}: 1 violations",)


def test_a_good_release_still_gets_through(copy_of_sample: Deployed) -> None:
    """Without this, a database that refuses everything would keep promise 3."""
    published = publish_unchecked(copy_of_sample, lambda: _altered_candidates(copy_of_sample))
    assert (published.verdict, published.changed) == ("pass", True)
    assert copy_of_sample.ask("select count(*) from marts.dim_unit where unit_code like '%% (new)'", role="motcua_bi")[
        0
    ][0]
    assert isinstance(published.release_id, int)
    assert UUID(str(copy_of_sample.ask("select run_id from release.release order by release_id desc limit 1")[0][0]))
