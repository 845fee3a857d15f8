"""Places where a test may end or halt the program: at each boundary between steps, and inside each transaction.

Belongs here: their names and what MOTCUA_FAULT does at one. Does not: what has to hold afterwards (tests/guarantees). In
a normal run the variable is not set, and a point costs a call that returns at once. A point can only end or halt the
process that passes it: there is no way to skip or change what the program does.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

from contracts.failures import UsageError

#: `kill@landing.rows_copied` ends the program there as a power cut would, `stop@…` halts it until it is sent SIGCONT;
#: `…:3` does so when the point is passed for the third time.
VARIABLE = "MOTCUA_FAULT"

#: In the order of a run; "in" means with a transaction open, nothing of which is committed yet.
POINTS = {
    "prepare.schema_changed": "in the transaction that brings the schema up to date",
    "run.opened": "in the transaction that opens a run and closes those a crash left open",
    "run.begun": "between the run's row and the deployment's rows",
    "prepare.reference_stored": "in the transaction that writes the deployment",
    "prepare.labels_stored": "in the transaction that writes the labels",
    "files.copied": "a delivered file is copied under a name of its own",
    "files.kept": "a delivered file is kept, and the ledger does not know it",
    "landing.attempt_opened": "in the transaction that opens an attempt",
    "landing.rows_copied": "in the landing, rows copied, no delivery on record",
    "landing.position_moved": "in the landing, the position of the reading moved",
    "landing.closed": "in the landing, all of it written",
    "landing.failure_noted": "in the transaction that notes a failed or refused attempt",
    "landing.refusal_arrived": "in the transaction that notes whose file was refused",
    "pseudonyms.key_noted": "in the transaction that notes the fingerprint of the pseudonym key",
    "deliver.contact_noted": "in the transaction that notes that a source answered",
    "deliver.stream_ended": "between one stream and the next",
    "transform.inputs_noted": "in the transaction that notes what a run's candidates follow from",
    "transform.program_noted": "in the transaction that notes which program builds the models",
    "transform.marts_synced": "in the transaction that extends the published tables",
    "transform.build_opened": "in the transaction that opens a build",
    "transform.candidates_opened": "in the transaction that gives candidates back to those who make them",
    "transform.statement": "before a statement of a model, which has a transaction of its own",
    "transform.model_ended": "between one model and the next",
    "transform.models_built": "between the last model and the end of the build",
    "transform.tables_watched": "in the transaction that has the tables a build made tell of their writes",
    "transform.build_closed": "in the transaction that closes a build",
    "transform.lineage_kept": "in the transaction that keeps where the columns of changed models come from",
    "transform.candidate_prepared": "in the transaction that notes what one candidate holds",
    "transform.sealed": "in the transaction that seals the candidates",
    "check.begun": "between the seal and the gate",
    "check.words_recorded": "in the transaction that records what the checks said",
    "check.keys_stored": "in the transaction that stores the rows which failed a check",
    "check.ended": "between the gate and publishing",
    "publish.published": "in the publishing transaction, all of it done",
    "publish.committed": "between the publication and the end of the run",
    "run.closed": "in the transaction that closes a run",
    "rollback.published": "in the transaction that rolls back, all of it done",
    "override.noted": "in the transaction that puts an override on record",
    "evidence.manifest_kept": "in the transaction that keeps a release's manifest",
    "period.closed": "in the transaction that closes a period",
    "retention.pinned": "in the transaction that pins a release",
    "retention.unpinned": "in the transaction that takes a pin back",
    "retention.cleaned": "in the transaction that removes what no kept release holds",
    "delivery.retracted": "in the transaction that withdraws a delivery",
    "delivery.restored": "in the transaction that takes a withdrawal back",
    "replay.set_aside": "in the replay, the delivery before counts no more",
    "replay.handed_over": "in the replay, all of it written",
    "replay.left_as_it_was": "in the transaction that ends a replay which changed nothing",
    "backup.dumped": "the dump is written, the files are not",
    "backup.files_copied": "dump and files are written, their sums are not",
    "backup.summed": "all is written, and not under its name yet",
    "restore.files_brought": "the files are there, the database is empty",
    "restore.rooms_made": "in the transaction that makes roles and schemas",
    "restore.tables_restored": "the tables are there, unproved",
    "restore.builds_begun_anew": "in the transaction after which no build goes on from the dump's",
    "restore.not_named_yet": "all is restored and proved, the database has not got its name",
    "access.login_given": "in the transaction that lets a login see a unit",
    "access.login_taken": "in the transaction that takes a login away",
    "access.password_written": "a reader's password is written beside the file of passwords",
    "access.password_set": "in the transaction that gives a reader's login its password",
}

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


@dataclass(slots=True)
class _Fault:
    signal: signal.Signals
    point: str
    passages_left: int


def arm(text: str) -> None:
    """Has the program killed or halted where the text says; an empty one disarms. Raises UsageError for a name unknown."""
    global _armed
    _armed = _parsed(text) if text else None


def _parsed(text: str) -> _Fault:
    action, _, place = text.partition("@")
    point, _, passage = place.partition(":")
    if action not in _SIGNALS or point not in POINTS or not (passage or "1").isdecimal():
        raise UsageError(
            f"{VARIABLE} names no place of a fault: {text!r}",
            hint="kill@POINT, stop@POINT or kill@POINT:3; the points stand in warehouse/fault_points.py. Normally: unset it.",
        )
    return _Fault(_SIGNALS[action], point, int(passage or 1))


_armed: _Fault | None = None
arm(os.environ.get(VARIABLE, ""))


def reached(point: str) -> None:
    """The program passes a point."""
    if _armed is None or _armed.point != point:
        return
    _armed.passages_left -= 1
    if _armed.passages_left == 0:
        os.kill(os.getpid(), _armed.signal)
