"""dbt in this process: a manifest made once per change of the project, builds with live events, the marts it declares.

Belongs here: the only calls of dbt. Does not: models (dbt_project/ at the top of the repository).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from contracts.failures import ContractError, DiskFull, UsageError
from orchestration.settings import Settings
from warehouse.database import Database
from warehouse.fault_points import reached
from warehouse.marts import Mart, MartColumn
from warehouse.outages import is_out_of_room, outage_in_words
from warehouse.releases import open_candidates

MANIFEST = "manifest.json"
GRAPH = "partial_parse.msgpack"
FINGERPRINT = "motcua_fingerprint"
#: The tag of the models that one build makes, in the graph of that build alone.
SELECTED = "motcua_selected"
#: The schema of the models that are published.
CANDIDATES = "candidate"
#: A folder with these three, made where the program was built (an image): taken instead of parsing when it fits.
PREBUILT_VARIABLE = "MOTCUA_DBT_PREBUILT"
#: The database named in profiles.yml when nothing else is said; the parsed graph names it everywhere.
PARSED_FOR = "motcua"

#: How many nodes dbt makes at a time: two cores have enough with two (three and four were no faster, docs/performance.md).
THREADS = 2
#: The server's default of 4 MB sends every sort of a province's records to disk. All joins of the models are by equal
#: keys, and of what a CTE gives the planner knows nothing: taken for a handful of rows, loops and merges over half a key
#: cost 6 s, 15 s and 28 s where hashing costs 0.05 s, 0.4 s and 1.4 s (docs/performance.md). Sorts are not discouraged: what is
#: discouraged counts alike, so that a loop that keeps an order would be as good as hashing and then sorting.
PLANNING = {"work_mem": "128MB", "jit": "off", "enable_nestloop": "off", "enable_mergejoin": "off"}


def planning_options() -> str:
    """PLANNING as libpq takes it from PGOPTIONS."""
    return " ".join(f"-c {name}={value}" for name, value in PLANNING.items())


@dataclass(frozen=True, slots=True)
class Prepared:
    """A parsed project: its artefacts' folder and the manifest as a dictionary."""

    target: Path
    manifest: dict[str, Any]


def prepare(settings: Settings) -> Prepared:
    """The project's manifest, parsed anew (about 6 s) only when a file of the project or a version changed, and then
    taken from MOTCUA_DBT_PREBUILT if that was made of the same files.

    It is the same for every database: build() aims it at one. Raises ContractError when the project does not parse.
    """
    target = settings.dbt_target()
    target.mkdir(parents=True, exist_ok=True)
    current = fingerprint(settings)
    marker = target / FINGERPRINT
    if not _is_made_of(target, current) and not _take_prebuilt(target, current):
        marker.unlink(missing_ok=True)
        with _environment(None):
            from dbt.cli.main import dbtRunner

            result = dbtRunner().invoke([*_arguments(settings, "parse"), "--no-partial-parse"])
        if isinstance(result.exception, OSError) and is_out_of_room(target):
            raise DiskFull(f"the disk with {target} is full", hint="Make room, then run again.") from result.exception
        if isinstance(result.exception, OSError):
            raise UsageError(
                f"dbt cannot work on this machine: {result.exception}",
                hint="It makes semaphores: /dev/shm must be there and writable for everybody (mode 1777).",
            )
        if not result.success:
            raise ContractError(f"the dbt project does not parse: {result.exception}", hint="Run make lint.")
        marker.write_text(current)
    return Prepared(target, json.loads((target / MANIFEST).read_bytes()))


def _is_made_of(folder: Path, current: str) -> bool:
    marker = folder / FINGERPRINT
    return marker.exists() and marker.read_text() == current and (folder / GRAPH).exists()


def _take_prebuilt(target: Path, current: str) -> bool:
    """Whether the artefacts could be taken from where the program was built. The marker goes first and comes last.

    Each file comes in one piece: another program may be reading it.
    """
    given = os.environ.get(PREBUILT_VARIABLE, "")
    if not given or not _is_made_of(Path(given), current):
        return False
    (target / FINGERPRINT).unlink(missing_ok=True)
    for name in (MANIFEST, GRAPH, FINGERPRINT):
        aside = target / f".{name}.{os.getpid()}"
        shutil.copyfile(Path(given) / name, aside)
        aside.replace(target / name)
    return True


