"""Promise 5 at every named point: the program is killed there, run again, and ends where an undisturbed one does.

Belongs here: kill -9 at the points of warehouse/fault_points.py, and that each is tried and each transaction has one.
Does not: the inside of a procedure of the server (test_promise_05_inside_procedures.py), or what else can be cut off.
"""

from __future__ import annotations

import ast
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestration.secrets import SIGNING_KEY, keep_signing_key
from orchestration.settings import PROJECT
from reporting.evidence.keys import make_pair
from tests.conftest import CONFIG, Deployed, given_sources
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases
from tests.guarantees.struck import KEY, Place, deployment, differences, place, standing
from tests.guarantees.test_overrides import HELD, refused_run
from tests.guarantees.test_promise_11_replayed_files_balance import mended
from tests.guarantees.warm_program import WarmProgram
from warehouse.fault_points import POINTS

#: The points of a run, in its order, and at which passage: not always the first of a run.
RUN = (
    "prepare.schema_changed", "run.opened", "run.begun", "prepare.reference_stored", "prepare.labels_stored",
    "files.copied", "files.kept", "landing.attempt_opened", "landing.rows_copied", "landing.closed:2",
    "pseudonyms.key_noted", "landing.position_moved:2", "deliver.contact_noted:2", "deliver.stream_ended:3",
    "transform.inputs_noted", "transform.program_noted", "transform.marts_synced", "transform.build_opened",
    "transform.candidates_opened", "transform.statement:20",
    "transform.model_ended:5", "transform.models_built", "transform.tables_watched",
    "transform.build_closed", "transform.lineage_kept",
    "transform.candidate_prepared:9", "transform.sealed", "check.begun", "check.words_recorded", "check.ended",
    "publish.published", "publish.committed", "run.closed",
)  # fmt: skip
#: Left to the long search: between two points that are tried, one of the same transaction or of the same kind. Behind a
#: whole build each costs 6 s of processor time, before it 1 s.
BETWEEN = {
    "prepare.labels_stored", "files.kept", "landing.attempt_opened", "landing.closed:2", "pseudonyms.key_noted",
    "deliver.contact_noted:2", "transform.program_noted", "transform.marts_synced", "transform.build_opened",
    "transform.model_ended:5", "transform.models_built", "transform.build_closed", "transform.sealed", "check.begun",
    "check.ended", "publish.committed",
}  # fmt: skip
SHORT = tuple(point for point in RUN if point not in BETWEEN)
#: Killed there, a run has published.
COMMITTED = {"publish.committed", "run.closed"}
#: Killed before its row was committed, a run has none.
UNTOLD = {"prepare.schema_changed", "run.opened"}
#: Of every `make test`: while rows land, and in the publishing transaction.
FEW = ("landing.rows_copied", "publish.published")
#: Tried by commands other than a run, or by a run that is refused.
ACTS = {
    "override what held a run": ("override.noted", "run.opened", "publish.published", "run.closed"),
    "roll back": ("run.opened", "rollback.published", "run.closed"),
    "make evidence": ("evidence.manifest_kept",),
    "pin a release": ("retention.pinned",),
    "unpin it": ("retention.unpinned",),
    "close a period": ("period.closed",),
    "withdraw a delivery": ("delivery.retracted",),
    "take that back": ("delivery.restored",),
    "replay what reads the same": ("replay.left_as_it_was",),
    "replay by a mended contract": ("replay.set_aside", "landing.rows_copied", "replay.handed_over"),
    "be delivered what cannot be read": ("landing.failure_noted", "landing.refusal_arrived"),
    "clean": ("retention.cleaned",),
    "give a login a unit": ("access.login_given",),
    "take the login away": ("access.login_taken",),
}  # fmt: skip
ELSEWHERE = {
    "check.keys_stored", "backup.dumped", "backup.files_copied", "backup.summed", "restore.files_brought",
    "restore.rooms_made", "restore.tables_restored", "restore.builds_begun_anew", "restore.not_named_yet",
    "access.password_written", "access.password_set",
}  # fmt: skip


def killed(program: WarmProgram, arguments: Sequence[str], point: str) -> None:
    """The command, which has to come to the point and end there."""
    command = program.start(arguments, KEY, f"kill@{point}")
    ended = command.ended()
    print(f"{command.seconds:6.2f} s  killed at {point}")
    assert ended.returncode == -signal.SIGKILL, f"{point}: {ended.stdout}"


