"""Everything a release's pages tell, read once from what is published, in no language yet.

Belongs here: reading, and which periods are told. Does not: laying it out, or what the ledger and the gate know of the release,
which is handed in (orchestration/site).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from reporting import catalogue, figures, official
from reporting.brief_figures import Figure, brief_figures
from reporting.explaining import origin
from reporting.explaining.model import Statement
from reporting.gaps import ALL_FIGURES, find_gaps
from reporting.pages.proof import Proof
from reporting.pages.recount import Recount, prove, recount
from reporting.published import Body

Row = Mapping[str, Any]
#: So many periods are told side by side.
_MOST_PERIODS = 12


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """A period and the figures that are published of it."""

    period: Row
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class CatalogueChange:
    """What came and went between two days on which the catalogue is known."""

    summary: Row
    changes: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Known:
    """What others know of the release: `facts` as a manifest has them, its tables with rows and hash, `reasons` of the checks,
    how it compares with the release before (None for the first that is kept), and its signed manifest with those before it
    (None where none was made).
    """

    facts: Row
    tables: Mapping[str, Row]
    reasons: Mapping[str, str]
    changes: Row | None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """The content of all pages of a release. Without dossiers `cut_off` is None; without a period that is over, `main` is."""

    body: Body
    known: Known
    as_of: datetime
    policy: Row
    cut_off: datetime | None
    main: OfPeriod | None
    course: Sequence[OfPeriod]
    forms: Mapping[str, Sequence[Row]]
    recounted: Recount
    procedures: Row | None
    ranking: Sequence[Row]
    steps: Sequence[Row]
    channels: Sequence[Row]
    catalogue: Sequence[CatalogueChange]
    sync: Sequence[Row]
    claims: Sequence[Row]
    gaps: Sequence[Row]
    #: By published table, the SQL that made it, nearest first; empty where the build did not note it.
    statements: Mapping[str, Sequence[Statement]]

    @property
    def zone(self) -> str:
        """The jurisdiction's clock."""
        return self.body.zone


def gather(connection: psycopg.Connection, body: Body, period: str | None, known: Known) -> Release:
    """What the connection's release says of one jurisdiction. Without a period, of the longest of those that ended last.

    Raises UsageError for a period that is not over, FormDoesNotAddUp when a form is not what its dossiers come to.
    """
    reader = _Reader(connection, body)
    main = reader.main_period(period)
    forms: dict[str, list[dict[str, Any]]] = {}
    recounted: Recount = {}
    if main is not None and body.cut_offs:
        forms = {variant: reader.form(main.period, variant) for variant in ("fields", "levels")}
        recounted = recount(connection, body.jurisdiction, body.default_policy, main.period)
        for variant, rows in forms.items():
            prove(rows, variant, recounted)
    return Release(
        body=body, known=known, as_of=official.as_of(connection, body), policy=reader.policy(),
        cut_off=body.cut_offs[-1] if body.cut_offs else None, main=main,
        course=reader.course(), forms=forms, recounted=recounted,
        procedures=None if main is None else reader.procedures(main.period), ranking=reader.ranking(),
        steps=reader.steps(), channels=reader.channels(), catalogue=reader.catalogue(), sync=reader.sync(),
        claims=reader.claims(),
        statements=_statements(connection, body.release_id),
        gaps=find_gaps(connection, body.jurisdiction, body.release_id).touching(ALL_FIGURES),
    )  # fmt: skip


#: The published tables that pages read their figures from.
TABLES = (
    "rpt_form_ii06a", "rpt_rate", "rpt_form_ii07b", "rpt_claim", "rpt_unit_ranking", "rpt_step_bottleneck",
    "rpt_sync_difference", "fct_timeliness", "fct_catalogue_change",
)  # fmt: skip


def _statements(connection: psycopg.Connection, release_id: int) -> dict[str, Sequence[Statement]]:
    _, run_id = origin.release_read(connection, release_id)
    made = {table: origin.made_by(connection, run_id, table)[0] for table in TABLES}
    return {table: statements for table, statements in made.items() if statements}


