"""Where a column comes from, as one room hands it to another.

Belongs here: those types. Does not: finding it (orchestration/column_lineage), keeping it (warehouse) or showing it (reporting).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: `unchanged`: passed on as it is. `computed`: an expression takes it. `rows`: the column counts the table's rows.
#: `constant`: no column is behind it.
Kind = Literal["unchanged", "computed", "rows", "constant"]


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A column that another is made of; without `column`, the rows of a table that are counted."""

    schema: str
    table: str
    column: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """One source of one column of one model; `source` is None for a constant and for nothing else."""

    schema: str
    model: str
    column: str
    source: Source | None
    kind: Kind
