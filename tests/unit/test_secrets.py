"""Secrets come from where the deployment says, from private files only, and no message holds one."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest

from contracts.deployment import Secret
from contracts.failures import UsageError
from orchestration.secrets import KEY_FILE_VARIABLE, KEY_VARIABLE, pseudonym_key, pseudonyms_noted, read_secret
from warehouse import secret_file
from warehouse.database import Database
from warehouse.home import Home

VALUE = "Bí-mật-314159"
KEY = "0123456789abcdef" * 2


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home" / "state").mkdir(parents=True)
    return Home(tmp_path / "home")


def _file(path: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def test_from_a_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORTAL_PASSWORD", f"{VALUE}\n")
    assert read_secret("sources.portal.password", Secret(env="PORTAL_PASSWORD"), tmp_path) == VALUE
    for missing in ("", "\n"):
        monkeypatch.setenv("PORTAL_PASSWORD", missing)
        with pytest.raises(
            UsageError, match=r"sources\.portal\.password: the environment variable PORTAL_PASSWORD is not"
        ):
            read_secret("sources.portal.password", Secret(env="PORTAL_PASSWORD"), tmp_path)


def test_from_a_file_beside_the_deployment(tmp_path: Path) -> None:
    (tmp_path / "khóa").mkdir()
    _file(tmp_path / "khóa" / "portal", f" {VALUE} \r\n", 0o640)
    assert read_secret("x", Secret(file="khóa/portal"), tmp_path) == f" {VALUE} "
    assert read_secret("x", Secret(file=str(tmp_path / "khóa" / "portal")), Path("/nowhere")) == f" {VALUE} "


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o777])
def test_a_file_open_to_everyone_is_refused(tmp_path: Path, mode: int) -> None:
    file = _file(tmp_path / "open", VALUE, mode)
    with pytest.raises(UsageError) as caught:
        read_secret("x", Secret(file="open"), tmp_path)
    assert f"mode {mode:04o}" in caught.value.message
    assert caught.value.hint == f"Make it private: chmod 600 {file}"
    assert VALUE not in str(caught.value)


def test_mounted_secrets_may_be_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted = tmp_path / "run" / "secrets"
    mounted.mkdir(parents=True)
    _file(mounted / "portal", VALUE, 0o444)
    monkeypatch.setattr(secret_file, "MOUNTED", mounted)
    assert read_secret("x", Secret(file="run/secrets/portal"), tmp_path) == VALUE
    _file(tmp_path / "run" / "elsewhere", VALUE, 0o444)
    with pytest.raises(UsageError, match="every user of this machine"):
        read_secret("x", Secret(file="run/secrets/../elsewhere"), tmp_path)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), ("\n", "is empty"), (b"\xff\xfe", "is not UTF-8 text")]
)
def test_files_that_hold_no_secret(tmp_path: Path, content: str | bytes | None, words: str) -> None:
    if content is not None:
        _file(tmp_path / "portal", content)
    with pytest.raises(UsageError, match=words) as caught:
        read_secret("sources.portal.password", Secret(file="portal"), tmp_path)
    assert str(tmp_path / "portal") in caught.value.message


def test_the_pseudonym_key_is_given_or_made_once(home: Home, tmp_path: Path) -> None:
    own = pseudonym_key(home, {})
    kept = home.state / "pseudonym_key"
    assert pseudonym_key(home, {}).key == own.key == kept.read_text().strip().encode()
    assert len(own.key) == 64
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(home.state.iterdir()) == [kept]
    given = pseudonym_key(home, {KEY_VARIABLE: KEY})
    from_file = pseudonym_key(home, {KEY_FILE_VARIABLE: str(_file(tmp_path / "key", f"{KEY}\n"))})
    assert given.key == from_file.key == KEY.encode()
    assert given.fingerprint != own.fingerprint
    with pytest.raises(UsageError, match="both set"):
        pseudonym_key(home, {KEY_VARIABLE: KEY, KEY_FILE_VARIABLE: "x"})


def test_to_prove_with_no_key_is_made(home: Home) -> None:
    nowhere = Database("none", "127.0.0.1", 1, "nobody", "", "postgresql://127.0.0.1:1/none", embedded=False)
    with pytest.raises(UsageError, match="pseudonym key is not here") as told:
        pseudonyms_noted(home, nowhere, {})
    assert KEY_VARIABLE in told.value.hint
    assert list(home.state.iterdir()) == []


def test_a_short_key_is_refused_by_its_place(home: Home, tmp_path: Path) -> None:
    file = _file(tmp_path / "key", "short-secret\n")
    for given, words in (
        ({KEY_VARIABLE: "short-secret"}, f"{KEY_VARIABLE}: the pseudonym key has 12 bytes"),
        ({KEY_FILE_VARIABLE: str(file)}, f"{file}"),
    ):
        with pytest.raises(UsageError) as caught:
            pseudonym_key(home, given)
        assert words in caught.value.message
        assert "short-secret" not in caught.value.message + caught.value.hint


def _made(root: str) -> bytes:
    return pseudonym_key(Home(Path(root)), {}).key


def test_programs_that_start_together_share_the_key(home: Home) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(_made, [str(home.root)] * 8)
    assert len(set(keys)) == 1
