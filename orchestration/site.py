"""The site of releases: what is known of one gathered, its pages written beside their place and moved there whole, the index.

Belongs here: handing what the warehouse and the gate know to the pages, and writing folders. Does not: what stands on a page
(reporting/pages), or serving it (serving.py).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.failures import UsageError
from expectations.suite import load_suite
from orchestration.comparing import Comparison, compare
from orchestration.docs_page import PAGE
from orchestration.page_writing import Written, write_release
from reporting.pages.gathered import Known, Release, gather
from reporting.pages.index import Listed, folder_of, index_files
from reporting.pages.proof import proof_of
from reporting.published import published_body
from warehouse import manifests, releases
from warehouse.scratch import hold_folder

if TYPE_CHECKING:
    import psycopg

    from warehouse.database import Database

_FOLDER = re.compile(r"release-([1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Built:
    """A release's pages that were written."""

    release: int
    folder: Path
    files: int
    bytes: int


def release_before(database: Database, release_id: int) -> int | None:
    """The release that passed before and whose rows are kept: what a release's page compares it with."""
    kept = [r.release_id for r in releases.list_releases(database) if r.verdict == "pass" and r.cleaned_at is None]
    return max((number for number in kept if number < release_id), default=None)


def gathered(
    connection: psycopg.Connection,
    then: psycopg.Connection | None,
    before: int | None,
    jurisdiction: str | None,
    period: str | None = None,
    public_keys: Sequence[str] = (),
) -> Release:
    """What a release's pages tell. `connection` reads the release, `then` the one before, if there is one; `public_keys`
    (PEM) are what evidence of this deployment is checked by.

    Raises UsageError when nothing of the jurisdiction is published, MotcuaError when the release contradicts itself.
    """
    body = published_body(connection, jurisdiction)
    changes = None
    if then is not None and before is not None and _was_there(then, body.jurisdiction):
        changes = compare(then, connection, Comparison(before, body.release_id, body.jurisdiction))
    tables = manifests.contents_on_record(connection, body.release_id)
    kept = manifests.kept_manifests(connection, body.release_id)
    known = Known(
        facts=manifests.facts_of(connection, body.release_id),
        tables=tables,
        reasons={check.name: check.reason for check in load_suite()},
        changes=changes,
        proof=proof_of(body.release_id, kept, tables, public_keys),
    )
    return gather(connection, body, period, known)


def _was_there(then: psycopg.Connection, jurisdiction: str) -> bool:
    row = then.execute("select 1 from dim_jurisdiction where jurisdiction = %s", (jurisdiction,)).fetchone()
    return row is not None


def build(database: Database, out: Path, release: Release, beside: Iterable[tuple[str, bytes]] = ()) -> Built:
    """Writes a release's folder and the index of all below `out`. Again over the same release, it changes no byte.

    `beside` are files that stand in the folder with the pages, by name.

    Raises UsageError when `out` cannot be written, or somebody else is building there.
    """
    number = release.body.release_id
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _alone(out) as held:
            folder = out / folder_of(number)
            files, size = _replace(folder, lambda aside: write_release(aside, release, beside, held))
            write_index(database, out, release.zone)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}") from error
    return Built(number, folder, files, size)


@contextmanager
def _alone(out: Path) -> Iterator[int]:
    held = hold_folder(out)
    if held is None:
        raise UsageError(f"another site is being built in {out}", hint="Wait until it has ended.")
    try:
        yield held
    finally:
        os.close(held)


def _replace(folder: Path, write: Callable[[Path], Written]) -> Written:
    """Has files written into a folder aside, and puts that in the place of the folder. Gives how many, and their bytes."""
    aside, gone = folder.with_name(f".{folder.name}.making"), folder.with_name(f".{folder.name}.gone")
    for left in (aside, gone):
        # Of a build that was cut off: nobody else builds here.
        shutil.rmtree(left, ignore_errors=True)
    aside.mkdir()
    try:
        wrote = write(aside)
        if folder.exists():
            folder.rename(gone)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if not folder.exists() and gone.exists():
            gone.rename(folder)
        shutil.rmtree(gone, ignore_errors=True)
    return wrote


def write_index(database: Database, out: Path, zone: str) -> None:
    """The index of all releases on record, each file replaced whole."""
    there = {int(found[1]) for entry in out.iterdir() if (found := _FOLDER.fullmatch(entry.name)) and entry.is_dir()}
    listed = [
        Listed(
            r.release_id, r.created_at, r.verdict == "pass", r.current, r.restores, r.content_sha256, len(r.reasons),
            len(r.warnings), r.cleaned_at, PAGE if (out / folder_of(r.release_id) / PAGE).is_file() else None,
        )
        for r in releases.list_releases(database)
    ]  # fmt: skip
    for name, content in index_files(listed, there, zone):
        aside = out / f".{name}.making"
        aside.write_bytes(content)
        aside.replace(out / name)
