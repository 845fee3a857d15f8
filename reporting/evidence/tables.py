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

#: So many rows lie in a bucket at most, on the average, and by so many first bits at most.
BUCKET_ROWS = 32
MOST_BITS = 24


class Contents:
    """What a table holds, row after row: how many rows, and hashes that do not depend on their order.

    `placed_by` is the column by whose hash rows are put into buckets; None where it is their own.
    """

    def __init__(self, columns: Sequence[str], placed_by: str | None) -> None:
        self._column = None if placed_by is None else list(columns).index(placed_by)
        self._placed: list[tuple[int, bytes]] = []

    def add(self, record: bytes) -> None:
        """One row, as it stands in the file (without its line end)."""
        digest = hashlib.sha256(b"(" + record + b")").digest()
        placing = digest if self._column is None else hashlib.sha256(value_in(record, self._column)).digest()
        self._placed.append((int.from_bytes(placing[:3], "big"), digest))

    @property
    def rows(self) -> int:
        """How many rows were added."""
        return len(self._placed)

    def in_buckets(self) -> str:
        """SHA-256 over those of the buckets, in their order; that of a bucket is over its rows' hashes, sorted.

        In a bucket are rows with the same first bits; of how many follows from the number of rows (`bucket_depth`).
        """
        unused = MOST_BITS - bucket_depth(self.rows)
        whole = hashlib.sha256()
        for _, held in groupby(sorted((place >> unused, digest) for place, digest in self._placed), lambda row: row[0]):
            whole.update(hashlib.sha256(b"".join(digest for _, digest in held)).digest())
        return whole.hexdigest()

    def in_one(self) -> str:
        """How releases were hashed before: over the rows' own, as hexadecimal digits, sorted and one behind the other."""
        whole = hashlib.sha256()
        for digest in sorted(digest for _, digest in self._placed):
            whole.update(digest.hex().encode())
        return whole.hexdigest()


def bucket_depth(rows: int) -> int:
    """The fewest bits with which 32 rows or less lie in a bucket on the average, 24 at most."""
    return next((bits for bits in range(MOST_BITS) if rows <= BUCKET_ROWS << bits), MOST_BITS)


def value_in(record: bytes, column: int) -> bytes:
    """The value that stands in a column of a record, as UTF-8; empty where there is none.

    Between quotes a comma belongs to the value, and quotes and backslashes stand twice. A record that ends before that
    column gives nothing: it is not what was published, and other checks say so.
    """
    if b'"' not in record:
        return record.split(b",", column + 1)[column] if record.count(b",") >= column else b""
    found: list[bytes] = []
    begun = 0
    while len(found) <= column and begun <= len(record):
        end = begun
        while end < len(record) and (record[end] != 0x2C or record.count(b'"', begun, end) % 2):
            following = record.find(b",", end + 1)
            end = len(record) if following < 0 else following
        found.append(record[begun:end])
        begun = end + 1
    cell = found[column] if len(found) > column else b""
    return cell[1:-1].replace(b'""', b'"').replace(b"\\\\", b"\\") if cell.startswith(b'"') else cell


def header(columns: Sequence[str]) -> bytes:
    """The first line: the names of the columns."""
    return ",".join(columns).encode()


def write_table(path: Path, columns: Sequence[str], placed_by: str | None, rows: Iterable[str]) -> Contents:
    """Writes a table's file from the texts of its rows, in their order, and says what it holds."""
    written = Contents(columns, placed_by)
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
