"""Snapshots of a catalogue: every day's is a fact of its own, also when nothing changed since the day before.

Belongs here: deliveries of whole snapshots. Does not: what changed between them (test_truth).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Deployed


def test_an_unchanged_catalogue_of_a_later_day_is_another_snapshot(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cartas"
    shutil.copytree(sampled / "cartas", folder)
    shutil.copy(folder / "snapshot_2016-12-31.csv", folder / "snapshot_2017-06-30.csv")
    for _ in range(2):
        assert copy_of_sample.run(f"sources.cartas.path={folder}").failure is None
    assert copy_of_sample.ask("select snapshot_on::text from intermediate.int_catalogue__snapshot order by 1") == [
        ("2015-12-31",), ("2016-06-30",), ("2016-12-31",), ("2017-06-30",)
    ]  # fmt: skip
    assert copy_of_sample.ask(
        "select count(*) from marts.fct_catalogue_change where snapshot_after = '2017-06-30'"
    ) == [(0,)]
    assert copy_of_sample.ask("select count(*) from marts.fct_catalogue_in_force where valid_to is null") == [(637,)]


@pytest.mark.walk
def test_an_older_snapshot_that_comes_late_takes_its_place(
    empty_database: Deployed, sampled: Path, tmp_path: Path
) -> None:
    """The one in the middle last: the changes are those of all three in their order."""
    folder = tmp_path / "cartas"
    shutil.copytree(sampled / "cartas", folder)
    late = (folder / "snapshot_2016-06-30.csv").rename(tmp_path / "snapshot_2016-06-30.csv")
    assert empty_database.run(f"sources.cartas.path={folder}").failure is None
    before = empty_database.ask(
        "select distinct snapshot_before::text, snapshot_after::text from marts.fct_catalogue_change"
    )
    assert before == [("2015-12-31", "2016-12-31")]
    late.rename(folder / "snapshot_2016-06-30.csv")
    assert empty_database.run(f"sources.cartas.path={folder}").failure is None
    counted = empty_database.ask(
        "select snapshot_after::text, action, count(*) from marts.fct_catalogue_change group by 1, 2 order by 1, 2"
    )
    assert counted == [
        ("2016-06-30", "abolished", 3), ("2016-06-30", "amended", 71), ("2016-06-30", "new", 39), ("2016-06-30", "replaced", 3),
        ("2016-12-31", "abolished", 30), ("2016-12-31", "amended", 1), ("2016-12-31", "new", 80), ("2016-12-31", "replaced", 26),
    ]  # fmt: skip
