"""dlt moving the same tables, with the settings that were found to be its fastest.

Belongs here: bringing it, and one turn of it in a process of its own. Does not: the environment of the program, which it
never enters.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import PROJECT
from warehouse.database import open_database
from warehouse.home import Home

_WANTED = ["dlt[postgres,sql_database]>=1.18,<2", "connectorx>=0.4", "pyarrow>=21", "psycopg2-binary"]
#: Rows as Arrow from connectorx, load files neither compressed nor split, the tables one after the other in one run.
_TURN = """
import json, sys, time
import dlt
from dlt.sources.sql_database import sql_table
given = json.loads(sys.stdin.readline())
begun = time.perf_counter()
pipeline = dlt.pipeline("beside", pipelines_dir=given["folder"], dataset_name="beside",
                        destination=dlt.destinations.postgres(given["target"]))
tables = [sql_table(given["source"], table=name, included_columns=columns, backend="connectorx",
                    reflection_level="minimal", backend_kwargs={"conn": given["source"]})
          for name, columns in given["tables"].items()]
info = pipeline.run(tables, write_disposition="append", loader_file_format=given["format"])
info.raise_on_failed_jobs()
print(json.dumps({"seconds": time.perf_counter() - begun, "rows": pipeline.last_trace.last_normalize_info.row_counts}))
"""


@dataclass(slots=True)
class Dlt:
    """dlt, installed beside the program."""

    home: Home
    source: str
    folder: Path
    tables: Mapping[str, list[str]]
    made: int = 0

    def turn(self) -> float:
        """The seconds of one run into a fresh database, without starting Python and importing."""
        self.made += 1
        with open_database(self.home, f"beside_dlt_{self.made}") as database:
            given = {
                "source": self.source,
                "target": database.url,
                "folder": str(self.folder / f"dlt_{self.made}"),
                "tables": dict(self.tables),
                "format": "csv",
            }
            done = subprocess.run(
                [sys.executable, "-c", _TURN],
                input=json.dumps(given) + "\n", text=True, stdout=subprocess.PIPE, check=True, cwd=self.folder,
                env={
                    **os.environ,
                    "PYTHONPATH": str(self.folder / "dlt_packages"),
                    "RUNTIME__DLTHUB_TELEMETRY": "false",
                    "DATA_WRITER__DISABLE_COMPRESSION": "true",
                    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
                },
            )  # fmt: skip
        answer = json.loads(done.stdout.splitlines()[-1])
        print(f"  dlt: {answer['seconds']:.1f} s, {answer['rows']}", flush=True)
        return float(answer["seconds"])


def brought(home: Home, source: str, folder: Path, tables: Mapping[str, list[str]]) -> Dlt:
    """Installs it into the folder. Raises CalledProcessError when that fails."""
    uv = PROJECT / ".tools" / "uv" / "bin" / "uv"
    # Not in the project, whose own rules for packages would hold.
    target = ["--python", sys.executable, "--target", folder / "dlt_packages"]
    subprocess.run([uv, "pip", "install", "--quiet", *target, *_WANTED], check=True, cwd=folder)
    return Dlt(home, source, folder, tables)
