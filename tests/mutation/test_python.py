"""Every mutant that mutmut makes of the Python modules that decide.

Belongs here: one test a module. Does not: the modules' own tests (tests/unit).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.mutation.python_mutants import run_mutmut, tally_of
from tests.mutation.subjects import subjects
from tests.mutation.tally import Tally

pytestmark = pytest.mark.mutation


@pytest.fixture(scope="module")
def tried() -> None:
    run_mutmut()


@pytest.mark.parametrize("module", subjects("modules"))
def test_of_a_module(tried: None, report: Callable[[Tally], None], module: str) -> None:
    report(tally_of(module))
