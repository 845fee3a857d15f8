"""A release looks at what changed alone, and is the same release as if everything had been looked at.

Belongs here: what is noted of candidates between releases, whoever writes them and whatever comes between, held against
tables compared and hashed whole. Does not: who may publish (promise 3), readers meanwhile (promise 4), timings (benchmarks/).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

from contracts.checks import CheckResult
from expectations.suite import required_checks
from tests.conftest import Deployed
from tests.guarantees.kept_releases import assert_every_release_reads_as_recorded
from tests.guarantees.partial_runs import ORDER, all_green, open_run
from warehouse import releases
from warehouse.migrate import migrate
from warehouse.releases import Published

TRANSFORMER = "motcua_transformer"
OTHER_ROWS = "update candidate.fct_dossier set row_number = row_number + 1 where unit_key = 'boston/ANML'"


def _seal(deployed: Deployed) -> UUID:
    run_id = open_run(deployed)
    releases.seal_candidates(deployed.database, run_id)
    return run_id


def _publish(deployed: Deployed, said: list[CheckResult] | None = None) -> Published:
    run_id = _seal(deployed)
    releases.record_checks(deployed.database, run_id, all_green() if said is None else said)
    return releases.publish(deployed.database, run_id)


def _one_red() -> list[CheckResult]:
    first, *others = all_green()
    return [CheckResult(first.name, False, "no"), *others]


def _whole(deployed: Deployed, schema: str) -> dict[str, Any]:
    """The contents of a schema, every row of it read and hashed."""
    [(content,)] = deployed.ask("select release.content_of(release.relations_in(%s))", schema)
    return dict(content)


def _assert_published_is(deployed: Deployed, published: Published) -> None:
    [(recorded,)] = deployed.ask("select content from release.release where release_id = %s", published.release_id)
    assert recorded == _whole(deployed, "marts") == _whole(deployed, "candidate")


def _rows_read(deployed: Deployed, table: str) -> int:
    [(read,)] = deployed.ask(
        "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables where relid = to_regclass(%s)", table
    )
    return int(read)


@pytest.fixture
def held(copy_of_sample: Deployed) -> Deployed:
    """Published, sealed, and nothing written since."""
    _publish(copy_of_sample)
    return copy_of_sample


class _Writer:
    """Writes candidates at random, as a build might: rows that come, go, change, change back, or are written as they were."""

    def __init__(self, deployed: Deployed, seed: int) -> None:
        self.deployed, self.random = deployed, random.Random(seed)
        self.new = 0

    def write(self) -> None:
        self.random.choice(
            [self._change, self._change_back, self._remove, self._add, self._rewrite, self._rename, self._make_anew]
        )()

    def _change(self) -> None:
        self._do(
            "update candidate.fct_dossier set row_number = row_number + 1 where dossier_code like %s", self._some()
        )

    def _change_back(self) -> None:
        self._do(
            "update candidate.fct_dossier as c set row_number = m.row_number from marts.fct_dossier as m"
            " where m.dossier_key = c.dossier_key and m.dossier_code like %s",
            self._some(),
        )

    def _remove(self) -> None:
        self._do(
            "delete from candidate.fct_timeliness where unit_key like %s", "boston/" + self.random.choice("ABIPT") + "%"
        )

    def _add(self) -> None:
        self.new += 1
        self._do(
            "insert into candidate.dim_channel (channel_key, jurisdiction, channel_code) values (%s, 'boston', %s)",
            f"boston/new {self.new}", f"new {self.new}",
        )  # fmt: skip

    def _rewrite(self) -> None:
        self._do("update candidate.fct_dossier_verdict set verdict = verdict where policy = 'day'")

    def _rename(self) -> None:
        """A key that changes is a row gone and another one come."""
        self._do("update candidate.dim_channel set channel_key = channel_key || '''' where channel_code like 'new%%'")

    def _make_anew(self) -> None:
        """What dbt does with a model that it makes whole."""
        releases.open_candidates(self.deployed.database, ["dim_channel"])
        with self.deployed.database.connect(TRANSFORMER) as connection:
            connection.execute("create table candidate.made (like candidate.dim_channel including all)")
            connection.execute("insert into candidate.made select * from candidate.dim_channel offset 1")
            connection.execute("drop table candidate.dim_channel")
            connection.execute("alter table candidate.made rename to dim_channel")
            connection.execute("grant select on candidate.dim_channel to motcua_checker")

    def _some(self) -> str:
        return f"%{self.random.randrange(10)}"

    def _do(self, statement: str, *values: object) -> None:
        self.deployed.do(statement, *values, role=TRANSFORMER)


@pytest.mark.walk
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_comes_between_the_release_is_what_comparing_everything_gives(
    copy_of_sample: Deployed, seed: int
) -> None:
    writer = _Writer(copy_of_sample, seed)
    acts = ["publish", "publish", "refuse", "seal", "roll back"]
    for act in [*writer.random.choices(acts, k=9), "publish"]:
        for _ in range(writer.random.randrange(4)):
            writer.write()
        if act == "publish":
            published = _publish(copy_of_sample)
            assert published.verdict == "pass", published.reasons
            _assert_published_is(copy_of_sample, published)
        elif act == "refuse":
            before = _whole(copy_of_sample, "marts")
            assert _publish(copy_of_sample, _one_red()).verdict == "fail"
            assert _whole(copy_of_sample, "marts") == before
        elif act == "seal":
            sealed = _seal(copy_of_sample)
            [(content,)] = copy_of_sample.ask("select content from release.seal where run_id = %s", sealed)
            assert content == _whole(copy_of_sample, "candidate")
        else:
            releases.roll_back(copy_of_sample.database, open_run(copy_of_sample), 1, ORDER)
    assert_every_release_reads_as_recorded(copy_of_sample)


def test_what_nobody_wrote_is_not_read_again(held: Deployed) -> None:
    large, changed = "marts.fct_dossier_verdict", "marts.fct_dossier"
    before = {table: _rows_read(held, table) for table in (large, changed)}
    held.do(OTHER_ROWS, role=TRANSFORMER)
    published = _publish(held)
    assert published.changes["fct_dossier"]["added"] > 0
    assert published.changes["fct_dossier_verdict"] == {"superseded": 0, "added": 0}
    # Only the gate's own question whether there is anything in it: one row at most, asked twice.
    assert _rows_read(held, large) - before[large] < 10
    assert _rows_read(held, changed) > before[changed], "the reading is noticed where it happens"


def test_rows_written_as_they_were_are_no_release(held: Deployed) -> None:
    held.do("update candidate.fct_dossier set row_number = row_number", role=TRANSFORMER)
    published = _publish(held)
    assert (published.verdict, published.changed) == ("pass", False)


WRITINGS = {
    "a row changed": OTHER_ROWS,
    "a row gone": "delete from candidate.dim_channel where channel_key = (select min(channel_key) from candidate.dim_channel)",
    "a row come": "insert into candidate.dim_channel (channel_key, jurisdiction, channel_code) values ('x', 'boston', 'x')",
    "a row written as it was": "update candidate.dim_unit set unit_code = unit_code",
    "a table asked back": "select release.open_candidates('{dim_unit}')",
    "another table in its place": "do $$ begin create table candidate.other (like candidate.dim_unit including all);"
    " insert into candidate.other select * from candidate.dim_unit; drop table candidate.dim_unit;"
    " alter table candidate.other rename to dim_unit; end $$",
    "a table gone": "drop table candidate.dim_unit",
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_any_writing_breaks_the_seal(held: Deployed, writing: str) -> None:
    """By the transformer, with all rights it has. Not that what it wrote differs counts, but that it wrote."""
    before = held.published()
    run_id = _seal(held)
    releases.record_checks(held.database, run_id, all_green())
    held.do(WRITINGS[writing], role=TRANSFORMER)
    refused = releases.publish(held.database, run_id)
    assert (refused.verdict, refused.reasons) == ("fail", ("the candidates are not those that were checked",))
    assert held.published() == before


@contextmanager
def _snapshot(deployed: Deployed) -> Iterator[psycopg.Connection]:
    """A transaction of the transformer's that sees what there is now, whatever is committed later."""
    with deployed.database.connect(TRANSFORMER) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("select from release.candidate")
        yield connection
        connection.rollback()


