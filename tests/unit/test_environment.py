"""The installed environment works wherever the project lies.

Belongs here: what `make setup` leaves in .venv. Does not: the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
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
