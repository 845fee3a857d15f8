"""Withdrawing a delivery that should not have come: on record, undone by the next run, and to be taken back.

Belongs here: `motcua delivery` as a user meets it. Does not: landing.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Deployed
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases

Program = Callable[..., "subprocess.CompletedProcess[str]"]


def _counting(motcua: Program, on: tuple[str, str]) -> dict[str, bool]:
    listed = json.loads(motcua("delivery", "list", *on, "--format", "json").stdout)
    return {str(row["delivery_id"]): row["counts"] for row in listed if row["source"] == "boston311"}


@pytest.mark.walk
def test_a_bad_delivery_no_longer_blocks_the_next_run(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path, motcua: Program
) -> None:
    on = ("--database", copy_of_sample.database.name)
    before = copy_of_sample.published()
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    bad = write_cases(tmp_path / "cases.csv", [case for case in cases if case["Department"] != "ISD"])
    refused = copy_of_sample.run(f"sources.boston311.path={bad}")
    assert refused.failure is not None and refused.failure.exit_code == 1
    again = copy_of_sample.run()
    assert again.failure is not None, "the bad delivery is still the newest"
    counting = _counting(motcua, on)
    [number] = [delivery for delivery, counts in counting.items() if counts]
    assert motcua("delivery", "retract", number, *on).returncode == 2
    assert motcua("delivery", "retract", number, "--because", " ", *on).returncode == 2
    retracted = motcua("delivery", "retract", number, "--because", "a department is missing", *on)
    assert retracted.returncode == 0 and "motcua run" in retracted.stdout
    assert not _counting(motcua, on)[number]
    assert "a department is missing" in motcua("delivery", "list", *on).stdout
    assert motcua("delivery", "retract", number, "--because", "twice", *on).returncode == 2
    good = copy_of_sample.run(f"sources.boston311.path={bad}")
    assert (good.failure, good.changed) == (None, False)
    assert any("is retracted" in warning for warning in good.warnings)
    assert copy_of_sample.published() == before
    assert motcua("delivery", "restore", number, *on).returncode == 0
    assert _counting(motcua, on) == counting
    assert motcua("delivery", "restore", number, *on).returncode == 2
