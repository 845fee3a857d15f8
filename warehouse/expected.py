"""What contracts expect of sources, as rows of reference.*, where the models read it.

Belongs here: writing those rows. Does not: the rest of the deployment (warehouse/reference), or what came (landing).
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from contracts.deployment import Deployment
from contracts.source import SourceContract


def store_expected(cursor: psycopg.Cursor, deployment: Deployment, sources: Mapping[str, SourceContract]) -> None:
    """Writes each source's streams and what is expected of them. The sources' own rows are there, and nothing below them."""
    for name, source in deployment.sources.items():
        contract = sources[name]
        cursor.executemany(
            "insert into reference.stream (source, stream, asked) values (%s, %s, %s)",
            [(name, stream.name, stream.asked) for stream in contract.streams],
        )
        for place, entry in enumerate(contract.expected, 1):
            cursor.execute(
                "insert into reference.expected (source, place, every, per, about, due_minutes, days_after, expected_from)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    name, place, entry.every, entry.per, entry.about, entry.by.hour * 60 + entry.by.minute,
                    entry.days_after, source.expected_from,
                ),
            )  # fmt: skip
            cursor.executemany(
                "insert into reference.expected_stream (source, place, stream) values (%s, %s, %s)",
                [(name, place, stream) for stream in entry.streams or [stream.name for stream in contract.streams]],
            )
            cursor.executemany(
                "insert into reference.expected_level (source, place, level) values (%s, %s, %s)",
                [(name, place, level) for level in entry.levels],
            )
