"""Promise 2: a missing or crashed check is a failure. An empty full delivery publishes nothing and resurrects nothing.

Belongs here: checks that say nothing, and deliveries that hold nothing; the verdict in Python held against the one in
the database. Does not: checks that say no (promise 1).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.checks import CheckResult, RequiredCheck, reasons_against, verdict
from contracts.failures import GateRefused
from expectations import gate
from expectations.suite import Check, load_suite, required_checks
from orchestration import steps
from tests.conftest import CONFIG, Deployed
from tests.guarantees.breaks import BREAKS
from tests.guarantees.made_deliveries import cases_of, write_cases
from tests.guarantees.partial_runs import all_answered, all_green, deliver, open_run, session_on
from warehouse import releases

Motcua = Callable[..., subprocess.CompletedProcess[str]]
LAST_RELEASE = (
    "select r.verdict, r.reasons, a.outcome from release.release as r"
    " inner join audit.run as a on a.run_id = r.run_id order by r.release_id desc limit 1"
)


def test_a_check_missing_from_the_results_refuses_the_release(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    missing = load_suite()[-1].name
    with pytest.raises(GateRefused), session_on(copy_of_sample) as session:
        releases.seal_candidates(session.database, session.run_id)
        releases.record_checks(session.database, session.run_id, [r for r in all_green() if r.name != missing])
        steps.publish(session)
    assert copy_of_sample.published() == before
    assert copy_of_sample.ask(LAST_RELEASE) == [("fail", [f"{missing}: did not run"], "refused")]


def test_a_release_without_any_check_or_seal_is_refused(copy_of_sample: Deployed) -> None:
    before = copy_of_sample.published()
    with pytest.raises(GateRefused), session_on(copy_of_sample) as session:
        steps.publish(session)
    assert copy_of_sample.published() == before
    [(found, reasons, outcome)] = copy_of_sample.ask(LAST_RELEASE)
    assert (found, outcome) == ("fail", "refused")
    assert set(reasons) >= {f"{check.name}: did not run" for check in load_suite()}
    assert "the candidates were never sealed" in reasons


@pytest.mark.parametrize(
    "query",
    [
        "select 1 / (count(*) - count(*)) as crash from candidate.fct_dossier",
        "select nothing from candidate.no_such_table",
        "select cast(dossier_key as integer) as crash from candidate.fct_dossier",
        "selekt * form",
    ],
    ids=["division by zero", "missing table", "bad cast", "syntax"],
)
def test_a_check_whose_query_crashes_refuses_the_release(
    copy_of_sample: Deployed, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """It is reported as crashed, the other checks still run, and a plainly red one after it still shows."""
    crashing = Check(name=load_suite()[0].name, reason="a query that cannot run", violations=query)
    monkeypatch.setattr(gate, "load_suite", lambda: (crashing, *load_suite()[1:]))
    before = copy_of_sample.published()
    with pytest.raises(GateRefused), session_on(copy_of_sample) as session:
        all_answered(session)
        _break(copy_of_sample, "own_verdict_agrees")
        releases.seal_candidates(session.database, session.run_id)
        results = {result.name: result for result in steps.check(session)}
        steps.publish(session)
    assert set(results) == {check.name for check in load_suite()}
    assert {name for name, result in results.items() if not result.succeeded} == {crashing.name, "own_verdict_agrees"}
    assert results[crashing.name].message.startswith("crashed: ")
    assert results["own_verdict_agrees"].message == "1 violations"
    assert copy_of_sample.published() == before
    [(found, reasons, outcome)] = copy_of_sample.ask(LAST_RELEASE)
    assert (found, outcome) == ("fail", "refused")
    assert [reason.split(":")[0] for reason in reasons] == sorted([crashing.name, "own_verdict_agrees"])


def test_a_gate_that_crashes_as_a_whole_publishes_nothing(
    copy_of_sample: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("in the middle of the checks")

    monkeypatch.setattr(gate, "_run", crash)
    before = copy_of_sample.published()
    with pytest.raises(RuntimeError), session_on(copy_of_sample) as session:
        releases.seal_candidates(session.database, session.run_id)
        steps.check(session)
    assert copy_of_sample.ask("select outcome, problem from audit.run where run_id = %s", session.run_id) == [
        ("failed", "RuntimeError")
    ]
    assert copy_of_sample.ask("select count(*) from release.check_result where run_id = %s", session.run_id) == [(0,)]
    # And should anybody publish that run all the same, its checks are missing.
    refused = releases.publish(copy_of_sample.database, session.run_id)
    assert refused.verdict == "fail"
    assert set(refused.reasons) == {f"{check.name}: did not run" for check in load_suite()}
    assert copy_of_sample.published() == before


def _break(deployed: Deployed, name: str) -> None:
    for statement in BREAKS[name]:
        deployed.do(statement)


@pytest.mark.parametrize("content", ["header only", "0 bytes"])
def test_an_empty_full_delivery_publishes_nothing(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path, motcua: Motcua, content: str
) -> None:
    real = sampled / "boston311" / "cases.csv"
    file = tmp_path / "cases.csv"
    file.write_bytes(b"" if content == "0 bytes" else real.read_bytes().split(b"\n")[0] + b"\n")
    before = copy_of_sample.published()
    finished = motcua(
        "run", "--config", str(CONFIG), "--database", copy_of_sample.database.name, "--quiet",
        "--set", f"sources.boston311.path={file}", "--set", f"sources.cartas.path={sampled / 'cartas'}",
        "--set", "sources.boston311.as_of=2016-01-13",
    )  # fmt: skip
    assert finished.returncode == 2, finished.stderr
    assert "cases.csv" in finished.stderr
    attempts = copy_of_sample.ask(
        "select outcome, problem, rows_read, delivery_id, file_sha256 is not null, bytes from audit.delivery_attempt"
        " where source = 'boston311' order by attempt_id desc limit 1"
    )
    assert attempts == [("refused", "empty", 0, None, True, file.stat().st_size)]
    assert copy_of_sample.ask("select count(*) from audit.delivery where source = 'boston311'") == [(1,)]
    assert copy_of_sample.ask("select outcome from audit.run order by started_at desc limit 1") == [("failed",)]
    assert copy_of_sample.published() == before


def test_an_empty_full_delivery_resurrects_nothing(copy_of_sample: Deployed, tmp_path: Path, sampled: Path) -> None:
    """What counted before an empty delivery came counts after it, and no older delivery comes back in its place."""
    real = cases_of(sampled / "boston311" / "cases.csv")
    older = write_cases(tmp_path / "older" / "cases.csv", real[: len(real) // 2])
    deliver(copy_of_sample, f"sources.boston311.path={older}", "sources.boston311.as_of=2015-12-01")
    before = copy_of_sample.ask("select delivery_id, version from audit.delivery order by delivery_id")
    empty = tmp_path / "empty" / "cases.csv"
    write_cases(empty, [], columns=real[0])
    summary = copy_of_sample.run(f"sources.boston311.path={empty}")
    assert summary.failure is not None
    assert summary.failure.exit_code == 2
    assert copy_of_sample.ask("select delivery_id, version from audit.delivery order by delivery_id") == before
    again = copy_of_sample.run()
    assert (again.failure, again.changed) == (None, False)


NAMES = st.sampled_from(["accounting", "counts", "grains_agree", "known_states", "Volume", "unknown here"])
RESULTS = st.dictionaries(NAMES, st.tuples(st.booleans(), st.sampled_from(["holds", "3 violations", "crashed: x"])))


@pytest.fixture
def judged_run(copy_of_sample: Deployed) -> tuple[Deployed, UUID]:
    with session_on(copy_of_sample) as session:
        releases.seal_candidates(session.database, session.run_id)
        return copy_of_sample, session.run_id


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(required=st.sets(NAMES), said=RESULTS)
def test_python_and_the_database_derive_the_same_verdict(
    judged_run: tuple[Deployed, UUID], required: set[str], said: dict[str, tuple[bool, str]]
) -> None:
    deployed, run_id = judged_run
    wanted = [RequiredCheck(name, "for the test") for name in sorted(required)]
    results = [CheckResult(name, green, words) for name, (green, words) in said.items()]
    with deployed.database.connect() as connection:
        _replace_judgement(connection, run_id, wanted, results)
        row = connection.execute("select release.reasons_against(%s)", (run_id,)).fetchone()
        connection.rollback()
    assert row is not None
    assert tuple(row[0]) == reasons_against(wanted, results)
    assert (verdict(wanted, results) == "pass") == (row[0] == [])
    assert (verdict(wanted, results) == "pass") == (bool(required) and all(said.get(n, (False,))[0] for n in required))


def _replace_judgement(
    connection: psycopg.Connection, run_id: UUID, wanted: list[RequiredCheck], results: list[CheckResult]
) -> None:
    connection.execute("delete from release.required_check")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into release.required_check (name, reason) values (%s, %s)", [(c.name, c.reason) for c in wanted]
        )
        cursor.executemany(
            "insert into release.check_result (run_id, name, succeeded, message, observed) values (%s, %s, %s, %s, '{}')",
            [(run_id, r.name, r.succeeded, r.message) for r in results],
        )


def test_the_required_checks_are_those_of_the_suite(copy_of_sample: Deployed) -> None:
    """A check struck off in the database comes back with the next run."""
    copy_of_sample.do("delete from release.required_check where name <> 'known_states'")
    open_run(copy_of_sample)
    assert {name for (name,) in copy_of_sample.ask("select name from release.required_check")} == {
        check.name for check in required_checks()
    }
