"""The made province counts what it says, with every planted fault in: counted again from the files by other means."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from demo.province import figures, truth
from demo.province.generate import advance, generate
from demo.province.world import make_world
from tests.unit.demo import count_again

HALF_YEAR = (figures.BEGIN, figures.END)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("province")
    generate(made, scale=0.02)
    return made


def _truth(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return found


def _part(counted: dict[str, int], told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in counted}


@pytest.mark.parametrize(("seed", "scale"), [pytest.param(7, 0.02, marks=pytest.mark.walk), (2024, 0.003), (1, 0.001)])
def test_the_files_counted_again_give_the_true_figures(tmp_path: Path, seed: int, scale: float) -> None:
    generate(tmp_path, seed=seed, scale=scale)
    counted = count_again.figures(count_again.settled(tmp_path), *HALF_YEAR)
    assert counted == _part(counted, _truth(tmp_path)["half_year"])
    targets = figures.scaled(scale)
    assert (counted["received"], counted["resolved"], counted["on_time"]) == (
        targets.received, targets.resolved, targets.on_time,
    )  # fmt: skip


def test_after_days_the_half_year_as_known_then_and_the_days_since_count_too(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    before = _truth(tmp_path)["half_year"]
    advance(tmp_path, 20)
    rows, told = count_again.settled(tmp_path), _truth(tmp_path)
    counted = count_again.figures(rows, *HALF_YEAR)
    assert counted == _part(counted, told["half_year_as_known_now"])
    since = count_again.figures(rows, figures.END, datetime(2023, 7, 21))
    assert since == _part(since, told["since_half_year"])
    # What was frozen at the end of June stays on record, and what came since differs by what the ledger says.
    assert told["half_year"] == before
    ledger = pl.read_parquet(tmp_path / "ledger.parquet")
    late_delivery = ledger.filter(pl.col("kind") == "x09_late_delivery").height
    corrected = ledger.filter(pl.col("kind") == "x10_finish_corrected").height
    assert late_delivery > 0 < corrected
    assert counted["received"] == before["received"] + late_delivery
    assert counted["late"] == before["late"] + corrected


def test_the_whole_half_year_is_the_articles() -> None:
    world = make_world(2023, 1.0, figures.END)
    counted = truth.in_period(truth.counted(world, figures.END), *HALF_YEAR)
    assert (counted["received"], counted["resolved"], counted["on_time"]) == (339_981, 339_287, 338_202)
    assert counted["pending"] == counted["opening"] + 694 - counted["closed_otherwise"]
    assert counted["received"] == counted["direct"] + counted["online"] + counted["postal"]
    steps = world.steps.filter(pl.col("at") < figures.END).height
    assert 1_900_000 < steps < 2_300_000


def test_parts_add_up_to_the_whole(folder: Path) -> None:
    told = _truth(folder)
    whole = told["half_year"]
    for name in ("received", "resolved", "on_time", "late", "closed_otherwise"):
        for parts in ("half_year_by_month", "half_year_by_district"):
            assert sum(part[name] for part in told[parts]) == whole[name], (parts, name)
        assert sum(part[name] for part in told["half_year_by_level"].values()) == whole[name]
    months = told["half_year_by_month"]
    assert [month["pending"] for month in months[:-1]] == [month["opening"] for month in months[1:]]
    assert months[-1]["pending"] == whole["pending"]
    assert len(told["half_year_by_district"]) == 10


def test_other_readings_of_late_give_other_figures(folder: Path) -> None:
    """A pipeline that judges by the first promise, or lets a late edit rescue, cannot come out right by chance."""
    half_year = _truth(folder)["half_year"]
    assert half_year["late_by_date_as_edited"] < half_year["late"] < half_year["late_by_first_promise"]


def test_without_knowing_that_two_codes_are_one_the_count_is_wrong(folder: Path) -> None:
    province = pl.read_parquet(folder / "provincial" / "HoSos.parquet")
    portal = pl.read_parquet(folder / "portal" / "LayDanhSachHoSo.parquet")
    naive = len(set(province["MaHoSo"]) | set(portal["MaHoSo"]))
    assert naive > 1.1 * _truth(folder)["systems"]["distinct"]


@pytest.mark.parametrize("scale", [0.0, 0.0005, 1.5])
def test_a_scale_that_cannot_be_made_is_refused_before_anything_is_removed(tmp_path: Path, scale: float) -> None:
    generate(tmp_path, scale=0.001)
    before = (tmp_path / "truth.json").read_bytes()
    with pytest.raises(ValueError, match="scale"):
        generate(tmp_path, scale=scale)
    assert (tmp_path / "truth.json").read_bytes() == before
