"""Promise 9: the same inputs give the same release contents, whatever the hash seed, thread count or time zone.

Belongs here: whole runs under other circumstances, and the total order of rankings in the models. Does not: other inputs.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from orchestration.settings import PROJECT
from tests.conftest import Deployed, given_sources

Program = Callable[..., "subprocess.CompletedProcess[str]"]


def test_other_circumstances_same_contents(sample: Deployed, empty_database: Deployed, motcua_process: Program) -> None:
    overrides = [part for override in given_sources(empty_database.settings) for part in ("--set", override)]
    finished = motcua_process(
        "run", "-q", "--database", empty_database.database.name, *overrides,
        PYTHONHASHSEED="4711", POLARS_MAX_THREADS="1", TZ="Asia/Kathmandu", LC_ALL="C",
        PGTZ="Asia/Kathmandu", PGDATESTYLE="SQL, DMY",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert empty_database.published()["content"] == sample.published()["content"]


def test_every_ranking_names_more_than_one_thing_to_order_by() -> None:
    """A window that ranks by one column alone would leave ties to chance; one key of its partition may stand alone."""
    alone = []
    for file in sorted(Path(PROJECT, "dbt_project", "models").rglob("*.sql")):
        for order in re.findall(r"row_number\(\) over \((.*?)\)\s+as", file.read_text(), re.DOTALL):
            columns = order.split("order by")[1].split(",")
            # A place is a number of its own in the dossier (int_supplement__waited).
            unique = any(name in order for name in ("file_sha256", "place asc", "place desc", "steps desc"))
            if len(columns) < 2 and not unique:
                alone.append((file.name, order))
    assert not alone