@dataclass(frozen=True, slots=True)
class _Reader:
    connection: psycopg.Connection
    body: Body

    def _rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), (self.body.jurisdiction, *values)).fetchall()

    def policy(self) -> Row:
        """The jurisdiction's own policy: its name and how it compares; empty where nothing is judged."""
        rows = self._rows(
            "select policy, name, name_vi, compares from dim_policy where jurisdiction = %s and policy = %s",
            self.body.default_policy,
        )
        return rows[0] if rows else {}

    def _periods(self) -> list[dict[str, Any]]:
        """Those that are over, in time; of two that end together the longer one last."""
        return self._rows(
            "select period, name, name_vi, period_from, period_to, from_at, to_at from dim_period"
            " where jurisdiction = %s and is_complete order by period_to, period_from desc, place, period_key"
        )

    def main_period(self, wanted: str | None) -> OfPeriod | None:
        """The one asked for, or the longest of those that ended last."""
        periods = self._periods()
        if wanted is not None:
            official.chosen_period(self.connection, self.body, wanted)
            periods = [period for period in self._periods() if period["period"] == wanted]
        if not periods:
            return None
        chosen = min(periods, key=lambda period: (-period["period_to"].toordinal(), period["period_from"]))
        return OfPeriod(chosen, brief_figures(self.connection, self.body, chosen))

    def course(self) -> list[OfPeriod]:
        """The shortest kind of period of which several are over, in time: the months of a half year."""
        by_length: dict[int, list[dict[str, Any]]] = {}
        for period in self._periods():
            by_length.setdefault(_months(period["period_from"], period["period_to"]), []).append(period)
        several = [periods for _, periods in sorted(by_length.items()) if len(periods) > 1]
        chosen = several[0][-_MOST_PERIODS:] if several else []
        return [OfPeriod(period, brief_figures(self.connection, self.body, period)) for period in chosen]

    def form(self, period: Row, variant: str) -> list[dict[str, Any]]:
        """Rows of II.06a in the printed order, under the jurisdiction's own policy."""
        columns = ", ".join(official.COLUMNS_II06A)
        rows = self._rows(
            f"select form_row_key, row_place, row_kind, ordinal, level, unit_key, label, {columns} from rpt_form_ii06a"
            " where jurisdiction = %s and period = %s and policy = %s and variant = %s order by row_place",
            period["period"], self.body.default_policy, variant,
        )  # fmt: skip
        return [{**row, "unit": _code(row["unit_key"])} for row in rows]

    def procedures(self, period: Row) -> Row | None:
        """The row of II.07b."""
        rows = self._rows("select * from rpt_form_ii07b where jurisdiction = %s and period = %s", period["period"])
        return rows[0] if rows else None

    def ranking(self) -> list[dict[str, Any]]:
        """Every unit within its level."""
        return self._rows(
            "select unit_key, split_part(unit_key, '/', 2) as unit, policy, as_of, level, unit_name, unit_rank, rank_before,"
            " rank_change, on_time, judged, on_time_rate, on_time_rate_before from rpt_unit_ranking where jurisdiction = %s"
            " order by case level when 'province' then 1 when 'district' then 2 when 'commune' then 3 else 4 end,"
            ' unit_rank nulls last, unit_key collate "C"'
        )

    def steps(self) -> list[dict[str, Any]]:
        """Steps of the workflow by unit and month."""
        return self._rows(
            "select b.workflow_step, b.unit_key, u.unit_name, b.started_month, sum(b.steps)::bigint as steps,"
            " sum(b.steps_over)::bigint as steps_over, sum(b.over_minutes)::bigint as over_minutes"
            " from rpt_step_bottleneck as b inner join dim_unit as u on u.unit_key = b.unit_key and u.is_current"
            " where b.jurisdiction = %s group by b.workflow_step, b.unit_key, u.unit_name, b.started_month"
            ' order by b.workflow_step collate "C", b.unit_key collate "C", b.started_month'
        )

    def channels(self) -> list[dict[str, Any]]:
        """The figures of each channel at the last cut-off."""
        if not self.body.cut_offs:
            return []
        kinds = {
            row["channel_code"]: row["kind"]
            for row in self._rows("select channel_code, kind from dim_channel where jurisdiction = %s")
        }
        rows = figures.at_cut_offs(
            self.connection, self.body, self.body.default_policy, [self.body.cut_offs[-1]], ("channel",)
        )
        return [{**row, "kind": kinds[row["channel"]]} for row in rows]

    def catalogue(self) -> list[CatalogueChange]:
        """Between each two neighbouring days on which it is known."""
        days: list[date] = catalogue.known_days(self.connection, self.body.jurisdiction)
        pairs = itertools.pairwise(days)
        asked = (self.connection, self.body.jurisdiction)
        return [
            CatalogueChange(catalogue.summary(*asked, first, last), catalogue.changes(*asked, first, last))
            for first, last in pairs
        ]

    def sync(self) -> list[dict[str, Any]]:
        """Dossiers that differ, by kind and unit."""
        return self._rows(
            "select s.kind, s.unit_key, u.unit_name, sum(s.dossiers)::bigint as dossiers from rpt_sync_difference as s"
            " left join dim_unit as u on u.unit_key = s.unit_key and u.is_current where s.jurisdiction = %s"
            ' group by s.kind, s.unit_key, u.unit_name order by s.kind collate "C", sum(s.dossiers) desc,'
            ' s.unit_key collate "C"'
        )

    def claims(self) -> list[dict[str, Any]]:
        """What others reported, beside ours."""
        return self._rows(
            "select claim, claim_key, figure, figure_vi, definition, claimed, at_least, ours, difference, who, reported_on,"
            " period_from, period_to from rpt_claim where jurisdiction = %s order by place, claim_key"
        )


def _months(first: date, after: date) -> int:
    """Whole months for what is made of them; days beyond that, so that a week is no month."""
    months = (after.year - first.year) * 12 + after.month - first.month
    return months * 31 + (after.day - first.day)


def _code(key: str | None) -> str | None:
    return None if key is None else key.split("/", 1)[1]
