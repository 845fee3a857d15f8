"""A server for the whole test session, and a published Boston to copy: what the tests of the pipeline share.

Belongs here: fixtures. Does not: assertions. The pipeline runs for real once (real server, real files); tests that
change something get a copy of that database, made by PostgreSQL in a fraction of a second.
"""

from __future__ import annotations

import fcntl
import gc
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import psycopg
import pytest
from psycopg import sql
from xdist.scheduler import LoadFileScheduling

from demo.__main__ import unpack
from orchestration.dbt_project import FINGERPRINT, GRAPH, MANIFEST, PREBUILT_VARIABLE, prepare
from orchestration.running import RunSummary, run_job
from orchestration.session import NoProgress
from orchestration.settings import PROJECT, Settings, load_settings
from tests.in_process import finished
from warehouse.database import Database, open_database
from warehouse.home import locate_home
from warehouse.server.launcher import EmbeddedServer

# How long an example takes says how busy the machine is; it is timed in benchmarks.
hypothesis.settings.register_profile(
    "motcua", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("motcua")

CONFIG = PROJECT / "demo" / "boston.yml"
SAMPLING = 10
#: What these tests share takes a minute to make: they go to one worker, which makes it once.
TOGETHER = "tests/integration/province/"
#: Files are copied as they are, which takes half of what writing every page to the log takes (PostgreSQL's default).
COPY_OF_DATABASE = sql.SQL("create database {} template {} strategy file_copy")
MOST_WORKERS = 4
#: Bytes, for all workers: their folders held 2.4 GB at most, of three workers; the rest is for programs and servers.
ROOM_IN_MEMORY = 12 * 1024**3


class _ByFile(LoadFileScheduling):
    """A file is a worker's, as with --dist loadfile, and so is the whole folder whose tests belong together, and what asks
    the whole of Boston, which else every worker would run."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(TOGETHER):
            return TOGETHER
        file = super()._split_scope(nodeid)
        return "boston" if _asks_boston(file) else file


@cache
def _asks_boston(file: str) -> bool:
    return re.search(r"\b(copy_of_)?boston: Deployed", (PROJECT / file).read_text(encoding="utf-8")) is not None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than processors: a worker waits for its server a sixth of the time."""
    return min((os.cpu_count() or 1) + 1, MOST_WORKERS)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    return _ByFile(config, log)


@dataclass(frozen=True)
class Deployed:
    """A deployment with its database, ready to be run, asked and broken."""

    settings: Settings
    database: Database

    def run(self, *overrides: str) -> RunSummary:
        """Runs the whole job in this process."""
        return run_job(with_overrides(self.settings, overrides), NoProgress())

    def ask(self, query: str, *values: object, role: Any = None) -> list[tuple[Any, ...]]:
        """The rows a query gives, as a role (by default the server's superuser)."""
        with self.database.connect(role) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def do(self, statement: str, *values: object, role: Any = None) -> None:
        """Runs a statement and commits."""
        with self.database.connect(role) as connection:
            connection.execute(statement.encode(), values)

    def published(self) -> dict[str, Any]:
        """What readers see: the release and, for each table, its rows and their hash."""
        return {
            "release": self.ask("select release_id from release.pointer"),
            "content": self.ask("select release.content_of(release.relations_in('marts'))")[0][0],
        }


def with_overrides(settings: Settings, overrides: tuple[str, ...]) -> Settings:
    return load_settings(settings.config, given_sources(settings) + list(overrides), settings.deployment.database)


def given_sources(settings: Settings) -> list[str]:
    return [f"sources.{name}.path={settings.path_of(name)}" for name in settings.deployment.sources]


def _in_memory() -> Path | None:
    """Where files are no disk's, when there is room for the databases of all workers.

    A copy of the sampled Boston is 2,424 files: made and dropped there in 0.11 s, on a disk (ext4) in 1.2 to 1.7 s.
    """
    memory = Path("/dev/shm")
    room = shutil.disk_usage(memory).free if memory.is_dir() and os.access(memory, os.W_OK) else 0
    return memory if min(room, psutil.virtual_memory().available) > ROOM_IN_MEMORY else None


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    # Not tmp_path: as root that is closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="motcua kiểm thử ", dir=_in_memory()))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def parsed_once(session_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project parsed, for all homes of all workers: the first worker to come parses it, 6 s of processor time."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "parsed"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / FINGERPRINT).exists():
            settings = replace(
                load_settings(CONFIG), home=locate_home(PROJECT, {"MOTCUA_HOME": str(session_folder / "home")})
            )
            made = prepare(settings).target
            for name in (MANIFEST, GRAPH, FINGERPRINT):
                shutil.copyfile(made / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def session_server(session_folder: Path, parsed_once: Path) -> Iterator[EmbeddedServer]:
    """Sets MOTCUA_HOME for this process and those it starts, and keeps the server up until the session ends."""
    ours = ("MOTCUA_HOME", "MOTCUA_DATABASE_URL", "MOTCUA_CONFIG", PREBUILT_VARIABLE)
    before = {name: os.environ.pop(name, None) for name in ours}
    os.environ["MOTCUA_HOME"] = str(session_folder / "home")
    os.environ[PREBUILT_VARIABLE] = str(parsed_once)
    with ExitStack() as stack:
        # Nothing here has to outlive a power cut, and every wait for the disk is one of many databases made and dropped.
        server = EmbeddedServer(locate_home(PROJECT, os.environ), throwaway=True)
        stack.enter_context(server.use())
        yield server
    del os.environ["MOTCUA_HOME"], os.environ[PREBUILT_VARIABLE]
    os.environ.update({name: value for name, value in before.items() if value is not None})


@pytest.fixture(scope="session")
def deliveries(session_folder: Path) -> Path:
    """The demo's deliveries, unpacked: boston311/cases.csv and cartas/*."""
    unpack(session_folder / "deliveries")
    return session_folder / "deliveries"


@contextmanager
def deployed(deliveries: Path, database: str) -> Iterator[Deployed]:
    settings = load_settings(
        CONFIG, [f"sources.{name}.path={deliveries / name}" for name in ("boston311", "cartas")], database
    )
    with open_database(settings.home, database) as found:
        yield Deployed(settings, found)


@contextmanager
def _published(deliveries: Path, database: str) -> Iterator[Deployed]:
    with deployed(deliveries, database) as ready:
        summary = ready.run()
        assert summary.failure is None, summary.failure
        # What the libraries left stays to the end. Searched for cycles again and again, it took 1.8 s of a run of 9.0 s.
        gc.collect()
        gc.freeze()
        yield ready


@pytest.fixture(scope="session")
def boston(session_server: EmbeddedServer, deliveries: Path) -> Iterator[Deployed]:
    """Boston and the charters, run once and published. Read only: change a copy (`copy_of_boston`) instead."""
    with _published(deliveries, "published") as ready:
        yield ready


@pytest.fixture
def copy_of_boston(boston: Deployed, deliveries: Path) -> Iterator[Deployed]:
    """A database of its own that holds what `boston` holds, to be changed and thrown away."""
    with copied(boston, deliveries) as copy:
        yield copy


@pytest.fixture(scope="session")
def sampled(deliveries: Path, session_folder: Path) -> Path:
    """The deliveries again, with every tenth of Boston's cases: 2,679 of them, all kinds and units of any weight in it.

    What is to be proved of acts (a refusal, an order of landing, a rollback) needs real rows and not all of them.
    """
    folder = session_folder / "sampled"
    shutil.copytree(deliveries / "cartas", folder / "cartas")
    (folder / "boston311").mkdir()
    header, *lines = (deliveries / "boston311" / "cases.csv").read_bytes().splitlines(keepends=True)
    (folder / "boston311" / "cases.csv").write_bytes(b"".join([header, *lines[::SAMPLING]]))
    return folder


@pytest.fixture(scope="session")
def sample(session_server: EmbeddedServer, sampled: Path) -> Iterator[Deployed]:
    """As `boston`, of the sampled deliveries. Read only: change a copy (`copy_of_sample`) instead."""
    with _published(sampled, "sampled") as ready:
        yield ready


@pytest.fixture
def copy_of_sample(sample: Deployed, sampled: Path) -> Iterator[Deployed]:
    """A database of its own that holds what `sample` holds: copied, checked and hashed in a fraction of Boston's time."""
    with copied(sample, sampled) as copy:
        yield copy


@contextmanager
def copied(original: Deployed, deliveries: Path) -> Iterator[Deployed]:
    """A database of its own that holds what another holds, for as long as the block lasts."""
    name = f"copy_{uuid.uuid4().hex[:8]}"
    administer(original.database, COPY_OF_DATABASE, name, original.database.name)
    with deployed(deliveries, name) as copy:
        yield copy
    administer(original.database, sql.SQL("drop database {} with (force)"), name)


@pytest.fixture
def empty_database(session_server: EmbeddedServer, sampled: Path) -> Iterator[Deployed]:
    """A database in which nothing ever ran, set up for the sampled deliveries."""
    yield from _empty(sampled)


@pytest.fixture
def second_database(session_server: EmbeddedServer, sampled: Path) -> Iterator[Deployed]:
    """Another one like `empty_database`, to be held against it."""
    yield from _empty(sampled)


def _empty(sampled: Path) -> Iterator[Deployed]:
    name = f"empty_{uuid.uuid4().hex[:8]}"
    with deployed(sampled, name) as fresh:
        yield fresh
        administer(fresh.database, sql.SQL("drop database {} with (force)"), name)


def administer(through: Database, statement: sql.SQL, *names: str) -> None:
    """Makes or drops databases on the server of this one; the names go into the statement in their order."""
    address = through.url.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def truth() -> Callable[[str], dict[str, Any]]:
    """The independently computed figures of a data set."""

    def read(data_set: str) -> dict[str, Any]:
        packed = PROJECT / "demo" / "data" / data_set / "truth.json.gz"
        found: dict[str, Any] = json.loads(gzip.decompress(packed.read_bytes()))
        return found

    return read


@pytest.fixture
def motcua(session_server: EmbeddedServer) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the program on Boston's deployment, against the session's home: its entry point, called in this process.

    A process of its own takes four times the processor time of a question, for imports. `motcua_process` starts one.
    """

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return finished(arguments, {"MOTCUA_CONFIG": str(CONFIG), **environment})

    return call


@pytest.fixture
def motcua_process(session_server: EmbeddedServer) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the installed program as a user would, in a process of its own, otherwise as `motcua`."""

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).parent / "motcua"), *arguments],
            capture_output=True, text=True, check=False, timeout=180,
            env={**os.environ, "MOTCUA_CONFIG": str(CONFIG), **environment},
        )  # fmt: skip

    return call
