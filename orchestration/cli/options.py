"""Options that several commands share, so that they read the same everywhere.

Belongs here: option declarations, and what two of them mean together. Does not: commands.
"""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from contracts.order import Order
from reporting import forms

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Deployment file. Default: MOTCUA_CONFIG, else demo/thai_nguyen.yml."
    ),
]
Database = Annotated[
    str | None,
    typer.Option("--database", metavar="NAME", help="Another database of the same server than the file names."),
]
JurisdictionOption = Annotated[
    str | None,
    typer.Option("--jurisdiction", "-j", metavar="J", help="Whose figures. May be left out when there is one."),
]
Release = Annotated[
    int | None,
    typer.Option("--release", metavar="N", help="A kept release as it was. Default: the published one."),
]
Period = Annotated[
    str | None,
    typer.Option("--period", metavar="P", help="A period of the deployment file (2023H1). Default: the last one over."),
]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; it stays on record.")]
Person = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so. Default: your login.")]
Policy = Annotated[
    str | None,
    typer.Option("--policy", metavar="NAME", help="How lateness is judged. Default: the jurisdiction's own."),
]


Format = Annotated[forms.Form, typer.Option("--format", "-f", help="Output form.")]
Language = Annotated[
    forms.Language, typer.Option("--language", envvar="MOTCUA_LANGUAGE", help="Labels in English or Vietnamese.")
]


def ordered(because: str, person: str | None) -> Order:
    """What `--because` and `--by` say together. Raises UsageError when a reason is empty."""
    return Order(because, person or getpass.getuser())