def ends(program: WarmProgram, arguments: Sequence[str], code: int = 0) -> subprocess.CompletedProcess[str]:
    """The command undisturbed, which has to end with that code."""
    command = program.start(arguments, KEY)
    ended = command.ended()
    print(f"{command.seconds:6.2f} s  {' '.join(arguments[:3])}")
    assert ended.returncode == code, ended.stdout
    return ended


@pytest.mark.parametrize(
    "points",
    [FEW, pytest.param(SHORT, marks=pytest.mark.walk), pytest.param(RUN, marks=pytest.mark.long)],
    ids=["few", "short", "whole"],
)
def test_a_run_killed_at_each_point_in_turn(
    program: WarmProgram, sampled: Path, tmp_path: Path, points: tuple[str, ...]
) -> None:
    """On one database: each run comes one point further than the one before and is the rerun of that one."""
    with deployment(tmp_path, sampled) as config, place(config) as struck, place(config) as calm:
        seen: dict[str, dict[str, Any]] = {}
        for point in points:
            killed(program, struck.run(), point)
            seen[point] = standing(struck.deployed)
        ends(program, struck.run())
        ends(program, calm.run())
        expected = standing(calm.deployed)
        assert differences(standing(struck.deployed), expected) == {}
        _assert_told_of_each(struck.deployed, points)
        for point, found in seen.items():
            done = point in COMMITTED
            published = expected["published"] if done else found.get("published", {})
            assert found.get("published", {}) == published, point
            assert found.get("pointer", []) == (expected["pointer"] if done else []), point
            _assert_balanced(found, point)


def _assert_told_of_each(deployed: Deployed, points: tuple[str, ...]) -> None:
    outcomes = dict(deployed.ask("select outcome, count(*) from audit.run group by outcome"))
    last = "published" if COMMITTED.isdisjoint(points) else "unchanged"
    assert outcomes == {"interrupted": len(set(points) - UNTOLD), last: 1}
    assert deployed.ask("select count(*) from audit.delivery_attempt where outcome = 'running'") == [(0,)]


def _assert_balanced(found: dict[str, Any], point: str) -> None:
    """What landed is what the ledger says landed, and no row is there without its delivery."""
    landed: dict[str, int] = {}
    for source, stream, *_, rows in (delivery[:10] for delivery in found.get("deliveries", [])):
        landed[f"raw.{source}__{stream}"] = landed.get(f"raw.{source}__{stream}", 0) + rows
    for source, stream, _, rows, *_ in found.get("readings", []):
        landed[f"raw.{source}__{stream}"] = int(rows)
    held = {name: rows for name, [(rows, _)] in ((n, f) for n, f in found.items() if n.startswith("raw.")) if rows}
    assert held == {name: rows for name, rows in landed.items() if rows}, point
    assert found.get("rows that are no delivery's", [(0,)]) == [(0,)], point


@dataclass(frozen=True)
class Act:
    """One act of a person, the same on two copies."""

    arguments: Callable[[Place], list[str]]
    code: int = 0
    #: What is done on a copy before, undisturbed.
    before: Callable[[Place], object] | None = None


def _case(there: Place) -> str:
    [(number,)] = there.deployed.ask(
        "select max(delivery_id) from audit.delivery where source = 'boston311' and retracted_at is null"
    )
    return str(number)


