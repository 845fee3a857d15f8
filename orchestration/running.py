"""Running the job in this process, without a daemon, and saying what came of it.

Belongs here: `motcua run` as a function. Does not: the job (orchestration/definitions) or its display.
"""

from __future__ import annotations

import atexit
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from contracts.failures import DiskFull, MotcuaError, SourceUnavailable
from orchestration.session import NO_STRETCH, Progress, Session, Stretch, open_session
from orchestration.settings import Settings
from warehouse.outages import is_out_of_room


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What came of a run. `failure` is None when it went well; a source that did not answer is one, even when what was
    read from it before was fresh enough for a release (`published`). `silent` has each such source's reason.
    """

    run_id: str
    seconds: float
    deliveries: list[dict[str, Any]]
    release_id: int | None
    published: bool
    changed: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    silent: dict[str, str]
    failure: MotcuaError | None


class Crashed(MotcuaError):
    """Something failed that has no name of its own; the log has the details."""

    exit_code = 3


def run_job(settings: Settings, progress: Progress, stretch: Stretch = NO_STRETCH) -> RunSummary:
    """Runs the whole pipeline once. Failures are in the summary, except those before the run could begin.

    With a `stretch`, sources that are asked are read over that time of theirs again, and their positions stay.
    """
    started = time.perf_counter()
    dagster_run_id = str(uuid4())
    with open_session(settings, progress, dagster_run_id, stretch) as session:
        _execute(settings, session, dagster_run_id)
    published = session.published
    return RunSummary(
        run_id=str(session.run_id),
        seconds=time.perf_counter() - started,
        deliveries=[
            {
                "stream": stream, "file": file, "new": landed.new, "read": landed.read, "landed": landed.landed,
                "quarantined": landed.quarantined, "version": landed.version.isoformat(),
            }
            for stream, file, landed in session.landed
        ],
        release_id=published.release_id if published else None,
        published=bool(published and published.verdict == "pass"),
        changed=bool(published and published.changed),
        reasons=published.reasons if published else (),
        warnings=tuple(session.warnings),
        silent={source: failure.message for source, failure in session.silent.items()},
        failure=_told(session),
    )  # fmt: skip


def _execute(settings: Settings, session: Session, dagster_run_id: str) -> None:
    from orchestration import dbt_project
    from orchestration.definitions import JOB, Overrides, build_defs
    from orchestration.instance import instance

    # The libraries leave 600,000 objects; without this the interpreter searches them for cycles as it ends: 1.9 s, not 0.1 s.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    prepared = dbt_project.prepare(settings)
    definitions = build_defs(settings, Overrides(session=session), prepared)
    with _room_for(settings.home.state), instance(settings) as history:
        result = definitions.resolve_job_def(JOB).execute_in_process(
            instance=history, run_id=dagster_run_id, raise_on_error=False, run_config=_QUIET
        )
    if not result.success and session.failure is None:
        session.note_failure(Crashed("a step of the run failed without saying why", hint="motcua ui shows the run."))


@contextmanager
def _room_for(folder: Path) -> Iterator[None]:
    """Dagster's history lies in the home too, and a full disk may show there first."""
    import sqlalchemy.exc

    try:
        yield
    except sqlalchemy.exc.OperationalError as error:
        # "database or disk is full", or "disk I/O error" where its shared memory cannot grow.
        if not is_out_of_room(folder):
            raise
        raise DiskFull(f"the disk with {folder} is full", hint="Make room, then run again.") from error


#: Dagster keeps every event in its history; the terminal shows our own progress instead.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def _told(session: Session) -> MotcuaError | None:
    """What the run failed of: a silent source before anything else, and what came of the run in spite of it."""
    failure = _named(session.failure)
    silent = next(iter(session.silent.values()), None)
    if silent is None or failure is None:
        return silent or failure
    return SourceUnavailable(f"{silent.message}; and the run did not end well: {failure.message}", hint=failure.hint)


def _named(failure: BaseException | None) -> MotcuaError | None:
    if failure is None or isinstance(failure, MotcuaError):
        return failure
    # The kind alone: a driver's message may quote a row, and rows may name people. The trace stays in the home.
    return Crashed(
        f"the run crashed: {type(failure).__name__}",
        hint="`motcua ui` shows the run with its trace; what readers see is unchanged.",
    )
