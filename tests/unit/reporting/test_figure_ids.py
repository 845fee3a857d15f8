"""Addresses of figures: what is printed is read back, and what is no address is refused in words.

Belongs here: the grammar. Does not: finding figures (tests/guarantees/test_promise_12_*).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.failures import UsageError
from reporting.figure_ids import NARROWING, Address, FigureId, parse_address, parse_figure_id

# Any text there is, reserved signs, Vietnamese and surrogate-free oddities with it.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
ADDRESSES = st.builds(
    Address,
    jurisdiction=TEXT,
    when=TEXT,
    what=TEXT,
    policy=st.none() | TEXT,
    narrowed=st.dictionaries(st.sampled_from(NARROWING), TEXT)
    | st.fixed_dictionaries({}, optional={"level": st.just(""), "field": st.just("")}),
)


@given(ADDRESSES)
def test_what_is_printed_is_read_back(address: Address) -> None:
    assert parse_address(str(address)) == address
    assert str(parse_address(str(address))) == str(address)
    assert not any(sign.isspace() for sign in str(address))


@given(TEXT)
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = parse_address(text)
    except UsageError as refused:
        assert refused.exit_code == 2
    else:
        assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "table", "column"),
    [
        ("thai_nguyen/2023H1/on_time_of_resolved/day", None, "on_time_of_resolved"),
        ("thai_nguyen/2023-07-01T00:00:00+07:00/late/day;unit=H55.09", None, "late"),
        ("thai_nguyen/2023H1/ii06a.late/day;variant=levels;level=district", "ii06a", "late"),
        ("thai_nguyen/2023H1/ii07b.one_stop_district", "ii07b", "one_stop_district"),
        ("thai_nguyen/2023H1/rate.article;unit=H55.09", "rate", "article"),
        ("thai_nguyen/as_of/ranking.unit_rank;unit=H55.09", "ranking", "unit_rank"),
        ("thai_nguyen/2023-01-01..2023-07-01/claim.communes", "claim", "communes"),
    ],
)
def test_the_documented_addresses(text: str, table: str | None, column: str) -> None:
    address = parse_address(text)
    assert (str(address), address.table, address.column) == (text, table, column)


def test_the_order_of_what_narrows_is_its_own() -> None:
    text = "j/2023H1/late/day;unit=U;level=district;variant=levels"
    assert str(parse_address(text)) == "j/2023H1/late/day;variant=levels;level=district;unit=U"


def test_the_id_of_a_brief_is_an_address() -> None:
    known = FigureId("thai_nguyen", "2023H1", "late_in_period", "day")
    assert parse_figure_id(str(known)) == known
    assert str(parse_address(str(known))) == str(known) == "thai_nguyen/2023H1/late_in_period/day"


@pytest.mark.parametrize(
    "text",
    [
        "", "late", "j/2023H1", "j//late", "j/2023H1/late/day/more", "j/2023H1/late/", "j/2023H1/late;unit", "j/2023H1/%FF",
        "j/2023H1/late;unit=", "j/2023H1/late;colour=red", "j/2023H1/late;unit=A;unit=B", "j/2023H1/late;unit=%FF",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_address(text)
    assert told.value.hint
