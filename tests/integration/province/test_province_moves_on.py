"""Runs after the first one: nothing new, another order of reading, days that pass with corrections and a late delivery.

Belongs here: whole runs over all stand-ins that find something standing already. Does not: the first run's figures.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orchestration.delivering import deliver_stream
from orchestration.session import NoProgress, Stretch, open_session
from tests.integration.province.conftest import Later
from tests.integration.province.made_province import Province, differences, run
from warehouse.database import Database, open_database


def test_a_run_with_nothing_new_does_nothing(copy_of_province: Callable[[str], Province]) -> None:
    province = copy_of_province("province_again")
    before = province.ask("select count(*) from audit.delivery")
    summary = run(province.settings())
    assert (summary.changed, summary.published) == (False, True)
    assert province.ask("select count(*) from audit.delivery") == before
    last = province.ask("select outcome from audit.run order by started_at desc limit 1")
    checks = "select count(*) from release.check_result where run_id = %s"
    assert last == [("unchanged",)] and province.ask(checks, summary.run_id) == [(0,)], "nothing was built or checked"


#: Everything a table says but where its rows stand in which kept batch: that differs with how the source was read.
_CONTENTS = """
    select encode(sha256(string_agg(line, E'\\n' order by line)::bytea), 'hex') from (
        select (to_jsonb(t) - 'release_from' - 'file_sha256' - 'row_number')::text as line from {} as t
    ) as lines
"""


def _contents(database: Database, schema: str) -> dict[str, str | None]:
    with database.connect() as connection:
        names = [row[0] for row in connection.execute("select name from release.mart order by name").fetchall()]
        return {
            name: (connection.execute(_CONTENTS.format(f'{schema}."{name}"').encode()).fetchone() or (None,))[0]
            for name in names
        }


@pytest.mark.walk
def test_a_backfill_in_any_order_gives_the_same(province: Province) -> None:
    settings = province.settings("backfilled")
    months = [(4, 8), (1, 2), (2, 4)]
    body = settings.deployment.jurisdictions["thai_nguyen"]
    stretches = [Stretch(body.instant(f"2023-{a:02}-01"), body.instant(f"2023-{b:02}-01")) for a, b in months]
    with open_database(settings.home, "backfilled") as database:
        for stretch in [*stretches, Stretch(None, body.instant("2023-01-01"))]:
            with open_session(settings, NoProgress(), None, stretch) as session:
                for source in ("provincial", "portal"):
                    for stream in session.settings.contracts[source].streams:
                        deliver_stream(session, source, stream)
        run(settings)
        assert _contents(database, "marts") == _contents(province.database, "marts")


def test_days_pass_and_corrections_come(later: Later) -> None:
    assert later.summary.changed
    ask = later.province.ask
    assert ask("select release_id from release.pointer") != [(later.release_before,)]
    truth = later.province.truth()
    now = truth["half_year_as_known_now"]
    assert differences(later.province.counted("2023-01-01", "2023-07-01"), now) == {}
    assert now["received"] > truth["half_year"]["received"], "a late delivery belongs to the half year"
    assert differences(later.province.counted("2023-07-01", truth["at"][:10]), truth["since_half_year"]) == {}
    read = "select sum(rows_read) from audit.delivery where delivery_id > %s and source = 'provincial' and stream = %s"
    [(steps,)] = ask(read, later.deliveries_before, "progress")
    [(every,)] = ask("select count(distinct id) from raw.provincial__progress")
    assert 0 < steps < 0.05 * every, "only what changed was read again"
