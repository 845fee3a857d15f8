"""The tests of working time (tests/integration/working_time) on mutants: macros, due dates, waiting, and calendars built anew.

Belongs here: handing a mutated query to those tests in place of the shipped one. Does not: what they ask (they hold the answers
against a walk through the minutes), or which mutants there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from hypothesis import Phase, settings

from orchestration import dbt_project
from tests.integration.working_time import test_macros, test_rules
from tests.integration.working_time.conftest import Offices

MACROS = "working_time_cases"
RULES = ("int_dossier__due", "int_dossier__working_time")
#: In the order in which they are built; each is read by those after it.
CALENDARS = ("int_calendar__named", "int_calendar__stretch", "int_calendar__day", "int_calendar__working_day",
             "int_calendar__bucket")  # fmt: skip


@dataclass(frozen=True)
class Mutated(Offices):
    """The offices, with other words for some of what dbt compiles."""

    instead: dict[str, str] = field(default_factory=dict)

    def compiled(self, name: str) -> str:
        return self.instead[name]


@contextmanager
def quickly() -> Iterator[None]:
    """Generated cases without a search for the smallest one: that a mutant is told from the original is all we ask."""
    settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), report_multiple_bugs=False)
    settings.load_profile("mutants")
    try:
        yield
    finally:
        settings.load_profile("default")


def queries(offices: Offices) -> dict[str, str]:
    """What dbt compiles for everything that is mutated here."""
    return dbt_project.compiled(offices.settings, offices.database, offices.prepared, [MACROS, *RULES, *CALENDARS])


def mutated(offices: Offices, shipped: dict[str, str], name: str, query: str) -> Mutated:
    return Mutated(offices.settings, offices.database, offices.prepared, offices.tables, {**shipped, name: query})


def of_macros(offices: Offices) -> bool:
    """Whether the tests of the macros stay green."""
    return _green(
        lambda: test_macros.test_without_a_calendar_and_outside_it_everything_is_null(offices),
        lambda: test_macros.test_generated_cases(offices),
    )


def of_rules(offices: Offices, connection: psycopg.Connection) -> bool:
    """Whether the tests of due dates and waiting stay green. The connection has the inputs of the two models."""

    def saved(test: Callable[[Offices, psycopg.Connection], None]) -> Callable[[], None]:
        def run() -> None:
            with connection.transaction(force_rollback=True):
                test(offices, connection)

        return run

    return _green(
        saved(test_rules.test_the_decree_in_force_on_the_day_of_receipt_counts), saved(test_rules.test_generated_dossiers)
    )


def of_calendars(offices: Mutated, changed: str) -> bool:
    """Whether the tests of calendars stay green when this model and what is built from it are built as given."""
    try:
        with offices.database.connect("motcua_transformer") as connection:
            connection.execute("set local statement_timeout = '20s'")
            for name in CALENDARS[CALENDARS.index(changed) :]:
                connection.execute(f"delete from intermediate.{name}".encode())
                connection.execute(f"insert into intermediate.{name} {offices.compiled(name)}".encode())
    except psycopg.errors.DatabaseError:
        return False
    return _green(
        lambda: test_macros.test_first_half_of_2023_has_121_working_days(offices),
        lambda: test_macros.test_every_day_of_a_calendar_is_as_its_office_works(offices),
        lambda: test_macros.test_a_changed_clock_makes_a_shorter_and_a_longer_night(offices),
        lambda: of_macros(offices) or _fail(),
    )


def _fail() -> None:
    raise AssertionError


def _green(*tests: Callable[[], None]) -> bool:
    """Whether all of them pass. An error of the database in a test is a red test; anything else is a fault of ours."""
    with quickly():
        try:
            for test in tests:
                test()
        except (AssertionError, psycopg.errors.DatabaseError, ValueError):
            return False
    return True
