"""All files of a release's pages, in memory: name within the release's folder, and bytes.

Belongs here: which pages there are. Does not: what they say, or writing them (orchestration/site). The same release gives the
same bytes: nothing here asks a clock, a locale or an order that is not total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reporting.forms import Language
from reporting.pages import account, sections
from reporting.pages.addresses import CHECKS
from reporting.pages.figure_evidence import figure_pages, ranking_pages
from reporting.pages.form_evidence import FormII06a, procedures_cells, procedures_page
from reporting.pages.gathered import Release
from reporting.pages.lists import list_pages
from reporting.pages.model import Cell, Code, Evidence, Link, Target
from reporting.pages.proof import proof_files
from reporting.pages.proof_page import proof_page
from reporting.pages.rendering import EVIDENCE, Frame, ending, style
from reporting.pages.told import Told


def shared_files(release: Release) -> Iterator[tuple[str, bytes]]:
    """The files of the release's folder that are one for every language."""
    yield f"{EVIDENCE}/style.css", style().encode()
    if release.known.proof is not None:
        yield from proof_files(release.known.proof)


def pages_in(release: Release, language: Language) -> Iterator[tuple[str, bytes]]:
    """Every page of the release's folder in a language; no name is one of the other language's."""
    told = Told(release, language)
    frame = _frame(told)
    yield f"index{ending(language)}", _release_page(told, frame)
    for page in evidence_pages(told):
        yield f"{EVIDENCE}/{page.page}{ending(language)}", frame.evidence_page(page)


def evidence_pages(told: Told) -> Iterator[Evidence]:
    """Every page beside the release's page; each has a name of its own."""
    yield from list_pages(told)
    yield proof_page(told)
    yield from figure_pages(told)
    yield from ranking_pages(told)
    for variant in told.release.forms:
        form = FormII06a(told, variant)
        yield form.page()
        yield from form.cells()
    if told.release.procedures is not None:
        yield procedures_page(told)
        yield from procedures_cells(told)


def _release_page(told: Told, frame: Frame) -> bytes:
    release = told.release
    parts = account.present((
        sections.headline(told), sections.over_time(told), sections.ranking(told), sections.lateness(told),
        sections.channels(told), account.catalogue(told), account.sync(told), account.claims(told), account.changes(told),
        account.gaps(told), account.gate(told), account.files(told),
    ))  # fmt: skip
    meta = ", ".join((
        told.word("release_name", release=release.body.release_id), told.word("as_of_told", instant=told.instant(release.as_of)),
    ))  # fmt: skip
    policy = ""
    if release.policy and release.cut_off is not None:
        policy = told.word(
            "policy_told",
            policy=told.name_of(release.policy),
            meaning=told.word(f"compares_{release.policy['compares']}"),
        )
    return frame.release_page(told.word("release_title", body=told.body_name), meta, policy and f"{policy}.", parts)


def _frame(told: Told) -> Frame:
    facts = told.release.known.facts
    made = told.instant(facts["release"]["created_at"])
    footer = told.word("footer_release", release=told.release.body.release_id, made=made)
    return Frame(told.language, told.release.body.release_id, footer, _provenance(told, facts))


def _provenance(told: Told, facts: Mapping[str, Any]) -> tuple[tuple[str, Cell], ...]:
    """Where the release comes from: run, program, what its contents hash to, what was checked."""
    built = facts["built"] or {}
    program = built.get("program") or {}
    unknown = told.word("unknown_program")

    def noted(name: str) -> Cell:
        return Code(program[name]) if program.get(name) else unknown

    green = sum(1 for check in facts["checks"] if check["succeeded"])
    checks = told.word("provenance_checks_told", green=green, checks=len(facts["checks"]))
    return (
        (told.head("provenance_release"), str(told.release.body.release_id)),
        (told.head("provenance_run"), Code(facts["run"]["run_id"])),
        (told.head("provenance_commit"), noted("commit")), (told.head("provenance_lock"), noted("requirements_lock_sha256")),
        (told.head("provenance_models"), noted("dbt_project_sha256")),
        (told.head("provenance_content"), Code(facts["release"]["content_sha256"])),
        (told.head("provenance_checks"), Link(checks, Target(CHECKS))),
    )  # fmt: skip