#: One row, and another: what is noted of the same row twice is in the way of a transaction that does not see it.
ONE = "update candidate.dim_unit set valid_from = valid_from where unit_key = (select min(unit_key) from candidate.dim_unit)"
OTHER = ONE.replace("min(", "max(")


@pytest.mark.parametrize("taken_over_before", [True, False])
def test_who_does_not_see_the_seal_cannot_write_past_it(held: Deployed, taken_over_before: bool) -> None:
    held.do(ONE, role=TRANSFORMER)
    if not taken_over_before:
        releases.open_candidates(held.database, ["dim_unit"])
    with _snapshot(held) as writer:
        _seal(held)
        with pytest.raises(psycopg.errors.SerializationFailure):
            writer.execute(OTHER.encode())


def test_who_does_not_see_what_was_written_cannot_seal(held: Deployed) -> None:
    releases.open_candidates(held.database, ["dim_unit"])
    run_id = open_run(held)
    with _snapshot(held) as sealer:
        held.do(ONE, role=TRANSFORMER)
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            sealer.execute("select release.seal_candidates(%s)", (run_id,))


FORBIDDEN = (
    "truncate candidate.dim_unit",
    "alter table candidate.dim_unit disable trigger all",
    "drop trigger noted_on_update on candidate.dim_unit",
    "alter table candidate.dim_unit add column sneaked text",
    "create trigger sneaked before insert on candidate.dim_unit execute function release.refuse_change()",
    "create rule sneaked as on insert to candidate.dim_unit do instead nothing",
    "alter table candidate.dim_unit enable row level security",
    "alter table candidate.dim_unit owner to motcua_transformer",
    "delete from noted.dim_unit",
    "update release.candidate set sealed_run = null",
)


