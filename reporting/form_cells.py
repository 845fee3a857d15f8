"""The cells of the official forms as numbers and formulas: which total adds up what.

Belongs here: columns, formulas and the values they come to, as published. Does not: titles and looks
(reporting/office_forms), or counting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reporting.official import BLOCKS_II07B

#: Letters of the columns of II.06a: what is counted, and the totals made of them. The note stands apart, after an empty column.
COUNTED_II06A = {
    "received_online": "D", "received_direct_postal": "E", "carried_over": "F", "early": "H", "on_time": "I", "late": "J",
    "pending_in_time": "L", "pending_overdue": "M", "closed_otherwise": "O", "resolved_no_due": "P", "pending_no_due": "Q",
}  # fmt: skip
TOTALS_II06A = {"received_total": ("C", "DEF"), "resolved_total": ("G", "HIJ"), "pending_total": ("K", "LM")}
#: Where 3 − 7 − 11 − closed otherwise must come to nought.
CHECK_II06A = "R"
#: Letters of II.07b by block: total, province, district, commune, and the note of those without a level.
COLUMNS_II07B: dict[str, tuple[str, str, str, str, str]] = dict(
    zip(BLOCKS_II07B, (("C", "D", "E", "F", "P"), ("G", "H", "I", "J", "Q"), ("K", "L", "M", "N", "R")), strict=True)
)
UNKNOWN_II07B = "S"


@dataclass(frozen=True, slots=True)
class Filled:
    """A number, or a formula with the value that is published for it."""

    value: int
    formula: str | None = None


def cells_ii06a(rows: Sequence[Mapping[str, Any]], first_line: int) -> list[dict[str, Filled]]:
    """The cells of each row by letter; `first_line` is the spreadsheet's number of the first row.

    A group adds up its lines, the total adds up the groups, and columns 3, 7 and 11 add up what they are made of.
    """
    lines_of: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        if row["row_kind"] == "group":
            lines_of[place] = []
        elif row["row_kind"] == "line":
            lines_of[max(lines_of)].append(first_line + place)
    groups = [first_line + place for place in lines_of]
    filled = []
    for place, row in enumerate(rows):
        below = groups if row["row_kind"] == "total" else lines_of.get(place, [])
        cells = {letter: Filled(row[name], _sum(letter, below)) for name, letter in COUNTED_II06A.items()}
        line = first_line + place
        for name, (letter, parts) in TOTALS_II06A.items():
            cells[letter] = Filled(row[name], "=" + "+".join(f"{part}{line}" for part in parts))
        left = row["received_total"] - row["resolved_total"] - row["pending_total"] - row["closed_otherwise"]
        cells[CHECK_II06A] = Filled(left, f"=C{line}-G{line}-K{line}-O{line}")
        filled.append(cells)
    return filled


def _sum(letter: str, lines: Sequence[int]) -> str | None:
    """What adds up one column over rows: a range where they follow each other; None of no rows."""
    if not lines:
        return None
    if len(lines) > 1 and lines[-1] - lines[0] == len(lines) - 1:
        return f"=SUM({letter}{lines[0]}:{letter}{lines[-1]})"
    return "=" + "+".join(f"{letter}{line}" for line in lines)


def cells_ii07b(blocks: Sequence[Mapping[str, Any]], line: int) -> tuple[dict[str, Filled], dict[str, Filled]]:
    """The form's row by letter, and the row below it with the counts at every level, which add up to no total."""
    once: dict[str, Filled] = {}
    at_each: dict[str, Filled] = {}
    for block in blocks:
        total, province, district, commune, no_level = COLUMNS_II07B[block["block"]]
        once[province], once[district] = Filled(block["province"]), Filled(block["district"])
        once[commune], once[no_level] = Filled(block["commune"]), Filled(block["no_level"])
        # The form knows three levels; what has none stands in the total, and in the note.
        once[total] = Filled(block["total"], f"=SUM({province}{line}:{commune}{line})+{no_level}{line}")
        at_each[province], at_each[district] = Filled(block["at_province"]), Filled(block["at_district"])
        at_each[commune] = Filled(block["at_commune"])
        if block["block"] == "one_stop":
            once[UNKNOWN_II07B] = Filled(block["unknown"])
    return once, at_each
