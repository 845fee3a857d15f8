"""Writing the made province into a folder, and moving it on by days.

Belongs here: which files there are and when they are written. Does not: their contents.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from demo.province import (
    documents,
    figures,
    ledger,
    one_stop,
    papers,
    payments,
    petitions,
    planted_services,
    portal,
    provincial,
    ratings,
    reference,
    reported,
    served,
    truth,
)  # fmt: skip
from demo.province.faults import RATES
from demo.province.world import World, make_world

Say = Callable[[str], None]
#: Raised when the same seed no longer gives the same bytes, so that a folder of an older make is made anew.
FORM = 3
#: Asia/Ho_Chi_Minh has kept this one since 1975.
OFFSET = "+07:00"
_PARTS = ("provincial", "portal", "one_stop", "decisions", "centre")
_TABLES: dict[str, Callable[[World, datetime], pl.DataFrame]] = {
    "provincial/Groups": reference.units,
    "provincial/ThuTucs": reference.procedures,
    "provincial/DonViThuTucs": reference.procedure_units,
    "provincial/NgayNghis": reference.free_days,
    "provincial/HoSos": provincial.dossiers,
    "provincial/QuaTrinhXuLyHoSos": provincial.steps,
    "provincial/HoSoBoSungs": provincial.supplements,
    "provincial/DuThaoXuLyHoSos": provincial.letters,
    "provincial/YeuCauThanhToans": payments.table,
    "provincial/DanhGiaHoSos": ratings.table,
    "provincial/PhanAnhKienNghis": petitions.table,
    "portal/LayDanhSachHoSo": portal.dossiers,
    "portal/LayDanhSachTTHC": reference.portal_procedures,
    "portal/LayQDCB": reference.portal_decisions,
    "portal/LayDanhMucCoQuan": reference.portal_agencies,
}


@dataclass(frozen=True, slots=True)
class State:
    """What a folder holds: the world, and the instant it is looked at (wall clock of Asia/Ho_Chi_Minh)."""

    seed: int
    scale: float
    at: datetime
    form: int = FORM

    def write(self, folder: Path) -> None:
        """Last of all: a folder without it is unfinished."""
        shown = asdict(self) | {"at": self.at.isoformat() + OFFSET, "zone": "Asia/Ho_Chi_Minh"}
        _replace_text(folder / "state.json", json.dumps(shown, indent=1) + "\n")


def read_state(folder: Path) -> State | None:
    """The folder's state; None when it holds none or is of another make."""
    file = folder / "state.json"
    if not file.is_file():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    if found.get("form") != FORM:
        return None
    return State(found["seed"], found["scale"], datetime.fromisoformat(found["at"]).replace(tzinfo=None))


def generate(folder: Path, *, seed: int = 2023, scale: float = 1.0, progress: Say = lambda text: None) -> None:
    """The province at the end of the half year. Nothing is done where the folder holds this world, however far advanced.

    A folder of another world is made anew: only what this module writes is removed. Raises ValueError for a scale
    outside 0.001 to 1.
    """
    state = read_state(folder)
    if state is not None and (state.seed, state.scale) == (seed, scale):
        progress(f"the province stands already (seed {seed}, scale {scale:g}, at {state.at:%d/%m/%Y})")
        return
    figures.scaled(scale)
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    progress(f"making the province (seed {seed}, scale {scale:g})")
    world = make_world(seed, scale, figures.END)
    _write_tables(world, folder, figures.END, progress)
    files = _first_drops(world, folder)
    progress(f"{files} files dropped by offices")
    _write_account(world, folder, figures.END)
    State(seed, scale, figures.END).write(folder)


def advance(folder: Path, days: int, *, progress: Say = lambda text: None) -> None:
    """The province `days` later: tables as they stand then, and new drop files beside the old ones.

    With the first day after the half year the export comes that lay in a drawer. Raises ValueError where there is no
    province, for a number of days below one and for a day beyond the horizon.
    """
    state = read_state(folder)
    if state is None:
        raise ValueError(f"{folder} holds no province: run `python -m demo generate --into {folder}` first")
    if days < 1:
        raise ValueError(f"the province moves on by whole days from 1 on, not by {days}")
    at = state.at + timedelta(days=days)
    progress(f"moving the province from {state.at:%d/%m/%Y} to {at:%d/%m/%Y}")
    world = make_world(state.seed, state.scale, at)
    _write_tables(world, folder, at, progress)
    files = _later_drops(world, folder, state.at, at)
    progress(f"{files} new files dropped by offices")
    _write_account(world, folder, at)
    State(state.seed, state.scale, at).write(folder)


def _clear(folder: Path) -> None:
    for name in ("state.json", "ledger.parquet", "coverage.parquet", "truth.json"):
        (folder / name).unlink(missing_ok=True)
    for part in _PARTS:
        if (folder / part).exists():
            shutil.rmtree(folder / part)


def _write_tables(world: World, folder: Path, at: datetime, progress: Say) -> None:
    for name, table in _TABLES.items():
        rows = table(world, at)
        _write_parquet(rows, folder / f"{name}.parquet")
        progress(f"{name}: {len(rows):,} rows")


def _first_drops(world: World, folder: Path) -> int:
    files = [_write_export(folder, export, export.until) for export in one_stop.first_exports(world)]
    for day in documents.CATALOGUE_DAYS:
        target = folder / "decisions" / "catalogue" / f"danh_muc_{day:%Y%m%d}.xlsx"
        files.append(_dropped(papers.write_sheets(target, documents.catalogue_sheet(world, day)), day, _NEXT_NIGHT))
    # The decision of December is in the folder too: it takes effect in the half year.
    files += _write_decisions(world, folder, figures.BEGIN - timedelta(days=31), figures.END)
    return len(files) + len(_write_queue(world, folder, figures.BEGIN, figures.END))


