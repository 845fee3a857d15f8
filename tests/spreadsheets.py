"""Spreadsheets read back: what a viewer shows, and what their formulas come to when somebody else works them out.

Belongs here: reading and a small calculator. Does not: which figures belong in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

_TERM = re.compile(
    r"(?P<sign>[+-]?)(?:SUM\((?P<sum>[A-Z]+\d+:[A-Z]+\d+)\)"
    r"|COUNTIF\('(?P<sheet>[^']+)'!(?P<range>[$A-Z0-9:]+),\"(?P<word>[^\"]+)\"\)|(?P<cell>[A-Z]+\d+))"
)


@dataclass
class Book:
    """A workbook twice: as its file spells it, and with the values that are kept in it."""

    path: Path
    spelt: Any = field(init=False)
    kept: Any = field(init=False)

    def __post_init__(self) -> None:
        self.spelt = openpyxl.load_workbook(self.path)
        self.kept = openpyxl.load_workbook(self.path, data_only=True)

    def shown(self, sheet: str, cell: str) -> Any:
        """What a viewer without a calculator shows."""
        return self.kept[sheet][cell].value

    def formula(self, sheet: str, cell: str) -> str | None:
        """The formula of a cell; None where a value is typed in."""
        value = self.spelt[sheet][cell].value
        return value if isinstance(value, str) and value.startswith("=") else None

    def formulas(self) -> list[tuple[str, str]]:
        """Sheet and cell of every formula."""
        return [
            (sheet.title, cell.coordinate)
            for sheet in self.spelt.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if self.formula(sheet.title, cell.coordinate)
        ]

    def worked_out(self, sheet: str, cell: str) -> Any:
        """The cell's value from typed values alone: no kept value of a formula is looked at."""
        formula = self.formula(sheet, cell)
        if formula is None:
            return self.spelt[sheet][cell].value or 0
        total, end = 0, 1
        while end < len(formula):
            term = _TERM.match(formula, end)
            assert term is not None, f"{cell}: {formula} is no formula that this calculator knows"
            total += -self._term(sheet, term) if term["sign"] == "-" else self._term(sheet, term)
            end = term.end()
        return total

    def _term(self, sheet: str, term: re.Match[str]) -> Any:
        if term["cell"]:
            return self.worked_out(sheet, term["cell"])
        if term["sum"]:
            return sum(self.worked_out(sheet, cell.coordinate) for cell in self._cells(sheet, term["sum"]))
        return sum(cell.value == term["word"] for cell in self._cells(term["sheet"], term["range"].replace("$", "")))

    def _cells(self, sheet: str, area: str) -> list[Any]:
        left, top, right, bottom = range_boundaries(area)
        rows = self.spelt[sheet].iter_rows(min_col=left, max_col=right, min_row=top, max_row=bottom)
        return [cell for row in rows for cell in row]
