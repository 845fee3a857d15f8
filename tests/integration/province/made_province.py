"""A made province with its systems up and the warehouse it was read into, and its half year counted from published facts.

Belongs here: asking and counting. Does not: fixtures (conftest.py) or assertions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from demo.box import CONFIG
from orchestration.running import RunSummary, run_job
from orchestration.session import NoProgress, Stretch
from orchestration.settings import Settings, load_settings
from warehouse.database import Database

ZONE = "Asia/Ho_Chi_Minh"
#: The half year as form II.06a counts it, from dossiers and verdicts.
COUNTED = """
    with period as (select %s::timestamp at time zone %s as a, %s::timestamp at time zone %s as b),
    dossier as (
        select d.*, v.verdict, period.a, period.b,
            (d.resolved_at >= a and d.resolved_at < b and d.closed_otherwise_at is null) is true as done,
            coalesce(d.resolved_at, d.closed_otherwise_at) as ended_at
        from marts.fct_dossier as d
        inner join marts.fct_dossier_verdict as v on v.dossier_key = d.dossier_key and v.policy = 'day'
        inner join marts.dim_unit as u on u.unit_key = d.unit_key and u.is_current
        cross join period
        where %s::text is null or %s in (u.level, u.statistics_code, split_part(u.parent_unit_key, '/', 2))
    )
    select count(*) filter (where received_at < a and (ended_at is null or ended_at >= a)) as opening,
        count(*) filter (where received_at >= a and received_at < b) as received,
        count(*) filter (where done) as resolved,
        count(*) filter (where done and verdict = 'early') as early,
        count(*) filter (where done and verdict = 'on_due_day') as on_due_day,
        count(*) filter (where done and verdict in ('early', 'on_due_day')) as on_time,
        count(*) filter (where done and verdict = 'late') as late,
        count(*) filter (where not done and closed_otherwise_at >= a and closed_otherwise_at < b) as closed_otherwise,
        count(*) filter (where received_at < b and (ended_at is null or ended_at >= b)) as pending
    from dossier
"""


@dataclass(frozen=True, slots=True)
class Province:
    """A made province whose systems are up, and the warehouse it was read into."""

    folder: Path
    arguments: list[str]
    database: Database

    def settings(self, database: str | None = None, *more: str) -> Settings:
        return settings_of(self.arguments, database or self.database.name, *more)

    def truth(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "truth.json").read_text(encoding="utf-8")))

    def ledger(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "ledger.parquet")

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.database.connect() as connection:
            return connection.execute(query.encode(), values).fetchall()

    def counted(self, begin: str, end: str, part: str | None = None) -> dict[str, int]:
        with self.database.connect() as connection:
            cursor = connection.execute(COUNTED, (begin, ZONE, end, ZONE, part, part))
            assert cursor.description is not None
            return dict(zip([column.name for column in cursor.description], cursor.fetchone() or (), strict=True))


def settings_of(arguments: list[str], database: str, *more: str) -> Settings:
    """The deployment that `motcua run` with these arguments would work on."""
    given = [value for flag, value in pairwise(arguments) if flag == "--set"]
    return load_settings(CONFIG, [*given, *more], database)


def run(settings: Settings, stretch: Stretch | None = None) -> RunSummary:
    summary = run_job(settings, NoProgress(), stretch or Stretch())
    assert summary.failure is None, (summary.failure, summary.reasons, summary.silent)
    return summary


def differences(ours: dict[str, int], theirs: dict[str, Any]) -> dict[str, tuple[int, Any]]:
    return {name: (value, theirs[name]) for name, value in ours.items() if value != theirs[name]}
