"""The tests of working time (tests/integration/working_time) on mutants: macros, due dates, waiting, and calendars built anew.

Belongs here: the examples that those tests generate, made and worked out once, and a mutant's answers held against them; and
those of the tests that need no generated examples, asked as they are. Does not: what is true (a walk through the minutes there),
or which mutants there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration import dbt_project
from tests.integration.working_time import test_macros, test_rules
from tests.integration.working_time.conftest import Offices

MACROS = "working_time_cases"
DUE, TIMES = RULES = ("int_dossier__due", "int_dossier__working_time")
#: In the order in which they are built; each is read by those after it.
CALENDARS = ("int_calendar__named", "int_calendar__stretch", "int_calendar__day", "int_calendar__working_day",
             "int_calendar__bucket")  # fmt: skip
TIME_LIMIT = "20s"
Examples = list[tuple[Any, ...]]


@dataclass(frozen=True)
class _Mutated(Offices):
    """The offices, with other words for some of what dbt compiles."""

    instead: dict[str, str] = field(default_factory=dict)

    def compiled(self, name: str) -> str:
        return self.instead[name]


def _generated(strategy: st.SearchStrategy[Any], size: int) -> list[Any]:
    """As many examples as the tests of working time generate."""
    found: list[Any] = []

    @settings(max_examples=20, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(strategy, min_size=size, max_size=size))
    def batch(examples: list[Any]) -> None:
        found.extend(examples)

    batch()
    return found


class OfficeTests:
    """The examples in the database, and what is true of them."""

    def __init__(self, offices: Offices, connection: psycopg.Connection) -> None:
        """The connection has the inputs of the rules as tables of its transaction."""
        self._offices, self._connection = offices, connection
        self.shipped = dbt_project.compiled(
            offices.settings, offices.database, offices.prepared, [MACROS, *RULES, *CALENDARS]
        )
        connection.execute(f"set statement_timeout = '{TIME_LIMIT}'".encode())
        self._cases = [*test_macros.three_stretches(), *_generated(test_macros.made_cases(offices.tables), 150)]
        self._true_answers = test_macros.true_answers(offices, self._cases)
        # The table of cases stays, so that a query of it can be told from none.
        test_macros.answers(offices, connection, self.shipped[MACROS], self._cases)
        made = _generated(test_rules.made_dossiers(offices.tables), 40)
        dossiers = [*test_rules.every_setting(offices.tables), *made]
        test_rules.fill(connection, offices.tables, dossiers)
        self._true_rules: dict[str, Examples] = {
            DUE: [test_rules.true_due(offices.tables[d.office], d) for d in dossiers],
            TIMES: [test_rules.true_times(offices.tables[d.office], d) for d in dossiers],
        }

    def is_query(self, query: str) -> bool:
        """Whether the server understands it at all; what it does not says nothing about tests."""
        try:
            with self._taken_back():
                self._connection.execute(f"explain {query}".encode())
        except psycopg.DatabaseError as error:
            return not (error.sqlstate or "").startswith("42")
        return True

    def rule_holds(self, name: str, query: str) -> bool:
        """Whether due dates, or the time spent, come out right with this query in the model's place."""
        asked = {DUE: test_rules.DUE, TIMES: test_rules.TIMES}[name].format(query)
        mutated = self._with(name, query)
        return self._green(
            lambda: _same(self._connection.execute(asked.encode()).fetchall(), self._true_rules[name]),
            lambda: test_rules.test_the_decree_in_force_on_the_day_of_receipt_counts(mutated, self._connection),
        )

    def macros_hold(self, query: str) -> bool:
        """Whether each macro answers right, compiled so."""
        mutated = self._with(MACROS, query)
        return self._green(
            lambda: _same(test_macros.answers(self._offices, self._connection, query, self._cases), self._true_answers),
            lambda: test_macros.test_without_a_calendar_and_outside_it_everything_is_null(mutated),
        )

    def calendar_holds(self, name: str, query: str) -> bool:
        """Whether days, hours and look-ups are right when this model and what follows from it are built so."""
        if not self._built(name, query):
            return False
        offices = self._offices
        return self._green(
            lambda: test_macros.test_first_half_of_2023_has_121_working_days(offices),
            lambda: test_macros.test_every_day_of_a_calendar_is_as_its_office_works(offices),
            lambda: test_macros.test_a_changed_clock_makes_a_shorter_and_a_longer_night(offices),
        ) and self.macros_hold(self.shipped[MACROS])

    def _built(self, name: str, query: str) -> bool:
        try:
            with self._offices.database.connect("motcua_transformer") as connection:
                connection.execute(f"set local statement_timeout = '{TIME_LIMIT}'".encode())
                # As a build plans it: a mutant that is joined by a loop takes longer than that, and is not told from a wrong one.
                for setting in dbt_project.PLANNING.items():
                    connection.execute("select set_config(%s, %s, true)", setting)
                for built in CALENDARS[CALENDARS.index(name) :]:
                    told = query if built == name else self.shipped[built]
                    connection.execute(f"delete from intermediate.{built}".encode())
                    connection.execute(f"insert into intermediate.{built} {told}".encode())
        except psycopg.DatabaseError:
            return False
        return True

    def _with(self, name: str, query: str) -> _Mutated:
        offices = self._offices
        instead = {**self.shipped, name: query}
        return _Mutated(offices.settings, offices.database, offices.prepared, offices.tables, instead)

    def _green(self, *tests: Callable[[], object]) -> bool:
        """Whether all pass. An error of the database in a test is a red test; anything else is a fault of ours."""
        for test in tests:
            try:
                with self._taken_back():
                    test()
            except (AssertionError, psycopg.DatabaseError, ValueError):
                return False
        return True

    @contextmanager
    def _taken_back(self) -> Iterator[None]:
        with self._connection.transaction(force_rollback=True):
            yield


def _same(said: list[tuple[Any, ...]], true: Examples) -> None:
    assert said == true
