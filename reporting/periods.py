"""A closed period as people read it: each figure as frozen, as it reads now, the difference, and what made it.

Belongs here: comparing and laying out. Does not: freezing (warehouse/periods), or finding the dossiers (corrections.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from reporting.corrections import in_period
from reporting.figures import MEASURES, on_time_rate
from reporting.forms import Form, Language
from reporting.labels import label
from reporting.layout import as_csv, print_gaps, print_rows

#: So many corrected dossiers are shown below the table; JSON has them all.
_SHOWN = 20

AtEnds = Mapping[str, Mapping[str, int]]


def compared(frozen: AtEnds, now: AtEnds | None) -> list[dict[str, Any]]:
    """One row a figure: `figure`, `frozen`, `now`, `difference`. Both are counts by measure at the ends, `from` and `to`.

    `now` is None when the cut-offs are not published any more: then nothing can be said about it.
    """
    was = _figures(frozen)
    reads = None if now is None else _figures(now)
    rows = []
    for name, value in was.items():
        current = None if reads is None else reads.get(name)
        known = value is not None and current is not None
        rows.append({"figure": name, "frozen": value, "now": current, "difference": current - value if known else None})
    return rows


def _figures(ends: AtEnds) -> dict[str, Any]:
    names = [name for name in MEASURES if name in ends["to"]]
    told: dict[str, Any] = in_period({name: (ends["from"].get(name, 0), ends["to"][name]) for name in names})
    rate = on_time_rate(told["on_time"], told["late"])
    return {**told, "on_time_rate": None if rate is None else float(rate)}


def unexplained(rows: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]) -> dict[str, int]:
    """By how much the dossiers found fall short of each difference; empty when they make it up exactly."""
    rest = {}
    for row in rows:
        if isinstance(row["difference"], int):
            made = sum(entry["changes"].get(row["figure"], 0) for entry in found)
            if made != row["difference"]:
                rest[row["figure"]] = row["difference"] - made
    return rest


def print_period(about: dict[str, Any], rows: list[dict[str, Any]], form: Form, language: Language) -> None:
    """Prints a closed period. `about` holds what is on record, the policy, `corrections`, `unexplained` and `gaps`."""
    if form is Form.json:
        print(json.dumps({**about, "figures": rows}, ensure_ascii=False, indent=2))
        return
    if form is Form.csv:
        print(as_csv(rows), end="")
        return
    heading = f"{label('period', language)} {about['period']}, {about['jurisdiction']}, {label('policy', language)}"
    shown = [{**row, "figure": label(row["figure"], language)} for row in _with_percent(rows, language)]
    print_rows(
        shown, form, language, title=f"{heading} {about['policy']}, {label('release', language)} {about['release_id']}"
    )
    console = Console(width=None if Console().is_terminal else 200, highlight=False)
    console.print(f"{about['closed_at']}, {about['closed_for']}: {about['because']}", markup=False, soft_wrap=True)
    _print_corrections(console, about, language)
    print_gaps(about["gaps"], language)


def _with_percent(rows: list[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Rates in per cent, the difference in percentage points; counts stay numbers."""

    def percent(value: float | None) -> str | None:
        if value is None:
            return None
        text = f"{value * 100:.2f} %"
        return text.replace(".", ",") if language is Language.vi else text

    return [
        {name: percent(cell) if name != "figure" else cell for name, cell in row.items()}
        if row["figure"].endswith("_rate")
        else row
        for row in rows
    ]


def _print_corrections(console: Console, about: dict[str, Any], language: Language) -> None:
    found = about["corrections"]
    if not found:
        console.print(label("no_corrections", language))
    else:
        table = Table(title=label("corrections", language), title_justify="left", header_style="bold")
        for name in ("dossier", "unit", "changes", "cause", "delivery_id", "file_name"):
            table.add_column(label(name, language), overflow="fold")
        for entry in found[:_SHOWN]:
            changes = ", ".join(f"{label(name, language)} {value:+d}" for name, value in entry["changes"].items())
            table.add_row(
                entry["dossier"], entry["unit"], changes, label(f"cause_{entry['cause']}", language),
                str(entry["delivery_id"] or "–"), entry["file_name"] or "–",
            )  # fmt: skip
        console.print(table)
        if len(found) > _SHOWN:
            console.print(f"{label('corrections_more', language)}: {len(found) - _SHOWN} (--format json)", markup=False)
    if about["unexplained"]:
        told = ", ".join(f"{label(name, language)} {value:+d}" for name, value in about["unexplained"].items())
        console.print(f"{label('unexplained', language)}: {told}", markup=False)
