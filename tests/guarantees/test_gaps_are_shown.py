"""Who has not delivered is shown beside the figures that lack it; what comes late closes the gap and is called late.

Belongs here: four offices and a queue machine with deliveries made by hand, days left out on purpose. Does not: what is
expected when (dbt's unit tests), or the layout of tables.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from psycopg import sql

from extractors.catalogue import BUILT_IN
from orchestration.settings import load_settings
from tests import province_drops as made
from tests.conftest import COPY_OF_DATABASE, Deployed, administer
from tests.guarantees.partial_runs import deliver
from warehouse import deliveries
from warehouse.database import open_database
from warehouse.server.launcher import EmbeddedServer

Program = Callable[..., "subprocess.CompletedProcess[str]"]
HANOI = timezone(timedelta(hours=7))
FACTS = (
    "select source, split_part(unit_key, '/', 2), expected_on::text, status, expected from marts.fct_delivery"
    " where expected_on is not null or status = 'unexpected' order by 1, 2 nulls first, 3, 4"
)
LAYOUTS = {
    "H55.12": ("csv", made.write_csv), "H55.13": ("csv", made.write_csv), "H55.14": ("xlsx", made.write_workbook),
    "H55.15": ("txt", made.write_unicode_text),
}  # fmt: skip
MISSED = ("one_stop", "H55.13", "2023-03-14")


def _drop(folder: Path, office: str, day: int, at: str) -> Path:
    """An office's export of a day in March, in the office's own layout, dropped at that time; one writes its id backwards."""
    ending, write = LAYOUTS[office]
    written = {"H55.12": "000.00.12.H55"}.get(office, office)
    row = made.row(day, code=f"{office}-230313-{day:04}", received="13/03/2023 08:30")
    return _dropped(write(folder / "one_stop" / written / f"{written}_202303{day}.{ending}", [row]), at)


def _queue(folder: Path, day: int, at: str) -> Path:
    file = folder / "centre" / "2023" / f"luot_202303{day}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    line = f"{day}/03/2023;A0001;Q1;{day}/03/2023 08:00:00;;"
    file.write_text(f"Ngày;Số vé;Quầy;Lấy số;Gọi;Phục vụ xong\n{line}\n", encoding="utf-8")
    return _dropped(file, at)


def _dropped(file: Path, at: str) -> Path:
    moment = datetime.fromisoformat(at).replace(tzinfo=HANOI).timestamp()
    os.utime(file, (moment, moment))
    return file


def _contracts(folder: Path) -> dict[str, Path]:
    """The built-in contracts, with an export expected of every office that delivers and on every day."""
    found = {}
    for name in ("one_stop", "centre"):
        contract = yaml.safe_load((BUILT_IN / f"{name}.yml").read_text("utf-8"))
        if name == "one_stop":
            contract["expected"] = [{"every": "day", "per": "office", "about": "dossiers", "by": "08:00"}]
        found[name] = folder / f"{name}.contract.yml"
        found[name].write_text(yaml.safe_dump(contract, allow_unicode=True), "utf-8")
    return found


@contextmanager
def _deployed(folder: Path, database: str) -> Iterator[Deployed]:
    """As of 08:00:01 on the 16th: what was due at 08:00 has been due."""
    body = {
        "name": "Test Province", "name_vi": "Tỉnh Thử", "zone": "Asia/Ho_Chi_Minh", "as_of": "2023-03-16T08:00:01",
        "cut_offs": ["2023-03-14", "2023-03-15", "2023-03-16"], "policies": ["day"], "default_policy": "day",
        "periods": {
            name: {"name": name, "name_vi": name, "period_from": f"2023-03-{first}", "period_to": f"2023-03-{end}"}
            for name, first, end in (("before", 13, 14), ("later", 14, 16))
        },
    }  # fmt: skip
    sources = {
        name: {"jurisdiction": "thu", "path": name, "contract": file.name, "expected_from": "2023-03-13"}
        for name, file in _contracts(folder).items()
    }
    config = folder / "province.yml"
    config.write_text(yaml.safe_dump({"name": "province", "jurisdictions": {"thu": body}, "sources": sources}), "utf-8")
    settings = load_settings(config, [], database)
    with open_database(settings.home, database) as found:
        yield Deployed(settings, found)


@pytest.fixture(scope="module")
def published(session_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Three days of four offices and the queue; office 13 leaves out the 14th, the queue comes in time and once late. Run
    once and published; tests take a copy.
    """
    folder = tmp_path_factory.mktemp("province")
    _three_days(folder)
    with _deployed(folder, "gaps") as ready:
        summary = ready.run()
        assert summary.failure is None, (summary.failure, summary.reasons)
        yield ready


