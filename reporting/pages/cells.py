"""Cells and rows of tables as HTML: what is written too often for a template to do it (340,000 cells of a province).

Belongs here: how a cell is written, and the rows made of cells. Does not: tables and pages (templates), or spelling (words.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup, escape

from reporting.forms import Language
from reporting.pages import words
from reporting.pages.model import Cell, Code, English, File, Link, Number, Table, Target


@lru_cache(maxsize=65_536)
def escaped(text: str) -> str:
    """The text as it stands in HTML; plain, because to join what is marked as safe costs as much as to escape it."""
    return str(escape(text))


class Cells:
    """Cells in a language, on pages from which `href` leads to others."""

    def __init__(self, language: Language, href: Callable[[Target], str]) -> None:
        self._language = language
        self._href = href

    def html(self, value: Cell) -> str:
        """A cell's content, safe."""
        if isinstance(value, Number):
            told = escaped(words.spelt(value, self._language))
            return told if value.target is None else self._link(value.target, told)
        if isinstance(value, str):
            return escaped(value)
        if isinstance(value, Link):
            return self._link(value.target, escaped(value.text))
        if isinstance(value, Code):
            whole = escaped(value.text)
            return f'<code title="{whole}">{escaped(value.short)}</code>' if value.short else f"<code>{whole}</code>"
        if isinstance(value, File):
            return f'<a href="{escaped(value.path)}">{escaped(value.text)}</a>'
        assert isinstance(value, English)
        told = escaped(value.text)
        return told if self._language is Language.en else f'<span lang="en">{told}</span>'

    def _link(self, target: Target, told: str) -> str:
        return f'<a href="{escaped(self._href(target))}">{told}</a>'

    def body(self, table: Table) -> Markup:
        """A table's rows."""
        marks = []
        for place, column in enumerate(table.columns):
            name, scope = ("th", ' scope="row"') if place == table.names_row else ("td", "")
            numeric = ' class="n"' if column.numeric else ""
            marks.append((f"<{name}{scope}{numeric}>", f"</{name}>"))
        written = []
        for row in table.rows:
            role = "" if row.role == "line" else f' class="{row.role}"'
            anchor = f' id="{escaped(row.anchor)}"' if row.anchor else ""
            written.append(f"<tr{role}{anchor}>")
            written += [f"{begin}{self.html(value)}{end}" for (begin, end), value in zip(marks, row.cells, strict=True)]
            written.append("</tr>")
        return Markup("".join(written))
