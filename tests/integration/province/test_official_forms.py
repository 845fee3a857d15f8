"""The official forms of the whole province against the generator's own account, row by row.

Belongs here: that comparison. Does not: the forms' identities (the gate holds those in every run).
"""

from __future__ import annotations

from tests.form_rows import differences_from_the_provinces_account
from tests.integration.province.made_province import Province


def test_the_official_forms_row_by_row(province: Province) -> None:
    assert differences_from_the_provinces_account(province.ask, province.truth()) == {}
