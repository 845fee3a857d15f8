"""`motcua quarantine`: the rows that did not land, the fields that landed null, why, and reading them again.

Belongs here: options and layout. Does not: quarantining (extractors/, warehouse/landing), or replaying (orchestration/replaying).
"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened
from reporting.forms import Form, Language

app = typer.Typer(help="The quarantine: list, show, replay.", no_args_is_help=True)
Source = Annotated[str | None, typer.Option("--source", metavar="S", help="Only of this source.")]
Stream = Annotated[str | None, typer.Option("--stream", metavar="T", help="Only of this stream of it.")]


@app.command("list")
def list_all(
    source: Source = None,
    stream: Stream = None,
    each: Annotated[bool, typer.Option("--each", help="Every fault with its value, not only their numbers.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="With --each: how many lines at most.")] = 100,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Count what is quarantined by stream, field and reason; with --each, show every one with row number and value.

    Fields that contracts call personal show no value; others may hold what their sources put there.

    Examples:

      motcua quarantine list

      motcua quarantine list --source boston311 --each --format csv
    """
    from reporting import layout
    from warehouse import quarantine

    which = quarantine.Which(source, stream)
    with opened(config, database) as (_, found):
        if each:
            lines, total = quarantine.each(found, which, limit)
        else:
            lines = quarantine.counted(found, which)
            total = len(lines)
    if form is Form.table:
        if not lines:
            print("nothing is in quarantine")
            return
        lines = [_for_people(line) for line in lines]
    layout.print_rows(lines, form, language, title=f"{len(lines):,} of {total:,} faults" if each else "")


@app.command()
def show(
    delivery_id: Annotated[int, typer.Argument(metavar="DELIVERY", help="The delivery, as `list` shows it.")],
    row_number: Annotated[int, typer.Argument(metavar="ROW", help="The row in its file.")],
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Show one quarantined record: its faults, and the record itself, read again from the kept bytes.

    Example:

      motcua quarantine show 8 11
    """
    from orchestration.replaying import shown_entry
    from reporting import layout

    with opened(config, database) as (settings, found):
        told = shown_entry(settings, found, delivery_id, row_number)
    if form is Form.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    faults = told["faults"]
    if form is Form.table:
        faults = [_for_people(fault) for fault in faults]
    where = f"{told['source']}.{told['stream']}, {told['file_name']}:{told['row_number']}"
    layout.print_rows(faults, form, language, title=where)
    if form is Form.table:
        print(f"SHA-256 {told['file_sha256']}\n{told['record']}")


@app.command()
def replay(
    source: Source = None,
    stream: Stream = None,
    delivery: Annotated[
        int | None, typer.Option("--delivery", metavar="N", help="This delivery, whatever is in quarantine of it.")
    ] = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Read kept files again by the contracts as they are now, after one was mended.

    What lands takes the place of what these bytes were before, as a delivery of its own; what comes out the same stays. The
    next `motcua run` publishes it.

    Examples:

      motcua quarantine replay --source boston311

      motcua quarantine replay --delivery 8
    """
    from orchestration.replaying import Wanted
    from orchestration.replaying import replay as replayed
    from reporting import layout

    with opened(config, database) as (settings, found):
        lines = replayed(settings, found, Wanted(source, stream, delivery))
    changed = sum(line["replaces"] is not None for line in lines)
    if form is not Form.table:
        layout.print_rows(lines, form, language, title="")
        return
    if lines:
        layout.print_rows([_numbered(line) for line in lines], form, language, title="")
    print(f"{len(lines):,} read again, {changed:,} of them otherwise" + (": motcua run" if changed else ""))


def _for_people(line: dict[str, Any]) -> dict[str, Any]:
    """A line of a table: long values cut, a dot for a whole row, numbers of deliveries and rows as names."""
    shown = {**line, "whole_row": "●" if line["whole_row"] else ""}
    if "value" in shown:
        shown["value"] = shortened(shown["value"], 60)
    return _numbered(shown)


def _numbered(line: dict[str, Any]) -> dict[str, Any]:
    names = {"delivery_id", "replaces", "last_delivery", "last_row", "row_number"}
    return {name: None if value is None else str(value) if name in names else value for name, value in line.items()}


def shortened(text: str, length: int) -> str:
    """A value cut to fit a table; JSON and CSV show it as kept."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
