"""In which form and language results are printed, and how an official form is divided.

Belongs here: these choices. Does not: anything heavy; the command line imports this to answer --help.
"""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """How results are printed."""

    table = "table"
    json = "json"
    csv = "csv"


class ExplanationForm(StrEnum):
    """How an explanation is laid out."""

    table = "table"
    json = "json"
    csv = "csv"
    html = "html"


class Language(StrEnum):
    """The language of labels."""

    en = "en"
    vi = "vi"


class BriefForm(StrEnum):
    """How a brief is laid out."""

    text = "text"
    markdown = "markdown"
    json = "json"


class FormVariant(StrEnum):
    """How form II.06a is divided: by field under each level, or by unit under each level ("06 các cấp")."""

    fields = "fields"
    levels = "levels"


class OfficeFiles(StrEnum):
    """Which files for offices are written: the forms, the list of late dossiers, the inspector's table; in that order."""

    forms = "forms"
    late = "late"
    inspection = "inspection"
