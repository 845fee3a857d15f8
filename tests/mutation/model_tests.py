"""The dbt unit tests as dbt sends them, taken apart once, so that a mutant of a model is tried in milliseconds.

Belongs here: what a unit test gives, what it expects, and whether a mutant is told from the model. Does not: which mutants
there are (sql_mutants), or tests other than dbt's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from sqlglot import exp

from orchestration import dbt_project
from tests.conftest import Deployed
from tests.mutation.sql_mutants import Parts, parse
from tests.mutation.sql_rules import DIALECT, GIVEN
from warehouse.database import Database

#: What dbt calls the two sides.
_ACTUAL, _EXPECTED = "dbt_internal_unit_test_actual", "dbt_internal_unit_test_expected"
#: The model is a fraction of that in every unit test.
TIME_LIMIT = "3s"
Answer = Literal["same", "told", "invalid"]


@dataclass(frozen=True)
class UnitTest:
    """One unit test of a model: the model over given rows, which columns are looked at, and the rows expected."""

    name: str
    model: str
    parts: Parts
    columns: str
    expected: Counter[tuple[Any, ...]]

    def mutants(self) -> Iterator[tuple[str, str]]:
        """Name and query of every mutant of the model; the rows that are given stay as they are."""
        for mutant in self.parts.mutants(lambda part: not part.startswith(GIVEN)):
            yield mutant.name, mutant.sql

    def tried(self, connection: psycopg.Connection, query: str) -> Answer:
        """Whether this unit test would be red were the model this query."""
        try:
            with connection.transaction():
                rows = connection.execute(self._asking(query)).fetchall()
        except psycopg.errors.QueryCanceled:
            return "told"
        except psycopg.errors.DatabaseError as error:
            # Class 42: no query at all, which says nothing about tests. Anything else ends the model's build.
            return "invalid" if (error.sqlstate or "").startswith("42") else "told"
        return "same" if Counter(rows) == self.expected else "told"

    def _asking(self, query: str) -> bytes:
        return f"select {self.columns} from ({query}) as actual".encode()


def unit_tests(deployed: Deployed, models: tuple[str, ...] = ()) -> list[UnitTest]:
    """The unit tests of all models, or of these. Fails unless all are green, as dbt runs them and as taken apart."""
    sent: dict[str, str] = {}

    def listen(unique_id: str, statement: str) -> None:
        if _EXPECTED in statement and _ACTUAL in statement:
            sent[unique_id] = statement

    prepared = dbt_project.prepare(deployed.settings)
    count, problems = dbt_project.check_logic(deployed.settings, deployed.database, prepared, models, listen)
    assert problems == []
    assert len(sent) == count, f"{len(sent)} of {count} unit tests were seen"
    with trying(deployed.database) as connection:
        found = [_taken_apart(connection, unique_id, statement) for unique_id, statement in sorted(sent.items())]
        red = [test.name for test in found if test.tried(connection, test.parts.sql()) != "same"]
    assert red == [], "green for dbt and not as taken apart"
    return found


@contextmanager
def trying(database: Database) -> Iterator[psycopg.Connection]:
    """A connection as dbt's role, with a time limit for each mutant."""
    with database.connect("motcua_transformer") as connection:
        connection.execute(f"set statement_timeout = '{TIME_LIMIT}'".encode())
        connection.execute("set jit = off")
        connection.commit()
        yield connection


def _taken_apart(connection: psycopg.Connection, unique_id: str, statement: str) -> UnitTest:
    _, _, model, name = unique_id.split(".")
    whole = parse(statement)
    sides = {cte.alias: cte.this for cte in whole.ctes}
    actual, expected = sides[_ACTUAL], sides[_EXPECTED]
    columns = ", ".join(column.sql(DIALECT) for column in actual.expressions[:-1])
    model_query = actual.args["from_"].this.this
    assert isinstance(model_query, exp.Query)
    parts = Parts(model_query)
    given = f"with {_ACTUAL} as (select {columns} from ({parts.sql()}) as actual) "
    rows = expected.args["from_"].this.this.sql(DIALECT)
    wanted = connection.execute(f"{given} select {columns} from ({rows}) as expected".encode()).fetchall()
    return UnitTest(name, model, parts, columns, Counter(wanted))
