"""`motcua quarantine`: the rows that did not land, the fields that landed null, and why.

Belongs here: its options. Does not: quarantining (extractors/, warehouse/landing).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened
from reporting.forms import Form, Language


def quarantine(
    source: Annotated[str | None, typer.Option("--source", metavar="S", help="Only of this source.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many lines at most.")] = 100,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Show what is quarantined: stream, file, row number, field, value, reason, and whether the whole row stayed out.

    Fields that contracts call personal show no value; others may hold what their sources put there.

    Example:

      motcua quarantine --source boston311 --format csv
    """
    from reporting import layout
    from warehouse.quarantine import quarantined

    with opened(config, database) as (_, found):
        lines, total = quarantined(found, source, limit)
    if not lines and form is Form.table:
        print("nothing is in quarantine")
        return
    if form is Form.table:
        lines = [
            {**line, "value": shortened(line["value"], 60), "whole_row": "●" if line["whole_row"] else ""}
            for line in lines
        ]
    layout.print_rows(lines, form, language, title=f"{len(lines):,} of {total:,} faults")


def shortened(text: str, length: int) -> str:
    """A value cut to fit a table; JSON and CSV show it as kept."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
