"""A source that does not answer: the others go on, the run says so with exit code 3, and a release stands only on what is
fresh enough.

Belongs here: whole runs with one source gone. Does not: how readers find out (tests of extractors).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import CONFIG, Deployed
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases

Program = Callable[..., "subprocess.CompletedProcess[str]"]
CHARTERS = Path("extractors/contracts/cartas.yml")


def _patient(folder: Path, hours: int) -> Path:
    """The charters' contract, with an age up to which a release may stand on what was read before."""
    contract = yaml.safe_load((CONFIG.parent.parent / CHARTERS).read_text(encoding="utf-8"))
    contract["maximum_age_hours"] = hours
    file = folder / "cartas.yml"
    file.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    return file


def _run(motcua: Program, deployed: Deployed, cases: Path, charters: Path, *more: str) -> tuple[int, dict[str, object]]:
    finished = motcua(
        "run", "-q", "--format", "json", "--config", str(CONFIG), "--database", deployed.database.name,
        "--set", f"sources.boston311.path={cases}", "--set", f"sources.cartas.path={charters}", *more,
    )  # fmt: skip
    return finished.returncode, json.loads(finished.stdout)


def test_the_others_are_published_while_it_is_fresh_enough(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path, motcua: Program
) -> None:
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    newer = write_cases(tmp_path / "cases.csv", cases)
    before = copy_of_sample.published()
    patient = ("--set", f"sources.cartas.contract={_patient(tmp_path, 48)}")
    code, told = _run(motcua, copy_of_sample, newer, tmp_path / "gone", *patient)
    assert (code, told["published"], told["changed"]) == (3, True, True)
    assert list(told["sources_unavailable"]) == ["cartas"]  # type: ignore[call-overload]
    assert copy_of_sample.published() != before
    shown = motcua("release", "show", str(told["release_id"]), "--database", copy_of_sample.database.name)
    ages = {age["source"]: age["answered_at"] for age in json.loads(shown.stdout)["sources"]}
    assert ages["cartas"] < ages["boston311"], "the release says that the charters are older"
    gaps = [(gap["source"], gap["kind"], gap["from"]) for gap in json.loads(shown.stdout)["gaps"]]
    assert gaps == [("cartas", "silent", "2017-01-01")], "fresh enough is not complete"
    contacts = (
        "select answered, problem is null from audit.contact where source = 'cartas' order by contact_id desc limit 1"
    )
    assert copy_of_sample.ask(contacts) == [(False, False)]


@pytest.mark.walk
def test_nothing_is_published_on_a_source_that_is_too_old(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path, motcua: Program
) -> None:
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    newer = write_cases(tmp_path / "cases.csv", cases)
    before = copy_of_sample.published()
    copy_of_sample.do("update audit.contact set at = at - interval '49 hours' where source = 'cartas'")
    patient = ("--set", f"sources.cartas.contract={_patient(tmp_path, 48)}")
    code, told = _run(motcua, copy_of_sample, newer, tmp_path / "gone", *patient)
    assert (code, told["published"]) == (3, False)
    assert [str(reason).split(":")[0] for reason in told["reasons"]] == ["sources_are_fresh_enough"]  # type: ignore[attr-defined]
    assert copy_of_sample.published() == before
    landed = "select count(*) from audit.delivery where source = 'boston311'"
    assert copy_of_sample.ask(landed) == [(2,)], "what the other source delivered has landed all the same"


@pytest.mark.walk
def test_without_patience_it_must_answer_every_time(
    copy_of_sample: Deployed, sampled: Path, tmp_path: Path, motcua: Program
) -> None:
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    newer = write_cases(tmp_path / "cases.csv", cases)
    code, told = _run(motcua, copy_of_sample, newer, tmp_path / "gone")
    assert (code, told["published"]) == (3, False)
    code, told = _run(motcua, copy_of_sample, newer, sampled / "cartas")
    assert (code, told["published"], told["changed"]) == (0, True, True), "and the next run makes up for it"
