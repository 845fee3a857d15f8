"""Building the models: whole, or going on from what the last build left, and what two builds must share for that.

Belongs here: that decision, and what the manifest says that models built by what changed depend on. Does not: dbt itself
(dbt_project.py), or the rows that record builds (warehouse/builds.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Any

from orchestration import dbt_project
from orchestration.affected import DELIVERIES, affected_models
from orchestration.keeping_lineage import keep_column_lineage
from orchestration.session import Session
from warehouse import builds
from warehouse.contents import contents_of
from warehouse.fault_points import reached

#: Sources that say what builds there were and of what: read by their meaning, never compared.
_OF_BUILDS = {DELIVERIES, ("audit", "last_build"), ("audit", "last_build_as_of")}
#: Of these a build that goes on finds out itself which rows are new or gone (int_timeliness__touched).
_TOLD_BY_MODELS = {("reference", "cut_off")}


def build_models(
    session: Session,
    prepared: dbt_project.Prepared,
    on_node: Callable[[dict[str, Any]], None],
    selected: Sequence[str] = (),
) -> list[str]:
    """Builds and tests the models, and puts the build on record; gives one line for each node that failed.

    One that goes on from the last makes and tests the models alone that read something which changed, unless `selected`
    says which; where nothing did, none: its tables are held already to be as the last build left them. A build of which
    anything failed does not end for the record: the next one is whole.
    """
    build = builds.open_build(
        session.database, session.run_id, _basis(session, prepared), _inputs(session, prepared.manifest)
    )
    wanted = selected
    if not selected and not build.because:
        wanted = _affected(session, prepared.manifest, build.changed) if build.changed else []
        session.left_alone = _others(prepared.manifest, wanted)
    session.progress.step(
        "models",
        detail=f"whole: {build.because}" if build.because else f"what deliveries touched, in {len(wanted)} of them",
    )
    problems: list[str] = []
    made: dict[str, str] = {}
    invocation: dict[str, str] = {}
    if wanted or build.because:
        problems = dbt_project.build(
            session.settings, session.database, prepared, on_node, wanted, as_whole=build.because is not None,
            on_made=made.__setitem__, on_ended=invocation.update,
        )  # fmt: skip
    reached("transform.models_built")
    if not problems:
        texts = _texts(prepared.manifest, made)
        session.rows = builds.close_build(session.database, build, session.run_id, texts, invocation)
        # A build that goes on compiles models for what was touched; whole ones say the same, and the rest of it.
        keep_column_lineage(session, prepared, made if build.because else {})
    return problems


def _texts(manifest: dict[str, Any], made: dict[str, str]) -> list[builds.ModelText]:
    """The models that were made, in the words of the manifest and the SQL that was sent."""
    nodes = manifest["nodes"]
    return [
        builds.ModelText(
            model=nodes[name]["name"],
            sql=sql.strip() + "\n",
            meaning=" ".join(nodes[name]["description"].split()),
            columns={column["name"]: column["description"].strip() for column in nodes[name]["columns"].values()},
            reads=tuple(sorted({nodes[read]["name"] for read in nodes[name]["depends_on"]["nodes"] if read in nodes})),
        )
        for name, sql in sorted(made.items())
    ]


def _inputs(session: Session, manifest: dict[str, Any]) -> dict[str, str]:
    """What a build reads, by name of table: small tables by their rows, their instants apart, raw ones by their deliveries."""
    sources = {(node["schema"], node["name"]) for node in manifest["sources"].values()}
    small = sorted(table for table in sources - _OF_BUILDS if table[0] in {"audit", "reference"})
    return builds.inputs_of(session.database, small)


def _affected(session: Session, manifest: dict[str, Any], changed: Set[tuple[str, str]]) -> list[str]:
    kinds = {
        str(stream.delivery)
        for contract in session.settings.all_contracts
        for stream in contract.streams
        if ("raw", f"{contract.name}__{stream.name}") in changed
    }
    return sorted(affected_models(manifest, changed, kinds))


def _basis(session: Session, prepared: dbt_project.Prepared) -> str:
    """SHA-256 over what two builds must share for the second to write only what deliveries since the first touched.

    That is the models themselves, the deployment's rows that they read but for as-of instants and cut-offs, which streams have
    delivered at all, and the newest of each whole list that a model built by what changed reads, unless it comes by a
    model that says what is news in it (`meta.tells_news`).
    """
    sources = set(sources_of_models_built_by_changes(prepared.manifest))
    small = sorted(
        table for table in sources if table[0] in {"audit", "reference"} and table not in _OF_BUILDS | _TOLD_BY_MODELS
    )
    whole = [
        (contract.name, stream.name)
        for contract in session.settings.all_contracts
        for stream in contract.streams
        if stream.delivery != "incremental" and ("raw", f"{contract.name}__{stream.name}") in sources
    ]
    with session.database.connect("motcua_loader") as connection:
        deployed = contents_of(connection, small, without=builds.INSTANTS)
    parts = [
        dbt_project.fingerprint(session.settings),
        deployed,
        *builds.newest_lists(session.database, whole),
        *builds.delivering_streams(session.database),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _others(manifest: dict[str, Any], wanted: Sequence[str]) -> frozenset[str]:
    return frozenset(
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in {"model", "seed"} and node["name"] not in wanted
    )


def sources_of_models_built_by_changes(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The tables (schema, name) that models built by what changed read, directly or through others."""
    built_by_changes = [
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"
    ]
    return sources_of(manifest, built_by_changes)


def sources_of(manifest: dict[str, Any], models: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The tables that models read, but for what comes by a model that tells what is news in it."""
    nodes, sources = manifest["nodes"], manifest["sources"]
    waiting, seen = list(models), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in sources:
            yield sources[name]["schema"], sources[name]["name"]
        elif not nodes[name]["config"].get("meta", {}).get("tells_news"):
            waiting += nodes[name]["depends_on"].get("nodes", [])
