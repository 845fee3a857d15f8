"""The rules of how the release store hashes what it holds, each by an example that is computed apart (small_store.py).

Belongs here: what a seal says of tables, and which buckets of hashes a release makes again. Does not: what is published and
when (release_rules.py); test_release_rules.py and the mutation tests run both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable

from tests.guarantees.release_rules import FAILS, A, B, C, refused, roll_back
from tests.guarantees.small_store import Row, SmallStore


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


def what_is_held_is_on_record(store: SmallStore, rows: int, mart: str = "thing") -> None:
    """The newest release says what the published tables hold, every row read; of this one so many rows lie in buckets, and
    in those they would lie in were all made anew.
    """
    assert store.ask(
        "select content = release.content_of(release.relations_in('marts')) from release.release"
        " where verdict = 'pass' order by release_id desc limit 1"
    ) == [(True,)]
    [(counted, anew)] = store.ask(
        "select counted, release.in_buckets(format('marts.%%I', mart), columns, depth) from release.hashed_mart"
        " where mart = %s", mart
    )  # fmt: skip
    assert counted == rows
    kept = store.ask(
        f"select bucket, h.hashes, s.counted, s.sha256 from hashed.{mart} as h"
        " full join (select bucket, counted, sha256 from release.hashed_bucket where mart = %s) as s using (bucket) order by 1",
        mart,
    )
    assert kept == store.ask(f"{anew} order by 1")


def thirty_two_rows_a_bucket_and_twenty_four_bits_at_most(store: SmallStore) -> None:
    for rows, depth in ((0, 0), (32, 0), (33, 1), (32 * 2**24, 24), (32 * 2**24 + 1, 24), (2**50, 24)):
        assert store.ask("select release.bucket_depth(%s)", rows) == [(depth,)]


def rows_of_a_dossier_lie_together(store: SmallStore) -> None:
    for schema in ("candidate", "marts", "history"):
        store.do(f"alter table {schema}.thing add column dossier_key text")
    store.do("update release.mart set columns = columns || 'dossier_key'::text where name = 'thing'")
    numbers = range(70)
    store.fill(_numbered(numbers))
    store.do("update candidate.thing set dossier_key = 'dossier ' || amount %% 5 where amount < 65")
    run = store.sealed()
    dossiers = [f"dossier {number % 5}" if number < 65 else "" for number in numbers]
    expected = _in_buckets(
        [f"({n:05},{n},,{d and chr(34) + d + chr(34)})" for n, d in zip(numbers, dossiers, strict=True)], dossiers
    )
    assert store.ask("select content -> 'thing' from release.seal where run_id = %s", run) == [
        ({"columns": ["code", "amount", "note", "dossier_key"], **expected},)
    ]
    assert store.publish(run)[1] == "pass"
    what_is_held_is_on_record(store, 70)


def as_many_buckets_as_rows_ask_for(store: SmallStore) -> None:
    """More and fewer rows, a release each: the limits of thirty-two, the first bits, and no bucket left of rows that went."""
    depths = []
    for rows in (32, 33, 64, 65, 513, 512, 40, 1, 0, 80):
        store.release(_numbered(range(rows)))
        [(content, held)] = store.ask(
            "select r.content -> 'thing', (select row(h.counted, h.depth)::text from release.hashed_mart as h"
            " where h.mart = 'thing') from release.release as r order by r.release_id desc limit 1"
        )
        assert content == {"columns": ["code", "amount", "note"], **_in_buckets(_as_text(_numbered(range(rows))))}
        assert held == f"({rows},{content['depth']})"
        what_is_held_is_on_record(store, rows)
        depths.append(content["depth"])
    assert depths == [0, 1, 1, 2, 5, 4, 1, 0, 0, 2]


def only_the_buckets_of_what_moved_are_made_again(store: SmallStore) -> None:
    rows = _numbered(range(600))
    store.release(rows)
    versions = "select bucket, ctid::text, xmin::text from hashed.thing"
    before = set(store.ask(versions))
    store.do("truncate candidate.thing")
    store.fill(changed := [(code, amount + (amount == 7), note) for code, amount, note in rows if amount != 9])
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
    what_is_held_is_on_record(store, 599)
    # A row that lies in no bucket: what is kept is not of these rows, and all are hashed again.
    store.do("update hashed.thing set hashes = sha256('other')")
    store.do("update candidate.thing set amount = 1000 where code = '00007'")
    [(content,)] = store.ask("select release.seal_candidates(%s)", store.run())
    moved = [(code, 1000 if code == "00007" else amount, note) for code, amount, note in changed]
    assert content["thing"]["sha256"] == _in_buckets(_as_text(moved))["sha256"]
    assert store.ask("select as_whole from release.rehashed_mart where mart = 'thing'") == [(True,)]


def up_to_a_quarter_is_hashed_by_what_moves(store: SmallStore) -> None:
    """Of eight rows one and two; with three, making all of them anew is no more work."""
    rows = _numbered(range(8))
    store.release(rows)
    for moving, as_whole in ((1, False), (2, False), (3, True)):
        rows = [(code, amount + 10 * (place < moving), note) for place, (code, amount, note) in enumerate(rows)]
        store.fill(rows)
        run = store.sealed()
        assert store.ask("select as_whole from release.rehashed_mart where mart = 'thing'") == [(as_whole,)]
        [(sealed, once, again)] = store.ask(
            "select content -> 'thing', release.content_to_be('thing'), release.content_to_be('thing') from release.seal"
            " where run_id = %s", run
        )  # fmt: skip
        assert sealed == once == again
        assert store.publish(run)[1:3] == ("pass", True)
        what_is_held_is_on_record(store, 8)


def a_bucket_is_emptied_and_filled(store: SmallStore) -> None:
    """Forty rows lie by their first bit: all but one on one side."""
    sides: tuple[list[Row], list[Row]] = ([], [])
    for row in _numbered(range(100)):
        sides[hashlib.sha256(_as_text([row])[0].encode()).digest()[0] >> 7].append(row)
    many, alone = sides[0][:39], sides[1][0]
    for rows, buckets in (
        ([*many, alone], [0, 1]),
        (many, [0]),
        ([*many, alone], [0, 1]),
        ([*many[1:], alone], [0, 1]),
    ):
        store.fill(rows)
        run = store.sealed()
        assert store.ask("select content -> 'thing' from release.seal where run_id = %s", run) == [
            ({"columns": ["code", "amount", "note"], **_in_buckets(_as_text(rows))},)
        ]
        assert store.publish(run)[1:3] == ("pass", True)
        assert store.ask("select bucket from hashed.thing order by 1") == [(bucket,) for bucket in buckets]
        assert store.ask("select count(*) from rehashed.thing") == [(0,)]
        told = store.ask("select reltuples from pg_class where oid = 'hashed.thing'::regclass")
        assert told == [(2,)], "the server looks at them when all were made, and not for a few"
        what_is_held_is_on_record(store, len(rows))


def a_key_of_two_columns_is_both_of_them(store: SmallStore) -> None:
    pairs = [(one, two, 1) for one in "abc" for two in "abc"]
    store.release([], pairs)
    for changed in ([*pairs, ("d", "a", 1)], [*pairs, ("d", "a", 2)], pairs, pairs[1:]):
        store.fill([], changed)
        run = store.sealed()
        assert store.ask("select as_whole from release.rehashed_mart where mart = 'pair'") == [(False,)]
        assert store.publish(run)[1:3] == ("pass", True)
        what_is_held_is_on_record(store, len(changed), "pair")


def an_empty_table_made_anew_is_looked_at(store: SmallStore) -> None:
    store.release([], [("p", "q", 7)])
    store.do("select release.open_candidates('{thing}')")
    store.release(_numbered(range(3)), [("p", "q", 7)])
    what_is_held_is_on_record(store, 3)


def what_was_sealed_and_not_published_is_no_part_of_the_next(store: SmallStore) -> None:
    rows = _numbered(range(130))
    store.release(rows)
    for changed, word in (("00001", "red"), ("00002", "red"), ("00003", "green")):
        store.fill([(code, -1 if code == changed else amount, note) for code, amount, note in rows])
        run = store.sealed(fails=word)
        assert store.publish(run)[1] == ("pass" if word == "green" else "fail")
    what_is_held_is_on_record(store, 130)
    changed_last = [(code, -1 if code == "00003" else amount, note) for code, amount, note in rows]
    store.fill(rows)
    assert store.publish(store.sealed(fails="red"))[1] == "fail"
    store.release(changed_last, [("p", "q", 7)])
    what_is_held_is_on_record(store, 130)


def after_a_rollback_all_is_hashed_anew(store: SmallStore) -> None:
    rows = _numbered(range(8))
    first = store.release(rows)
    second = store.release([*rows[:7], ("00007", 77, None)])
    store.fill(rows[:6])
    run = store.sealed()
    assert roll_back(store, first) == ""
    assert store.ask("select count(*) from release.hashed_mart") == [(0,)]
    assert store.publish(run)[1:3] == ("pass", True), "sealed before, and hashed as it is published"
    what_is_held_is_on_record(store, 6)
    assert [roll_back(store, release) for release in (second, first)] == ["", ""]
    assert store.ask("select count(*) from release.hashed_mart") == [(0,)]
    store.release([("00000", 11, None), *rows[1:]])
    what_is_held_is_on_record(store, 8)
    store.release([("00000", 11, None), ("00001", 11, None), *rows[2:]])
    what_is_held_is_on_record(store, 8)


def a_table_with_a_column_more_is_hashed_anew(store: SmallStore) -> None:
    store.release(_numbered(range(8)))
    for schema in ("candidate", "marts", "history"):
        store.do(f"alter table {schema}.thing add column more text")
    store.do("update release.mart set columns = columns || 'more'::text where name = 'thing'")
    # A row that comes and none that goes: nothing of the kept buckets is looked for, and all of it is of other columns.
    store.do("insert into candidate.thing values ('00008', 8, null, 'some')")
    run = store.sealed()
    assert store.ask("select content #>> '{thing,columns}' from release.seal where run_id = %s", run) == [
        ('["code", "amount", "note", "more"]',)
    ]
    assert store.publish(run)[1:3] == ("pass", True)
    what_is_held_is_on_record(store, 9)


def what_was_refused_leaves_no_hashes(store: SmallStore) -> None:
    store.release([A, B])
    store.fill([A, C])
    refused(store, store.sealed(fails="red"), [f"{FAILS}: red"])
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
    assert roll_back(store, old) == ""
    store.fill([A, B])
    made, verdict, changed, *_ = store.publish(store.sealed())
    assert (verdict, changed) == ("pass", True), "the same rows under the new hash are a release"
    [(content,)] = store.ask("select content from release.release where release_id = %s", made)
    assert {name: entry.get("depth") for name, entry in content.items()} == {"thing": 0, "pair": 0}


RULES: tuple[Callable[[SmallStore], None], ...] = (
    a_seal_is_the_hash_of_the_buckets_of_row_hashes,
    thirty_two_rows_a_bucket_and_twenty_four_bits_at_most,
    as_many_buckets_as_rows_ask_for,
    rows_of_a_dossier_lie_together,
    only_the_buckets_of_what_moved_are_made_again,
    up_to_a_quarter_is_hashed_by_what_moves,
    a_bucket_is_emptied_and_filled,
    a_key_of_two_columns_is_both_of_them,
    an_empty_table_made_anew_is_looked_at,
    what_was_sealed_and_not_published_is_no_part_of_the_next,
    after_a_rollback_all_is_hashed_anew,
    a_table_with_a_column_more_is_hashed_anew,
    what_was_refused_leaves_no_hashes,
    a_number_written_otherwise_is_another_row,
    what_was_hashed_in_one_is_held_to_that,
)
