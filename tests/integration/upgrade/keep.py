"""Keeps the schema as it is now as the one that the upgrade test begins with: `python -m tests.integration.upgrade.keep`.

Belongs here: writing schema.sql beside this file, before a change of warehouse/schema. Does not: rows, which
test_schema_upgrade.py writes itself, or anything the program needs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from expectations.suite import required_checks
from orchestration.settings import PROJECT, load_settings
from warehouse.database import open_database
from warehouse.home import locate_home
from warehouse.migrate import migrate
from warehouse.server.binaries import find_binaries

KEPT = Path(__file__).parent / "schema.sql"


def main() -> None:
    """Makes a database as a first run does, in a home of its own that is gone afterwards, and writes down its schema."""
    # Not in a folder that is closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="motcua-schema-"))
    folder.chmod(0o755)
    settings = load_settings(PROJECT / "demo" / "boston.yml")
    try:
        home = locate_home(PROJECT, {**os.environ, "MOTCUA_HOME": str(folder / "home")})
        with open_database(home, "kept") as database:
            migrate(database, settings.all_contracts, required_checks())
            dumped = subprocess.run(
                [find_binaries() / "pg_dump", "--schema-only", f"--dbname={database.url}"],
                capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
    finally:
        shutil.rmtree(folder)
    # Without what only psql reads, and without settings that an older server does not know.
    told = [
        line for line in dumped.splitlines() if line and not line.startswith(("\\", "--", "SET transaction_timeout"))
    ]
    KEPT.write_text("\n".join(told) + "\n", encoding="utf-8")
    print(f"{KEPT.name}: {len(told):,} lines")


if __name__ == "__main__":
    main()
