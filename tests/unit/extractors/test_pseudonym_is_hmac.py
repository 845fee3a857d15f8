"""A pseudonym is the standard library's HMAC-SHA256, whatever shorter way it is computed."""

from __future__ import annotations

import hmac

import polars as pl
import pytest

from extractors.pseudonyms import LENGTH, Pseudonyms


@pytest.mark.parametrize("size", [16, 63, 64, 65, 200])
def test_it_is_hmac_for_keys_of_any_length(size: int) -> None:
    key = bytes(range(1, size + 1))
    made = Pseudonyms(key).of(pl.Series(["999 000 000 001", None]), "identity").to_list()
    assert made == [hmac.digest(key, b"identity\x00999000000001", "sha256").hex()[:LENGTH], None]
