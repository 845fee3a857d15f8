"""Which rule counts on which day: the shipped ones as the decrees say them, and made ones with every setting a rule may have.

Belongs here: rules in plain Python, and an office in the database that works by the made ones. Does not: what comes of a rule
(test_rules.py).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date
from itertools import product

import psycopg

#: An office with the town's calendar, and another made rule each day.
MADE, _LIKE = "made", "town"
#: From this local day on, NĐ 118/2025 governs what is received.
_HANDED_OVER_FROM = date(2025, 7, 1)
_PAUSING = {"town"}


@dataclass(frozen=True)
class Rule:
    """The settings of a row of working_rule, by its columns' words."""

    receipt_is_day: int
    handed_over_after: str | None
    off_day_receipt: str
    due_hour: str
    calendar_days_end: str
    supplement: str


#: Every combination. Hours that are handed over end with the morning, at an hour with minutes.
_EVERY = [
    Rule(*settings)
    for settings in product(
        (0, 1), (None, "11:30"), ("stays", "next_working_day"), ("receipt", "closing"), ("next_working_day", "same_day"),
        ("restart", "pause"),
    )
]  # fmt: skip


def rule_of(jurisdiction: str, received_on: date) -> Rule:
    """The rule in force for what an office receives on a local day."""
    if jurisdiction == MADE:
        return _EVERY[(received_on - date.min).days % len(_EVERY)]
    handed_over, off_day = ("15:00", "next_working_day") if received_on >= _HANDED_OVER_FROM else (None, "stays")
    supplement = "pause" if jurisdiction in _PAUSING else "restart"
    return Rule(0, handed_over, off_day, "receipt", "next_working_day", supplement)


def make_rules(connection: psycopg.Connection) -> None:
    """The office with made rules, in the connection's transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into intermediate.working_rule (rule, rule_set, effective_from, minutes_a_day, receipt_is_day,"
            " handed_over_after, off_day_receipt, due_hour, calendar_days_end, supplement)"
            " values ('made_' || %s::text, 'made', '2022-01-01', 480, %s, %s, %s, %s, %s, %s)",
            [(number, *astuple(rule)) for number, rule in enumerate(_EVERY)],
        )
    for calendar in ("int_calendar__day", "int_calendar__working_day", "int_calendar__bucket"):
        for statement in (
            f"create temporary table made as select * from intermediate.{calendar} where jurisdiction = '{_LIKE}'",
            f"update made set jurisdiction = '{MADE}'",
            f"insert into intermediate.{calendar} select * from made",
            "drop table made",
        ):
            connection.execute(statement.encode())
    connection.execute(
        "update intermediate.int_calendar__day as made set rule = working_rule.rule,"
        " handed_over_after = (made.day + cast(working_rule.handed_over_after as time)) at time zone made.zone"
        f" from intermediate.working_rule where made.jurisdiction = '{MADE}'"
        f" and working_rule.rule = 'made_' || ((made.day - date '0001-01-01') % {len(_EVERY)})".encode()
    )
