"""Due dates by the rules, and the time a dossier waited: the shipped models over made dossiers, against walks in Python.

Belongs here: int_dossier__due and int_dossier__working_time. Does not: the look-ups below them (test_macros.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.working_time.conftest import Offices
from tests.integration.working_time.moments import instants_of
from tests.integration.working_time.rules_in_force import MADE, Rule, make_rules, rule_of
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
_SIZE = 40


@dataclass(frozen=True)
class Dossier:
    """A dossier with its limit, when papers were asked for and came, how it ended, and when it waited for what."""

    office: str
    received: datetime
    limit: int
    unit: str
    supplements: tuple[tuple[datetime, datetime | None], ...] = ()
    resolved: datetime | None = None
    closed_otherwise: datetime | None = None
    waits: tuple[tuple[datetime, datetime | None, str], ...] = ()
    by_made_rules: bool = False

    @property
    def jurisdiction(self) -> str:
        return MADE if self.by_made_rules else self.office

    @property
    def ended(self) -> datetime:
        return min(end for end in (self.resolved, self.closed_otherwise) if end is not None)


@st.composite
def made_dossiers(draw: st.DrawFn, tables: dict[str, MinuteTable]) -> Dossier:
    office, by_made_rules = draw(st.sampled_from((("vietnam", False), ("town", False), ("town", True), ("town", True))))
    table = tables[office]
    received = draw(instants_of(office, table))
    limit = draw(st.sampled_from((0, 1, 2)) | st.integers(0, 30))
    unit = draw(st.sampled_from(("working_days", "calendar_days")))
    dossier = Dossier(office, received, limit, unit, by_made_rules=by_made_rules)
    for _ in range(draw(st.integers(0, 3))):
        dossier = replace(dossier, supplements=(*dossier.supplements, draw(_supplements(table, dossier))))
    one, other = (_later(draw, table, received, 30_000) for _ in range(2))
    resolved, closed_otherwise = draw(st.sampled_from(((one, None), (None, one), (one, other), (one, one))))
    waits: list[tuple[datetime, datetime | None, str]] = []
    for _ in range(draw(st.integers(0, 3))):
        at_once = waits and draw(st.integers(0, 3)) == 0
        begin = waits[-1][0] if at_once else _later(draw, table, received, 20_000, -4_000)
        until = None if draw(st.integers(0, 5)) == 0 else _later(draw, table, begin, 9_000)
        waits.append((begin, until, draw(st.sampled_from(("supplement", "payment", "stopped")))))
    return replace(dossier, resolved=resolved, closed_otherwise=closed_otherwise, waits=tuple(waits))


def _later(draw: st.DrawFn, table: MinuteTable, begin: datetime, most: int, least: int = 0) -> datetime:
    moment = begin + timedelta(minutes=draw(st.integers(least, most)))
    return moment if table.office.covers(moment) else begin


@st.composite
def _supplements(draw: st.DrawFn, table: MinuteTable, dossier: Dossier) -> tuple[datetime, datetime | None]:
    """Asked for after what was asked for before, often about the day the dossier is due; answered or not, often at 11:30."""
    office = table.office
    begin = max([dossier.received, *(at for asked_and_came in dossier.supplements for at in asked_and_came if at)])
    asked = _later(draw, table, begin, 9_000)
    due_on = true_due(table, dossier)[3]
    if isinstance(due_on, date) and draw(st.booleans()):
        near = office.at_same_hour(due_on + timedelta(days=draw(st.integers(-1, 1))), begin)
        asked = near if near >= begin and office.covers(near) else asked
    came = _later(draw, table, asked, 9_000)
    if draw(st.integers(0, 3)) == 0:
        clock = draw(st.sampled_from(((11, 30), (11, 35), (15, 0))))
        at_clock = office.local(came).replace(hour=clock[0], minute=clock[1], second=0).astimezone(UTC)
        came = at_clock if at_clock >= asked else came
    return asked, None if draw(st.integers(0, 3)) == 0 else came


def every_setting(tables: dict[str, MinuteTable]) -> list[Dossier]:
    """Under each made rule on each weekday, limits of no days to two; papers are asked for on the due day, at the latest."""
    office = tables["town"].office
    dossiers = []
    for number in range(64 * 7):
        day = date(2023, 1, 14) + timedelta(days=number)
        clock = (time(9), time(11, 30), time(11, 31))[number % 5 % 3]
        received = datetime.combine(day, clock, tzinfo=ZoneInfo(office.zone)).astimezone(UTC)
        for unit in ("working_days", "calendar_days"):
            plain = Dossier("town", received, number % 3, unit, resolved=received, by_made_rules=True)
            due_on = true_due(tables["town"], plain)[3]
            asked = office.at_same_hour(due_on if isinstance(due_on, date) else day, received)
            came = asked + timedelta(days=number % 5)
            dossiers.append(replace(plain, supplements=((asked, came),)))
    return dossiers


@dataclass(frozen=True)
class Due:
    """The due instant and its day, and which day is day 0; None where the calendar ends before."""

    at: datetime | None = None
    on: date | None = None
    day_0: date | None = None


def _due(office: Office, rule: Rule, start: datetime, limit: int, unit: str) -> Due:
    """Days are walked from day 0; what is handed over begins on the next working day."""
    day = office.local(start).date()
    clock = rule.handed_over_after
    if office.is_working(day):
        hour = None if clock is None else time.fromisoformat(clock)
        is_moved = hour is not None and start > datetime.combine(day, hour, tzinfo=ZoneInfo(office.zone))
    else:
        is_moved = rule.off_day_receipt == "next_working_day"
    if is_moved:
        moved = office.after_working_days(start, 1)
        if moved is None:
            return Due()
        start, day = moved, office.local(moved).date()
    due = _same_hour(office, rule, start, limit - rule.receipt_is_day, unit)
    if due is None:
        return Due(day_0=day)
    on = office.local(due).date()
    if rule.due_hour == "closing":
        midnight = datetime.combine(on, time(), tzinfo=ZoneInfo(office.zone))
        # Nobody closes on a day without work, and the hour stays. Who closes at midnight does so on the day that ends.
        due = max((midnight + timedelta(minutes=closes) for _, closes in office.spans(on)), default=due)
    return Due(due, on, day)


def _same_hour(office: Office, rule: Rule, start: datetime, days: int, unit: str) -> datetime | None:
    """So many days after day 0, at the hour of the start."""
    if days < 0:
        return None
    if unit == "working_days":
        return office.after_working_days(start, days)
    if rule.calendar_days_end == "next_working_day":
        return office.after_calendar_days(start, days)
    last = office.local(start).date() + timedelta(days=days)
    return office.at_same_hour(last, start) if last < office.end else None


def true_due(table: MinuteTable, dossier: Dossier) -> tuple[object, ...]:
    """First due and its day, due after supplements and its day, how many of them counted, and which day is day 0."""
    office, received_on = table.office, table.office.local(dossier.received).date()
    rule = rule_of(dossier.jurisdiction, received_on)
    first = due = _due(office, rule, dossier.received, dossier.limit, dossier.unit)
    counted, waited = 0, 0
    for asked, came in dossier.supplements:
        if came is None:
            continue
        if first.at is None or due.on is None or office.local(asked).date() > due.on:
            break
        counted += 1
        waited += table.minutes_between([asked], [came])[0]
        if rule.supplement == "pause":
            [at] = table.after_minutes([first.at], [waited])
            due = Due(at, None if at is None else office.local(at).date())
        else:
            due = _due(office, rule, came, dossier.limit, dossier.unit)
    return first.at, first.on, due.at, due.on, counted, first.day_0


def true_times(table: MinuteTable, dossier: Dossier) -> tuple[object, ...]:
    """The end, and elapsed, papers, fee, suspended: each worked minute is looked at and belongs to the wait that began first."""
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
    waited = minutes["supplement"], minutes["payment"], minutes["stopped"]
    return dossier.ended, sum(minutes.values()), *waited, minutes["worked"]


def fill(connection: psycopg.Connection, tables: dict[str, MinuteTable], dossiers: list[Dossier]) -> None:
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
    for number, dossier in enumerate(dossiers):
        table, key = tables[dossier.office], f"{number:06}"
        zone = table.office.zone
        received_on = table.office.local(dossier.received).date()
        resolved_on = None if dossier.resolved is None else table.office.local(dossier.resolved).date()
        at = (key, dossier.jurisdiction, zone, dossier.received, received_on)
        rows["int_dossier__limited"].append((*at, dossier.limit, dossier.unit, "dossier"))
        rows["int_dossier__current"].append((*at, dossier.resolved, resolved_on, dossier.closed_otherwise))
        places = {True: 0, False: 0}
        for asked, came in dossier.supplements:
            places[came is None] += 1
            waited = None if came is None else table.minutes_between([asked], [came])[0]
            asked_on = table.office.local(asked).date()
            rows["int_supplement__waited"].append((key, places[came is None], asked_on, came, waited))
        for begin, until, kind in dossier.waits:
            worked = [int(table.before[table.number([at])[0]]) if at is not None else None for at in (begin, until)]
            rows["int_dossier__interrupted"].append((key, dossier.jurisdiction, kind, begin, until, *worked))
    for name, lines in rows.items():
        connection.execute(f"truncate intermediate.{name}".encode())
        with connection.cursor().copy(f"copy intermediate.{name} from stdin".encode()) as copy:
            for line in lines:
                copy.write_row(line)


def set_up(connection: psycopg.Connection) -> None:
    """The inputs of the two models as empty tables, and an office with made rules, in the connection's transaction."""
    connection.execute(INPUTS.encode())
    make_rules(connection)


