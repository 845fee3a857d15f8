"""The official forms and the ranking of a jurisdiction without levels, against truth computed apart from any pipeline.

Belongs here: Boston's quarters and departments, and the commands that print them. Does not: a province's forms
(test_province.py), or what the gate does with a form that does not add up (promise 1).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Deployed
from tests.spreadsheets import Book

Truth = Callable[[str], dict[str, Any]]
Motcua = Callable[..., subprocess.CompletedProcess[str]]
QUARTERS = ("2015Q1", "2015Q2", "2015Q3", "2015Q4")
ONLINE = ("Citizens Connect App", "Self Service", "Twitter")
#: What the truth calls early and late by the other policy.
POLICIES = {
    "instant": {"on_time": "on_time", "late": "late", "pending_overdue": "pending_overdue"},
    "day": {"on_time": "day_on_time", "late": "day_late", "pending_overdue": "day_pending_overdue"},
}
NOTHING: dict[str, int] = dict.fromkeys(
    (
        "received", "resolved", "early", "on_time", "late", "resolved_no_due", "pending", "pending_in_time",
        "pending_overdue", "pending_no_due", "day_on_time", "day_late", "day_pending_overdue",
    ),
    0,
)  # fmt: skip


def _cut_offs(truth: Truth) -> list[dict[str, Any]]:
    """What had happened when each quarter began and ended: before the first one nothing had."""
    told = list(truth("boston311_2015q1")["cutoffs"].values())[:4]
    return [{"overall": NOTHING, "by_department": {}, "by_channel": {}}, *told]


def _expected(before: dict[str, int], after: dict[str, int], policy: str) -> tuple[int, ...]:
    """Columns 3, 6, 7, 8, 9, 10, 11, 12, 13 and the notes, by their definitions, from the truth's counts at two ends."""
    name = POLICIES[policy]
    grown = {column: after[column] - before[column] for column in after if column in NOTHING}
    overdue = after[name["pending_overdue"]]
    return (
        grown["received"] + before["pending"], before["pending"], grown["resolved"], grown["early"],
        grown[name["on_time"]] - grown["early"] + grown["resolved_no_due"], grown[name["late"]], after["pending"],
        after["pending"] - overdue, overdue, 0, grown["resolved_no_due"], after["pending_no_due"],
    )  # fmt: skip


def _printed(boston: Deployed, period: str, policy: str, variant: str, kind: str) -> dict[str, tuple[int, ...]]:
    rows = boston.ask(
        "select coalesce(split_part(unit_key, '/', 2), row_kind), received_total, carried_over, resolved_total, early,"
        " on_time, late, pending_total, pending_in_time, pending_overdue, closed_otherwise, resolved_no_due, pending_no_due"
        " from marts.rpt_form_ii06a where period = %s and policy = %s and variant = %s and row_kind = %s",
        period, policy, variant, kind, role="motcua_bi",
    )  # fmt: skip
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("policy", POLICIES)
def test_every_quarter(boston: Deployed, truth: Truth, policy: str) -> None:
    for period, (before, after) in zip(QUARTERS, pairwise(_cut_offs(truth)), strict=True):
        expected = _expected(before["overall"], after["overall"], policy)
        for variant in ("fields", "levels"):
            assert _printed(boston, period, policy, variant, "total") == {"total": expected}
            # Units without a level are one group.
            assert _printed(boston, period, policy, variant, "group") == {"group": expected}
        assert expected[-2] > 0 or period != "2015Q1", "dossiers without a due date are part of this"


@pytest.mark.parametrize("policy", POLICIES)
def test_every_department_in_every_quarter(boston: Deployed, truth: Truth, policy: str) -> None:
    for period, (before, after) in zip(QUARTERS, pairwise(_cut_offs(truth)), strict=True):
        departments = after["by_department"]
        expected = {
            name: _expected(before["by_department"].get(name, NOTHING), departments[name], policy)
            for name in departments
        }
        # One with nothing to count in the quarter has no line.
        assert _printed(boston, period, policy, "levels", "line") == {
            name: columns for name, columns in expected.items() if any(columns[:10])
        }


def test_what_came_online(boston: Deployed, truth: Truth) -> None:
    received = {channel: told["received"] for channel, told in _cut_offs(truth)[1]["by_channel"].items()}
    [(online, other)] = boston.ask(
        "select received_online, received_direct_postal from marts.rpt_form_ii06a where period = '2015Q1'"
        " and policy = 'instant' and variant = 'fields' and row_kind = 'total'"
    )
    assert online == sum(received[channel] for channel in ONLINE) > 0
    assert other == sum(received.values()) - online > 0


def test_the_ranking_of_departments(boston: Deployed, truth: Truth) -> None:
    told = list(truth("boston311_2015q1")["cutoffs"].values())[-1]["by_department"]
    judged = {name: (row["on_time"], row["on_time"] + row["late"]) for name, row in told.items()}
    order = sorted(
        (name for name in judged if judged[name][1]),
        key=lambda name: (-Fraction(*judged[name]), -judged[name][1], name),
    )
    rows = boston.ask(
        "select split_part(unit_key, '/', 2), unit_rank, on_time, judged from marts.rpt_unit_ranking"
        " where jurisdiction = 'boston' order by unit_rank nulls last"
    )
    assert [row[0] for row in rows if row[1] is not None] == order
    assert [row[1] for row in rows if row[1] is not None] == list(range(1, len(order) + 1))
    assert {row[0]: (row[2], row[3]) for row in rows} == judged


