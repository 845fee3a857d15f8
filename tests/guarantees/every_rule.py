"""Every rule of the release store, for whoever runs them all: on the store itself, or on mutants of its functions.

Belongs here: the list. Does not: the rules (candidate_rules.py, hashing_rules.py, preparing_rules.py, release_rules.py). Each is
a few rows: the mutation tests run them thousands of times.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.guarantees import candidate_rules, hashing_rules, preparing_rules, release_rules
from tests.guarantees.small_store import SmallStore

RULES: tuple[Callable[[SmallStore], None], ...] = (
    *release_rules.RULES, *hashing_rules.RULES, *candidate_rules.RULES, *preparing_rules.RULES,
)  # fmt: skip
