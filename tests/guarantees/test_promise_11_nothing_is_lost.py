"""Promise 11: nothing is lost. Of every delivery, read = landed + quarantined, and a CHECK in the ledger holds it.

Belongs here: dirty rows, interrupted landings and a falsified ledger. Does not: whole deliveries refused for their
shape (promise 10), or what a field accepts (tests/unit/extractors).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from contracts.records import RecordBatch
from extractors import drops
from tests.conftest import CONFIG, Deployed
from tests.guarantees.made_deliveries import Case, cases_of, close_one_later, write_cases
from tests.guarantees.partial_runs import deliver, session_on
from warehouse.filestore import keep
from warehouse.landing import Arrival, land

#: What is wrong with a row → the field its quarantine must name.
FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "unknown channel": ({"Source": "Carrier Pigeon"}, "Source"),
    "impossible date": ({"OPEN_DT": "02/30/2015 10:00:00 AM"}, "OPEN_DT"),
    "an hour the clocks skipped": ({"OPEN_DT": "03/08/2015 02:30:00 AM"}, "OPEN_DT"),
    "no receipt": ({"OPEN_DT": ""}, "OPEN_DT"),
    "no key": ({"CASE_ENQUIRY_ID": ""}, "CASE_ENQUIRY_ID"),
    "closed in words": ({"CLOSED_DT": "yesterday"}, "CLOSED_DT"),
}
BOOKS = (
    "select (select count(*) from raw.boston311__case as r where r._delivery_id = d.delivery_id), d.rows_landed,"
    " (select count(distinct row_number) from raw.quarantine as q where q.delivery_id = d.delivery_id),"
    " d.rows_quarantined, d.rows_read, a.rows_read, a.rows_landed, a.rows_quarantined"
    " from audit.delivery as d inner join audit.delivery_attempt as a"
    " on a.delivery_id = d.delivery_id and a.outcome = 'landed'"
    " where d.source = 'boston311' order by d.delivery_id desc limit 1"
)
CASES = "select count(*) from raw.boston311__case"


def _dirty(cases: list[Case], folder: Path) -> Path:
    """300 good rows with the faults between them; two keys twice, one alike and one with different contents."""
    rows = cases[:300]
    for place, (changed, _) in enumerate(FAULTS.values()):
        rows[10 * place] = {**rows[10 * place], **changed}
    rows += [rows[201], {**rows[202], "neighborhood": "Elsewhere"}]
    file = write_cases(folder / "cases.csv", rows)
    lines = file.read_text("utf-8").splitlines(keepends=True)
    lines[151] = lines[151].rstrip("\n") + ",one too many\n"
    lines[161] = ",".join(lines[161].split(",")[:5]) + "\n"
    file.write_text("".join(lines), "utf-8")
    return file


def test_dirty_rows_are_landed_or_quarantined(copy_of_boston: Deployed, deliveries: Path, tmp_path: Path) -> None:
    file = _dirty(cases_of(deliveries / "boston311" / "cases.csv"), tmp_path)
    deliver(copy_of_boston, f"sources.boston311.path={file}")
    quarantined = len(FAULTS) + 2 + 2
    [books] = copy_of_boston.ask(BOOKS)
    assert books == (
        302 - quarantined,
        302 - quarantined,
        quarantined,
        quarantined,
        302,
        302,
        302 - quarantined,
        quarantined,
    )
    named = copy_of_boston.ask(
        "select row_number, field, value, reason from raw.quarantine"
        " where delivery_id = (select max(delivery_id) from audit.delivery) order by row_number, field"
    )
    by_row: dict[int, list[str]] = {}
    for row_number, field, _, reason in named:
        assert reason
        by_row.setdefault(row_number, []).append(field)
    # The header is row 1, so the case at place n of the list stands in row n + 2.
    for place, (_, field) in enumerate(FAULTS.values()):
        assert by_row.pop(10 * place + 2) == [field]
    assert set(by_row) == {152, 162, 204, 303}
    assert {value for row, _, value, _ in named if row == 2} == {"Carrier Pigeon"}
    assert by_row[204] == by_row[303] == ["CASE_ENQUIRY_ID"]
    twice = copy_of_boston.ask(
        "select _row_number from raw.boston311__case where _delivery_id = (select max(delivery_id) from audit.delivery)"
        " and _row_number in (203, 302)"
    )
    assert len(twice) == 2, "rows that say the same both land"


def test_every_book_of_a_whole_run_balances(boston: Deployed) -> None:
    deliveries = boston.ask("select delivery_id, source, stream, rows_read, rows_landed from audit.delivery")
    assert len(deliveries) == 5
    for delivery_id, source, stream, read, landed in deliveries:
        [(held,)] = boston.ask(f"select count(*) from raw.{source}__{stream} where _delivery_id = %s", delivery_id)
        [(kept,)] = boston.ask(
            "select count(distinct row_number) from raw.quarantine where delivery_id = %s", delivery_id
        )
        assert (held, held + kept) == (landed, read)
    assert boston.ask("select sum(rows_read) from audit.delivery where source = 'boston311'") == [(26_788,)]


@pytest.mark.parametrize("table", ["audit.delivery", "audit.delivery_attempt"])
@pytest.mark.parametrize("column", ["rows_read", "rows_landed", "rows_quarantined"])
def test_a_falsified_ledger_is_refused(copy_of_boston: Deployed, table: str, column: str) -> None:
    for role in ("motcua_loader", None):
        with pytest.raises(psycopg.errors.CheckViolation, match="nothing_lost"):
            copy_of_boston.do(f"update {table} set {column} = {column} + 1", role=role)


class _PowerCut(Exception):
    """Something no one foresaw."""


def test_a_crash_in_the_middle_of_landing_leaves_no_rows(
    copy_of_boston: Deployed, deliveries: Path, tmp_path: Path
) -> None:
    cases = cases_of(deliveries / "boston311" / "cases.csv")
    close_one_later(cases)
    file = write_cases(tmp_path / "cases.csv", cases)
    before = copy_of_boston.ask(CASES)
    copied = 0

    def crashing(whole: Iterator[RecordBatch]) -> Iterator[RecordBatch]:
        nonlocal copied
        for batch in whole:
            yield batch
            copied += batch.rows.height
            if copied > 0:
                raise _PowerCut

    with session_on(copy_of_boston) as session, pytest.raises(_PowerCut):
        source = session.settings.contracts["boston311"]
        stream = source.stream("case")
        kept = keep(session.settings.home, file)
        arrival = Arrival(session.run_id, source.name, stream, kept, None, "high_water")
        land(session.database, arrival, crashing(drops.read(stream, source, kept.path, kept.name)))
    assert copied > 0
    assert copy_of_boston.ask(CASES) == before
    assert copy_of_boston.ask("select count(*) from audit.delivery where source = 'boston311'") == [(1,)]
    assert _last_attempt(copy_of_boston) == ("failed", "_PowerCut", 0, 0, 0, None, kept.sha256)
    deliver(copy_of_boston, f"sources.boston311.path={file}")
    assert copy_of_boston.ask(CASES) == [(2 * before[0][0],)]


@pytest.mark.long  # in every run of the tests, on a sample: landing.rows_copied of test_promise_05_fault_points.py
def test_a_kill_in_the_middle_of_landing_leaves_no_rows(
    copy_of_boston: Deployed, deliveries: Path, tmp_path: Path
) -> None:
    """The program is killed when every row is copied and only the ledger's row is missing."""
    cases = cases_of(deliveries / "boston311" / "cases.csv")
    close_one_later(cases)
    file = write_cases(tmp_path / "cases.csv", cases)
    before = copy_of_boston.ask(CASES)
    published = copy_of_boston.published()
    _kill_while_landing(copy_of_boston, deliveries, file)
    assert copy_of_boston.ask(CASES) == before
    assert _last_attempt(copy_of_boston)[0] == "running"
    summary = copy_of_boston.run(f"sources.boston311.path={file}")
    assert (summary.failure, summary.changed) == (None, True)
    assert copy_of_boston.ask(
        "select a.outcome, r.outcome from audit.delivery_attempt as a inner join audit.run as r on r.run_id = a.run_id"
        " where a.source = 'boston311' order by a.attempt_id"
    ) == [("landed", "published"), ("interrupted", "interrupted"), ("landed", "published")]
    assert copy_of_boston.ask(CASES) == [(2 * before[0][0],)]
    assert copy_of_boston.ask(BOOKS)[0] == (26_788, 26_788, 0, 0, 26_788, 26_788, 26_788, 0)
    assert copy_of_boston.published()["release"] != published["release"]


