"""The provincial stand-in filled from a generated province, brought to later states, and read: nothing lost on the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from contracts.extraction import Wanted
from contracts.records import QuarantinedField
from contracts.source import SourceContract, TableLayout
from demo.province.generate import advance, generate
from demo.provincial.database import ProvincialDatabase
from demo.provincial.load import TABLES, load
from extractors.drops import read
from extractors.row_hashes import RowHashes
from extractors.tables import open_tables
from tests.integration.tables.table_readings import KEY

Do = Callable[..., Any]


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small province, and the same three days later."""
    first, later = tmp_path_factory.mktemp("tinh"), tmp_path_factory.mktemp("tinh_sau")
    generate(first, scale=0.005)
    shutil.copytree(first, later, dirs_exist_ok=True)
    advance(later, 3)
    return first, later


def generated(folder: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "provincial" / f"{table}.parquet")


def held(do: Do, table: str, names: list[str]) -> list[tuple[Any, ...]]:
    listed = ", ".join(f'"{name}"' for name in names)
    rows: list[tuple[Any, ...]] = do(f'select {listed} from "{table}"')
    return sorted(rows, key=repr)


def same_as_generated(do: Do, folder: Path) -> None:
    for table in TABLES:
        rows = generated(folder, table)
        assert held(do, table, rows.columns) == sorted(rows.rows(), key=repr), table


def test_it_holds_what_was_generated_now_and_later_and_twice_is_once(
    province: ProvincialDatabase, do: Do, states: tuple[Path, Path]
) -> None:
    first, later = states
    load(first, province.owner_url)
    same_as_generated(do, first)
    places = 'select "MaHoSo", xmin::text, ctid::text from "HoSos" order by 1'
    before = {row[0]: row[1:] for row in do(places)}
    load(first, province.owner_url)
    assert {row[0]: row[1:] for row in do(places)} == before
    load(later, province.owner_url)
    same_as_generated(do, later)
    after = {row[0]: row[1:] for row in do(places)}
    old = {row[0]: row for row in generated(first, "HoSos").rows()}
    changed = {row[0] for row in generated(later, "HoSos").rows() if old.get(row[0]) != row}
    assert changed
    assert {code for code, place in after.items() if before.get(code) != place} == changed


