"""The made province as files: the contracts' columns, the same bytes from the same seed, and what advancing adds."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from contracts.source import ServiceLayout, SourceContract, TableLayout
from demo.province import one_stop
from demo.province.generate import advance, generate
from tests.unit.demo.count_again import read_export

ROOT = Path(__file__).parents[3]
SCALE = 0.004
#: Scores that no rating can have.
_PLANTED = {"MucDoHaiLong": {"0", "9"}}


def _contract(name: str) -> SourceContract:
    file = ROOT / "extractors" / "contracts" / f"{name}.yml"
    return SourceContract.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("province")
    generate(made, scale=SCALE)
    return made


def test_tables_and_services_have_the_contracts_columns_and_readable_values(folder: Path) -> None:
    for name in ("provincial", "portal"):
        for stream in _contract(name).streams:
            assert isinstance(stream.layout, TableLayout | ServiceLayout)
            held = stream.layout.table if isinstance(stream.layout, TableLayout) else stream.layout.service
            rows = pl.read_parquet(folder / name / f"{held}.parquet")
            assert rows.columns == [field.name for field in stream.fields], held
            assert rows.height > 0
            if name == "portal":
                assert set(rows.dtypes) == {pl.String}
                assert rows.null_count().sum_horizontal().item() == 0
            for field in stream.fields:
                found = set(rows[field.name].drop_nulls().cast(pl.String)) - {""}
                if field.enumeration is not None:
                    assert found - _PLANTED.get(field.name, set()) <= set(field.enumeration), (held, field.name)


def test_keys_are_unique_and_versions_lie_before_the_instant(folder: Path) -> None:
    for stream in _contract("provincial").streams:
        assert isinstance(stream.layout, TableLayout)
        rows = pl.read_parquet(folder / "provincial" / f"{stream.layout.table}.parquet")
        assert not rows.select(stream.key).is_duplicated().any()
        if stream.layout.changed_at is not None:
            assert rows[stream.layout.changed_at].null_count() == 0
            assert rows[stream.layout.changed_at].max() < datetime(2023, 7, 1)
    portal = pl.read_parquet(folder / "portal" / "LayDanhSachHoSo.parquet").filter(pl.col("MaHoSo") != "")
    assert portal["MaHoSo"].is_unique().all()


def test_exports_have_the_contracts_columns_in_three_layouts(folder: Path) -> None:
    contract = _contract("one_stop")
    files = sorted((folder / "one_stop").glob("*/*"))
    assert {file.suffix for file in files} == {".xlsx", ".csv", ".txt"}
    assert len({file.parent.name for file in files}) > 150
    for stream in contract.streams:
        assert tuple(field.name for field in stream.fields) == one_stop.COLUMNS
    for file in files:
        rows = read_export(file)
        assert tuple(rows.columns[:-1]) == one_stop.COLUMNS, file.name
        assert rows["Số hồ sơ"].is_unique().all()
        assert file.name.startswith(file.parent.name + "_2023")


def test_the_queue_files_have_the_contracts_columns(folder: Path) -> None:
    names = [field.name for field in _contract("centre").streams[0].fields]
    for file in (folder / "centre").glob("*/*.csv"):
        text = file.read_text(encoding="utf-8")
        assert next(csv.reader(io.StringIO(text), delimiter=";")) == names
        assert text.endswith("\n")


def test_people_are_visibly_made_up(folder: Path) -> None:
    portal = pl.read_parquet(folder / "portal" / "LayDanhSachHoSo.parquet")
    assert portal["ChuHoSo"].str.contains("Thử Nghiệm").all()
    assert portal["SoGiayToChuHoSo"].str.contains(r"^(000|999)\d{9}$").all()
    assert portal["SoDienThoai"].str.starts_with("0000").all()
    province = pl.read_parquet(folder / "provincial" / "HoSos.parquet")
    both = province.join(portal, on="MaHoSo")
    assert both.height > 500
    assert (both["SoGiayToChuHoSo"] == both["SoGiayToChuHoSo_right"]).all()


def test_the_same_seed_gives_the_same_bytes_in_another_process(folder: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "POLARS_MAX_THREADS": "1", "TZ": "America/New_York"}
    command = [sys.executable, "-m", "demo", "generate", "--into", str(tmp_path), "--scale", str(SCALE)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert _hashes(tmp_path) == _hashes(folder)


def test_another_seed_is_another_province(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, scale=SCALE, seed=8)
    ours, others = (pl.read_parquet(place / "provincial" / "HoSos.parquet") for place in (folder, tmp_path))
    assert not ours["MaHoSo"].equals(others["MaHoSo"])


@pytest.mark.walk
def test_generating_again_changes_nothing_and_an_unfinished_folder_is_made_anew(tmp_path: Path) -> None:
    generate(tmp_path, scale=0.001)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    generate(tmp_path, scale=0.001)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    hashes = _hashes(tmp_path)
    (tmp_path / "state.json").unlink()
    (tmp_path / "one_stop" / "stale.csv").write_text("left over")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "not_ours").write_text("kept")
    generate(tmp_path, scale=0.001)
    again = _hashes(tmp_path)
    assert again.pop("secrets/not_ours")
    assert again == hashes


def test_advancing_adds_files_and_touches_none(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    before = _hashes(tmp_path)
    advance(tmp_path, 7)
    after = _hashes(tmp_path)
    drops = {name for name in before if name.startswith(("one_stop", "decisions", "centre"))}
    assert {name: after[name] for name in drops} == {name: before[name] for name in drops}
    new = sorted(after.keys() - before.keys())
    assert len([name for name in new if "_20230531." in name]) == 1, "the late delivery"
    assert any(name.startswith("decisions/decisions/QD_") for name in new)
    assert [name for name in new if name.startswith("centre")] == [
        f"centre/2023/luot_2023070{day}.csv" for day in range(3, 8)
    ]
    assert any(name.endswith(("_20230707.xlsx", "_20230707.csv")) for name in new)
    assert json.loads((tmp_path / "state.json").read_text())["at"] == "2023-07-08T00:00:00+07:00"


@pytest.mark.walk
def test_the_way_to_a_day_does_not_matter_for_tables(folder: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for place, steps in ((one, (9,)), (other, (4, 5))):
        shutil.copytree(folder, place)
        for days in steps:
            advance(place, days)
    for part in ("provincial", "portal"):
        assert _hashes(one / part) == _hashes(other / part)
    assert (one / "truth.json").read_bytes() == (other / "truth.json").read_bytes()
    assert _hashes(one / "centre") == _hashes(other / "centre")
    # Exports differ as files; what an office has told in the end does not.
    told = [
        pl.concat([read_export(file) for file in sorted((place / "one_stop").glob("*/*"))])
        .sort("exported", "Số hồ sơ")
        .unique("Số hồ sơ", keep="last")
        .drop("exported", "STT")
        .sort("Số hồ sơ")
        for place in (one, other)
    ]
    assert_frame_equal(*told)


def test_a_row_that_changed_has_a_later_stamp_and_only_those(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    advance(tmp_path, 10)
    cut = pl.lit(datetime(2023, 7, 1))
    keys = {"HoSos": "MaHoSo"} | dict.fromkeys(
        (
            "QuaTrinhXuLyHoSos", "HoSoBoSungs", "DuThaoXuLyHoSos", "YeuCauThanhToans", "DanhGiaHoSos",
            "PhanAnhKienNghis",
        ),
        "Id",
    )  # fmt: skip
    for table, key in keys.items():
        old, new = (pl.read_parquet(place / "provincial" / f"{table}.parquet") for place in (folder, tmp_path))
        kept = new.filter(pl.col("UpdatedOn") < cut).sort(key)
        # What carries an old stamp was there before, to the letter; nothing is gone.
        assert_frame_equal(kept, old.filter(pl.col(key).is_in(kept[key].to_list())).sort(key))
        assert set(old[key]) <= set(new[key])
        assert new.filter(pl.col("UpdatedOn") >= cut).height > 0
    old, new = (pl.read_parquet(place / "portal" / "LayDanhSachHoSo.parquet") for place in (folder, tmp_path))
    kept = new.filter(pl.col("NgayCapNhat") < "20230701").sort("MaHoSo")
    assert_frame_equal(kept, old.filter(pl.col("MaHoSo").is_in(kept["MaHoSo"].to_list())).sort("MaHoSo"))


@pytest.mark.parametrize(("days", "message"), [(0, "whole days"), (-3, "whole days"), (400, "lives from")])
def test_days_that_cannot_be_gone_are_refused(folder: Path, days: int, message: str) -> None:
    before = _hashes(folder)
    with pytest.raises(ValueError, match=message):
        advance(folder, days)
    assert _hashes(folder) == before


def test_a_folder_without_a_province_cannot_be_advanced(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo", "advance", "--days", "1", "--folder", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "demo generate" in done.stderr
