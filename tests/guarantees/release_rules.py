"""The rules of the release store, each by an example small enough to be worked out by hand (small_store.py).

Belongs here: examples with what must come of them; test_release_rules.py runs them, and the mutation tests run them on mutants
of the database's functions. Does not: roles (promise 3), readers at work (promise 4), or real candidates (promise 1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from uuid import UUID

from tests.guarantees.small_store import FAILS, HOLDS, WARNS, Row, SmallStore

NO_DATA, DENIED, CHECK = "P0002", "42501", "23514"
A, B, C = ("a", 1, "x"), ("b", 2, None), ("c", 3, "z")
UNSEALED = "the candidates were never sealed"
CHANGED = "the candidates are not those that were checked"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _in_buckets(rows: list[str], dossiers: list[str] | None = None) -> dict[str, int | str]:
    """The rows' own hashes; those that lie together by the first bits of their dossier's hash, or else of their own, sorted
    and hashed together; these hashed together.
    """
    depth = next(bits for bits in range(25) if len(rows) <= 32 * 2**bits)
    buckets: dict[str, list[bytes]] = {}
    for row, placing in zip(rows, dossiers or rows, strict=True):
        first_bits = f"{int.from_bytes(hashlib.sha256(placing.encode()).digest()):0256b}"[:depth]
        buckets.setdefault(first_bits, []).append(hashlib.sha256(row.encode()).digest())
    whole = b"".join(hashlib.sha256(b"".join(sorted(buckets[bits]))).digest() for bits in sorted(buckets))
    placed_by = {} if dossiers is None else {"placed_by": "dossier_key"}
    return {"rows": len(rows), "depth": depth, "sha256": hashlib.sha256(whole).hexdigest(), **placed_by}


def a_seal_is_the_hash_of_the_buckets_of_row_hashes(store: SmallStore) -> None:
    store.fill([B, A], [("p", "q", 7)])
    run = store.sealed()
    expected = {
        "thing": {"columns": ["code", "amount", "note"], **_in_buckets(["(a,1,x)", "(b,2,)"])},
        "pair": {"columns": ["one", "two", "amount"], **_in_buckets(["(p,q,7)"])},
    }
    assert expected["thing"]["depth"] == 0
    assert store.ask("select content from release.seal where run_id = %s", run) == [(expected,)]
    store.fill([])
    [(content,)] = store.ask("select release.seal_candidates(%s)", store.run())
    assert content["thing"] == {"columns": ["code", "amount", "note"], **_in_buckets([])}
    assert content["thing"]["sha256"] == _sha256("")


def _numbered(numbers: Iterable[int]) -> list[Row]:
    return [(f"{number:05}", number, None) for number in numbers]


def _as_text(rows: list[Row]) -> list[str]:
    return [f"({code},{amount},{note or ''})" for code, amount, note in rows]


def as_many_buckets_as_rows_ask_for(store: SmallStore) -> None:
    """More and fewer rows, a release each: the limits of thirty-two, the first bits, and no bucket left of rows that went."""
    depths = []
    for rows in (32, 33, 64, 65, 1030, 1024, 1025, 40, 1, 0, 80):
        store.release(_numbered(range(rows)))
        [(content, held)] = store.ask(
            "select r.content -> 'thing', (select row(h.counted, h.depth)::text from release.hashed_mart as h"
            " where h.mart = 'thing') from release.release as r order by r.release_id desc limit 1"
        )
        assert content == {"columns": ["code", "amount", "note"], **_in_buckets(_as_text(_numbered(range(rows))))}
        assert held == f"({rows},{content['depth']})"
        depths.append(content["depth"])
    assert depths == [0, 1, 1, 2, 6, 5, 6, 1, 0, 0, 2]


def only_the_buckets_of_what_moved_are_made_again(store: SmallStore) -> None:
    rows = _numbered(range(600))
    store.release(rows)
    versions = "select bucket, ctid::text, xmin::text from hashed.thing"
    before = set(store.ask(versions))
    store.do("truncate candidate.thing")
    for row in (changed := [(code, amount + (amount == 7), note) for code, amount, note in rows if amount != 9]):
        store.do("insert into candidate.thing values (%s, %s, %s)", *row)
    run = store.run()
    [(content,)] = store.ask("select release.seal_candidates(%s)", run)
    assert content["thing"] == {"columns": ["code", "amount", "note"], **_in_buckets(_as_text(changed))}
    [(as_whole, made)] = store.ask(
        "select as_whole, (select count(*) from rehashed.thing) from release.rehashed_mart where mart = 'thing'"
    )
    assert (as_whole, 1 <= made <= 3, len(before) > 15) == (False, True, True)
    store.say(run)
    _, verdict, *_ = store.publish(run)
    assert verdict == "pass"
    assert len(before & set(store.ask(versions))) == len(before) - made
    # A row that lies in no bucket: what is kept is not of these rows, and all are hashed again.
    store.do("update hashed.thing set hashes = sha256('other')")
    store.do("update candidate.thing set amount = 1000 where code = '00007'")
    [(content,)] = store.ask("select release.seal_candidates(%s)", store.run())
    moved = [(code, 1000 if code == "00007" else amount, note) for code, amount, note in changed]
    assert content["thing"]["sha256"] == _in_buckets(_as_text(moved))["sha256"]
    assert store.ask("select as_whole from release.rehashed_mart where mart = 'thing'") == [(True,)]


def what_was_refused_leaves_no_hashes(store: SmallStore) -> None:
    store.release([A, B])
    store.fill([A, C])
    _refused(store, store.sealed(fails="red"), [f"{FAILS}: red"])
    store.fill([A, B])
    assert store.publish(store.sealed())[2] is False, "as published"
    store.release([A, B, C])
    assert store.ask("select counted from release.hashed_mart where mart = 'thing'") == [(3,)]
    assert store.ask("select content = release.content_of(release.relations_in('marts')) from release.release"
                     " order by release_id desc limit 1") == [(True,)]  # fmt: skip


def a_number_written_otherwise_is_another_row(store: SmallStore) -> None:
    """1.50 is worth 1.5 and is not the same in a file: what is on record is what is published, to the letter."""
    for schema in ("candidate", "marts", "history"):
        store.do(f"alter table {schema}.thing add column rate numeric")
    store.do("update release.mart set columns = columns || 'rate'::text where name = 'thing'")
    held = "select release.content_of(release.relations_in('marts')) = content from release.release order by release_id desc"
    for rate in ("1.5", "1.50"):
        store.do("truncate candidate.thing")
        store.do("insert into candidate.thing select code, 1, note, %s::numeric from (values ('a', null), ('b', null)) as"
                 " given (code, note)", rate)  # fmt: skip
        # All else changes too, so that the whole table is hashed.
        store.do("insert into candidate.thing values (%s, 2, null, 2)", f"only with {rate}")
        _, verdict, changed, *_ = store.publish(store.sealed())
        assert (verdict, changed) == ("pass", True)
        assert store.ask(held)[0] == (True,)
    assert store.ask("select rate::text from marts.thing where code = 'a'") == [("1.50",)]


def what_was_hashed_in_one_is_held_to_that(store: SmallStore) -> None:
    """A release of an earlier version of the program: read again by its rule, rolled back to, and followed by the new one."""
    store.release([A, B])
    former = {
        name: {"columns": columns, "rows": len(rows), "sha256": _sha256("".join(sorted(map(_sha256, rows))))}
        for name, columns, rows in (
            ("thing", ["code", "amount", "note"], ["(a,1,x)", "(b,2,)"]), ("pair", ["one", "two", "amount"], []),
        )
    }  # fmt: skip
    with_former = "select release.content_of(release.relations_in('marts'), %s) = %s"
    assert store.ask(with_former, json.dumps(former), json.dumps(former)) == [(True,)]
    [(old,)] = store.ask(
        "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256) values (%s, 'publish', 'pass',"
        " '{}', %s, '') returning release_id",
        store.run(), json.dumps(former),
    )  # fmt: skip
    store.do("update release.pointer set release_id = %s", old)
    assert _roll_back(store, old) == ""
    store.fill([A, B])
    made, verdict, changed, *_ = store.publish(store.sealed())
    assert (verdict, changed) == ("pass", True), "the same rows under the new hash are a release"
    [(content,)] = store.ask("select content from release.release where release_id = %s", made)
    assert {name: entry["depth"] for name, entry in content.items()} == {"thing": 0, "pair": 0}


def the_first_release_holds_the_candidates(store: SmallStore) -> None:
    store.fill([A, B], [("p", "q", 7)])
    run = store.sealed()
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


def a_null_that_gets_a_value_is_a_difference_and_back(store: SmallStore) -> None:
    first = store.release([B])
    second = store.release([("b", 2, "")])
    third = store.release([B])
    assert store.current("thing") == [(third, *B)]
    assert store.former("thing") == [(first, second, *B), (second, third, "b", 2, "")]


def the_same_again_is_no_release(store: SmallStore) -> None:
    first = store.release([A, B])
    assert store.publish(store.sealed()) == (first, "pass", False, [], {})
    assert store.ask("select count(*) from release.release") == [(1,)]
    refused, verdict, *_ = store.publish(store.sealed(fails="red"))
    assert (verdict, refused != first, store.pointer()) == ("fail", True, [(first, "pass")])
    other = store.release([A])
    assert other != first and store.release([A, B]) not in (first, other)


def _refused(store: SmallStore, run: UUID, reasons: list[str]) -> None:
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
    _refused(store, store.sealed(fails="red"), [f"{FAILS}: red"])
    _refused(store, store.sealed(fails="silent"), [f"{FAILS}: did not run"])
    _refused(store, store.sealed(fails="crashed"), [f"{FAILS}: crashed"])
    _refused(store, store.sealed(holds="red"), [f"{HOLDS}: red (held)"])
    _refused(store, store.sealed(holds="crashed"), [f"{HOLDS}: crashed"])
    _refused(store, store.sealed(holds="silent"), [f"{HOLDS}: did not run"])
    _refused(store, store.sealed(warns="crashed"), [f"{WARNS}: crashed"])
    _refused(store, store.sealed(warns="silent"), [f"{WARNS}: did not run"])
    _refused(store, store.sealed(fails="red", holds="red", warns="red"), [f"{HOLDS}: red (held)", f"{FAILS}: red"])
    unsealed = store.run()
    store.say(unsealed)
    _refused(store, unsealed, [UNSEALED, CHANGED])
    changed = store.sealed()
    store.do("update candidate.thing set amount = 9 where code = 'c'")
    _refused(store, changed, [CHANGED])
    _refused(store, store.sealed(fails="red"), [f"{FAILS}: red"])


def a_warning_marks_the_release_and_an_override_says_who(store: SmallStore) -> None:
    store.fill([A])
    first, verdict, *_ = store.publish(store.sealed(warns="red"))
    assert verdict == "pass"
    store.fill([C])
    run = store.sealed(holds="red", warns="red")
    _refused(store, run, [f"{HOLDS}: red (held)"])
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


def _roll_back(store: SmallStore, target: int, why: str = "why") -> str:
    # What an act before left to the end of its transaction, which here is the whole example.
    store.do("drop table if exists pg_temp.restored_thing, pg_temp.restored_pair")
    return store.refused("select release.rollback(%s, %s, %s, 'An')", store.run(), target, why)


def a_rollback_is_a_new_release_with_the_old_contents(store: SmallStore) -> None:
    store.fill([A, B], [("p", "q", 7)])
    first, *_ = store.publish(store.sealed(warns="red"))
    second = store.release([A, ("b", 3, "y"), C], [("p", "q", 8)])
    third = store.release([("b", 3, "y")], [("p", "q", 8)])
    refused, *_ = store.publish(store.sealed(fails="red"))
    assert [_roll_back(store, target) for target in (refused, refused + 100)] == [NO_DATA, NO_DATA]
    assert _roll_back(store, first, " ") == CHECK
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
    assert _roll_back(store, second) == ""
    assert [row[1:] for row in store.current("thing")] == [A, ("b", 3, "y"), C]
    before = store.current("thing")
    assert _roll_back(store, store.pointer()[0][0]) == "", "to where it stands"
    assert store.current("thing") == before
    store.do("insert into release.cleaned (release_id, cleaned_for, because) values (%s, 'An', 'old')", first)
    assert _roll_back(store, first) == NO_DATA


def a_rollback_that_would_not_be_exact_is_refused(store: SmallStore) -> None:
    first = store.release([A])
    for schema in ("candidate", "marts", "history"):
        store.do(f"alter table {schema}.thing add column more text")
    store.do("update release.mart set columns = columns || 'more'::text where name = 'thing'")
    store.fill([A])
    _, verdict, changed, *_ = store.publish(store.sealed())
    assert (verdict, changed) == ("pass", True)
    before = store.pointer()
    assert _roll_back(store, first) == "P0001"
    assert store.pointer() == before


#: The queue of all that change marts (warehouse/marts.py waits in it too).
QUEUED = (
    "select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory' and granted"
    " and (classid::bigint << 32) | objid::bigint = hashtextextended('motcua.publish', 0)"
)


def a_rollback_waits_in_the_queue(store: SmallStore) -> None:
    [(old,)] = store.ask(
        "insert into release.release (run_id, kind, verdict, reasons, content, content_sha256) values (%s, 'publish', 'pass',"
        " '{}', release.content_of(release.relations_in('marts')), '') returning release_id",
        store.run(),
    )
    assert store.ask(QUEUED) == [(0,)]
    assert _roll_back(store, old) == ""
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


RULES: tuple[Callable[[SmallStore], None], ...] = (
    the_first_release_holds_the_candidates,
    what_differs_moves_to_history_and_the_rest_is_not_touched,
    every_reason_refuses,
    a_check_weighs_the_more_of_then_and_today,
    only_what_may_be_borne_is_overridden,
    a_warning_marks_the_release_and_an_override_says_who,
    a_rollback_is_a_new_release_with_the_old_contents,
    the_same_again_is_no_release,
    a_seal_is_the_hash_of_the_buckets_of_row_hashes,
    as_many_buckets_as_rows_ask_for,
    only_the_buckets_of_what_moved_are_made_again,
    what_was_refused_leaves_no_hashes,
    a_number_written_otherwise_is_another_row,
    what_was_hashed_in_one_is_held_to_that,
    a_null_that_gets_a_value_is_a_difference_and_back,
    a_rollback_that_would_not_be_exact_is_refused,
    a_rollback_waits_in_the_queue,
    statistics_follow_a_tenth_of_the_rows,
)
