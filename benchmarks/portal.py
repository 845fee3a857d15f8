"""The portal's dossiers asked for page by page, kept, checked and landed, against a client that throws the pages away.

Belongs here: that comparison. Does not: slow links, on which both wait for the same bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import polars as pl
import psutil
from psycopg import sql

from benchmarks.ground import Ground, settle
from benchmarks.portal_yardsticks import PAGE, ROWS, Yardsticks
from benchmarks.processors import Processors
from benchmarks.rounds import line, seconds_of, take_turns, title
from benchmarks.tables import peak_memory
from contracts.extraction import Extracted, Wanted
from contracts.source import SourceContract
from demo.portal.command import PASSWORD_VARIABLE
from expectations.suite import required_checks
from extractors import drops
from extractors.catalogue import load_contracts
from extractors.portal import PortalConnection, read_service
from extractors.pseudonyms import Pseudonyms
from extractors.row_hashes import RowHashes
from orchestration.settings import PROJECT
from warehouse import contacts, ledger
from warehouse.database import Database, open_database
from warehouse.filestore import KeptFile, keep
from warehouse.home import Home
from warehouse.landing import Arrival, land
from warehouse.migrate import migrate
from warehouse.read_ahead import read_ahead

_BLOCK = 256 * 1024
_KEY = Pseudonyms(b"a key for the benchmark only")
_PASSWORD = "only-for-the-benchmark"
_FIRST = pl.datetime(2023, 1, 1, 7)


def made_dossiers(folder: Path, rows: int = ROWS) -> None:
    """`LayDanhSachHoSo.parquet` with that many dossiers, one changed every 45 seconds, the same every time."""
    at = pl.int_range(rows, eager=True)
    changed = pl.select(_FIRST + pl.duration(seconds=pl.int_range(rows) * 45)).to_series()

    def moment(minutes: int) -> pl.Series:
        return changed.dt.offset_by(f"{minutes}m").dt.strftime("%Y%m%d%H%M%S")

    columns = {
        "MaHoSo": pl.select(pl.format("H55.{}-2303-{}", at % 200, at)).to_series(),
        "MaTTHC": pl.select(pl.format("2.{}", 100_000 + at % 1_878)).to_series(),
        "MaLinhVuc": pl.select(pl.format("G{}-LV{}", at % 22, at % 87)).to_series(),
        "KenhThucHien": (at % 3 + 1).cast(pl.String),
        "LoaiDoiTuong": (at % 4 + 1).cast(pl.String),
        "NgayNopHoSo": moment(-9_000),
        "NgayTiepNhan": moment(-8_990),
        "NgayHenTra": moment(2_000),
        "TrangThaiHoSo": (at % 10 + 1).cast(pl.String),
        "NgayKetThucXuLy": moment(-60),
        "NgayTra": moment(-10),
        "NgayTuChoi": pl.repeat("", rows, eager=True),
        "DonViXuLy": pl.select(pl.format("UBND phường Đồng Bẩm {}", at % 177)).to_series(),
        "HoSoCoThanhPhanSoHoa": (at % 2).cast(pl.String),
        "TaiKhoanDuocXacThucVoiVNeID": (at // 2 % 2).cast(pl.String),
        "DuocThanhToanTrucTuyen": (at % 4).cast(pl.String),
        "DSKetNoiCSDL": pl.repeat("7", rows, eager=True),
        "ChuHoSo": pl.select(pl.format("Nguyễn Thị Thử {}", at % 90_000)).to_series(),
        "SoGiayToChuHoSo": pl.select(pl.format("999{}", 100_000_000 + at % 90_000)).to_series(),
        "SoDienThoai": pl.select(pl.format("0999{}", 100_000 + at % 90_000)).to_series(),
        "NgayCapNhat": moment(0),
    }
    folder.mkdir(parents=True)
    pl.DataFrame(columns).write_parquet(folder / "LayDanhSachHoSo.parquet")


#: What is compared, and how it is told of.
_LINES = {
    "null": "every page asked for and thrown away",
    "decoded": "every record decoded (msgspec) and thrown away",
    "json": "every record decoded (json) and thrown away",
    "copy": "the same rows, already here, by a bare COPY",
    "reading": "every page asked for, checked and written, not landed",
    "extraction": "asked for, kept, hashed, typed, landed, in the ledger",
}


@dataclass(slots=True)
class _Contest:
    """The program as a client of the server, each time into a database that has never seen the rows."""

    home: Home
    source: SourceContract
    connection: PortalConnection
    folder: Path
    processors: Processors
    made: int = 0
    again: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    def bare_copy(self) -> float:
        """What no way of landing can do without: the same rows, already in this process, by COPY into text columns."""
        frame = pl.read_parquet(self.folder / "portal" / "portal" / "LayDanhSachHoSo.parquet")
        rows = frame.write_csv().encode()
        names = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in frame.columns)
        with open_database(self.home, self._fresh_name()) as database:
            with database.connect() as connection:
                connection.execute(sql.SQL("create table bare ({})").format(names))
            settle(database)

            def copy() -> None:
                statement = "copy bare from stdin (format csv, header)"
                with database.connect() as connection, connection.cursor().copy(statement) as taking:
                    for at in range(0, len(rows), _BLOCK):
                        taking.write(rows[at : at + _BLOCK])

            return self.processors.noting("copy", copy)

    def extraction(self) -> float:
        """The program's way: pages kept as sent, hashed, typed, checked, in the ledger."""
        shutil.rmtree(self.home.files, ignore_errors=True)
        with open_database(self.home, self._fresh_name()) as database:
            migrate(database, (self.source,), required_checks())
            settle(database)
            with peak_memory() as peak:
                first = self.processors.noting("extraction", lambda: self._run(database, ROWS))
            self.again.append(seconds_of(lambda: self._run(database, 0)))
        self.peaks.append(peak[0])
        return first

    def read_alone(self) -> float:
        """The pages asked for and written, nothing more."""
        with tempfile.TemporaryDirectory(prefix="reading-", dir=self.folder) as folder:
            stream = self.source.stream("dossier")
            wanted = Wanted(Path(folder), None, lambda _: frozenset(), RowHashes.of_stream(stream, _KEY).one)
            return self.processors.noting(
                "reading", lambda: deque(read_service(self.source, stream, wanted, self.connection), maxlen=0)
            )

    def _run(self, database: Database, expected: int) -> None:
        run_id = ledger.open_run(database, "benchmark", {}, None)
        stream, landed = self.source.stream("dossier"), 0
        with tempfile.TemporaryDirectory(prefix="reading-", dir=self.folder) as folder:
            wanted = Wanted(
                Path(folder),
                contacts.position_of(database, self.source.name, stream.name),
                lambda since: contacts.known_rows(database, self.source.name, stream, since),
                RowHashes.of_stream(stream, _KEY).one,
            )
            with (
                closing(read_ahead(self._kept(wanted))) as batches,
                database.connect("motcua_loader") as loader,
            ):
                for batch, kept in batches:
                    rule = stream.version.by
                    arrival = Arrival(run_id, self.source.name, stream, kept, None, rule, batch.position)
                    read = drops.read(stream, self.source, batch.file, batch.name, pseudonyms=_KEY)
                    landed += land(database, arrival, read, loader).landed
                    batch.file.unlink()
        if landed != expected:
            raise RuntimeError(f"landed {landed:,}, expected {expected:,}")

    def _kept(self, wanted: Wanted) -> Iterator[tuple[Extracted, KeptFile]]:
        for batch in read_service(self.source, self.source.stream("dossier"), wanted, self.connection):
            yield batch, keep(self.home, batch.file, compress=True)

    def _fresh_name(self) -> str:
        self.made += 1
        return f"portal_{self.made}"


