"""A check that holds a run back lets go only on a person's word, on record; a failure never does.

Belongs here: overriding through the program, and what it then publishes. Does not: each role's attempts (promise 3), or
the rule itself (promise 2 holds Python's and the database's against each other).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from uuid import UUID

import pytest

from contracts.failures import GateRefused, UsageError
from contracts.order import Order
from orchestration import steps
from orchestration.overriding import Wanted, bear_with
from tests.conftest import CONFIG, Deployed
from tests.guarantees.breaks import BREAKS
from tests.guarantees.partial_runs import all_answered, session_on
from warehouse import releases

Motcua = Callable[..., subprocess.CompletedProcess[str]]
HELD = "own_verdict_agrees"
WHY = "nguồn xác nhận"


def refused_run(deployed: Deployed, *, severity: str, broken: tuple[str, ...] = (HELD,)) -> UUID:
    """A run that the gate refused, one check weighing as told and broken like the others named."""
    with pytest.raises(GateRefused), session_on(deployed) as session:
        deployed.do("update release.required_check set severity = %s where name = %s", severity, HELD)
        steps.stands_already(session)
        session.published = None
        all_answered(session)
        for name in broken:
            for statement in BREAKS[name]:
                deployed.do(statement)
        releases.seal_candidates(session.database, session.run_id)
        steps.check(session)
        steps.publish(session)
    return session.run_id


def bear(deployed: Deployed, run_id: UUID | None, because: str = WHY) -> str:
    return bear_with(deployed.settings, deployed.database, Wanted(run_id, None, HELD, Order(because, "Trần Thị B")))


def test_what_was_held_is_published_on_a_persons_word_and_stands(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    run_id = refused_run(copy_of_sample, severity="hold")
    assert copy_of_sample.published() == before
    [(reasons,)] = copy_of_sample.ask("select reasons from release.release order by release_id desc limit 1")
    assert reasons == [f"{HELD}: 1 violations (held)"]
    said = bear(copy_of_sample, None)
    held = copy_of_sample.ask("select max(release_id) from release.release where verdict = 'pass'")
    assert f"release {held[0][0]} is published" in said
    assert copy_of_sample.published()["release"] == held
    assert copy_of_sample.ask("select content from release.seal where run_id = %s", run_id) == [
        (copy_of_sample.published()["content"],)
    ]
    assert copy_of_sample.ask("select name, because, made_for, severity from release.check_override") == [
        (HELD, WHY, "Trần Thị B", "hold")
    ]
    assert copy_of_sample.ask("select warnings from release.release order by release_id desc limit 1") == [
        ([f"{HELD}: 1 violations (overridden by Trần Thị B: {WHY})"],)
    ]
    again = copy_of_sample.run()
    assert (again.failure, again.changed, again.release_id) == (None, False, held[0][0])


def test_a_failure_beside_it_is_not_overridden_with_it(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    run_id = refused_run(copy_of_sample, severity="hold", broken=(HELD, "restating_loses_nothing"))
    assert "the run stays refused: restating_loses_nothing: " in bear(copy_of_sample, run_id)
    with pytest.raises(UsageError, match="already"):
        bear(copy_of_sample, run_id)
    assert copy_of_sample.published() == before


def test_a_failure_an_empty_reason_and_a_green_check_are_refused(copy_of_sample: Deployed, motcua: Motcua) -> None:
    before = copy_of_sample.published()
    run_id = refused_run(copy_of_sample, severity="fail")
    with pytest.raises(UsageError, match="a failure cannot be overridden"):
        bear(copy_of_sample, run_id)
    with pytest.raises(UsageError, match="a reason"):
        bear(copy_of_sample, run_id, "  ")
    command = (
        "gate",
        "override",
        "--config",
        str(CONFIG),
        "--database",
        copy_of_sample.database.name,
        "--because",
        WHY,
    )
    for check, told in ((HELD, "cannot be overridden"), ("known_states", "is green"), ("no_such", "no result")):
        finished = motcua(*command, "--run", str(run_id), "--check", check)
        assert (finished.returncode, told in finished.stderr) == (2, True), finished.stderr
    assert copy_of_sample.ask("select count(*) from release.check_override") == [(0,)]
    assert copy_of_sample.published() == before


def test_candidates_built_anew_are_not_let_out_by_an_older_word(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    run_id = refused_run(copy_of_sample, severity="hold")
    copy_of_sample.do("update candidate.dim_unit set unit_code = unit_code || ' (new)'")
    with pytest.raises(GateRefused, match="the candidates are not those that were checked"):
        bear(copy_of_sample, run_id)
    assert copy_of_sample.published() == before


def test_a_warning_is_answered_for_on_record_and_told(copy_of_sample: Deployed, motcua: Motcua) -> None:
    with session_on(copy_of_sample) as session:
        all_answered(session)
        for statement in BREAKS["channel_shares_against_the_last_release"]:
            copy_of_sample.do(statement)
        releases.seal_candidates(session.database, session.run_id)
        steps.check(session)
        steps.publish(session)
    after = copy_of_sample.published()
    where = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    check = "channel_shares_against_the_last_release"
    finished = motcua("gate", "override", *where, "--check", check, "--because", WHY, "--by", "Trần Thị B")
    assert finished.returncode == 0, finished.stderr
    told = json.loads(motcua("gate", "explain", *where, "--format", "json").stdout)
    [warning] = told["failed"]
    assert (warning["check"], warning["severity"], told["outcome"]) == (check, "warn", "published")
    assert (warning["overridden"]["because"], warning["overridden"]["made_for"]) == (WHY, "Trần Thị B")
    shown = motcua("gate", "explain", *where, "--language", "vi").stdout
    assert f"Trần Thị B, {warning['overridden']['made_at'][:10]}: {WHY}" in shown
    assert "cảnh báo" in shown
    assert check in motcua("release", "list", *where, "--format", "csv").stdout
    assert copy_of_sample.published() == after


def test_bounds_are_proposed_from_what_good_releases_measured(copy_of_sample: Deployed, motcua: Motcua) -> None:
    """One good release is too few, and the program says so; the check's own bound stands beside."""
    where = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    finished = motcua("gate", "suggest", *where)
    assert finished.returncode == 0, finished.stderr
    assert "# quarantined_share (fail)" in finished.stdout
    assert "stands at most 0.01; 1 good releases measured it, 5 are needed" in finished.stdout