@pytest.fixture
def connection(offices: Offices) -> Iterator[psycopg.Connection]:
    """Set up, and nothing of it left afterwards."""
    with offices.database.connect("motcua_transformer") as connection:
        set_up(connection)
        yield connection
        connection.rollback()


DUE = (
    "select first_due_at, first_due_on, due_at, due_on, supplements_counted, counted_from_day"
    " from ({}) as told order by dossier_key"
)
TIMES = (
    "select ended_at, elapsed_minutes, supplement_minutes, payment_minutes, stopped_minutes, spent_minutes"
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
            seen["moved"] += told_due[4] > 0
            seen["beyond"] += told_due[2] is None
            seen["waited"] += told_times[1] != told_times[5]

    batch()
    return seen


def test_generated_dossiers(offices: Offices, connection: psycopg.Connection) -> None:
    seen = _compare(offices, connection, 20)
    assert seen["dossiers"] >= 800 and seen["moved"] >= 100 and seen["waited"] >= 100, seen


def test_every_setting_of_a_rule(offices: Offices, connection: psycopg.Connection) -> None:
    dossiers = every_setting(offices.tables)
    fill(connection, offices.tables, dossiers)
    told = connection.execute(DUE.format(offices.compiled("int_dossier__due")).encode()).fetchall()
    for dossier, due in zip(dossiers, told, strict=True):
        assert tuple(due) == true_due(offices.tables[dossier.office], dossier), dossier


@pytest.mark.long
def test_many_generated_dossiers(offices: Offices, connection: psycopg.Connection) -> None:
    seen = _compare(offices, connection, 400)
    assert seen["dossiers"] >= 16_000 and seen["beyond"] > 0, seen


def test_the_decree_in_force_on_the_day_of_receipt_counts(offices: Offices, connection: psycopg.Connection) -> None:
    """The same Monday evening, a day before the newer decree and on its first day."""
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    told = []
    for received in (datetime(2025, 6, 30, 16, tzinfo=zone), datetime(2025, 7, 1, 16, tzinfo=zone)):
        dossier = Dossier("vietnam", received.astimezone(UTC), 1, "working_days", resolved=received)
        fill(connection, offices.tables, [dossier])
        statement = DUE.replace("first_due_at", "rule, first_due_at").format(offices.compiled("int_dossier__due"))
        told.append(connection.execute(statement.encode()).fetchall()[0][:2])
    assert told == [
        ("nd_61_2018", datetime(2025, 7, 1, 16, tzinfo=zone)),
        ("nd_118_2025", datetime(2025, 7, 3, 16, tzinfo=zone)),
    ]
