"""Whether the models can go on from what the last build left, or are built whole: what a build must have in common.

Belongs here: reading from the manifest what the models that are built by what changed depend on. Does not: dbt itself
(dbt_project.py), or the rows that record builds (warehouse/builds.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from contracts.source import SourceContract
from orchestration.dbt_project import Prepared
from warehouse import builds
from warehouse.database import Database

#: Sources that are compared in ways of their own: by what deliveries are new, and by instants that only move on.
_TOLD_APART = {("audit", "delivery"), ("audit", "last_build"), ("audit", "last_build_as_of")}

#: Instants of the deployment that move on from run to run. What depends on them is touched for it (int_code__touched).
_MOVING = ("as_of", "day_before_as_of")


def basis_of(database: Database, prepared: Prepared, models: str, contracts: Iterable[SourceContract]) -> str:
    """SHA-256 over what two builds must share for the second to write only what deliveries since the first touched.

    That is the models themselves (`models`, their fingerprint), the deployment's rows that they read but for the as-of
    instants, which streams have delivered at all, and the newest of each whole list that a model built by what changed
    reads, unless it comes by a model that says what is news in it (`meta.tells_news`).
    """
    sources = set(_sources_of_incremental(prepared.manifest))
    small = sorted(table for table in sources if table[0] in {"audit", "reference"} and table not in _TOLD_APART)
    whole = [
        (contract.name, stream.name)
        for contract in contracts
        for stream in contract.streams
        if stream.delivery != "incremental" and ("raw", f"{contract.name}__{stream.name}") in sources
    ]
    parts = [models, builds.content_hash(database, small, without=_MOVING)]
    parts += builds.newest_lists(database, whole)
    parts += builds.delivering_streams(database)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _sources_of_incremental(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The tables (schema, name) that models built by what changed read, directly or through others."""
    nodes, sources = manifest["nodes"], manifest["sources"]
    waiting = [
        name
        for name, node in nodes.items()
        if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"
    ]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in sources:
            yield sources[name]["schema"], sources[name]["name"]
        elif not nodes[name]["config"].get("meta", {}).get("tells_news"):
            waiting += nodes[name]["depends_on"].get("nodes", [])
