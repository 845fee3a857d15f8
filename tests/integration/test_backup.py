"""A backup and its way back, through the installed program: equal figures elsewhere, and no changed byte unnoticed.

Belongs here: `motcua backup` and `motcua restore`. Does not: how the schema is upgraded (test_schema_upgrade.py).
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import stat
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg import sql

from tests.conftest import CONFIG, Deployed, administer
from warehouse.backup import back_up
from warehouse.database import Database
from warehouse.home import Home
from warehouse.scratch import hold_folder

Motcua = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def backed_up(sample: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "hôm nay"
    made = back_up(sample.database, sample.settings.home, folder)
    assert (made.release_id, made.files) == (1, len(_named(sample)))
    return folder


@pytest.fixture
def copied(backed_up: Path, tmp_path: Path) -> Path:
    """A copy of the backup whose files may be changed."""
    shutil.copytree(backed_up, tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return tmp_path / "copy"


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A home of its own, with a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="motcua-restored-"))
    folder.chmod(0o755)
    yield folder / "home"
    shutil.rmtree(folder)


def _named(deployed: Deployed) -> set[str]:
    return {
        name for (name,) in deployed.ask(
            "select file_sha256 from audit.delivery"
            " union select file_sha256 from audit.delivery_attempt where file_sha256 is not null"
        )
    }  # fmt: skip


def _kept(files: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files.rglob("*") if path.is_file()}


def _databases(deployed: Deployed) -> set[str]:
    return {name for (name,) in deployed.ask("select datname from pg_database")}


@pytest.mark.walk
def test_what_was_published_stands_elsewhere(
    sample: Deployed, backed_up: Path, motcua: Motcua, elsewhere: Path, sampled: Path
) -> None:
    there = {"MOTCUA_HOME": str(elsewhere)}
    figures = ("figures", "--config", str(CONFIG), "--jurisdiction", "boston", "--by", "unit", "--format", "json")
    before = motcua(*figures, "--database", sample.database.name)
    assert before.returncode == 0, before.stderr
    assert len(before.stdout) > 1000
    restored = motcua("restore", str(backed_up), "--database", "brought_back", **there)
    assert restored.returncode == 0, restored.stderr
    assert "release 1 proved" in restored.stdout
    after = motcua(*figures, "--database", "brought_back", **there)
    assert (after.returncode, after.stdout) == (0, before.stdout)
    files = _kept(Home(elsewhere).files)
    assert files == {
        name: data for name, data in _kept(sample.settings.home.files).items() if name[:64] in _named(sample)
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in Home(elsewhere).files.rglob("*") if path.is_file()} == {0o400}
    # It goes on where it was: the same inputs change nothing, and figures are explained down to the bytes.
    explained = motcua(
        "explain", "--config", str(CONFIG), "--database", "brought_back", "--jurisdiction", "boston", "--figure", "late",
        "--cut-off", "2015-04-01", "--limit", "1", **there,
    )  # fmt: skip
    assert explained.returncode == 0, explained.stderr
    again = motcua(
        "run", "--quiet", "--config", str(CONFIG), "--database", "brought_back",
        "--set", f"sources.boston311.path={sampled / 'boston311'}", "--set", f"sources.cartas.path={sampled / 'cartas'}",
        **there,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert motcua(*figures, "--database", "brought_back", **there).stdout == before.stdout


def test_roles_may_do_there_what_they_may_do_here(sample: Deployed, backed_up: Path, motcua: Motcua) -> None:
    name = f"restored_{uuid.uuid4().hex[:8]}"
    finished = motcua("restore", str(backed_up), "--database", name)
    assert finished.returncode == 0, finished.stderr
    query = (
        "select n.nspname, c.relname, c.relowner::regrole::text, c.relacl::text from pg_class as c"
        " inner join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname !~ '^(pg_|information_schema)' order by 1, 2"
    )
    databases = "select datname, datacl::text from pg_database where datname in (%s, %s) order by datname"
    try:
        there = Deployed(sample.settings, _other(sample, name))
        assert there.ask(query) == sample.ask(query)
        [one, other] = sample.ask(databases, name, sample.database.name)
        assert one[1] == other[1]
        # Which rows a build left is told by numbers of the old server: the next one does not go on from it.
        assert sample.ask("select ended_at is null from audit.build order by build_id desc limit 1") == [(False,)]
        assert there.ask("select ended_at is null from audit.build order by build_id desc limit 1") == [(True,)]
    finally:
        administer(sample.database, sql.SQL("drop database {} with (force)"), name)


def _other(deployed: Deployed, name: str) -> Database:
    url = deployed.database.url.rsplit("/", 1)[0] + f"/{name}"
    return dataclasses.replace(deployed.database, name=name, url=url)


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("what", ["database.dump", "about.json", "a kept file", "SHA256SUMS"])
def test_one_flipped_bit_is_found_and_nothing_restored(
    sample: Deployed, copied: Path, motcua: Motcua, what: str
) -> None:
    kept = sorted(path for path in (copied / "files").rglob("*") if path.is_file())
    target = kept[0] if what == "a kept file" else copied / what
    _flip(target, target.stat().st_size // 2)
    before = _databases(sample)
    finished = motcua("restore", str(copied), "--database", "damaged")
    assert finished.returncode == 2, finished.stderr
    assert "is damaged" in finished.stderr
    assert _databases(sample) == before


def test_a_missing_an_added_and_an_unlisted_file_are_found(sample: Deployed, copied: Path, motcua: Motcua) -> None:
    kept = sorted(path for path in (copied / "files").rglob("*") if path.is_file())
    content, sums = kept[0].read_bytes(), (copied / "SHA256SUMS").read_text()
    name = kept[0].relative_to(copied).as_posix()
    kept[0].unlink()
    assert f"{name} is missing" in motcua("restore", str(copied), "--database", "damaged").stderr
    # Struck off the list as well, its number tells.
    (copied / "SHA256SUMS").write_text("".join(line for line in sums.splitlines(True) if name not in line))
    assert "another number of files" in motcua("restore", str(copied), "--database", "damaged").stderr
    kept[0].write_bytes(content)
    assert f"{name} was added" in motcua("restore", str(copied), "--database", "damaged").stderr
    assert "damaged" not in _databases(sample)


def test_figures_changed_within_a_backup_are_found(copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path) -> None:
    """Sums prove the folder; that the tables in it are the release they claim to be is proved by the release's hash."""
    copy_of_sample.do(
        "update marts.fct_dossier set state = 'open' where dossier_key = (select min(dossier_key) from marts.fct_dossier)"
    )
    finished = motcua(
        "backup", str(tmp_path / "b"), "--config", str(CONFIG), "--database", copy_of_sample.database.name
    )
    assert finished.returncode == 0, finished.stderr
    before = _databases(copy_of_sample)
    refused = motcua("restore", str(tmp_path / "b"), "--database", "falsified")
    assert refused.returncode == 3, refused.stderr
    assert "not release 1 as it was published" in refused.stderr
    assert _databases(copy_of_sample) == before


