"""Test modules may bear one name in different folders: with pytest's old way of importing, the second one ended the run.

Belongs here: how tests are collected. Does not: what they test.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from orchestration.settings import PROJECT


def test_two_modules_of_one_name_are_both_collected(tmp_path: Path) -> None:
    for folder in ("docker", "integration"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test_of_one_name.py").write_text("def test_it() -> None: ...\n", "utf-8")
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(PROJECT / "pyproject.toml"), "--collect-only", "-q", str(tmp_path)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.count("test_of_one_name.py::test_it") == 2
