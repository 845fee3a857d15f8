"""A closed period stays as it was published; what is corrected later shows beside it, down to the dossier and its delivery.

Belongs here: freezing Boston's second quarter (of every tenth case), correcting one of its dossiers, and trying to change
what was frozen. Does not: reading old releases in general (promise 13), or the layout of the command.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import psycopg
import pytest

from contracts.deployment import instant
from contracts.failures import UsageError
from contracts.order import Order
from tests.conftest import Deployed
from tests.guarantees.made_deliveries import WRITTEN, cases_of, close_one_later, write_cases
from tests.guarantees.test_promise_03_database_refuses_every_way_round import ROLES, acting_as, attempt
from warehouse.database import Role
from warehouse.periods import Closing, close_period

Program = Callable[..., "subprocess.CompletedProcess[str]"]
#: What a closed period is made of, changed by hand in every way there is.
TAMPERING = (
    "update release.closed_period set figures = '{}'",
    "update release.closed_period set release_id = release_id",
    "delete from release.closed_period",
    "truncate release.closed_period",
    "insert into release.closed_period (jurisdiction, period, from_cut_off, to_cut_off, release_id, verdict, figures,"
    " because, closed_for) select jurisdiction, 'another', from_cut_off, to_cut_off, release_id, verdict, figures,"
    " because, closed_for from release.closed_period",
    "drop table release.closed_period",
    "drop trigger rows_are_evidence on release.closed_period",
    "alter table release.closed_period disable trigger all",
    "alter function release.close_period(text, text, timestamptz, timestamptz, text, text) security invoker",
    "create or replace function release.figures_at(body text, cut_off timestamptz) returns jsonb language sql"
    " as $$ select '{}'::jsonb $$",
    "create or replace function release.keep_history() returns trigger language plpgsql as $$ begin return old; end $$",
    "drop trigger kept_releases_stay on history.fct_dossier",
    "delete from history.fct_dossier",
    "update history.fct_dossier set state = state",
    "truncate history.fct_dossier",
)
CALL = "select release.close_period('boston', '2015-Q3', '2015-07-01 04:00Z', '2015-10-01 04:00Z', 'why', 'who')"


def _closing(first: str, end: str, name: str, zone: str = "America/New_York") -> Closing:
    return Closing("boston", name, instant(first, zone), instant(end, zone), Order("reported", "the office"))


def test_frozen_figures_stay_and_a_correction_shows_with_its_cause(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path, motcua: Program
) -> None:
    """One dossier closed late in April turns out to have been open until January: the quarter as reported stands."""
    cases = cases_of(sampled / "boston311" / "cases.csv")
    chosen = close_one_later(cases, closed_in="04")
    assert chosen["CLOSED_DT"][6:10] == chosen["TARGET_DT"][6:10] == "2015", WRITTEN
    corrected = write_cases(tmp_path / "cases.csv", cases)
    on = ("--jurisdiction", "boston", "--database", copy_of_sample.database.name)

    closed = motcua("period", "close", "2015Q2", "--because", "quarterly report signed", "--by", "the office", *on)
    assert closed.returncode == 0, closed.stderr
    again = motcua("period", "close", "2015-Q2", "--because", "once more", *on)
    assert (again.returncode, "closed already" in again.stderr, "cannot be reopened" in again.stderr) == (2, True, True)
    before = json.loads(motcua("period", "show", "2015-Q2", *on, "--format", "json").stdout)
    assert {row["difference"] for row in before["figures"]} == {0} and before["corrections"] == []
    published = {row["figure"]: row["frozen"] for row in before["figures"]}
    reported = json.loads(motcua("figures", "--cut-off", "2015-07-01", *on, "--format", "json").stdout)
    assert published["pending"] == reported[0]["pending"] > 0

    assert copy_of_sample.run(f"sources.boston311.path={corrected}").changed
    after = json.loads(motcua("period", "show", "2015-Q2", *on, "--format", "json").stdout)
    assert {row["figure"]: row["frozen"] for row in after["figures"]} == published
    expected = {"resolved": -1, "late": -1, "pending": 1, "pending_overdue": 1}
    moved = {row["figure"]: row["difference"] for row in after["figures"] if row["difference"]}
    assert moved.pop("on_time_rate") > 0
    assert moved == expected
    [cause] = after["corrections"]
    assert (cause["dossier"], cause["unit"], cause["cause"]) == (
        chosen["CASE_ENQUIRY_ID"],
        chosen["Department"],
        "changed",
    )
    assert (cause["changes"], after["unexplained"]) == (expected, {})
    landed = copy_of_sample.ask(
        "select delivery_id, file_sha256 from audit.delivery where source = 'boston311' order by delivery_id desc limit 1"
    )
    assert landed == [(cause["delivery_id"], cause["file_sha256"])]
    shown = motcua("period", "show", "2015-Q2", *on, "--language", "vi").stdout
    assert chosen["CASE_ENQUIRY_ID"] in shown and "bản ghi được sửa" in shown and "số đã chốt" in shown
    _nobody_changes_it(copy_of_sample)


def _nobody_changes_it(deployed: Deployed) -> None:
    """By no role; and by a superuser's slip neither: the record and what its release held are guarded by triggers."""
    held = deployed.ask("select * from release.closed_period")
    for role in ROLES:
        with acting_as(deployed, role) as connection:
            errors = {statement: attempt(connection, statement) for statement in TAMPERING}
        assert {s: e for s, e in errors.items() if not isinstance(e, psycopg.errors.InsufficientPrivilege)} == {}, role
    with deployed.database.connect() as connection:
        for statement in (
            "update release.closed_period set figures = '{}'", "delete from release.closed_period",
            "truncate release.closed_period", "delete from history.fct_dossier",
            "update history.fct_dossier set state = 'open'", "truncate history.fct_dossier",
        ):  # fmt: skip
            assert isinstance(attempt(connection, statement), psycopg.errors.InsufficientPrivilege), statement
    assert deployed.ask("select * from release.closed_period") == held


def test_history_that_no_closed_period_keeps_may_be_cleaned(copy_of_sample: Deployed) -> None:
    """Without this, a trigger that refuses everything would do."""
    copy_of_sample.do(
        "insert into history.dim_channel (release_from, release_to, channel_key, jurisdiction, channel_code)"
        " select 1, 1, channel_key, jurisdiction, channel_code from marts.dim_channel limit 1"
    )
    close_period(copy_of_sample.database, _closing("2015-04-01", "2015-07-01", "2015-Q2"))
    with copy_of_sample.database.connect() as connection:
        assert attempt(connection, "delete from history.dim_channel") is None


def test_what_is_not_published_or_has_not_ended_is_not_closed(copy_of_sample: Deployed) -> None:
    for first, end, name, why in (
        ("2015-05-01", "2015-07-01", "2015-05..2015-07", "not published"),
        ("2016-01-01", "2016-07-01", "2016-H1", "not ended"),
    ):
        with pytest.raises(UsageError, match=why):
            close_period(copy_of_sample.database, _closing(first, end, name))
    with pytest.raises(UsageError, match="a reason"):
        Order("  ", "the office")
    assert copy_of_sample.ask("select count(*) from release.closed_period") == [(0,)]


def test_only_the_publisher_closes(copy_of_sample: Deployed) -> None:
    for role in get_args(Role):
        if role == "motcua_owner":
            continue
        with acting_as(copy_of_sample, role) as connection:
            error = attempt(connection, CALL)
        assert (error is None) == (role == "motcua_publisher"), (role, error)
