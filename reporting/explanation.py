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

#: What stands as proof when the kept bytes hold the very record that landed.
AGREES = "agrees"


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
        "row_sha256": witness["row_sha256"], "record": record, "proof": problem or AGREES,
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
    console.print(f"{label(figure, language)} = {_number(told.value, language)}", style="bold", markup=False)
    console.print(f"  {', '.join(where)}, {label('release', language)} {told.release_id}", markup=False)
    console.print(f"  {label(f'definition_{figure}', language)}", markup=False)
    console.print(f"  {label('dossiers_found', language)}: {_number(told.value, language)}")


def _print_dossiers(console: Console, told: Explanation, language: Language) -> None:
    table = Table(header_style="bold")
    for name in ("dossier_code", "received_at", "due_at", "resolved_at", "file_name", "row_number", "proof"):
        table.add_column(label(name, language), justify="right" if name == "row_number" else "left")
    for row in told.dossiers:
        agrees = row["proof"] == AGREES
        table.add_row(
            row["dossier_code"], row["received_at"], row["due_at"] or "–", row["resolved_at"] or "–",
            row["file_name"], str(row["row_number"]),
            f"{label('agrees', language)}: {row['row_sha256'][:16]}…" if agrees else row["proof"],
        )  # fmt: skip
    console.print(table)
    proved = [row for row in told.dossiers if row["proof"] == AGREES]
    shares = f"{_number(len(proved), language)} / {_number(told.value, language)}"
    console.print(f"{label('proved', language)}: {shares} (--limit, --format json)")
    for sha, row in sorted({row["file_sha256"]: row for row in told.dossiers}.items()):
        console.print(f"{label('file', language)} {row['file_name']}: SHA-256 {sha}", markup=False, soft_wrap=True)
        console.print(f"  {row['landed_at']}, delivery {row['delivery_id']}, run {row['run_id']}")
    if proved:
        first = proved[0]
        console.print(f"{label('kept_record', language)} {first['file_name']}:{first['row_number']}", markup=False)
        console.print(f"  {first['record']}", markup=False, soft_wrap=True)


def _number(value: int, language: Language) -> str:
    return f"{value:,}".replace(",", ".") if language is Language.vi else f"{value:,}"