def _kill_while_landing(deployed: Deployed, deliveries: Path, file: Path) -> None:
    """Holds back the ledger's row by a lock, and kills the program when it waits for that lock."""
    command = (
        str(Path(sys.executable).parent / "motcua"), "run", "--quiet", "--config", str(CONFIG),
        "--database", deployed.database.name, "--set", f"sources.boston311.path={file}",
        "--set", f"sources.cartas.path={deliveries / 'cartas'}",
    )  # fmt: skip
    with deployed.database.connect() as holder:
        holder.execute("lock table audit.delivery in share mode")
        program = subprocess.Popen(command, env=os.environ)
        try:
            _wait_for(
                deployed,
                "select 1 from pg_locks as l inner join pg_stat_activity as a on a.pid = l.pid where not l.granted"
                " and l.relation = 'audit.delivery'::regclass and a.query like 'insert into audit.delivery (%%'",
            )
        finally:
            program.send_signal(signal.SIGKILL)
            program.wait()
        holder.rollback()
    _wait_for(
        deployed,
        "select 1 where not exists (select from pg_stat_activity where datname = current_database()"
        " and pid <> pg_backend_pid())",
    )


def _wait_for(deployed: Deployed, query: str) -> None:
    deadline = time.monotonic() + 60
    while not deployed.ask(query):
        assert time.monotonic() < deadline, query
        time.sleep(0.05)


def _last_attempt(deployed: Deployed) -> tuple[Any, ...]:
    return deployed.ask(
        "select outcome, problem, rows_read, rows_landed, rows_quarantined, delivery_id, file_sha256"
        " from audit.delivery_attempt where source = 'boston311' order by attempt_id desc limit 1"
    )[0]
