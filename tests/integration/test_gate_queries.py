"""What the gate asks of the server: each query once, whatever Great Expectations makes of it.

Belongs here: how often a check's query runs. Does not: what checks say (tests/guarantees), or how long they take (benchmarks).
"""

from __future__ import annotations

from expectations.gate import run_gate
from expectations.suite import Check
from tests.conftest import Deployed


def test_a_violation_query_is_asked_once(copy_of_sample: Deployed) -> None:
    """At the size of a province half of the gate's time hangs on it. A sequence counts the rows that were
    looked at; one that breaks the rule would be fetched once more, to be stored."""
    copy_of_sample.do("create sequence candidate.asked")
    copy_of_sample.do("grant usage on sequence candidate.asked to motcua_checker")
    check = Check(
        name="counted", reason="how often this is asked is counted", hint="nothing is wrong with it",
        violations="select place from generate_series(1, 3) as given (place) where nextval('candidate.asked') < 0",
    )  # fmt: skip
    [result] = run_gate(copy_of_sample.database.url, "motcua_checker", [check])
    assert result.succeeded, result.message
    assert copy_of_sample.ask("select last_value, is_called from candidate.asked") == [(3, True)]
