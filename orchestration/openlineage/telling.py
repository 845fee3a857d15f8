"""What a run tells as it goes: which of its steps began and ended, as OpenLineage events.

Belongs here: from a session and the results of its steps to events. Does not: their form (events.py) or ways (sending.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from contracts.deployment import OpenLineage, assert_plain_address
from contracts.failures import MotcuaError, UsageError
from contracts.lineage import Edge, Source
from contracts.source import SourceContract, StreamContract
from orchestration.openlineage.events import RUN_JOB, SENT, Column, Speaker, State, Step, Table
from orchestration.openlineage.sending import Endpoint, EventFile, Sender, cut_off
from warehouse.migrate import COLUMN_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from openlineage.client.event_v2 import RunEvent

    from orchestration.delivering import StreamResult
    from orchestration.session import Session
    from orchestration.settings import Settings

URL_VARIABLE = "MOTCUA_OPENLINEAGE_URL"
TOKEN_VARIABLE = "MOTCUA_OPENLINEAGE_TOKEN"


@dataclass(slots=True)
class Telling:
    """The events of one run. `problems` are what came of telling; nothing that fails here fails the run."""

    speaker: Speaker
    file: EventFile
    sender: Sender | None
    problems: list[str] = field(default_factory=list)

    def tell(self, event: RunEvent) -> None:
        """One event, to the file and on its way."""
        try:
            self.file.write(event)
        except OSError as failure:
            self._note(f"events of this run cannot be kept: {failure.strerror}")
        if self.sender is not None:
            self.sender.send(event)

    def end(self, state: State, problem: str | None) -> None:
        """The run's last event; after it nothing is told."""
        self.tell(self.speaker.of_run(state, now(), problem))
        try:
            self.file.end()
        except OSError as failure:
            self._note(f"events of this run cannot be kept: {failure.strerror}")
        kept_back = self.sender.end() if self.sender is not None else None
        if kept_back is not None:
            self._note(f"the OpenLineage endpoint did not take this run's events: {kept_back}; the file has them all")

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def now() -> datetime:
    """The instant, as events tell it."""
    return datetime.now(UTC)


def folder_of(settings: Settings) -> Path:
    """Where the events of a deployment's runs are kept: one file a run."""
    return settings.home.logs / "openlineage" / settings.deployment.database


def begin(settings: Settings, run_id: UUID, commit: str | None, job: str = RUN_JOB) -> Telling:
    """The run's first event, after an ABORT for each run before it that was cut off. Raises UsageError for a missing token."""
    given = settings.deployment.openlineage
    namespace = given.namespace if given and given.namespace else f"motcua://{settings.deployment.name}"
    speaker = Speaker(namespace, settings.deployment.database, run_id, commit, job)
    endpoint = _endpoint(settings)
    folder = folder_of(settings)
    telling = Telling(speaker, EventFile(folder, str(run_id)), Sender(endpoint) if endpoint else None)
    for left in cut_off(folder, str(run_id)):
        _abort(telling, left)
    telling.tell(speaker.of_run("START", now()))
    return telling


def _abort(telling: Telling, left: Path) -> None:
    """What began in a run that was cut off, and did not end, ends with ABORT: in that run's file, and on its way."""
    run = left.name.split(".")[0]
    began: dict[str, str] = {}
    for line in left.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue  # The program ended in the midst of a line.
        if event["eventType"] == "START":
            began[event["run"]["runId"]] = event["job"]["name"]
        else:
            began.pop(event["run"]["runId"], None)
    if not left.read_bytes().endswith(b"\n"):
        with left.open("a", encoding="utf-8") as file_cut:
            file_cut.write("\n")
    speaker = replace(telling.speaker, run_id=UUID(run), job=began.get(run, RUN_JOB))
    file = EventFile(left.parent, run)
    # Of the steps first: the run's own is the last of its file.
    for of, name in sorted(began.items(), key=lambda one: (one[0] == run, one[1])):
        problem = "the program ended before the run did"
        event = (
            speaker.of_run("ABORT", now(), problem)
            if of == run
            else speaker.of_step(step_named(name), "ABORT", now(), problem=problem)
        )
        event.run.runId = of
        file.write(event)
        if telling.sender is not None:
            telling.sender.send(event)
    file.end()