def _later_drops(world: World, folder: Path, since: datetime, until: datetime) -> int:
    files = [_write_export(folder, export, export.until) for export in one_stop.later_exports(world, since, until)]
    if not one_stop.late_arrivals_known(since):
        files += [
            _write_export(folder, export, figures.END + timedelta(days=1)) for export in one_stop.late_export(world)
        ]
    files += _write_decisions(world, folder, since, until)
    return len(files) + len(_write_queue(world, folder, since, until))


def _write_decisions(world: World, folder: Path, since: datetime, until: datetime) -> list[Path]:
    target = folder / "decisions" / "decisions"
    return [
        _dropped(
            papers.write_sheets(target / documents.decision_name(decision), documents.decision_sheets(world, decision)),
            decision.signed,
            _SAME_EVENING,
        )
        for decision in documents.decisions_signed(world, since.date(), until.date())
    ]


def _write_queue(world: World, folder: Path, since: datetime, until: datetime) -> list[Path]:
    return [
        _dropped(
            papers.write_queue_day(folder / "centre" / f"{day:%Y}" / f"luot_{day:%Y%m%d}.csv", rows), day, _SAME_EVENING
        )
        for day, rows in documents.queue_days(world, since, until)
    ]


#: Hours after the beginning of a file's day at which it is dropped.
_SAME_EVENING, _NEXT_NIGHT = 18, 25


def _write_export(folder: Path, export: one_stop.Export, at: datetime) -> Path:
    """An office's export, dropped in the night after the day `at` begins."""
    return _dropped(papers.write_export(folder / "one_stop", export), at.date(), 1)


def _dropped(file: Path, day: date, hour: int) -> Path:
    """The file with the time at which its office dropped it: its folder's word for when it came."""
    at = datetime.fromisoformat(f"{day.isoformat()}T00:00:00{OFFSET}") + timedelta(hours=hour)
    os.utime(file, (at.timestamp(), at.timestamp()))
    return file


def _write_account(world: World, folder: Path, at: datetime) -> None:
    """Ledger, coverage and the true figures."""
    others = pl.concat([ledger.paper_entries(world, at), planted_services.entries(world, at)])
    _write_parquet(ledger.make_ledger(world, at, others), folder / "ledger.parquet")
    coverage = ledger.make_coverage(world, at)
    _write_parquet(coverage, folder / "coverage.parquet")
    text = json.dumps(_truth(world, at, coverage), ensure_ascii=False, indent=1)
    _replace_text(folder / "truth.json", text + "\n")


def _truth(world: World, at: datetime, coverage: pl.DataFrame) -> dict[str, Any]:
    begin, end = figures.BEGIN, figures.END
    first, now = truth.counted(world, end), truth.counted(world, at)
    half_year, catalogue = truth.in_period(first, begin, end), truth.of_catalogue(world, at)
    truth.must_match(half_year, catalogue, world.scale)
    held = coverage.filter("counted")
    return {
        "seed": world.seed,
        "scale": world.scale,
        "at": at.isoformat() + OFFSET,
        "definition": "received in [2023-01-01, 2023-07-01); resolved = finished in it, whenever received; on time = finish"
        " day <= due day, the due date in force before it passed; distinct dossiers over all systems",
        "rounding": "each figure times the scale, half to even, small ones at least 1; on time = resolved - late; decisions"
        " and the catalogue do not shrink",
        "half_year": half_year,
        "half_year_by_month": truth.by_month(first, begin, end),
        "half_year_by_district": truth.by_district(world, first, begin, end),
        "half_year_by_level": truth.by_level(first, begin, end),
        "half_year_by_level_and_field": truth.by_level_and_field(first, begin, end),
        # The same time with what is known at `at`: corrections and the late delivery in.
        "half_year_as_known_now": truth.in_period(now, begin, end),
        "half_year_as_known_now_by_month": truth.by_month(now, begin, end),
        "since_half_year": truth.in_period(now, end, at) if at > end else None,
        "catalogue": catalogue,
        "services": served.services(world, at),
        "reports": reported.reports(world, at),
        "visits": figures.scaled(world.scale).visits,
        "visits_note": "49,851 is the smallest number that 'over 49,850' can mean; a visit is a ticket drawn",
        "systems": {
            "provincial": held["in_provincial"].sum(),
            "one_stop": held["in_one_stop"].sum(),
            "portal": held["in_portal"].sum(),
            "one_stop_only": held.filter(
                pl.col("in_one_stop") & ~pl.col("in_provincial") & ~pl.col("in_portal")
            ).height,
            "portal_only": held.filter(pl.col("in_portal") & ~pl.col("in_provincial") & ~pl.col("in_one_stop")).height,
            "distinct": held.height,
        },
        "declared": asdict(figures.scaled(world.scale)),
        "fault_rates": RATES,
    }


def _write_parquet(rows: pl.DataFrame, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.unfinished")
    rows.write_parquet(aside, compression="zstd", compression_level=1)
    aside.replace(file)


def _replace_text(file: Path, text: str) -> None:
    aside = file.with_name(f".{file.name}.unfinished")
    aside.write_text(text, encoding="utf-8")
    aside.replace(file)
