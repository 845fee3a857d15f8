"""Promise 13: old releases read the same for ever, and rollback is one act.

Belongs here: contents of past releases against the hashes on record, and going back and forth. Does not: readers at
work meanwhile (promise 4), or who may roll back (promise 3).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from contracts.failures import GateRefused, UsageError
from orchestration import steps
from tests.conftest import CONFIG, Deployed
from tests.guarantees.kept_releases import assert_every_release_reads_as_recorded
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases
from tests.guarantees.partial_runs import ORDER, change_of, open_run, publish_unchecked, session_on
from warehouse import releases

BECAUSE = ("--because", "cut off in transfer", "--by", "Nguyễn Văn A")
Motcua = Callable[..., subprocess.CompletedProcess[str]]


def test_old_releases_stay_readable_and_rollback_restores_them_exactly(copy_of_sample: Deployed) -> None:
    """1 real, 2 and 3 changed, 4 = 1 again, 5 = 3 again, 6 published forward by a whole run."""
    for number in (1, 2):
        assert publish_unchecked(copy_of_sample, change_of(copy_of_sample, number)).changed
    recorded = {release.release_id: release for release in releases.list_releases(copy_of_sample.database)}
    first, second, third = sorted(recorded)
    assert len({release.content_sha256 for release in recorded.values()}) == 3
    assert_every_release_reads_as_recorded(copy_of_sample)

    for target in (first, third):
        made, changes = releases.roll_back(copy_of_sample.database, open_run(copy_of_sample), target, ORDER)
        assert copy_of_sample.published() == {"release": [(made,)], "content": recorded[target].content}
        assert sum(change["added"] for change in changes.values()) < 1_000, "what is the same is not written again"
        current = releases.current_release(copy_of_sample.database)
        assert current is not None
        assert (current.release_id, current.kind, current.restores, current.verdict) == (
            made,
            "rollback",
            target,
            "pass",
        )
        assert current.content_sha256 == recorded[target].content_sha256

    forward = copy_of_sample.run()
    assert (forward.failure, forward.changed) == (None, True)
    held = {release.release_id: release for release in releases.list_releases(copy_of_sample.database)}
    assert len(held) == 6
    assert held[max(held)].content_sha256 == recorded[first].content_sha256
    assert held[max(held)].kind == "publish"
    assert {number: held[number].content for number in recorded} == {n: r.content for n, r in recorded.items()}
    assert_every_release_reads_as_recorded(copy_of_sample)
    assert second in held


def test_rollback_is_one_act(copy_of_sample: Deployed, motcua: Motcua) -> None:
    before = copy_of_sample.published()
    assert publish_unchecked(copy_of_sample, change_of(copy_of_sample, 1)).changed
    where = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    unsaid = motcua("release", "rollback", str(before["release"][0][0]), *where)
    assert (unsaid.returncode, "--because" in unsaid.stderr) == (2, True)
    empty = motcua("release", "rollback", str(before["release"][0][0]), "--because", " ", *where)
    assert (empty.returncode, "needs a reason" in empty.stderr) == (2, True)
    finished = motcua("release", "rollback", str(before["release"][0][0]), *BECAUSE, *where)
    assert finished.returncode == 0, finished.stderr
    assert copy_of_sample.published()["content"] == before["content"]
    assert copy_of_sample.ask("select outcome, configuration from audit.run order by started_at desc limit 1") == [
        ("published", {"rollback_to": before["release"][0][0], "because": "cut off in transfer", "by": "Nguyễn Văn A"})
    ]
    assert copy_of_sample.ask("select because, asked_by from release.release order by release_id desc limit 1") == [
        ("cut off in transfer", "Nguyễn Văn A")
    ]
    listed = motcua("release", "list", *where).stdout
    assert "cut off in transfer (Nguyễn Văn A)" in " ".join(listed.split())


def test_only_a_release_that_passed_can_be_restored(copy_of_sample: Deployed, motcua: Motcua) -> None:
    run_id = open_run(copy_of_sample)
    refused = releases.publish(copy_of_sample.database, run_id)
    assert refused.verdict == "fail"
    before = copy_of_sample.published()
    for target in (refused.release_id, 999_999):
        with pytest.raises(UsageError) as told:
            releases.roll_back(copy_of_sample.database, open_run(copy_of_sample), target, ORDER)
        assert told.value.exit_code == 2
    where = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    assert motcua("release", "rollback", str(refused.release_id), *BECAUSE, *where).returncode == 2
    assert copy_of_sample.published() == before


def test_a_rollback_that_would_not_be_exact_is_refused_whole(copy_of_sample: Deployed) -> None:
    """A row of the history lost (by a superuser's hand): the hash on record tells, and nothing changes."""
    [(first,)] = copy_of_sample.ask("select release_id from release.pointer")
    publish_unchecked(copy_of_sample, change_of(copy_of_sample, 1))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stands in release"):
        copy_of_sample.do("delete from history.dim_date")
    with copy_of_sample.database.connect() as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("delete from history.dim_date")
    before = copy_of_sample.published()
    listed = len(releases.list_releases(copy_of_sample.database))
    with pytest.raises(psycopg.errors.RaiseException, match="cannot be restored exactly"):
        releases.roll_back(copy_of_sample.database, open_run(copy_of_sample), first, ORDER)
    assert copy_of_sample.published() == before
    assert len(releases.list_releases(copy_of_sample.database)) == listed


@pytest.mark.parametrize("setting", ["datestyle = 'German'", "timezone = 'Asia/Ho_Chi_Minh'", "extra_float_digits = -15",
                                     "bytea_output = 'escape'", "intervalstyle = 'iso_8601'"])  # fmt: skip
def test_the_hash_of_a_release_does_not_depend_on_the_session(sample: Deployed, setting: str) -> None:
    with sample.database.connect() as connection:
        connection.execute(f"set {setting}".encode())
        row = connection.execute("select release.content_of(release.relations_in('marts'))").fetchone()
    assert row is not None
    assert row[0] == sample.published()["content"]


#: What people ask of a release: each command with what its figures are found under.
COMMANDS = (
    ("figures", "--jurisdiction", "boston", "--by", "unit"),
    ("figures", "--jurisdiction", "boston", "--period", "2015-Q1"),
    ("ranking", "--jurisdiction", "boston"),
    ("catalogue", "changes", "--from", "2015-12-31", "--to", "2016-06-30"),
)


@pytest.mark.walk
def test_commands_print_an_old_release_as_they_printed_it_then(
    copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path, sampled: Path
) -> None:
    """A year's dossiers are gone from the next delivery; what was printed before is printed again, byte for byte."""
    on = ("--config", str(CONFIG), "--database", copy_of_sample.database.name, "--format", "json")
    then = {command: motcua(*command, *on).stdout for command in COMMANDS}
    [(first,)] = copy_of_sample.ask("select release_id from release.pointer")
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    corrected = write_cases(tmp_path / "cases.csv", cases[:-20])
    assert copy_of_sample.run(f"sources.boston311.path={corrected}").changed
    now = {command: motcua(*command, *on).stdout for command in COMMANDS}
    assert {c for c in COMMANDS if now[c] == then[c]} == {COMMANDS[-1]}, "only the charters say the same"
    for command in COMMANDS:
        again = motcua(*command, *on, "--release", str(first))
        assert (again.stdout, again.stderr) == (then[command], ""), command


def test_what_is_no_kept_release_is_not_read(copy_of_sample: Deployed, motcua: Motcua) -> None:
    with pytest.raises(GateRefused), session_on(copy_of_sample) as session:
        steps.publish(session)
    [(refused,)] = copy_of_sample.ask("select max(release_id) from release.release where verdict = 'fail'")
    on = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    for number in (refused, 999_999):
        told = motcua("figures", "--jurisdiction", "boston", *on, "--release", str(number))
        assert (told.returncode, told.stdout) == (2, ""), told.stderr
        assert "does not exist or was refused" in told.stderr
        with pytest.raises(psycopg.errors.NoDataFound):
            copy_of_sample.ask(
                "select count(*), set_config('motcua.release', %s, true) from marts_as_of.dim_unit", str(number)
            )
    with pytest.raises(psycopg.errors.NoDataFound, match="no release was asked for"):
        copy_of_sample.ask("select count(*) from marts_as_of.dim_unit")


def test_what_a_release_did_not_have_yet_is_said(copy_of_sample: Deployed, motcua: Motcua) -> None:
    """A column that came later is empty in the releases before it; nobody shall take that for a figure."""
    copy_of_sample.do("update release.mart set columns = columns || '{came_later}' where name = 'dim_unit'")
    for schema in ("marts", "history"):
        copy_of_sample.do(f"alter table {schema}.dim_unit add column came_later text")
    copy_of_sample.do("select release.show_as_of('dim_unit')")
    on = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    told = motcua("figures", "--jurisdiction", "boston", *on, "--release", "1")
    assert told.returncode == 0, told.stderr
    assert "release 1 had no dim_unit.came_later" in told.stderr
