"""Which program this is: its version, the commit it was checked out at, the lock file, the dbt project, the tools.

Belongs here: finding that out. Does not: keeping it (warehouse/ledger) or signing it (orchestration/packing).
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration import dbt_project
from orchestration.settings import Settings

#: What reads, builds, checks and stores.
TOOLS = ("dagster", "dagster-dbt", "dbt-core", "dbt-postgres", "great-expectations", "polars", "psycopg", "sqlalchemy")


def program_of(settings: Settings) -> dict[str, Any]:
    """The program that works here, as a manifest tells it."""
    # The image is built of its own lock file alone.
    locks = (settings.project / name for name in ("requirements.lock", "docker/requirements.lock"))
    lock = next((path for path in locks if path.exists()), None)
    return {
        "version": version("motcua"),
        "commit": commit_of(settings.project),
        "requirements_lock_sha256": hashlib.sha256(lock.read_bytes()).hexdigest() if lock else None,
        "dbt_project_sha256": dbt_project.fingerprint(settings),
        "tools": {"python": platform.python_version(), **{name: version(name) for name in TOOLS}},
    }


@cache
def commit_of(project: Path) -> str | None:
    """The commit of a checkout, with `-dirty` behind it where tracked files are otherwise; None where there is none.

    Asked once in a process: what it runs was read by then.
    """
    if not (project / ".git").exists():
        return None
    command = ["git", "-C", str(project), "describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*"]
    # A hook of git's runs with variables that name another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30, env=environment)
    except (OSError, subprocess.SubprocessError):
        return None  # no git on this machine, or a checkout of another user's: the release is none the worse for it
    return told.stdout.strip()
