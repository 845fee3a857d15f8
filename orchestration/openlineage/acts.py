"""What acts beside the runs tell: files read again, what was held back let out, an old release published again.

Belongs here: these acts as runs of their own, whose events name what they wrote. Does not: the acts, or the pipeline's own runs
(telling.py, models.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from contracts.lineage import Edge, Source
from orchestration.openlineage.events import Column, Speaker, Step, Table
from orchestration.openlineage.telling import Telling, begin, landed_in, sent_by, step_named, told_around, words_of
from orchestration.program import commit_of
from warehouse.column_lineage import published_columns

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.source import SourceContract, StreamContract
    from orchestration.settings import Settings
    from warehouse.database import Database

#: An act as a job: what it is called in events.
ActJob = Literal["replay", "override", "rollback"]
PUBLISHED = "marts"
#: Of each published table: its rows that this act added, superseded and so on, by kind.
Changes = Mapping[str, Mapping[str, int]]


@contextmanager
def told_act(settings: Settings, run_id: UUID, job: ActJob) -> Iterator[Telling]:
    """Around an act that has its row in the ledger and holds the database. What comes of telling is said on standard error.

    Raises UsageError for a missing token, before the act begins; nothing else that fails in telling fails the act.
    """
    telling = begin(settings, run_id, commit_of(settings.project), job)
    problem: str | None = None
    try:
        yield telling
    except BaseException as failure:
        problem = words_of(failure)
        raise
    finally:
        telling.end("COMPLETE" if problem is None else "FAIL", problem)
        for told in telling.problems:
            print(f"motcua: {told}", file=sys.stderr)


@contextmanager
def of_replay(telling: Telling, source: SourceContract, stream: StreamContract, delivery: int) -> Iterator[list[int]]:
    """Around reading one delivery's bytes again; how many rows it landed goes into the list, nothing where it stayed."""
    named = step_named(f"replay.{source.name}.{stream.name}")
    step = Step(named.name, named.kind, named.code, which=f" {delivery}")
    landed: list[int] = []
    with told_around(telling, step, [sent_by(source, stream)]) as said:
        yield landed
        said["writes"] = [landed_in(telling.speaker, source.name, stream, rows) for rows in landed]


@contextmanager
def of_publishing(
    telling: Telling, database: Database, room: Literal["candidate", "history"]
) -> Iterator[list[Changes]]:
    """Around the transaction that publishes from a schema; its changes go into the list, none where it did not publish."""
    tables = published_columns(database)
    reads = [Table(telling.speaker.table(room, name)) for name in sorted(tables)]
    changes: list[Changes] = []
    with told_around(telling, step_named("publish"), reads) as said:
        yield changes
        if not changes:
            said["problem"] = "it was not published"
            return
        said["writes"] = [
            _published(telling.speaker, name, columns, room, changes[0].get(name, {}).get("added", 0))
            for name, columns in sorted(tables.items())
        ]


def _published(speaker: Speaker, name: str, columns: list[tuple[str, str, str]], room: str, rows: int) -> Table:
    told = [Column(*column) for column in columns]
    edges = [Edge(PUBLISHED, name, one.name, Source(room, name, one.name), "unchanged") for one in told]
    return Table(speaker.table(PUBLISHED, name), told, edges, rows)
