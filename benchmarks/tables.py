"""A provincial system's two large tables read, kept, checked and landed, against a bare pipe from server to server.

Belongs here: that comparison. Does not: the rows (made_province.py), or what a run does besides.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from benchmarks import made_province
from benchmarks.beside_dlt import brought
from benchmarks.ground import Ground, settle
from benchmarks.processors import Processors
from benchmarks.rounds import line, seconds_of, take_turns, title
from contracts.extraction import Extracted, Wanted
from contracts.source import SourceContract, StreamContract, TableLayout
from demo.provincial.database import ProvincialDatabase, ensure_database
from expectations.suite import required_checks
from extractors import drops
from extractors.catalogue import load_contracts
from extractors.pseudonyms import Pseudonyms
from extractors.row_hashes import RowHashes
from extractors.tables import TableReader, open_tables
from warehouse import contacts, ledger
from warehouse.database import Database, open_database
from warehouse.filestore import KeptFile, keep
from warehouse.home import Home
from warehouse.landing import Arrival, land
from warehouse.migrate import migrate
from warehouse.read_ahead import read_ahead

STREAMS = {"dossier": made_province.DOSSIERS, "progress": made_province.STEPS}
#: Set in the environment, dlt is brought into the temporary folder and measured beside.
WITH_DLT = "MOTCUA_BENCH_DLT"
_KEY = Pseudonyms(b"a key for the benchmark only")


@dataclass(slots=True)
class _Contest:
    """Both ways of moving the rows, each time into a database that has never seen them."""

    home: Home
    source: SourceContract
    province: ProvincialDatabase
    folder: Path
    processors: Processors
    made: int = 0
    again: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    @property
    def tables(self) -> dict[str, list[str]]:
        """The tables that are read, with the columns."""
        streams = [self.source.stream(name) for name in STREAMS]
        return {
            stream.layout.table: [column.name for column in stream.fields]
            for stream in streams
            if isinstance(stream.layout, TableLayout)
        }

    def bare(self) -> float:
        """COPY out in the server's binary format, piped as it comes into COPY in: tables of the same types, no key."""
        with open_database(self.home, self._fresh_name()) as database:
            statements = [self._bare_table(database, self.source.stream(name)) for name in STREAMS]
            settle(database)

            def pipe() -> None:
                with psycopg.connect(self.province.reader_url) as giving, database.connect() as taking:
                    for out, into in statements:
                        with giving.cursor().copy(out) as source, taking.cursor().copy(into) as target:
                            for block in source:
                                target.write(block)

            return self.processors.noting("bare", pipe)

    def _bare_table(self, database: Database, stream: StreamContract) -> tuple[sql.Composed, sql.Composed]:
        assert isinstance(stream.layout, TableLayout)
        table = sql.Identifier(stream.layout.table)
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in stream.fields)
        with psycopg.connect(self.province.reader_url) as connection:
            kinds = connection.execute(
                "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
                " where attrelid = to_regclass(%s) and attnum > 0",
                (f'"{stream.layout.table}"',),
            ).fetchall()
        types: dict[str, str] = dict(kinds)
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(types[column.name]))
            for column in stream.fields
        )
        with database.connect() as connection:
            connection.execute(sql.SQL("create table {} ({})").format(table, columns))
        return (
            sql.SQL("copy {} ({}) to stdout (format binary)").format(table, names),
            sql.SQL("copy {} ({}) from stdin (format binary)").format(table, names),
        )

    def extraction(self) -> float:
        """The program's way: one snapshot, paged by key, kept compressed, hashed, typed, checked, in the ledger."""
        shutil.rmtree(self.home.files)
        with open_database(self.home, self._fresh_name()) as database:
            migrate(database, (self.source,), required_checks())
            settle(database)
            with peak_memory() as peak:
                first = self.processors.noting("extraction", lambda: self._run(database, STREAMS))
            self.again.append(seconds_of(lambda: self._run(database, dict.fromkeys(STREAMS, 0))))
        self.peaks.append(peak[0])
        return first

    def _run(self, database: Database, expected: dict[str, int]) -> None:
        run_id = ledger.open_run(database, "benchmark", {}, None)
        landed = dict.fromkeys(expected, 0)
        with open_tables(self.province.reader_url) as reader:
            for name in expected:
                stream = self.source.stream(name)
                with tempfile.TemporaryDirectory(prefix="reading-", dir=self.folder) as folder:
                    wanted = Wanted(
                        Path(folder),
                        contacts.position_of(database, self.source.name, name),
                        lambda since, stream=stream: contacts.known_rows(database, self.source.name, stream, since),  # type: ignore[misc]
                        RowHashes.of_stream(stream, _KEY).one,
                    )
                    with (
                        closing(read_ahead(self._kept(reader, stream, wanted))) as batches,
                        database.connect("motcua_loader") as loader,
                    ):
                        for batch, kept in batches:
                            arrival = Arrival(
                                run_id, self.source.name, stream, kept, None, stream.version.by, batch.position
                            )
                            read = drops.read(stream, self.source, batch.file, batch.file.name, pseudonyms=_KEY)
                            landed[name] += land(database, arrival, read, loader).landed
                            batch.file.unlink()
        if landed != expected:
            raise RuntimeError(f"landed {landed}, expected {expected}")

    def _kept(
        self, reader: TableReader, stream: StreamContract, wanted: Wanted
    ) -> Iterator[tuple[Extracted, KeptFile]]:
        for batch in reader.read(self.source, stream, wanted):
            yield batch, keep(self.home, batch.file, compress=True)

    def _fresh_name(self) -> str:
        self.made += 1
        return f"tables_{self.made}"


@contextmanager
def peak_memory() -> Iterator[list[float]]:
    """The most this process held while the block ran, in megabytes."""
    process, done, peak = psutil.Process(), threading.Event(), [0.0]

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss / 1e6)

    watcher = threading.Thread(target=watch, name="memory")
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def measure(ground: Ground, rounds: int) -> None:
    """Prints the comparison."""
    settings = ground.settings("tables")
    source = load_contracts()["provincial"]
    with ensure_database(settings.home, "tables_source") as province:
        made_province.fill(ground.folder / "made", province.owner_url)
        resident = psutil.Process().memory_info().rss / 1e6
        contest = _Contest(settings.home, source, province, ground.folder, Processors(settings.home))
        turns = {"bare": contest.bare, "extraction": contest.extraction}
        if WITH_DLT in os.environ:
            beside = brought(settings.home, province.reader_url, ground.folder, contest.tables)
            turns["dlt"] = beside.turn
        seconds = take_turns(turns, rounds)
    title(
        f"tables: {STREAMS['dossier']:,} dossiers and {STREAMS['progress']:,} steps from a database",
        f"  median of {rounds} rounds (least to most), in turn, each into a fresh database of the same server.",
    )
    line("bare binary COPY piped from server to server", seconds["bare"], seconds["bare"])
    line("read, kept, hashed, typed, landed, in the ledger", seconds["extraction"], seconds["bare"])
    line("  again, with nothing new (against the first time)", contest.again, seconds["extraction"])
    busy = {name: contest.processors.total(name) for name in ("bare", "extraction")}
    line("processors busy: bare", busy["bare"], busy["bare"])
    line("processors busy: read, kept, hashed, typed, landed", busy["extraction"], busy["bare"])
    if "dlt" in seconds:
        line("dlt at its best (connectorx, files not compressed)", seconds["dlt"], seconds["bare"])
    print(f"  peak memory {max(contest.peaks):,.0f} MB, of which {resident:,.0f} MB before the first row", flush=True)
