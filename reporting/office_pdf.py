"""Forms II.06a and II.07b as PDF: what the spreadsheets print, on paper that cannot be edited, its fonts in the file.

Belongs here: the lines of a form as text, handed to the typesetter. Does not: where they stand on the page (office_form.typ),
words (office.yml), or figures (official.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import typst

from reporting.form_cells import Filled, cells_ii06a, cells_ii07b
from reporting.forms import FormVariant
from reporting.numerals import count_vi, day_vi
from reporting.office_forms import Occasion, described, gaps_in_words, printed

_TEMPLATE = Path(__file__).parent / "office_form.typ"
#: Widths of the columns, as shares: number of the line, what it is of, then the counts; and the empty one before the notes.
_FIRST_WIDTHS, _WIDTH, _GAP_WIDTH = (1.0, 6.0), 2.0, 0.4
#: Lines of the header above the line of numbers.
_HEADER_LINES = 3


def pdf_ii06a(occasion: Occasion, rows: Sequence[Mapping[str, Any]], variant: FormVariant) -> bytes:
    """Form II.06a of rows as official.form_ii06a gives them."""
    told = printed()["ii06a"]
    lines = [
        _line(row["ordinal"] or "", row["row_of"], cells, bold=row["row_kind"] != "line")
        for row, cells in zip(rows, cells_ii06a(rows, 1), strict=True)
    ]
    source = printed()["made_from_pdf"].format_map(occasion.words())
    return _typeset(occasion, told, told["variants"][variant], lines, [source, *gaps_in_words(occasion)])


def pdf_ii07b(occasion: Occasion, blocks: Sequence[Mapping[str, Any]]) -> bytes:
    """Form II.07b of blocks as official.form_ii07b gives them."""
    told = printed()["ii07b"]
    once, at_each = cells_ii07b(blocks, 1)
    lines = [_line("1", occasion.body.name_vi, once), _line("", told["each_level"], at_each)]
    known_on = day_vi(date.fromisoformat(blocks[0]["catalogue_known_on"]))
    source = printed()["made_from_catalogue"].format_map({**occasion.words(), "known_on": known_on})
    return _typeset(occasion, told, "", lines, [source, *gaps_in_words(occasion)])


def _line(ordinal: str, name: str, cells: Mapping[str, Filled], *, bold: bool = False) -> dict[str, Any]:
    counts = {ascii_uppercase.index(letter): count_vi(cell.value) for letter, cell in cells.items()}
    return {"bold": bold, "first": (ordinal, name), "counts": counts}


def _spelt(counts: Mapping[int, str], gap: int, columns: int) -> list[str]:
    """The cells after the first two. Of what the form does not count there is a dash; beside the form, nothing."""
    return [counts.get(place, "–" if place < gap else "") for place in range(2, columns)]


def _placed(top: int, left: int, bottom: int, right: int, text: str) -> dict[str, Any]:
    return {"x": left, "y": top, "colspan": right - left + 1, "rowspan": bottom - top + 1, "text": text}


def _typeset(
    occasion: Occasion, told: Mapping[str, Any], subtitle: str, lines: Sequence[Mapping[str, Any]], notes: Sequence[str]
) -> bytes:
    """The same figures give the same bytes: the day the file bears is the period's last, and its fonts are the typesetter's."""
    words, always = occasion.words(), printed()
    columns = 1 + max(right for _, _, _, right, _ in told["header"])
    gap = len(told["numbers"])
    form = {
        "document": " ".join(filter(None, (told["number"], subtitle))), "about": described(occasion),
        "number": told["number"], "circular": always["circular"], "title": told["title"],
        "titles": [line for line in (subtitle, always["period"].format_map(words), always["span"].format_map(words)) if line],
        "reports": always["reports"].format_map(words), "receives": always["receives"], "counted_in": told["counted_in"],
        "gap": gap, "header": [_placed(*cell) for cell in told["header"]] + [_placed(0, gap, _HEADER_LINES - 1, gap, "")],
        "numbers": [
            _placed(_HEADER_LINES, place, _HEADER_LINES, place, told["numbers"][place] if place < gap else "")
            for place in range(columns)
        ],
        "widths": [*_FIRST_WIDTHS, *(_GAP_WIDTH if place == gap else _WIDTH for place in range(2, columns))],
        "lines": [
            {"bold": line["bold"], "cells": [*line["first"], *_spelt(line["counts"], gap, columns)]} for line in lines
        ],
        "notes": notes, "left": always["signatures"]["left"], "right": always["signatures"]["right"],
    }  # fmt: skip
    made_at = datetime.combine(occasion.period["period_to"], time(), UTC)
    compiled = typst.compile(
        _TEMPLATE.read_bytes(), ignore_system_fonts=True, timestamp=int(made_at.timestamp()), pdf_standards=["ua-1"],
        sys_inputs={"form": json.dumps(form, ensure_ascii=False)},
    )  # fmt: skip
    return bytes(compiled)
