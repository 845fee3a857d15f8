"""The stand-in portal with a few made dossiers, and a reader that lands in memory what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.extraction import Position, Wanted
from contracts.records import ROW_HASH
from contracts.source import SourceContract
from demo.portal.faults import Fault
from demo.portal.server import ZONE, Gateway, Setup
from demo.portal.serving import served
from extractors import drops
from extractors.catalogue import BUILT_IN, load_contract
from extractors.portal import PortalConnection, read_service
from extractors.pseudonyms import Pseudonyms
from extractors.row_hashes import RowHashes

PASSWORD = "mật-khẩu-bí-mật-8714"
KEY = Pseudonyms(bytes(range(32)))
NOW = datetime(2023, 7, 4, 8, 0, tzinfo=ZONE)


def stamp(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y%m%d%H%M%S")


def dossiers(
    count: int, *, first: int = 0, begin: datetime = datetime(2023, 1, 3, 8, tzinfo=ZONE), every: float = 60
) -> pl.DataFrame:
    """Dossiers as the portal sends them, one changed each `every` seconds."""
    names = [item.name for item in load_contract(BUILT_IN / "portal.yml").stream("dossier").fields]
    rows = []
    for at in range(first, first + count):
        changed = stamp(begin + timedelta(seconds=at * every))
        known = {
            "MaHoSo": f"H55.999-230103-{at:06}", "MaTTHC": "1.000001", "KenhThucHien": "2", "LoaiDoiTuong": "1",
            "NgayNopHoSo": changed, "NgayTiepNhan": changed, "TrangThaiHoSo": "4", "DonViXuLy": "UBND phường Đồng Bẩm",
            "ChuHoSo": "Nguyễn Thị Thử", "NgayCapNhat": changed,
        }  # fmt: skip
        rows.append({name: known.get(name, "") for name in names})
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()))


@dataclass
class Landing:
    """What orchestration and warehouse do, in memory: each batch read in full, its rows and its position kept together."""

    source: SourceContract
    folder: Path
    connection: PortalConnection
    position: Position | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    batches: int = 0

    def read(self, stream: str = "dossier", *, most: int | None = None, **backfill: datetime) -> int:
        """Reads until the end or a failure; gives the number of batches. `most` ends it as a crash would."""
        contract, taken = self.source.stream(stream), 0
        reading = read_service(
            self.source,
            contract,
            Wanted(self.folder, self.position, self.known, RowHashes.of_stream(contract, KEY).one, **backfill),
            self.connection,
        )
        for batch in reading:
            rows = [
                row
                for part in drops.read(contract, self.source, batch.file, batch.name, pseudonyms=KEY)
                for row in part.rows.to_dicts()
            ]
            batch.file.unlink()
            self.rows += rows
            self.position = batch.position or self.position
            taken += 1
            self.batches += 1
            if taken == most:
                reading.close()  # type: ignore[attr-defined]
                break
        assert not list(self.folder.glob("*")), "an unfinished file was left behind"
        return taken

    def known(self, since: datetime) -> frozenset[bytes]:
        return frozenset(row[ROW_HASH] for row in self.rows if row["ngaycapnhat"] >= since)

    def codes(self) -> list[str]:
        return sorted(row["mahoso"] for row in self.rows)


@dataclass
class Portal:
    """A running stand-in and a reader of it."""

    gateway: Gateway
    landing: Landing

    def fault(self, kind: Any, **options: Any) -> None:
        self.gateway.schedule.faults.append(Fault(kind=kind, **{"service": "LayDanhSachHoSo", **options}))


StartPortal = Callable[..., Portal]


@pytest.fixture
def start_portal(tmp_path: Path) -> Iterator[StartPortal]:
    """Starts a stand-in over frames by service: start_portal(LayDanhSachHoSo=…, page_size=10, setup={…}, …)."""
    started: list[Gateway] = []
    with ExitStack() as stack:

        def start(
            *, page_size: int = 10, setup: dict[str, Any] | None = None, connection: dict[str, Any] | None = None,
            certificate: tuple[Path, Path] | None = None, **frames: pl.DataFrame,
        ) -> Portal:  # fmt: skip
            folder = tmp_path / "portal"
            folder.mkdir(exist_ok=True)
            for service, frame in frames.items():
                frame.write_parquet(folder / f"{service}.parquet")
            gateway = Gateway(replace(Setup(folder, password=PASSWORD, now=NOW), **(setup or {})))
            started.append(gateway)
            address = stack.enter_context(served(gateway, certificate))
            reached = PortalConnection(
                address=address, login_path="/auth/login", call_path="/dvcqg/call", username="thainguyen",
                password=PASSWORD, destination=gateway.setup.destination, agency="000.00.00.H55",
                timeout_seconds=5.0, requests_per_second=10_000, first_pause_seconds=0.01,
            )  # fmt: skip
            (tmp_path / "batches").mkdir(exist_ok=True)
            source = load_contract(BUILT_IN / "portal.yml")
            landing = Landing(paged(source, page_size), tmp_path / "batches", replace(reached, **(connection or {})))
            return Portal(gateway, landing)

        yield start
        assert not any(gateway.incidents for gateway in started), "something tried to write to the portal"


def paged(source: SourceContract, size: int) -> SourceContract:
    """The contract with pages of another size."""
    streams = tuple(
        stream.model_copy(update={"layout": stream.layout.model_copy(update={"page_size": size})})
        if stream.name == "dossier" else stream
        for stream in source.streams
    )  # fmt: skip
    return source.model_copy(update={"streams": streams})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE).astimezone(UTC)  # type: ignore[misc, arg-type]