_KINDS = {"deliver": "STREAM", "replay": "STREAM", "dbt": "MODEL", "gate": "CHECKS", "publish": "RELEASE"}
_CODE = {
    "deliver": "orchestration/delivering.py", "replay": "orchestration/replaying.py", "gate": "expectations/suite.yml",
    "publish": "warehouse/schema/060_publish.sql",
}  # fmt: skip


def step_named(name: str, code: str | None = None, kind: str | None = None) -> Step:
    first = name.split(".")[0]
    return Step(name, kind or _KINDS[first], code or _CODE.get(first))


def _endpoint(settings: Settings) -> Endpoint | None:
    from orchestration.secrets import read_secret

    given = settings.deployment.openlineage
    url = os.environ.get(URL_VARIABLE) or (given.url if given else None)
    if not url:
        return None
    token = os.environ.get(TOKEN_VARIABLE) or None
    if token is None and given is not None and given.token is not None:
        token = read_secret("openlineage.token", given.token, settings.config.parent)
    try:
        assert_plain_address(url)
    except ValueError as error:
        raise UsageError(f"{URL_VARIABLE}: {error}") from None
    usual = given or OpenLineage()
    return Endpoint(url, usual.path, token, usual.timeout_seconds)


def words_of(failure: BaseException) -> str:
    """What failed, as the ledger tells it: anything but our own words may quote data, so its kind stands for it."""
    return failure.message if isinstance(failure, MotcuaError) else type(failure).__name__


@contextmanager
def told_around(telling: Telling | None, step: Step, reads: Sequence[Table]) -> Iterator[dict[str, Any]]:
    """START before and COMPLETE or FAIL after a step; what it wrote and why it is red stand in what is given."""
    said: dict[str, Any] = {"reads": reads, "writes": (), "problem": None}
    if telling is None:
        yield said
        return
    telling.tell(telling.speaker.of_step(step, "START", now(), reads=reads))
    try:
        yield said
    except BaseException as failure:
        said["problem"] = words_of(failure)
        raise
    finally:
        state: State = "COMPLETE" if said["problem"] is None else "FAIL"
        telling.tell(telling.speaker.of_step(step, state, now(), **said))


@contextmanager
def of_stream(session: Session, source: SourceContract, stream: StreamContract) -> Iterator[list[StreamResult]]:
    """Around a stream's delivery; its result goes into the list."""
    results: list[StreamResult] = []
    sent = sent_by(source, stream)
    with told_around(session.telling, step_named(f"deliver.{source.name}.{stream.name}"), [sent]) as said:
        yield results
        if session.telling is not None:
            said["writes"] = [landed_in(session.telling.speaker, source.name, stream, results[0].landed)]
        if not results[0].answered:
            said["problem"] = "the source did not answer"


def sent_by(source: SourceContract, stream: StreamContract) -> Table:
    """What a source sends, as its contract has it."""
    return Table(
        f"source.{source.name}.{stream.name}", [Column(one.name, one.type, one.meaning) for one in stream.fields]
    )


def landed_in(speaker: Speaker, source: str, stream: StreamContract, rows: int) -> Table:
    """The raw table of a stream, with so many rows written, and which field each column holds."""
    columns = [Column(one.column, COLUMN_TYPES[one.type], one.meaning) for one in stream.fields]
    edges = [
        # People are known by pseudonyms there.
        Edge(
            "raw",
            stream.name,
            one.column,
            Source(SENT, f"{source}.{stream.name}", one.name),
            "computed" if one.personal else "unchanged",
        )
        for one in stream.fields
    ]
    return Table(speaker.table("raw", f"{source}__{stream.name}"), columns, edges, rows)
