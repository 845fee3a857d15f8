"""`motcua figures`.

Belongs here: its options. Does not: the figures (reporting/figures).
"""

from __future__ import annotations

from typing import Annotated

import typer

from contracts.failures import UsageError
from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language


def figures(
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    cut_off: Annotated[
        list[str] | None,
        typer.Option("--cut-off", metavar="T", help="Published cut-offs, one or more (2015-04-01). Default: the last."),
    ] = None,
    more_cut_offs: Annotated[list[str] | None, typer.Argument(hidden=True, metavar="T")] = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="P", help="2015, 2015-H1, 2015-Q1, 2015-03 or 2015-01..2015-04.")
    ] = None,
    policy: options.Policy = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="SPLIT",
            help="unit, competent_unit, channel, procedure, received_month, resolved_month; or several: unit,channel.",
        ),
    ] = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Print published figures.

    Examples:

      motcua figures

      motcua figures --cut-off 2015-04-01 2015-07-01 --policy day

      motcua figures --period 2015-Q1 --by unit --format csv

      motcua figures --by unit,channel --language vi

      motcua figures --release 3
    """
    from reporting import figures as reported
    from reporting import layout, published
    from reporting.gaps import find_gaps

    if more_cut_offs and not cut_off:
        raise UsageError(f"{more_cut_offs[0]!r} is not understood", hint="Cut-offs are named with --cut-off.")
    wanted = [moment for given in [*(cut_off or []), *(more_cut_offs or [])] for moment in given.split(",") if moment]
    if wanted and period:
        raise UsageError("--cut-off and --period exclude each other")
    split = reported.parse_split(by)
    span = published.parse_period(period) if period else None
    with opened(config, database) as (_, found), reading(found, release) as connection:
        body = published.published_body(connection, jurisdiction)
        judged_by = published.chosen_policy(body, policy)
        if span is not None:
            rows = reported.in_period(connection, body, judged_by, span, split)
        else:
            moments = published.chosen_cut_offs(body, wanted)
            rows = reported.at_cut_offs(connection, body, judged_by, moments, split)
        gaps = find_gaps(connection, body.jurisdiction, release)
    name = body.name if language is Language.en else body.name_vi
    spans = reported.days_of(body, rows, span)
    told = reported.beside_gaps(rows, gaps, spans) if form is Form.json else rows
    layout.print_rows(told, form, language, title=name, across=not split)
    if form is Form.table:
        layout.print_gaps(reported.gaps_of_all(gaps, spans), language)
