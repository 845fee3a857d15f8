"""`motcua period`: freezing a period's published figures, and what was corrected since.

Belongs here: options, and handing what was frozen to what compares it. Does not: the rules of closing (the database).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.deployment import instant
from contracts.failures import UsageError
from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language

if TYPE_CHECKING:
    import psycopg

    from reporting.published import Body
    from warehouse.periods import ClosedPeriod

app = typer.Typer(help="Periods: close (chốt số), list, show.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="P", help="2023, 2023-H1, 2023-Q1, 2023-03 or 2023-01..2023-04.")]


@app.command()
def close(
    name: Name,
    because: options.Because,
    by: options.Person = None,
    jurisdiction: options.JurisdictionOption = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Freeze a period's published figures. Later releases leave them as they are; it cannot be reopened.

    Example:

      motcua period close 2023-H1 --because 'báo cáo 6 tháng đã ký'
    """
    from reporting.published import parse_period, published_body
    from warehouse.periods import Closing, close_period

    span = parse_period(name)
    with opened(config, database) as (_, found):
        with reading(found) as connection:
            body = published_body(connection, jurisdiction)
        ends = [instant(day.isoformat(), body.zone) for day in (span.first_month, span.next_month)]
        closing = Closing(body.jurisdiction, span.name, ends[0], ends[1], options.ordered(because, by))
        release = close_period(found, closing)
    print(f"period {span.name} of {body.jurisdiction} is closed: its figures stand as in release {release}")


@app.command("list")
def list_all(
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """List the closed periods."""
    from reporting import layout
    from warehouse.periods import as_shown, list_closed

    with opened(config, database) as (_, found), reading(found) as connection:
        rows = [as_shown(closed) for closed in list_closed(connection)]
    if form is Form.table:
        rows = [{**row, "release_id": str(row["release_id"])} for row in rows]
    layout.print_rows(rows, form, language, title=found.name)


@app.command()
def show(
    name: Name,
    policy: options.Policy = None,
    jurisdiction: options.JurisdictionOption = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Show a closed period: each figure frozen, now, the difference, and the dossiers and deliveries that make it.

    Example:

      motcua period show 2023-H1 --language vi
    """
    from reporting import periods
    from reporting.published import parse_period, published_body
    from warehouse.periods import find_closed

    with opened(config, database) as (_, found), reading(found) as connection:
        body = published_body(connection, jurisdiction)
        closed = find_closed(connection, body.jurisdiction, parse_period(name).name)
        judged_by = policy or body.default_policy
        if judged_by not in closed.figures:
            raise UsageError(
                f"the period {closed.period} was not frozen under a policy {judged_by!r}",
                hint=f"Policies: {', '.join(sorted(closed.figures))}",
            )
        about, rows = _against_now(connection, body, closed, judged_by)
    periods.print_period(about, rows, form, language)


def _against_now(
    connection: psycopg.Connection, body: Body, closed: ClosedPeriod, policy: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    from reporting import periods
    from reporting.corrections import Frozen, corrections
    from reporting.explaining.conditions import FIGURES
    from reporting.figures import MEASURES, at_cut_offs
    from reporting.gaps import find_gaps
    from reporting.published import parse_period
    from warehouse.periods import as_shown

    ends = {"from": closed.from_cut_off, "to": closed.to_cut_off}
    now: dict[str, dict[str, int]] | None = None
    if closed.to_cut_off in body.cut_offs:
        now = {end: _counts_at(at_cut_offs(connection, body, policy, [at], ()), MEASURES) for end, at in ends.items()}
    rows = periods.compared(closed.figures[policy], now)
    frozen = Frozen(closed.jurisdiction, policy, closed.release_id, closed.from_cut_off, closed.to_cut_off)
    found = corrections(connection, frozen, FIGURES)
    span = parse_period(closed.period)
    gaps = find_gaps(connection, closed.jurisdiction).touching(first=span.first_month, end=span.next_month)
    about = {**as_shown(closed), "policy": policy, "corrections": found, "gaps": gaps}
    return {**about, "unexplained": periods.unexplained(rows, found)}, rows


def _counts_at(rows: list[dict[str, Any]], measures: tuple[str, ...]) -> dict[str, int]:
    """The counts at one cut-off; nothing was counted before the first dossier."""
    return {name: int(row[name]) for row in rows for name in measures} or dict.fromkeys(measures, 0)
