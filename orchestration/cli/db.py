"""`motcua db`: the database server that comes with the program.

Belongs here: its options. Does not: the server (warehouse/server).
"""

from __future__ import annotations

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.failures import DatabaseUnavailable, UsageError
from orchestration.cli import options
from orchestration.cli.opened import opened, reading

if TYPE_CHECKING:
    from warehouse.server.launcher import EmbeddedServer

app = typer.Typer(
    help="The database server: start, stop, url, psql, status; logins of one unit: grant, revoke.", no_args_is_help=True
)


class Login(StrEnum):
    """Who a URL or a psql session is for."""

    owner = "owner"
    bi = "bi"
    inspector = "inspector"


As = Annotated[
    Login, typer.Option("--as", help="bi reads marts; inspector reads marts, audit and releases; owner may do all.")
]


def _server() -> EmbeddedServer:
    from orchestration.settings import PROJECT
    from warehouse.database import URL_VARIABLE, given_url
    from warehouse.home import locate_home
    from warehouse.server.launcher import EmbeddedServer

    if given_url() is not None:
        raise UsageError(f"{URL_VARIABLE} is set: that server is not motcua's to start or stop")
    return EmbeddedServer(locate_home(PROJECT, os.environ))


@app.command()
def start() -> None:
    """Start the server and keep it up (for BI tools) until `motcua db stop`."""
    address = _server().start(keep=True)
    print(
        f"the server is up on {address.host}:{address.port}; `motcua db url --as bi` gives a URL, `motcua db stop` stops it"
    )


@app.command()
def stop(force: Annotated[bool, typer.Option("--force", help="Even while other programs use it.")] = False) -> None:
    """Stop the server."""
    print("stopped" if _server().stop(force=force) else "the server was not running")


@app.command()
def status() -> None:
    """Say whether the server runs, where, and who keeps it up. Exit code 0 when it runs, 3 when not."""
    from warehouse.database import URL_VARIABLE, given_url

    if given_url() is not None:
        with opened(None, None) as (_, found):
            print(f"{found.name} on {found.host}:{found.port}, a server of your own ({URL_VARIABLE})")
        return
    found_status = _server().status()
    if not found_status.running:
        print(f"not running; data in {found_status.data_directory}")
        raise typer.Exit(DatabaseUnavailable.exit_code)
    kept = "kept up by `motcua db start`" if found_status.keep else "stops when its last user leaves"
    print(
        f"PostgreSQL {found_status.version} on 127.0.0.1:{found_status.port}, pid {found_status.pid}, {kept};"
        f" data in {found_status.data_directory}"
    )


@app.command()
def url(login: As = Login.owner, config: options.Config = None, database: options.Database = None) -> None:
    """Print the database's URL, password included. The server must be up for it to answer: `motcua db start`."""
    print(_url(login, config, database))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(
    context: typer.Context, login: As = Login.owner, config: options.Config = None, database: options.Database = None
) -> None:
    """Open psql on the database; further arguments go to psql (motcua db psql -- -c 'select 1')."""
    from warehouse.database import reader_url
    from warehouse.server.launcher import EmbeddedServer

    with opened(config, database) as (settings, found):
        address = found.url if login is Login.owner else reader_url(found, settings.home, login.value)
        sys.stdout.flush()
        # The password goes by the environment: arguments can be read by every user of the machine.
        finished = subprocess.run(
            [str(EmbeddedServer(settings.home).bin_path("psql")), *context.args],
            env={**os.environ, **_libpq_environment(address)},
            check=False,
        )
    raise typer.Exit(finished.returncode)


@app.command()
def grant(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="The login; made if there is none of that name.")],
    unit: Annotated[
        str, typer.Option("--unit", metavar="CODE", help="The unit whose rows it sees, and those below it.")
    ],
    jurisdiction: options.JurisdictionOption = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Let a login see one unit's rows of the published tables, and no others; once more for a second unit.

    Prints the URL of a new login. Its password is kept nowhere: note it.

    Example:

      motcua db grant phu_binh --unit H55.242
    """
    from reporting.published import published_body
    from warehouse.logins import give_unit

    with opened(config, database) as (_, found):
        with reading(found) as connection:
            body = published_body(connection, jurisdiction)
        address = give_unit(found, login, body.jurisdiction, unit)
    print(address or f"{login} sees the rows of {unit} as well")


@app.command()
def revoke(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="A login that `motcua db grant` made.")],
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Take a login of one unit away, with all units it was given in this database."""
    from warehouse.logins import take_away

    with opened(config, database) as (_, found):
        gone = take_away(found, login)
    print(f"{login} is gone; it saw {gone:,} units")


def _libpq_environment(address: str) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    described = conninfo_to_dict(address)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {variable: str(described[name]) for name, variable in names.items() if described.get(name)}


def _url(login: Login, config: Path | None, database: str | None) -> str:
    from warehouse.database import reader_url

    with opened(config, database) as (settings, found):
        return found.url if login is Login.owner else reader_url(found, settings.home, login.value)
