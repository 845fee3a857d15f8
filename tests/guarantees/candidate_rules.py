"""The rules of candidates between two releases, each by an example of a few rows (small_store.py): which are taken over when
they are sealed, how they are given back, and that whatever is written to them in between is seen.

Belongs here: examples of one candidate. Does not: what is published of it (release_rules.py), hashes (hashing_rules.py), or who
might run code by it (test_promise_03_candidates_run_nobodys_code.py); every_rule.py has them all.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.guarantees.release_rules import CHANGED, QUEUED, SHARED, refused
from tests.guarantees.small_store import Row, SmallStore

NO_PLAIN_TABLE = "42809"
A, B = ("a", 1, "x"), ("b", 2, None)
ANEW = "drop table candidate.thing; create table candidate.thing"
COLUMNS = "code text, amount bigint, note text"
#: What a plain table may have beside its rows.
PLAIN = (
    f"{ANEW} (code text primary key, amount bigint not null, note text unique); create index on candidate.thing (amount)",
    "alter table candidate.thing add column gone text; alter table candidate.thing drop column gone",
    f"{ANEW} (note text, amount bigint, code text)",
    "create table candidate.unlike (code bigint, amount text, note date)",
)
SPOILT = (
    "drop table candidate.thing",
    "alter table candidate.thing rename to held; create view candidate.thing as select * from candidate.held",
    f"{ANEW} ({COLUMNS}) partition by list (code)",
    "alter table candidate.thing enable row level security",
    "create trigger of_another before truncate on candidate.thing for each statement execute function release.refuse_change()",
    "create rule of_another as on insert to candidate.thing do also notify written",
    f"create table candidate.above ({COLUMNS}); alter table candidate.thing inherit candidate.above",
    "create table candidate.below () inherits (candidate.thing)",
    "create index on candidate.thing (lower(code))",
    "create index on candidate.thing (code) where amount > 0",
    "create statistics candidate.of_another on code, amount from candidate.thing",
    "alter table candidate.thing add check (amount > 0)",
    "alter table candidate.thing add column more text",
    "alter table candidate.thing drop column note",
    "alter table candidate.thing drop column code",
    "alter table candidate.thing alter column note type varchar",
    "alter table candidate.thing alter column amount type integer",
    "alter table candidate.thing drop column note, add column note text generated always as (code) stored",
)


def a_plain_table_is_taken_over(store: SmallStore) -> None:
    for made in PLAIN:
        assert store.refused(f"{made}; select release.assert_plain('thing')") == "", made


def nothing_but_a_plain_table_is_taken_over(store: SmallStore) -> None:
    for spoilt in SPOILT:
        assert store.refused(f"{spoilt}; select release.assert_plain('thing')") == NO_PLAIN_TABLE, spoilt
    assert store.refused(f"{SPOILT[3]}; select release.seal_candidates('{store.run()}')") == NO_PLAIN_TABLE


def what_is_sealed_is_the_owners(store: SmallStore) -> None:
    store.do("grant select on candidate.thing to public")
    store.ask("select release.seal_candidates(%s)", store.run())
    assert store.ask("select relowner::regrole::text from pg_class where oid = 'candidate.thing'::regclass") == [
        ("motcua_owner",)
    ]
    # `maintain` is a privilege from PostgreSQL 17 on; to analyze is what the transformer does with it.
    [(version,)] = store.ask("select current_setting('server_version_num')::int / 10000")
    assert store.ask(
        "select grantee::regrole::text, array_agg(privilege_type order by privilege_type) from pg_class, aclexplode(relacl)"
        " where oid = 'candidate.thing'::regclass and grantee <> relowner group by 1 order by 1"
    ) == [
        ("motcua_checker", ["SELECT"]),
        ("motcua_transformer", ["DELETE", "INSERT", *(["MAINTAIN"] if version >= 17 else []), "SELECT", "UPDATE"]),
    ]


def a_candidate_stands_still_while_it_is_taken_over(store: SmallStore) -> None:
    """What was found plain is not changed by somebody else before it is the owner's."""
    store.do(
        "create function pg_temp.is_locked() returns event_trigger language plpgsql as $$ begin"
        " if not exists (select from pg_locks where pid = pg_backend_pid() and granted and mode = 'ShareRowExclusiveLock'"
        " and relation = 'candidate.thing'::regclass) then raise exception 'not locked'; end if; end $$;"
        " create event trigger before_it_is_given on ddl_command_start when tag in ('ALTER TABLE')"
        " execute function pg_temp.is_locked()"
    )
    store.do("select release.hold_candidate('thing')")
    store.do("drop event trigger before_it_is_given")


