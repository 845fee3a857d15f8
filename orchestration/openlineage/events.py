"""Events of one run in the words of OpenLineage: jobs, their runs, datasets and what is told of each.

Belongs here: building events from facts, purely. Does not: where they go (sending.py), or when (telling.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid5

from contracts.checks import CheckResult
from contracts.lineage import Edge

if TYPE_CHECKING:
    from openlineage.client.event_v2 import InputDataset, OutputDataset, RunEvent

#: Asked of the installation once: it reads the package's description each time, and two stand in every event (3 % of a run).
_version = cache(version)

#: Who says so, as a URI: the program has no address of its own.
PRODUCER = f"urn:motcua:program:{version('motcua')}"
#: The whole run as a job; those of its steps have their names.
RUN_JOB = "run"
#: In place of a schema: what it holds is a stream as its source sends it.
SENT = "sent"
State = Literal["START", "COMPLETE", "FAIL", "ABORT"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a dataset's schema tells it."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A dataset: a table of the database or a stream of a source, what is known of its columns, rows and checks.

    `rows` is how many were written; `edges` say where its columns come from; `checks` name what it was checked for.
    """

    name: str
    columns: Sequence[Column] = ()
    edges: Sequence[Edge] = ()
    rows: int | None = None
    checks: Sequence[tuple[CheckResult, str | None]] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the run. `code` is the file it is written in, `kind` what it is (STREAM, MODEL, SEED, CHECKS, RELEASE).

    `which` tells it from others of the same name in one run.
    """

    name: str
    kind: str
    code: str | None = None
    which: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Builds the events of one run. `namespace` is the deployment's; tables are named with their `database`.

    `job` is what ran: the pipeline, or an act of somebody's.
    """

    namespace: str
    database: str
    run_id: UUID
    commit: str | None
    job: str = RUN_JOB

    def of_run(self, state: State, at: datetime, problem: str | None = None) -> RunEvent:
        """The run as a whole begins or ends."""
        return self._event(Step(self.job, "JOB"), self.run_id, state, at, problem, {})

    def of_step(
        self,
        step: Step,
        state: State,
        at: datetime,
        *,
        reads: Iterable[Table] = (),
        writes: Iterable[Table] = (),
        problem: str | None = None,
    ) -> RunEvent:
        """A step of it begins or ends: a run of its own, whose parent is the run."""
        from openlineage.client import facet_v2

        root = self.run_id
        parent = facet_v2.parent_run.ParentRunFacet(
            run=facet_v2.parent_run.Run(runId=str(root)),
            job=facet_v2.parent_run.Job(namespace=self.namespace, name=self.job),
        )  # fmt: skip
        event = self._event(step, uuid5(root, step.name + step.which), state, at, problem, {"parent": parent})
        event.inputs = [self._input(table) for table in reads]
        event.outputs = [self._output(table) for table in writes]
        return event

    def table(self, schema: str, name: str) -> str:
        """The name of a table's dataset, and of what a source sends."""
        return f"source.{name}" if schema == SENT else f"{self.database}.{schema}.{name}"

    def _event(
        self, step: Step, run_id: UUID, state: State, at: datetime, problem: str | None, facets: Mapping[str, Any]
    ) -> RunEvent:
        from openlineage.client import facet_v2
        from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

        about_run: dict[str, Any] = dict(facets)
        about_run["processing_engine"] = facet_v2.processing_engine_run.ProcessingEngineRunFacet(
            version=_version("motcua"), name="motcua", openlineageAdapterVersion=_version("openlineage-python")
        )
        if problem is not None:
            about_run["errorMessage"] = facet_v2.error_message_run.ErrorMessageRunFacet(
                message=problem, programmingLanguage="python"
            )
        about_job: dict[str, Any] = {
            "jobType": facet_v2.job_type_job.JobTypeJobFacet(
                processingType="BATCH", integration="MOTCUA", jobType=step.kind
            )
        }
        if step.code is not None:
            about_job["sourceCodeLocation"] = facet_v2.source_code_location_job.SourceCodeLocationJobFacet(
                type="git", url=f"urn:motcua:code:{step.code}", path=step.code, version=self.commit
            )
        return RunEvent(
            eventType=RunState(state), eventTime=at.isoformat(), producer=PRODUCER,
            run=Run(runId=str(run_id), facets=_by_us(about_run)),
            job=Job(namespace=self.namespace, name=step.name, facets=_by_us(about_job)),
        )  # fmt: skip

    def _input(self, table: Table) -> InputDataset:
        from openlineage.client import facet_v2
        from openlineage.client.event_v2 import InputDataset

        facets: dict[str, Any] = {}
        if table.checks:
            facets["dataQualityAssertions"] = (
                facet_v2.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
                    assertions=[
                        facet_v2.data_quality_assertions_dataset.Assertion(
                            assertion=result.name,
                            success=result.succeeded,
                            column=column,
                            severity="warn" if result.severity == "warn" and result.ran else "error",
                            name=result.name,
                        )
                        for result, column in table.checks
                    ]
                )
            )
        return InputDataset(
            namespace=self.namespace, name=table.name, facets=self._described(table), inputFacets=_by_us(facets)
        )

    def _output(self, table: Table) -> OutputDataset:
        from openlineage.client import facet_v2
        from openlineage.client.event_v2 import OutputDataset

        facets: dict[str, Any] = {}
        if table.rows is not None:
            facets["outputStatistics"] = facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                rowCount=table.rows
            )
        return OutputDataset(
            namespace=self.namespace, name=table.name, facets=self._described(table), outputFacets=_by_us(facets)
        )

    def _described(self, table: Table) -> dict[str, Any]:
        from openlineage.client import facet_v2

        facets: dict[str, Any] = {}
        if table.columns:
            facets["schema"] = facet_v2.schema_dataset.SchemaDatasetFacet(
                fields=[
                    facet_v2.schema_dataset.SchemaDatasetFacetFields(
                        name=column.name, type=column.type or None, description=column.meaning or None
                    )
                    for column in table.columns
                ]
            )
        fields = self._fields(table.edges)
        if fields:
            facets["columnLineage"] = facet_v2.column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields)
        return _by_us(facets)

    def _fields(self, edges: Iterable[Edge]) -> dict[str, Any]:
        """Where columns come from. Rows that are counted have no column to name, and constants nothing at all."""
        from openlineage.client.facet_v2 import column_lineage_dataset as facet

        fields: dict[str, Any] = {}
        for edge in edges:
            source = edge.source
            if source is None or source.column is None:
                continue
            subtype = "IDENTITY" if edge.kind == "unchanged" else "TRANSFORMATION"
            taken = facet.InputField(
                namespace=self.namespace, name=self.table(source.schema, source.table), field=source.column,
                transformations=[facet.Transformation(type="DIRECT", subtype=subtype)],
            )  # fmt: skip
            fields.setdefault(edge.column, facet.Fields(inputFields=[])).inputFields.append(taken)
        return fields


def _by_us(facets: dict[str, Any]) -> dict[str, Any]:
    for facet in facets.values():
        facet._producer = PRODUCER
    return facets
