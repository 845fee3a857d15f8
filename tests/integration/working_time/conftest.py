"""A database with nothing but calendars, made by the shipped models from a deployment file, and the macros compiled.

Belongs here: that database and the offices it has, described a second time in plain Python. Does not: assertions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from expectations.suite import required_checks
from orchestration import dbt_project
from orchestration.settings import Settings, load_settings
from tests.integration.working_time.walked_minutes import EIGHT_HOURS, MinuteTable, Office, listed_days
from warehouse.database import Database, open_database
from warehouse.migrate import migrate
from warehouse.reference import store_reference
from warehouse.server.launcher import EmbeddedServer

CALENDARS = (
    "national_calendar", "national_hours", "national_day", "working_rule", "int_calendar__named",
    "int_calendar__stretch", "int_calendar__day", "int_calendar__working_day", "int_calendar__bucket",
)  # fmt: skip
_WINTER = {"effective_from": "2023-11-01", "effective_to": "2024-03-01"}
#: Local hours over the national calendar: half-days, another week for one winter, a day off and a Sunday of its own.
_TOWN = {
    "based_on": "vietnam",
    "weekly": [
        {"weekdays": [1, 2, 3, 4], "hours": ["07:30-12:00", "13:00-16:30"], **_WINTER},
        {"weekdays": [5, 6], "hours": "07:30-11:30", **_WINTER},
    ],
    "days": [
        {"day": "2023-01-19", "hours": "07:00-11:30", "name": "Eve of the holidays", "name_vi": "Nghỉ nửa ngày trước Tết"},
        {"day": "2023-03-10", "name": "Festival", "name_vi": "Lễ hội"},
        {"day": "2024-02-29", "hours": ["08:00-09:00", "10:00-10:30", "20:00-24:00"], "name": "Inventory", "name_vi": "Kiểm kê"},
        {"day": "2023-01-22", "hours": "10:00-12:00", "name": "Open on New Year's Day", "name_vi": "Trực Tết"},
    ],
}  # fmt: skip
#: An office that works at night too, through the hours in which the clock is changed (8 March, 1 November 2026).
_HARBOUR = {
    "covered_from": "2026-01-01", "covered_to": "2027-01-01",
    "weekly": [
        {"weekdays": [1, 2, 3, 4, 5], "hours": "09:00-17:00"},
        {"weekdays": [6, 7], "hours": ["00:00-05:00", "22:30-24:00"]},
    ],
    "days": [{"day": "2026-07-04", "name": "Independence Day", "name_vi": "Quốc khánh Hoa Kỳ"}],
}  # fmt: skip
_BODIES = {
    "vietnam": ("Asia/Ho_Chi_Minh", "vietnam", "vietnam"),
    "town": ("Asia/Ho_Chi_Minh", "town", "vietnam_pausing"),
    "harbour": ("America/New_York", "harbour", None),
    "without": ("America/New_York", None, None),
}


def _deployment() -> dict[str, object]:
    bodies = {
        code: {
            "name": code, "name_vi": code, "zone": zone, "calendar": calendar, "time_rules": rules,
            "as_of": "2027-01-01", "policies": ["day"], "default_policy": "day",
        }
        for code, (zone, calendar, rules) in _BODIES.items()
    }  # fmt: skip
    return {
        "name": "offices", "jurisdictions": bodies, "calendars": {"town": _TOWN, "harbour": _HARBOUR},
        "sources": {"boston311": {"jurisdiction": "without", "path": "nowhere"}},
    }  # fmt: skip


def _vietnam() -> Office:
    special: dict[date, tuple[tuple[int, int], ...]] = dict.fromkeys(listed_days("off"), ())
    # Every make-up day stands for a weekday, and those have the same hours.
    special |= dict.fromkeys(listed_days("makeup_workday"), EIGHT_HOURS)
    return Office("Asia/Ho_Chi_Minh", date(2022, 1, 1), date(2028, 1, 1), dict.fromkeys(range(5), EIGHT_HOURS), special)


def _town() -> Office:
    nation = _vietnam()
    special = dict(nation.special)
    day = date(2023, 11, 1)
    while day < date(2024, 3, 1):
        if day not in special:
            long, short = ((450, 720), (780, 990)), ((450, 690),)
            special[day] = long if day.weekday() < 4 else short if day.weekday() < 6 else ()
        day += timedelta(days=1)
    special |= {
        date(2023, 1, 19): ((420, 690),), date(2023, 3, 10): (), date(2023, 1, 22): ((600, 720),),
        date(2024, 2, 29): ((480, 540), (600, 630), (1200, 1440)),
    }  # fmt: skip
    return Office(nation.zone, nation.first, nation.end, nation.weekly, special)


def _harbour() -> Office:
    weekly = dict.fromkeys(range(5), ((540, 1020),)) | dict.fromkeys((5, 6), ((0, 300), (1350, 1440)))
    return Office("America/New_York", date(2026, 1, 1), date(2027, 1, 1), weekly, {date(2026, 7, 4): ()})


@dataclass(frozen=True)
class Offices:
    """The database, the compiled macros, and the truth about each office."""

    settings: Settings
    database: Database
    prepared: dbt_project.Prepared
    tables: dict[str, MinuteTable]

    def compiled(self, name: str) -> str:
        return dbt_project.compiled(self.settings, self.database, self.prepared, [name])[name]

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self.database.connect() as connection:
            return connection.execute(query.encode(), values).fetchall()


@pytest.fixture(scope="session")
def offices(session_server: EmbeddedServer, session_folder: Path) -> Iterator[Offices]:
    config = session_folder / "offices.yml"
    config.write_text(yaml.safe_dump(_deployment(), allow_unicode=True), encoding="utf-8")
    settings = load_settings(config, database="offices")
    with open_database(settings.home, "offices") as database:
        migrate(database, settings.all_contracts, required_checks())
        store_reference(database, settings.deployment, settings.contracts)
        prepared = dbt_project.prepare(settings)
        problems = dbt_project.build(settings, database, prepared, lambda _: None, CALENDARS)
        assert problems == []
        tables = {
            code: MinuteTable(office)
            for code, office in {"vietnam": _vietnam(), "town": _town(), "harbour": _harbour()}.items()
        }
        yield Offices(settings, database, prepared, tables)
