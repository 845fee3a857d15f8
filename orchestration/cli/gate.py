"""`motcua gate`: why a run was refused and what to do, bearing with what may be borne, proposing bounds.

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

app = typer.Typer(help="The gate: why it refused a run, what to do, what may be borne.", no_args_is_help=True)
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


@app.command()
def override(
    check: Annotated[str, typer.Option("--check", metavar="NAME", help="The check that is not green.")],
    because: options.Because,
    release: Release = None,
    run: Run = None,
    by: options.Person = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Bear with a warning, or with a check that holds a run back, on record. A failure cannot be overridden.

    What was held back for nothing else is published at once, unless its candidates have been rebuilt since.

    Example:

      motcua gate override --check growth_against_the_last_release --because 'nhập bù hồ sơ năm 2022'
    """
    from orchestration.overriding import Wanted, bear_with

    if release is not None and run is not None:
        raise UsageError("give --release or --run, not both")
    with opened(config, database) as (settings, found):
        wanted = Wanted(_as_id(run), release, check, options.ordered(because, by))
        print(bear_with(settings, found, wanted))


@app.command()
def suggest(
    releases: Annotated[int, typer.Option("--releases", min=1, help="From so many of the last good releases.")] = 20,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Propose bounds from what the last good releases measured: YAML to paste into expectations/suite.yml.

    Nothing is changed. Each proposal says what it was computed from: as far beyond the worst good value as that is from
    the median. Where too few releases measured a check, or its value never moved, nothing is proposed.
    """
    from expectations.proposals import Measured, as_yaml
    from expectations.suite import load_suite
    from warehouse.refusals import good_measures

    with opened(config, database) as (_, found), reading(found) as connection:
        rows = good_measures(connection, releases)
    seen: dict[str, list[Measured]] = {}
    for release_id, name, values in rows:
        seen.setdefault(name, []).append(
            Measured(release_id, {s: (least, most) for s, (least, most) in values.items()})
        )
    print(as_yaml(load_suite(), seen))


def _as_id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"{text!r} is no run's id", hint="`motcua run --format json` tells it as run_id.") from None
