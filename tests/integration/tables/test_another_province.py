"""Loading another province than before: nothing of the first is left, whichever state of it was loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from demo.province.generate import generate
from demo.provincial.database import ProvincialDatabase
from demo.provincial.load import load


@pytest.mark.walk
def test_another_seed_replaces_the_province(
    province: ProvincialDatabase, do: Callable[..., list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        generate(folder, seed=seed, scale=0.001)
        load(folder, province.owner_url)
        generated = pl.read_parquet(folder / "provincial" / "HoSos.parquet")["MaHoSo"]
        assert sorted(code for (code,) in do('select "MaHoSo" from "HoSos"')) == sorted(generated)
