"""The generic data test `keeps` (dbt_project/tests/generic/keeps.sql) goes red for every kind of rule it holds.

Belongs here: rows that break one rule of a table each, and what the build says of them. Does not: which table keeps what
(the YAML beside each).
"""

from __future__ import annotations

from orchestration import dbt_project
from tests.conftest import Deployed

#: A data test and the statement that breaks one of its rules, and no other.
BREAKS = {
    "a key twice": ("policy_keeps", "insert into intermediate.policy select * from intermediate.policy limit 1"),
    "a key of two columns twice": (
        "national_day_keeps",
        "insert into intermediate.national_day select * from intermediate.national_day limit 1",
    ),
    "no key": ("proxy_keeps", "update intermediate.proxy set proxy = null where proxy = 'stuck'"),
    "not given": (
        "every_verdict_is_known",
        "update candidate.fct_dossier_verdict set verdict = null where verdict = 'late'",
    ),
    "an unknown word": (
        "channel_kind_keeps",
        "update intermediate.channel_kind set kind = 'fax' where channel_code ="
        " (select min(channel_code) from intermediate.channel_kind)",
    ),
    "an unknown number": ("working_rule_keeps", "update intermediate.working_rule set receipt_is_day = 2"),
}


def _problems(deployed: Deployed) -> set[str]:
    prepared = dbt_project.prepare(deployed.settings)
    names = sorted({name for name, _ in BREAKS.values()} | {"rate_keeps"})
    heard: list[str] = []

    def hear(node: dict[str, object]) -> None:
        heard.append(str(node))

    problems = dbt_project.build(deployed.settings, deployed.database, prepared, hear, names)
    assert all(any(name in node for node in heard) for name in names), "each of them was asked"
    return {problem.split(":")[0] for problem in problems}


def test_it_holds_and_goes_red_for_every_kind_of_rule(copy_of_sample: Deployed) -> None:
    assert _problems(copy_of_sample) == set()
    for statement in (statement for _, statement in BREAKS.values()):
        copy_of_sample.do(statement)
    assert _problems(copy_of_sample) == {name for name, _ in BREAKS.values()}, "and the rates, left alone, hold"


def test_a_build_that_goes_on_asks_the_rows_of_what_was_touched(copy_of_sample: Deployed) -> None:
    """The others are those of which the same test held in the last build: what is wrong of them is found by the next whole
    one, and until then makes any build whole (orchestration/building.py)."""

    def asked(*, as_whole: bool) -> list[str]:
        prepared = dbt_project.prepare(copy_of_sample.settings)
        return dbt_project.build(
            copy_of_sample.settings, copy_of_sample.database, prepared, lambda _: None, ["every_verdict_is_known"],
            as_whole=as_whole,
        )  # fmt: skip

    [(key,)] = copy_of_sample.ask("select min(dossier_key) from candidate.fct_dossier_verdict")
    copy_of_sample.do("update candidate.fct_dossier_verdict set verdict = null where dossier_key = %s", key)
    assert asked(as_whole=False) == []
    assert asked(as_whole=True) != []
    copy_of_sample.do(
        "insert into intermediate.int_dossier__touched (jurisdiction, dossier_code, dossier_key)"
        " select jurisdiction, dossier_code, dossier_key from candidate.fct_dossier where dossier_key = %s",
        key,
    )
    assert asked(as_whole=False) == asked(as_whole=True)
