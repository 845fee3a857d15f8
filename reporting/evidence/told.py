"""What checking a pack came to, for people and for programs.

Belongs here: this layout. Does not: the checks (checking.py).
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from reporting.evidence.checking import Checked


def as_text(checked: Checked, folder: Path) -> str:
    """One line when all is well, else one for each thing that is not."""
    if checked.good:
        before = f", a chain of {len(checked.chain)} releases before it" if checked.chain else ", the first release"
        rows = sum(checked.tables.values())
        return (
            f"{folder}: release {checked.release} is as it was signed: {checked.files} files,"
            f" {len(checked.tables)} tables with {rows:,} rows{before}"
        )
    lines = [f"{mismatch.name}: {mismatch.problem}" for mismatch in checked.mismatches]
    of = f"of release {checked.release} " if checked.release is not None else ""
    return "\n".join([f"{folder}: the pack {of}is not as it was signed", *(f"  {line}" for line in lines)])


def manifests_as_text(checked: Checked, folder: Path) -> str:
    """The same where manifests alone were looked at."""
    if not checked.good:
        return as_text(checked, folder)
    chain = f"{len(checked.chain)} before it" if checked.chain else "none before it"
    return (
        f"{folder}: the manifest of release {checked.release} is as it was signed, {chain}; tables were not looked at"
    )


def as_json(checked: Checked) -> str:
    """The same as one JSON object."""
    return json.dumps({"good": checked.good, **dataclasses.asdict(checked)}, ensure_ascii=False, indent=2)