def build(
    settings: Settings,
    database: Database,
    prepared: Prepared,
    on_node: Callable[[dict[str, Any]], None],
    selected: Sequence[str] = (),
    *,
    as_whole: bool = True,
    on_statement: Callable[[str, str], None] | None = None,
    on_made: Callable[[str, str], None] | None = None,
    on_ended: Callable[[dict[str, str]], None] | None = None,
) -> list[str]:
    """Builds everything, or what dbt's selectors name, and tests its rows; gives one line for each node that failed.

    Not as a whole, models that grow with dossiers go on from what the last build left (orchestration/building.py says
    when they may).

    `on_node` hears of each finished node, `on_made` of each model that was made: its id, its SQL; `on_ended` which invocation
    of dbt it was. Unit tests try the logic on
    rows of their own: they say the same in every run, so that they are asked when the logic changes (check_logic), and a run
    is spared a quarter of its statements.
    """
    from dbt.cli.main import dbtRunner
    from google.protobuf.json_format import MessageToDict

    def listen(event: Any) -> None:
        if event.info.name in {"LogModelResult", "LogTestResult", "LogSeedResult", "NodeFinished"}:
            on_node(MessageToDict(event, preserving_proto_field_name=True))
            reached("transform.model_ended")
        elif event.info.name == "SQLQuery":
            reached("transform.statement")
            if on_statement is not None:
                on_statement(event.data.node_info.unique_id, event.data.sql)

    graph = _graph_for(database, prepared)
    open_candidates(database, _made_anew(prepared, selected, as_whole=as_whole))
    with _environment(database):
        # Nobody reads the artefacts of a build (0.3 s to write), and the manifest among them would name this database.
        arguments = [*_arguments(settings, "build"), "--no-write-json", "--exclude-resource-type", "unit_test"]
        if as_whole:
            arguments.append("--full-refresh")
        if selected:
            arguments += ["--select", *_selectors(graph, selected)]
        result = dbtRunner(manifest=graph, callbacks=[listen]).invoke(arguments)
    problems = _problems(result)
    gone = outage_in_words(" ".join(_words(result)), database.folder) if problems else None
    if gone is not None:
        raise gone
    for answer in getattr(result.result, "results", []):
        if on_made is not None and answer.node.resource_type == "model" and answer.status == "success":
            on_made(answer.node.unique_id, str(answer.node.compiled_code))
    if on_ended is not None and result.result is not None:
        on_ended(_invocation(result.result.generated_at))
    return problems


def _selectors(graph: Any, selected: Sequence[str]) -> Sequence[str]:
    """dbt's selectors for these. It looks for each name among all nodes, three times: 0.4 s for 75 models."""
    models = {node.name: node for node in graph.nodes.values() if node.resource_type == "model"}
    if not set(selected) <= set(models):
        return selected
    for name in selected:
        models[name].tags.append(SELECTED)
    return [f"tag:{SELECTED}"]


def _invocation(generated_at: datetime) -> dict[str, str]:
    """What dbt's own run results would say of themselves (`metadata`), which a build does not write."""
    from dbt_common.invocation import get_invocation_id

    at = generated_at.replace(tzinfo=UTC).isoformat()
    return {"invocation_id": get_invocation_id(), "version": version("dbt-core"), "generated_at": at}


def _words(result: Any) -> list[str]:
    """What dbt says of what failed: shown to nobody, for it may quote rows."""
    answers = getattr(result.result, "results", [])
    return [str(result.exception), *(str(answer.message) for answer in answers if answer.status in {"error", "fail"})]


def _made_anew(prepared: Prepared, selected: Sequence[str], *, as_whole: bool) -> list[str]:
    """The published tables' candidates that a build makes as new tables: of those selected, all but what it goes on with."""
    plain = all(name.isidentifier() for name in selected)
    return [
        node["name"]
        for node in prepared.manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["schema"] == CANDIDATES
        and (not selected or not plain or node["name"] in selected)
        and (as_whole or node["config"]["materialized"] != "incremental")
    ]


def check_logic(
    settings: Settings,
    database: Database,
    prepared: Prepared,
    models: Sequence[str] = (),
    on_statement: Callable[[str, str], None] | None = None,
) -> tuple[int, list[str]]:
    """Runs the unit tests of all models, or of these, on a database that has been built once: how many there are, and what
    failed of them. `on_statement` hears each statement with the node it is of.
    """
    from dbt.cli.main import dbtRunner

    def listen(event: Any) -> None:
        if on_statement is not None and event.info.name == "SQLQuery":
            on_statement(event.data.node_info.unique_id, event.data.sql)

    graph = _graph_for(database, prepared)
    with _environment(database):
        asked = [f"test_type:unit,{model}" for model in models] or ["test_type:unit"]
        arguments = [*_arguments(settings, "test"), "--no-write-json", "--select", *asked]
        result = dbtRunner(manifest=graph, callbacks=[listen]).invoke(arguments)
    return sum(not models or test.model in models for test in graph.unit_tests.values()), _problems(result)


def _problems(result: Any) -> list[str]:
    if result.exception is not None:
        return [str(result.exception)]
    answers = getattr(result.result, "results", [])
    return [
        f"{answer.node.name}: {answer.status}" + (f" ({answer.failures} rows)" if answer.failures else "")
        for answer in answers
        # Exposures name what is published and do nothing.
        if answer.status not in {"success", "pass", "no-op"}
    ]


