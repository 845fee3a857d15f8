"""Promise 6: the same delivery again changes nothing, under whatever name it comes.

Belongs here: whole runs over bytes that are known already. Does not: newer or corrected deliveries.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Deployed
from warehouse.contacts import standing_inputs

#: Everything that must stay as it is, history and the landed rows included.
STANDING = {
    "releases": "select release_id, content_sha256 from release.release order by release_id",
    "deliveries": "select * from audit.delivery order by delivery_id",
    "cases": "select _delivery_id, count(*), sum(_row_number) from raw.boston311__case group by 1 order by 1",
    "services": "select _delivery_id, count(*) from raw.cartas__service group by 1 order by 1",
    "events": "select _delivery_id, count(*) from raw.cartas__change_event group by 1 order by 1",
    "quarantine": "select count(*) from raw.quarantine",
    # The system column xmin names the transaction that wrote a row: not even rewritten in place.
    "rows untouched": "select count(*), min(xmin::text::bigint), max(xmin::text::bigint) from marts.fct_dossier",
}


def _standing(deployed: Deployed) -> dict[str, Any]:
    history = [name for (name,) in deployed.ask("select name from release.mart order by name")]
    superseded = {name: deployed.ask(f"select count(*) from history.{name}") for name in history}
    held = {name: deployed.ask(query) for name, query in STANDING.items()}
    return {"published": deployed.published(), "superseded": superseded, **held}


@pytest.mark.parametrize("name", ["cases.csv", "export of Tuesday.csv"])
def test_the_same_delivery_again_changes_nothing(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path, name: str
) -> None:
    again = tmp_path / name
    shutil.copy(sampled / "boston311" / "cases.csv", again)
    before = _standing(copy_of_sample)
    summary = copy_of_sample.run(f"sources.boston311.path={again}")
    assert (summary.failure, summary.published, summary.changed) == (None, True, False)
    assert [summary.release_id] == [row[0] for row in before["published"]["release"]]
    assert all(not delivery["new"] for delivery in summary.deliveries)
    assert _standing(copy_of_sample) == before
    attempts = copy_of_sample.ask(
        "select outcome, count(*), sum(rows_read), count(delivery_id) from audit.delivery_attempt"
        " where run_id = %s group by outcome",
        summary.run_id,
    )
    assert attempts == [("already_landed", 5, 0, 5)]
    assert copy_of_sample.ask("select file_name from audit.delivery_attempt where run_id = %s and source = 'boston311'",
                              summary.run_id) == [(name,)]  # fmt: skip
    assert copy_of_sample.ask("select outcome from audit.run where run_id = %s", summary.run_id) == [("unchanged",)]


def test_every_table_of_the_deployment_counts(copy_of_sample: Deployed) -> None:
    """A calendar or a label that changed, and was not looked at, would leave the old release standing; a table that is added
    later counts without being named anywhere."""
    before = standing_inputs(copy_of_sample.database)
    assert standing_inputs(copy_of_sample.database) == before
    copy_of_sample.do(
        "update reference.label set vi = vi || '!' where label = (select min(label) from reference.label)"
    )
    changed = standing_inputs(copy_of_sample.database)
    copy_of_sample.do("create table reference.made_later as select 1 as entry")
    copy_of_sample.do("grant select on reference.made_later to motcua_loader")
    assert len({before, changed, standing_inputs(copy_of_sample.database)}) == 3
