"""A pseudonym is the standard library's HMAC-SHA256, whatever shorter way it is computed."""

from __future__ import annotations

import hmac

import polars as pl
import pytest

from extractors.pseudonyms import LENGTH, Pseudonyms


@pytest.mark.parametrize("size", [16, 63, 64, 65, 200])
def test_it_is_hmac_for_keys_of_any_length(size: int) -> None:
    _is_hmac_under(bytes(range(1, size + 1)))


@pytest.mark.parametrize("size", [16, 64, 65])
def test_it_is_hmac_for_keys_that_are_no_text(size: int) -> None:
    _is_hmac_under(bytes(range(255 - size, 255)))


@pytest.mark.parametrize("size", [16, 33, 64])
def test_it_is_hmac_for_keys_with_letters_of_several_bytes(size: int) -> None:
    _is_hmac_under(("đ" * size).encode())


def _is_hmac_under(key: bytes) -> None:
    made = Pseudonyms(key).of(pl.Series(["999 000 000 001", None, " "]), "identity").to_list()
    assert made == [hmac.digest(key, b"identity\x00999000000001", "sha256").hex()[:LENGTH], None, None]


def test_a_name_is_told_by_its_letters_composed_in_capitals_and_single_blanks() -> None:
    key = b"0123456789abcdef"
    spellings = [
        "Nguyễn  Thị\tThử",
        " nguyễn thị thử ",
        "Nguyễn\xa0Thị Thử",
        "Nguye\u0302\u0303n Thi\u0323 Thu\u031b\u0309",
    ]
    made = Pseudonyms(key).of(pl.Series(spellings), "name").to_list()
    assert made == [hmac.digest(key, b"name\x00" + "NGUYỄN THỊ THỬ".encode(), "sha256").hex()[:LENGTH]] * 4
