"""What a page is made of: numbers that lead to their evidence, tables, charts, sections.

Belongs here: these plain types. Does not: words, HTML, or where a number comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

#: count 1.234, percent 99,68%, points (of per cent, signed), change (a signed count), place (a rank, never grouped)
Kind = Literal["count", "percent", "points", "change", "place", "hours"]


@dataclass(frozen=True, slots=True)
class Target:
    """A page beside the release's page, by its name without language and ending, and a place on it."""

    page: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A value and the page that explains it. None is no value, which is not nought; `target` None only on that very page."""

    value: int | Decimal | None
    kind: Kind = "count"
    target: Target | None = None
    #: Said before the number: `over 49,850`.
    wording: str = "{value}"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a page beside the release's page; `code` texts stand in a fixed width."""

    text: str
    target: Target


@dataclass(frozen=True, slots=True)
class Code:
    """A text for machines: a hash, a key, an address. `short` is shown, the whole is said when one points at it."""

    text: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class English:
    """A text that exists in English alone, so that a reader's voice changes with it."""

    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file beside the pages that is one for every language."""

    path: str
    text: str


Cell = str | Number | Link | File | Code | English


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title; figures stand right-aligned."""

    title: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One cell a column. `role` is group or total where it sums others up; `anchor` is a place to lead to."""

    cells: tuple[Cell, ...]
    role: Literal["line", "group", "total"] = "line"
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, titles, rows. `heads` are rows of titles over several columns: (title, columns) each; the cell of column
    `names_row` says what a row is of.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    heads: tuple[tuple[tuple[str, int], ...], ...] = ()
    name: str = ""
    names_row: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """An inline SVG, what it is called and what it shows, in words."""

    name: str
    title: str
    description: str
    svg: str


@dataclass(frozen=True, slots=True)
class Card:
    """A headline figure: its name, its number, its course over the periods as a small line, what stands beside it."""

    name: str
    number: Number
    course: tuple[int | Decimal, ...] = ()
    beside: str = ""
    leading: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page, in the order in which it is read: what it is about, cards, charts and tables, remarks."""

    name: str
    title: str
    lead: str
    cards: tuple[Card, ...] = ()
    blocks: tuple[Chart | Table, ...] = ()
    notes: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The page behind a number (or behind a table's numbers): `facts` are terms and what is said of each."""

    page: str
    title: str
    lead: str = ""
    number: Number | None = None
    facts: tuple[tuple[str, Cell], ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    sql: str = ""
    address: str = ""
    #: Statements told in full: what made what, what that is, the SQL.
    statements: tuple[tuple[str, str, str], ...] = ()
    #: Pages between the release's page and this one.
    trail: tuple[Link, ...] = field(default=())
