"""What the tests of promises share beside tests/conftest.py. Belongs here: fixtures. Does not: assertions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.guarantees.warm_program import WarmProgram, warm_program
from warehouse.server.launcher import EmbeddedServer


@pytest.fixture(scope="session")
def program(session_server: EmbeddedServer) -> Iterator[WarmProgram]:
    """The program, imported once; one command at a time."""
    with warm_program() as warm:
        yield warm