def _still(store: SmallStore) -> tuple[bool, set[str]]:
    """Whether this transaction is in the queue of all that change marts, and which candidates nobody writes to until its end."""
    held = store.ask(
        "select relation::regclass::text from pg_locks where pid = pg_backend_pid() and granted and mode = 'ShareLock'"
        " and relation in ('candidate.thing'::regclass, 'candidate.pair'::regclass)"
    )
    return store.ask(QUEUED) == [(1,)], {name for (name,) in held}


def sealing_and_publishing_wait_for_each_other_and_for_writers(store: SmallStore) -> None:
    run = store.run()
    both = {"candidate.thing", "candidate.pair"}
    assert _still(store) == (False, set())
    store.do("savepoint before")
    store.publish(store.run())
    assert _still(store) == (True, set()), "nothing was sealed"
    store.do("rollback to savepoint before")
    store.ask("select release.seal_candidates(%s)", run)
    assert _still(store) == (True, set()), "taken over, for which nobody may write either"
    store.do("savepoint before")
    store.ask("select release.seal_candidates(%s)", store.run())
    assert _still(store) == (True, both)
    store.do("rollback to savepoint before")
    store.publish(run)
    assert _still(store) == (True, both)


def _standing(store: SmallStore, sealed: object) -> list[Row]:
    """Of each held candidate whether this run's seal is on it, and whether it is known from which release it differs."""
    return store.ask(
        "select mart, sealed_run is not distinct from %s, compared_with is not null from release.candidate order by mart",
        sealed,
    )


def whatever_is_written_breaks_the_seal_and_is_noted(store: SmallStore) -> None:
    store.release([A, B, ("c", 3, "z")], [("p", "q", 7)])
    for written, keys in (
        ("insert into candidate.thing values ('d', 1, null), ('e', 1, null)", ["d", "e"]),
        ("update candidate.thing set amount = 9 where code in ('a', 'b')", ["a", "b"]),
        ("update candidate.thing set code = 'k' where code = 'a'", ["a", "k"]),
        ("delete from candidate.thing where code in ('b', 'k')", ["b", "k"]),
        ("update candidate.thing set amount = amount where code = 'c'", ["c"]),
        ("update candidate.thing set amount = 9 where false", []),
    ):
        run = store.sealed()
        assert _standing(store, run) == [("pair", True, True), ("thing", True, True)]
        store.do("truncate noted.thing, noted.pair")
        store.do(written)
        store.do(written.replace("('d', 1", "('e', 2"))
        assert store.ask("select distinct code from noted.thing order by 1") == [(key,) for key in keys], written
        assert store.ask("select count(*) from noted.pair") == [(0,)]
        assert _standing(store, run) == [("pair", True, True), ("thing", False, True)], written
        assert store.publish(run)[1] == "fail"
    run = store.sealed()
    store.do("insert into candidate.pair values ('r', 's', 1); update candidate.pair set two = 't' where one = 'r'")
    assert store.ask("select distinct one, two from noted.pair order by 1, 2") == [("r", "s"), ("r", "t")]
    assert _standing(store, run) == [("pair", False, True), ("thing", True, True)]
    store.do("truncate candidate.pair")
    assert _standing(store, run) == [("pair", False, False), ("thing", True, True)]


def notes_have_a_place_by_the_key_of_today(store: SmallStore) -> None:
    columns = (
        "select array_agg(attname::text order by attnum) from pg_attribute"
        " where attrelid = to_regclass('noted.thing') and attnum > 0 and not attisdropped"
    )
    hashes = ["hash_gone", "hash_come", "place_gone", "place_come"]
    place = "select to_regclass('noted.thing')::oid"
    store.release([A])
    store.do("alter table noted.thing add column more text; alter table noted.thing drop column more")
    before = store.ask(place)
    assert store.ask(columns) == [(["code", *hashes],)]
    store.do("insert into noted.thing (code) values ('left')")
    store.do("select release.place_for_notes('thing')")
    assert store.ask(place) == before, "it is kept"
    assert store.ask("select count(*) from noted.thing") == [(0,)], "and empty"
    store.do("update release.mart set key_columns = '{code,amount}' where name = 'thing'")
    store.do("select release.open_candidates('{thing}')")
    store.do("insert into candidate.thing values ('a', 2, 'y')")
    store.ask("select release.seal_candidates(%s)", store.run())
    assert store.ask(columns) == [(["code", "amount", *hashes],)]
    assert store.ask("select code, amount from noted.thing") == [("a", 2)]


