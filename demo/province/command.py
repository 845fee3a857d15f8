"""`python -m demo generate` and `python -m demo advance`.

Belongs here: the two command lines. Does not: what they write (generate.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FOLDER = Path(__file__).parent.parent / "deliveries" / "thai_nguyen"


def generate(
    into: Annotated[Path, typer.Option("--into", help="Folder of the province.")] = FOLDER,
    scale: Annotated[float, typer.Option("--scale", help="Share of the dossiers to make, 0.001 to 1.")] = 1.0,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Another seed, another province of the same figures.")
    ] = 2023,
) -> None:
    """Make the province at the end of June 2023. Example: python -m demo generate --into /tmp/province --scale 0.01

    Nothing is done when the folder holds it already; a folder of another seed or scale is made anew.
    """
    # Here and not above: other commands of the demonstration need no data frames.
    from demo.province.generate import generate as make

    try:
        make(into, seed=seed, scale=scale, progress=_say)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def advance(
    days: Annotated[int, typer.Option("--days", help="How many days to move on.")],
    folder: Annotated[Path, typer.Option("--folder", help="Folder of the province.")] = FOLDER,
) -> None:
    """Move the province on: tables as they stand then, new files of the offices. Example: python -m demo advance --days 3"""
    from demo.province.generate import advance as move

    try:
        move(folder, days, progress=_say)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _say(text: str) -> None:
    print(f"demo: {text}", flush=True)
