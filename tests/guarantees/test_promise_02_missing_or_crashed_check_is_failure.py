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

from contracts.checks import CheckResult, RequiredCheck, Severity, reasons_against, verdict
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


WARNS = next(check.name for check in load_suite() if check.severity == "warn")


@pytest.mark.parametrize(("name", "weighs"), [(load_suite()[0].name, "fail"), (WARNS, "warn")])
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
    copy_of_sample: Deployed, monkeypatch: pytest.MonkeyPatch, query: str, name: str, weighs: Severity
) -> None:
    """It is reported as crashed, the other checks still run, and a plainly red one after it still shows. A check that would
    only have warned is no exception: nobody knows what it would have said.
    """
    crashing = Check(
        name=name, reason="a query that cannot run", hint="mend the query", violations=query, severity=weighs
    )
    monkeypatch.setattr(gate, "load_suite", lambda: [crashing if c.name == name else c for c in load_suite()])
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


@pytest.mark.walk
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
SEVERITIES: st.SearchStrategy[Severity] = st.sampled_from(["fail", "hold", "warn"])
#: Green, red, or crashed: a check that did not run to its end cannot be green.
WORDS = st.sampled_from([(True, True, "holds"), (False, True, "3 violations"), (False, False, "crashed: x")])
RESULTS = st.dictionaries(NAMES, WORDS)


@pytest.fixture
def judged_run(copy_of_sample: Deployed) -> tuple[Deployed, UUID]:
    with session_on(copy_of_sample) as session:
        releases.seal_candidates(session.database, session.run_id)
        return copy_of_sample, session.run_id


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(required=st.dictionaries(NAMES, SEVERITIES), said=RESULTS, borne=st.sets(NAMES))
def test_python_and_the_database_derive_the_same_verdict(
    judged_run: tuple[Deployed, UUID],
    required: dict[str, Severity],
    said: dict[str, tuple[bool, bool, str]],
    borne: set[str],
) -> None:
    deployed, run_id = judged_run
    wanted = [RequiredCheck(name, "for the test", severity) for name, severity in sorted(required.items())]
    results = [CheckResult(name, green, words, ran=ran) for name, (green, ran, words) in said.items()]
    with deployed.database.connect() as connection:
        _replace_judgement(connection, run_id, wanted, results)
        overridden = {name for name in sorted(borne) if _overridden(connection, run_id, name)}
        row = connection.execute("select release.reasons_against(%s)", (run_id,)).fetchone()
        connection.rollback()
    assert row is not None
    # Whatever somebody tries to override: only what is red, ran to its end and is no failure.
    assert overridden == {
        name for name in borne
        if required.get(name) in {"hold", "warn"} and said.get(name, (True, True, ""))[:2] == (False, True)
    }  # fmt: skip
    assert tuple(row[0]) == reasons_against(wanted, results, overridden)
    assert (verdict(wanted, results, overridden) == "pass") == (row[0] == [])
    assert (row[0] == []) == (
        bool(required)
        and all(_is_borne(severity, said.get(name), name in overridden) for name, severity in required.items())
    )


def _is_borne(severity: Severity, said: tuple[bool, bool, str] | None, overridden: bool) -> bool:
    if said is None or not said[1]:
        return False
    return said[0] or severity == "warn" or (severity == "hold" and overridden)


def _overridden(connection: psycopg.Connection, run_id: UUID, name: str) -> bool:
    try:
        with connection.transaction():
            connection.execute("select release.override_check(%s, %s, 'for the test', 'nobody')", (run_id, name))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.NoDataFound):
        return False
    return True


def _replace_judgement(
    connection: psycopg.Connection, run_id: UUID, wanted: list[RequiredCheck], results: list[CheckResult]
) -> None:
    connection.execute("delete from release.required_check")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into release.required_check (name, reason, severity) values (%s, %s, %s)",
            [(check.name, check.reason, check.severity) for check in wanted],
        )
        cursor.executemany(
            "insert into release.check_result (run_id, name, succeeded, message, observed, ran)"
            " values (%s, %s, %s, %s, '{}', %s)",
            [(run_id, r.name, r.succeeded, r.message, r.ran) for r in results],
        )


def test_the_required_checks_are_those_of_the_suite(copy_of_sample: Deployed) -> None:
    """A check struck off in the database comes back with the next run."""
    copy_of_sample.do("delete from release.required_check where name <> 'known_states'")
    open_run(copy_of_sample)
    assert {name for (name,) in copy_of_sample.ask("select name from release.required_check")} == {
        check.name for check in required_checks()
    }
