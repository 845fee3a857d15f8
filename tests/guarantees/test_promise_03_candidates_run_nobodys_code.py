"""Promise 3: the owner, who reads candidates to publish them, runs no code of whoever made them.

Belongs here: what a transformer may put where a candidate stood, or upon it. Does not: rights on what is published
(test_promise_03_database_refuses_every_way_round.py), or writing after the seal (test_releases_cost_what_changed.py).
"""

from __future__ import annotations

import psycopg
import pytest

from tests.conftest import Deployed
from tests.guarantees.partial_runs import open_run
from warehouse import releases

STEAL = """
    create function candidate.steal(given text) returns text language plpgsql as $$ begin
        if current_user = 'motcua_owner' then
            update marts.dim_unit set unit_code = 'stolen' where unit_key = 'boston/PARK' and unit_code <> 'stolen';
        end if;
        return given;
    end $$;
    create function candidate.steal_at_once(given text) returns text language plpgsql immutable as $$ begin
        return candidate.steal(given);
    end $$
"""
#: What a transformer may put where a candidate stood, so that reading it runs code of its own.
TROJANS = {
    "a view": (
        "alter table candidate.dim_unit rename to held",
        "create view candidate.dim_unit as select unit_key, jurisdiction, candidate.steal(unit_code) as unit_code"
        " from candidate.held",
    ),
    "a row policy": (
        "alter table candidate.dim_unit enable row level security",
        "alter table candidate.dim_unit force row level security",
        "create policy steal on candidate.dim_unit using (candidate.steal('x') = 'x')",
    ),
    "a type with a cast": (
        "create type candidate.text as (held text)",
        "create function candidate.uncover(given candidate.text) returns text language plpgsql as $$ begin"
        " return candidate.steal((given).held); end $$",
        "create cast (candidate.text as text) with function candidate.uncover(candidate.text) as implicit",
        "alter table candidate.dim_unit drop constraint if exists dim_unit_pkey",
        "alter table candidate.dim_unit alter column unit_key type candidate.text using row(unit_key)::candidate.text",
    ),
    "an index of an expression": ("create index on candidate.dim_unit (candidate.steal_at_once(unit_code))",),
    "an index of some rows": (
        "create index on candidate.dim_unit (unit_code) where candidate.steal_at_once(unit_code) <> 'x'",
    ),
    "statistics of an expression": (
        "create statistics candidate.of_steal on (candidate.steal_at_once(unit_code)), unit_code from candidate.dim_unit",
    ),
    "a column computed from others": (
        "alter table candidate.dim_unit drop column unit_code",
        "alter table candidate.dim_unit add column unit_code text generated always as"
        " (candidate.steal_at_once(unit_key)) stored",
    ),
    "a check": ("alter table candidate.dim_unit add check (candidate.steal_at_once(unit_code) <> 'x')",),
    "a column more": ("alter table candidate.dim_unit add column sneaked text",),
    "a trigger": (
        "create function candidate.fired() returns trigger language plpgsql as $$ begin"
        " perform candidate.steal('x'); return new; end $$",
        "create trigger sneaked after insert on candidate.dim_unit execute function candidate.fired()",
    ),
    "a table that inherits from it": ("create table candidate.heir () inherits (candidate.dim_unit)",),
    "a table it inherits from": (
        "create table candidate.above (unit_key text)",
        "alter table candidate.dim_unit inherit candidate.above",
    ),
    "a type of the caller's session": (
        "create domain pg_temp.text as pg_catalog.text check (candidate.steal(value) = value)",
    ),
}


@pytest.mark.parametrize("trojan", TROJANS)
def test_reading_a_candidate_runs_nobodys_code(copy_of_sample: Deployed, trojan: str) -> None:
    """Sealing, publishing and statistics of what is sealed read with the owner's rights: it must be a plain table."""
    before = copy_of_sample.published()
    run_id = open_run(copy_of_sample)
    stopped = None
    with copy_of_sample.database.connect() as connection:
        connection.execute("set session authorization motcua_transformer")
        connection.execute(STEAL.encode())
        connection.execute("select release.open_candidates('{dim_unit}')")
        for statement in TROJANS[trojan]:
            connection.execute(statement.encode())
        connection.commit()
        try:
            connection.execute("select release.seal_candidates(%s)", (run_id,))
        except psycopg.Error as error:
            connection.rollback()
            stopped = error
        # What a table's statistics are made of is computed with the rights of whoever owns it.
        connection.execute("analyze candidate.dim_unit" if trojan != "a view" else "analyze candidate.held")
    assert copy_of_sample.published() == before
    if trojan == "a type of the caller's session":
        assert stopped is None
    else:
        assert isinstance(stopped, psycopg.errors.WrongObjectType), stopped
        assert releases.publish(copy_of_sample.database, run_id).verdict == "fail"
    assert copy_of_sample.published() == before
