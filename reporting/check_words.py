"""Why each check of the suite is there and what to do when it is not green, in Vietnamese.

Belongs here: looking that up (checks_vi.yml). Does not: the English words (expectations/suite.yml), what checks are called on
pages (reporting/pages/checks.yml), or what a check said.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from contracts.yaml_text import parsed

_WORDS = Path(__file__).parent / "checks_vi.yml"


@cache
def in_vietnamese() -> dict[str, tuple[str, str]]:
    """Reason and hint of each check of the suite of today, by its name."""
    told = parsed(_WORDS.read_text(encoding="utf-8"))
    hints = told["hints"]
    return {
        name: (" ".join(words["reason"].split()), " ".join(hints.get(words["hint"], words["hint"]).split()))
        for name, words in told["checks"].items()
    }
