"""Which program works here: the commit of a checkout as git has it, and nothing where there is none.

Belongs here: what is noted with a run. Does not: how it stands in a manifest (tests/integration/test_evidence.py).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from orchestration.program import commit_of


def _git(folder: Path, *arguments: str) -> str:
    as_somebody = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    told = subprocess.run(
        ["git", "-C", str(folder), *as_somebody, *arguments], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "bản sao"
    folder.mkdir()
    _git(folder, "init", "--quiet")
    (folder / "model.sql").write_text("select 1\n")
    _git(folder, "add", "model.sql")
    _git(folder, "commit", "--quiet", "--message", "first")
    return folder


def test_a_checkout_is_its_commit(checkout: Path) -> None:
    _git(checkout, "tag", "v1")
    (checkout / "untracked").touch()
    assert commit_of(checkout) == _git(checkout, "rev-parse", "HEAD")


def test_a_checkout_that_was_changed_says_so(checkout: Path) -> None:
    (checkout / "model.sql").write_text("select 2\n")
    assert commit_of(checkout) == _git(checkout, "rev-parse", "HEAD") + "-dirty"


def test_variables_of_git_do_not_lead_elsewhere(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = _git(checkout, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert commit_of(checkout) == commit


def test_what_is_no_checkout_has_no_commit(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a folder inside one: its commit would be another project's."""
    inside = checkout / "site-packages"
    inside.mkdir()
    assert commit_of(inside) is None
    broken = tmp_path / "broken"
    (broken / ".git").mkdir(parents=True)
    assert commit_of(broken) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    other = tmp_path / "no git here"
    (other / ".git").mkdir(parents=True)
    assert commit_of(other) is None
