"""`motcua gate`: why a run was refused, and what to do.

Belongs here: options. Does not: checks (expectations/), verdicts (the database), or layout (reporting/refusal).
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from contracts.failures import UsageError
from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language

app = typer.Typer(help="The gate: why it refused a run, and what to do.", no_args_is_help=True)
Run = Annotated[str | None, typer.Option("--run", metavar="ID", help="The run, as `motcua ui` and the ledger name it.")]
Release = Annotated[
    int | None,
    typer.Option("--release", metavar="N", help="The release, refused ones included (`motcua release list`)."),
]


@app.command()
def explain(
    release: Release = None,
    run: Run = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many failed rows of each check at most.")] = 5,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Say why a run was refused: each failed check with its meaning, what failed, where it came from, what to do next.

    Without a release or run: of the newest run that the gate judged. JSON holds the same, `--limit` rows of each.

    Examples:

      motcua gate explain

      motcua gate explain --release 4 --format json --limit 100000
    """
    from orchestration.judged import judgement
    from reporting.refusal import print_judgement

    if form is Form.csv:
        raise UsageError("an explanation has no CSV form", hint="--format json, or no --format.")
    if release is not None and run is not None:
        raise UsageError("give --release or --run, not both")
    with opened(config, database) as (_, found), reading(found) as connection:
        told = judgement(found, connection, _as_id(run), release, limit)
    print_judgement(told, form, language)


def _as_id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"{text!r} is no run's id", hint="`motcua run --format json` tells it as run_id.") from None
