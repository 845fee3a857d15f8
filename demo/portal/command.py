"""`python -m demo portal`: the stand-in as a program.

Belongs here: the command line. Does not: the server.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

PASSWORD_VARIABLE = "MOTCUA_DEMO_PORTAL_PASSWORD"


def portal(
    folder: Annotated[Path, typer.Option(help="A province's deliveries; its portal/ holds <Service>.parquet.")],
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 0,
    reached_as: Annotated[
        str | None,
        typer.Option(help="Name by which other machines reach it; without one it listens on 127.0.0.1 only."),
    ] = None,
    ready_file: Annotated[Path | None, typer.Option(help="Gets the address when the server answers.")] = None,
    faults: Annotated[Path | None, typer.Option(help="YAML or JSON list of faults (demo/portal/faults.py).")] = None,
    incidents: Annotated[Path | None, typer.Option(help="Gets a line for every attempt to write.")] = None,
    now: Annotated[datetime | None, typer.Option(help="Where the server's clock stands, in Viet Nam's time.")] = None,
) -> None:
    """A stand-in for the national portal. Example: python -m demo portal --folder demo/deliveries/thai_nguyen

    The account's password comes from MOTCUA_DEMO_PORTAL_PASSWORD, or is the demonstration's own.
    """
    # Here and not above: a web server is nothing that the other commands of the demonstration should load.
    from demo.portal.faults import load_faults
    from demo.portal.server import ZONE, Gateway, Setup
    from demo.portal.serving import serve

    if not (folder / "portal").is_dir():
        raise typer.BadParameter(f"{folder} has no folder portal/", param_hint="--folder")
    setup = Setup(
        folder / "portal",
        password=os.environ.get(PASSWORD_VARIABLE) or "chi-de-thu",
        now=now.replace(tzinfo=ZONE) if now is not None else None,
        faults=load_faults(faults) if faults is not None else [],
        incidents=incidents,
    )
    serve(Gateway(setup), port, ready_file, reached_as=reached_as)
