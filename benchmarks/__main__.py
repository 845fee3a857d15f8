"""`python -m benchmarks [NAME…]`: runs the benchmarks and prints their tables.

Belongs here: choosing them. Does not: measuring.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from benchmarks import command_line, demo_run, landing, models, pages, portal, release, tables, working_time
from benchmarks.ground import Ground, prepared_ground

BENCHMARKS: dict[str, Callable[[Ground, int], None]] = {
    "landing": landing.measure,
    "tables": tables.measure,
    "portal": portal.measure,
    "working": working_time.measure,
    "models": models.measure,
    "release": release.measure,
    "pages": pages.measure,
    "demo": demo_run.measure,
    "help": command_line.measure,
}


def main(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help=", ".join(BENCHMARKS))] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Rounds; what is compared takes turns in each.")] = 5,
) -> None:
    """Measure, side by side, in a temporary home with a server of its own.

    landing: 500,000 rows kept, checked and landed, against a bare COPY of the same file.

    tables: 340,000 dossiers and 2 million steps from a database, landed, against a bare pipe between two servers.

    portal: 340,000 dossiers from an HTTP service, landed, against a client that throws the pages away.

    working: due dates and working time of 340,000 dossiers, against a bare rewrite of their rows.

    models: the build of a whole province's models, against its statements in one psql session, and for a day's change.

    release: a release after 0.5 % of a province's dossiers changed, against a full copy, at 340,000 and 5 million; BI's queries.

    pages: figures of a whole province explained, its pages and its files for offices, as commands.

    demo: the whole job on Boston's dossiers, first and again, by what the time goes to.

    help: `motcua --help` and `motcua figures`.
    """
    chosen = names or list(BENCHMARKS)
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        raise typer.BadParameter(f"there is no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    with prepared_ground() as ground:
        for name in chosen:
            BENCHMARKS[name](ground, rounds)


if __name__ == "__main__":
    typer.run(main)
