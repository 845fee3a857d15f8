"""Dropped files as they came: whose, bearing which day, since when; landed or refused.

Belongs here: noting them in audit.arrival. Does not: landing their rows (landing.py), or what was expected (expected.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg


@dataclass(frozen=True, slots=True)
class Dropped:
    """What the folder says of a file: the office it is of (empty: the source as a whole) and when it was written."""

    office: str
    came_at: datetime


def note_arrival(
    connection: psycopg.Connection,
    stream: tuple[str, str],
    dropped: Dropped,
    file: tuple[str, str],
    version: datetime | None,
    came_to: int | str,
) -> None:
    """Notes a file (name, SHA-256) of a stream (source, name); `came_to` is its delivery, or why it was refused.

    A file seen again has come when it was first there: the earliest time counts, so that the order of runs plays no part.
    """
    connection.execute(
        "insert into audit.arrival as held (source, stream, office, file_name, file_sha256, version, came_at, delivery_id,"
        " problem) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (source, stream, office, file_name, file_sha256) do update set"
        " came_at = least(held.came_at, excluded.came_at),"
        " delivery_id = coalesce(excluded.delivery_id, held.delivery_id),"
        " problem = case when coalesce(excluded.delivery_id, held.delivery_id) is null then excluded.problem end"
        " where excluded.came_at < held.came_at or (held.delivery_id is null and excluded.delivery_id is not null)",
        (
            *stream, dropped.office, *file, version, dropped.came_at,
            came_to if isinstance(came_to, int) else None, None if isinstance(came_to, int) else came_to,
        ),
    )  # fmt: skip
