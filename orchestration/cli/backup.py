"""`motcua backup`, `motcua restore`: all that cannot be made again, in a folder, and back.

Belongs here: options. Does not: what a backup is (warehouse/backup, warehouse/restore).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet, or empty.")],
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Back up the database and the kept files it names, with a SHA-256 of each; runs may go on meanwhile.

    Passwords and the pseudonym key are not in it. It holds the files as delivered, personal data included.

    Example:

      motcua backup /backup/motcua-2026-11-25
    """
    from warehouse.backup import back_up

    with opened(config, database) as (settings, found):
        made = back_up(found, settings.home, folder.absolute())
    of = f"release {made.release_id}" if made.release_id is not None else "nothing published"
    print(f"{found.name} ({of}) is backed up in {made.folder}: {made.files:,} kept files, {made.bytes:,} bytes")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `motcua backup` made.")],
    database: Annotated[
        str, typer.Option("--database", metavar="NAME", help="The database to make; it must not be there yet.")
    ],
) -> None:
    """Restore a backup into a new database, and its files into the home: every sum proved first, the figures last.

    Example:

      motcua restore /backup/motcua-2026-11-25 --database restored
    """
    import os

    from orchestration.settings import PROJECT
    from warehouse import restore as restoring
    from warehouse.home import locate_home

    done = restoring.restore(folder.absolute(), locate_home(PROJECT, os.environ), database)
    of = f"release {done.release_id} proved" if done.release_id is not None else "nothing was published"
    print(
        f"{database} restored from {done.about['database']} of {done.about['made_at']}: {of},"
        f" {done.files_added:,} of {done.about['files']:,} kept files were not here"
    )
    if done.about["pseudonym_key"] is not None:
        print(f"its personal fields need the pseudonym key {done.about['pseudonym_key']}, which is not in a backup")
