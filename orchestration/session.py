"""One run from its first row in the ledger to its last: the database it holds, its id, its progress, its outcome.

Belongs here: the life of a run, whoever started it (the command line or Dagster's web page). Does not: its steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from contracts.failures import MotcuaError, SourceUnavailable
from contracts.source import StreamContract
from expectations.suite import required_checks
from orchestration.settings import Settings
from reporting.labels import labels
from warehouse import ledger
from warehouse.database import Database, open_database
from warehouse.fault_points import reached
from warehouse.landing import Landed
from warehouse.migrate import migrate
from warehouse.reference import store_labels, store_reference
from warehouse.releases import Published
from warehouse.scratch import clear_remains

if TYPE_CHECKING:
    from extractors.pseudonyms import Pseudonyms
    from extractors.tables import TableReader
    from orchestration.openlineage.telling import Telling


class Progress(Protocol):
    """Who watches a run."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def step(self, name: str, *, detail: str = "", rows: int | None = None, seconds: float | None = None) -> None:
        """One thing of the stage is done."""


class NoProgress:
    """Nobody watches."""

    def stage(self, name: str) -> None:
        """Says nothing."""

    def step(self, name: str, *, detail: str = "", rows: int | None = None, seconds: float | None = None) -> None:
        """Says nothing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the sources' own time that a backfill reads again (half-open); empty, a run reads what is new."""

    changed_from: datetime | None = None
    changed_to: datetime | None = None


NO_STRETCH = Stretch()


@dataclass(slots=True)
class Session:
    """A run at work. Steps note here what they did; the first failure decides the exit code."""

    settings: Settings
    database: Database
    run_id: UUID
    progress: Progress
    landed: list[tuple[str, str, Landed]] = field(default_factory=list)
    published: Published | None = None
    failure: BaseException | None = None
    warnings: list[str] = field(default_factory=list)
    stretch: Stretch = NO_STRETCH
    #: Sources that did not answer in this run, with the first reason each gave.
    silent: dict[str, SourceUnavailable] = field(default_factory=dict)
    #: Nodes of the manifest (models and seeds, by unique id) that this run left as the last build made them.
    left_alone: frozenset[str] = frozenset()
    #: That no other run is at work on the database: asked for before each step, and last before publishing.
    hold: ledger.Hold | None = None
    #: What this run tells of itself in OpenLineage's words; None: nobody asked for it.
    telling: Telling | None = None
    #: Rows of each table of the transformation (schema.name), as the build that ended in this run left them.
    rows: Mapping[str, int] = field(default_factory=dict)
    _pseudonyms: Pseudonyms | None = None
    _tables: dict[str, TableReader] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def assert_alone(self) -> None:
        """Raises DatabaseUnavailable when the database is held for this run no longer."""
        if self.hold is not None:
            self.hold.assert_held()

    def tables(self, source: str) -> TableReader:
        """The reader of a source's database: one snapshot for all its streams, held until the sources have been read.

        Raises SourceUnavailable, and UsageError when the secret that holds the address cannot be had.
        """
        if source not in self._tables:
            from extractors.tables import open_tables
            from orchestration.secrets import read_secret

            secret = self.settings.deployment.sources[source].database
            assert secret is not None  # settings refuse a deployment without it
            url = read_secret(f"sources.{source}.database", secret, self.settings.config.parent)
            self._tables[source] = self._open.enter_context(open_tables(url))
        return self._tables[source]

    def pseudonyms(self, stream: StreamContract) -> Pseudonyms | None:
        """What personal fields of the stream land as; None when it has none. Raises UsageError when there is no key."""
        if stream.personal_fields and self._pseudonyms is None:
            from orchestration.secrets import pseudonyms_for

            self._pseudonyms = pseudonyms_for(self.settings.home, self.database)
        return self._pseudonyms if stream.personal_fields else None

    def leave_sources(self) -> None:
        """Lets go of the databases that were read."""
        self._tables.clear()
        self._open.close()

    def note_silence(self, source: str, failure: SourceUnavailable) -> None:
        """A source did not answer. The run goes on: the gate decides whether what was read before is fresh enough."""
        if source not in self.silent:
            self.silent[source] = failure
            self.warn(f"{source} did not answer: {failure.message}")

    def warn(self, text: str) -> None:
        """Something the user should know although the run goes on."""
        self.warnings.append(text)
        self.progress.step("note", detail=text)

    def note_failure(self, failure: BaseException) -> None:
        """Keeps the first failure; those after it are usually its consequence."""
        if self.failure is None:
            self.failure = failure


@contextmanager
def open_session(
    settings: Settings, progress: Progress, dagster_run_id: str | None, stretch: Stretch = NO_STRETCH
) -> Iterator[Session]:
    """Opens the database, brings it up to date, holds it for this run and writes the run's rows in the ledger."""
    progress.stage("prepare")
    with open_database(settings.home, settings.deployment.database) as database:
        migrate(database, settings.all_contracts, required_checks())
        with ledger.only_run(database) as hold:
            configuration = settings.deployment.model_dump(mode="json")
            run_id = ledger.open_run(database, settings.deployment.name, configuration, dagster_run_id)
            session = Session(settings, database, run_id, progress, stretch=stretch, hold=hold)
            reached("run.begun")
            clear_remains(settings.home)
            try:
                _begin_telling(session)
                store_reference(database, settings.deployment, settings.contracts)
                store_labels(database, labels())
                yield session
            except BaseException as failure:
                session.note_failure(failure)
                raise
            finally:
                session.leave_sources()
                outcome = _outcome(session)
                stands = session.published.release_id if session.published and outcome in _WELL else None
                ledger.close_run(database, run_id, outcome, _problem(session), stands)
                _end_telling(session, outcome)


def _begin_telling(session: Session) -> None:
    from orchestration.openlineage.telling import begin
    from orchestration.program import commit_of

    session.telling = begin(session.settings, session.run_id, commit_of(session.settings.project))


def _end_telling(session: Session, outcome: ledger.RunOutcome) -> None:
    telling = session.telling
    if telling is not None:
        telling.end("COMPLETE" if outcome in _WELL else "FAIL", _problem(session))
        for problem in telling.problems:
            session.warn(problem)


_WELL = {"published", "unchanged"}


def _outcome(session: Session) -> ledger.RunOutcome:
    if session.published is not None and session.published.verdict == "fail":
        return "refused"
    if session.failure is not None or session.published is None:
        return "failed"
    return "published" if session.published.changed else "unchanged"


def _problem(session: Session) -> str | None:
    if session.published is not None and session.published.verdict == "fail":
        return "; ".join(session.published.reasons)
    if isinstance(session.failure, MotcuaError):
        return session.failure.message
    # Anything else may quote data in its text; its kind is enough here, the log has the rest.
    return type(session.failure).__name__ if session.failure is not None else None
