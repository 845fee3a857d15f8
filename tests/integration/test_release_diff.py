"""What moved between two releases, and why: a delivery with known differences, and `motcua release diff` over it.

Belongs here: figures, rows, dossiers and deliveries against what was changed in the file. Does not: reading one old release
(promise 13), or closed periods.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CONFIG, Deployed
from tests.guarantees.made_deliveries import WRITTEN, Case, cases_of, close_one_later, write_cases
from tests.guarantees.partial_runs import ORDER, open_run
from warehouse import releases

Motcua = Callable[..., "subprocess.CompletedProcess[str]"]
LEFT_OUT = 20


def _changed(file: Path) -> tuple[list[Case], list[str], str]:
    """The cases with one moved to another unit, one closed later and the last ones left out: who is gone, who moved."""
    cases = cases_of(file)
    close_one_later(cases)
    moved = next(case for case in cases if case["Department"] == "PWDx" and not case["CLOSED_DT"])
    moved["Department"] = "BTDT"
    return cases[:-LEFT_OUT], [case["CASE_ENQUIRY_ID"] for case in cases[-LEFT_OUT:]], moved["CASE_ENQUIRY_ID"]


@pytest.mark.walk
def test_a_delivery_with_known_differences(
    copy_of_sample: Deployed, motcua: Motcua, sampled: Path, tmp_path: Path
) -> None:
    on = ("--jurisdiction", "boston", "--config", str(CONFIG), "--database", copy_of_sample.database.name)

    def diff(*arguments: str) -> dict[str, Any]:
        finished = motcua("release", "diff", *arguments, *on, "--format", "json")
        assert finished.returncode == 0, finished.stderr
        found: dict[str, Any] = json.loads(finished.stdout)
        return found

    cases, gone, moved = _changed(sampled / "boston311" / "cases.csv")
    delivered = write_cases(tmp_path / "cases.csv", cases)
    [(first,)] = copy_of_sample.ask("select release_id from release.pointer")
    ran = copy_of_sample.run(f"sources.boston311.path={delivered}")
    assert (ran.failure, ran.changed) == (None, True)
    second = ran.release_id

    there = diff(str(first), str(second))
    _assert_it_says_what_was_changed(there, gone, moved)
    [landed] = there["deliveries"]
    assert (landed["source"], landed["file_name"], landed["rows_landed"]) == ("boston311", "cases.csv", len(cases))
    back = diff(str(second), str(first))
    assert {row["figure"]: -row["difference"] for row in back["figures"] if row["policy"] == "day"} == {
        row["figure"]: row["difference"] for row in there["figures"] if row["policy"] == "day"
    }
    assert back["unexplained"] == {} and {entry["cause"] for entry in back["dossiers"]} == {"new", "changed"}
    split = diff(str(first), str(second), "--by", "unit", "--policy", "day")
    _assert_one_open_dossier_changed_its_unit(split, gone, sampled / "boston311" / "cases.csv")

    third, _ = releases.roll_back(copy_of_sample.database, open_run(copy_of_sample), first, ORDER)
    same = diff(str(first), str(third))
    assert (same["figures"], same["tables"], same["dossiers"]) == ([], [], [])
    shown = motcua("release", "diff", str(first), str(second), *on, "--language", "vi").stdout
    assert "số liệu thay đổi" in shown and "không còn trong dữ liệu" in shown and gone[0] in shown


def _assert_it_says_what_was_changed(told: dict[str, Any], gone: list[str], moved: str) -> None:
    by_figure = {row["figure"]: row for row in told["figures"] if row["policy"] == "day"}
    received = by_figure["received"]
    assert (received["difference"], received["after"] - received["before"]) == (-LEFT_OUT, -LEFT_OUT)
    assert told["unexplained"] == {}
    causes = {entry["dossier"]: entry["cause"] for entry in told["dossiers"]}
    assert causes == dict.fromkeys(gone, "gone") | {moved: "changed"}
    assert {entry["delivery_id"] is not None for entry in told["dossiers"]} == {True}
    [entry] = [entry for entry in told["dossiers"] if entry["dossier"] == moved]
    assert (entry["unit"], entry["moved_from"]["unit"], entry["changes"]["day"]) == ("BTDT", "PWDx", {})
    tables = {row["table"]: row for row in told["tables"]}
    assert (tables["fct_dossier"]["removed"], tables["fct_dossier"]["added"]) == (LEFT_OUT, 0)
    assert "dim_policy" not in tables


def _assert_one_open_dossier_changed_its_unit(told: dict[str, Any], gone: list[str], file: Path) -> None:
    """Against the file itself: per unit, those left out of it, and the one that went over."""
    expected: dict[str, int] = {"PWDx": -1, "BTDT": 1}
    for case in cases_of(file):
        if case["CASE_ENQUIRY_ID"] in gone:
            assert datetime.strptime(case["OPEN_DT"], WRITTEN) < datetime(2016, 1, 13)
            expected[case["Department"]] = expected.get(case["Department"], 0) - 1
    found = {row["unit"]: row["difference"] for row in told["figures"] if row["figure"] == "received"}
    assert found == {unit: difference for unit, difference in expected.items() if difference}


def test_what_cannot_be_compared_says_why(sample: Deployed, motcua: Motcua) -> None:
    on = ("--jurisdiction", "boston", "--config", str(CONFIG), "--database", sample.database.name)
    for arguments, says in (
        (("1", "1"), "does not differ from itself"),
        (("1", "99"), "release 99 does not exist"),
        (("1", "2", "--by", "colour"), "cannot be split"),
    ):
        told = motcua("release", "diff", *arguments, *on)
        assert (told.returncode, says in told.stderr) == (2, True), told.stderr
