"""The rules of preparing a candidate before it is sealed, each by an example of a few rows (small_store.py): what was found of it
stands until a row is written or another release comes, and no longer.

Belongs here: examples of release.prepare_candidate. Does not: how rows are hashed (hashing_rules.py), or which tables are taken
over (candidate_rules.py); every_rule.py has them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.guarantees.candidate_rules import NO_PLAIN_TABLE
from tests.guarantees.hashing_rules import what_is_held_is_on_record
from tests.guarantees.release_rules import QUEUED, SHARED, A, B
from tests.guarantees.small_store import Row, SmallStore

PAIR = ("p", "q", 7)
#: The answer where a candidate says that it holds ninety-nine rows: nobody looked at it.
UNSEEN = 99


def _prepared(store: SmallStore, table: str = "thing") -> dict[str, Any]:
    [(content,)] = store.ask("select release.prepare_candidate(%s)", table)
    return dict(content)


def _held(store: SmallStore, table: str = "thing") -> dict[str, Any]:
    """What the candidate holds, every row read."""
    [(content,)] = store.ask(
        "select release.content_of(jsonb_build_object(name, jsonb_build_object("
        "'relation', 'candidate.' || name, 'columns', to_jsonb(columns)))) -> name from release.mart where name = %s", table
    )  # fmt: skip
    return dict(content)


def _spoil(store: SmallStore) -> None:
    store.do("update release.candidate set content = jsonb_set(content, '{rows}', %s::text::jsonb)", UNSEEN)


def what_was_found_stands_until_a_row_is_written(store: SmallStore) -> None:
    noted = "select mart, content is not null from release.candidate order by mart"
    store.release([A, B], [PAIR])
    for written in (
        "insert into candidate.thing values ('d', 1, null)",
        "update candidate.thing set amount = 9 where code = 'a'",
        "delete from candidate.thing where code = 'b'",
        "truncate candidate.thing",
        "insert into candidate.thing values ('e', 5, 'y')",
    ):
        found, other = _prepared(store), _prepared(store, "pair")
        assert store.ask("select content from release.candidate order by mart") == [(other,), (found,)]
        assert store.ask(noted) == [("pair", True), ("thing", True)]
        store.do(written)
        assert store.ask(noted) == [("pair", True), ("thing", False)], written
        assert _prepared(store) == _held(store) != found, written


def what_was_found_is_not_looked_at_again(store: SmallStore) -> None:
    """Not before the first release either; and what is sealed is what was found."""
    for before_the_first in (True, False):
        store.fill([A, B], [PAIR])
        assert _prepared(store) == _held(store)
        assert _prepared(store, "pair") == _held(store, "pair")
        _spoil(store)
        assert _prepared(store)["rows"] == UNSEEN
        [(sealed,)] = store.ask("select release.seal_candidates(%s)", store.run())
        assert [sealed[table]["rows"] for table in ("thing", "pair")] == [UNSEEN, UNSEEN], before_the_first
        store.release([A], [PAIR])


def another_release_or_other_columns_ask_anew(store: SmallStore) -> None:
    first = store.release([A], [PAIR])
    store.release([A, B], [PAIR])
    _spoil(store)
    store.do("savepoint before")
    store.ask("select * from release.rollback(%s, %s, 'why', 'who')", store.run(), first)
    assert _prepared(store) == _held(store)
    store.do("rollback to savepoint before")
    store.do("update release.mart set columns = '{code,amount}' where name = 'thing'")
    assert _prepared(store) == _held(store)
    assert _prepared(store)["columns"] == ["code", "amount"]
    assert _prepared(store, "pair")["rows"] == UNSEEN


def what_was_made_for_no_release_goes(store: SmallStore) -> None:
    """A row changed and changed back: nothing is taken over of what lay ready in between."""
    made = "select mart from release.rehashed_mart"
    store.release([A, B], [PAIR])
    standing = _held(store)
    store.do("update candidate.thing set amount = 9 where code = 'a'")
    _prepared(store)
    assert store.ask(made) == [("thing",)]
    store.do("update candidate.thing set amount = 1 where code = 'a'")
    store.do("insert into candidate.pair values ('r', 's', 1)")
    run = store.sealed()
    assert _prepared(store) == standing
    assert store.ask(made) == [("pair",)]
    assert store.publish(run)[1:3] == ("pass", True)
    what_is_held_is_on_record(store, 2)
    what_is_held_is_on_record(store, 2, "pair")


_NOTED = "select code, hash_gone is not null, hash_come is not null from noted.thing order by code"


def rows_written_more_than_once_are_noted_once(store: SmallStore) -> None:
    """Few of many, which are looked up all at once, and more than a tenth of them."""
    rows: list[Row] = [(f"{number:02}", number, "x") for number in range(25)]
    for changed in (("03",), ("03", "04", "05", "06")):
        store.do("savepoint before")
        first = store.release(rows, [PAIR])
        assert store.ask("select reltuples from pg_class where oid = 'marts.thing'::regclass") == [(25,)]
        for amount in (100, 200, 300):
            store.do("update candidate.thing set amount = %s where code = any(%s)", amount, list(changed))
        store.do("delete from candidate.thing where code in ('01', '02')")
        store.do("insert into candidate.thing values ('01', 1, 'x'), ('98', 9, null), ('99', 9, null)")
        store.do("delete from candidate.thing where code = '99'")
        run = store.sealed()
        assert store.ask(_NOTED) == [
            ("02", True, False),
            *((code, True, True) for code in changed),
            ("98", False, True),
        ]
        made, *_, changes = store.publish(run)
        assert changes["thing"] == {"superseded": len(changed) + 1, "added": len(changed) + 1}
        expected = [
            (made, code, 300, note) if code in changed else (first, code, amount, note)
            for code, amount, note in rows if code != "02"
        ]  # fmt: skip
        assert store.current("thing") == [*expected, (made, "98", 9, None)]
        assert store.former("thing") == [(first, made, *rows[int(code)]) for code in ("02", *changed)]
        what_is_held_is_on_record(store, 25)
        store.do("rollback to savepoint before")


def what_nobody_wrote_is_not_looked_at(store: SmallStore) -> None:
    """A row that changed without a trigger's knowing, as no role of the program can: only what was noted is compared."""
    store.release([A, B])
    store.do("set local session_replication_role = replica")
    store.do("update candidate.thing set amount = 9 where code = 'b'")
    store.do("set local session_replication_role = origin")
    store.do("update candidate.thing set amount = 9 where code = 'a'")
    store.sealed()
    assert store.ask(_NOTED) == [("a", True, True)]


