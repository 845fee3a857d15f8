"""Reading the quarantine: rows that were delivered and did not land, and fields that landed null.

Belongs here: those queries, as the loader, who alone may see raw values. Does not: deciding what is quarantined, or reading
a file again (replay.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from contracts.failures import UsageError
from warehouse.database import Database

_STANDING = (
    " from raw.quarantine as q inner join audit.delivery as d on d.delivery_id = q.delivery_id"
    " where d.retracted_at is null and (%(source)s::text is null or q.source = %(source)s)"
    " and (%(stream)s::text is null or q.stream = %(stream)s)"
)


@dataclass(frozen=True, slots=True)
class Which:
    """Of which source and stream; None means all."""

    source: str | None = None
    stream: str | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """As parameters of a query."""
        return {"source": self.source, "stream": self.stream}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of one delivered record in the quarantine: where it stands, and one fault for each field."""

    delivery_id: int
    source: str
    stream: str
    file_name: str
    file_sha256: str
    row_number: int
    faults: list[dict[str, Any]]


def counted(database: Database, which: Which) -> list[dict[str, Any]]:
    """One line a stream, field and reason over the standing deliveries, the most rows first. Raises UsageError.

    `rows` are records at fault so, `deliveries` how many hold any, `last_delivery` and `last_row` name one to look at.
    """
    with _asking(database) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "with told as (select q.source, q.stream, q.field, q.reason, q.whole_row, q.delivery_id, q.row_number"
            f"{_STANDING})"
            " select source, stream, field, reason, whole_row, count(distinct (delivery_id, row_number)) as rows,"
            " count(distinct delivery_id) as deliveries, max(delivery_id) as last_delivery,"
            " (array_agg(row_number order by delivery_id desc, row_number))[1] as last_row"
            " from told group by source, stream, field, reason, whole_row"
            ' order by rows desc, source collate "C", stream collate "C", field collate "C", reason collate "C", whole_row',
            which.asked,
        ).fetchall()


def each(database: Database, which: Which, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The faults of standing deliveries, newest delivery first, and how many there are. Raises UsageError before a run.

    `whole_row` is true for a row that did not land, false for one that landed with the field null.
    """
    with _asking(database) as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(f"select count(*) as n {_STANDING}".encode(), which.asked).fetchone()
        lines = cursor.execute(
            "select q.delivery_id, q.source, q.stream, q.file_name, q.row_number, q.field, q.value, q.reason, q.whole_row"
            f'{_STANDING} order by q.delivery_id desc, q.row_number, q.field collate "C" limit %(limit)s'.encode(),
            {**which.asked, "limit": limit},
        ).fetchall()
    assert found is not None
    return lines, int(found["n"])


def entry(database: Database, delivery_id: int, row_number: int) -> Entry:
    """What is quarantined of one record, also of a delivery that counts no more. Raises UsageError when nothing is."""
    with _asking(database) as connection, connection.cursor(row_factory=class_row(Entry)) as cursor:
        found = cursor.execute(
            "select d.delivery_id, d.source, d.stream, d.file_name, d.file_sha256, q.row_number,"
            " jsonb_agg(jsonb_build_object('field', q.field, 'value', q.value, 'reason', q.reason,"
            " 'whole_row', q.whole_row) order by q.field collate \"C\", q.reason) as faults"
            " from raw.quarantine as q inner join audit.delivery as d on d.delivery_id = q.delivery_id"
            " where q.delivery_id = %s and q.row_number = %s"
            " group by d.delivery_id, d.source, d.stream, d.file_name, d.file_sha256, q.row_number",
            (delivery_id, row_number),
        ).fetchone()
    if found is None:
        raise UsageError(
            f"nothing of row {row_number} of delivery {delivery_id} is in quarantine",
            hint="`motcua quarantine list --each` shows every one.",
        )
    return found


@contextmanager
def _asking(database: Database) -> Iterator[psycopg.Connection]:
    try:
        with database.connect("motcua_loader") as connection:
            yield connection
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidParameterValue) as error:
        raise UsageError("nothing was ever delivered here", hint="Run the pipeline first: motcua run") from error
