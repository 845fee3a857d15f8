"""Lists of dossiers as spreadsheets: what is late, and what was resolved in a period beside the form that counts it.

Belongs here: reading the rows (marts.rpt_late_dossier, fct_dossier, fct_dossier_verdict) and laying them out. Does not: judging
(dbt), or the forms (office_forms.py). No applicant is named: the published tables know none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from contracts.failures import UsageError
from reporting.office_forms import Occasion, gaps_in_words, printed
from reporting.workbook import Styles, print_across, written

#: What a sheet can hold, less its head.
MOST_ROWS = 1_048_576 - 8
_LATE = (
    "select l.dossier_code, u.unit_name, coalesce(p.field_name, l.field_name) as field_name, p.procedure_code,"
    " p.procedure_name, l.status, l.received_at, l.due_at, l.resolved_at, l.verdict, l.days_late, l.late_minutes,"
    " l.late_step, l.apologies_sent, l.due_moves, l.source, l.file_sha256, l.row_number"
    " from rpt_late_dossier as l"
    " left join dim_unit as u on u.unit_key = l.unit_key and u.is_current"
    " left join dim_procedure as p on p.procedure_key = l.procedure_key and p.is_current"
    ' where l.jurisdiction = %s order by l.unit_key collate "C", l.dossier_code collate "C", l.dossier_key collate "C"'
)
_RESOLVED = (
    "select d.dossier_code, d.unit_key, v.verdict, v.due_at, v.resolved_at, d.source, d.file_sha256, d.row_number"
    " from fct_dossier_verdict as v"
    " inner join fct_dossier as d on d.dossier_key = v.dossier_key"
    " inner join dim_period as t on t.jurisdiction = v.jurisdiction and t.period = %s"
    " where v.jurisdiction = %s and v.policy = %s and v.verdict in ('early', 'on_due_day', 'late', 'no_due')"
    " and v.resolved_at >= t.from_at and v.resolved_at < t.to_at"
    ' order by d.dossier_code collate "C", d.dossier_key collate "C"'
)
#: Which verdicts a column of II.06a counts: the form has no column for what has no due date, and counts it in 9.
VERDICTS_OF = {"early": ("early",), "on_time": ("on_due_day", "no_due"), "late": ("late",)}
_INSTANTS = frozenset({"received_at", "due_at", "resolved_at"})
_WIDTHS = {
    "number": 7, "dossier_code": 26, "unit_name": 34, "procedure_name": 40, "field_name": 24, "verdict": 24, "status": 22,
    "received_at": 17, "due_at": 17, "resolved_at": 17, "file_sha256": 68, "late_step": 24, "procedure_code": 14, "source": 12,
}  # fmt: skip
_HEAD_ROW = 3


def late_dossiers(connection: psycopg.Connection, occasion: Occasion) -> list[dict[str, Any]]:
    """The late list of a release: at its as-of instant, under the jurisdiction's own policy."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_LATE, (occasion.body.jurisdiction,)).fetchall()
    statuses = printed()["statuses"]
    return [
        _printed_row({**row, "number": place, "status": statuses.get(row["status"], row["status"])}, occasion.body.zone)
        for place, row in enumerate(rows, 1)
    ]


def resolved_dossiers(connection: psycopg.Connection, occasion: Occasion) -> Iterator[dict[str, Any]]:
    """Every dossier resolved in the period with its verdict and the row it stands in, by code. Read as it is asked for."""
    asked = (occasion.period["period"], occasion.body.jurisdiction, occasion.policy)
    with connection.cursor("resolved_dossiers", row_factory=dict_row) as cursor:
        cursor.itersize = 20_000
        for row in cursor.execute(_RESOLVED, asked):
            row["unit_code"] = row["unit_key"].split("/", 1)[1]
            yield _printed_row({**row, "release": occasion.body.release_id}, occasion.body.zone)


def _printed_row(row: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """The row, its instants by the local clock to the second, its verdict in words."""
    local = {
        name: row[name].astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)
        for name in _INSTANTS
        if row.get(name) is not None
    }
    return {**row, **local, "verdict": printed()["verdicts"][row["verdict"]]}


def book_of_late(occasion: Occasion, rows: Iterable[Mapping[str, Any]], as_of: datetime) -> bytes:
    """The late list as a spreadsheet."""
    told = printed()["late"]
    moment = as_of.astimezone(ZoneInfo(occasion.body.zone)).strftime("%H:%M, %d/%m/%Y")
    policy = occasion.body.default_policy
    subtitle = told["as_of"].format_map({**occasion.words(), "policy": policy, "as_of": moment})

    def fill(book: Any, styles: Styles) -> None:
        _write_list(book, styles, occasion, told, subtitle, rows)

    return written(fill, title=told["title"], about=subtitle, made_on=occasion.period["period_to"], rows_in_order=True)


