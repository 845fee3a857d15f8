"""Laying rows out: a table for the terminal, JSON or CSV for programs. The same rows, the same names.

Belongs here: form. Does not: content.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from reporting.forms import Form, Language
from reporting.labels import label


def print_rows(
    rows: Sequence[dict[str, Any]], form: Form, language: Language, *, title: str, across: bool = False
) -> None:
    """Prints rows of equal columns. `across` turns a table around: one line a figure, one column a row."""
    if form is Form.json:
        print(json.dumps(list(rows), ensure_ascii=False, indent=2, default=str))
    elif form is Form.csv:
        print(as_csv(rows), end="")
    else:
        console = Console(width=None if Console().is_terminal else 200)
        console.print(_turned(rows, language, title) if across else _table(rows, language, title))


#: So many lines of what is missing are shown below a table; JSON has them all.
_GAPS_SHOWN = 12


def print_gaps(gaps: Sequence[dict[str, Any]], language: Language) -> None:
    """Prints below a table which deliveries its figures lack; nothing when they lack none."""
    if not gaps:
        return
    console = Console(width=None if Console().is_terminal else 200, highlight=False)
    console.print(label("gaps", language), style="bold", markup=False)
    for gap in gaps[:_GAPS_SHOWN]:
        console.print(f"  {gap_in_words(gap, language)}", markup=False, soft_wrap=True)
    if len(gaps) > _GAPS_SHOWN:
        console.print(f"  {label('gaps_more', language)}: {len(gaps) - _GAPS_SHOWN} (--format json)", markup=False)


def gap_in_words(gap: dict[str, Any], language: Language) -> str:
    """One line of what is missing, or silent, for one source and office."""
    if gap["kind"] == "silent":
        known = f", {label('gap_known_to', language)} {gap['from']}" if gap["from"] else ""
        return f"{gap['source']}: {label('gap_silent', language)}{known}"
    office = f" {gap['office']}" + (f" ({gap['office_name']})" if gap["office_name"] else "") if gap["office"] else ""
    return f"{gap['source']}{office}: {label('gap_missing', language)} {gap['missing']}, [{gap['from']}, {gap['to']})"


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """CSV with a header; an absent value is empty."""
    buffer = io.StringIO()
    if rows:
        writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return buffer.getvalue()


#: What a whole table is about: said once above it when it is the same in every row.
_HEADING = ("jurisdiction", "policy", "cut_off", "as_of", "period", "release", "catalogue_known_on")


def _table(rows: Sequence[dict[str, Any]], language: Language, title: str) -> Table:
    shared = [name for name in _HEADING if rows and name in rows[0] and len({row[name] for row in rows}) == 1]
    about = [f"{label(name, language)} {rows[0][name]}" for name in shared if name != "jurisdiction"]
    table = Table(title=", ".join([title, *about]), title_justify="left", header_style="bold")
    rows = [{name: value for name, value in row.items() if name not in shared} for row in rows]
    for name in rows[0] if rows else ():
        numeric = any(isinstance(row[name], (int, float)) for row in rows)
        table.add_column(label(name, language), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_cell(name, value, language) for name, value in row.items()])
    return table


def _turned(rows: Sequence[dict[str, Any]], language: Language, title: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", show_header=False)
    table.add_column()
    for _ in rows:
        table.add_column(justify="right")
    for name in rows[0] if rows else ():
        table.add_row(label(name, language), *[_cell(name, row[name], language) for row in rows])
    return table


def _cell(name: str, value: Any, language: Language) -> str:
    if value is None:
        return "–"
    if name.endswith("_rate"):
        percent = f"{value * 100:.2f} %"
        return percent.replace(".", ",") if language is Language.vi else percent
    if isinstance(value, int) and name not in {"release", "row"}:
        return f"{value:,}".replace(",", ".") if language is Language.vi else f"{value:,}"
    return " ".join(str(value).split())  # names may hold line breaks
