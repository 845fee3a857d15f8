"""The installed environment works wherever the project lies.

Belongs here: what `make setup` leaves in .venv, and that its lock file is not Superset's. Does not: the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from orchestration.settings import PROJECT


def test_the_project_is_found_by_a_path_without_its_name() -> None:
    """Python 3.11 reads .pth files in the locale's encoding: an absolute path with diacritics stops it at LC_ALL=C."""
    pointer = Path(sysconfig.get_path("purelib")) / "_motcua.pth"
    line = pointer.read_text(encoding="utf-8").strip()
    assert line.isascii() and not Path(line).is_absolute()
    assert (pointer.parent / line).resolve() == PROJECT


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", ""])
def test_the_program_starts_in_any_locale_below_a_folder_with_diacritics(tmp_path: Path, locale: str) -> None:
    checkout = tmp_path / "dự án một cửa"
    packages = checkout / ".venv" / "lib" / "python3" / "site-packages"
    packages.mkdir(parents=True)
    shutil.copy(Path(sysconfig.get_path("purelib")) / "_motcua.pth", packages)
    (checkout / "found_here.py").write_text("", encoding="utf-8")
    code = "import site, sys; site.addsitedir(sys.argv[1]); import found_here"
    environment = {**os.environ, "LC_ALL": locale, "PYTHONPATH": ""}
    found = subprocess.run(
        [sys.executable, "-c", code, str(packages)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr


def test_superset_has_what_this_project_leaves_out() -> None:
    """Its lock file is made beside pyproject.toml, whose overrides are for our own environment: Superset needs pyarrow."""
    overrides = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]["override-dependencies"]
    left_out = {override.split()[0] for override in overrides}
    pinned = {line.partition("==")[0] for line in (PROJECT / "docs/bi/requirements.lock").read_text().splitlines()}
    ours = {line.partition("==")[0] for line in (PROJECT / "requirements.lock").read_text().splitlines()}
    assert left_out and left_out <= pinned and left_out.isdisjoint(ours)
