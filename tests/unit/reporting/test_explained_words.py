"""Everything that can be explained has a name and a definition in both languages, and a section of the metrics that exists.

Belongs here: completeness of words. Does not: figures.
"""

from __future__ import annotations

import re

import pytest

from orchestration.settings import PROJECT
from reporting.explaining.conditions import FIGURES, TERMS, terms_of_ii06a
from reporting.explaining.others import KINDS
from reporting.explaining.resolving import DEFINITIONS, RANKING, RATES
from reporting.labels import labels
from reporting.official import COLUMNS_II06A

TOLD = [
    *FIGURES, *(f"definition_{name}" for name in FIGURES), *DEFINITIONS, *(f"definition_{name}" for name in DEFINITIONS),
    *(name for name in KINDS if "." not in name), *(f"definition_{name}" for name in KINDS if "." not in name),
    *(f"rate_{name}" for name in RATES), *(f"definition_rate_{name}" for name in RATES), *RANKING,
    *(f"form_{name}" for name in COLUMNS_II06A), *(f"found_{kind.things}" for kind in KINDS.values()),
    *(kind.things for kind in KINDS.values()), "definition_ii06a", "definition_ii07b", "definition_ranking",
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(TOLD)))
def test_it_is_named_in_both_languages(name: str) -> None:
    english, vietnamese = labels()[name]
    assert english and vietnamese and english != vietnamese


def test_sections_of_the_metrics_are_there() -> None:
    headings = re.findall(r"^## (.+)$", (PROJECT / "docs" / "metrics.md").read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    source = (PROJECT / "reporting" / "explaining" / "resolving.py").read_text(encoding="utf-8")
    used = set(re.findall(r'section="([\w-]+)"', source))
    assert len(used) > 5 and used <= anchors


def test_what_a_period_is_counted_by_is_known() -> None:
    """Every measure that a column, a rate or a definition adds up has its condition."""
    added = [terms for pair in (*RATES.values(), *DEFINITIONS.values()) for terms in pair]
    added += [terms_of_ii06a(column) for column in COLUMNS_II06A]
    assert {name for terms in added for name in terms} <= set(TERMS)