def few_of_many_are_looked_up_at_once(store: SmallStore) -> None:
    """Under a key of one column; fewer than a tenth."""
    store.do("create temporary table noted_keys (code text)")
    sized = "update pg_class set reltuples = %s where oid = any(%s::regclass[])"
    store.do(sized, 2, ["pg_temp.noted_keys"])
    at_once = " and m.code = any(array(select wanted.code from pg_temp.noted_keys as wanted))"
    for held, added in ((20, ""), (21, at_once)):
        store.do(sized, held, ["marts.thing", "marts.pair"])
        assert store.ask("select release.found_by_noted('thing', 'm')") == [("m.code = k.code" + added,)]
        assert store.ask("select release.found_by_noted('pair', 'c')") == [("c.one = k.one and c.two = k.two",)]


def several_are_prepared_at_once_and_no_release_comes(store: SmallStore) -> None:
    """It shares the queue of all that change marts, and the candidate with whoever reads it."""
    store.fill([A], [PAIR])
    _prepared(store)
    _prepared(store)
    assert (store.ask(SHARED), store.ask(QUEUED)) == ([(1,)], [(0,)])
    assert store.ask(
        "select relation::regclass::text from pg_locks where pid = pg_backend_pid() and granted and mode = 'ShareLock'"
        " and relation in ('candidate.thing'::regclass, 'candidate.pair'::regclass)"
    ) == [("candidate.thing",)]


def nothing_but_a_declared_table_is_prepared(store: SmallStore) -> None:
    store.do("set role motcua_transformer; create table candidate.other (code text); reset role")
    for table, told in (("other", NO_PLAIN_TABLE), ("absent", "42P01")):
        assert (table, store.refused(f"select release.prepare_candidate('{table}')")) == (table, told)


def nothing_is_prepared_or_written_by_who_does_not_see_what_stands(store: SmallStore) -> None:
    """With snapshots of their own: test_releases_cost_what_changed.py. Here it is that both are asked."""
    store.release([A], [PAIR])
    store.do("savepoint before; delete from release.candidate where mart = 'thing'")
    assert store.refused("update candidate.thing set amount = 9") == "40001"
    store.do("rollback to savepoint before; delete from release.mart where name = 'thing'")
    assert store.refused("update candidate.thing set amount = 9") == "", "nobody publishes it any more"
    store.do("rollback to savepoint before")
    store.do("update candidate.thing set amount = 9")
    store.do(
        "create or replace function release.assert_sees_what_stands() returns void language plpgsql as $$ begin"
        " raise exception 'it does not' using errcode = '25001'; end $$"
    )
    assert store.refused("select release.prepare_candidate('thing')") == "25001"


RULES: tuple[Callable[[SmallStore], None], ...] = (
    what_was_found_stands_until_a_row_is_written,
    what_was_found_is_not_looked_at_again,
    another_release_or_other_columns_ask_anew,
    what_was_made_for_no_release_goes,
    rows_written_more_than_once_are_noted_once,
    what_nobody_wrote_is_not_looked_at,
    few_of_many_are_looked_up_at_once,
    several_are_prepared_at_once_and_no_release_comes,
    nothing_but_a_declared_table_is_prepared,
    nothing_is_prepared_or_written_by_who_does_not_see_what_stands,
)