def test_the_transformer_cannot_write_unnoticed(held: Deployed) -> None:
    for statement in FORBIDDEN:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            held.do(statement, role=TRANSFORMER)


def test_even_a_superuser_is_noticed(held: Deployed) -> None:
    """Emptying a table leaves no keys to note: it is compared whole."""
    held.do("truncate candidate.dim_channel")
    published = _publish(held)
    assert published.verdict == "pass"
    assert published.changes["dim_channel"]["superseded"] > 0
    _assert_published_is(held, published)


def test_what_an_earlier_version_published_goes_on(held: Deployed) -> None:
    """It kept the hash of each row in the row, and put tables on record by another hash, which stays true of them."""
    before = held.published()
    held.do("alter table marts.fct_dossier add column row_fingerprint bytea")
    held.do("delete from release.hashed_mart")
    held.do("drop schema hashed cascade")
    held.do("drop schema rehashed cascade")
    held.do("update audit.schema_state set digest = 'of an earlier version'")
    migrate(held.database, held.settings.all_contracts, required_checks())
    assert held.published() == before
    assert not held.ask(
        "select from pg_attribute where attname = 'row_fingerprint' and attrelid = 'marts.fct_dossier'::regclass and"
        " not attisdropped"
    )
    held.do(OTHER_ROWS, role=TRANSFORMER)
    _assert_published_is(held, _publish(held))


def test_a_release_between_seal_and_publication_is_found(held: Deployed) -> None:
    """Somebody rolls back while a run waits for its gate: what it publishes is still what was sealed."""
    held.do(OTHER_ROWS, role=TRANSFORMER)
    _publish(held)
    held.do(OTHER_ROWS, role=TRANSFORMER)
    run_id = _seal(held)
    releases.record_checks(held.database, run_id, all_green())
    releases.roll_back(held.database, open_run(held), 1, ORDER)
    published = releases.publish(held.database, run_id)
    assert published.verdict == "pass"
    _assert_published_is(held, published)


def test_what_an_earlier_version_had_hashed_is_not_hashed_again(held: Deployed) -> None:
    """It kept the hash of each bucket beside the hashes in it; releases go on by what changed."""
    before = held.published()
    tables = [name for (name,) in held.ask("select tablename from pg_tables where schemaname = 'hashed'")]
    for table in tables:
        held.do(f"alter table hashed.{table} add column sha256 bytea")
        held.do(f"update hashed.{table} set sha256 = sha256(hashes)")
        held.do(f"alter table rehashed.{table} drop column counted")
    kept = "select mart, bucket, counted, sha256 from release.hashed_bucket order by mart, bucket"
    expected = held.ask(kept)
    held.do("delete from release.hashed_bucket")
    held.do("update audit.schema_state set digest = 'of an earlier version'")
    migrate(held.database, held.settings.all_contracts, required_checks())
    assert (held.published(), held.ask(kept)) == (before, expected)
    held.do(OTHER_ROWS, role=TRANSFORMER)
    releases.seal_candidates(held.database, open_run(held))
    made = (
        "select mart, as_whole from release.rehashed_mart inner join release.hashed_mart as held using (mart)"
        " where held.counted > 0"
    )
    assert held.ask(made) == [("fct_dossier", False)]
    _assert_published_is(held, _publish(held))
