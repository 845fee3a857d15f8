"""Typed rows as what COPY reads, and whether two of them may have one key.

Belongs here: the statement and its text format. Does not: transactions (landing.py) or the tables (migrate.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl
from psycopg import sql

from contracts.records import ROW_HASH, ROW_NUMBER
from contracts.source import StreamContract
from warehouse.migrate import raw_table

_SLICE_HEIGHT = 50_000
#: What COPY's text format gives a meaning to, and how it is written instead. The backslash comes first.
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_ANY_SPECIAL = r"[\\\t\n\r]"
_WHOLE_SECONDS, _MICROSECONDS = "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.6f"


def copy_statement(source: str, stream: StreamContract) -> sql.Composed:
    """The COPY that takes what `copy_text` gives."""
    columns = ["_delivery_id", ROW_NUMBER, ROW_HASH, *(field.column for field in stream.fields)]
    return sql.SQL("copy {} ({}) from stdin").format(
        raw_table(source, stream.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )


def copy_text(stream: StreamContract, delivery_id: int, rows: pl.DataFrame) -> Iterator[bytes]:
    """The rows in COPY's text format, which the server reads in four fifths of the time that CSV takes it."""
    outgoing = rows.select(
        pl.lit(delivery_id).alias("_delivery_id"),
        pl.col(ROW_NUMBER),
        (r"\\x" + pl.col(ROW_HASH).bin.encode("hex")).alias(ROW_HASH),
        *[_outgoing(rows[field.column]) for field in stream.fields],
    )
    moments = rows.select(pl.col(pl.Datetime("us", "UTC")).to_physical() % 1_000_000 == 0)
    whole = all(column.all() for column in moments.iter_columns())
    for piece in outgoing.iter_slices(_SLICE_HEIGHT):
        buffer = io.BytesIO()
        piece.write_csv(
            buffer, include_header=False, separator="\t", quote_style="never", null_value=r"\N",
            # Polars writes the format without a fraction a fifth faster.
            datetime_format=_WHOLE_SECONDS if whole else _MICROSECONDS,
        )  # fmt: skip
        yield buffer.getvalue()


def _outgoing(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.replace_time_zone(None)
    # Looking first: nearly no value needs it, and looking costs a third of replacing.
    if column.dtype == pl.String and column.str.contains(_ANY_SPECIAL).any():
        for special, escaped in _ESCAPES.items():
            column = column.str.replace_all(special, escaped, literal=True)
    return column


def identity_columns(stream: StreamContract) -> list[str]:
    """The columns that tell one record from another; with versions of its own in every record, the version too."""
    identity = [stream.field(name).column for name in stream.key]
    if stream.version.by == "field":
        identity.append(stream.field(stream.version.field).column)
    return identity


@dataclass(slots=True)
class Repeats:
    """Whether two rows of a delivery may share a key, told from 64-bit hashes: 8 bytes a row are held, not the keys.

    Equal keys have equal hashes, so a "no" is sure; a "yes" is for the database to look into (0.2 s for 500,000 rows,
    which nearly every delivery is spared).
    """

    stream: StreamContract
    _hashes: list[pl.Series] = field(default_factory=list)

    def note(self, rows: pl.DataFrame) -> None:
        """Takes in the keys of some rows."""
        self._hashes.append(rows.select(identity_columns(self.stream)).hash_rows())

    def possible(self) -> bool:
        """Whether any two of the rows may share a key."""
        columns = set(identity_columns(self.stream))
        if any(field.type == "json" for field in self.stream.fields if field.column in columns):
            return True  # 1 and 1.0 are one value to the database and two texts here
        hashes = pl.concat(self._hashes) if self._hashes else pl.Series(dtype=pl.UInt64)
        return hashes.n_unique() < hashes.len()
