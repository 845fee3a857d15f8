"""Which page explains which figure: a stable file name made of the figure's address.

Belongs here: these names. Does not: the grammar of addresses (reporting/figure_ids).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from reporting.figure_ids import Address

#: Pages about more than one figure.
FILES, CHECKS, STEPS, SYNC = "files", "checks", "steps", "sync"
CHANNELS, CATALOGUE, CHANGES, CLAIMS = "channels", "catalogue", "changes", "claims"
#: The page about the signed manifest.
PROOF = "proof"
FORM_FIELDS, FORM_LEVELS, FORM_II07B = "form-ii06a-fields", "form-ii06a-levels", "form-ii07b"
_LONGEST = 90
_SIGNS = re.compile(r"(?:%[0-9A-F]{2}|[^A-Za-z0-9.])+")


def page_of(address: Address) -> str:
    """The page's name: what of the address a file may be called, and eight digits that keep two of them apart."""
    text = str(address)
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    # Without diacritics; signs that the grammar of addresses spells in per cent, and any others, are one line below.
    ascii_only = plain.encode("ascii", "ignore").decode()
    readable = _SIGNS.sub("_", ascii_only).strip("_.")
    return f"{readable[:_LONGEST]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def statements_page(table: str) -> str:
    """The page with the SQL that made a published table."""
    return f"sql-{table}"


def anchor(text: str) -> str:
    """A place on a page, from a code or name: letters, digits and a hash where anything was lost."""
    kept = re.sub(r"[^A-Za-z0-9_.-]", "", text)
    return kept if kept == text and kept else f"{kept}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def form_cell(
    jurisdiction: str, period: str, policy: str, column: str, row: Mapping[str, Any], variant: str
) -> Address:
    """A cell of II.06a. `row` is a published row: its kind, level, unit and (of a line of fields) its label."""
    narrowed = {"variant": variant}
    if row["row_kind"] != "total":
        narrowed["level"] = row["level"] or ""
    if row["row_kind"] == "line":
        narrowed |= {"field": row["label"] or ""} if variant == "fields" else {"unit": row["unit"] or ""}
    return Address(jurisdiction, period, f"ii06a.{column}", policy, narrowed)
