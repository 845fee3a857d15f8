"""The deployment configuration as rows of reference.*, where the models read it.

Belongs here: making the tables equal to the configuration, in one transaction. Does not: reading configuration files.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from contracts.calendars import Calendar
from contracts.deployment import Deployment, Jurisdiction
from contracts.source import SourceContract
from warehouse.database import Database
from warehouse.expected import store_expected
from warehouse.fault_points import reached


def store_reference(database: Database, deployment: Deployment, sources: Mapping[str, SourceContract]) -> None:
    """Writes jurisdictions, their policies, periods and cut-offs, and whose each source is; what is no longer configured goes."""
    with database.connect("motcua_loader") as connection, connection.cursor() as cursor:
        cursor.execute("delete from reference.source")
        cursor.execute("delete from reference.calendar")
        cursor.execute("delete from reference.jurisdiction")
        for code, body in deployment.jurisdictions.items():
            _store_jurisdiction(cursor, code, body)
        for name, calendar in deployment.calendars.items():
            _store_calendar(cursor, name, calendar)
        cursor.executemany(
            "insert into reference.source (source, jurisdiction, owner, credit, maximum_age_hours)"
            " values (%s, %s, %s, %s, %s)",
            [
                (name, source.jurisdiction, sources[name].owner, sources[name].credit, sources[name].maximum_age_hours)
                for name, source in deployment.sources.items()
            ],
        )
        store_expected(cursor, deployment, sources)
        cursor.executemany(
            "insert into reference.reported_claim (jurisdiction, claim, who, reported_on, figure, figure_vi, definition,"
            " period_from, period_to, claimed, at_least, place)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    claim.jurisdiction, name, claim.who, claim.reported_on, claim.figure, claim.figure_vi,
                    claim.definition, claim.period_from, claim.period_to, claim.claimed, claim.at_least, place,
                )
                for place, (name, claim) in enumerate(deployment.claims.items(), 1)
            ],
        )  # fmt: skip
        reached("prepare.reference_stored")


def _store_calendar(cursor: psycopg.Cursor, name: str, calendar: Calendar) -> None:
    cursor.execute(
        "insert into reference.calendar (calendar, based_on, covered_from, covered_to) values (%s, %s, %s, %s)",
        (name, calendar.based_on, calendar.covered_from, calendar.covered_to),
    )
    cursor.executemany(
        "insert into reference.calendar_hours (calendar, weekday, opens, closes, effective_from, effective_to)"
        " values (%s, %s, %s, %s, %s, %s)",
        [
            (name, weekday, *stretch.split("-"), weekly.effective_from, weekly.effective_to)
            for weekly in calendar.weekly
            for weekday in weekly.weekdays
            for stretch in weekly.hours
        ],
    )
    cursor.executemany(
        "insert into reference.calendar_day (calendar, day, name, name_vi) values (%s, %s, %s, %s)",
        [(name, special.day, special.name, special.name_vi) for special in calendar.days],
    )
    cursor.executemany(
        "insert into reference.calendar_day_hours (calendar, day, opens, closes) values (%s, %s, %s, %s)",
        [(name, special.day, *stretch.split("-")) for special in calendar.days for stretch in special.hours],
    )


def _store_jurisdiction(cursor: psycopg.Cursor, code: str, body: Jurisdiction) -> None:
    cursor.execute(
        "insert into reference.jurisdiction"
        " (jurisdiction, name, name_vi, zone, calendar, time_rules, as_of, day_before_as_of, default_policy)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            code,
            body.name,
            body.name_vi,
            body.zone,
            body.calendar,
            body.time_rules,
            body.instant(body.as_of),
            body.day_before_as_of(),
            body.default_policy,
        ),
    )
    cursor.executemany(
        "insert into reference.jurisdiction_policy (jurisdiction, policy) values (%s, %s)",
        [(code, policy) for policy in body.policies],
    )
    cursor.executemany(
        "insert into reference.cut_off (jurisdiction, cut_off) values (%s, %s)",
        [(code, moment) for moment in body.published_cut_offs()],
    )
    cursor.executemany(
        "insert into reference.period (jurisdiction, period, name, name_vi, period_from, period_to, place)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        [
            (code, name, period.name, period.name_vi, period.period_from, period.period_to, place)
            for place, (name, period) in enumerate(body.periods.items(), 1)
        ],
    )


def store_labels(database: Database, labels: Mapping[str, tuple[str, str]]) -> None:
    """Writes the labels of columns and figures: English, then Vietnamese. What has none any more goes."""
    with database.connect("motcua_loader") as connection, connection.cursor() as cursor:
        cursor.execute("delete from reference.label where label <> all(%s)", (list(labels),))
        cursor.executemany(
            "insert into reference.label (label, en, vi) values (%s, %s, %s)"
            " on conflict (label) do update set en = excluded.en, vi = excluded.vi",
            [(name, english, vietnamese) for name, (english, vietnamese) in labels.items()],
        )
        reached("prepare.labels_stored")
