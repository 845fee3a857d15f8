"""Every mutant of the models that decide: told from the original by a unit test of dbt's or a test of working time.

Belongs here: which tests a subject's mutants meet, in which order. Does not: functions of the release store, or Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Deployed
from tests.integration.working_time.conftest import Offices
from tests.integration.working_time.test_rules import set_up
from tests.mutation.model_tests import UnitTest, trying
from tests.mutation.office_tests import CALENDARS, MACROS, RULES, OfficeTests
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


@pytest.mark.parametrize("model", [m for m in _MODELS if m not in (*RULES, *CALENDARS)])
def test_of_a_model(sample: Deployed, tests_of_models: list[UnitTest], report: Report, model: str) -> None:
    own = [test for test in tests_of_models if test.model == model]
    valid, told = _told_by_unit_tests(sample, own)
    report(Tally(model, len(valid), frozenset(valid - told)))


@pytest.fixture(scope="module")
def of_offices(offices: Offices) -> Iterator[OfficeTests]:
    with offices.database.connect("motcua_transformer") as connection:
        set_up(connection)
        yield OfficeTests(offices, connection)
        connection.rollback()


def _tally(of_offices: OfficeTests, subject: str, told: set[str], holds: Callable[[str], bool]) -> Tally:
    """Of the mutants that no unit test tells from the shipped query: those with which its tests hold as well."""
    query = of_offices.shipped[subject]
    assert holds(query), "red without any mutant"
    parts = Parts(parse(query), with_macros=subject == MACROS)
    assert holds(parts.sql()), "red when taken apart"
    mutants = [mutant for mutant in parts.mutants() if of_offices.is_query(mutant.sql)]
    survivors = frozenset(mutant.name for mutant in mutants if mutant.name not in told and holds(mutant.sql))
    assert holds(query), "red after all mutants"
    return Tally(subject, len(mutants), survivors)


@pytest.mark.parametrize("model", RULES)
def test_of_a_rule(
    sample: Deployed, tests_of_models: list[UnitTest], of_offices: OfficeTests, report: Report, model: str
) -> None:
    _, told = _told_by_unit_tests(sample, [test for test in tests_of_models if test.model == model])
    report(_tally(of_offices, model, told, lambda query: of_offices.rule_holds(model, query)))


@pytest.mark.parametrize("subject", subjects("macros"))
def test_of_the_macros(of_offices: OfficeTests, report: Report, subject: str) -> None:
    report(_tally(of_offices, subject, set(), of_offices.macros_hold))


@pytest.mark.parametrize("model", CALENDARS)
def test_of_a_calendar(
    sample: Deployed, tests_of_models: list[UnitTest], of_offices: OfficeTests, report: Report, model: str
) -> None:
    _, told = _told_by_unit_tests(sample, [test for test in tests_of_models if test.model == model])
    report(_tally(of_offices, model, told, lambda query: of_offices.calendar_holds(model, query)))