def _three_days(folder: Path) -> None:
    for day in (13, 14, 15):
        for office in LAYOUTS:
            if (office, day) != ("H55.13", 14):
                _drop(folder, office, day, f"2023-03-{day}T20:00")
    _queue(folder, 13, "2023-03-14T07:59:59")
    _queue(folder, 14, "2023-03-15T08:00:00")
    _queue(folder, 15, "2023-03-15T18:00")


@pytest.fixture
def province(published: Deployed, tmp_path: Path) -> Iterator[Deployed]:
    """Its files and its database again, to be changed."""
    shutil.copytree(published.settings.config.parent, tmp_path, dirs_exist_ok=True)
    name = f"gaps_{uuid.uuid4().hex[:8]}"
    administer(published.database, COPY_OF_DATABASE, name, published.database.name)
    with _deployed(tmp_path, name) as ready:
        yield ready
    administer(published.database, sql.SQL("drop database {} with (force)"), name)


def _figures(province: Deployed, motcua: Program, *more: str) -> list[dict[str, Any]]:
    on = ("--config", str(province.settings.config), "--database", province.database.name)
    finished = motcua("figures", *on, "--format", "json", *more)
    assert finished.returncode == 0, finished.stderr
    rows: list[dict[str, Any]] = json.loads(finished.stdout)
    return rows


def test_a_gap_stands_beside_its_figures_until_a_late_delivery_closes_it(
    province: Deployed, tmp_path: Path, motcua: Program
) -> None:
    [(release,)] = province.ask("select release_id from release.pointer")
    came = [("centre", None, day, "came", 1) for day in ("2023-03-13", "2023-03-15")]
    came += [
        ("one_stop", office, f"2023-03-{day}", "came", 1)
        for office in LAYOUTS for day in (13, 14, 15) if (office, day) != ("H55.13", 14)
    ]  # fmt: skip
    facts = set(province.ask(FACTS))
    assert facts == {*came, (*MISSED, "missing", 1), ("centre", None, "2023-03-14", "late", 1)}

    gap = {
        "source": "one_stop", "kind": "missing", "office": "H55.13", "missing": 1, "from": "2023-03-14",
        "to": "2023-03-15", "reason": None,
    }  # fmt: skip
    # Before the 14th nothing is missing; from its end on, the office's figures and those of all lack something.
    told = _figures(province, motcua, "--cut-off", "2023-03-14,2023-03-15")
    assert [[{**line, **gap} == line for line in row["gaps"]] for row in told] == [[], [True]]
    by_unit = {row["unit"]: row["gaps"] for row in _figures(province, motcua, "--by", "unit")}
    assert {unit: len(gaps) for unit, gaps in by_unit.items()} == {
        office: int(office == "H55.13") for office in LAYOUTS
    }
    on = ("--config", str(province.settings.config), "--database", province.database.name)
    table = motcua("figures", *on, "--language", "vi").stdout
    assert "còn thiếu" in table and "one_stop H55.13" in table and "[2023-03-14, 2023-03-15)" in table
    assert "gaps" not in motcua("figures", *on, "--format", "csv").stdout
    _assert_beside_forms(motcua, on, gap)
    shown = json.loads(motcua("release", "show", str(release), *on).stdout)
    assert [(line["office"], line["missing"]) for line in shown["gaps"]] == [("H55.13", 1)]

    _drop(tmp_path, "H55.13", 14, "2023-03-16T07:00")
    assert province.run().changed
    assert (*MISSED, "late", 1) in province.ask(FACTS)
    assert province.ask("select count(*) from marts.fct_delivery where status = 'missing'") == [(0,)]
    assert [row["gaps"] for row in _figures(province, motcua)] == [[]]
    # The release before it still says what it lacked.
    again = json.loads(motcua("release", "show", str(release), *on).stdout)
    assert again["gaps"] == shown["gaps"]