def a_candidate_is_the_very_table_that_was_sealed(store: SmallStore) -> None:
    held = "select release.is_held('thing'), release.is_held('pair')"
    assert store.ask(held) == [(False, False)]
    store.release([A])
    assert store.ask(held) == [(True, True)]
    store.fill([B])
    run = store.sealed()
    for changed, answer in (
        ("drop table candidate.thing", (False, True)),
        ("alter table candidate.thing owner to motcua_transformer", (False, True)),
        (f"alter table candidate.thing rename to former; create table candidate.thing ({COLUMNS});"
         " alter table candidate.thing owner to motcua_owner", (False, True)),
        ("alter table candidate.thing rename to former; alter table candidate.pair rename to thing", (False, False)),
        ("alter table candidate.pair set schema hashed_elsewhere", (True, False)),
    ):  # fmt: skip
        store.do("create schema hashed_elsewhere; savepoint before")
        store.do(changed)
        assert store.ask(held) == [answer], changed
        refused(store, run, [CHANGED])
        store.do("rollback to savepoint before; drop schema hashed_elsewhere")


_GIVEN_BACK = (
    "select relname, relowner::regrole::text, (select count(*) from pg_trigger where tgrelid = c.oid) from pg_class as c"
    " where relnamespace = 'candidate'::regnamespace and relkind in ('r', 'v') order by 1"
)


def what_was_taken_over_is_given_back_and_nothing_else(store: SmallStore) -> None:
    store.do("create table candidate.other (); create index pair_by_one on candidate.pair (one)")
    [(owner,)] = store.ask("select current_user")
    store.release([A])
    taken = [("other", owner, 0), ("pair", "motcua_owner", 4), ("thing", "motcua_owner", 4)]
    assert store.ask(_GIVEN_BACK) == taken
    store.do("select release.open_candidates('{other,pair_by_one}')")
    assert store.ask(_GIVEN_BACK) == taken
    store.do("select release.open_candidates('{thing}')")
    assert store.ask(_GIVEN_BACK) == [*taken[:2], ("thing", "motcua_transformer", 0)]
    assert store.ask("select mart from release.candidate") == [("pair",)]
    store.do("drop table candidate.thing")
    store.do("select release.open_candidates('{thing,pair}')")
    assert store.ask(_GIVEN_BACK) == [taken[0], ("pair", "motcua_transformer", 0)]
    assert store.ask("select count(*) from release.candidate") == [(0,)]


def all_that_a_build_made_are_taken_over(store: SmallStore) -> None:
    held = "select release.is_held('thing'), release.is_held('pair')"
    store.do("select release.take_over_candidates()")
    assert store.ask(held) == [(True, True)]
    assert (store.ask(SHARED), store.ask(QUEUED)) == ([(1,)], [(0,)]), "together with others, and no release comes"
    store.release([A], [("p", "q", 7)])
    store.do("select release.open_candidates('{pair}'); update candidate.thing set amount = 9")
    store.do("select release.take_over_candidates()")
    assert store.ask(held) == [(True, True)]
    assert store.ask("select mart, compared_with is not null from release.candidate order by mart") == [
        ("pair", False), ("thing", True),
    ], "what is held already is left as it is"  # fmt: skip
    assert store.ask("select distinct code from noted.thing") == [("a",)]
    store.do("drop table candidate.pair; select release.take_over_candidates()")
    assert store.ask(held) == [(True, False)], "a table that was not made is waited for"


def what_was_compared_is_known(store: SmallStore) -> None:
    compared = "select mart, compared_with = release_id from release.candidate, release.pointer order by mart"
    store.release([A])
    assert store.ask(compared) == [("pair", True), ("thing", True)]
    store.do("select release.open_candidates('{pair}'); truncate candidate.thing")
    assert store.ask(compared) == [("thing", None)]
    store.ask("select release.seal_candidates(%s)", store.run())
    assert store.ask(compared) == [("pair", True), ("thing", True)]


RULES: tuple[Callable[[SmallStore], None], ...] = (
    a_plain_table_is_taken_over,
    nothing_but_a_plain_table_is_taken_over,
    what_is_sealed_is_the_owners,
    a_candidate_stands_still_while_it_is_taken_over,
    sealing_and_publishing_wait_for_each_other_and_for_writers,
    whatever_is_written_breaks_the_seal_and_is_noted,
    notes_have_a_place_by_the_key_of_today,
    a_candidate_is_the_very_table_that_was_sealed,
    what_was_taken_over_is_given_back_and_nothing_else,
    all_that_a_build_made_are_taken_over,
    what_was_compared_is_known,
)
