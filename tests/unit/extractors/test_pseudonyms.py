"""Pseudonyms: one person is one pseudonym however they are spelt, and nothing is told without the key."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.failures import UsageError
from extractors.pseudonyms import LENGTH, SHORTEST_KEY, Pseudonyms

KEY = b"a key for tests only, 32 bytes.."
PSEUDONYMS = Pseudonyms(KEY)


def _of(kind, *values):
    return PSEUDONYMS.of(pl.Series("who", values, dtype=pl.String), kind).to_list()


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        ("identity", ["999012345678", " 999012345678 ", "999 012 345 678", "999\u00a0012345678"]),
        ("identity", ["b1234567", "B1234567"]),
        ("name", ["Nguyễn Văn Thử", "NGUYỄN VĂN THỬ", " Nguyễn  Văn\tThử ", unicodedata.normalize("NFD", "Nguyễn Văn Thử")]),
        ("phone", ["0912 345 678", "+84912345678", "0912.345.678", "+84 912-345-678"]),
        ("address", ["Tổ 1, phường Thử", "tổ 1,  PHƯỜNG thử"]),
        ("other", ["x", " x "]),
    ],
)  # fmt: skip
def test_spellings_of_one_value_are_one_person(kind, spellings):
    assert len(set(_of(kind, *spellings))) == 1


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("identity", ["999012345678", "999012345679", "99012345678", "0999012345678"]),
        ("name", ["Nguyễn Văn Thử", "Nguyễn Văn Thứ", "Nguyên Văn Thử", "NguyễnVăn Thử"]),
        ("phone", ["0912345678", "912345678", "84912345678", "không có"]),
        ("other", ["x", "X"]),
    ],
)
def test_different_values_are_different_people(kind, values):
    assert len(set(_of(kind, *values))) == len(values)


def test_the_kind_and_the_key_make_a_difference():
    same = pl.Series(["999012345678"])
    kinds = [PSEUDONYMS.of(same, kind)[0] for kind in ("identity", "name", "phone", "address", "other")]
    others = [Pseudonyms(KEY[::-1]).of(same, "identity")[0]]
    assert len({*kinds, *others}) == 6


def test_it_is_the_hmac_that_it_says():
    wanted = hmac.new(KEY, "name\0NGUYỄN THỊ THỬ".encode(), hashlib.sha256).hexdigest()[:LENGTH]
    assert _of("name", "nguyễn thị thử") == [wanted]


def test_nobody_is_called_nothing():
    assert _of("identity", None, "", "  ", "\u00a0") == [None] * 4
    assert PSEUDONYMS.of(pl.Series("who", [], dtype=pl.String), "name").to_list() == []


@given(
    values=st.lists(st.none() | st.text(max_size=20), max_size=30), kind=st.sampled_from(["identity", "name", "phone"])
)
def test_each_row_keeps_its_own(values, kind):
    together = _of(kind, *values)
    assert together == [_of(kind, value)[0] for value in values]
    assert all(made is None or (len(made) == LENGTH and int(made, 16) >= 0) for made in together)


def test_a_short_key_is_refused_and_the_key_is_not_shown():
    with pytest.raises(UsageError, match="15 bytes; it must have at least 16"):
        Pseudonyms(KEY[: SHORTEST_KEY - 1])
    assert "key for tests" not in repr(PSEUDONYMS) + str(PSEUDONYMS)
    assert PSEUDONYMS.fingerprint == hashlib.sha256(b"fingerprint" + KEY).hexdigest()[:12]
