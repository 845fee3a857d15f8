"""Published tables as files, from whose bytes alone their content hash can be computed again.

Belongs here: that form and that hash. Does not: where rows come from.
A file is delimited text: a line of column names, then the rows, each as PostgreSQL writes it (`row(…)::text`) without its
parentheses, in the order of their bytes. That is what spreadsheets read, but for a backslash, which stands twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

#: So many rows lie in a bucket at most, on the average, and by so many of their first bits at most.
BUCKET_ROWS = 16
MOST_BITS = 24


class Contents:
    """What a table holds, row after row: how many rows, and the hash that does not depend on their order."""

    def __init__(self) -> None:
        self._digests: list[bytes] = []

    def add(self, record: bytes) -> None:
        """One row, as it stands in the file (without its line end)."""
        self._digests.append(hashlib.sha256(b"(" + record + b")").digest())

    @property
    def rows(self) -> int:
        """How many rows were added."""
        return len(self._digests)

    def in_buckets(self) -> str:
        """SHA-256 over those of the buckets, in their order: rows' hashes with the same first bits lie in one, sorted.

        By how many bits follows from the number of rows (`bucket_depth`).
        """
        unused = MOST_BITS - bucket_depth(self.rows)
        whole = hashlib.sha256()
        for _, held in groupby(sorted(self._digests), lambda digest: int.from_bytes(digest[:3], "big") >> unused):
            whole.update(hashlib.sha256(b"".join(held)).digest())
        return whole.hexdigest()

    def in_one(self) -> str:
        """How releases were hashed before: over the rows' own, as hexadecimal digits, sorted and one behind the other."""
        whole = hashlib.sha256()
        for digest in sorted(self._digests):
            whole.update(digest.hex().encode())
        return whole.hexdigest()


def bucket_depth(rows: int) -> int:
    """The fewest bits with which 16 rows or less lie in a bucket on the average, 24 at most."""
    return next((bits for bits in range(MOST_BITS) if rows <= BUCKET_ROWS << bits), MOST_BITS)


def header(columns: Sequence[str]) -> bytes:
    """The first line: the names of the columns."""
    return ",".join(columns).encode()


def write_table(path: Path, columns: Sequence[str], rows: Iterable[str]) -> Contents:
    """Writes a table's file from the texts of its rows, in their order, and says what it holds."""
    written = Contents()
    with path.open("wb") as file:
        file.write(header(columns) + b"\n")
        for row in rows:
            record = row[1:-1].encode()
            written.add(record)
            file.write(record + b"\n")
    return written


def read_records(path: Path) -> Iterator[bytes]:
    """The records of a file, its first line among them, without their line ends.

    A line end inside quotes belongs to the record; quotes inside a value stand twice, so up to a record's end there is an
    even number of them.
    """
    begun: list[bytes] = []
    quotes = 0
    with path.open("rb") as file:
        for line in file:
            begun.append(line)
            quotes += line.count(b'"')
            if quotes % 2 == 0:
                yield b"".join(begun).removesuffix(b"\n")
                begun.clear()
    if begun:
        yield b"".join(begun)
