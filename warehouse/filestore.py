"""Bytes as received, kept under their own SHA-256: written once, never changed, readable by the loader alone.

Belongs here: keeping a file, as it is or compressed, reading it back and proving it again. Does not: knowing what is in
it. The hash is always of the bytes as received; a compressed copy is told by its name's ending.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from contracts.failures import DatabaseUnavailable, SourceUnavailable
from warehouse.fault_points import reached
from warehouse.home import Home
from warehouse.outages import outage
from warehouse.scratch import scratch

#: Written in pieces of 4 or 8 MB, a new file costs the kernel three times as much now and then (0.3 s of processor time
#: for 109 MB instead of 0.1 s, in one writing of seven); in pieces of 1 MB it never did.
_BLOCK = 1024 * 1024
_COMPRESSED = ".zst"
#: Level 1 makes kept rows of a database a sixth of their size at 600 MB/s; level 3 a seventh at half the speed.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file in the store. `path` is the kept copy (compressed if it ends in .zst), `name` what its source called it.

    `bytes` and `sha256` are of the bytes as received.
    """

    sha256: str
    bytes: int
    path: Path
    name: str


def place_of(home: Home, sha256: str) -> Path:
    """Where a file of that hash is kept: its compressed copy if that is the only one, else where a plain one belongs."""
    plain = home.files / sha256[:2] / sha256
    compressed = _compressed(plain)
    return compressed if compressed.exists() and not plain.exists() else plain


@contextmanager
def readable(home: Home, sha256: str) -> Iterator[Path]:
    """A kept file's bytes as a plain file for the block; of a compressed one that is a copy, gone afterwards.

    Raises DatabaseUnavailable when a compressed copy is damaged or there is no room to unpack it. A file that is not
    kept gives a path where nothing is.
    """
    place = place_of(home, sha256)
    if not _is_compressed(place):
        yield place
        return
    with scratch(home.state) as folder:
        unpacked = folder / sha256
        unpacked.touch(mode=0o600)
        with unpacked.open("wb") as out:
            _unpack(place, out, sha256)
        yield unpacked


def _unpack(place: Path, out: BinaryIO, sha256: str) -> None:
    digest, problem = hashlib.sha256(), "its bytes are not the ones received"
    try:
        for block in _unpacked(place):
            digest.update(block)
            out.write(block)
    except OSError as error:
        problem = error.strerror or str(error)
    except zstandard.ZstdError as error:
        problem = str(error)
    # One that was cut off ends without an error: only its hash tells.
    if digest.hexdigest() != sha256:
        raise DatabaseUnavailable(
            f"the kept file {place} cannot be unpacked: {problem}",
            hint="docs/runbooks/evidence.md says how to restore it; unpacking needs room in the home's state folder.",
        )


def _unpacked(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        yield from zstandard.ZstdDecompressor().read_to_iter(file, write_size=_BLOCK)


def keep(home: Home, source: Path, *, compress: bool = False) -> KeptFile:
    """Copies a delivered file into the store in one pass and returns it; a file already there is left as it is.

    Raises SourceUnavailable when it cannot be read, DatabaseUnavailable when the store cannot be written.
    """
    home.files.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        incoming = source.open("rb")
    except OSError as error:
        raise SourceUnavailable(
            f"{source} cannot be read: {error.strerror}", hint="Check the path and its rights."
        ) from error
    try:
        with incoming, scratch(home.files) as folder:
            temporary = folder / "incoming"
            with temporary.open("wb") as outgoing:
                sha256, size = _copied(incoming, outgoing, compress=compress)
                place = place_of(home, sha256)
                new = not place.exists()
                if new:
                    outgoing.flush()
                    os.fsync(outgoing.fileno())
            if new:
                place = _compressed(place) if compress else place
                place.parent.mkdir(exist_ok=True, mode=0o700)
                reached("files.copied")
                temporary.chmod(0o400)
                temporary.rename(place)
                _make_rename_durable(place.parent)
        reached("files.kept")
        return KeptFile(sha256=sha256, bytes=size, path=place, name=source.name)
    except OSError as error:
        full = outage(error, None, home.files)
        if full is not None:
            raise full from error
        raise DatabaseUnavailable(
            f"the file store {home.files} cannot be written: {error.strerror}", hint="Check space and rights there."
        ) from error


def _copied(incoming: BinaryIO, outgoing: BinaryIO, *, compress: bool) -> tuple[str, int]:
    """Copies every byte and gives their SHA-256 and number."""
    digest = hashlib.sha256()
    size = 0
    packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj() if compress else None
    # Hashing a block while it is written: both leave Python's lock, and 109 MB take 0.1 s instead of 0.2 s.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="hash") as hasher:
        while block := incoming.read(_BLOCK):
            size += len(block)
            hashed = hasher.submit(digest.update, block)
            outgoing.write(block if packer is None else packer.compress(block))
            hashed.result()
    if packer is not None:
        outgoing.write(packer.flush())
    return digest.hexdigest(), size


def _compressed(plain: Path) -> Path:
    return plain.with_name(plain.name + _COMPRESSED)


def _is_compressed(place: Path) -> bool:
    return place.suffix == _COMPRESSED


def _make_rename_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_intact(home: Home, sha256: str) -> bool:
    """Whether the kept bytes are there and still have that hash."""
    place = place_of(home, sha256)
    if not place.exists():
        return False
    if not _is_compressed(place):
        with place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    digest = hashlib.sha256()
    try:
        for block in _unpacked(place):
            digest.update(block)
    except zstandard.ZstdError:
        return False
    return digest.hexdigest() == sha256
