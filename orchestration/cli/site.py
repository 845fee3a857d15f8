"""`motcua site`: the pages of releases, as files and served to those who may see more.

Belongs here: its options. Does not: the pages (reporting/pages), writing them (orchestration/site), answering (serving.py).
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.failures import UsageError
from orchestration.cli import options
from orchestration.cli.opened import opened, reading

if TYPE_CHECKING:
    from orchestration.serving import Explain
    from orchestration.settings import Settings
    from reporting.forms import Language
    from warehouse.database import Database as FoundDatabase

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
    models: Annotated[
        bool, typer.Option("--models", help="dbt's page of the models with each release's pages (needs JavaScript).")
    ] = False,
    jurisdiction: options.JurisdictionOption = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Write the page of a release in Vietnamese and English, a page of evidence for every figure, and the index.

    The pages ask nothing of anybody and name no person: put the folder on any web server, or open its index.html. The same
    release gives the same bytes; a folder that is there is replaced whole. One jurisdiction, one folder. Where a signed manifest
    of the release is kept (motcua evidence), it lies beside the pages with those before it, and a page says how to check it.

    Examples:

      motcua site build --out site

      motcua site build --out site --release 1 --release 2

      motcua site build --out site --models
    """
    from orchestration import site
    from orchestration.docs_page import PAGE, docs_page
    from orchestration.secrets import verifying_keys
    from warehouse import releases

    with opened(config, database) as (settings, found):
        with reading(found):
            standing = releases.current_release(found)
        if not release and standing is None:
            raise UsageError("nothing has been published yet", hint="Run the pipeline first: motcua run")
        public = verifying_keys(settings.home)
        for number in release or [standing.release_id if standing else 0]:
            before = site.release_before(found, number)
            with ExitStack() as stack:
                # The newer one's snapshot first, as in `motcua release diff`.
                connection = stack.enter_context(reading(found, number))
                then = None if before is None else stack.enter_context(reading(found, before))
                told = site.gathered(connection, then, before, jurisdiction, period, public)
            beside = [(PAGE, docs_page(settings, found, number))] if models else []
            made = site.build(found, out, told, beside)
            print(f"release {made.release}: {made.files:,} files, {made.bytes / 1e6:.1f} MB in {made.folder}")
    print(f"index: {out / 'index.html'}")


@app.command()
def docs(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder for models.html; made if not there.")],
    release: options.Release = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Write dbt's page of the models behind a release: every table, column, SQL and the graph, in one file.

    `motcua site build --models` puts it beside the pages of a release. Unlike them it needs JavaScript. It asks nothing of
    anybody, names no machine, and the same release gives the same bytes. Only the program that made a release can write it.

    Example:

      motcua site docs --out models
    """
    from orchestration.docs_page import write_docs_page
    from warehouse import releases

    with opened(config, database) as (settings, found):
        standing = releases.current_release(found)
        if release is None and standing is None:
            raise UsageError("nothing has been published yet", hint="Run the pipeline first: motcua run")
        page = write_docs_page(settings, found, release or (standing.release_id if standing else 0), out)
    print(f"{page} ({page.stat().st_size / 1e6:.1f} MB; needs JavaScript)")


@app.command()
def serve(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder that `motcua site build` made.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="On loopback. 0: a free one.")] = 0,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="So many dossiers of a number are shown and proved.")
    ] = 50,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Serve a site on this machine alone; to whoever has the key, also the dossiers behind each number.

    Two addresses are printed: one for everybody who uses this machine, and one with the inspector's key, which is new each
    time. With it every page of evidence leads to its dossiers: codes, dates, files, rows, read again from the kept bytes.
    Ctrl-C ends it.

    Example:

      motcua site serve --out site --port 8080
    """
    from orchestration.serving import Server, Site, new_key

    if not (out / "index.html").is_file():
        raise UsageError(f"there is no site in {out}", hint=f"motcua site build --out {out}")
    with opened(config, database) as (settings, found):
        site = Site(out.absolute(), new_key(), explainer(settings, found, limit))
        try:
            server = Server(site, port)
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used: {error.strerror}", hint="--port 0 takes a free one."
            ) from error
        with server:
            print(f"pages:      {server.address}")
            print(f"inspector:  {server.address}?key={site.key}", flush=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print()


def explainer(settings: Settings, found: FoundDatabase, limit: int) -> Explain:
    """How an address becomes a page, held against the kept bytes."""
    from orchestration.proving import held_against_bytes
    from reporting.explaining.explain import explain
    from reporting.explaining.page import explanation_page
    from reporting.figure_ids import parse_address

    def page(address: str, release: int | None, language: Language) -> str:
        with reading(found, release) as connection:
            told = explain(connection, parse_address(address), limit)
        return explanation_page(held_against_bytes(settings, found, told), language)

    return page
