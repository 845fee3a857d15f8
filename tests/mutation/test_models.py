"""Every mutant of the models that decide: told from the original by a unit test of dbt's or a test of working time.

Belongs here: which tests a subject's mutants meet, in which order. Does not: functions of the release store, or Python.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.conftest import Deployed
from tests.integration.working_time.conftest import Offices
from tests.mutation import office_tests
from tests.mutation.model_tests import UnitTest, trying
from tests.mutation.sql_mutants import Parts, parse
from tests.mutation.subjects import subjects
from tests.mutation.tally import Tally

pytestmark = pytest.mark.mutation
Report = Callable[[Tally], None]
_MODELS = subjects("models")


def _told_by_unit_tests(deployed: Deployed, tests: list[UnitTest]) -> tuple[set[str], set[str]]:
    """The names of all mutants that are queries at all, and of those that a unit test tells from the model."""
    valid: set[str] = set()
    told: set[str] = set()
    with trying(deployed.database) as connection:
        for test in tests:
            for name, query in test.mutants():
                if name in told:
                    continue
                answer = test.tried(connection, query)
                if answer != "invalid":
                    valid.add(name)
                if answer == "told":
                    told.add(name)
    return valid, told


@pytest.mark.parametrize("model", [m for m in _MODELS if m not in (*office_tests.RULES, *office_tests.CALENDARS)])
def test_of_a_model(sample: Deployed, tests_of_models: list[UnitTest], report: Report, model: str) -> None:
    own = [test for test in tests_of_models if test.model == model]
    valid, told = _told_by_unit_tests(sample, own)
    report(Tally(model, len(valid), frozenset(valid - told)))


@pytest.mark.parametrize("model", office_tests.RULES)
def test_of_a_rule(
    sample: Deployed, tests_of_models: list[UnitTest], offices: Offices, connection: psycopg.Connection, report: Report,
    model: str,
) -> None:  # fmt: skip
    shipped = office_tests.queries(offices)
    _, told = _told_by_unit_tests(sample, [test for test in tests_of_models if test.model == model])
    assert office_tests.of_rules(office_tests.mutated(offices, shipped, model, shipped[model]), connection)
    mutants = list(Parts(parse(shipped[model])).mutants())
    survivors = {
        mutant.name
        for mutant in mutants
        if mutant.name not in told
        and office_tests.of_rules(office_tests.mutated(offices, shipped, model, mutant.sql), connection)
    }
    report(Tally(model, len(mutants), frozenset(survivors)))


@pytest.mark.parametrize("subject", subjects("macros"))
def test_of_the_macros(offices: Offices, report: Report, subject: str) -> None:
    shipped = office_tests.queries(offices)
    assert office_tests.of_macros(office_tests.mutated(offices, shipped, subject, shipped[subject]))
    mutants = list(Parts(parse(shipped[subject]), with_macros=True).mutants())
    survivors = {
        mutant.name
        for mutant in mutants
        if office_tests.of_macros(office_tests.mutated(offices, shipped, subject, mutant.sql))
    }
    report(Tally(subject, len(mutants), frozenset(survivors)))


@pytest.mark.parametrize("model", office_tests.CALENDARS)
def test_of_a_calendar(
    sample: Deployed, tests_of_models: list[UnitTest], offices: Offices, report: Report, model: str
) -> None:
    """What dbt builds as tables; the working days are a view or a table like them."""
    shipped = office_tests.queries(offices)
    _, told = _told_by_unit_tests(sample, [test for test in tests_of_models if test.model == model])
    assert office_tests.of_calendars(office_tests.mutated(offices, shipped, model, shipped[model]), model)
    mutants = list(Parts(parse(shipped[model])).mutants())
    survivors = {
        mutant.name
        for mutant in mutants
        if mutant.name not in told
        and office_tests.of_calendars(office_tests.mutated(offices, shipped, model, mutant.sql), model)
    }
    assert office_tests.of_calendars(office_tests.mutated(offices, shipped, model, shipped[model]), model)
    report(Tally(model, len(mutants), frozenset(survivors)))
