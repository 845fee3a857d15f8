"""`motcua ranking`: units by their on-time rate.

Belongs here: its options. Does not: the ranking (reporting/official).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language


def ranking(
    level: Annotated[
        str | None, typer.Option("--level", metavar="L", help="province, district or commune. Default: all of them.")
    ] = None,
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Rank units within their level by on-time rate, with the change since the day before.

    Counts what was resolved before the release's as-of instant, under the jurisdiction's own policy.

    Examples:

      motcua ranking --level district

      motcua ranking --level commune --language vi

      motcua ranking --format csv
    """
    from reporting import layout, official, published

    with opened(config, database) as (_, found), reading(found, release) as connection:
        body = published.published_body(connection, jurisdiction)
        rows = official.ranking(connection, body, level)
    name = body.name if language is Language.en else body.name_vi
    if form is Form.table:
        rows = [{**row, "level": official.level_name(row["level"], language)} for row in rows]
    layout.print_rows(rows, form, language, title=name)
