"""Pages as HTML: templates filled in one language, with every link made for the place where the page stands.

Belongs here: Jinja and its filters. Does not: what stands on a page, or where files are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reporting.forms import Language
from reporting.pages import words
from reporting.pages.cells import Cells
from reporting.pages.model import Cell, Chart, Evidence, Section, Table, Target

_TEMPLATES = Path(__file__).parent / "templates"
#: The folder of evidence pages beside the release's page.
EVIDENCE = "evidence"


def style() -> str:
    """The one style sheet of all pages."""
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")


def ending(language: Language) -> str:
    """What a page's file name ends with: Vietnamese is the language of the house."""
    return ".html" if language is Language.vi else f".{language}.html"


def other_than(language: Language) -> Language:
    """The page's other language."""
    return Language.en if language is Language.vi else Language.vi


@dataclass(frozen=True)
class Frame:
    """What all pages of a release share in one language."""

    language: Language
    release_id: int
    footer: str
    provenance: Sequence[tuple[str, Cell]]
    _feet: dict[Environment, Markup] = field(default_factory=dict)

    def release_page(self, heading: str, meta: str, policy: str, sections: Sequence[Section]) -> bytes:
        """The page itself, its style within it."""
        return self._filled(
            self._beside, "release.html.j2", title=f"{heading} – {meta}", heading=heading, meta=meta, policy=policy,
            sections=sections, style=style(), index_name=f"index{ending(self.language)}",
        )  # fmt: skip

    def evidence_page(self, page: Evidence) -> bytes:
        """A page of evidence; all of them share a style sheet beside them."""
        return self._filled(
            self._within, "evidence.html.j2", title=page.title, it=page, release_name=f"index{ending(self.language)}",
            back=words.word("back_to_release", self.language, release=self.release_id),
            other_ending=ending(other_than(self.language)),
        )  # fmt: skip

    @cached_property
    def _beside(self) -> Environment:
        return environment(self.language, f"{EVIDENCE}/")

    @cached_property
    def _within(self) -> Environment:
        return environment(self.language, "")

    def _foot(self, filled: Environment) -> Markup:
        """The foot of all pages in one place: thousands of them share it."""
        if filled not in self._feet:
            made = filled.get_template("foot.html.j2").render(footer=self.footer, provenance=self.provenance)
            self._feet[filled] = Markup(made)
        return self._feet[filled]

    def _filled(self, filled: Environment, template: str, **values: Any) -> bytes:
        other = other_than(self.language)
        text = filled.get_template(template).render(
            other=str(other), other_name=f"index{ending(other)}", foot=self._foot(filled),
            release_id=self.release_id, **values,
        )  # fmt: skip
        return text.encode()


def index_page(language: Language, releases: Table) -> bytes:
    """The list of releases; its rows lead to their pages."""
    other = other_than(language)
    text = (
        environment(language, "")
        .get_template("index.html.j2")
        .render(
            title=words.word("site_title", language), heading=words.word("site_title", language), releases=releases,
            style=style(), other=str(other), other_name=f"index{ending(other)}",
        )
    )  # fmt: skip
    return text.encode()


def environment(language: Language, folder: str) -> Environment:
    """Templates in a language, for pages from which those they lead to stand in `folder`."""

    def href(target: Target) -> str:
        return f"{folder}{target.page}{ending(language)}" + (f"#{target.anchor}" if target.anchor else "")

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        # Templates do not change while pages are made of them: asking for each page cost 30,000 looks at the disk.
        lstrip_blocks=True, keep_trailing_newline=True, auto_reload=False,
    )  # fmt: skip
    cells = Cells(language, href)
    made.filters |= {
        "href": href, "spelt": lambda number: words.spelt(number, language), "course": course,
        "cell": lambda value: Markup(cells.html(value)),
    }  # fmt: skip
    made.filters["body"] = cells.body
    made.filters["marked"] = marked
    made.tests["chart"] = lambda value: isinstance(value, Chart)
    made.globals |= {
        "language": str(language),
        "word": lambda name, **said: words.word(name, language, **said),
        "head": lambda name, **said: words.title(words.word(name, language, **said)),
    }
    return made


def marked(text: str) -> Markup:
    """A sentence with what stands between backquotes as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup(f"<code>{part}</code>") if place % 2 else part for place, part in enumerate(parts))


def course(values: Sequence[int | Decimal]) -> str:
    """The path of a small line through the values, in a box of 100 by 20."""
    least, most = min(values), max(values)
    span = float(most - least) or 1.0
    step = 100 / (len(values) - 1)
    points = [f"{place * step:.1f},{18 - float(value - least) / span * 16:.1f}" for place, value in enumerate(values)]
    return "M" + " L".join(points)
