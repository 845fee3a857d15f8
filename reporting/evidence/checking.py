"""Checking a pack with nothing but the folder and public keys: everything that is not as it was signed, by name.

Belongs here: that. Does not: making packs (pack.py), or laying the answer out for people (told.py).
Each check goes on where another failed: whoever gets a damaged pack wants to know how much of it is damaged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from securesystemslib.signer import SSlibKey

from reporting.evidence import envelopes, statements
from reporting.evidence.pack import CHAIN, MANIFEST, PACK, chain_file, sha256_of, table_file
from reporting.evidence.statements import BUCKETS_DIGEST, ROWS_DIGEST
from reporting.evidence.tables import Contents, header, read_records

#: Told of each table and how many rows were hashed.
OnTable = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A thing that is not as it was signed: a file of the pack by its path in it, and what is wrong."""

    name: str
    problem: str


@dataclass(slots=True)
class Checked:
    """What checking came to. `release` is None when not even that can be said for sure."""

    release: int | None = None
    files: int = 0
    chain: list[int] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether everything is as it was signed."""
        return not self.mismatches

    def note(self, name: str, problem: str) -> None:
        """Something is wrong."""
        self.mismatches.append(Mismatch(name, problem))


def check_pack(folder: Path, keys: Sequence[SSlibKey], on_table: OnTable) -> Checked:
    """Checks signatures, the list of files, the chain, and the contents of every table."""
    checked = Checked()
    _check_files(checked, folder, keys)
    manifest = _manifest(checked, folder, MANIFEST, keys)
    if manifest is None:
        return checked
    named = manifest.predicate.release.id
    if checked.release is not None and checked.release != named:
        checked.note(MANIFEST, f"is of release {named}, and the pack of release {checked.release}")
    checked.release = named
    _check_chain(checked, folder, manifest, keys)
    _check_tables(checked, folder, manifest, on_table)
    return checked


def check_manifests(folder: Path, keys: Sequence[SSlibKey]) -> Checked:
    """Checks a manifest and the chain before it, as a release's pages have them, and nothing else: no table is there."""
    checked = Checked()
    manifest = _manifest(checked, folder, MANIFEST, keys)
    if manifest is not None:
        checked.release = manifest.predicate.release.id
        _check_chain(checked, folder, manifest, keys)
    return checked


def _check_files(checked: Checked, folder: Path, keys: Sequence[SSlibKey]) -> None:
    """Holds the folder against the signed list of its files."""
    payload = _payload(checked, folder, PACK, keys)
    if payload is None:
        return
    try:
        listed = statements.read_pack(payload)
    except statements.NotStated:
        checked.note(PACK, "is signed, and is not the list of a pack's files")
        return
    checked.release = listed.predicate.release
    wanted = {subject.name: subject.digest.get("sha256", "") for subject in listed.subject}
    found = dict(_found(folder))
    for name in sorted(wanted.keys() | found.keys() - {PACK}):
        if name not in found:
            checked.note(name, "is missing")
        elif name not in wanted:
            checked.note(name, "was added: it is not in the signed list")
        elif found[name].is_symlink() or not found[name].is_file():
            checked.note(name, "is no ordinary file any more")
        elif sha256_of(found[name]) != wanted[name]:
            checked.note(name, "was changed: its SHA-256 is not the signed one")
        checked.files += 1


def _found(folder: Path) -> Iterator[tuple[str, Path]]:
    """All that lies in the folder, but for the folders that files of the pack lie in."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir()):
            yield path.relative_to(folder).as_posix(), path


def _payload(checked: Checked, folder: Path, name: str, keys: Sequence[SSlibKey]) -> bytes | None:
    path = folder / name
    if not path.is_file():
        checked.note(name, "is missing")
        return None
    try:
        return envelopes.opened(path.read_bytes(), keys)
    except envelopes.Unproved as error:
        checked.note(name, str(error))
        return None


def _manifest(checked: Checked, folder: Path, name: str, keys: Sequence[SSlibKey]) -> statements.Manifest | None:
    payload = _payload(checked, folder, name, keys)
    if payload is None:
        return None
    try:
        return statements.read_manifest(payload)
    except statements.NotStated:
        checked.note(name, "is signed, and is not the manifest of a release")
        return None


def _check_chain(checked: Checked, folder: Path, last: statements.Manifest, keys: Sequence[SSlibKey]) -> None:
    """Goes back from manifest to manifest. What lies in the chain's folder and was not met does not belong to it."""
    after = last.predicate.release.id
    previous = last.predicate.previous
    while previous is not None:
        name = chain_file(previous.release)
        path = folder / name
        if not path.is_file():
            checked.note(name, f"is missing: the manifest of release {after} names it as the one before")
            return
        if hashlib.sha256(path.read_bytes()).hexdigest() != previous.sha256:
            checked.note(name, f"is not the manifest that release {after} names as the one before")
            return
        manifest = _manifest(checked, folder, name, keys)
        if manifest is None:
            return
        if manifest.predicate.release.id != previous.release or previous.release >= after:
            checked.note(name, f"is the manifest of release {manifest.predicate.release.id}")
            return
        checked.chain.append(previous.release)
        after, previous = previous.release, manifest.predicate.previous
    met = {chain_file(number) for number in checked.chain}
    for path in sorted((folder / CHAIN).glob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in met:
            checked.note(name, "is no part of the chain: no manifest names it")


def _check_tables(checked: Checked, folder: Path, manifest: statements.Manifest, on_table: OnTable) -> None:
    """Hashes the rows of every published table again. Other files in their folder are met by the list of files."""
    for subject in manifest.subject:
        name = table_file(subject.name)
        path = folder / name
        held = manifest.predicate.tables.get(subject.name)
        if (
            held is None
            or not subject.digest.keys() & {BUCKETS_DIGEST, ROWS_DIGEST}
            or held.placed_by not in {None, *held.columns}
        ):
            checked.note(MANIFEST, f"does not say what {subject.name} held")
            continue
        if not path.is_file():
            checked.note(name, f"is missing: it was published with {held.rows:,} rows")
            continue
        records = read_records(path)
        if next(records, b"") != header(held.columns):
            checked.note(name, "has other columns than were published")
        contents = Contents(held.columns, held.placed_by)
        for record in records:
            contents.add(record)
        if contents.rows != held.rows:
            checked.note(name, f"holds {contents.rows:,} rows, and {held.rows:,} were published")
        elif not _is_what_was_signed(contents, subject.digest):
            checked.note(name, "holds other rows than were published")
        checked.tables[subject.name] = contents.rows
        on_table(subject.name, contents.rows)


def _is_what_was_signed(contents: Contents, signed: Mapping[str, str]) -> bool:
    """By each of the hashes that the manifest gives."""
    computed = {BUCKETS_DIGEST: contents.in_buckets, ROWS_DIGEST: contents.in_one}
    return all(computed[name]() == signed[name] for name in computed.keys() & signed.keys())
