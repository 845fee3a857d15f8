"""The release store's rules by small examples; promises 1, 2, 3 and 13 try the same on a published Boston.

Belongs here: running every_rule.py, and that each rule is quick. Does not: the examples.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Deployed
from tests.guarantees.every_rule import RULES
from tests.guarantees.small_store import SmallStore, make_small_store

#: Processor time of a rule, here and in its session of the server, in seconds. The slowest takes 0.4, all 40 of them 4.1: the
#: mutation tests run them all for each mutant that changes nothing, and some for every other, thousands of times in all.
QUICK = 1.0


@pytest.fixture
def store(empty_database: Deployed) -> Iterator[SmallStore]:
    make_small_store(empty_database.database)
    with empty_database.database.connect() as connection:
        yield SmallStore(connection)
        connection.rollback()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(store: SmallStore, rule: Callable[[SmallStore], None]) -> None:
    [(session,)] = store.ask("select pg_backend_pid()")
    before = _processor_seconds(session)
    rule(store)
    assert (took := _processor_seconds(session) - before) < QUICK, f"{took:.1f} s: a rule is a few rows"


def _processor_seconds(session: int) -> float:
    """What this process and a session of the server have computed so far."""
    of_session = Path(f"/proc/{session}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()
    return time.process_time() + sum(map(int, of_session[11:13])) / os.sysconf("SC_CLK_TCK")