def book_of_resolved(occasion: Occasion, rows: Iterable[Mapping[str, Any]], form_total: Mapping[str, Any]) -> bytes:
    """The inspector's table: every dossier, and how often each verdict stands there beside the form's own number.

    Raises UsageError when a sheet cannot hold them; a shorter period can then be asked for.
    """
    told = printed()["inspection"]
    subtitle = told["span"].format_map(occasion.words())

    def fill(book: Any, styles: Styles) -> None:
        counted = _write_list(book, styles, occasion, told, subtitle, rows)
        _write_summary(book, styles, told, counted, form_total)

    return written(fill, title=told["title"], about=subtitle, made_on=occasion.period["period_to"], rows_in_order=True)


def _write_list(
    book: Any,
    styles: Styles,
    occasion: Occasion,
    told: Mapping[str, Any],
    subtitle: str,
    rows: Iterable[Mapping[str, Any]],
) -> Counter[str]:
    """A sheet of rows under their titles; gives how often each verdict was written."""
    sheet, columns = book.add_worksheet(told["sheet"]), list(told["columns"])
    sheet.write_string(0, 0, f"{told['title']} – {occasion.body.name_vi}", styles["bold"])
    sheet.write_string(1, 0, subtitle, styles["note"])
    sheet.write_string(2, 0, " ".join(line.strip() for line in gaps_in_words(occasion)), styles["note"])
    for column, name in enumerate(columns):
        sheet.set_column(column, column, _WIDTHS.get(name, 11))
        sheet.write_string(_HEAD_ROW, column, told["columns"][name], styles["head"])
    counted: Counter[str] = Counter()
    for place, row in enumerate(rows):
        if place >= MOST_ROWS:
            raise UsageError(f"a sheet cannot hold more than {MOST_ROWS:,} dossiers", hint="Ask for a shorter period.")
        _write_row(sheet, styles, _HEAD_ROW + 1 + place, [(name, row[name]) for name in columns])
        counted[row["verdict"]] += 1
    sheet.autofilter(_HEAD_ROW, 0, _HEAD_ROW + max(1, counted.total()), len(columns) - 1)
    sheet.freeze_panes(_HEAD_ROW + 1, 2)
    print_across(sheet, header_row=_HEAD_ROW)
    return counted


def _write_row(sheet: Any, styles: Styles, index: int, cells: Iterable[tuple[str, Any]]) -> None:
    for column, (name, value) in enumerate(cells):
        if value is None:
            sheet.write_blank(index, column, None, styles["text"])
        elif name in _INSTANTS:
            sheet.write_datetime(index, column, value, styles["instant"])
        elif isinstance(value, int):
            sheet.write_number(index, column, value, styles["whole"])
        else:
            sheet.write_string(index, column, str(value), styles["text"])


def _write_summary(
    book: Any, styles: Styles, told: Mapping[str, Any], counted: Counter[str], form_total: Mapping[str, Any]
) -> None:
    """Each column of the form: how many dossiers of the list it counts, the form's number, the difference."""
    sheet, verdicts = book.add_worksheet(told["summary"]), printed()["verdicts"]
    letter = chr(ord("A") + list(told["columns"]).index("verdict"))
    last = _HEAD_ROW + 1 + max(1, counted.total())
    where = f"'{told['sheet']}'!${letter}${_HEAD_ROW + 2}:${letter}${last}"
    sheet.set_column(0, 3, 28)
    for column, text in enumerate(told["summary_header"]):
        sheet.write_string(0, column, text, styles["head"])
    for row, (name, text) in enumerate(told["summary_rows"].items(), 1):
        words = [verdicts[verdict] for verdict in VERDICTS_OF.get(name, ())]
        found = sum(counted[word] for word in words) if words else counted.total()
        formula = "+".join(f'COUNTIF({where},"{word}")' for word in words) or f"SUM(B2:B{row})"
        sheet.write_string(row, 0, text, styles["text"])
        sheet.write_formula(row, 1, f"={formula}", styles["count"], found)
        sheet.write_number(row, 2, form_total[name], styles["count"])
        sheet.write_formula(row, 3, f"=B{row + 1}-C{row + 1}", styles["count"], found - form_total[name])
