"""In which form and language results are printed.

Belongs here: the two choices. Does not: anything heavy; the command line imports this to answer --help.
"""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """How results are printed."""

    table = "table"
    json = "json"
    csv = "csv"


class Language(StrEnum):
    """The language of labels."""

    en = "en"
    vi = "vi"
