"""A new source is one YAML file: docs/runbooks/new-source.md followed to the letter, with the files as they stand there.

Belongs here: what the page promises of a source nobody has written code for. Does not: the readers (unit tests of
extractors), or the contracts that come with the program.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.failures import ContractError, DeliveryProblem, DeliveryRefused
from extractors.catalogue import load_contracts
from orchestration.settings import load_settings
from tests.conftest import CONFIG, Deployed, given_sources
from tests.guarantees.partial_runs import deliver
from tests.runbook import shown_files
from warehouse import deliveries

Program = Callable[..., "subprocess.CompletedProcess[str]"]
FILES = shown_files("new-source.md")
PHONE = "0900 000 001"


def _rating(number: int, **other: str) -> dict[str, str]:
    return {
        "MaDanhGia": str(number), "MaHoSo": f"H55.12-230703-{number:04}", "ThoiGian": "03/07/2023 09:15", "MucDo": "5",
        "Kenh": "quầy", "SoDienThoai": PHONE, **other,
    }  # fmt: skip


def _drop(folder: Path, day: str, ratings: list[dict[str, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"danh_gia_{day}.jsonl"
    file.write_text("".join(json.dumps(rating, ensure_ascii=False) + "\n" for rating in ratings), "utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's two files, and a day of 200 ratings: one without a dossier, one given where nobody knows of."""
    assert set(FILES) == {"danh_gia.yml", "trial.yml"}
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, "utf-8")
    ratings = [_rating(number) for number in range(1, 201)]
    ratings[6] = _rating(7, MaHoSo="")
    ratings[8] = _rating(9, Kenh="ki-ốt")
    _drop(tmp_path / "deliveries", "20230703", ratings)
    return tmp_path


@pytest.fixture
def trial(folder: Path, empty_database: Deployed) -> Deployed:
    """The page's deployment on a database of its own."""
    return Deployed(load_settings(folder / "trial.yml", [], empty_database.database.name), empty_database.database)


def test_nobody_knew_of_it_before() -> None:
    assert "danh_gia" not in load_contracts()


@pytest.mark.walk
def test_two_yaml_files_and_a_run(trial: Deployed, folder: Path, motcua: Program) -> None:
    on = ("--config", str(folder / "trial.yml"), "--database", trial.database.name)
    ran = motcua("run", "--format", "json", *on)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["published"], told["warnings"], told["sources_unavailable"]) == (True, [], {})
    [delivery] = told["deliveries"]
    assert delivery == {
        "stream": "danh_gia.rating", "file": "danh_gia_20230703.jsonl", "new": True, "read": 200, "landed": 199,
        "quarantined": 1, "version": "2023-07-03T17:00:00+00:00",
    }  # fmt: skip

    listed = json.loads(motcua("quarantine", "list", "--each", *on, "--format", "json").stdout)
    assert [(line["row_number"], line["field"], line["value"], line["whole_row"]) for line in listed] == [
        (7, "MaHoSo", "", True), (9, "Kenh", "ki-ốt", False),
    ]  # fmt: skip
    assert "none of the 2 known values" in listed[1]["reason"]

    columns = trial.ask(
        "select column_name::text, data_type::text from information_schema.columns"
        " where table_schema = 'raw' and table_name = 'danh_gia__rating' and column_name not like %s"
        " order by ordinal_position",
        "\\_%",
    )
    assert columns == [
        ("madanhgia", "text"), ("mahoso", "text"), ("thoigian", "timestamp with time zone"), ("mucdo", "text"),
        ("kenh", "text"), ("sodienthoai", "text"),
    ]  # fmt: skip
    assert trial.ask("select count(*), count(kenh), count(distinct mahoso) from raw.danh_gia__rating") == [
        (199, 198, 199)
    ]
    [(pseudonym,)] = trial.ask("select distinct sodienthoai from raw.danh_gia__rating")
    assert len(pseudonym) == 32 and PHONE not in pseudonym

    assert trial.ask(
        "select d.source, d.stream, d.kind, d.rows_read, d.rows_landed, d.rows_quarantined, a.outcome"
        " from audit.delivery as d inner join audit.delivery_attempt as a on a.delivery_id = d.delivery_id"
    ) == [("danh_gia", "rating", "incremental", 200, 199, 1, "landed")]
    assert trial.ask("select source, stream, answered from audit.contact") == [("danh_gia", "rating", True)]
    shown = json.loads(motcua("release", "show", str(told["release_id"]), *on).stdout)
    assert [age["source"] for age in shown["sources"]] == ["danh_gia"]
    assert all(check["succeeded"] for check in shown["checks"])
    assert PHONE not in ran.stdout + ran.stderr + json.dumps(listed) + json.dumps(shown)