def _acts(folder: Path, sampled: Path) -> dict[str, Act]:
    why = ["--because", "tried by a test"]
    cases = sampled / "boston311" / "cases.csv"
    known = sorted({case["Source"] for case in cases_of(cases)})
    other = mended(folder, cases, sampled, enumeration=known[:-1])
    few = [{name: case[name] for name in ("CASE_ENQUIRY_ID", "CLOSED_DT")} for case in cases_of(cases)[:20]]
    broken = write_cases(folder / "broken.csv", few)
    at = ["--jurisdiction", "boston"]
    return {
        "make evidence": Act(
            lambda there: ["evidence", "1", "--out", str(folder / there.deployed.database.name), *there.on()]
        ),
        "pin a release": Act(lambda there: ["release", "pin", "1", *why, *there.on()]),
        "unpin it": Act(lambda there: ["release", "unpin", "1", *why, *there.on()]),
        "close a period": Act(lambda there: ["period", "close", "2015Q2", *at, *why, *there.on()]),
        "withdraw a delivery": Act(lambda there: ["delivery", "retract", _case(there), *why, *there.on()]),
        "take that back": Act(lambda there: ["delivery", "restore", "1", *there.on()]),
        "replay what reads the same": Act(
            lambda there: ["quarantine", "replay", "--delivery", _case(there), *there.on()]
        ),
        "replay by a mended contract": Act(
            lambda there: ["quarantine", "replay", "--delivery", _case(there), *there.on(other)]
        ),
        "be delivered what cannot be read": Act(lambda there: there.run(f"sources.boston311.path={broken}"), code=2),
        "roll back": Act(lambda there: ["release", "rollback", "1", *why, *there.on()]),
        "clean": Act(lambda there: ["release", "clean", "--keep", "1", *why, *there.on()]),
        "override what held a run": Act(
            lambda there: ["gate", "override", "--check", HELD, *why, *there.on()],
            before=lambda there: refused_run(there.deployed, severity="hold"),
        ),
        "give a login a unit": Act(lambda there: ["db", "grant", _login(there), "--unit", "PWDx", *at, *there.on()]),
        "take the login away": Act(lambda there: ["db", "revoke", _login(there), *there.on()]),
    }


@pytest.fixture
def signing_key(sample: Deployed) -> Iterator[None]:
    """A key in the session's home, for this test alone: others ask what is said when there is none."""
    private, pair = sample.settings.home.state / SIGNING_KEY, make_pair()
    public = keep_signing_key(private, pair.private_pem, pair.public_pem)
    yield
    private.unlink()
    public.unlink()


def _login(there: Place) -> str:
    return f"reader_of_{there.deployed.database.name}"


@pytest.mark.walk
@pytest.mark.usefixtures("signing_key")
def test_each_act_killed_at_its_points(program: WarmProgram, sample: Deployed, sampled: Path, tmp_path: Path) -> None:
    """What a killed act had not committed is not there; done again, all is as on the copy where nothing was killed."""
    acts = _acts(tmp_path, sampled)
    template, given = sample.database.name, given_sources(sample.settings)
    with place(CONFIG, *given, template=template) as struck, place(CONFIG, *given, template=template) as calm:
        before = standing(struck.deployed)
        for name, points in ACTS.items():
            act = acts[name]
            if act.before is not None:
                act.before(struck), act.before(calm)
                before = standing(struck.deployed)
            for point in points:
                killed(program, act.arguments(struck), point)
                if POINTS[point].startswith("in ") and point not in {"run.closed"}:
                    left = differences(before, standing(struck.deployed))
                    assert set(left) <= _NOT_UNDONE.get((name, point), set()), (name, point, left)
            ends(program, act.arguments(struck), act.code)
            ends(program, act.arguments(calm), act.code)
            before = standing(struck.deployed)
            assert differences(before, standing(calm.deployed)) == {}, name


#: What an act had committed before, in a transaction of its own.
_NOT_UNDONE = {
    ("override what held a run", "run.opened"): {"overrides"},
    ("override what held a run", "publish.published"): {"overrides"},
}


@pytest.mark.long
def test_a_refused_run_killed_as_the_failed_rows_are_stored(
    program: WarmProgram, sample: Deployed, sampled: Path, tmp_path: Path
) -> None:
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    late = next(case for case in cases if case["OnTime_Status"] == "OVERDUE" and case["CLOSED_DT"])
    late["OnTime_Status"] = "ONTIME"
    wrong = write_cases(tmp_path / "cases.csv", cases)
    given = (*given_sources(sample.settings), f"sources.boston311.path={wrong}")
    with place(CONFIG, *given, template=sample.database.name) as struck:
        before = struck.deployed.published()
        killed(program, struck.run(), "check.keys_stored")
        assert struck.deployed.ask("select count(*) from release.failed_key") == [(0,)]
        told = ends(program, struck.run(), code=1)
        assert HELD in told.stdout
        assert struck.deployed.published() == before
        [(keys,)] = struck.deployed.ask("select array_agg(key ->> 'dossier_key') from release.failed_key")
        assert len(keys) == 1


