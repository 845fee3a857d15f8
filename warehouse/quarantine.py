"""Reading the quarantine: rows that were delivered and did not land, and fields that landed null.

Belongs here: that query, as the loader, who alone may see raw values. Does not: deciding what is quarantined.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from contracts.failures import UsageError
from warehouse.database import Database


def quarantined(database: Database, source: str | None, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The faults of standing deliveries, newest delivery first, and how many there are. Raises UsageError before a run.

    `whole_row` is true for a row that did not land, false for one that landed with the field null.
    """
    where = "from raw.quarantine as q inner join audit.delivery as d on d.delivery_id = q.delivery_id" + (
        " where d.retracted_at is null and (%(source)s::text is null or q.source = %(source)s)"
    )
    asked = {"source": source, "limit": limit}
    try:
        with database.connect("motcua_loader") as connection, connection.cursor(row_factory=dict_row) as cursor:
            counted = cursor.execute(f"select count(*) as n {where}", asked).fetchone()
            lines = cursor.execute(
                f"select q.source, q.stream, q.file_name, q.row_number, q.field, q.value, q.reason, q.whole_row {where}"
                ' order by q.delivery_id desc, q.row_number, q.field collate "C" limit %(limit)s',
                asked,
            ).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidParameterValue) as error:
        raise UsageError("nothing was ever delivered here", hint="Run the pipeline first: motcua run") from error
    assert counted is not None
    return lines, int(counted["n"])
