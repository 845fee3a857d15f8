"""Column lineage of the models that a run built: found once for each wording of the project, then known.

Belongs here: where it is found already (the database, the home), and what it is found from otherwise. Does not: reading it off
SQL (column_lineage.py), or its rows (warehouse/column_lineage).
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.lineage import Edge, Source
from orchestration import dbt_project
from orchestration.column_lineage import METHOD, edges_of_models
from orchestration.session import Session
from warehouse.column_lineage import columns_of_rooms, has_lineage, keep_lineage, lineage_on_record

#: In the folder of dbt's artefacts: what was found last, for other databases of this home.
FILE = "column_lineage.json"
#: What readers see of the models of this schema is the published tables, equal to what was checked.
PUBLISHED = "marts"


def keep_column_lineage(session: Session, prepared: dbt_project.Prepared, made: Mapping[str, str]) -> None:
    """Puts the lineage of all models' columns on record; one look-up where the project is as it was.

    `made` has the SQL of models (by the manifest's ids) as a whole build sent it; what is missing there is compiled.
    Raises ContractError where a model's SQL cannot be read.
    """
    project = dbt_project.fingerprint(session.settings)
    if has_lineage(session.database, project, METHOD):
        return
    file = prepared.target / FILE
    edges = _read(file, project)
    if edges is None:
        edges = _found(session, prepared, made)
        _write(file, project, edges)
    keep_lineage(session.database, session.run_id, project, METHOD, edges)


def edges_on_record(session: Session, prepared: dbt_project.Prepared) -> list[Edge]:
    """What is known of this project's columns; nothing before a build of it ended."""
    project = dbt_project.fingerprint(session.settings)
    known = _read(prepared.target / FILE, project)
    return lineage_on_record(session.database, project, METHOD) if known is None else known


def _found(session: Session, prepared: dbt_project.Prepared, made: Mapping[str, str]) -> list[Edge]:
    models = {
        name: node for name, node in prepared.manifest["nodes"].items() if node["resource_type"] == "model"
    }  # fmt: skip
    missing = [models[name]["name"] for name in models if name not in made]
    compiled = (
        dbt_project.compiled(session.settings, session.database, prepared, missing) if missing else {}
    )  # fmt: skip
    texts = [
        (node["schema"], node["name"], made.get(name) or compiled[node["name"]])
        for name, node in sorted(models.items())
    ]
    return [_as_published(edge) for edge in edges_of_models(texts, columns_of_rooms(session.database))]


def _as_published(edge: Edge) -> Edge:
    source = edge.source
    if source is not None and source.schema == dbt_project.CANDIDATES:
        source = dataclasses.replace(source, schema=PUBLISHED)
    schema = PUBLISHED if edge.schema == dbt_project.CANDIDATES else edge.schema
    return dataclasses.replace(edge, schema=schema, source=source)


def _read(file: Path, project: str) -> list[Edge] | None:
    if not file.exists():
        return None
    held: dict[str, Any] = json.loads(file.read_bytes())
    if (held["project"], held["method"]) != (project, METHOD):
        return None
    return [
        Edge(schema, model, column, Source(*source) if source else None, kind)
        for schema, model, column, source, kind in held["edges"]
    ]


def _write(file: Path, project: str, edges: list[Edge]) -> None:
    """In one piece: another program may be reading it."""
    rows = [
        (edge.schema, edge.model, edge.column, dataclasses.astuple(edge.source) if edge.source else None, edge.kind)
        for edge in edges
    ]
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    aside.write_text(json.dumps({"project": project, "method": METHOD, "edges": rows}))
    aside.replace(file)
