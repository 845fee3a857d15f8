"""`python -m demo stand`: the province's systems up until told to stop, for a pipeline that runs elsewhere.

Belongs here: keeping them up. Does not: bringing them up (box.py), running the pipeline (`python -m demo province`).
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from demo.box import FOLDER, standing


def stand(
    folder: Annotated[
        Path, typer.Option("--folder", help="The province's deliveries; generated when missing.")
    ] = FOLDER,
    scale: Annotated[
        float,
        typer.Option("--scale", help="Share of the province's dossiers to make, 0.001 to 1; the gate needs 0.01."),
    ] = 1.0,
    reached_as: Annotated[
        str | None,
        typer.Option("--reached-as", help="Name by which other machines reach this one; without, they cannot."),
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option("--ready-file", help="Gets the portal's address when all of it is up.")
    ] = None,
) -> None:
    """Keep the province's database and portal up. Example: python -m demo stand --scale 0.01

    Addresses and passwords are in <folder>/secrets, where demo/thai_nguyen.yml looks for them.
    """
    from demo.province.generate import generate

    # Python ends at SIGTERM without leaving its `with` blocks: the portal would stay up.
    signal.signal(signal.SIGTERM, _leave)
    if not (folder / "state.json").exists():
        generate(folder, scale=scale)
    with standing(folder, reached_as):
        print("demo: the province's systems are up", flush=True)
        if ready_file is not None:
            unfinished = ready_file.with_name(f".{ready_file.name}.unfinished")
            shutil.copyfile(folder / "secrets" / "portal_address", unfinished)
            unfinished.rename(ready_file)
        signal.pause()


def _leave(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(0)
