"""A backup: one folder with a dump of the database, the kept files it names, and the SHA-256 of each of them.

Belongs here: making one, what lies in it, and proving that it is as it was made. Does not: bringing one back
(restore.py), or the PostgreSQL programs (server/clients.py). The sums are in the form `sha256sum --check` reads, so that
a backup can be proved on a machine without this program.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from contracts.failures import DatabaseUnavailable, UsageError
from warehouse.database import Database
from warehouse.fault_points import reached
from warehouse.filestore import is_intact, place_of
from warehouse.home import Home
from warehouse.made_aside import made_aside
from warehouse.server.clients import Clients

DUMP = "database.dump"
FILES = "files"
ABOUT = "about.json"
SUMS = "SHA256SUMS"
#: Of the folder's layout; restore refuses one it does not know.
LAYOUT = 1
_NAMED_FILES = """
    select file_sha256 from audit.delivery
    union select file_sha256 from audit.delivery_attempt where file_sha256 is not null
    union select file_sha256 from audit.arrival
    order by file_sha256
"""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: where, of which release, and how much it holds."""

    folder: Path
    release_id: int | None
    files: int
    bytes: int


def back_up(database: Database, home: Home, folder: Path) -> Backup:
    """Makes a backup in a new folder. Runs may go on meanwhile: all of it is of one snapshot.

    Raises UsageError when the folder is there and not empty or cannot be written, DatabaseUnavailable when a kept file is
    missing or damaged: a backup without its evidence would look whole.
    """
    with made_aside(folder, "backup") as aside:
        made = _make(database, home, aside)
        reached("backup.summed")
    return Backup(folder, made["release_id"], made["files"], _size(folder))


def _make(database: Database, home: Home, aside: Path) -> dict[str, Any]:
    with database.connect() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        named = [str(sha256) for (sha256,) in _ask(connection, database, _NAMED_FILES)]
        about = _described(connection, database, len(named))
        [(snapshot,)] = connection.execute("select pg_export_snapshot()").fetchall()
        Clients.of_server(connection.info.server_version).dump(database, str(snapshot), aside / DUMP)
    reached("backup.dumped")
    # A file is kept, whole, before the database names it.
    _copy_files(home, named, aside / FILES)
    reached("backup.files_copied")
    (aside / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    lines = [f"{sha256_of(path)}  {path.relative_to(aside).as_posix()}\n" for path in _files_in(aside)]
    (aside / SUMS).write_text("".join(lines), encoding="utf-8")
    for path in _files_in(aside):
        path.chmod(0o400)
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return about


def _ask(connection: psycopg.Connection, database: Database, query: str) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(query.encode()).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise UsageError(f"the database {database.name} holds nothing yet", hint="Run the pipeline first.") from error


def _described(connection: psycopg.Connection, database: Database, files: int) -> dict[str, Any]:
    [(at, version, release, digest, key)] = _ask(
        connection,
        database,
        "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), current_setting('server_version'),"
        " (select release_id from release.pointer), (select digest from audit.schema_state),"
        " (select fingerprint from audit.pseudonym_key)",
    )
    return {
        "layout": LAYOUT, "database": database.name, "made_at": at, "server": version, "release_id": release,
        "schema_sha256": digest, "pseudonym_key": key, "files": files,
    }  # fmt: skip


def _copy_files(home: Home, named: list[str], folder: Path) -> None:
    folder.mkdir()
    for sha256 in named:
        if not is_intact(home, sha256):
            raise DatabaseUnavailable(
                f"the kept file {sha256} is missing or no longer has its hash; no backup was made",
                hint="docs/runbooks/evidence.md says how to bring it back.",
            )
        place = place_of(home, sha256)
        target = folder / place.relative_to(home.files)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(place, target)


def read_backup(folder: Path) -> dict[str, Any]:
    """What a backup says of itself, once every file in it has proved to be the one that was put there.

    Raises UsageError when one was changed, is missing, or was added.
    """
    if not (folder / SUMS).is_file():
        raise UsageError(f"{folder} is no backup: there is no {SUMS} in it")
    noted = dict(_sums(folder))
    found = {path.relative_to(folder).as_posix(): path for path in _files_in(folder) if path.name != SUMS}
    wrong = sorted(
        [f"{name} is missing" for name in noted.keys() - found.keys()]
        + [f"{name} was added" for name in found.keys() - noted.keys()]
        + [f"{name} was changed" for name in noted.keys() & found.keys() if sha256_of(found[name]) != noted[name]]
    )
    about: dict[str, Any] = {} if wrong else json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    if not wrong and about["files"] != len(list(_files_in(folder / FILES))):
        wrong = [f"{FILES} holds another number of files than {ABOUT} says"]
    if wrong:
        raise UsageError(
            f"the backup {folder} is damaged: {'; '.join(wrong[:5])}" + (" …" if len(wrong) > 5 else ""),
            hint="Nothing was restored. Take another copy of it, or an older backup.",
        )
    if about["layout"] != LAYOUT:
        raise UsageError(f"the backup {folder} has the layout {about['layout']}; this program reads {LAYOUT}")
    return about


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    for line in (folder / SUMS).read_bytes().decode("utf-8", "replace").splitlines():
        sha256, _, name = line.partition("  ")
        yield name, sha256


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files_in(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in _files_in(folder))
