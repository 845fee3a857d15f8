"""The ledger tells the truth: what it says was planted stands in the files, and its rules lead to what it expects."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from demo.province.generate import advance, generate
from tests.unit.demo import count_again

#: Of the twelve behaviours, by the beginning of the kind's name.
TWELVE = [f"d{number:02}" for number in range(1, 13)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("province")
    generate(made, scale=0.05)
    return made


@pytest.fixture(scope="module")
def ledger(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "ledger.parquet")


def _by_code(folder: Path, system: str) -> pl.DataFrame:
    """The system's dossier rows as text under canonical codes."""
    coverage = pl.read_parquet(folder / "coverage.parquet")
    if system == "provincial":
        rows, codes = (
            pl.read_parquet(folder / "provincial" / "HoSos.parquet"),
            [coverage.select("dossier_code", MaHoSo="provincial_code")],
        )
    else:
        rows = pl.read_parquet(folder / "portal" / "LayDanhSachHoSo.parquet").filter(pl.col("MaHoSo") != "")
        codes = [coverage.select("dossier_code", MaHoSo=name) for name in ("portal_code", "portal_second_code")]
    text = rows.with_columns(pl.all().cast(pl.String)).with_columns(pl.all().fill_null(""))
    return text.join(pl.concat(codes).drop_nulls("MaHoSo"), on="MaHoSo")


def test_each_of_the_twelve_behaviours_is_planted(ledger: pl.DataFrame) -> None:
    kinds = ledger["kind"].unique().to_list()
    assert [number for number in TWELVE if not any(kind.startswith(number) for kind in kinds)] == []


@pytest.mark.parametrize("system", ["provincial", "portal"])
def test_what_the_ledger_says_was_planted_stands_there(folder: Path, ledger: pl.DataFrame, system: str) -> None:
    rows = _by_code(folder, system)
    entries = ledger.filter(
        pl.col("system") == system, pl.col("stream") == "dossier", ~pl.col("kind").str.starts_with("d07_missing"),
        pl.col("kind") != "x02_key_unreadable",
    )  # fmt: skip
    assert entries.height > 1_000
    for (kind, field), part in entries.partition_by("kind", "field", as_dict=True).items():
        found = part.join(rows.select("dossier_code", value=str(field)), on="dossier_code", how="left")
        hit = found.group_by("dossier_code").agg(
            (pl.col("value") == pl.col("planted_value").fill_null("")).any().alias("hit")
        )
        missed = hit.filter(~pl.col("hit").fill_null(False))
        assert missed.height == 0, (
            kind,
            field,
            found.filter(pl.col("dossier_code").is_in(missed["dossier_code"].to_list())).head(3).to_dicts(),
        )


def test_what_is_said_to_be_missing_is_missing(folder: Path, ledger: pl.DataFrame) -> None:
    for system, kind in (("portal", "d07_missing_on_portal"), ("provincial", "d07_missing_in_province")):
        missing = ledger.filter(pl.col("kind") == kind)
        assert missing.height > 0
        assert _by_code(folder, system).join(missing, on="dossier_code", how="semi").height == 0


def test_the_rules_lead_to_what_is_expected(folder: Path, ledger: pl.DataFrame) -> None:
    rows = count_again.settled(folder).select(dossier_code="key", finish="finish", due="due")
    recovered = ledger.filter(pl.col("caught_as") == "recovered").join(rows, on="dossier_code", how="left")
    # Every way of recovery is needed somewhere: no rule can be left out and the figures still come right.
    assert set(recovered["rule"]) == {"one_stop", "progress", "portal"}
    expected = pl.col("expected").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
    found = pl.when(pl.col("field") == "NgayHenTra").then("due").otherwise("finish")
    # Offices write no seconds.
    off = recovered.filter((expected - found).abs().fill_null(pl.duration(days=1)) > pl.duration(minutes=1))
    assert off.height == 0, off.head(3).to_dicts()
    edited = ledger.filter(pl.col("kind") == "d12_due_edited_after_it_passed").join(rows, on="dossier_code")
    assert edited.height > 10
    assert edited.filter(expected.dt.date() != pl.col("due").dt.date()).height == 0
    assert (
        edited.filter(
            pl.col("finish") < datetime(2023, 7, 1), pl.col("finish").dt.date() <= pl.col("due").dt.date()
        ).height
        == 0
    )


def test_what_lies_outside_the_totals_is_no_dossier_that_is_counted(folder: Path, ledger: pl.DataFrame) -> None:
    outside = ledger.filter(~pl.col("in_totals"), pl.col("dossier_code") != "")
    assert set(outside["kind"]) == {"x01_receipt_unreadable", "x02_key_unreadable", "x04_deleted"}
    counted = count_again.settled(folder)["key"].to_list()
    assert outside.filter(pl.col("dossier_code").is_in(counted)).height == 0
    coverage = pl.read_parquet(folder / "coverage.parquet")
    assert sorted(counted) == sorted(coverage.filter("counted")["dossier_code"])
    assert set(coverage.filter(~pl.col("counted"))["dossier_code"]) == set(outside["dossier_code"])


def test_a_deleted_supplement_would_rescue_if_it_counted(folder: Path, ledger: pl.DataFrame) -> None:
    deleted = ledger.filter(pl.col("kind") == "x05_supplement_deleted")
    rows = count_again.settled(folder).select(dossier_code="key", finish="finish", due="due")
    late = deleted.join(rows, on="dossier_code").filter(pl.col("finish").dt.date() > pl.col("due").dt.date())
    assert late.filter(pl.col("planted_value").str.to_datetime("%Y-%m-%d %H:%M:%S%.f") > pl.col("finish")).height > 0


@pytest.mark.walk
def test_advancing_settles_what_waited(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, scale=0.05)
    advance(tmp_path, 31)
    before, after = (
        set(
            pl.read_parquet(place / "ledger.parquet").filter(pl.col("kind") == "d01_pause_shown_as_finished")[
                "dossier_code"
            ]
        )
        for place in (folder, tmp_path)
    )
    assert before - after
    assert after - before
