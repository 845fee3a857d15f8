"""pg_dump and pg_restore: of the server's own version, or of the one that comes with the program.

Belongs here: finding and calling them. Does not: what is done with a dump (warehouse/backup.py, warehouse/restore.py).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict

from contracts.failures import DatabaseUnavailable, UsageError
from warehouse.server.binaries import find_binaries

if TYPE_CHECKING:
    from warehouse.database import Database

_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


@dataclass(frozen=True, slots=True)
class Clients:
    """The folder of a pg_dump and the pg_restore beside it."""

    folder: Path

    @classmethod
    def of_server(cls, server_version: int) -> Clients:
        """Those of the server's major version, from the PATH or our own; else our own where they are newer.

        A dump is read back best by programs of the version that made it: newer ones write settings that an older server
        does not know. Raises UsageError when there are none.
        """
        wanted = server_version // 10_000
        on_path = shutil.which("pg_dump")
        found = {_major(folder): folder for folder in [*([Path(on_path).parent] if on_path else []), find_binaries()]}
        if wanted in found:
            return cls(found[wanted])
        newer = [major for major in found if major > wanted]
        if not newer:
            raise UsageError(
                f"the server is PostgreSQL {wanted}, and there is no pg_dump of that version or a newer one",
                hint=f"Put the programs of PostgreSQL {wanted} on the PATH.",
            )
        return cls(found[min(newer)])

    def dump(self, database: Database, snapshot: str, target: Path) -> None:
        """Writes a dump in the custom format, of an exported snapshot. Raises DatabaseUnavailable."""
        self._call("pg_dump", database, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")

    def restore(self, database: Database, dump: Path) -> None:
        """Reads a dump into a database that has its roles and schemas, in one transaction. Raises DatabaseUnavailable.

        The dump's own schemas are left out: it grants rights on them last, and a table can only be handed to an owner who
        may already make tables there, unless a superuser does it.
        """
        listed = self._call("pg_restore", database, "--list", str(dump)).splitlines()
        with tempfile.NamedTemporaryFile("w", prefix="motcua-", suffix=".list") as wanted:
            wanted.writelines(f"{line}\n" for line in listed if " SCHEMA - " not in line or " COMMENT - " in line)
            wanted.flush()
            self._call(
                "pg_restore", database, "--single-transaction", "--exit-on-error", f"--use-list={wanted.name}",
                f"--dbname={database.name}", str(dump),
            )  # fmt: skip

    def _call(self, program: str, database: Database, *arguments: str) -> str:
        described = conninfo_to_dict(database.url)
        # The password goes by the environment: arguments can be read by every user of the machine.
        environment = {name: str(described[key]) for key, name in _VARIABLES.items() if described.get(key)}
        finished = subprocess.run(
            [str(self.folder / program), "--no-password", *arguments],
            env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if finished.returncode != 0:
            said = (finished.stderr.strip() or f"exit code {finished.returncode}").splitlines()[0]
            raise DatabaseUnavailable(f"{program} did not succeed: {said}")
        return finished.stdout


def _major(folder: Path) -> int:
    answer = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)", answer.stdout)
    return int(found.group(1)) if answer.returncode == 0 and found else 0
