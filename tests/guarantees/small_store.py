"""A release store with two small tables, on which one act takes milliseconds: sealing, judging, publishing, rolling back.

Belongs here: making it and acting on it in one transaction that is taken back. Does not: assertions (release_rules.py).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from contracts.checks import RequiredCheck
from warehouse.database import Database
from warehouse.marts import Mart, MartColumn, sync_marts
from warehouse.migrate import migrate

FAILS, HOLDS, WARNS = "must hold", "may be borne", "only warns"
MARTS = (
    Mart(
        "thing", "for tests", ("code",),
        (MartColumn("code", "text", "key"), MartColumn("amount", "bigint", "number"), MartColumn("note", "text", "text")),
    ),
    Mart(
        "pair", "for tests", ("one", "two"),
        (MartColumn("one", "text", "key"), MartColumn("two", "text", "key"), MartColumn("amount", "bigint", "number")),
    ),
)  # fmt: skip
_COLUMNS = {mart.name: ", ".join(column.name for column in mart.columns) for mart in MARTS}
Row = tuple[Any, ...]


def make_small_store(database: Database) -> None:
    """Fills an empty database: schema, three checks of the three weights, two tables and their candidates."""
    weights = ((FAILS, "fail"), (HOLDS, "hold"), (WARNS, "warn"))
    migrate(database, [], [RequiredCheck(name, "for tests", severity) for name, severity in weights])  # type: ignore[arg-type]
    sync_marts(database, MARTS)
    with database.connect("motcua_transformer") as connection:
        connection.execute("create table candidate.thing (code text, amount bigint, note text)")
        connection.execute("create table candidate.pair (one text, two text, amount bigint)")


class SmallStore:
    """The store within one transaction of a superuser; whoever opened it takes everything back."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def ask(self, query: str, *values: object) -> list[Row]:
        return self._connection.execute(query.encode(), values).fetchall()

    def do(self, statement: str, *values: object) -> None:
        self._connection.execute(statement.encode(), values)

    def refused(self, statement: str, *values: object) -> str:
        """The error that stops a statement, as its code; empty when nothing does."""
        try:
            with self._connection.transaction():
                self.do(statement, *values)
        except psycopg.Error as error:
            return error.sqlstate or "?"
        return ""

    def run(self) -> UUID:
        """A run on record."""
        [(run_id,)] = self.ask("insert into audit.run (deployment, configuration) values ('d', '{}') returning run_id")
        return UUID(str(run_id))

    def say(self, run: UUID, **words: str) -> None:
        """What the three checks said: `fails`, `holds`, `warns`, each green, red, crashed or silent."""
        for weight, name in (("fails", FAILS), ("holds", HOLDS), ("warns", WARNS)):
            word = words.get(weight, "green")
            if word != "silent":
                self.do(
                    "insert into release.check_result (run_id, name, succeeded, message, observed, ran)"
                    " values (%s, %s, %s, %s, '{}', %s)",
                    run, name, word == "green", word, word != "crashed",
                )  # fmt: skip

    def fill(self, things: list[Row], pairs: list[Row] | None = None) -> None:
        """The candidates' rows, in one statement a table: rules run thousands of times, a thousand rows within some."""
        for table, rows in (("thing", things), ("pair", pairs or [])):
            self.do(f"delete from candidate.{table}")
            if rows:
                places = ", ".join(["(%s, %s, %s)"] * len(rows))
                self.do(f"insert into candidate.{table} values {places}", *(value for row in rows for value in row))

    def sealed(self, **words: str) -> UUID:
        """A run whose candidates were sealed and judged so."""
        run = self.run()
        self.ask("select release.seal_candidates(%s)", run)
        self.say(run, **words)
        return run

    def publish(self, run: UUID) -> Row:
        """What release.publish() answers: release, verdict, changed, reasons, changes."""
        [row] = self.ask("select release_id, verdict, changed, reasons, changes from release.publish(%s)", run)
        return row

    def release(self, things: list[Row], pairs: list[Row] | None = None) -> int:
        """Publishes these rows and gives the release."""
        self.fill(things, pairs)
        release_id, verdict, *_ = self.publish(self.sealed())
        assert verdict == "pass"
        return int(release_id)

    def current(self, table: str) -> list[Row]:
        return self.ask(f"select release_from, {_COLUMNS[table]} from marts.{table} order by 2, 3")

    def former(self, table: str) -> list[Row]:
        return self.ask(f"select release_from, release_to, {_COLUMNS[table]} from history.{table} order by 1, 2, 3, 4")

    def pointer(self) -> list[Row]:
        return self.ask("select release_id, verdict from release.pointer")
