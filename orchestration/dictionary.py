"""The data dictionary of what is published: every table of marts with its columns, from the models' own YAML.

Belongs here: laying it out as a page. Does not: the descriptions (dbt_project/models/marts), which are also the comments in
the database. `make dictionary` writes docs/data-dictionary.md; a test holds the page to the models.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import PROJECT
from reporting.forms import Language
from reporting.labels import label

MARTS = PROJECT / "dbt_project" / "models" / "marts"
PAGE = PROJECT / "docs" / "data-dictionary.md"
_KINDS = {
    "dim": ("Dimensions", "who, what, how and when"),
    "bridge": ("Bridges", "several values of one thing"),
    "map": ("Maps", "from one time's units to another's"),
    "fct": ("Facts", "what happened, one row a grain"),
    "rpt": ("Reports", "as people read it"),
}
_HEAD = """# Data dictionary

Every published table (schema `marts`) with its columns, made by `make dictionary` from the models' own descriptions; the
same words are the comments in the database (`\\d+ marts.fct_dossier`). `release_from`, which every table has besides, is the
release since which a row stands as it is. Keys end in `_key`, local days in `_on`, instants in `_at`, months in `_month`. A key
that names a row of another table says of which (→); while one of them meets no row, the gate refuses the release.
Counts of type bigint in facts and reports add up, unless their table says otherwise. Definitions with worked
examples: [metrics](metrics.md).
"""


def dictionary(models: Path = MARTS) -> str:
    """The whole page as Markdown, tables in the order of their names within each kind."""
    described = [model for file in sorted(models.glob("*.yml")) for model in yaml.safe_load(file.read_text())["models"]]
    parts = [_HEAD]
    for prefix, (title, meaning) in _KINDS.items():
        parts.append(f"## {title}\n\n{meaning.capitalize()}.\n")
        parts += [_table(model) for model in described if model["name"].startswith(f"{prefix}_")]
    return "\n".join(parts)


def _table(model: dict[str, Any]) -> str:
    [key] = [rule["columns"] for rule in model["constraints"] if rule["type"] == "primary_key"]
    lines = [
        f"### {model['name']}\n\n{' '.join(model['description'].split())}\n\nKey: {', '.join(f'`{name}`' for name in key)}\n",
        "| column | type | Vietnamese | meaning |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{column['name']}` | {column['data_type']} | {_vietnamese(column['name'])} |"
        f" {_cell(column['description'])}{_named(column)} |"
        for column in model["columns"]
    ]
    return "\n".join(lines) + "\n"


def _named(column: dict[str, Any]) -> str:
    named = column.get("config", {}).get("meta", {}).get("references")
    return f" → `{named}`" if named else ""


def _vietnamese(name: str) -> str:
    try:
        return label(name, Language.vi)
    except KeyError:
        return "–"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(dictionary(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(PROJECT)} is written\n")
