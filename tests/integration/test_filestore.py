"""Kept files, plain and compressed: one hash, written once, read back whole, and damage told."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

import pytest
import zstandard

from contracts.failures import DatabaseUnavailable
from warehouse.filestore import is_intact, keep, place_of, readable
from warehouse.home import Home
from warehouse.scratch import clear_remains, scratch

#: Longer than the blocks it is copied in, and easy to compress.
DATA = b"".join(b"%d,H55.12-230703-%04d,9\n" % (number, number % 7_919) for number in range(300_000))
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.files.mkdir(parents=True)
    made.state.mkdir()
    return made


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    file = tmp_path / "batch.csv"
    file.write_bytes(DATA)
    return file


def files_of(home: Home) -> list[str]:
    return sorted(str(file.relative_to(home.root)) for file in home.root.rglob("*") if file.is_file())


@pytest.mark.parametrize("compress", [False, True])
def test_it_is_kept_under_the_hash_of_what_was_received_and_read_back(
    home: Home, delivered: Path, compress: bool
) -> None:
    kept = keep(home, delivered, compress=compress)
    assert (kept.sha256, kept.bytes, kept.name) == (SHA256, len(DATA), "batch.csv")
    assert kept.path == place_of(home, SHA256)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o400
    assert files_of(home) == [f"files/{SHA256[:2]}/{SHA256}" + (".zst" if compress else "")]
    with readable(home, SHA256) as file:
        assert file.read_bytes() == DATA
    assert len(files_of(home)) == 1
    assert is_intact(home, SHA256)
    assert compress == (kept.path.stat().st_size < len(DATA) / 3)


@pytest.mark.parametrize("first", [False, True])
def test_written_once_in_whichever_form_came_first(home: Home, delivered: Path, first: bool) -> None:
    before = keep(home, delivered, compress=first)
    written = before.path.stat()
    again = keep(home, delivered, compress=not first)
    assert again == before
    assert again.path.stat() == written
    assert len(files_of(home)) == 1


@pytest.mark.parametrize("compress", [False, True])
def test_a_byte_changed_or_cut_off_is_told(home: Home, delivered: Path, compress: bool) -> None:
    place = keep(home, delivered, compress=compress).path
    whole = place.read_bytes()
    place.chmod(0o600)
    for broken in (whole[:-9], whole[:1_000] + bytes([whole[1_000] ^ 1]) + whole[1_001:], b""):
        place.write_bytes(broken)
        assert not is_intact(home, SHA256)
    place.write_bytes(whole)
    assert is_intact(home, SHA256)
    place.unlink()
    assert not is_intact(home, SHA256)


def test_other_contents_under_the_name_are_told(home: Home, delivered: Path) -> None:
    place = keep(home, delivered, compress=True).path
    place.chmod(0o600)
    place.write_bytes(zstandard.ZstdCompressor().compress(DATA + b"one more\n"))
    assert not is_intact(home, SHA256)


def test_a_damaged_file_cannot_be_read_and_leaves_nothing_behind(home: Home, delivered: Path) -> None:
    place = keep(home, delivered, compress=True).path
    place.chmod(0o600)
    os.truncate(place, place.stat().st_size // 2)
    with pytest.raises(DatabaseUnavailable, match="cannot be unpacked"), readable(home, SHA256):
        pass
    assert len(files_of(home)) == 1


def test_an_unpacked_copy_is_private_and_gone_also_when_reading_it_failed(home: Home, delivered: Path) -> None:
    keep(home, delivered, compress=True)
    with pytest.raises(ZeroDivisionError), readable(home, SHA256) as file:
        assert file.parent.parent == home.state
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        raise ZeroDivisionError
    assert len(files_of(home)) == 1
    assert not file.parent.exists()


def test_what_a_killed_program_left_is_cleared_and_what_is_in_use_is_not(home: Home) -> None:
    """A program that is killed while it copies leaves its folder; the lock on it is gone with the program."""
    for parent in (home.files, home.state):
        parent.mkdir(parents=True, exist_ok=True)
        with scratch(parent) as left:
            (left / "incoming").write_bytes(b"a name, a number")
            copy = parent / f"{left.name}copied"
            shutil.copytree(left, copy)
            clear_remains(home)
            assert (left.exists(), copy.exists()) == (True, False)
        assert not left.exists()


def test_a_file_that_is_not_kept_has_a_place_where_nothing_is(home: Home) -> None:
    with readable(home, SHA256) as file:
        assert not file.exists()
