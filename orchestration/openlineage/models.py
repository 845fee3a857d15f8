"""What a run tells of its models, of the gate and of the release, from what dbt, the checks and the database said.

Belongs here: these steps' datasets. Does not: the life of a run's telling (telling.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts.checks import CheckResult
from contracts.lineage import Edge, Source
from expectations.suite import load_suite
from orchestration.openlineage.events import Column, Speaker, State, Table
from orchestration.openlineage.telling import step_named, told_around

if TYPE_CHECKING:
    from orchestration.session import Session
    from warehouse.releases import Published

CANDIDATES, PUBLISHED = "candidate", "marts"
Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Datasets of the manifest's nodes."""

    speaker: Speaker
    manifest: Manifest
    edges: Mapping[str, Sequence[Edge]]

    def read_by(self, node: Mapping[str, Any]) -> list[Table]:
        """What a node reads, by name."""
        return [Table(self.name_of(read)) for read in sorted(node["depends_on"].get("nodes", []))]

    def table(self, node: Mapping[str, Any], rows: int | None, schema: str | None = None) -> Table:
        """What a node makes, with its columns and where they come from; under another schema, as published."""
        columns = [
            Column(one["name"], one["data_type"] or "", one["description"].strip()) for one in node["columns"].values()
        ]
        edges = self.edges.get(node["name"], ())
        if schema is not None:
            source = node["schema"]
            edges = [
                Edge(schema, node["name"], c.name, Source(source, node["name"], c.name), "unchanged") for c in columns
            ]
        return Table(self.speaker.table(schema or node["schema"], node["name"]), columns, edges, rows)

    def name_of(self, unique_id: str) -> str:
        """The dataset of a model, seed or source, by its unique id."""
        node = self.manifest["sources"].get(unique_id) or self.manifest["nodes"][unique_id]
        return self.speaker.table(node["schema"], node["name"])


def tell_models(
    session: Session, manifest: Manifest, heard: Iterable[Mapping[str, Any]], edges: Iterable[Edge]
) -> None:
    """Beginning and end of each model and seed that dbt made in this run, and of its tests as one step."""
    telling = session.telling
    if telling is None:
        return
    nodes = _Nodes(telling.speaker, manifest, _by_model(edges))
    tests: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    for event in heard:
        if event["info"]["name"] != "NodeFinished":
            continue
        node = manifest["nodes"].get(event["data"]["node_info"]["unique_id"])
        if node is not None and node["resource_type"] in {"model", "seed"}:
            _tell_model(session, nodes, node, event["data"])
        elif node is not None and node["resource_type"] == "test":
            tests.append((node, event["data"]))
    _tell_tests(session, nodes, tests)


