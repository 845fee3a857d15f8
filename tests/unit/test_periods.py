"""Periods and cut-offs of a deployment: which instants are counted.

Belongs here: contracts/deployment on its own. Does not: what is counted there.
"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.deployment import Jurisdiction

PERIOD = {"name": "p", "name_vi": "p"}


def _jurisdiction(**entries: Any) -> Jurisdiction:
    given = {"name": "n", "name_vi": "n", "zone": "Asia/Ho_Chi_Minh", "policies": ["day"], "default_policy": "day"}
    return Jurisdiction.model_validate(given | entries)


def _counted(body: Jurisdiction) -> list[str]:
    return [f"{moment:%Y-%m-%dT%H:%MZ}" for moment in body.published_cut_offs()]


def test_bounds_of_periods_as_of_and_the_day_before_are_counted_once() -> None:
    body = _jurisdiction(
        as_of="2023-07-01",
        cut_offs=["2023-04-01", "2023-07-01T00:00:00+07:00"],
        periods={
            "2023H1": PERIOD | {"period_from": "2023-01-01", "period_to": "2023-07-01"},
            "2023Q1": PERIOD | {"period_from": "2023-01-01", "period_to": "2023-04-01"},
        },
    )
    assert _counted(body) == ["2022-12-31T17:00Z", "2023-03-31T17:00Z", "2023-06-29T17:00Z", "2023-06-30T17:00Z"]


@pytest.mark.parametrize(("as_of", "over"), [("2023-06-30T23:59:59", False), ("2023-07-01", True)])
def test_a_period_that_is_not_over_is_no_cut_off(as_of: str, over: bool) -> None:
    periods = {"2023Q2": PERIOD | {"period_from": "2023-04-01", "period_to": "2023-07-01"}}
    counted = _counted(_jurisdiction(as_of=as_of, periods=periods))
    assert ("2023-03-31T17:00Z" in counted) is over
    assert len(counted) == (3 if over else 2)


def test_without_cut_offs_and_periods_nothing_is_counted() -> None:
    assert _counted(_jurisdiction(as_of="2023-07-01")) == []


@pytest.mark.parametrize(
    ("as_of", "before"), [("2015-03-08T12:00", "2015-03-07T17:00Z"), ("2015-11-01T12:00", "2015-10-31T16:00Z")]
)
def test_the_day_before_is_a_day_on_the_wall(as_of: str, before: str) -> None:
    """Boston's clocks went forward on 8 March 2015 and back on 1 November: 23 and 25 hours before noon."""
    body = _jurisdiction(zone="America/New_York", as_of=as_of, cut_offs=[as_of])
    assert _counted(body)[0] == before


@pytest.mark.parametrize(
    "period", [{"period_from": "2023-07-01", "period_to": "2023-07-01"}, {"period_from": "2023-07-01"}]
)
def test_a_period_must_last(period: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        _jurisdiction(as_of="2023-07-01", periods={"p": PERIOD | period})


def test_the_name_of_a_year_may_be_written_as_a_number() -> None:
    periods = {2023: PERIOD | {"period_from": "2023-01-01", "period_to": "2024-01-01"}}
    assert list(_jurisdiction(as_of="2024-01-01", periods=periods).periods) == ["2023"]
