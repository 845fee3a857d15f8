"""`motcua brief`: a period's figures as the paragraph a provincial paper prints.

Belongs here: its options. Does not: the words or the figures (reporting/brief, reporting/brief_figures).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import BriefForm


def brief(
    period: options.Period = None,
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    figure: Annotated[
        str | None, typer.Option("--figure", metavar="ID", help="Only this figure, found by its id, with its cell.")
    ] = None,
    form: Annotated[BriefForm, typer.Option("--format", "-f", help="Output form.")] = BriefForm.text,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Write a period's figures as the press does, in Vietnamese, each number with the id of its explanation.

    Examples:

      motcua brief --period 2023H1

      motcua brief --period 2023H1 --format markdown

      motcua brief --period 2023H1 --release 3 --format json

      motcua brief --figure thai_nguyen/2023H1/late_in_period/day
    """
    from contracts.failures import UsageError
    from reporting import brief as told
    from reporting import official, published
    from reporting.brief_figures import brief_figures
    from reporting.figure_ids import parse_figure_id
    from reporting.gaps import ALL_FIGURES, find_gaps

    wanted = parse_figure_id(figure) if figure else None
    if wanted and (period or jurisdiction):
        raise UsageError("an id says itself whose figure it is, and of which period", hint="Leave out --period and -j.")
    if wanted:
        jurisdiction, period = wanted.jurisdiction, wanted.period
    with opened(config, database) as (_, found), reading(found, release) as connection:
        body = published.published_body(connection, jurisdiction)
        chosen = official.chosen_period(connection, body, period)
        figures = brief_figures(connection, body, chosen)
        gaps = official.gaps_of_form(find_gaps(connection, body.jurisdiction, release), ALL_FIGURES, chosen)
    composed = told.compose(body, chosen, figures, gaps)
    print(told.figure_told(composed, wanted, form) if wanted else told.laid_out(composed, form))
