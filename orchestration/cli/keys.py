"""`motcua keys`: the pair of keys that evidence is signed with and checked by.

Belongs here: options. Does not: keys (reporting/evidence/keys), where they are kept (orchestration/secrets).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Keys: the pair that evidence is signed with and checked by.", no_args_is_help=True)


@app.command()
def init(
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where they are kept. Default: the home's private folder."),
    ] = None,
) -> None:
    """Make a pair of ed25519 keys, once: the private one to sign with, the public one for everybody who checks.

    Example:

      motcua keys init
    """
    import os

    from orchestration.secrets import SIGNING_KEY, keep_signing_key
    from orchestration.settings import PROJECT
    from reporting.evidence.keys import make_pair
    from warehouse.home import locate_home

    if folder is None:
        home = locate_home(PROJECT, os.environ)
        home.make_folders()
        folder = home.state
    pair = make_pair()
    private = folder.expanduser().absolute() / SIGNING_KEY
    public = keep_signing_key(private, pair.private_pem, pair.public_pem)
    print(f"private key, to be kept secret and safe: {private}")
    print(f"public key, to be given to everybody:    {public}")
    print(f"key id, which signatures bear:           {pair.key_id}")