def _assert_beside_forms(motcua: Program, on: tuple[str, ...], gap: dict[str, Any]) -> None:
    """Of the period that lacks it: on the office's own line and on the rows that have it in, and on no other office's."""
    form = ("form", "ii06a", *on, "--variant", "levels", "--period")
    rows = json.loads(motcua(*form, "later", "--format", "json").stdout)
    assert {row["unit"] for row in rows} == {*LAYOUTS, None}
    for row in rows:
        lacks = row["unit"] in {None, "H55.13"}
        assert [{**line, **gap} == line for line in row["gaps"]] == [True] * lacks, row["unit"]
    assert [row["gaps"] for row in json.loads(motcua(*form, "before", "--format", "json").stdout)] == [[]] * 6
    table = motcua(*form, "later", "--language", "vi").stdout
    assert "còn thiếu" in table and "one_stop H55.13" in table
    assert "còn thiếu" not in motcua(*form, "before", "--language", "vi").stdout
    assert "gaps" not in motcua(*form, "later", "--format", "csv").stdout


@pytest.fixture
def unpublished(empty_database: Deployed, tmp_path: Path) -> Iterator[Deployed]:
    """The same files, and nothing read of them yet."""
    _three_days(tmp_path)
    with _deployed(tmp_path, empty_database.database.name) as ready:
        yield ready


@pytest.mark.walk
def test_a_retracted_delivery_leaves_its_gap(unpublished: Deployed, motcua: Program) -> None:
    province = unpublished
    deliver(province, source="one_stop")
    [(number,)] = province.ask("select delivery_id from audit.delivery where file_name = 'H55.13_20230315.csv'")
    deliveries.retract(province.database, number, "of another office")
    summary = province.run()
    assert summary.failure is None, (summary.failure, summary.reasons)
    [retracted, missing] = [fact for fact in province.ask(FACTS) if fact[1:3] == ("H55.13", "2023-03-15")][::-1]
    assert (missing[3:], retracted[3:]) == (("missing", 1), ("retracted", 0))
    [gap] = _figures(province, motcua)[0]["gaps"]
    assert (gap["office"], gap["missing"], gap["from"], gap["to"]) == ("H55.13", 2, "2023-03-14", "2023-03-16")


@pytest.mark.walk
def test_the_order_of_landing_plays_no_part(province: Deployed, tmp_path: Path) -> None:
    """Landed file by file in another order, each in a run of its own, or all at once: the same table, lateness included."""
    table = "select * from marts.fct_delivery order by delivery_key"
    at_once = province.ask(table)
    files = [file for source in ("one_stop", "centre") for file in sorted((tmp_path / source).rglob("*_202303*"))]
    assert len(files) == len(at_once) - 1 == 14
    name = f"{province.database.name}_back"
    with _deployed(tmp_path, name) as other:
        for file in sorted(files, key=lambda file: sha256(file.name.encode()).digest()):
            source = file.relative_to(tmp_path).parts[0]
            deliver(other, f"sources.{source}.path={file}", source=source)
        assert other.run().failure is None
        assert other.ask(table) == at_once
    administer(province.database, sql.SQL("drop database {} with (force)"), name)
