"""Calendars of a deployment file: what is refused, and that what is meant gets through.

Belongs here: validation. Does not: what days come of it (tests/integration/working_time).
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from contracts.calendars import Calendar, clock_minutes
from contracts.deployment import Deployment, Jurisdiction
from tests.runbook import RUNBOOKS

_WEEK = {"weekdays": [1, 2, 3, 4, 5], "hours": ["07:00-11:30", "13:30-17:00"]}
_ALONE = {"covered_from": "2023-01-01", "covered_to": "2024-01-01", "weekly": [_WEEK]}


def _special(day: str = "2023-01-19", **other: object) -> dict[str, object]:
    return {"day": day, "name": "Festival", "name_vi": "Lễ hội", **other}


@pytest.mark.parametrize(
    ("stretch", "minutes"), [("07:00-11:30", (420, 690)), ("00:00-24:00", (0, 1440)), ("23:30-24:00", (1410, 1440))]
)
def test_a_stretch_in_minutes(stretch: str, minutes: tuple[int, int]) -> None:
    assert clock_minutes(stretch) == minutes


@pytest.mark.parametrize(
    "stretch", ["7:00-11:30", "07:00", "07:00–11:30", "11:30-07:00", "07:00-07:29", "07:00-24:01", "24:00-25:00", ""]
)
def test_what_is_no_stretch(stretch: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        clock_minutes(stretch)


def test_one_stretch_may_stand_alone() -> None:
    calendar = Calendar.model_validate({"based_on": "vietnam", "days": [_special(hours="07:00-11:30")]})
    assert calendar.days[0].hours == ("07:00-11:30",)
    assert Calendar.model_validate({"based_on": "vietnam", "days": [_special()]}).days[0].hours == ()


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({"weekly": [_WEEK]}, "needs weekly hours, covered_from and covered_to"),
        ({"covered_from": "2023-01-01", "covered_to": "2024-01-01"}, "needs weekly hours"),
        ({**_ALONE, "covered_to": "2023-01-01"}, "covered_to must lie after covered_from"),
        ({**_ALONE, "weekly": [_WEEK, {"weekdays": [5], "hours": "07:00-11:30"}]}, "two weekly hours for one day"),
        ({**_ALONE, "weekly": [{"weekdays": [0], "hours": "07:00-11:30"}]}, "Monday is 1"),
        ({**_ALONE, "weekly": [{"weekdays": [1], "hours": []}]}, "at least 1 item"),
        ({**_ALONE, "days": [_special(hours=["13:30-17:00", "07:00-11:30"])]}, "must come in order"),
        ({**_ALONE, "days": [_special(hours=["07:00-11:30", "11:30-17:00"])]}, "with time between them"),
        (
            {**_ALONE, "days": [_special(hours=["01:00-02:00", "03:00-04:00", "05:00-06:00", "07:00-08:00"])]},
            "at most 3 stretches",
        ),
        ({**_ALONE, "days": [_special(), _special()]}, "named twice"),
        ({**_ALONE, "half_days": []}, "Extra inputs"),
    ],
)
def test_what_is_refused(entries: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Calendar.model_validate(entries)


def test_weekly_hours_may_follow_each_other() -> None:
    winter = {**_WEEK, "effective_from": "2023-10-01", "effective_to": "2024-04-01"}
    summer = {**_WEEK, "effective_from": "2024-04-01"}
    assert len(Calendar.model_validate({**_ALONE, "weekly": [winter, summer]}).weekly) == 2
    with pytest.raises(ValidationError, match="two weekly hours for one day"):
        Calendar.model_validate({**_ALONE, "weekly": [winter, {**summer, "effective_from": "2024-03-31"}]})


def test_rules_count_in_a_calendar() -> None:
    body = {
        "name": "n", "name_vi": "n", "zone": "UTC", "as_of": "2023-01-01", "policies": ["day"], "default_policy": "day",
    }  # fmt: skip
    assert Jurisdiction.model_validate({**body, "calendar": "vietnam", "time_rules": "vietnam"}).time_rules == "vietnam"
    with pytest.raises(ValidationError, match="name one"):
        Jurisdiction.model_validate({**body, "time_rules": "vietnam"})
    told = {"name": "d", "jurisdictions": {"j": body}, "sources": {"s": {"jurisdiction": "j", "path": "p"}}}
    assert Deployment.model_validate({**told, "calendars": {"alone": _ALONE}}).calendars["alone"].weekly


def test_the_calendars_the_runbook_shows_are_calendars() -> None:
    [shown] = re.findall(r"(?:^    .*\n)+", (RUNBOOKS / "deployment.md").read_text("utf-8").split("### days")[1], re.M)[
        :1
    ]
    calendars = yaml.safe_load(textwrap.dedent(shown))["calendars"]
    assert [Calendar.model_validate(entries).based_on for entries in calendars.values()] == ["vietnam", None]


def test_a_wrong_stretch_is_told_what_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"^'7:00-11:30' is no stretch of work; write it as 07:00-11:30$"):
        clock_minutes("7:00-11:30")
    with pytest.raises(
        ValueError, match=r"^'07:00-07:29' must end within its day, 30 minutes or more after it begins$"
    ):
        clock_minutes("07:00-07:29")


def test_the_most_that_is_allowed_is_allowed() -> None:
    hours = ["07:00-08:00", "09:00-10:00", "11:00-12:00"]
    assert Calendar.model_validate({**_ALONE, "weekly": [{"weekdays": [1, 7], "hours": hours}]}).weekly[0].weekdays == (
        1,
        7,
    )
    for wrong, problem in (
        ({"weekdays": [8], "hours": hours}, "error, 8 is no weekday"),
        ({"weekdays": [0], "hours": hours}, "error, 0 is no weekday"),
        ({"weekdays": [1], "hours": [*hours, "13:00-14:00"]}, "error, a day has at most 3 stretches of work"),
    ):
        with pytest.raises(ValidationError, match=problem):
            Calendar.model_validate({**_ALONE, "weekly": [wrong]})
    with pytest.raises(ValidationError, match=r"error, a special day is named twice \["):
        Calendar.model_validate({**_ALONE, "days": [_special(), _special()]})


def test_other_weekdays_may_have_other_hours_at_one_time() -> None:
    weekend = {"weekdays": [6], "hours": "08:00-11:00"}
    assert len(Calendar.model_validate({**_ALONE, "weekly": [_WEEK, weekend]}).weekly) == 2
