"""Parts of a run on a database that holds a published release: landing alone, or gate and publication alone.

Belongs here: calling the pipeline's own steps in their order, so that a test need not build the models when it changes
only what goes in or what comes out, and such a change. Does not: asserting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from contracts.checks import CheckResult
from contracts.order import Order
from expectations.suite import load_suite
from orchestration import delivering, steps
from orchestration.session import NoProgress, Session, open_session
from tests.conftest import Deployed, with_overrides
from warehouse import contacts, releases
from warehouse.releases import Published

#: Why the tests roll back, and who does.
ORDER = Order("tried by a test", "the test")


@contextmanager
def session_on(deployed: Deployed, *overrides: str) -> Iterator[Session]:
    """A run's session on the deployment, as every run opens one."""
    with open_session(with_overrides(deployed.settings, overrides), NoProgress(), None) as session:
        yield session


def deliver(deployed: Deployed, *overrides: str, source: str = "boston311") -> UUID:
    """Lands what a source delivers, and nothing more; gives the run. Raises what landing raises."""
    with session_on(deployed, *overrides) as session:
        for stream in session.settings.contracts[source].streams:
            delivering.deliver_stream(session, source, stream)
        for failure in session.silent.values():
            raise failure
        return session.run_id


def all_answered(session: Session) -> None:
    """Notes that every source answered in this run, although nothing was asked."""
    for source in session.settings.deployment.sources:
        contacts.note_contact(session.database, session.run_id, source, "all", None)


def check_and_publish(deployed: Deployed, prepare: Callable[[], None]) -> tuple[UUID, list[CheckResult], Published]:
    """Seals the candidates as `prepare` leaves them, runs the gate and publishes. Raises GateRefused when refused."""
    with session_on(deployed) as session:
        all_answered(session)
        prepare()
        releases.seal_candidates(session.database, session.run_id)
        results = steps.check(session)
        return session.run_id, results, steps.publish(session)


def open_run(deployed: Deployed) -> UUID:
    """A run on record that has done nothing yet."""
    with session_on(deployed) as session:
        return session.run_id


def all_green() -> list[CheckResult]:
    """What a gate without complaint would say, for tests of what comes after it."""
    return [CheckResult(check.name, True, "holds") for check in load_suite()]


def publish_unchecked(deployed: Deployed, prepare: Callable[[], None]) -> Published:
    """Publishes the candidates as `prepare` leaves them, every check said to be green without having run."""
    with session_on(deployed) as session:
        prepare()
        releases.seal_candidates(session.database, session.run_id)
        releases.record_checks(session.database, session.run_id, all_green())
        return steps.publish(session)


def change_of(deployed: Deployed, number: int) -> Callable[[], None]:
    """Candidates of a release of their own: rows changed, one gone, one come."""

    def change() -> None:
        deployed.do(
            "update candidate.fct_dossier set row_number = row_number + %s where unit_key = 'boston/ANML'", number
        )
        deployed.do("delete from candidate.dim_date where date_day = (select max(date_day) from candidate.dim_date)")
        deployed.do(
            "insert into candidate.dim_channel (channel_key, jurisdiction, channel_code) values (%s, 'boston', %s)",
            f"boston/new {number}", f"new {number}",
        )  # fmt: skip

    return change