def compiled(settings: Settings, database: Database, prepared: Prepared, names: Sequence[str]) -> dict[str, str]:
    """The SQL of models and analyses as dbt would send it to a database, by name. Raises ContractError for a wrong one."""
    from dbt.cli.main import dbtRunner

    graph = _graph_for(database, prepared)
    with _environment(database):
        arguments = [*_arguments(settings, "compile"), "--no-write-json", "--full-refresh", "--select", *names]
        result = dbtRunner(manifest=graph).invoke(arguments)
    found = {answer.node.name: str(answer.node.compiled_code) for answer in getattr(result.result, "results", [])}
    if not result.success or not set(names) <= set(found):
        raise ContractError(f"dbt cannot compile {', '.join(names)}: {result.exception or 'not found'}")
    return {name: found[name] for name in names}


def catalog(settings: Settings, database: Database, prepared: Prepared, folder: Path) -> dict[str, Any]:
    """Tables, columns and types as the database has them, by dbt's own account; `folder` takes what dbt writes.

    Raises ContractError when dbt cannot ask.
    """
    from dbt.cli.main import dbtRunner

    graph = _graph_for(database, prepared)
    with _environment(database):
        arguments = [*_arguments(settings, "docs", "generate"), "--target-path", str(folder), "--no-compile"]
        result = dbtRunner(manifest=graph).invoke(arguments)
    file = folder / "catalog.json"
    if not result.success or not file.exists():
        raise ContractError(f"dbt cannot tell what is in the database: {type(result.exception).__name__}")
    told: dict[str, Any] = json.loads(file.read_bytes())
    return told


def _graph_for(database: Database, prepared: Prepared) -> Any:
    from dbt.contracts.graph.manifest import Manifest

    from orchestration.kept_connections import keep_connections
    from orchestration.node_order import begin_longest_first

    keep_connections()
    begin_longest_first(THREADS)
    graph = Manifest.from_msgpack((prepared.target / GRAPH).read_bytes())
    _aim(graph, database.name)
    return graph


def _aim(graph: Any, database: str) -> None:
    """Names another database in every node than the one the project was parsed for."""
    for entries in (graph.nodes, graph.sources):
        for node in entries.values():
            if getattr(node, "relation_name", None):
                node.relation_name = node.relation_name.replace(f'"{PARSED_FOR}".', f'"{database}".', 1)
            node.database = database
    graph.build_flat_graph()


def declared_marts(prepared: Prepared) -> list[Mart]:
    """The tables a release consists of: every model of the candidate schema, with its contract's columns and key."""
    marts = []
    for node in prepared.manifest["nodes"].values():
        if node["resource_type"] != "model" or node["schema"] != CANDIDATES:
            continue
        keys = [rule["columns"] for rule in node["constraints"] if rule["type"] == "primary_key"]
        if len(keys) != 1:
            raise ContractError(f"the mart {node['name']} must declare exactly one primary key")
        marts.append(
            Mart(
                name=node["name"],
                meaning=node["description"].strip(),
                key=tuple(keys[0]),
                columns=tuple(_declared_column(column) for column in node["columns"].values()),
            )
        )
    return sorted(marts, key=lambda mart: mart.name)


def _declared_column(column: dict[str, Any]) -> MartColumn:
    """What it names is `references: table.column` in its meta. Not a constraint of dbt's: dimensions have validity."""
    table, _, key = str(column.get("config", {}).get("meta", {}).get("references", "")).partition(".")
    return MartColumn(
        column["name"], column["data_type"], column["description"].strip(), (table, key) if table else None
    )


def fingerprint(settings: Settings) -> str:
    """SHA-256 over every file of the dbt project that dbt reads, and its version."""
    digest = hashlib.sha256()
    for name in ("dbt-core", "dbt-postgres"):
        digest.update(f"{name}={version(name)}\n".encode())
    folder = settings.project / "dbt_project"
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] not in {"target", "logs", "lint"}:
            digest.update(f"{relative}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _arguments(settings: Settings, *command: str) -> list[str]:
    project = settings.project / "dbt_project"
    target = settings.dbt_target()
    return [
        "--log-level", "none", "--log-path", str(target / "logs"), "--no-use-colors", "--quiet",
        *command, "--threads", str(THREADS), "--project-dir", str(project), "--profiles-dir", str(project),
        "--target-path", str(target),
    ]  # fmt: skip


@contextmanager
def _environment(database: Database | None) -> Iterator[None]:
    """The values that dbt's profile asks for, for as long as dbt runs and not longer. Without a database, no secrets."""
    wanted = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "MOTCUA_DBT_DATABASE": PARSED_FOR}
    if database is not None:
        wanted |= {
            "MOTCUA_DBT_HOST": database.host,
            "MOTCUA_DBT_PORT": str(database.port),
            "MOTCUA_DBT_USER": database.user,
            "MOTCUA_DBT_DATABASE": database.name,
            "DBT_ENV_SECRET_MOTCUA_PASSWORD": database.password,
            "PGOPTIONS": planning_options(),
        }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
