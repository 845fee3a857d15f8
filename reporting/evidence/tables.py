"""Published tables as files, from whose bytes alone their content hash can be computed again.

Belongs here: that form and that hash. Does not: where rows come from.
A file is delimited text: a line of column names, then the rows, each as PostgreSQL writes it (`row(…)::text`) without its
parentheses, in the order of their bytes. That is what spreadsheets read, but for a backslash, which stands twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path


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

    def sha256(self) -> str:
        """SHA-256 over the rows' own, as hexadecimal digits, sorted and one behind the other."""
        whole = hashlib.sha256()
        for digest in sorted(self._digests):
            whole.update(digest.hex().encode())
        return whole.hexdigest()


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
