"""`python -m demo`: `unpack` lays real deliveries where demo/boston.yml looks for them; the others make the province.

Belongs here: unpacking, and the list of commands. Does not: running the pipeline (make demo does both).
"""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Annotated

import typer

from demo.command import province
from demo.portal.command import portal
from demo.province.command import advance, generate
from demo.stand import stand

HERE = Path(__file__).parent
DELIVERIES = {
    "boston311": sorted((HERE / "data" / "boston311_2015q1").glob("*.csv.gz")),
    "cartas": sorted((HERE / "data" / "cartas_2015_2016").glob("[sc]*.gz")),
}

app = typer.Typer(help="The demonstration's data.", no_args_is_help=True, add_completion=False)


@app.callback()
def demo() -> None:
    """The demonstration's data."""


@app.command()
def unpack(
    into: Annotated[Path, typer.Option("--into", help="Folder for the deliveries.")] = HERE / "deliveries",
) -> None:
    """Unpack what is not unpacked yet. Example: python -m demo unpack --into /tmp/deliveries"""
    for source, packed in DELIVERIES.items():
        folder = into / source
        folder.mkdir(parents=True, exist_ok=True)
        for file in packed:
            target = folder / file.name.removesuffix(".gz")
            if target.exists():
                continue
            unfinished = target.with_name(f".{target.name}.unfinished")
            with gzip.open(file, "rb") as packed_bytes, unfinished.open("wb") as plain:
                shutil.copyfileobj(packed_bytes, plain)
            unfinished.rename(target)
            print(f"demo: unpacked {target.name}")


app.command()(province)
app.command()(portal)
app.command()(generate)
app.command()(advance)
app.command()(stand)


if __name__ == "__main__":
    app()
