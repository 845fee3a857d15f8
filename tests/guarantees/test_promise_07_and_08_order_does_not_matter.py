"""Promises 7 and 8: deliveries in any order give the same, and a correction changes its own figures only, visibly.

Belongs here: two versions of Boston's delivery, in both orders. Does not: what a delivery may not be (promises 10, 11).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Deployed, copied
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases


@pytest.fixture(scope="module")
def corrected(sampled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Boston as exported a little later: one case closed later than it was, the city's verdict the same."""
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    return write_cases(tmp_path_factory.mktemp("corrected") / "cases.csv", cases)


@pytest.fixture(scope="module")
def forward(sample: Deployed, sampled: Path, corrected: Path) -> Iterator[Deployed]:
    """`sample` after a run on the correction. Read only."""
    with copied(sample, sampled) as copy:
        assert copy.run(f"sources.boston311.path={corrected}").changed
        yield copy


def test_forward_and_backward_give_the_same(forward: Deployed, empty_database: Deployed, corrected: Path) -> None:
    assert empty_database.run(f"sources.boston311.path={corrected}").changed
    backward = empty_database.run()
    # The older delivery landed last. It is on record, and it does not count: the run says so.
    assert (backward.failure, backward.changed) == (None, False)
    assert any("is newer" in warning for warning in backward.warnings)
    assert empty_database.ask("select count(*) from audit.delivery where source = 'boston311'") == [(2,)]
    assert empty_database.published()["content"] == forward.published()["content"]


def test_a_correction_changes_its_own_figures_only_and_shows(sample: Deployed, forward: Deployed) -> None:
    figures = (
        "select cut_off, policy, unit_key, sum(received), sum(resolved), sum(late) from marts.fct_timeliness"
        " group by 1, 2, 3 order by 1, 2, 3"
    )
    before = sample.ask(figures)
    moved = forward.ask(
        "select m.dossier_code, h.resolved_at, m.resolved_at, m.unit_key from marts.fct_dossier as m"
        " inner join history.fct_dossier as h on h.dossier_key = m.dossier_key"
        " where h.resolved_at is distinct from m.resolved_at"
    )
    assert len(moved) == 1 and moved[0][1] < moved[0][2]
    after = forward.ask(figures)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed, "closing it later must show at the cut-offs between the two closings"
    assert {old[2] for old, _ in changed} == {moved[0][3]}
    for old, new in changed:
        assert (new[3], new[4], new[5]) == (old[3], old[4] - 1, old[5] - 1)


@pytest.mark.walk
def test_the_deployments_word_on_age_stands_above_the_files(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path
) -> None:
    """Two exports that claim the same age: the hash decides until somebody who knows says which is newer."""
    cases = cases_of(sampled / "boston311" / "cases.csv")
    cases[0]["neighborhood"], cases[1]["REASON"] = "Elsewhere", "Another reason"
    rival = write_cases(tmp_path / "cases.csv", cases)
    first = copy_of_sample.run(f"sources.boston311.path={rival}", "sources.boston311.as_of=2016-01-12")
    assert first.failure is None
    codes = [case["CASE_ENQUIRY_ID"] for case in cases[:2]]
    [(sha,)] = copy_of_sample.ask(
        "select distinct file_sha256 from marts.fct_dossier where dossier_code = any(%s)", codes
    )
    assert copy_of_sample.ask("select file_name, version_rule from audit.delivery where file_sha256 = %s", sha) == [
        ("cases.csv", "deployment")
    ]
    # The same bytes, said to be older after all: what was published before stands again.
    back = copy_of_sample.run(f"sources.boston311.path={rival}", "sources.boston311.as_of=2015-06-01")
    assert (back.failure, back.changed) == (None, True)
    [(again,)] = copy_of_sample.ask("select distinct file_sha256 from marts.fct_dossier")
    assert again != sha
