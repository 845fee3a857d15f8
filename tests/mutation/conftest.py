"""What the mutation tests share: the database and calendars they run on, and the table printed at their end.

Belongs here: fixtures and the table. Does not: making or trying mutants.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Deployed
from tests.integration.working_time.conftest import offices
from tests.mutation.model_tests import UnitTest, unit_tests
from tests.mutation.tally import Tally, table

__all__ = ["offices"]
_TALLIES = pytest.StashKey[list[Tally]]()


@pytest.fixture(scope="session")
def tests_of_models(sample: Deployed) -> list[UnitTest]:
    """The dbt unit tests, taken apart once."""
    return unit_tests(sample)


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[Tally], None]:
    """Puts a subject into the table, and fails when its survivors are not those that were reviewed."""

    def add(tally: Tally) -> None:
        request.config.stash.setdefault(_TALLIES, []).append(tally)
        terminal = request.config.pluginmanager.get_plugin("terminalreporter")
        if isinstance(terminal, pytest.TerminalReporter):
            terminal.write_line("")
            terminal.write_line(table([tally])[1])
        tally.holds()

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tallies = terminalreporter.config.stash.get(_TALLIES, [])
    if tallies:
        terminalreporter.section("mutants")
        for line in table(tallies):
            terminalreporter.write_line(line)
        for tally in tallies:
            for name in tally.unreviewed:
                terminalreporter.write_line(f"survived: {tally.subject} | {name}")
            for name in tally.outdated:
                terminalreporter.write_line(f"reviewed and no survivor: {tally.subject} | {name}")
