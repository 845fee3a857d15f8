"""Labels in the reader's language.

Belongs here: looking them up. Does not: the labels (labels.yml).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from contracts.yaml_text import parsed
from reporting.forms import Language

LABELS = Path(__file__).parent / "labels.yml"


@cache
def labels() -> dict[str, tuple[str, str]]:
    """Every label: English, then Vietnamese."""
    return {name: (pair[0], pair[1]) for name, pair in parsed(LABELS.read_text(encoding="utf-8")).items()}


def label(name: str, language: Language) -> str:
    """The label of a figure or column. Raises KeyError for one that has none: a label is part of adding a column."""
    return labels()[name][0 if language is Language.en else 1]
