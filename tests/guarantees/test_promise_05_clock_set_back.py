"""Promise 5 under a clock that was set back: what came later is told by numbers, and nothing is lost or taken for older.

Belongs here: the server's clock, which dates everything in the ledger. Instants of dossiers never come from a clock, and the
version of a list that is read is its source's (tests/integration/tables). Does not: readers of sources.

The clock is set back by moving all that the ledger has noted so far into the future: for the program both are the same.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from tests.conftest import Deployed
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases
from tests.guarantees.partial_runs import ORDER, open_run
from tests.guarantees.test_overrides import refused_run
from warehouse import refusals, releases, retention

BACK = timedelta(hours=30)
#: What is dated by sources, files and people, and not by the server's clock.
_DATED_ELSEWHERE = {"version", "came_at", "as_of", "from_cut_off", "to_cut_off"}


def set_back(deployed: Deployed, by: timedelta) -> int:
    """Sets the clock back since everything that is noted; gives the number of columns that hold such instants."""
    columns = [
        column
        for *column, name in deployed.ask(
            "select c.table_schema, c.table_name, c.column_name, c.column_name from information_schema.columns as c"
            " inner join information_schema.tables as t using (table_schema, table_name)"
            " where t.table_type = 'BASE TABLE' and c.table_schema in ('audit', 'release')"
            " and c.data_type = 'timestamp with time zone'"
        )
        if name not in _DATED_ELSEWHERE
    ]
    with deployed.database.connect() as connection:
        # Rows of evidence are changed by nobody else: as a superuser who switches its triggers off.
        connection.execute("set local session_replication_role = replica")
        for schema, table, column in columns:
            connection.execute(
                sql.SQL("update {} set {column} = {column} + %s").format(
                    sql.Identifier(schema, table), column=sql.Identifier(column)
                ),
                (by,),
            )
    return len(columns)


@pytest.mark.walk
def test_runs_go_on_as_if_the_clock_had_not_been_touched(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path
) -> None:
    [(first,)] = copy_of_sample.ask("select release_id from release.pointer")
    assert set_back(copy_of_sample, BACK) > 15
    same = copy_of_sample.run()
    assert (same.failure, same.changed, same.release_id) == (None, False, first), "what stands is found standing"
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    newer = copy_of_sample.run(f"sources.boston311.path={write_cases(tmp_path / 'cases.csv', cases)}")
    assert newer.failure is None and newer.changed
    assert newer.warnings == (), "the delivery counts"
    assert releases.list_releases(copy_of_sample.database)[0].current

    set_back(copy_of_sample, BACK)
    refused = refused_run(copy_of_sample, severity="hold")
    with copy_of_sample.database.connect("motcua_inspector") as connection:
        assert refusals.find_run(connection, None, None).run_id == refused, "the newest run is the newest"
        assert refusals.landed_since_release(connection, refused) == [], "nothing landed since the release before"
        [late] = refusals.landed_since_release(connection, _of_release(copy_of_sample, newer.release_id))
        assert late.source == "boston311"

    set_back(copy_of_sample, BACK)
    made, _ = releases.roll_back(copy_of_sample.database, open_run(copy_of_sample), first, ORDER)
    assert copy_of_sample.ask("select release_id from release.pointer") == [(made,)]
    assert retention.clean(copy_of_sample.database, 1, ORDER).kept == (made,)


def _of_release(deployed: Deployed, release: int | None) -> Any:
    return deployed.ask("select run_id from release.release where release_id = %s", release)[0][0]
