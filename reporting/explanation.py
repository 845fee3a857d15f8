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

DEFINITIONS = {
    "received": "received before the cut-off",
    "resolved": "received and resolved before the cut-off",
    "early": "resolved before the cut-off, on a day before the due day",
    "on_due_day": "resolved before the cut-off, on the due day and not late under the policy",
    "on_time": "early + on_due_day",
    "late": "resolved before the cut-off, later than the due date under the policy",
    "resolved_no_due": "resolved before the cut-off, without a due date; in no rate",
    "pending": "received before the cut-off and not resolved by then",
    "pending_in_time": "pending, not yet due at the cut-off under the policy",
    "pending_overdue": "pending, due before the cut-off under the policy",
    "pending_no_due": "pending, without a due date",
    "closed_otherwise": "withdrawn or refused before the cut-off",
}


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
        print(
            json.dumps({"definition": DEFINITIONS[told.asked["figure"]], **asdict(told)}, ensure_ascii=False, indent=2)
        )
        return
    if form is Form.csv:
        print(as_csv(told.dossiers), end="")
        return
    console = Console(width=None if Console().is_terminal else 160)
    figure = told.asked["figure"]
    where = ", ".join(f"{label(name, language)} {value}" for name, value in told.asked.items() if name != "figure")
    console.print(
        f"[bold]{label(figure, language)} = {told.value:,}[/bold]  ({where}, {label('cut_off', language)} {told.cut_off})"
    )
    console.print(
        f"{DEFINITIONS[figure]}; {label('release', language)} {told.release_id}; all {told.value:,} dossiers found"
    )
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
            f"{len(told.dossiers)} of {told.value:,} shown; --limit shows more, --format json gives every detail"
        )
    for sha in sorted({row["file_sha256"] for row in told.dossiers}):
        rows = [row for row in told.dossiers if row["file_sha256"] == sha]
        console.print(
            f"file {rows[0]['file_name']}  SHA-256 {sha}  landed {rows[0]['landed_at']} by run {rows[0]['run_id']}"
        )
    if told.dossiers:
        console.print(f"row {told.dossiers[0]['row_number']} of the file reads:", highlight=False)
        console.print(f"  {told.dossiers[0]['record']}", highlight=False, markup=False, soft_wrap=True)
