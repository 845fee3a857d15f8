"""`motcua delivery`: what was delivered, and withdrawing what should not have come.

Belongs here: options and layout. Does not: the ledger (warehouse/deliveries).
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened
from reporting.forms import Form, Language

app = typer.Typer(help="Deliveries: list, retract, restore.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="N", help="Its number, as `motcua delivery list` shows it.")]


@app.command("list")
def list_all(
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """List every delivery; a dot marks those that count."""
    from reporting import layout
    from warehouse.deliveries import list_deliveries

    with opened(config, database) as (_, found):
        rows = list_deliveries(found)
    if form is Form.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    shown = [
        {
            "delivery_id": str(row["delivery_id"]), "counts": "●" if row["counts"] else "", "source": row["source"],
            "stream": row["stream"], "file_name": row["file_name"], "version": row["version"],
            "rows_landed": row["rows_landed"], "rows_quarantined": row["rows_quarantined"],
            "retracted_because": row["retracted_because"] or "",
        }
        for row in rows
    ]  # fmt: skip
    layout.print_rows(shown, form, language, title=found.name)


@app.command()
def retract(
    number: Number,
    because: options.Because,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Withdraw a delivery: the next run publishes what the ones before it say. Nothing is deleted.

    Example:

      motcua delivery retract 6 --because 'truncated at the source'
    """
    from warehouse.deliveries import retract as withdraw

    with opened(config, database) as (_, found):
        name = withdraw(found, number, because)
    print(f"delivery {number} ({name}) is retracted; what is published changes with the next run: motcua run")


@app.command()
def restore(number: Number, config: options.Config = None, database: options.Database = None) -> None:
    """Take a retraction back."""
    from warehouse.deliveries import restore as bring_back

    with opened(config, database) as (_, found):
        name = bring_back(found, number)
    print(f"delivery {number} ({name}) counts again; what is published changes with the next run: motcua run")
