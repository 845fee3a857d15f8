"""`motcua site`: the pages of releases, as files and served to those who may see more.

Belongs here: its options. Does not: the pages (reporting/pages), writing them (orchestration/site), answering (serving.py).
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading

app = typer.Typer(help="The pages of releases: build them as files, serve them on this machine.", no_args_is_help=True)


@app.command()
def build(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The site's folder; made if it is not there.")],
    release: Annotated[
        list[int] | None,
        typer.Option("--release", metavar="N", help="A kept release, one or more. Default: the published one."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="P", help="The period told first. Default: the longest that ended last."),
    ] = None,
    jurisdiction: options.JurisdictionOption = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Write the page of a release in Vietnamese and English, a page of evidence for every figure, and the index.

    The pages ask nothing of anybody and name no person: put the folder on any web server, or open its index.html. The same
    release gives the same bytes; a folder that is there is replaced whole. One jurisdiction, one folder.

    Examples:

      motcua site build --out site

      motcua site build --out site --release 1 --release 2
    """
    from orchestration import site
    from warehouse import releases

    with opened(config, database) as (_, found):
        with reading(found):
            standing = releases.current_release(found)
        if not release and standing is None:
            from contracts.failures import UsageError

            raise UsageError("nothing has been published yet", hint="Run the pipeline first: motcua run")
        for number in release or [standing.release_id if standing else 0]:
            before = site.release_before(found, number)
            with ExitStack() as stack:
                # The newer one's snapshot first, as in `motcua release diff`.
                connection = stack.enter_context(reading(found, number))
                then = None if before is None else stack.enter_context(reading(found, before))
                told = site.gathered(connection, then, before, jurisdiction, period)
            made = site.build(found, out, told)
            print(f"release {made.release}: {made.files:,} files, {made.bytes / 1e6:.1f} MB in {made.folder}")
    print(f"index: {out / 'index.html'}")
