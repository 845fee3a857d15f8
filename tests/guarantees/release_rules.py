"""The rules of the release store, each by an example small enough to be worked out by hand (small_store.py).

Belongs here: examples with what must come of them; test_release_rules.py runs them, and the mutation tests run them on mutants
of the database's functions. Does not: hashes (hashing_rules.py), roles (promise 3), readers at work (promise 4), or real
candidates (promise 1).
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tests.guarantees.small_store import FAILS, HOLDS, WARNS, SmallStore

NO_DATA, DENIED, CHECK = "P0002", "42501", "23514"
A, B, C = ("a", 1, "x"), ("b", 2, None), ("c", 3, "z")
UNSEALED = "the candidates were never sealed"
NOTHING_REQUIRED, NOTHING_DECLARED = "no required check is defined", "no table is declared for publication"
CHANGED = "the candidates are not those that were checked"


def the_first_release_holds_the_candidates(store: SmallStore) -> None:
    store.fill([A, B], [("p", "q", 7)])
    run = store.sealed()
    assert store.ask("select code from noted.thing") == [], "where nothing stands, nothing needs to be noted"
    made, *answer = store.publish(run)
    assert answer == ["pass", True, [], {"thing": {"superseded": 0, "added": 2}, "pair": {"superseded": 0, "added": 1}}]
    assert store.current("thing") == [(made, *A), (made, *B)]
    assert store.current("pair") == [(made, "p", "q", 7)]
    assert store.former("thing") == store.former("pair") == []
    assert store.pointer() == [(made, "pass")]
    assert store.ask(
        "select r.release_id, r.run_id, r.kind, r.restores, r.verdict, r.reasons, r.warnings, r.content = s.content,"
        " r.content_sha256 = encode(sha256(convert_to(s.content::text, 'UTF8')), 'hex')"
        " from release.release as r inner join release.seal as s on s.run_id = r.run_id"
    ) == [(made, run, "publish", None, "pass", [], [], True, True)]


def one_table_is_a_release(store: SmallStore) -> None:
    store.do("delete from release.mart where name = 'pair'")
    first = store.release([A])
    second = store.release([B])
    assert store.current("thing") == [(second, *B)]
    assert store.former("thing") == [(first, second, *A)]
    store.fill([C])
    run = store.sealed()
    store.do("delete from candidate.thing")
    refused(store, run, [CHANGED])


def what_differs_moves_to_history_and_the_rest_is_not_touched(store: SmallStore) -> None:
    first = store.release([A, B, C], [("p", "q", 7), ("p", "r", 8), ("o", "q", 9)])
    store.fill([A, B, ("c", 4, "z"), ("d", 5, None)], [("p", "q", 7), ("p", "r", 9), ("s", "q", 9)])
    second, verdict, changed, _, changes = store.publish(store.sealed())
    assert (verdict, changed) == ("pass", True)
    assert changes == {"thing": {"superseded": 1, "added": 2}, "pair": {"superseded": 2, "added": 2}}
    assert store.current("thing") == [(first, *A), (first, *B), (second, "c", 4, "z"), (second, "d", 5, None)]
    assert store.former("thing") == [(first, second, *C)]
    assert store.current("pair") == [(first, "p", "q", 7), (second, "p", "r", 9), (second, "s", "q", 9)]
    assert store.former("pair") == [(first, second, "o", "q", 9), (first, second, "p", "r", 8)]
    assert store.pointer() == [(second, "pass")]


def a_table_that_stays_is_told_as_unmoved(store: SmallStore) -> None:
    first = store.release([A], [("p", "q", 7)])
    store.do("update candidate.thing set amount = 9")
    made, *_, changes = store.publish(store.sealed())
    assert changes == {"thing": {"superseded": 1, "added": 1}, "pair": {"superseded": 0, "added": 0}}
    assert (store.current("thing"), store.current("pair")) == ([(made, "a", 9, "x")], [(first, "p", "q", 7)])


def a_null_that_gets_a_value_is_a_difference_and_back(store: SmallStore) -> None:
    first = store.release([B])
    second = store.release([("b", 2, "")])
    third = store.release([B])
    assert store.current("thing") == [(third, *B)]
    assert store.former("thing") == [(first, second, *B), (second, third, "b", 2, "")]


def the_same_again_is_no_release(store: SmallStore) -> None:
    first = store.release([A, B])
    assert store.publish(store.sealed()) == (first, "pass", False, [], {})
    assert store.ask("select from release.rehashed_mart where mart = 'thing'") == [], "what did not move is not hashed"
    assert store.ask("select count(*) from release.release") == [(1,)]
    refused, verdict, *_ = store.publish(store.sealed(fails="red"))
    assert (verdict, refused != first, store.pointer()) == ("fail", True, [(first, "pass")])
    other = store.release([A])
    assert other != first and store.release([A, B]) not in (first, other)


def refused(store: SmallStore, run: UUID, reasons: list[str]) -> None:
    """Publishing this run changes nothing but the record that it failed, with these reasons."""
    before = store.current("thing"), store.former("thing"), store.pointer()
    made, *answer = store.publish(run)
    assert answer == ["fail", False, reasons, {}]
    assert (store.current("thing"), store.former("thing"), store.pointer()) == before
    assert store.ask("select run_id, kind, verdict, reasons from release.release where release_id = %s", made) == [
        (run, "publish", "fail", reasons)
    ]


def every_reason_refuses(store: SmallStore) -> None:
    store.release([A])
    store.fill([A, C])
    refused(store, store.sealed(fails="red"), [f"{FAILS}: red"])
    refused(store, store.sealed(fails="silent"), [f"{FAILS}: did not run"])
    refused(store, store.sealed(fails="crashed"), [f"{FAILS}: crashed"])
    refused(store, store.sealed(holds="red"), [f"{HOLDS}: red (held)"])
    refused(store, store.sealed(holds="crashed"), [f"{HOLDS}: crashed"])
    refused(store, store.sealed(holds="silent"), [f"{HOLDS}: did not run"])
    refused(store, store.sealed(warns="crashed"), [f"{WARNS}: crashed"])
    refused(store, store.sealed(warns="silent"), [f"{WARNS}: did not run"])
    refused(store, store.sealed(fails="red", holds="red", warns="red"), [f"{HOLDS}: red (held)", f"{FAILS}: red"])
    unsealed = store.run()
    store.say(unsealed)
    refused(store, unsealed, [UNSEALED, CHANGED])
    changed = store.sealed()
    store.do("update candidate.thing set amount = 9 where code = 'c'")
    refused(store, changed, [CHANGED])
    refused(store, store.sealed(fails="red"), [f"{FAILS}: red"])


def nothing_required_or_declared_is_no_release(store: SmallStore) -> None:
    store.release([A])
    unsealed, sealed = store.run(), store.sealed()
    store.do("delete from release.required_check")
    refused(store, sealed, [NOTHING_REQUIRED])
    store.do("delete from release.mart")
    assert store.ask("select release.relations_in('marts')") == [({},)]
    refused(store, sealed, [NOTHING_REQUIRED, NOTHING_DECLARED])
    refused(store, unsealed, [NOTHING_REQUIRED, NOTHING_DECLARED, UNSEALED])
    assert store.ask("select content from release.seal where run_id = %s", store.sealed()) == [({},)]


def a_warning_marks_the_release_and_an_override_says_who(store: SmallStore) -> None:
    store.fill([A])
    first, verdict, *_ = store.publish(store.sealed(warns="red"))
    assert verdict == "pass"
    store.fill([C])
    run = store.sealed(holds="red", warns="red")
    refused(store, run, [f"{HOLDS}: red (held)"])
    for name, why in ((HOLDS, "known"), (WARNS, "seen")):
        store.ask("select release.override_check(%s, %s, %s, 'An')", run, name, why)
    second, verdict, *_ = store.publish(run)
    assert verdict == "pass"
    other = store.sealed(holds="red", warns="red")
    assert store.ask("select release.reasons_against(%s)", other) == [([f"{HOLDS}: red (held)"],)]
    assert store.ask("select release.warnings_of(%s)", other) == [([f"{WARNS}: red"],)]
    assert store.ask(
        "select warnings from release.release where release_id in (%s, %s) order by release_id", first, second
    ) == [
        ([f"{WARNS}: red"],),
        ([f"{HOLDS}: red (overridden by An: known)", f"{WARNS}: red (overridden by An: seen)"],),
    ]
    assert store.ask(
        "select name, severity, because, made_for from release.check_override where run_id = %s order by name", run
    ) == [(HOLDS, "hold", "known", "An"), (WARNS, "warn", "seen", "An")]


def a_check_weighs_the_more_of_then_and_today(store: SmallStore) -> None:
    run = store.sealed(fails="red", holds="red", warns="red")
    assert store.ask("select name, severity from release.check_result where run_id = %s order by name", run) == [
        (HOLDS, "hold"), (FAILS, "fail"), (WARNS, "warn"),
    ]  # fmt: skip
    told = "select name, heard, weighs from release.words_on(%s) order by name"
    for today, weights in (
        ("warn", ("hold", "fail", "warn")), ("hold", ("hold", "fail", "hold")), ("fail", ("fail", "fail", "fail")),
    ):  # fmt: skip
        store.do("update release.required_check set severity = %s", today)
        assert store.ask(told, run) == [
            (name, True, weight) for name, weight in zip((HOLDS, FAILS, WARNS), weights, strict=True)
        ]
    for name in (HOLDS, WARNS):
        assert store.refused("select release.override_check(%s, %s, 'w', 'p')", run, name) == DENIED
    silent = store.sealed(fails="green", holds="crashed", warns="silent")
    assert store.ask(told, silent) == [(HOLDS, False, "fail"), (WARNS, False, "fail")]
    claimed = "insert into release.check_result (run_id, name, succeeded, message, observed, severity)"
    store.do(claimed + " values (%s, 'of no suite', false, '', '{}', 'warn')", silent)
    assert store.ask("select severity from release.check_result where name = 'of no suite'") == [("fail",)]
    assert store.refused("select release.override_check(%s, 'of no suite', 'w', 'p')", silent) == DENIED


def only_what_may_be_borne_is_overridden(store: SmallStore) -> None:
    run = store.sealed(fails="red", holds="red", warns="crashed")
    override = "select release.override_check(%s, %s, %s, 'p')"
    assert store.refused(override, run, FAILS, "w") == DENIED
    assert store.refused(override, run, WARNS, "w") == DENIED
    assert store.refused(override, run, "no such", "w") == NO_DATA
    assert store.refused(override, store.sealed(), HOLDS, "w") == NO_DATA
    assert store.refused(override, store.run(), HOLDS, "w") == NO_DATA
    assert store.refused(override, run, HOLDS, " ") == CHECK
    assert store.refused(override, run, HOLDS, "w") == ""
    today = store.sealed(fails="red")
    store.do("update release.required_check set severity = 'warn'")
    assert store.refused(override, today, FAILS, "w") == DENIED
    assert store.ask("select count(*) from release.check_override") == [(1,)]
    # What was overridden while it might be borne, and fails by today's weights, is a reason and no warning.
    store.do("update release.required_check set severity = 'fail'")
    assert store.ask("select release.warnings_of(%s)", run) == [([],)]
    [(reasons,)] = store.ask("select release.reasons_against(%s)", run)
    assert f"{HOLDS}: red" in reasons


def roll_back(store: SmallStore, target: int, why: str = "why") -> str:
    """Rolls back to a release; the error that stops it, as its code, or nothing."""
    # What an act before left to the end of its transaction, which here is the whole example.
    store.do("drop table if exists pg_temp.restored_thing, pg_temp.restored_pair")
    return store.refused("select release.rollback(%s, %s, %s, 'An')", store.run(), target, why)


def a_rollback_is_a_new_release_with_the_old_contents(store: SmallStore) -> None:
    store.fill([A, B], [("p", "q", 7)])
    first, *_ = store.publish(store.sealed(warns="red"))
    second = store.release([A, ("b", 3, "y"), C], [("p", "q", 8)])
    third = store.release([("b", 3, "y")], [("p", "q", 8)])
    refused, *_ = store.publish(store.sealed(fails="red"))
    assert [roll_back(store, target) for target in (refused, refused + 100)] == [NO_DATA, NO_DATA]
    assert roll_back(store, first, " ") == CHECK
    run = store.run()
    [(made, changes)] = store.ask("select release_id, changes from release.rollback(%s, %s, 'why', 'An')", run, first)
    assert changes == {"thing": {"superseded": 1, "added": 2}, "pair": {"superseded": 1, "added": 1}}
    assert store.current("thing") == [(made, *A), (made, *B)]
    assert store.current("pair") == [(made, "p", "q", 7)]
    assert (second, made, "b", 3, "y") in store.former("thing")
    assert (first, third, *A) in store.former("thing")
    assert store.pointer() == [(made, "pass")]
    assert store.ask(
        "select r.run_id, r.kind, r.restores, r.verdict, r.reasons, r.warnings, r.because, r.asked_by, r.content = o.content,"
        " r.content_sha256 = o.content_sha256 from release.release as r, release.release as o"
        " where r.release_id = %s and o.release_id = %s",
        made, first,
    ) == [(run, "rollback", first, "pass", [], [f"{WARNS}: red"], "why", "An", True, True)]  # fmt: skip
    assert roll_back(store, second) == ""
    assert [row[1:] for row in store.current("thing")] == [A, ("b", 3, "y"), C]
    before = store.current("thing")
    assert roll_back(store, store.pointer()[0][0]) == "", "to where it stands"
    assert store.current("thing") == before
    store.do("insert into release.cleaned (release_id, cleaned_for, because) values (%s, 'An', 'old')", first)
    assert roll_back(store, first) == NO_DATA


def a_rollback_that_would_not_be_exact_is_refused(store: SmallStore) -> None:
    first = store.release([A])
    for schema in ("candidate", "marts", "history"):
        store.do(f"alter table {schema}.thing add column more text")
    store.do("update release.mart set columns = columns || 'more'::text where name = 'thing'")
    store.fill([A])
    _, verdict, changed, *_ = store.publish(store.sealed())
    assert (verdict, changed) == ("pass", True)
    before = store.pointer()
    assert roll_back(store, first) == "P0001"
    assert store.pointer() == before


def a_seal_stands_whatever_was_rolled_back_since(store: SmallStore) -> None:
    first = store.release([A])
    second = store.release([A, B], [("p", "q", 7)])
    store.fill([A, C], [("p", "q", 8)])
    run = store.sealed()
    assert roll_back(store, first) == ""
    [(back, _)] = store.pointer()
    made, *answer = store.publish(run)
    assert answer == ["pass", True, [], {"thing": {"superseded": 0, "added": 1}, "pair": {"superseded": 0, "added": 1}}]
    assert store.current("thing") == [(first, *A), (made, *C)]
    assert store.former("thing") == [(second, back, *B)]
    assert store.current("pair") == [(made, "p", "q", 8)]
    assert store.ask("select (select count(*) from noted.thing), (select count(*) from noted.pair)") == [(0, 0)]


_HELD = (
    "select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory' and granted"
    " and (classid::bigint << 32) | objid::bigint = hashtextextended('motcua.publish', 0) and mode = "
)
#: Whether this transaction is at the head of the queue of all that change marts (warehouse/marts.py waits in it too).
QUEUED = f"{_HELD}'ExclusiveLock'"
#: Whether it holds that queue up, together with others that do.
SHARED = f"{_HELD}'ShareLock'"


def a_rollback_waits_in_the_queue(store: SmallStore) -> None:
    [(old,)] = store.ask(
        "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256) values (%s, 'publish', 'pass',"
        " '{}', release.content_of(release.relations_in('marts')), '') returning release_id",
        store.run(),
    )
    assert store.ask(QUEUED) == [(0,)]
    assert roll_back(store, old) == ""
    assert store.ask(QUEUED) == [(1,)]


def statistics_follow_a_tenth_of_the_rows(store: SmallStore) -> None:
    held = "select reltuples from pg_class where oid = 'marts.thing'::regclass"
    rows = [(f"{number:02}", number, "x") for number in range(25)]
    # The server writes it in place, so that it outlives an example that was taken back.
    store.do("update pg_class set reltuples = -1 where oid = 'marts.thing'::regclass")
    store.release([], [("p", "q", 7)])
    assert store.ask(held) == [(-1,)]
    store.release(rows[:20])
    assert store.ask(held) == [(20,)]
    store.release(rows[:22])
    assert store.ask(held) == [(20,)], "two of twenty are no more than a tenth"
    store.release(rows[1:24])
    assert store.ask(held) == [(23,)], "one gone and two come are more"
    for changed, told in ((1, 24), (2, 23)):
        store.do("update pg_class set reltuples = 24 where oid = 'marts.thing'::regclass")
        store.do("update candidate.thing set note = note || 'y' where amount <= %s", changed)
        assert store.publish(store.sealed())[1] == "pass"
        assert store.ask(held) == [(told,)], "a row that is otherwise goes and comes"


def a_page_has_room_for_rows_that_will_be_otherwise(store: SmallStore) -> None:
    """Said once: saying it again takes a lock that a clean-up of the table waits for."""
    said = "select relname, reloptions from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r' order by 1"
    with_room = [("pair", ["fillfactor=92"]), ("thing", ["fillfactor=92"])]
    assert store.ask(said) == with_room
    store.do("select release.leave_room('thing')")
    assert store.ask(
        "select from pg_locks where pid = pg_backend_pid() and mode = 'ShareUpdateExclusiveLock'"
        " and relation = 'marts.thing'::regclass"
    ) == []  # fmt: skip
    store.do("alter table marts.thing reset (fillfactor); alter table marts.thing set (autovacuum_enabled = true)")
    store.do("select release.leave_room('pair')")
    assert store.ask(said) == [with_room[0], ("thing", ["autovacuum_enabled=true"])]
    store.do("select release.leave_room('thing')")
    assert store.ask(said) == [with_room[0], ("thing", ["autovacuum_enabled=true", "fillfactor=92"])]


RULES: tuple[Callable[[SmallStore], None], ...] = (
    the_first_release_holds_the_candidates,
    one_table_is_a_release,
    what_differs_moves_to_history_and_the_rest_is_not_touched,
    a_table_that_stays_is_told_as_unmoved,
    every_reason_refuses,
    nothing_required_or_declared_is_no_release,
    a_check_weighs_the_more_of_then_and_today,
    only_what_may_be_borne_is_overridden,
    a_warning_marks_the_release_and_an_override_says_who,
    a_rollback_is_a_new_release_with_the_old_contents,
    the_same_again_is_no_release,
    a_null_that_gets_a_value_is_a_difference_and_back,
    a_rollback_that_would_not_be_exact_is_refused,
    a_seal_stands_whatever_was_rolled_back_since,
    a_rollback_waits_in_the_queue,
    statistics_follow_a_tenth_of_the_rows,
    a_page_has_room_for_rows_that_will_be_otherwise,
)
