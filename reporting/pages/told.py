"""A release being told in one language: its words, its numbers, and where each number is explained.

Belongs here: what every section and evidence page asks. Does not: sections (sections.py, account.py) or evidence pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reporting.brief_figures import PERCENT, Figure
from reporting.figure_ids import Address
from reporting.forms import Language
from reporting.labels import label, labels
from reporting.pages import words
from reporting.pages.addresses import form_cell, page_of
from reporting.pages.gathered import OfPeriod, Release
from reporting.pages.model import Kind, Number, Target


@dataclass(frozen=True, slots=True)
class Told:
    """The release and the reader's language."""

    release: Release
    language: Language
    #: Each cell of II.06a is named on the pages of many others: its address and page are worked out once.
    _cells: dict[tuple[str, str, str], tuple[str, Target]] = field(default_factory=dict)

    @property
    def vi(self) -> bool:
        """Whether the reader reads Vietnamese."""
        return self.language is Language.vi

    def word(self, name: str, /, **said: object) -> str:
        """A word or sentence of the pages."""
        return words.word(name, self.language, **said)

    def head(self, name: str, /, **said: object) -> str:
        """The same as a heading."""
        return words.title(self.word(name, **said))

    def label(self, name: str) -> str:
        """The name of a column or figure, as a heading."""
        return words.title(label(name, self.language))

    def known_label(self, name: str) -> str:
        """The same where there is one; else the name itself."""
        return self.label(name) if name in labels() else name

    def name_of(self, row: Mapping[str, Any], name: str = "name") -> str:
        """What a row is called in the language: its `name` or `name_vi`."""
        return str(row[f"{name}_vi"] if self.vi else row[name])

    @property
    def body_name(self) -> str:
        """Whose figures these are."""
        return self.release.body.name_vi if self.vi else self.release.body.name

    def day(self, value: date) -> str:
        """A day as the language writes it."""
        return words.day(value, self.language)

    def instant(self, value: datetime) -> str:
        """A moment by the jurisdiction's clock."""
        return words.instant(value, self.release.zone, self.language)

    def spelt(self, value: int | Decimal | None, kind: Kind = "count") -> str:
        """A value without a link, for sentences."""
        return words.spelt(Number(value, kind), self.language)

    def level(self, level: str | None, variant: str = "levels") -> str:
        """A level or, with variant levels, the units of it, as II.06a calls them."""
        return self.label(f"form_{variant}_{level or 'none'}")

    def figure(self, of: OfPeriod, definition: str) -> Number:
        """A figure of a period, which leads to its page; no value where it is not published."""
        found: Figure | None = of.figures.get(definition)
        if found is None:
            return Number(None, figure_kind(definition))
        value = found.value if definition in PERCENT else int(found.value)
        return Number(value, figure_kind(definition), Target(page_of(figure_address(found))))

    def cell(self, row: Mapping[str, Any], column: str, variant: str) -> Number:
        """A cell of II.06a, which leads to its page."""
        return Number(int(row[column]), "count", self.cell_place(row, column, variant)[1])

    def cell_place(self, row: Mapping[str, Any], column: str, variant: str) -> tuple[str, Target]:
        """The address of a cell of II.06a, as text, and its page."""
        place = (variant, row["form_row_key"], column)
        if place not in self._cells:
            address = self.cell_address(row, column, variant)
            self._cells[place] = str(address), Target(page_of(address))
        return self._cells[place]

    def cell_address(self, row: Mapping[str, Any], column: str, variant: str) -> Address:
        """The address of a cell of II.06a of the main period."""
        assert self.release.main is not None
        body = self.release.body
        return form_cell(
            body.jurisdiction, str(self.release.main.period["period"]), body.default_policy, column, row, variant
        )

    def procedures_cell(self, column: str) -> Number:
        """A cell of II.07b, which leads to its page."""
        assert self.release.procedures is not None
        return Number(int(self.release.procedures[column]), "count", Target(page_of(self.procedures_address(column))))

    def procedures_address(self, column: str) -> Address:
        """The address of a cell of II.07b of the main period."""
        assert self.release.main is not None
        return Address(self.release.body.jurisdiction, str(self.release.main.period["period"]), f"ii07b.{column}")

    def ranked(self, row: Mapping[str, Any], column: str, kind: Kind = "count") -> Number:
        """A number of the ranking, which leads to its unit's page."""
        value = row[column]
        if value is not None:
            value = Decimal(value) * 100 if kind == "percent" else int(value)
        return Number(value, kind, Target(page_of(self.ranking_address(row, "unit_rank")), column))

    def ranking_address(self, row: Mapping[str, Any], column: str) -> Address:
        """The address of a number of the ranking."""
        return Address(
            self.release.body.jurisdiction, "as_of", f"ranking.{column}", str(row["policy"]), {"unit": str(row["unit"])}
        )


def figure_address(figure: Figure) -> Address:
    """The address of a figure of a brief."""
    found = figure.id
    return Address(found.jurisdiction, found.period, found.definition, found.policy)


def figure_kind(definition: str) -> Kind:
    """How its value is written."""
    return "percent" if definition in PERCENT else "count"
