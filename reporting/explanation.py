"""An explanation as people read it: the figure, its definition, its dossiers and where each stands.

Belongs here: words and layout. Does not: finding or proving anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from reporting.forms import Form, Language
from reporting.labels import label
from reporting.layout import as_csv
from reporting.published import shown


@dataclass(frozen=True, slots=True)
class Explanation:
    """One explained figure. `dossiers` are those proved; `value` counts all."""

    asked: dict[str, str]
    cut_off: str
    value: int
    release_id: int
    zone: str
    dossiers: list[dict[str, Any]]


def row_of(witness: Mapping[str, Any], record: str, problem: str, zone: str) -> dict[str, Any]:
    """One dossier with its evidence, JSON-able. `problem` is empty when the bytes agree with what landed."""

    def local(moment: datetime | None) -> str | None:
        return None if moment is None else shown(moment, zone)

    return {
        "dossier_code": witness["dossier_code"], "received_at": local(witness["received_at"]), "due_at": local(witness["due_at"]),
        "resolved_at": local(witness["resolved_at"]), "source": witness["source"], "stream": witness["stream"],
        "file_name": witness["file_name"], "file_sha256": witness["file_sha256"], "row_number": witness["row_number"],
        "row_sha256": witness["row_sha256"], "record": record, "proof": problem or "agrees",
        "delivery_id": witness["delivery_id"], "delivery_version": local(witness["version"]),
        "landed_at": witness["landed_at"].isoformat(timespec="seconds"), "run_id": str(witness["run_id"]),
    }  # fmt: skip


def print_explanation(told: Explanation, form: Form, language: Language) -> None:
    """Prints it as a table with the proof below, as JSON, or its dossiers as CSV."""
    if form is Form.json:
        definition = label(f"definition_{told.asked['figure']}", language)
        print(json.dumps({"definition": definition, **asdict(told)}, ensure_ascii=False, indent=2))
    elif form is Form.csv:
        print(as_csv(told.dossiers), end="")
    else:
        console = Console(width=None if Console().is_terminal else 160, highlight=False)
        _print_claim(console, told, language)
        if told.dossiers:
            _print_dossiers(console, told, language)


def _print_claim(console: Console, told: Explanation, language: Language) -> None:
    figure = told.asked["figure"]
    where = [f"{label(name, language)} {value}" for name, value in told.asked.items() if name != "figure"]
    where.append(f"{label('cut_off', language)} {told.cut_off}")
    console.print(f"{label(figure, language)} = {told.value:,}", style="bold", markup=False)
    console.print(f"  {', '.join(where)}, {label('release', language)} {told.release_id}", markup=False)
    console.print(f"  {label(f'definition_{figure}', language)}", markup=False)
    console.print(f"  {told.value:,} of {told.value:,} dossiers found in the published facts")


def _print_dossiers(console: Console, told: Explanation, language: Language) -> None:
    table = Table(header_style="bold")
    for name in ("dossier_code", "received_at", "due_at", "resolved_at", "file_name", "row_number", "proof"):
        table.add_column(label(name, language), justify="right" if name == "row_number" else "left")
    for row in told.dossiers:
        table.add_row(
            row["dossier_code"], row["received_at"], row["due_at"] or "–", row["resolved_at"] or "–",
            row["file_name"], str(row["row_number"]), f"{row['proof']}: {row['row_sha256'][:16]}…",
        )  # fmt: skip
    console.print(table)
    if len(told.dossiers) < told.value:
        console.print(
            f"{len(told.dossiers)} of {told.value:,} shown and proved; --limit takes more, --format json tells all"
        )
    for sha, row in sorted({row["file_sha256"]: row for row in told.dossiers}.items()):
        console.print(f"file {row['file_name']}: SHA-256 {sha}", markup=False, soft_wrap=True)
        console.print(f"  landed {row['landed_at']} as delivery {row['delivery_id']} by run {row['run_id']}")
    first = told.dossiers[0]
    console.print(f"row {first['row_number']} of {first['file_name']} reads, in the kept bytes:", markup=False)
    console.print(f"  {first['record']}", markup=False, soft_wrap=True)
