"""The release store's rules by small examples; promises 1, 2, 3 and 13 try the same on a published Boston.

Belongs here: running every_rule.py. Does not: the examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Deployed
from tests.guarantees.every_rule import RULES
from tests.guarantees.small_store import SmallStore, make_small_store


@pytest.fixture
def store(empty_database: Deployed) -> Iterator[SmallStore]:
    make_small_store(empty_database.database)
    with empty_database.database.connect() as connection:
        yield SmallStore(connection)
        connection.rollback()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(store: SmallStore, rule: Callable[[SmallStore], None]) -> None:
    rule(store)
