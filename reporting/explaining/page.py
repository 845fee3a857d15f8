"""An explanation as HTML: a fragment for a page of somebody else's, and a page of its own in both languages.

Belongs here: what the templates are given. Does not: words (told.py), markup (*.html.j2), or any request: a page needs nothing
but itself, and no script.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reporting.explaining import told as words
from reporting.explaining.model import Explanation, Landed, Thing
from reporting.forms import Language
from reporting.labels import label
from reporting.numerals import sentence_case
from reporting.published import shown

#: What is told of a thing beside its code, where it has it.
_FACTS = (
    "name", "unit_name", "procedure_name", "field_name", "received_at", "due_at", "resolved_at", "closed_otherwise_at",
    "verdict", "signed_on", "action", "level", "levels", "interlinked", "valid_from", "valid_to", "counter", "drawn_at",
    "served_at", "statistics_code",
)  # fmt: skip


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def explanation_fragment(told: Explanation, language: Language, prefix: str = "") -> Markup:
    """The body of an explanation in one language: a <section> with headings from h2 on. Ids in it begin with `prefix`."""
    return Markup(_templates().get_template("explanation.html.j2").render(prefix=prefix, **_given(told, language)))


def explanation_page(told: Explanation, language: Language) -> str:
    """A whole page: the reader's language first, then the other. The same explanation gives the same bytes."""
    order = (language, Language.vi if language is Language.en else Language.en)
    fragments = [(one.value, explanation_fragment(told, one, f"{one}-")) for one in order]
    title = f"{words.name_of(told, language)} = {words.value_in_words(told, language)}"
    page = _templates().get_template("explanation_page.html.j2")
    return page.render(language=language.value, title=title, address=str(told.address), fragments=fragments)


def _given(told: Explanation, language: Language) -> dict[str, Any]:
    def say(name: str) -> str:
        return sentence_case(words.in_words(name, language))

    zone = told.body.zone
    return {
        "say": say, "language": language.value, "address": str(told.address), "holds": told.holds,
        "name": sentence_case(words.name_of(told, language)), "value": words.value_in_words(told, language),
        "asked": [(sentence_case(name), value) for name, value in words.asked_of(told, language)],
        "definition": words.definition_of(told, language), "columns": sorted(told.columns.items()),
        "policy": words.policy_in_words(told) if told.policy else "", "kind": told.kind,
        "parts": [
            {"name": say(part.name), "where": f"marts.{part.table}: {' + '.join(part.columns)}", "adds": " + ".join(part.adds),
             "published": words.number(part.published, language),
             "found": label("not_countable", language) if part.found is None else words.number(part.found, language)}
            for part in told.parts
        ],
        "total": words.number(told.total, language), "listed": words.number(len(told.things), language),
        "things": [_thing(thing, zone, language) for thing in told.things],
        "release": told.release, "created_at": shown(told.release.created_at, zone), "run": told.run,
        "program": words.code_in_words(told.run.code),
        "checks": told.checks, "green": sum(check.succeeded for check in told.checks),
        "statements": told.statements, "problems": told.problems,
    }  # fmt: skip


def _thing(thing: Thing, zone: str, language: Language) -> dict[str, Any]:
    facts = [(name, words.local(thing.facts[name], zone)) for name in _FACTS if thing.facts.get(name) is not None]
    return {
        "code": thing.code, "counts": ", ".join(f"{part} {added:+d}" for part, added in thing.counts.items()),
        "facts": [(sentence_case(words.in_words(name, language)), value) for name, value in facts],
        "rows": [_row(row, zone, language) for row in thing.landed],
    }  # fmt: skip


def _row(row: Landed, zone: str, language: Language) -> dict[str, Any]:
    return {
        "what": row.system if row.role == "record" else f"{row.system}: {row.code}", "file": row.file_name,
        "sha256": row.file_sha256, "number": row.row_number,
        "row_sha256": row.record_sha256 or row.row_sha256, "record": row.record,
        "proof": words.proof_in_words(row, language), "broken": bool(row.proof), "delivery": row.delivery_id,
        "landed_at": None if row.landed_at is None else shown(row.landed_at, zone),
        "run": None if row.run is None else f"{row.run.run_id}, {words.code_in_words(row.run.code)}",
        "says": ", ".join(f"{name} {words.local(value, zone)}" for name, value in row.says.items()),
        "retracted": row.retracted_because,
    }  # fmt: skip
