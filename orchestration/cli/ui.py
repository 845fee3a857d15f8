"""`motcua ui`: Dagster's web page over the same definitions and the same run history as `motcua run`.

Belongs here: starting the web server. Does not: definitions.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from orchestration.cli import options


def ui(
    port: Annotated[int, typer.Option("--port", help="Port on 127.0.0.1; 0 takes a free one.")] = 3000,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Look only: no run can be started from the page.")
    ] = False,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Open Dagster's web page: assets, checks, and the history of every run.

    Example:

      motcua ui --port 3000
    """
    from orchestration.instance import dagster_home, free_port
    from orchestration.settings import load_settings
    from warehouse.database import open_database

    settings = load_settings(config, database=database)
    chosen = port or free_port()
    with open_database(settings.home, settings.deployment.database):
        environment = {
            **os.environ,
            "DAGSTER_HOME": str(dagster_home(settings)),
            "MOTCUA_CONFIG": str(settings.config),
            "MOTCUA_DATABASE_NAME": settings.deployment.database,
        }
        command = [
            sys.executable,
            "-m",
            "dagster_webserver",
            "-m",
            "orchestration.web",
            "-h",
            "127.0.0.1",
            "-p",
            str(chosen),
        ]
        if read_only:
            command.append("--read-only")
        print(f"Dagster on http://127.0.0.1:{chosen} (Ctrl-C ends it)", flush=True)
        finished = subprocess.run(command, env=environment, cwd=settings.project, check=False)
    raise typer.Exit(finished.returncode)
