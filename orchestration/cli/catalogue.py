"""`motcua catalogue`: what changed in the catalogue of procedures.

Belongs here: its options. Does not: the changes (reporting/catalogue).
"""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from contracts.failures import UsageError
from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language

app = typer.Typer(help="The catalogue of procedures.", no_args_is_help=True)


@app.callback()
def catalogue() -> None:
    """The catalogue of procedures (danh mục thủ tục hành chính)."""


@app.command()
def changes(
    first: Annotated[str, typer.Option("--from", metavar="D", help="Day of the earlier snapshot (not included).")],
    last: Annotated[str, typer.Option("--to", metavar="D", help="Day of the later snapshot.")],
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    listed: Annotated[bool, typer.Option("--list", help="Every change, not only their number.")] = False,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Count, or list, what is new, amended, replaced and abolished between two snapshots.

    Examples:

      motcua catalogue changes --from 2015-12-31 --to 2016-06-30

      motcua catalogue changes --from 2016-06-30 --to 2016-12-31 --list --format csv
    """
    from reporting import catalogue as reported
    from reporting import layout

    begin, end = _day(first), _day(last)
    with opened(config, database) as (_, found), reading(found, release) as connection:
        body = reported.catalogue_jurisdiction(connection, jurisdiction)
        counted = reported.summary(connection, body, begin, end)
        rows = reported.changes(connection, body, begin, end)
    if form is Form.json:
        print(json.dumps({**counted, "changes": rows}, ensure_ascii=False, indent=2))
    elif listed:
        shown = rows
        if form is Form.table:
            shown = [
                {k: row[k] for k in ("effective_on", "action", "procedure", "name", "replaced_by")} for row in rows
            ]
        layout.print_rows(shown, form, language, title=f"{body} {begin} → {end}")
    else:
        layout.print_rows([counted], form, language, title=f"{body} {begin} → {end}", across=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day", hint="Write it as 2016-06-30.") from None
