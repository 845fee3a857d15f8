"""What is mutated: subjects.yml as data.

Belongs here: reading the list. Does not: the reasons (the file).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml

_FILE = Path(__file__).parent / "subjects.yml"


def subjects(kind: Literal["models", "macros", "functions", "modules"]) -> list[str]:
    """The names of one kind, in the file's order."""
    return list(yaml.safe_load(_FILE.read_text(encoding="utf-8"))[kind])