def test_rows_gone_from_a_table_without_a_stamp_are_deleted(
    province: ProvincialDatabase, do: Do, states: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(states[0] / "provincial", tmp_path / "provincial")
    load(tmp_path, province.owner_url)
    generated(tmp_path, "NgayNghis").slice(1).write_parquet(tmp_path / "provincial" / "NgayNghis.parquet")
    load(tmp_path, province.owner_url)
    same_as_generated(do, tmp_path)


def test_a_state_is_whole_or_it_is_none(
    province: ProvincialDatabase, do: Do, states: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(states[0] / "provincial", tmp_path / "provincial")
    (tmp_path / "provincial" / "ThuTucs.parquet").unlink()
    with pytest.raises(FileNotFoundError, match=r"ThuTucs\.parquet"):
        load(tmp_path, province.owner_url)
    assert do("select count(*) from pg_class where relname = 'HoSos'") == [(0,)]
    shutil.copy(states[0] / "provincial" / "ThuTucs.parquet", tmp_path / "provincial")
    steps = generated(tmp_path, "QuaTrinhXuLyHoSos")
    pl.concat([steps, steps[:1]]).write_parquet(tmp_path / "provincial" / "QuaTrinhXuLyHoSos.parquet")
    with pytest.raises(psycopg.errors.UniqueViolation):
        load(tmp_path, province.owner_url)
    assert do("select count(*) from pg_class where relname = 'HoSos'") == [(0,)]


def test_every_stream_of_the_contract_is_read_as_it_was_generated(
    province: ProvincialDatabase, built_in: dict[str, SourceContract], states: tuple[Path, Path], tmp_path: Path
) -> None:
    first, later = states
    source = built_in["provincial"]
    positions: dict[str, Any] = {}
    landed: dict[str, pl.DataFrame] = {}
    faults: list[QuarantinedField] = []
    for folder in (first, later):
        load(folder, province.owner_url)
        with open_tables(province.reader_url) as reader:
            for stream in source.streams:
                seen = landed.get(stream.name)
                digests = frozenset[bytes]() if seen is None else frozenset(seen["_row_sha256"])
                target = tmp_path / f"{stream.name}-{len(positions)}"
                target.mkdir()
                wanted = Wanted(
                    target,
                    positions.get(stream.name),
                    lambda since, known=digests: known,  # type: ignore[misc]
                    RowHashes.of_stream(stream, KEY).one,
                )
                came = [] if seen is None or stream.delivery == "full" else [seen]
                for batch in reader.read(source, stream, wanted):
                    positions[stream.name] = batch.position
                    for records in read(stream, source, batch.file, batch.file.name, pseudonyms=KEY):
                        faults += records.quarantine
                        came.append(records.rows)
                landed[stream.name] = pl.concat(came)
        for stream in source.streams:
            assert isinstance(stream.layout, TableLayout)
            wanted_rows = generated(folder, stream.layout.table)
            if folder == later:
                wanted_rows = _as_far_as_told(stream, generated(first, stream.layout.table), wanted_rows)
            _assert_newest(stream.name, stream, landed[stream.name], wanted_rows)
    # Moments of a failed computation lie before any instant there is; a dossier that says not when it was received stays
    # out whole; a score of 0 or 9 is none. All of them are the generator's.
    scores = {(fault.value, fault.whole_row) for fault in faults if fault.field == "MucDoHaiLong"}
    assert scores and scores <= {("0", False), ("9", False)}
    others = [fault for fault in faults if fault.field != "MucDoHaiLong"]
    assert {(fault.value[:4], fault.whole_row) for fault in others} == {("0001", False), ("", True)}
    assert {fault.field for fault in faults if fault.whole_row} == {"NgayTiepNhan"}


def _as_far_as_told(stream: Any, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The later rows, but the earlier one where a row changed and its stamp did not: that nobody can see."""
    if stream.layout.changed_at is None:
        return after
    kept = before.join(after.select(*stream.key, "UpdatedOn"), on=[*stream.key, "UpdatedOn"], how="inner")
    return pl.concat([kept.select(after.columns), after.join(kept, on=stream.key, how="anti")])


def _assert_newest(name: str, stream: Any, rows: pl.DataFrame, wanted: pl.DataFrame) -> None:
    """The newest row of every key is the generated one, each value of it."""
    fields = [field for field in stream.fields if not field.personal]
    zoned = [field.column for field in fields if field.type == "instant"]
    key = [stream.field(part).column for part in stream.key]
    if stream.layout.changed_at is not None:
        rows = rows.sort(stream.field(stream.layout.changed_at).column).unique(key, keep="last")
    ours = rows.select(
        pl.col(field.column).dt.convert_time_zone("Asia/Ho_Chi_Minh").dt.replace_time_zone(None)
        if field.column in zoned
        else pl.col(field.column)
        for field in fields
    )
    theirs = wanted.drop_nulls([field.name for field in fields if field.required]).select(
        (
            pl.when(pl.col(field.name).dt.year() > 1).then(pl.col(field.name))
            if field.column in zoned
            else pl.when(pl.col(field.name).cast(pl.String).is_in(field.enumeration)).then(pl.col(field.name))
            if field.enumeration is not None
            else pl.col(field.name)
        )
        .cast(ours.schema[field.column])
        .alias(field.column)
        for field in fields
    )
    assert ours.height == theirs.height, name
    ours, theirs = ours.sort(key), theirs.sort(key)
    unlike = {column: (ours[column] != theirs[column]).sum() for column in ours.columns}
    assert ours.equals(theirs), f"{name}: {unlike}"


def test_the_pipelines_login_sees_later_tables_and_nobody_else_may_connect(
    province: ProvincialDatabase, do: Do, states: tuple[Path, Path]
) -> None:
    load(states[0], province.owner_url)
    with psycopg.connect(province.reader_url) as connection:
        assert connection.execute('select count(*) > 0 from "HoSos"').fetchone() == (True,)
    assert do("select has_database_privilege('public', current_database(), 'connect')") == [(False,)]
    assert province.reader_url not in repr(province)
