"""Every mutant of the release store's functions: told from the original by the rules of promise 15's small store.

Belongs here: putting a mutant in a function's place and asking the rules (tests/guarantees/every_rule.py). Does not: the
rules, or the changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import psycopg
import pytest

from tests.conftest import Deployed
from tests.guarantees.every_rule import RULES
from tests.guarantees.small_store import SmallStore, make_small_store
from tests.mutation.plpgsql_rules import mutations
from tests.mutation.sql_mutants import Parts, parse
from tests.mutation.subjects import subjects
from tests.mutation.tally import Tally
from warehouse.database import Database

pytestmark = pytest.mark.mutation
_DEFINED = (
    "select p.prosrc, pg_get_functiondef(p.oid), l.lanname from pg_proc as p"
    " inner join pg_language as l on l.oid = p.prolang where p.oid = to_regproc(%s)"
)


def _bodies(body: str, language: str) -> dict[str, str]:
    """The body of every mutant, by name: by its text, and where it is one query, as a query too."""
    found = {mutation.name: mutation.body for mutation in mutations(body)}
    if language == "sql":
        found |= {mutant.name: mutant.sql for mutant in Parts(parse(body)).mutants()}
    return found


class _Rules:
    """The rules, those first that told most mutants so far: neighbours in a function are mostly told by the same one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: Counter[str] = Counter()

    def are_red(self, definition: str) -> bool | None:
        """Whether some rule is red with this function in its place; None when it is no function at all."""
        # A session for each: the server keeps plans of every version of a function, and after a few dozen mutants
        # two thirds of its time went into looking through them.
        with self._database.connect() as connection:
            connection.execute("set statement_timeout = '10s'")
            connection.execute("set check_function_bodies = on")
            connection.commit()
            for rule in sorted(RULES, key=lambda rule: -self._told[rule.__name__]):
                with connection.transaction(force_rollback=True):
                    try:
                        connection.execute(definition.encode())
                    except psycopg.DatabaseError:
                        return None
                    try:
                        rule(SmallStore(connection))
                    except (AssertionError, LookupError, TypeError, ValueError, psycopg.DatabaseError):
                        self._told[rule.__name__] += 1
                        return True
        return False


@pytest.mark.parametrize("function", subjects("functions"))
def test_of_a_function(empty_database: Deployed, report: Callable[[Tally], None], function: str) -> None:
    make_small_store(empty_database.database)
    [(body, definition, language)] = empty_database.ask(_DEFINED, function)
    rules = _Rules(empty_database.database)
    assert definition.count(body) == 1
    assert rules.are_red(definition) is False, "red without any mutant"
    answers = {
        name: rules.are_red(definition.replace(body, mutant)) for name, mutant in _bodies(body, language).items()
    }
    tried = {name: told for name, told in answers.items() if told is not None}
    report(Tally(function, len(tried), frozenset(name for name, told in tried.items() if not told)))
