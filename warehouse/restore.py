"""Bringing a backup back: into a database that is not there yet, with its files, proved before and after.

Belongs here: that. Does not: what a backup is (backup.py). Nothing that stands is overwritten, and a restore that does not
succeed leaves no database behind.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.failures import DatabaseUnavailable
from warehouse.backup import DUMP, FILES, read_backup
from warehouse.database import Database, new_database
from warehouse.fault_points import reached
from warehouse.filestore import is_intact, place_of
from warehouse.home import Home
from warehouse.migrate import apply_rooms
from warehouse.scratch import scratch
from warehouse.server.clients import Clients


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back: the published release, and how many kept files were missing here."""

    about: dict[str, Any]
    release_id: int | None
    files_added: int


def restore(folder: Path, home: Home, name: str) -> Restored:
    """Restores a backup into a new database of that name and its files into the home.

    Raises UsageError when the backup is damaged or the database exists, DatabaseUnavailable when what came back is not what
    was published: the database is gone again then.
    """
    about = read_backup(folder)
    with new_database(home, name) as database:
        added = _bring_files(folder / FILES, home)
        reached("restore.files_brought")
        with database.connect() as connection:
            apply_rooms(connection)
            version = connection.info.server_version
            reached("restore.rooms_made")
        Clients.of_server(version).restore(database, folder / DUMP)
        reached("restore.tables_restored")
        release_id = _proved(database)
        _begin_builds_anew(database)
    return Restored(about, release_id, added)


def _bring_files(kept: Path, home: Home) -> int:
    """Copies the files that are not here; a damaged one here is replaced. They are named by their hash: none is lost."""
    added = 0
    for path in sorted(path for path in kept.rglob("*") if path.is_file()):
        sha256 = path.name.removesuffix(".zst")
        if is_intact(home, sha256):
            continue
        damaged = place_of(home, sha256)
        target = home.files / path.relative_to(kept)
        target.parent.mkdir(exist_ok=True, mode=0o700, parents=True)
        with scratch(home.files) as aside:
            incoming = aside / "incoming"
            with incoming.open("wb") as out, path.open("rb") as file:
                shutil.copyfileobj(file, out)
                out.flush()
                os.fsync(out.fileno())
            incoming.chmod(0o400)
            if damaged != target:
                damaged.unlink(missing_ok=True)
            incoming.rename(target)
        added += 1
    return added


def _proved(database: Database) -> int | None:
    """Holds the restored tables to the hash of the release they are said to be."""
    with database.connect("motcua_owner") as connection:
        row = connection.execute(
            "select made.release_id, made.content = release.content_of(release.relations_in('marts'), made.content)"
            " from release.pointer as pointer inner join release.release as made on made.release_id = pointer.release_id"
        ).fetchone()
    if row is None:
        return None
    if not row[1]:
        raise DatabaseUnavailable(f"what was restored is not release {row[0]} as it was published")
    return int(row[0])


def _begin_builds_anew(database: Database) -> None:
    """The next build is made whole: who wrote which row when is told by numbers of the server the dump is from."""
    with database.connect("motcua_loader") as connection:
        connection.execute(
            "update audit.build set ended_at = null, ended_in = null"
            " where build_id = (select max(build_id) from audit.build)"
        )
        reached("restore.builds_begun_anew")