@pytest.mark.walk
def test_a_backup_and_a_restore_killed_at_their_points(program: WarmProgram, sample: Deployed, tmp_path: Path) -> None:
    there = Place(CONFIG, sample)
    folder, name = tmp_path / "backup", f"back_{sample.database.name}"
    for point in ("backup.dumped", "backup.files_copied", "backup.summed"):
        killed(program, ["backup", str(folder), *there.on()], point)
        assert not folder.exists(), point
    ends(program, ["backup", str(folder), *there.on()])
    restore = ["restore", str(folder), "--database", name]
    for point in (point for point in POINTS if point.startswith("restore.")):
        killed(program, restore, point)
        assert sample.ask("select count(*) from pg_database where datname = %s", name) == [(0,)], point
    assert "release 1 proved" in ends(program, restore).stdout
    assert sample.ask("select datname from pg_database where datname ~ 'unfinished'") == []
    with place(CONFIG, template=name) as restored:
        assert differences(standing(restored.deployed), standing(sample)) == {}
    with sample.database.connect(autocommit=True) as connection:
        connection.execute(f'drop database "{name}"')


def test_a_readers_password_is_never_lost(program: WarmProgram, sample: Deployed) -> None:
    """Killed while a password is written, the others stand as they stood."""
    kept = sample.settings.home.state / "readers.json"
    there = Place(CONFIG, sample)
    inspector = ends(program, ["db", "url", "--as", "inspector", *there.on()]).stdout
    before = kept.read_text().replace("motcua_bi", "somebody_else")
    kept.write_text(before)
    killed(program, ["db", "url", "--as", "bi", *there.on()], "access.password_written")
    assert kept.read_text() == before
    killed(program, ["db", "url", "--as", "bi", *there.on()], "access.password_set")
    assert ends(program, ["db", "url", "--as", "inspector", *there.on()]).stdout == inspector
    assert "motcua_bi" in ends(program, ["db", "url", "--as", "bi", *there.on()]).stdout


def test_the_variable_names_the_place(
    sample: Deployed, motcua_process: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Of the installed program, in a process of its own; what names no place is refused before anything is done."""
    on = ("release", "pin", "1", "--because", "tried by a test", "--database", sample.database.name)
    assert motcua_process(*on, MOTCUA_FAULT="kill@retention.pinned").returncode == -signal.SIGKILL
    assert sample.ask("select count(*) from release.pin") == [(0,)]
    for text in ("kill@nowhere", "skip@retention.pinned", "kill@retention.pinned:often", "retention.pinned"):
        refused = motcua_process(*on, MOTCUA_FAULT=text)
        assert (refused.returncode, "names no place" in refused.stderr) == (2, True), refused.stderr
    assert sample.ask("select count(*) from release.pin") == [(0,)]


def test_every_point_is_tried() -> None:
    tried = {point.partition(":")[0] for point in RUN} | {point for points in ACTS.values() for point in points}
    assert tried | ELSEWHERE == set(POINTS)


def _functions() -> Iterator[tuple[str, ast.FunctionDef, str]]:
    for room in ("warehouse", "orchestration"):
        for file in sorted((PROJECT / room).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    yield (
                        f"{file.relative_to(PROJECT).as_posix()}:{node.name}",
                        node,
                        ast.get_source_segment(text, node) or "",
                    )


def test_points_are_passed_where_they_are_listed() -> None:
    """Each name in the list stands in the program, and none stands there that is not in the list."""
    passed = [name for _, _, text in _functions() for name in re.findall(r'\breached\("([^"]+)"\)', text)]
    assert set(passed) == set(POINTS)


#: A transaction of a writing role, and what tells that something is written in it.
_WRITING_ROLE = re.compile(
    r'\.connect\((?:"motcua_(?:loader|checker|transformer|publisher|owner)")?\)|\.transaction\(\)'
)
_WRITES = re.compile(
    r"insert into|\bupdate (?:audit|release|raw|reference)|delete from|\bcreate |\balter role|drop role"
    r"|select release\.(?:prepare|seal|open|publish|rollback|pin|unpin|clean|close|keep|override|trace|guard)"
)
#: Functions whose transaction has its points in what they call.
_BY_OTHERS = {
    "warehouse/landing.py:land": "landing.closed, in what it calls",
    "warehouse/landing.py:_landed": "called in a transaction of land()",
    "warehouse/landing.py:record_refusal": "landing.attempt_opened",
}


def test_every_transaction_that_writes_has_a_point() -> None:
    """A function of the warehouse that opens a transaction to write in names a point inside it."""
    without = [
        name
        for name, _, text in _functions()
        if _WRITING_ROLE.search(text) and _WRITES.search(text) and "reached(" not in text and name not in _BY_OTHERS
    ]
    assert without == []
