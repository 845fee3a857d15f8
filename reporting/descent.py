"""Where a column comes from and what comes of it, as people read it: a tree down to fields of the sources' files.

Belongs here: asking audit.lineage_of, naming contract fields, laying the tree out. Does not: how it was found (orchestration).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from contracts.failures import UsageError
from contracts.lineage import Kind
from contracts.source import SourceContract, StreamContract
from reporting.forms import Language
from reporting.labels import label

Place = tuple[str, str, str | None]
#: Columns that landing adds to what a source delivers.
_OF_LANDING = "_"


@dataclass(frozen=True, slots=True)
class Step:
    """One source of one column (schema, table, column each); `source` is None for a constant."""

    depth: int
    column: Place
    source: Place | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Descent:
    """All steps from one column, up to its sources or `downwards`; `fields` says of raw columns what they are in the source."""

    start: tuple[Place, ...]
    downwards: bool
    steps: tuple[Step, ...]
    fields: dict[Place, str]


def descent_of(
    connection: psycopg.Connection,
    column: str,
    contracts: Iterable[SourceContract],
    release: int | None,
    *,
    downwards: bool,
) -> Descent:
    """The lineage of `[schema.]table.column` in a release, by default the published one.

    Raises UsageError where there is no such column on record.
    """
    table, _, name = column.rpartition(".")
    if not table or not name:
        raise UsageError(f"{column!r} is no TABLE.COLUMN", hint="motcua lineage fct_dossier.due_at")
    rows = connection.execute(
        "select depth, model_schema, model, column_name, source_schema, source_table, source_column, kind"
        " from audit.lineage_of(%s, %s, %s, %s)",
        (table, name, downwards, release),
    ).fetchall()
    if not rows:
        raise UsageError(_not_found(connection, table, name, release, downwards=downwards), hint=_HINT)
    steps = tuple(
        Step(row[0], (row[1], row[2], row[3]), None if row[5] is None else (row[4], row[5], row[6]), row[7]) for row in rows
    )  # fmt: skip
    begun = (step.source if downwards else step.column for step in steps if step.depth == 0)
    start = tuple(dict.fromkeys(place for place in begun if place is not None))
    return Descent(start, downwards, steps, fields_of(contracts))


_HINT = "motcua lineage fct_dossier.due_at; with --down motcua lineage raw.provincial__dossier.ngayhentra"


def _not_found(connection: psycopg.Connection, table: str, name: str, release: int | None, *, downwards: bool) -> str:
    side = "source" if downwards else "model"
    known = connection.execute(
        "select case when %(down)s then c.source_column else c.column_name end as told from audit.column_lineage as c"
        " inner join audit.lineage_project(%(release)s) as p on p.project = c.project and p.method = c.method"
        " where %(table)s in (case when %(down)s then c.source_table else c.model end,"
        " case when %(down)s then c.source_schema || '.' || c.source_table else c.model_schema || '.' || c.model end)"
        " group by told order by told",
        {"down": downwards, "release": release, "table": table},
    ).fetchall()
    if known:
        return f"nothing is known of a column {name} of {table}; there are {', '.join(str(row[0]) for row in known if row[0])}"
    return f"no {side} {table} is on record in the lineage of columns"


def fields_of(contracts: Iterable[SourceContract]) -> dict[Place, str]:
    """Of each raw column the field it holds, as the source has it: `NgayHenTra of table HoSo (provincial.dossier)`."""
    return {
        (
            "raw",
            f"{source.name}__{stream.name}",
            field.column,
        ): f"{field.name} {_where(stream)} ({source.name}.{stream.name})"
        for source in contracts
        for stream in source.streams
        for field in stream.fields
    }


def _where(stream: StreamContract) -> str:
    layout = stream.layout
    if layout.kind == "table":
        return f"of table {layout.table}"
    if layout.kind == "service":
        return f"of service {layout.service}"
    return f"in files {stream.files}"


def as_tree(descent: Descent, language: Language) -> Iterator[str]:
    """Lines of a tree; what was laid out above is not laid out again."""
    following: dict[Place, list[tuple[Place | None, Kind]]] = {}
    for step in descent.steps:
        if not descent.downwards:
            following.setdefault(step.column, []).append((step.source, step.kind))
        elif step.source is not None:
            following.setdefault(step.source, []).append((step.column, step.kind))
    seen: set[Place] = set()
    for place in descent.start:
        yield _named(place, descent, language)
        yield from _below(place, following, seen, descent, language, "")


def _below(
    place: Place,
    following: dict[Place, list[tuple[Place | None, Kind]]],
    seen: set[Place],
    descent: Descent,
    language: Language,
    indent: str,
) -> Iterator[str]:
    seen.add(place)
    entries = following.get(place, [])
    for number, (other, kind) in enumerate(entries, 1):
        last = number == len(entries)
        told = label(f"lineage_{'down_' if descent.downwards else ''}{kind}", language)
        if other is None:
            yield f"{indent}{'└─' if last else '├─'} {told}"
            continue
        again = other in seen and other in following
        named = _named(other, descent, language) + (f" ({label('lineage_above', language)})" if again else "")
        yield f"{indent}{'└─' if last else '├─'} {told}: {named}"
        if not again:
            yield from _below(other, following, seen, descent, language, indent + ("   " if last else "│  "))


def _named(place: Place, descent: Descent, language: Language) -> str:
    schema, table, column = place
    if column is None:
        return f"{schema}.{table}"
    field = descent.fields.get(place)
    if schema == "raw" and field is None and column.startswith(_OF_LANDING):
        field = label("lineage_of_landing", language)
    return f"{schema}.{table}.{column}" + (f"  ← {field}" if field else "")


def as_rows(descent: Descent) -> list[dict[str, Any]]:
    """The steps for programs; `field` is that of the source's file, table or service behind a raw column."""
    return [
        {
            "depth": step.depth, "column": ".".join(map(str, step.column)),
            "source": None if step.source is None else ".".join(part for part in step.source if part),
            "kind": step.kind, "field": descent.fields.get(step.source) if step.source else None,
        }
        for step in descent.steps
    ]  # fmt: skip