def test_what_the_commands_print(boston: Deployed, motcua: Motcua) -> None:
    where = ("--database", boston.database.name, "-j", "boston")
    form = motcua("form", "ii06a", "--period", "2015Q2", "--variant", "levels", "--format", "csv", *where)
    assert form.returncode == 0, form.stderr
    rows = list(csv.DictReader(io.StringIO(form.stdout)))
    assert [row["ordinal"] for row in rows] == ["I", *map(str, range(1, len(rows) - 1)), ""]
    assert [row["row_kind"] for row in rows] == ["group", *["line"] * (len(rows) - 2), "total"]
    # Without --period the last quarter that is over, under its Vietnamese title.
    last = motcua("form", "ii06a", "--language", "vi", *where)
    assert "Biểu số II.06a/VPCP/KSTT" in last.stdout and "quý IV năm 2015" in last.stdout
    assert "Đúng hạn (9)" in " ".join(last.stdout.split()) or "Đúng hạn" in last.stdout
    ranked = json.loads(motcua("ranking", "--format", "json", *where).stdout)
    assert [row["unit_rank"] for row in ranked][:3] == [1, 2, 3]
    assert ranked[0]["as_of"] == "2016-01-13T00:00:00-05:00"


def test_a_brief_of_a_body_about_which_nothing_is_claimed(boston: Deployed, motcua: Motcua, truth: Truth) -> None:
    told = next(iter(truth("boston311_2015q1")["cutoffs"].values()))["overall"]
    told_of = motcua("brief", "--period", "2015Q1", "--database", boston.database.name, "-j", "boston")
    assert told_of.returncode == 0, told_of.stderr
    text = re.sub(r" \[\d+\]", "", told_of.stdout)
    number = {name: f"{value:,}".replace(",", ".") for name, value in told.items()}
    assert "Thành phố Boston, quý I năm 2015 (từ ngày 1/1/2015 đến ngày 31/3/2015)" in text
    assert f"tổng số hồ sơ được tiếp nhận là {number['received']} hồ sơ, đã xử lý {number['resolved']} hồ sơ" in text
    assert f"xử lý đúng hạn {number['day_on_time']} hồ sơ" in text
    assert f"{number['resolved_no_due']} hồ sơ đã xử lý không có ngày hẹn trả" in text
    assert f"còn {number['pending']} hồ sơ đang giải quyết, trong đó {number['day_pending_overdue']} hồ sơ" in text
    assert "TTHC đang có hiệu lực" not in text and "boston/2015Q1/on_time_of_resolved/day" in told_of.stdout


def _told_and_written(told: str, folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that the command named, in its order: there are these files, and they are so."""
    shas = {Path(name).name: sha for sha, name in (line.split("  ") for line in told.splitlines())}
    there = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    assert there == shas
    return shas


@pytest.mark.walk
def test_files_of_a_body_without_a_catalogue(boston: Deployed, motcua: Motcua, truth: Truth, tmp_path: Path) -> None:
    told = next(iter(truth("boston311_2015q1")["cutoffs"].values()))["overall"]
    where = ("--database", boston.database.name, "-j", "boston")
    done = motcua("office", "--period", "2015Q1", "--out", str(tmp_path / "files"), *where)
    assert done.returncode == 0, done.stderr
    forms = ["ii06a.xlsx", "ii06a.pdf", "ii06a_levels.xlsx", "ii06a_levels.pdf"]
    all_files = _told_and_written(done.stdout, tmp_path / "files")
    assert list(all_files) == [*forms, "late_dossiers.xlsx", "inspection.xlsx"], "what takes long comes last"
    # Without the inspector's table, the same bytes.
    for only, names in (("forms", forms), ("late", ["late_dossiers.xlsx"])):
        done = motcua("office", "--period", "2015Q1", "--only", only, "--out", str(tmp_path / only), *where)
        assert done.returncode == 0, done.stderr
        assert _told_and_written(done.stdout, tmp_path / only) == {name: all_files[name] for name in names}
    book, sheet = Book(tmp_path / "files" / "inspection.xlsx"), "Đối chiếu với biểu II.06a"
    wanted = (told["early"], told["on_time"] - told["early"] + told["resolved_no_due"], told["late"], told["resolved"])
    assert tuple(book.worked_out(sheet, f"B{line}") for line in range(2, 6)) == wanted
    assert [book.worked_out(sheet, f"D{line}") for line in range(2, 6)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("form", "ii06a", "--period", "2016Q1"), "lasts until 2016-04-01 and is not over"),
        (("form", "ii06a", "--period", "1999"), "has no period '1999'"),
        (("form", "ii07b", "--period", "2015Q1"), "no catalogue of boston was known"),
        (("brief", "--period", "2016Q1"), "lasts until 2016-04-01 and is not over"),
        (("ranking", "--level", "district"), "no unit of boston has the level 'district'"),
    ],
)
def test_what_cannot_be_printed(boston: Deployed, motcua: Motcua, arguments: tuple[str, ...], said: str) -> None:
    refused = motcua(*arguments, "--database", boston.database.name, "-j", "boston")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert said in refused.stderr
