"""Promise 15: mutating the verdict, the publish act, the classification or the calendar turns some test red.

Belongs here: a handful of mutants by name, each of which must be told from the original in every run of the tests. Does not: all
of them (`make test-mutation`, tests/mutation).
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import psycopg
import pytest

import contracts.checks
from tests.conftest import Deployed
from tests.guarantees.every_rule import RULES
from tests.guarantees.small_store import SmallStore, make_small_store
from tests.mutation.model_tests import trying, unit_tests
from tests.mutation.plpgsql_rules import mutations
from tests.mutation.reviewed import reviewed
from tests.mutation.subjects import subjects
from tests.unit import test_verdict

#: Model → mutants of it, as `make test-mutation` names them.
CLASSIFICATION = {
    "int_dossier__judged": (
        "result: exceeded_at < resolved_at -> exceeded_at <= resolved_at",
        "result: resolved_on > due_on -> resolved_on >= due_on",
        "result: drop from and: missing_due = 'in_time'",
    ),
    "fct_dossier_verdict": (
        "result: dossier.received_at >= as_of.as_of -> dossier.received_at > as_of.as_of",
        "result: judged.due_on < as_of.as_of_day -> judged.due_on <= as_of.as_of_day",
    ),
    "fct_catalogue_change": ("change: later.content_sha1 <> earlier.content_sha1 -> later.content_sha1 = earlier.content_sha1",),
    "int_calendar__bucket": ("stretch: MIN(minutes) -> max",),
    "dim_period": ("result: to_at <= as_of -> to_at < as_of",),
}  # fmt: skip
#: Function → mutants of it, each with the rule that must be red.
STORE = {
    "release.publish": ("if false in: if not release.is_seal_whole(publishing) then",),
    "release.words_on": ("is not true -> is true in: where result.succeeded is not true",),
    "release.reasons_against": (
        "'fail' -> 'pass' in: where weighs = 'fail' or (weighs = 'hold' and overridden is null)",
        "is null -> is not null in: where weighs = 'fail' or (weighs = 'hold' and overridden is null)",
    ),
    "release.override_check": ("'fail' -> 'pass' in: word.severity = 'fail'",),
}
VERDICT = (
    ("not result.ran or", ""),
    ('return ("no required check is defined",)', "return ()"),
    ('else "pass"', 'else "fail"'),
    ("check.name not in overridden", "not overridden"),
)


def test_mutants_of_the_classification_and_the_calendar_are_told(sample: Deployed) -> None:
    told: dict[tuple[str, str], bool] = {}
    tests = unit_tests(sample, tuple(CLASSIFICATION))
    with trying(sample.database) as connection:
        for test in tests:
            for name, query in test.mutants():
                if name in CLASSIFICATION[test.model]:
                    before = told.get((test.model, name), False)
                    told[test.model, name] = before or test.tried(connection, query) == "told"
    assert told == {(model, name): True for model, names in CLASSIFICATION.items() for name in names}


@pytest.mark.parametrize("function", STORE)
def test_mutants_of_the_release_store_are_told(empty_database: Deployed, function: str) -> None:
    make_small_store(empty_database.database)
    with empty_database.database.connect() as connection:
        [(body, definition)] = connection.execute(
            "select prosrc, pg_get_functiondef(oid) from pg_proc where oid = to_regproc(%s)", (function,)
        ).fetchall()
        assert not _some_rule_is_red(connection, definition)
        mutants = {mutation.name: mutation.body for mutation in mutations(body)}
        for name in STORE[function]:
            assert _some_rule_is_red(connection, definition.replace(body, mutants[name])), name


def _some_rule_is_red(connection: psycopg.Connection, definition: str) -> bool:
    for rule in RULES:
        with connection.transaction(force_rollback=True):
            connection.execute(definition.encode())
            try:
                rule(SmallStore(connection))
            except (AssertionError, LookupError, TypeError, ValueError, psycopg.DatabaseError):
                return True
    return False


@pytest.mark.parametrize(("words", "instead"), VERDICT)
def test_mutants_of_the_verdict_in_python_are_told(monkeypatch: pytest.MonkeyPatch, words: str, instead: str) -> None:
    source = Path(str(contracts.checks.__file__)).read_text(encoding="utf-8")
    assert source.count(words) == 1
    assert not _table_is_red()
    mutated = ModuleType("mutated_checks")
    monkeypatch.setitem(sys.modules, "mutated_checks", mutated)
    exec(source.replace(words, instead), vars(mutated))
    for name in ("reasons_against", "verdict", "CheckResult", "RequiredCheck"):
        monkeypatch.setattr(test_verdict, name, vars(mutated)[name])
    assert _table_is_red()


def _table_is_red() -> bool:
    [table] = test_verdict.test_one_check.pytestmark
    try:
        for case in table.args[1]:
            test_verdict.test_one_check(*case)
        test_verdict.test_nothing_required_lets_nothing_through()
        test_verdict.test_every_check_is_looked_at_and_the_reasons_are_in_order()
    except AssertionError:
        return True
    return False


def test_every_reviewed_mutant_is_of_a_subject() -> None:
    known = {*subjects("models"), *subjects("macros"), *subjects("functions"), *subjects("modules")}
    assert {entry.subject for entry in reviewed()} <= known
