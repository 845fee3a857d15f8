"""A large file kept, read, checked and landed, against PostgreSQL's bare COPY of the same file.

Belongs here: that comparison. Does not: the rows' meaning; Boston's are repeated under new keys.
"""

from __future__ import annotations

import gzip
import resource
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql

from benchmarks.ground import Ground, settle
from benchmarks.rounds import line, seconds_of, take_turns, title
from contracts.source import SourceContract
from demo.__main__ import DELIVERIES
from expectations.suite import required_checks
from extractors import drops
from orchestration.settings import Settings
from warehouse import ledger
from warehouse.database import Database, open_database
from warehouse.filestore import KeptFile, keep
from warehouse.landing import Arrival, Landed, land
from warehouse.migrate import migrate

ROWS = 500_000
_FIRST_KEY = 201_000_000_000
_BLOCK = 256 * 1024


def made_cases(folder: Path, rows: int = ROWS) -> Path:
    """A file of Boston's layout with that many rows, the same bytes every time."""
    header, *records = gzip.decompress(DELIVERIES["boston311"][0].read_bytes()).decode().splitlines()
    rests = [record.partition(",")[2] for record in records]
    folder.mkdir()
    path = folder / "cases.csv"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(header + "\n")
        file.writelines(f"{_FIRST_KEY + at},{rests[at % len(rests)]}\n" for at in range(rows))
    return path


@dataclass(slots=True)
class _Contest:
    """Both ways of loading the file, each time into a database that has never seen it."""

    settings: Settings
    source: SourceContract
    path: Path
    made: int = 0
    keeping: list[float] = field(default_factory=list)

    def bare(self) -> float:
        """COPY as the server offers it: the file as it is, every column text."""
        with open_database(self.settings.home, self._fresh_name()) as database:
            with self.path.open() as file, database.connect() as connection:
                names = file.readline().rstrip("\n").split(",")
                connection.execute(
                    sql.SQL("create table bare ({})").format(
                        sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in names)
                    )
                )
            settle(database)
            return seconds_of(lambda: self._copy(database))

    def _copy(self, database: Database) -> None:
        statement = "copy bare from stdin (format csv, header)"
        with (
            self.path.open("rb") as file,
            database.connect() as connection,
            connection.cursor().copy(statement) as copy,
        ):
            while block := file.read(_BLOCK):
                copy.write(block)

    def landing(self) -> float:
        """The program's way: kept, hashed, typed, checked, in the ledger."""
        shutil.rmtree(self.settings.home.files)
        with open_database(self.settings.home, self._fresh_name()) as database:
            migrate(database, self.settings.all_contracts, required_checks())
            run_id = ledger.open_run(database, "benchmark", {}, None)
            settle(database)
            found: list[KeptFile] = []
            kept = seconds_of(lambda: found.append(keep(self.settings.home, self.path)))
            stream = self.source.stream("case")
            arrival = Arrival(run_id, self.source.name, stream, found[0], None, stream.version.by)
            landed: list[Landed] = []
            read = drops.read(stream, self.source, found[0].path, found[0].name)
            landing = seconds_of(lambda: landed.append(land(database, arrival, read)))
        if landed[0].landed != ROWS:
            raise RuntimeError(f"{landed[0].landed:,} of {ROWS:,} rows landed")
        self.keeping.append(kept)
        return kept + landing

    def _fresh_name(self) -> str:
        self.made += 1
        return f"landing_{self.made}"


def measure(ground: Ground, rounds: int) -> None:
    """Prints the comparison."""
    path = made_cases(ground.folder / "landing")
    settings = ground.settings("landing")
    contest = _Contest(settings, settings.contracts["boston311"], path)
    resident = _peak_megabytes()
    seconds = take_turns({"bare": contest.bare, "landing": contest.landing}, rounds)
    title(
        f"landing: {ROWS:,} rows, {path.stat().st_size / 1e6:,.0f} MB of CSV",
        f"  median of {rounds} rounds (least to most), bare COPY and landing in turn, each into a fresh database;\n"
        "  both commit with the server's fsync on, and landing also waits for the fsync of the file it keeps.",
    )
    line("bare COPY into a table of text", seconds["bare"], seconds["bare"])
    line("kept, hashed by file and row, typed, landed, in the ledger", seconds["landing"], seconds["bare"])
    line("  of which keeping the file (copy, SHA-256, fsync)", contest.keeping, seconds["bare"])
    print(f"  peak memory {_peak_megabytes():,.0f} MB, of which {resident:,.0f} MB before the first row", flush=True)


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