def test_a_backup_overwrites_nothing(sample: Deployed, backed_up: Path, motcua: Motcua, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    full = motcua("backup", str(tmp_path), "--config", str(CONFIG), "--database", sample.database.name)
    assert (full.returncode, [path.name for path in tmp_path.iterdir()]) == (2, ["mine"])
    (tmp_path / ".new.making").mkdir()
    held = hold_folder(tmp_path / ".new.making")
    assert held is not None
    busy = motcua("backup", str(tmp_path / "new"), "--config", str(CONFIG), "--database", sample.database.name)
    os.close(held)
    assert (busy.returncode, "another backup is being made" in busy.stderr) == (2, True)
    assert (tmp_path / ".new.making").is_dir()
    taken = motcua("restore", str(backed_up), "--database", sample.database.name)
    assert taken.returncode == 2
    assert f"there is a database {sample.database.name} already" in taken.stderr
    assert sample.ask("select count(*) from release.pointer") == [(1,)]


def test_a_backup_without_its_evidence_is_none(copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path) -> None:
    lost = "0" * 64
    copy_of_sample.do("update audit.delivery_attempt set file_sha256 = %s where attempt_id = 1", lost)
    finished = motcua(
        "backup", str(tmp_path / "b"), "--config", str(CONFIG), "--database", copy_of_sample.database.name
    )
    assert finished.returncode == 3, finished.stderr
    assert lost in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_secret_is_in_a_backup(sample: Deployed, backed_up: Path) -> None:
    state = sample.settings.home.state
    secrets = [sample.database.password.encode(), *(p.read_bytes().strip() for p in state.glob("*key*") if p.is_file())]
    assert all(len(secret) > 10 for secret in secrets)
    for path in backed_up.rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_bytes() for secret in secrets), path
            assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(backed_up.stat().st_mode) == 0o700
