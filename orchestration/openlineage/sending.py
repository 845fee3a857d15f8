"""Where events go: a file of the home for each run, and an HTTP endpoint where one is named.

Belongs here: writing, sending, and that neither an endpoint that is down nor a slow one holds up a run. Does not: events.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

#: While its run is under way, or was cut off, a file of events bears this behind its name.
OPEN = ".open"
#: So long a run waits at its end for what is still to be sent, beside the time that one answer may take.
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenLineage backend: its base address, the path of its API, how long an answer may take; the token is a secret."""

    url: str
    path: str
    token: str | None
    timeout_seconds: float


class EventFile:
    """The events of one run as JSON lines; named `<run>.jsonl` once the run has ended."""

    def __init__(self, folder: Path, run_id: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._ended = folder / f"{run_id}.jsonl"
        self._open = folder / f"{run_id}.jsonl{OPEN}"

    def write(self, event: RunEvent) -> None:
        """Adds one event. Raises OSError when it cannot be written."""
        with self._open.open("a", encoding="utf-8") as file:
            file.write(as_json(event) + "\n")

    def end(self) -> None:
        """Nothing follows."""
        if self._open.exists():
            self._open.replace(self._ended)


def as_json(event: RunEvent) -> str:
    """One line, keys in order."""
    from openlineage.client.serde import Serde

    return Serde.to_json(event)


class Sender:
    """Sends events in order, beside the run. The first that fails is the last that is tried: the file has them all."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._waiting: queue.SimpleQueue[RunEvent | None] = queue.SimpleQueue()
        self._kept_back = 0
        self._problem: str | None = None
        # A daemon: whatever it waits for, the program ends.
        self._worker = threading.Thread(target=self._work, name="openlineage", daemon=True)
        self._worker.start()

    def send(self, event: RunEvent) -> None:
        """Takes one event and returns at once."""
        self._waiting.put(event)

    def end(self) -> str | None:
        """Waits for what is under way, not long; why events were kept back, when any was."""
        self._waiting.put(None)
        self._worker.join(PATIENCE_SECONDS + min(self._endpoint.timeout_seconds, PATIENCE_SECONDS))
        if self._worker.is_alive():
            return "it is too slow: not every event was sent when the run ended"
        if self._problem is not None:
            return f"{self._problem}; {self._kept_back} events were not sent"
        return None

    def _work(self) -> None:
        transport = _transport(self._endpoint)
        while (event := self._waiting.get()) is not None:
            if self._problem is not None:
                self._kept_back += 1
                continue
            try:
                transport.emit(event)
            except Exception as failure:  # noqa: BLE001  (whatever a foreign server or the client does: told by its kind at the end)
                self._problem = _in_words(failure)
                self._kept_back += 1


def _transport(endpoint: Endpoint) -> Any:
    from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

    return HttpTransport(
        HttpConfig(
            url=endpoint.url,
            endpoint=endpoint.path,
            timeout=endpoint.timeout_seconds,
            auth=TokenProvider({}) if endpoint.token is None else ApiKeyTokenProvider({"apiKey": endpoint.token}),
            retry={"total": 0},
        )
    )


def _in_words(failure: Exception) -> str:
    """Its status where it answered, else what kind of failure it was: the text may hold the address and what was sent."""
    status = getattr(getattr(failure, "response", None), "status_code", None)
    return (
        f"it answered with status {status}"
        if status is not None
        else f"it could not be reached ({type(failure).__name__})"
    )


def cut_off(folder: Path, ours: str) -> list[Path]:
    """Files of runs that began here and never ended, but for ours. The caller holds the database: none is at work."""
    return sorted(file for file in folder.glob(f"*.jsonl{OPEN}") if file.name != f"{ours}.jsonl{OPEN}")
