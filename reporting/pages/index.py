"""The index of releases: one row each, refused ones with it, and where its page is.

Belongs here: that table in both languages. Does not: a release's page, or knowing which pages there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reporting.forms import Language
from reporting.pages import words
from reporting.pages.model import Cell, Code, Column, File, Link, Row, Table, Target
from reporting.pages.rendering import ending, index_page


@dataclass(frozen=True, slots=True)
class Listed:
    """A release as the index tells it. `reasons` and `warnings` are how many there are; the page itself names them."""

    release_id: int
    made: datetime
    passed: bool
    current: bool
    restores: int | None
    content_sha256: str
    reasons: int
    warnings: int
    cleaned: datetime | None
    #: The name of the page of its models in its folder, where there is one.
    models: str | None = None


def folder_of(release_id: int) -> str:
    """The folder of a release's pages."""
    return f"release-{release_id}"


def index_files(releases: Sequence[Listed], with_page: Collection[int], zone: str) -> Iterator[tuple[str, bytes]]:
    """The index in both languages; `releases` newest first, `with_page` those whose folder stands beside it."""
    for language in Language:
        yield f"index{ending(language)}", index_page(language, _table(releases, with_page, zone, language))


def _table(releases: Sequence[Listed], with_page: Collection[int], zone: str, language: Language) -> Table:
    def head(name: str) -> str:
        return words.title(words.word(name, language))

    columns = (
        Column(head("provenance_release")), Column(head("index_made")), Column(head("index_verdict")),
        Column(head("index_what")), Column(head("index_models")), Column(head("sha256")),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                _named(listed, with_page, language), words.instant(listed.made, zone, language),
                _verdict(listed, language), _what(listed, zone, language),
                _models(listed, language),
                Code(listed.content_sha256, f"{listed.content_sha256[:12]}…") if listed.content_sha256 else "–",
            )
        )
        for listed in releases
    )  # fmt: skip
    return Table(head("index_caption"), columns, rows, name="releases")


def _named(listed: Listed, with_page: Collection[int], language: Language) -> Cell:
    name = words.word("release_name", language, release=listed.release_id)
    if listed.release_id in with_page:
        return Link(name, Target(f"{folder_of(listed.release_id)}/index"))
    return f"{name} ({words.word('index_no_page', language)})"


def _models(listed: Listed, language: Language) -> Cell:
    if listed.models is None:
        return "–"
    return File(f"{folder_of(listed.release_id)}/{listed.models}", words.word("index_models_page", language))


def _verdict(listed: Listed, language: Language) -> str:
    if not listed.passed:
        return "✗ " + words.word("index_fail", language)
    return ("● " if listed.current else "✓ ") + words.word(
        "index_current" if listed.current else "index_pass", language
    )


def _what(listed: Listed, zone: str, language: Language) -> str:
    told = [
        words.word("index_publish", language)
        if listed.restores is None
        else words.word("index_rollback", language, restores=listed.restores)
    ]
    if listed.reasons:
        told.append(words.word("index_reasons", language, count=listed.reasons))
    if listed.warnings:
        told.append(words.word("index_warnings", language, count=listed.warnings))
    if listed.cleaned is not None:
        told.append(words.word("index_cleaned", language, day=words.instant(listed.cleaned, zone, language)))
    return "; ".join(told)
