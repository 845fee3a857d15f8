"""A release after half a percent of the dossiers changed, against a full copy; and what BI tools ask, against plain tables.

Belongs here: these two comparisons, on a whole province and on its dossiers many times over. Does not: models, the gate.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import psycopg

from benchmarks.ground import Ground, settle
from benchmarks.rounds import line, seconds_of, take_turns, title
from contracts.checks import CheckResult
from expectations.suite import load_suite
from orchestration.session import NoProgress, open_session
from orchestration.settings import PROJECT, Settings, load_settings
from warehouse import releases
from warehouse.database import Database, open_database

_DATABASE = "released"
_CONFIG = PROJECT / "demo" / "thai_nguyen.yml"
#: One dossier in 200 is 0.5 %. Of each, the rows of every table about single dossiers are written otherwise.
_OF_CHANGED = "abs(hashtextextended(dossier_key, 0) %% 200) = %s"
_CHANGES = {
    "fct_dossier": "status = status || '*'",
    "fct_dossier_verdict": "due_at = due_at + interval '1 minute'",
    "fct_dossier_event": "happened_at = happened_at + interval '1 minute'",
    "fct_dossier_step": "act = act || '*'",
    "fct_dossier_record": "status = status || '*'",
}
#: The dossiers again and again under other keys, to a base of more than five million; with their verdicts alone.
_TIMES = 15
_LARGE = ("fct_dossier", "fct_dossier_verdict")

_QUESTIONS = {
    "monthly trend": "select received_month, policy, sum(resolved), sum(late) from {}.fct_timeliness where cut_off = %(cut_off)s"
    " group by received_month, policy order by received_month, policy",
    "unit ranking": "select unit_key, sum(on_time)::numeric / nullif(sum(resolved), 0) as rate from {}.fct_timeliness"
    " where cut_off = %(cut_off)s and policy = 'day' group by unit_key order by rate desc nulls last, unit_key",
    "one dossier": "select dossier_key, state, due_at, resolved_at from {}.fct_dossier where dossier_key = %(dossier)s",
    "count": "select count(*) from {}.fct_dossier",
    "a join of two facts": "select d.unit_key, v.policy, v.verdict, count(*) from {0}.fct_dossier as d"
    " inner join {0}.fct_dossier_verdict as v on v.dossier_key = d.dossier_key"
    " group by d.unit_key, v.policy, v.verdict order by d.unit_key, v.policy, v.verdict",
}
_ASKED = 5


@dataclass(slots=True)
class _Store:
    """A published province: releases of it, and copies of its tables in a schema beside."""

    settings: Settings
    database: Database
    changed: int = 0
    grown: int = 0

    def release(self) -> float:
        """Seal and publication together; what was written before, and the gate, are not part of it."""
        self._change()
        before = self._size()
        settle(self.database)
        with open_session(self.settings, NoProgress(), None) as session:
            took = seconds_of(lambda: releases.seal_candidates(self.database, session.run_id))
            green = [CheckResult(check.name, True, "holds") for check in load_suite()]
            releases.record_checks(self.database, session.run_id, green)
            took += seconds_of(lambda: self._publish(session))
        self.grown = self._size() - before
        return took

    def copy(self) -> float:
        """Every published table, rows and keys, written once more."""
        with self.database.connect() as connection:
            connection.execute("drop schema if exists copied cascade")
            connection.execute("create schema copied")
        settle(self.database)
        return seconds_of(self._copy)

    def _publish(self, session: Any) -> None:
        session.published = releases.publish(self.database, session.run_id)
        if not session.published.changed:
            raise RuntimeError(f"nothing was published: {session.published.reasons}")

    def _change(self) -> None:
        with self.database.connect("motcua_transformer") as connection:
            for table in self._tables(connection):
                if table in _CHANGES:
                    connection.execute(
                        f"update candidate.{table} set {_CHANGES[table]} where {_OF_CHANGED}".encode(), (self.changed,)
                    )
        self.changed += 1

    def _copy(self) -> None:
        with self.database.connect() as connection:
            for table in self._tables(connection):
                [(columns,)] = connection.execute(
                    "select string_agg(quote_ident(c), ', ' order by place) from release.mart, unnest(columns)"
                    " with ordinality as u (c, place) where name = %s", (table,),
                ).fetchall()  # fmt: skip
                [(keys,)] = connection.execute(
                    "select string_agg(quote_ident(k), ', ') from release.mart, unnest(key_columns) as k where name = %s",
                    (table,),
                ).fetchall()
                connection.execute(
                    f"create table copied.{table} as select {columns} from marts.{table} with no data".encode()
                )
                connection.execute(f"alter table copied.{table} add primary key ({keys})".encode())
                connection.execute(f"insert into copied.{table} select {columns} from marts.{table}".encode())

    @staticmethod
    def _tables(connection: psycopg.Connection) -> list[str]:
        return [str(name) for (name,) in connection.execute("select name from release.mart order by name").fetchall()]

    def _size(self) -> int:
        """Bytes of what is published and kept, without what was only freed inside."""
        with self.database.connect(autocommit=True) as connection:
            for table in self._tables(connection):
                connection.execute(f"vacuum marts.{table}".encode())
            [(size,)] = connection.execute(
                "select sum(pg_total_relation_size(format('%I.%I', schemaname, tablename)::regclass))"
                " from pg_tables where schemaname in ('marts', 'history', 'noted', 'hashed', 'rehashed')"
            ).fetchall()
        return int(size)


def measure(ground: Ground, rounds: int) -> None:
    """Prints the comparisons for a whole province, then for its dossiers many times over."""
    subprocess.run(
        [sys.executable, "-m", "demo", "province", "--folder", str(ground.folder / "province"), "--database", _DATABASE],
        check=True, stdout=subprocess.DEVNULL, cwd=PROJECT,
    )  # fmt: skip
    settings = load_settings(_CONFIG, [], _DATABASE)
    with open_database(settings.home, _DATABASE) as database:
        store = _Store(settings, database)
        _compare(store, "every published table", rounds)
        _ask(store, rounds)
        _multiply(store)
        _compare(store, f"dossiers {_TIMES} times over and their verdicts", min(rounds, 2))


def _compare(store: _Store, what: str, rounds: int) -> None:
    seconds = take_turns({"copy": store.copy, "release": store.release}, rounds)
    with store.database.connect() as connection:
        [(dossiers,)] = connection.execute("select count(*) from marts.fct_dossier").fetchall()
    title(
        f"release: {dossiers:,} dossiers, {what}",
        f"  median of {rounds} rounds (least to most), in turn, in one database.",
    )
    line("every published table written once more, with its key", seconds["copy"], seconds["copy"])
    line("seal and publication after 0.5 % of the dossiers changed", seconds["release"], seconds["copy"])
    with store.database.connect() as connection:
        [(whole,)] = connection.execute(
            "select sum(pg_total_relation_size(format('%I.%I', schemaname, tablename)::regclass))"
            " from pg_tables where schemaname = 'marts'"
        ).fetchall()
    print(
        f"  the store grew by {store.grown / 1e6:.1f} MB, {store.grown / int(whole):.2%} of {int(whole) / 1e6:,.0f} MB",
        flush=True,
    )


def _ask(store: _Store, rounds: int) -> None:
    """The copies have the columns that the models declare, and the same keys: plain tables."""
    with store.database.connect() as connection:
        [(cut_off,)] = connection.execute("select max(cut_off) from marts.fct_timeliness").fetchall()
        [(dossier,)] = connection.execute("select max(dossier_key) from marts.fct_dossier").fetchall()
        for schema in ("marts", "copied"):
            for table in ("fct_timeliness", "fct_dossier", "fct_dossier_verdict"):
                connection.execute(f"analyze {schema}.{table}".encode())
    title(
        "release: what BI tools ask",
        f"  as the BI role, {_ASKED} times a turn, median of {rounds} rounds, ratio to plain tables.",
    )
    for name, question in _QUESTIONS.items():
        turns = {
            schema: partial(_asked, store, question.format(schema), {"cut_off": cut_off, "dossier": dossier})
            for schema in ("copied", "marts")
        }
        seconds = take_turns(turns, rounds)
        ratio = median(one / other for one, other in zip(seconds["marts"], seconds["copied"], strict=True))
        print(f"  {name:<24} {1000 * median(seconds['marts']) / _ASKED:8.1f} ms  × {ratio:.2f}", flush=True)


def _asked(store: _Store, question: str, values: dict[str, object]) -> float:
    with store.database.connect() as connection:
        connection.execute("grant usage on schema copied to motcua_bi")
        connection.execute("grant select on all tables in schema copied to motcua_bi")
        connection.execute("set role motcua_bi")
        connection.execute(question.encode(), values).fetchall()

        def several() -> None:
            for _ in range(_ASKED):
                connection.execute(question.encode(), values).fetchall()

        return seconds_of(several)


def _multiply(store: _Store) -> None:
    """Publishes the dossiers many times over: the other tables leave the store, these two begin anew."""
    with store.database.connect() as connection:
        connection.execute("drop schema copied cascade")
        connection.execute("delete from release.mart where name <> all(%s)", (list(_LARGE),))
    releases.open_candidates(store.database, _LARGE)
    with store.database.connect("motcua_transformer") as connection:
        for table, keys in (
            ("fct_dossier", ("dossier_key",)),
            ("fct_dossier_verdict", ("dossier_verdict_key", "dossier_key")),
        ):
            [(columns,)] = connection.execute("select columns from release.mart where name = %s", (table,)).fetchall()
            listed = ", ".join(f"m.{column} || '/' || n" if column in keys else f"m.{column}" for column in columns)
            connection.execute(
                f"insert into candidate.{table} ({', '.join(columns)})"
                f" select {listed} from marts.{table} as m, generate_series(2, {_TIMES}) as n".encode()
            )
            connection.execute(f"analyze candidate.{table}".encode())
    store.release()
