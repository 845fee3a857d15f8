"""Due dates by the rules, and the time a dossier waited: the shipped models over made dossiers, against walks in Python.

Belongs here: int_dossier__due and int_dossier__working_time. Does not: the look-ups below them (test_macros.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.working_time.conftest import Offices
from tests.integration.working_time.moments import instants_of
from tests.integration.working_time.walked_minutes import MinuteTable, Office

#: What the two models read besides calendars and rules, as far as they read it.
INPUTS = """
    create table intermediate.int_dossier__limited (
        dossier_key text, jurisdiction text, zone text, received_at timestamptz, received_on date, time_limit bigint,
        limit_unit text, limit_from text
    );
    create table intermediate.int_supplement__waited (
        dossier_key text, place bigint, asked_on date, came_at timestamptz, waited_minutes bigint
    );
    create table intermediate.int_dossier__current (
        dossier_key text, jurisdiction text, zone text, received_at timestamptz, received_on date,
        resolved_at timestamptz, resolved_on date, closed_otherwise_at timestamptz
    );
    create table intermediate.int_dossier__interrupted (
        dossier_key text, jurisdiction text, kind text, from_at timestamptz, until_at timestamptz,
        worked_from bigint, worked_until bigint
    );
"""
_TABLES = ("int_dossier__limited", "int_supplement__waited", "int_dossier__current", "int_dossier__interrupted")
#: From this local day on, NĐ 118/2025 governs what is received.
_HANDED_OVER_FROM = date(2025, 7, 1)
_PAUSING = {"town"}
_SIZE = 40


@dataclass(frozen=True)
class Dossier:
    """A dossier with its limit, when papers were asked for and came, and when it waited for what."""

    office: str
    received: datetime
    limit: int
    unit: str
    supplements: tuple[tuple[datetime, datetime], ...]
    ended: datetime
    waits: tuple[tuple[datetime, datetime | None, str], ...]


@st.composite
def made_dossiers(draw: st.DrawFn, tables: dict[str, MinuteTable]) -> Dossier:
    office = draw(st.sampled_from(("vietnam", "town")))
    covers = tables[office].office.covers
    received = draw(instants_of(office, tables[office]))

    def later(begin: datetime, most: int) -> datetime:
        moment = begin + timedelta(minutes=draw(st.integers(0, most)))
        return moment if covers(moment) else begin

    supplements, at = [], received
    for _ in range(draw(st.integers(0, 3))):
        asked = later(at, 9_000)
        at = later(asked, 9_000)
        supplements.append((asked, at))
    ended = later(received, 30_000)
    waits = []
    for _ in range(draw(st.integers(0, 3))):
        begin = later(received, 20_000)
        until = None if draw(st.integers(0, 5)) == 0 else later(begin, 9_000)
        waits.append((begin, until, draw(st.sampled_from(("supplement", "payment", "stopped")))))
    limit, unit = draw(st.integers(0, 30)), draw(st.sampled_from(("working_days", "calendar_days")))
    return Dossier(office, received, limit, unit, tuple(supplements), ended, tuple(waits))


def _due(office: Office, received_on: date, start: datetime, limit: int, unit: str) -> datetime | None:
    """Days are walked from day 0; under the newer decree that is the next working day after 15:00 and on days off."""
    day = office.local(start).date()
    closing_hour = datetime.combine(day, time(15), tzinfo=ZoneInfo(office.zone))
    if received_on >= _HANDED_OVER_FROM and (start > closing_hour or not office.is_working(day)):
        moved = office.after_working_days(start, 1)
        if moved is None:
            return None
        start = moved
    return (office.after_working_days if unit == "working_days" else office.after_calendar_days)(start, limit)


def true_due(table: MinuteTable, dossier: Dossier) -> tuple[datetime | None, datetime | None, int]:
    """First due, due after supplements, how many of them counted."""
    office, received_on = table.office, table.office.local(dossier.received).date()
    first = due = _due(office, received_on, dossier.received, dossier.limit, dossier.unit)
    counted, waited = 0, 0
    for asked, came in dossier.supplements:
        if first is None or due is None or office.local(asked).date() > office.local(due).date():
            break
        counted += 1
        waited += table.minutes_between([asked], [came])[0]
        if dossier.office in _PAUSING:
            [due] = table.after_minutes([first], [waited])
        else:
            due = _due(office, received_on, came, dossier.limit, dossier.unit)
    return first, due, counted


def true_times(table: MinuteTable, dossier: Dossier) -> tuple[int, ...]:
    """Elapsed, papers, fee, suspended: each worked minute is looked at and belongs to the wait that began first."""
    first, end = table.number([dossier.received, dossier.ended])
    minutes = {"worked": 0, "supplement": 0, "payment": 0, "stopped": 0}
    waits = sorted(
        (begin, kind, dossier.ended if until is None else until) for begin, until, kind in dossier.waits
    )  # fmt: skip
    numbered = [(*table.number([begin, until]), kind) for begin, kind, until in waits]
    for minute in range(first, end):
        if table.is_open[minute]:
            meant = next((kind for begin, until, kind in numbered if begin <= minute < until), "worked")
            minutes[meant] += 1
    return sum(minutes.values()), minutes["supplement"], minutes["payment"], minutes["stopped"], minutes["worked"]


def fill(connection: psycopg.Connection, tables: dict[str, MinuteTable], dossiers: list[Dossier]) -> None:
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
    for number, dossier in enumerate(dossiers):
        table, key = tables[dossier.office], f"{number:06}"
        zone = table.office.zone
        received_on, ended_on = (table.office.local(at).date() for at in (dossier.received, dossier.ended))
        rows["int_dossier__limited"].append(
            (key, dossier.office, zone, dossier.received, received_on, dossier.limit, dossier.unit, "dossier")
        )
        rows["int_dossier__current"].append(
            (key, dossier.office, zone, dossier.received, received_on, dossier.ended, ended_on, None)
        )
        for place, (asked, came) in enumerate(dossier.supplements, 1):
            waited = table.minutes_between([asked], [came])[0]
            rows["int_supplement__waited"].append((key, place, table.office.local(asked).date(), came, waited))
        for begin, until, kind in dossier.waits:
            worked = [int(table.before[table.number([at])[0]]) if at is not None else None for at in (begin, until)]
            rows["int_dossier__interrupted"].append((key, dossier.office, kind, begin, until, *worked))
    for name, lines in rows.items():
        connection.execute(f"truncate intermediate.{name}".encode())
        with connection.cursor().copy(f"copy intermediate.{name} from stdin".encode()) as copy:
            for line in lines:
                copy.write_row(line)


@pytest.fixture
def connection(offices: Offices) -> Iterator[psycopg.Connection]:
    """The inputs of the two models as empty tables, gone afterwards."""
    with offices.database.connect("motcua_transformer") as connection:
        connection.execute(INPUTS.encode())
        yield connection
        connection.rollback()


DUE = "select first_due_at, due_at, supplements_counted from ({}) as told order by dossier_key"
TIMES = (
    "select elapsed_minutes, supplement_minutes, payment_minutes, stopped_minutes, spent_minutes"
    " from ({}) as told order by dossier_key"
)


def _compare(offices: Offices, connection: psycopg.Connection, examples: int) -> dict[str, int]:
    due, times = (offices.compiled(name) for name in ("int_dossier__due", "int_dossier__working_time"))
    seen = {"dossiers": 0, "moved": 0, "beyond": 0, "waited": 0}

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )  # fmt: skip
    @given(st.lists(made_dossiers(offices.tables), min_size=_SIZE, max_size=_SIZE))
    def batch(dossiers: list[Dossier]) -> None:
        fill(connection, offices.tables, dossiers)
        dues = connection.execute(DUE.format(due).encode()).fetchall()
        spent = connection.execute(TIMES.format(times).encode()).fetchall()
        for dossier, told_due, told_times in zip(dossiers, dues, spent, strict=True):
            table = offices.tables[dossier.office]
            truth = true_due(table, dossier)
            assert tuple(told_due) == truth, dossier
            assert tuple(told_times) == true_times(table, dossier), dossier
            seen["dossiers"] += 1
            seen["moved"] += truth[2] > 0
            seen["beyond"] += truth[1] is None
            seen["waited"] += told_times[0] != told_times[4]

    batch()
    return seen


def test_generated_dossiers(offices: Offices, connection: psycopg.Connection) -> None:
    seen = _compare(offices, connection, 20)
    assert seen["dossiers"] >= 800 and seen["moved"] >= 100 and seen["waited"] >= 100, seen


@pytest.mark.long
def test_many_generated_dossiers(offices: Offices, connection: psycopg.Connection) -> None:
    seen = _compare(offices, connection, 400)
    assert seen["dossiers"] >= 16_000 and seen["beyond"] > 0, seen


def test_the_decree_in_force_on_the_day_of_receipt_counts(offices: Offices, connection: psycopg.Connection) -> None:
    """The same Monday evening, a day before the newer decree and on its first day."""
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    told = []
    for received in (datetime(2025, 6, 30, 16, tzinfo=zone), datetime(2025, 7, 1, 16, tzinfo=zone)):
        dossier = Dossier("vietnam", received.astimezone(UTC), 1, "working_days", (), received, ())
        fill(connection, offices.tables, [dossier])
        statement = DUE.replace("first_due_at", "rule, first_due_at").format(offices.compiled("int_dossier__due"))
        told.append(connection.execute(statement.encode()).fetchall()[0][:2])
    assert told == [
        ("nd_61_2018", datetime(2025, 7, 1, 16, tzinfo=zone)),
        ("nd_118_2025", datetime(2025, 7, 3, 16, tzinfo=zone)),
    ]
