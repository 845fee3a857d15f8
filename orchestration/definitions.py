"""The one assembly point of Dagster's definitions: assets, checks, job, schedule. No work happens at import.

Belongs here: wiring the steps into a graph. Does not: the steps (orchestration/steps) or models and checks themselves.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from expectations.suite import load_suite
from orchestration import dbt_project, delivering, steps
from orchestration.dbt_project import Prepared
from orchestration.keeping_lineage import edges_on_record
from orchestration.openlineage.models import of_gate, of_release, tell_models
from orchestration.openlineage.telling import of_stream
from orchestration.session import NoProgress, Progress, Session, open_session
from orchestration.settings import Settings
from warehouse.deliveries import rows_landed

JOB = "motcua_run"
RAW, GATE, RELEASE = "raw", "gate", "release"
#: Dagster's own name for how many rows an asset holds.
ROW_COUNT = "dagster/row_count"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a caller may put in place of the usual: who watches, and a session that is open already."""

    progress: Progress | None = None
    session: Session | None = None


class _Translator(DagsterDbtTranslator):
    """Raw tables are the assets that landing makes; models are grouped by their stage."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["identifier"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return str(dbt_resource_props["schema"])


def build_defs(
    settings: Settings, overrides: Overrides | None = None, prepared: Prepared | None = None
) -> dg.Definitions:
    """Everything Dagster knows of a deployment. Raises ContractError when the dbt project does not parse."""
    given = overrides or Overrides()
    parsed = prepared or dbt_project.prepare(settings)
    raw = [_raw_asset(source.name, stream.name) for source in settings.contracts.values() for stream in source.streams]
    models = _dbt_assets(parsed)
    marts = [dg.AssetKey(["candidate", mart.name]) for mart in dbt_project.declared_marts(parsed)]
    gate = _gate_asset([*marts, *(asset.key for asset in raw)], parsed.manifest)
    job = dg.define_asset_job(
        JOB, selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor, description="The whole pipeline."
    )
    return dg.Definitions(
        assets=[*raw, models, gate, _release_asset(parsed.manifest)],
        jobs=[job],
        schedules=[
            dg.ScheduleDefinition(
                name="every_day", job=job, cron_schedule="0 5 * * *", default_status=dg.DefaultScheduleStatus.STOPPED,
                execution_timezone=next(iter(settings.deployment.jurisdictions.values())).zone,
            )
        ],
        resources={"session": _session_resource(settings, given)},
        executor=dg.in_process_executor,
    )  # fmt: skip


def _session_resource(settings: Settings, given: Overrides) -> dg.ResourceDefinition:
    @contextmanager
    def session(context: dg.InitResourceContext) -> Iterator[Session]:
        if given.session is not None:
            yield given.session
            return
        with open_session(
            settings, given.progress or NoProgress(), context.run.run_id if context.run else None
        ) as opened:
            yield opened

    return dg.ResourceDefinition(resource_fn=session, description="One run: its database and its row in the ledger.")


@contextmanager
def _noted(session: Session) -> Iterator[None]:
    """Dagster wraps what a step raises; the session keeps the original, which decides the exit code."""
    try:
        yield
    except Exception as failure:
        session.note_failure(failure)
        raise


def _raw_asset(source: str, stream: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey([RAW, f"{source}__{stream}"]), group_name=RAW, required_resource_keys={"session"},
        description=f"Rows of {source}.{stream} as delivered: typed, or quarantined.", kinds={"postgres"},
    )  # fmt: skip
    def landed(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        session: Session = context.resources.session
        session.progress.stage("deliver")
        contract = session.settings.contracts[source]
        with _noted(session), of_stream(session, contract, contract.stream(stream)) as told:
            result = delivering.deliver_stream(session, source, contract.stream(stream))
            told.append(result)
        return dg.MaterializeResult(
            metadata={
                ROW_COUNT: rows_landed(session.database, source, stream),
                "files": result.files, "new files": result.new_files, "read": result.read,
                "landed": result.landed, "quarantined": result.quarantined, "answered": result.answered,
            }
        )  # fmt: skip

    return landed


def _dbt_assets(prepared: Prepared) -> dg.AssetsDefinition:
    translator = _Translator()

    @dbt_assets(
        manifest=prepared.manifest, dagster_dbt_translator=translator, required_resource_keys={"session"}, name="dbt"
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session: Session = context.resources.session
        session.leave_sources()
        session.progress.stage("transform")
        with _noted(session):
            if steps.stands_already(session):
                return  # No outputs: Dagster skips what follows, and the published release stands.
        heard: list[dict[str, Any]] = []

        def on_node(event: dict[str, Any]) -> None:
            heard.append(event)
            _show_node(session.progress, event)

        try:
            with _noted(session):
                steps.transform(session, on_node)
        finally:
            tell_models(session, prepared.manifest, heard, edges_on_record(session, prepared))
            yield from _told(session, prepared.manifest, translator, context, heard)

    return models


def _told(
    session: Session,
    manifest: Mapping[str, Any],
    translator: _Translator,
    context: dg.AssetExecutionContext,
    heard: list[dict[str, Any]],
) -> Iterator[Any]:
    """What dbt said of each node, and that the others were left as they are, in the order in which they follow: Dagster
    refuses a model that comes before one it reads."""
    said: dict[str, list[dict[str, Any]]] = {}
    for event in heard:
        said.setdefault(str(event["data"].get("node_info", {}).get("unique_id", "")), []).append(event)
    follows = {name: node["depends_on"].get("nodes", []) for name, node in manifest["nodes"].items()}
    for name in TopologicalSorter(follows).static_order():
        for event in said.get(name, []):
            message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
            for told in message.to_default_asset_events(manifest, translator, context):
                yield _with_rows(told, _rows_of(session, manifest, name))
        if name in session.left_alone:
            yield dg.MaterializeResult(
                asset_key=translator.get_asset_key(manifest["nodes"][name]),
                metadata={
                    "left as it was": "it reads nothing that changed since the last build",
                    **_rows_of(session, manifest, name),
                },
            )


def _rows_of(session: Session, manifest: Mapping[str, Any], name: str) -> dict[str, int]:
    """As the build noted them at its end: nothing is counted for this. A view has none of its own."""
    node = manifest["nodes"][name]
    rows = session.rows.get(f"{node['schema']}.{node['name']}")
    return {} if rows is None else {ROW_COUNT: rows}


def _with_rows(told: Any, rows: Mapping[str, int]) -> Any:
    if not rows or not isinstance(told, dg.Output):
        return told
    return dg.Output(
        told.value, told.output_name, metadata={**told.metadata, **rows}, data_version=told.data_version, tags=told.tags
    )


def _show_node(progress: Progress, event: Mapping[str, Any]) -> None:
    name = event["info"]["name"]
    node = event["data"].get("node_info", {})
    if name == "LogModelResult" or (name == "LogTestResult" and event["data"].get("status") not in {"pass"}):
        progress.step(
            str(node.get("node_name", "")),
            detail=str(event["data"].get("status", "")).lower(),
            seconds=float(event["data"].get("execution_time", 0.0)),
        )


_WARN, _ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


def _gate_asset(upstream: list[dg.AssetKey], manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """`upstream` holds the marts and every raw stream: one that no model reads must still stop a release when it fails."""
    key = dg.AssetKey([RELEASE, GATE])
    specs = [dg.AssetCheckSpec(check.name, asset=key, description=check.reason.strip()) for check in load_suite()]

    @dg.asset(
        key=key, deps=upstream, group_name=RELEASE, required_resource_keys={"session"}, check_specs=specs,
        description="What the gate's checks said of the candidates. Shown here; the database decides.",
    )  # fmt: skip
    def gate(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session: Session = context.resources.session
        session.progress.stage("check")
        with _noted(session), of_gate(session, manifest) as told:
            results = steps.check(session)
            told += results
        yield dg.MaterializeResult(
            metadata={"checks": len(results), "red": sum(not result.succeeded for result in results)},
            check_results=[
                dg.AssetCheckResult(
                    check_name=result.name,
                    passed=result.succeeded,
                    metadata={"message": result.message},
                    severity=(_WARN if result.severity == "warn" and result.ran else _ERROR),
                )
                for result in results
            ],
        )

    return gate


def _release_asset(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey([RELEASE, "published"]), deps=[dg.AssetKey([RELEASE, GATE])], group_name=RELEASE,
        required_resource_keys={"session"}, description="The published release: one transaction, decided by the database.",
    )  # fmt: skip
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        session: Session = context.resources.session
        session.progress.stage("publish")
        with _noted(session), of_release(session, manifest) as told:
            result = steps.publish(session)
            told.append(result)
        return dg.MaterializeResult(metadata={"release": result.release_id, "changed": result.changed})

    return published
