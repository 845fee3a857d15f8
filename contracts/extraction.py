"""Reading a source that is asked rather than one that drops files: what is wanted, and each batch as it was read.

Belongs here: these shapes, between orchestration, the readers of databases and services, and the landing. Does not:
transports, or files as delivered (contracts/records.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

#: Where a reading stands, in the reader's own words (JSON). Stored with the batch it belongs to, in one transaction.
Position = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reading of one stream is to bring.

    `position` is where the last landed batch left off; None reads from the beginning. With `changed_from` and
    `changed_to` (half-open, aware) only what the source changed in that time is read, whatever the position: a backfill.
    `known` gives the hashes of the rows landed with a version at or after an instant: what the overlap brings again is left
    out of the batch. `digest` makes the hash of a record as those were made. `folder` takes the batches' files.
    """

    folder: Path
    position: Position | None
    known: Callable[[datetime], frozenset[bytes]]
    digest: Callable[[bytes | memoryview], bytes]
    changed_from: datetime | None = None
    changed_to: datetime | None = None

    @property
    def backfill(self) -> bool:
        """Whether a stretch of the source's own time was asked for."""
        return self.changed_from is not None or self.changed_to is not None


@dataclass(frozen=True, slots=True)
class Extracted:
    """One batch as read: a file of the stream's kept form, to be kept, landed and then removed.

    `name` says what it is, for the ledger (no secrets, no personal data). `read_at` is the source's own clock. `position`
    is where to go on once this batch has landed; None leaves the stored position alone (a backfill).
    """

    file: Path
    name: str
    read_at: datetime
    position: Position | None