@contextmanager
def _stand_in(folder: Path) -> Iterator[tuple[str, int]]:
    """The stand-in as a program of its own; gives its address and its process id."""
    ready = folder / "ready"
    server = subprocess.Popen(
        [sys.executable, "-m", "demo", "portal", "--folder", str(folder), "--ready-file", str(ready)],
        cwd=PROJECT, env={**os.environ, PASSWORD_VARIABLE: _PASSWORD}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not ready.exists():
            if server.poll() is not None:
                raise RuntimeError("the portal's stand-in did not start")
            time.sleep(0.05)
        yield ready.read_text("utf-8").strip(), server.pid
    finally:
        server.terminate()
        server.wait()


def measure(ground: Ground, rounds: int) -> None:
    """Prints the comparison."""
    folder = ground.folder / "portal"
    made_dossiers(folder / "portal")
    source = load_contracts()["portal"]
    home = ground.settings("portal").home
    with _stand_in(folder) as (address, stand_in):
        connection = PortalConnection(
            address=address, login_path="/auth/login", call_path="/dvcqg/call", username="thainguyen",
            password=_PASSWORD, destination="VN:GOV:000.00.00.G22:dvcqg", agency="000.00.00.H55",
            requests_per_second=100_000,
        )  # fmt: skip
        processors = Processors(home, (stand_in,))
        yardsticks = Yardsticks(connection, processors)
        contest = _Contest(home, source, connection, ground.folder, processors)
        resident = psutil.Process().memory_info().rss / 1e6
        turns = {
            "null": yardsticks.thrown_away,
            "decoded": yardsticks.decoded,
            "json": yardsticks.decoded_plainly,
            "copy": contest.bare_copy,
            "reading": contest.read_alone,
            "extraction": contest.extraction,
        }
        seconds = take_turns(turns, rounds)
    title(
        f"portal: {ROWS:,} dossiers in pages of {PAGE:,} from an HTTP service, {yardsticks.size / 1e6:,.0f} MB",
        f"  median of {rounds} rounds (least to most), in turn; the stand-in, on this machine, writes pages when asked.",
    )
    for name, told in _LINES.items():
        line(told, seconds[name], seconds["null"])
    line("  again, with nothing new (against the first time)", contest.again, seconds["extraction"])
    print("  processors busy:", flush=True)
    for name, told in _LINES.items():
        parts = [median(noted[name]) for noted in (processors.here, processors.server, processors.other)]
        line(told, processors.total(name), processors.total("null"))
        print("      here {:.2f} s, the database {:.2f} s, the stand-in {:.2f} s".format(*parts), flush=True)
    print(f"  peak memory {max(contest.peaks):,.0f} MB, of which {resident:,.0f} MB before the first row", flush=True)