def test_a_run_takes_only_the_days_that_are_new(trial: Deployed, folder: Path) -> None:
    deliver(trial, source="danh_gia")
    _drop(folder / "deliveries", "20230704", [_rating(number) for number in range(200, 203)])
    deliver(trial, source="danh_gia")
    assert trial.ask("select file_name, outcome, rows_read from audit.delivery_attempt order by attempt_id") == [
        ("danh_gia_20230703.jsonl", "landed", 200),
        ("danh_gia_20230703.jsonl", "already_landed", 0),
        ("danh_gia_20230704.jsonl", "landed", 3),
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"BinhLuan": "tốt"}, DeliveryProblem.COLUMN_ADDED),
        ({"MucDo": "rất tốt"}, DeliveryProblem.COLUMN_RETYPED),
    ],
)
def test_drift_is_told_by_the_contract_alone(
    trial: Deployed, folder: Path, change: dict[str, str], problem: DeliveryProblem
) -> None:
    _drop(folder / "deliveries", "20230703", [_rating(number, **change) for number in range(1, 41)])
    with pytest.raises(DeliveryRefused) as refused:
        deliver(trial, source="danh_gia")
    assert refused.value.problem is problem
    assert trial.ask("select count(*) from raw.danh_gia__rating") == [(0,)]
    assert trial.ask("select outcome, problem from audit.delivery_attempt") == [("refused", problem.value)]


def test_a_contract_that_does_not_hold_is_told_before_anything_is_read(folder: Path) -> None:
    contract: dict[str, Any] = yaml.safe_load(FILES["danh_gia.yml"])
    contract["streams"][0]["key"] = ["Kenh"]
    (folder / "danh_gia.yml").write_text(yaml.safe_dump(contract, allow_unicode=True), "utf-8")
    with pytest.raises(ContractError, match="the key Kenh must be a required field"):
        load_settings(folder / "trial.yml")


@pytest.mark.walk
def test_beside_a_published_source_it_is_held_to_the_same_rules(
    copy_of_sample: Deployed, folder: Path, tmp_path: Path
) -> None:
    """The entry put into a deployment in use: its bad days stop a release, and its good ones change no figure."""
    trial_file, in_use = yaml.safe_load(FILES["trial.yml"]), yaml.safe_load(CONFIG.read_text("utf-8"))
    in_use["jurisdictions"].update(trial_file["jurisdictions"])
    in_use["sources"].update(trial_file["sources"])
    config = tmp_path / "in_use.yml"
    config.write_text(yaml.safe_dump(in_use, allow_unicode=True), "utf-8")
    settings = load_settings(config, given_sources(copy_of_sample.settings), copy_of_sample.database.name)
    both = Deployed(settings, copy_of_sample.database)
    figures = "select * from marts.fct_timeliness order by timeliness_key"
    before = both.ask(figures)

    bad = _drop(folder / "deliveries", "20230704", [_rating(number, MaHoSo="") for number in range(300, 310)])
    refused = both.run()
    assert refused.failure is not None and refused.failure.exit_code == 1
    assert [reason.split(":")[0] for reason in refused.reasons] == ["quarantined_share"]
    assert both.ask(figures) == before

    [(number,)] = both.ask("select delivery_id from audit.delivery where file_name = %s", bad.name)
    deliveries.retract(both.database, number, "the tablets lost the codes")
    bad.unlink()
    good = both.run()
    assert (good.failure, good.published) == (None, True)
    assert both.ask(figures) == before
    assert both.ask(
        "select count(*) from raw.danh_gia__rating as r inner join audit.delivery as d"
        " on d.delivery_id = r._delivery_id where d.retracted_at is null"
    ) == [(199,)]
