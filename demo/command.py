"""`python -m demo province`: the whole demonstration in one go, and what to look at afterwards.

Belongs here: the order of its steps and what is printed between them. Does not: the steps.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from demo.box import CONFIG, FOLDER, SMALLEST_SCALE, standing
from orchestration.settings import PROJECT


def province(
    folder: Annotated[
        Path, typer.Option("--folder", help="The province's deliveries; generated when missing.")
    ] = FOLDER,
    scale: Annotated[
        float,
        typer.Option("--scale", min=SMALLEST_SCALE, max=1, help="Share of the province's dossiers to make, 0.01 to 1."),
    ] = 1.0,
    database: Annotated[str | None, typer.Option("--database", help="Database of the warehouse.")] = None,
) -> None:
    """Generate the province if it is not there, bring its systems up, run the pipeline, compare with the article.

    Example: python -m demo province --folder /tmp/province --scale 0.01 --database trial
    """
    from demo.province.generate import generate

    if not (folder / "state.json").exists():
        generate(folder, scale=scale)
    where = ["--database", database] if database else []
    with standing(folder) as arguments:
        done = _motcua("run", *arguments, *where)
        if done == 0:
            print()
            done = _motcua("claims", "--config", str(CONFIG), *where)
    if done == 0:
        _tell_what_next(where)
    raise typer.Exit(done)


def _motcua(*arguments: str) -> int:
    # As a program of its own, as anyone would start it: Ctrl-C reaches it, and its exit code is told.
    return subprocess.run([sys.executable, "-m", "orchestration.cli", *arguments], cwd=PROJECT, check=False).returncode


def _tell_what_next(where: list[str]) -> None:
    more = " ".join(["--config demo/thai_nguyen.yml", *where])
    print("\nThese systems are made up, their figures are the article's. Look further:")
    for command, what in (
        ("figures --by unit", "what each unit had received, resolved and pending at the last cut-off"),
        ("explain --figure late --limit 5", "late dossiers, down to file and row"),
        ("catalogue changes --from 2022-12-31 --to 2023-06-30", "what came and went in the catalogue"),
        ("quarantine list", "what could not be read, and why"),
        ("release show 1", "what was checked, and how old each source is"),
    ):
        print(f"  .venv/bin/motcua {command} {more}\n      {what}")
