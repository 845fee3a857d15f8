"""Typed rows as what COPY reads, and whether two of them may have one key.

Belongs here: the statement and its binary format. Does not: transactions (landing.py) or the tables (migrate.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl
from arro3.core import DataType, Field, Table
from pgpq import ArrowToPostgresBinaryEncoder
from pgpq.encoders import StringViewEncoderBuilder
from pgpq.schema import Jsonb
from psycopg import sql

from contracts.records import ROW_HASH, ROW_NUMBER
from contracts.source import StreamContract
from warehouse.migrate import raw_table


def copy_statement(source: str, stream: StreamContract) -> sql.Composed:
    """The COPY that takes what `copy_rows` gives."""
    columns = ["_delivery_id", ROW_NUMBER, ROW_HASH, *(field.column for field in stream.fields)]
    return sql.SQL("copy {} ({}) from stdin (format binary)").format(
        raw_table(source, stream.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )


def copy_rows(stream: StreamContract, delivery_id: int, rows: pl.DataFrame) -> Iterator[bytes]:
    """The rows in COPY's binary format, header and trailer included.

    The server takes it in three quarters of the time of the text format (it parses neither instants nor hexadecimal),
    and it is made in a quarter. What is written is the type itself: a value cannot be read as another one.
    """
    outgoing = Table.from_arrow(
        rows.select(
            pl.lit(delivery_id, pl.Int64).alias("_delivery_id"),
            pl.col(ROW_NUMBER),
            pl.col(ROW_HASH),
            *[pl.col(field.column) for field in stream.fields],
        )
    )
    # The encoder knows every layout of Arrow but polars' one for bytes.
    plain = DataType.large_binary()
    at = outgoing.column_names.index(ROW_HASH)
    outgoing = outgoing.set_column(at, Field(ROW_HASH, plain), outgoing.column(at).cast(plain))
    encoder = _encoder(stream, outgoing)
    yield encoder.write_header()
    for batch in outgoing.to_batches():
        yield encoder.write_batch(batch)
    yield encoder.finish()


def _encoder(stream: StreamContract, outgoing: Table) -> ArrowToPostgresBinaryEncoder:
    schema = outgoing.schema
    encoders = {name: ArrowToPostgresBinaryEncoder.infer_encoder(schema.field(name)) for name in outgoing.column_names}
    for contract in stream.fields:
        if contract.type == "json":
            encoders[contract.column] = StringViewEncoderBuilder.new_with_output(schema.field(contract.column), Jsonb())
    return ArrowToPostgresBinaryEncoder.new_with_encoders(schema, encoders)


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
