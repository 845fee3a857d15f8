"""Pages read as a browser reads them: tables by row and column, links, and every attribute that could ask for more.

Belongs here: reading HTML strictly. Does not: assertions about what stands on a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import html5lib

_HTML = "{http://www.w3.org/1999/xhtml}"
_LINK = re.compile(rb'href="([^"]*)"')
#: An attribute or style that would make a browser ask somebody: an address with a host, or a style that loads.
_ASKING = re.compile(
    rb'="\s*(?:[a-z]+:)?//|=\s*[\'"]?https?:|url\(|@import|<(?:script|iframe|object|embed|img|video|audio|form|base)\b',
    re.I,
)


@dataclass(frozen=True)
class Page:
    """One file of a site."""

    path: Path

    @cached_property
    def bytes(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def root(self) -> Any:
        """The document; raises html5lib's ParseError at the first fault in it."""
        return html5lib.HTMLParser(strict=True).parse(self.bytes)

    def every(self, tag: str) -> Iterator[Element]:
        return self.root.iter(_HTML + tag)

    def tables(self) -> Mapping[str, Table]:
        """Tables by their captions."""
        return {text_of(table.find(f"{_HTML}caption")): Table(table) for table in self.every("table")}

    def text(self) -> str:
        return text_of(self.root)

    def targets(self) -> set[str]:
        """Where it leads to, relative to itself."""
        return {unquote(found.decode()).replace("&amp;", "&") for found in _LINK.findall(self.bytes)}

    def asks(self) -> list[bytes]:
        """What in it would ask somebody elsewhere."""
        return _ASKING.findall(self.bytes)


@dataclass(frozen=True)
class Table:
    """A table's cells as text, and the links in them."""

    element: Element

    @cached_property
    def titles(self) -> list[str]:
        """Of the last row of the head, which has one a column."""
        head = self.element.find(f"{_HTML}thead")
        assert head is not None
        return [text_of(cell) for cell in list(head)[-1]]

    @cached_property
    def cells(self) -> list[list[Element]]:
        body = self.element.find(f"{_HTML}tbody")
        assert body is not None
        return [list(row) for row in body]

    def rows(self) -> list[list[str]]:
        return [[text_of(cell) for cell in row] for row in self.cells]

    def column(self, title: str) -> list[str]:
        place = self.titles.index(title)
        return [row[place] for row in self.rows()]

    def numbers_without_link(self) -> list[str]:
        """Numeric cells that hold a value and lead nowhere."""
        return [
            text_of(cell)
            for row in self.cells
            for cell in row
            if cell.get("class") == "n" and text_of(cell) and cell.find(f"{_HTML}a") is None
        ]


def text_of(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def dangling(pages: Mapping[str, Page]) -> list[tuple[str, str]]:
    """Links of a site to files or places that are not there. `pages` by their path in the site's folder."""
    places = {
        name: {found.decode() for found in re.findall(rb' id="([^"]*)"', page.bytes)} for name, page in pages.items()
    }
    lost = []
    for name, page in pages.items():
        for target in page.targets():
            path, _, place = target.partition("#")
            if path.startswith(("data:", "/explain?")):
                continue
            wanted = name if not path else _joined(name, path)
            if not wanted.endswith(".html"):
                there = (page.path.parent / path).is_file()
            else:
                there = wanted in places and (not place or place in places[wanted])
            if not there:
                lost.append((name, target))
    return lost


def _joined(name: str, path: str) -> str:
    parts = name.split("/")[:-1]
    for part in path.split("/"):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def site_in(folder: Path) -> dict[str, Page]:
    """Every page of a site by its path."""
    return {str(path.relative_to(folder)): Page(path) for path in sorted(folder.rglob("*.html"))}
