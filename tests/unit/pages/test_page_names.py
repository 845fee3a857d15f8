"""Names of evidence pages: stable, fit for every file system and web server, and no two figures share one.

Belongs here: names. Does not: whether the pages are there (tests/integration/test_release_pages.py).
"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from reporting.figure_ids import Address
from reporting.pages.addresses import anchor, page_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
ADDRESSES = st.builds(
    Address, jurisdiction=TEXT, when=TEXT, what=TEXT, policy=st.none() | TEXT,
    narrowed=st.fixed_dictionaries({}, optional={"level": st.just("") | TEXT, "field": TEXT, "unit": TEXT}),
)  # fmt: skip


def test_the_name_of_a_page_does_not_change() -> None:
    # Links from elsewhere lead to it.
    address = Address(
        "thai_nguyen", "2023H1", "ii06a.late", "day", {"variant": "fields", "level": "district", "field": "Đất đai"}
    )
    assert str(address) == "thai_nguyen/2023H1/ii06a.late/day;variant=fields;level=district;field=Đất%20đai"
    assert page_of(address) == "thai_nguyen_2023H1_ii06a.late_day_variant_fields_level_district_field_Dat_dai-9ead1109"


@given(ADDRESSES)
def test_any_address_gives_a_name_that_a_file_may_have(address: Address) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._]{0,90}-[0-9a-f]{8}", page_of(address))


@given(ADDRESSES, ADDRESSES)
def test_two_figures_share_no_page(one: Address, other: Address) -> None:
    assert (page_of(one) == page_of(other)) == (one == other)


@given(TEXT, TEXT)
def test_places_on_a_page_are_told_apart(one: str, other: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", anchor(one))
    assert (anchor(one) == anchor(other)) == (one == other)
