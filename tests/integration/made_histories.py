"""Histories of lists made by hand, and the dimensions the models derive from them, in a transaction that is taken back.

Belongs here: putting deliveries of lists into the raw tables, and running the compiled models over them. Does not: assertions.
Landing and dbt itself have tests of their own; so does the whole way (test_province.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.conftest import Deployed

#: In the order in which they need each other.
UNITS = ("int_delivery__ranked", "int_list__state", "int_unit__listed", "int_unit__version", "dim_unit")
RESTATED = ("map_unit_restated", "rpt_unit_restated")
PROCEDURES = (
    "int_delivery__ranked", "int_list__state", "int_procedure__stated", "int_procedure__run", "int_procedure__version",
    "dim_procedure", "bridge_procedure_level",
)  # fmt: skip
_COLUMNS = {
    "unit": ("id", "madinhdanh", "ten", "cap", "parentid", "mahanhchinh"),
    "procedure": ("matthc", "tentthc", "tenlinhvuc", "thoigianthuchien", "loaithoigianthuchien", "coquytrinhnoibo"),
    "procedure_unit": ("matthc", "donviid", "mucdo"),
}


@dataclass(frozen=True, slots=True)
class ListDelivery:
    """A whole list of the provincial system as it was read at an instant."""

    stream: str
    version: str
    rows: Sequence[tuple[Any, ...]] = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(repr((self.version, self.rows)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Derived:
    """The models over what was put in; `j` is the jurisdiction."""

    connection: psycopg.Connection
    compiled: Path

    def land(self, deliveries: Sequence[ListDelivery]) -> None:
        """In the order given: what was landed first has the smallest number."""
        for delivery in deliveries:
            row = self.connection.execute(
                "insert into audit.delivery (source, stream, kind, file_sha256, file_name, bytes, version, version_rule,"
                " rows_read, rows_landed, rows_quarantined) values ('provincial', %s, 'full', %s, 'made', 1, %s, 'reading',"
                " %s, %s, 0) returning delivery_id",
                (delivery.stream, delivery.sha256, delivery.version, len(delivery.rows), len(delivery.rows)),
            ).fetchone()
            assert row is not None
            names = _COLUMNS[delivery.stream]
            with self.connection.cursor() as cursor:
                cursor.executemany(
                    f"insert into raw.provincial__{delivery.stream} (_delivery_id, _row_number, _row_sha256,"
                    f" {', '.join(names)}) values (%s, %s, %s, {', '.join(['%s'] * len(names))})".encode(),
                    [
                        (row[0], number, hashlib.sha256(repr(values).encode()).digest(), *values)
                        for number, values in enumerate(delivery.rows, 2)
                    ],
                )

    def build(self, *models: str) -> None:
        for model in models:
            schema = "intermediate" if model.startswith("int_") else "candidate"
            [file] = self.compiled.glob(f"models/*/{model}.sql")
            # A compiled model names the database it was compiled for.
            query = re.sub(
                r'"[^"]+"\.("(?:staging|intermediate|candidate|raw|audit|reference)"\.)', r"\1", file.read_text()
            )
            self.connection.execute(f"delete from {schema}.{model}".encode())
            self.connection.execute(f"insert into {schema}.{model} select * from ({query}) as built".encode())

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), values).fetchall()


@contextmanager
def made_history(boston: Deployed) -> Iterator[Derived]:
    """A jurisdiction `j` with a provincial system of which nothing has been read; taken back at the end of the block."""
    with boston.database.connect() as connection:
        connection.execute(
            "insert into reference.jurisdiction (jurisdiction, name, name_vi, zone, as_of, default_policy)"
            " values ('j', 'J', 'J', 'Asia/Ho_Chi_Minh', '2026-01-01', 'day')"
        )
        connection.execute(
            "insert into reference.source (source, jurisdiction, owner, credit) values ('provincial', 'j', 'nobody', '')"
        )
        yield Derived(connection, boston.settings.dbt_target() / "compiled" / "motcua")
        connection.rollback()


def reference_lists(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The published lists as they are, by file name."""
    import csv

    found = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            found[file.stem] = list(csv.DictReader(opened))
    return found