def _by_model(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    """As candidates: a run makes these, and what is published of them only later."""
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        source = edge.source
        if source is not None and source.schema == PUBLISHED:
            source = replace(source, schema=CANDIDATES)
        found.setdefault(edge.model, []).append(replace(edge, source=source))
    return found


def _tell_model(session: Session, nodes: _Nodes, node: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    telling = session.telling
    began, ended = _times(said)
    status = str(said["run_result"]["status"])
    if telling is None or began is None or ended is None or status == "skipped":
        return
    step = step_named(f"dbt.{node['name']}", f"dbt_project/{node['original_file_path']}", node["resource_type"].upper())
    telling.tell(telling.speaker.of_step(step, "START", began, reads=nodes.read_by(node)))
    made = nodes.table(node, rows_told(said["run_result"].get("message", "")))
    # dbt's own words may quote a row.
    problem = None if status == "success" else f"dbt: {status}"
    state: State = "COMPLETE" if problem is None else "FAIL"
    telling.tell(
        telling.speaker.of_step(step, state, ended, reads=nodes.read_by(node), writes=[made], problem=problem)
    )  # fmt: skip


def _times(said: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    info = said["node_info"]
    began, ended = info.get("node_started_at"), info.get("node_finished_at")
    return (
        datetime.fromisoformat(began).astimezone() if began else None,
        datetime.fromisoformat(ended).astimezone() if ended else None,
    )


def rows_told(message: str) -> int | None:
    """The rows written, as the database answered: "INSERT 0 12", "SELECT 12"; None where it said something else."""
    words = message.split()
    if len(words) >= 2 and words[0].upper() in {"INSERT", "SELECT"} and words[-1].isdecimal():
        return int(words[-1])
    return None


def _tell_tests(session: Session, nodes: _Nodes, tests: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    telling = session.telling
    times = [moment for _, said in tests for moment in _times(said) if moment is not None]
    if telling is None or not times:
        return
    checked: dict[str, list[tuple[CheckResult, str | None]]] = {}
    for node, said in tests:
        of = node.get("attached_node") or next(iter(node["depends_on"]["nodes"]), None)
        status = said["run_result"]["status"]
        if of is not None and status != "skipped":
            result = CheckResult(node["name"], status in {"pass", "success"}, "", ran=status != "error")
            checked.setdefault(of, []).append((result, node.get("column_name")))
    reads = [Table(nodes.name_of(of), checks=checked[of]) for of in sorted(checked)]
    red = [result.name for results in checked.values() for result, _ in results if not result.succeeded]
    step = step_named("dbt.tests", "dbt_project/dbt_project.yml", "CHECKS")
    telling.tell(telling.speaker.of_step(step, "START", min(times), reads=[Table(table.name) for table in reads]))
    problem = f"{len(red)} tests failed: {', '.join(sorted(red)[:5])}" if red else None
    state: State = "FAIL" if red else "COMPLETE"
    telling.tell(telling.speaker.of_step(step, state, max(times), reads=reads, problem=problem))


@contextmanager
def of_gate(session: Session, manifest: Manifest) -> Iterator[list[CheckResult]]:
    """Around the gate; what its checks said goes into the list. Those of no one table stand with the deliveries."""
    results: list[CheckResult] = []
    telling = session.telling
    candidates = _published(manifest)
    reads = [] if telling is None else [Table(telling.speaker.table(CANDIDATES, node["name"])) for node in candidates]
    with told_around(telling, step_named("gate"), reads) as said:
        yield results
        if telling is not None:
            said["reads"] = _checked(telling.speaker, candidates, results)
        red = [
            result.name for result in results if not result.succeeded and not (result.ran and result.severity == "warn")
        ]
        if red:
            said["problem"] = f"{len(red)} checks are red: {', '.join(red)}"


def _checked(speaker: Speaker, candidates: Sequence[Mapping[str, Any]], results: Sequence[CheckResult]) -> list[Table]:
    table_of = {check.name: check.table for check in load_suite()}
    names = [node["name"] for node in candidates]
    by_table: dict[str, list[tuple[CheckResult, str | None]]] = {}
    for result in results:
        of = (table_of.get(result.name) or "").rpartition(".")[2]
        by_table.setdefault(of if of in names else "", []).append((result, None))
    whole = [Table(speaker.table("audit", "delivery"), checks=by_table[""])] if by_table.get("") else []
    return [*(Table(speaker.table(CANDIDATES, name), checks=by_table.get(name, ())) for name in names), *whole]


def _published(manifest: Manifest) -> list[Mapping[str, Any]]:
    found = (
        node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["schema"] == CANDIDATES
    )
    return sorted(found, key=lambda node: str(node["name"]))


@contextmanager
def of_release(session: Session, manifest: Manifest) -> Iterator[list[Published]]:
    """Around publishing; what the database answered goes into the list."""
    answers: list[Published] = []
    telling = session.telling
    nodes = None if telling is None else _Nodes(telling.speaker, manifest, {})
    candidates = _published(manifest)
    reads = [] if telling is None else [Table(telling.speaker.table(CANDIDATES, node["name"])) for node in candidates]
    with told_around(telling, step_named("publish"), reads) as said:
        yield answers
        if nodes is not None:
            changes = answers[0].changes
            said["writes"] = [
                nodes.table(node, changes.get(node["name"], {}).get("added", 0), PUBLISHED) for node in candidates
            ]
