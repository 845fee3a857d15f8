"""Formulas of the official forms on small made rows.

Belongs here: which cells add up which. Does not: the whole files (tests/integration/province/test_office_files.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.failures import UsageError
from reporting import office_lists
from reporting.form_cells import Filled, cells_ii06a, cells_ii07b
from reporting.official import COLUMNS_II06A
from tests.unit.reporting.somewhere import BODY, PERIOD


def _row(kind: str, **counts: int) -> dict[str, Any]:
    return {"row_kind": kind, **dict.fromkeys(COLUMNS_II06A, 0), **counts}


def test_groups_add_up_their_lines_and_the_total_the_groups() -> None:
    rows = [_row("group"), _row("line"), _row("line"), _row("group"), _row("line"), _row("group"), _row("total")]
    cells = cells_ii06a(rows, 11)
    assert [cell["D"].formula for cell in cells] == [
        "=SUM(D12:D13)", None, None, "=D15", None, None, "=D11+D14+D16",
    ]  # fmt: skip
    assert [cell["G"].formula for cell in cells][:2] == ["=H11+I11+J11", "=H12+I12+J12"]
    assert cells[6]["K"].formula == "=L17+M17" and cells[6]["R"].formula == "=C17-G17-K17-O17"


def test_adjacent_groups_without_lines_are_a_range() -> None:
    cells = cells_ii06a([_row("group"), _row("group"), _row("total")], 5)
    assert cells[2]["F"].formula == "=SUM(F5:F6)"


def test_values_are_the_published_ones_also_where_they_do_not_add_up() -> None:
    """A file that hid a contradiction behind its own sum would be worth nothing."""
    [_, row] = cells_ii06a([_row("group"), _row("line", received_total=9, received_online=1, late=4)], 10)
    assert (row["C"], row["D"], row["J"]) == (Filled(9, "=D11+E11+F11"), Filled(1), Filled(4))


def test_what_has_no_level_stands_in_the_total_of_ii07b() -> None:
    block = {
        "block": "one_stop", "total": 7, "province": 3, "district": 2, "commune": 1, "no_level": 1, "unknown": 4,
        "at_province": 3, "at_district": 5, "at_commune": 6,
    }  # fmt: skip
    once, at_each = cells_ii07b([block], 11)
    assert once["G"] == Filled(7, "=SUM(H11:J11)+Q11") and once["Q"] == Filled(1) and once["S"] == Filled(4)
    assert {letter: cell.value for letter, cell in at_each.items()} == {"H": 3, "I": 5, "J": 6}


def test_a_list_too_long_for_a_sheet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from reporting.office_forms import Occasion

    monkeypatch.setattr(office_lists, "MOST_ROWS", 2)
    occasion = Occasion(BODY, PERIOD, "day", ())
    row = {
        "dossier_code": "=1+1", "unit_code": "u", "verdict": "trước hạn", "due_at": None,
        "resolved_at": None, "source": "s", "file_sha256": "0" * 64, "row_number": 3, "release": 7,
    }  # fmt: skip
    total = dict.fromkeys(("early", "on_time", "late", "resolved_total"), 2)
    assert office_lists.book_of_resolved(occasion, [row, row], total)
    with pytest.raises(UsageError, match="cannot hold more than 2 dossiers"):
        office_lists.book_of_resolved(occasion, [row, row, row], total)
