"""`motcua lineage`: where a published column comes from, and what comes of a delivered one.

Belongs here: its options. Does not: finding (orchestration/column_lineage) or laying out (reporting/descent).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language


def lineage(
    column: Annotated[str, typer.Argument(metavar="TABLE.COLUMN", help="The table with or without its schema.")],
    down: Annotated[
        bool, typer.Option("--down/--up", help="What is made of it, instead of what it is made of.")
    ] = False,
    release: options.Release = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Show the lineage of a column: model by model up to the fields of the sources' files, or down to what is published.

    Only what a value is made of counts, not conditions of joins and filters. SQL has the same:
    select * from audit.lineage_of('fct_dossier', 'due_at').

    Examples:

      motcua lineage fct_dossier.due_at

      motcua lineage raw.provincial__dossier.ngayhentra --down

      motcua lineage rpt_rate.value --format json

      motcua lineage rpt_rate.value --release 1
    """
    from reporting import layout
    from reporting.descent import as_rows, as_tree, descent_of

    with opened(config, database) as (settings, found), reading(found, release) as connection:
        descent = descent_of(connection, column, settings.all_contracts, release, downwards=down)
    if form is Form.table:
        print("\n".join(as_tree(descent, language)))
    else:
        layout.print_rows(as_rows(descent), form, language, title=column)
