"""The macros of working time on a real server, against a walk through the minutes.

Belongs here: look-ups and arithmetic. Does not: what rules make of a limit (test_rules.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.working_time.conftest import Offices
from tests.integration.working_time.moments import TURNS, instants_of
from tests.integration.working_time.walked_minutes import MinuteTable

_SMALL, _LARGE = 150, 250


@dataclass(frozen=True)
class Case:
    office: str
    begin: datetime
    end: datetime
    days: int
    minutes: int


@st.composite
def made_cases(draw: st.DrawFn, tables: dict[str, MinuteTable]) -> Case:
    office = draw(st.sampled_from(("vietnam", "vietnam", "town", "harbour")))
    begin = draw(instants_of(office, tables[office]))
    near = draw(st.integers(0, 2))
    if near == 0:
        end = draw(instants_of(office, tables[office]))
    else:
        end = begin + timedelta(minutes=draw(st.integers(-3_000, 30_000)))
        end = end if tables[office].office.covers(end) else begin
    return Case(
        office,
        begin,
        end,
        draw(st.integers(0, 45)),
        draw(st.sampled_from((0, 1, 60, 210, 270, 480)) | st.integers(0, 9_999)),
    )


def answers(
    offices: Offices, connection: psycopg.Connection, statement: str, cases: list[Case]
) -> list[tuple[Any, ...]]:
    """What the shipped macros say, all cases in one statement."""
    connection.execute(
        "create temporary table if not exists working_time_case (case_number integer, jurisdiction text, zone text,"
        " from_at timestamptz, to_at timestamptz, days integer, minutes integer)"
    )
    connection.execute("truncate working_time_case")
    with connection.cursor().copy("copy working_time_case from stdin") as copy:
        for number, case in enumerate(cases):
            zone = offices.tables[case.office].office.zone
            copy.write_row((number, case.office, zone, case.begin, case.end, case.days, case.minutes))
    found = connection.execute(f"select * from ({statement}) as answered order by case_number".encode()).fetchall()
    assert len(found) == len(cases)
    return [cast("tuple[Any, ...]", row[1:]) for row in found]


def true_answers(offices: Offices, cases: list[Case]) -> list[tuple[Any, ...]]:
    """What the minutes say, office by office."""
    truths: dict[int, tuple[Any, ...]] = {}
    for name, table in offices.tables.items():
        numbers = [number for number, case in enumerate(cases) if case.office == name]
        own = [cases[number] for number in numbers]
        office = table.office
        begins = [case.begin for case in own]
        midnights = [
            office.local(begin).replace(hour=0, minute=0, second=0, fold=0).astimezone(UTC) for begin in begins
        ]
        columns = (
            table.minutes_between(midnights, begins),
            table.minutes_between(begins, [case.end for case in own]),
            [office.after_working_days(case.begin, case.days) for case in own],
            [office.after_calendar_days(case.begin, case.days) for case in own],
            table.after_minutes(begins, [case.minutes for case in own]),
            table.after_minutes(begins, [case.days * 60 for case in own]),
        )
        truths |= dict(zip(numbers, zip(*columns, strict=True), strict=True))
    return [truths[number] for number in range(len(cases))]


def _compare(offices: Offices, examples: int, size: int) -> int:
    """Batches of generated cases until so many examples were tried; gives how many cases were compared."""
    statement = offices.compiled("working_time_cases")
    compared = 0
    with offices.database.connect("motcua_transformer") as connection:

        @settings(
            max_examples=examples, deadline=None, database=None, derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
        )  # fmt: skip
        @given(st.lists(made_cases(offices.tables), min_size=size, max_size=size))
        def batch(cases: list[Case]) -> None:
            nonlocal compared
            said = answers(offices, connection, statement, cases)
            for case, ours, truth in zip(cases, said, true_answers(offices, cases), strict=True):
                assert ours == truth, case
            compared += len(cases)

        batch()
    return compared


def test_generated_cases(offices: Offices) -> None:
    assert _compare(offices, 20, _SMALL) >= 3_000


def three_stretches() -> list[Case]:
    """From and to every part of the day with three stretches (08:00-09:00, 10:00-10:30, 20:00-24:00), and the days around it."""
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    clocks = ("07:30", "08:00", "08:20", "09:10", "10:00", "10:05", "10:30", "12:00", "20:00", "21:40", "23:59")
    moments = [
        datetime.fromisoformat(f"2024-02-{day} {clock}").replace(tzinfo=zone) for day in (28, 29) for clock in clocks
    ]
    at = [moment.astimezone(UTC) for moment in moments]
    amounts = ((0, 0), (1, 1), (1, 20), (2, 70), (3, 300))
    return [
        Case("town", begin, end, *amounts[(one + two) % 5])
        for one, begin in enumerate(at)
        for two, end in enumerate(at)
    ]


def test_a_day_of_three_stretches(offices: Offices) -> None:
    cases = three_stretches()
    with offices.database.connect("motcua_transformer") as connection:
        said = answers(offices, connection, offices.compiled("working_time_cases"), cases)
    for case, ours, truth in zip(cases, said, true_answers(offices, cases), strict=True):
        assert ours == truth, case


@pytest.mark.long
def test_a_hundred_thousand_generated_cases(offices: Offices) -> None:
    assert _compare(offices, 400, _LARGE) >= 100_000


def test_the_minute_table_is_the_walk(offices: Offices) -> None:
    """The two ways the truth is told agree: minute after minute, and the table of all minutes."""
    for name, table in offices.tables.items():
        for turn in TURNS[name]:
            begin = datetime.combine(date.fromisoformat(turn), time(15), tzinfo=ZoneInfo(table.office.zone))
            begin = begin.astimezone(UTC)
            for hours, minutes in ((-30, 1), (0, 60), (7, 250), (61, 490)):
                end = begin + timedelta(hours=hours, seconds=59)
                assert table.minutes_between([begin], [end]) == [table.office.minutes_between(begin, end)]
                assert table.after_minutes([end], [minutes]) == [table.office.after_minutes(end, minutes)]


def test_first_half_of_2023_has_121_working_days(offices: Offices) -> None:
    counted = offices.ask(
        "select count(*), sum(day_minutes) from intermediate.int_calendar__day where jurisdiction = 'vietnam'"
        " and is_working and day >= '2023-01-01' and day < '2023-07-01'"
    )
    assert counted == [(121, 121 * 480)]


def test_every_day_of_a_calendar_is_as_its_office_works(offices: Offices) -> None:
    for name, table in offices.tables.items():
        days = offices.ask(
            "select day, is_working, day_minutes from intermediate.int_calendar__day where jurisdiction = %s order by day",
            name,
        )
        office = table.office
        assert [row[0] for row in days] == [
            office.first + timedelta(days=number) for number in range((office.end - office.first).days)
        ]
        for day, is_working, minutes in cast("list[tuple[date, bool, int]]", days):
            begin = datetime.combine(day, time(), tzinfo=ZoneInfo(office.zone)).astimezone(UTC)
            end = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(office.zone)).astimezone(UTC)
            if day + timedelta(days=1) < office.end:
                assert minutes == table.minutes_between([begin], [end])[0], day
            assert is_working == office.is_working(day), day


def test_a_changed_clock_makes_a_shorter_and_a_longer_night(offices: Offices) -> None:
    """Sundays are worked from midnight to five and from half past ten to midnight: 390 minutes by the wall clock."""
    nights = offices.ask(
        "select day::text, day_minutes from intermediate.int_calendar__day where jurisdiction = 'harbour'"
        " and day in ('2026-03-01', '2026-03-08', '2026-11-01') order by day"
    )
    assert nights == [("2026-03-01", 390), ("2026-03-08", 330), ("2026-11-01", 450)]


def test_without_a_calendar_and_outside_it_everything_is_null(offices: Offices) -> None:
    """Not a zero, not a guess, not a failure."""
    statement = offices.compiled("working_time_cases")
    begin, end = datetime(2023, 3, 1, 2, tzinfo=UTC), datetime(2023, 3, 2, 2, tzinfo=UTC)
    early = datetime(2021, 12, 31, 2, tzinfo=UTC)
    last = datetime(2027, 12, 31, 8, 0, tzinfo=UTC)
    cases = [
        ("without", begin, end, 3, 60),
        ("without", begin, end, 0, 0),
        ("vietnam", early, early, 3, 60),
        ("vietnam", last, last, 1, 121),
        ("vietnam", begin, end, -1, -1),
    ]
    with offices.database.connect("motcua_transformer") as connection:
        connection.execute(
            "create temporary table working_time_case (case_number integer, jurisdiction text, zone text,"
            " from_at timestamptz, to_at timestamptz, days integer, minutes integer)"
        )
        for number, (name, from_at, to_at, days, minutes) in enumerate(cases):
            connection.execute(
                "insert into working_time_case values (%s, %s, 'Asia/Ho_Chi_Minh', %s, %s, %s, %s)",
                (number, name, from_at, to_at, days, minutes),
            )
        found = connection.execute(f"select * from ({statement}) as a order by case_number".encode()).fetchall()
    nothing = (None, None, None, None)
    assert found[0][1:] == (None, None, *nothing)
    assert found[1][1:] == (None, None, *nothing)
    assert found[2][1:] == (None, None, *nothing)
    # Friday 31 December 2027 at 15:00: two hours are left of the calendar, and no day.
    assert found[3][1:] == (390 - 30, 0, None, None, None, datetime(2027, 12, 31, 9, 0, tzinfo=UTC))
    assert found[4][1:] == (120, 480, *nothing)
