"""`motcua explain`: from a figure to its dossiers, to file, row and bytes.

Belongs here: its options and the order of the proof. Does not: finding dossiers (warehouse/lineage) or records
(extractors/evidence).
"""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language


def explain(
    figure: Annotated[
        str,
        typer.Option(
            "--figure", metavar="NAME", help="late, on_time, pending_overdue, … as `motcua figures` names it."
        ),
    ],
    jurisdiction: options.JurisdictionOption = None,
    policy: options.Policy = None,
    cut_off: Annotated[
        str | None, typer.Option("--cut-off", metavar="T", help="A published cut-off. Default: the last.")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="U", help="Only this unit.")] = None,
    competent_unit: Annotated[
        str | None, typer.Option("--competent-unit", metavar="U", help="Only this body answerable.")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", metavar="C", help="Only this channel.")] = None,
    procedure: Annotated[str | None, typer.Option("--procedure", metavar="P", help="Only this procedure.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="How many dossiers to prove and print; all are counted.")
    ] = 20,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Explain a published figure: its dossiers, each with file, row number and hash, read again from the kept bytes.

    Examples:

      motcua explain --figure late --unit BWSC

      motcua explain --jurisdiction boston --figure late --policy instant --cut-off 2015-04-01 --unit PWDx --limit 3

      motcua explain --figure pending_overdue --unit PARK --format json --limit 100000
    """
    from orchestration import proving
    from reporting import explanation, published
    from warehouse.lineage import Question, trace

    with opened(config, database) as (settings, found):
        with reading(found) as connection:
            body = published.published_body(connection, jurisdiction)
            question = Question(
                jurisdiction=body.jurisdiction,
                figure=figure,
                policy=published.chosen_policy(body, policy),
                cut_off=published.chosen_cut_offs(body, [cut_off] if cut_off else [])[0],
                unit=unit,
                competent_unit=competent_unit,
                channel=channel,
                procedure=procedure,
            )
            answer = trace(connection, question)
        proofs = proving.prove(settings, found, answer.witnesses[:limit])
    told = explanation.Explanation(
        asked={k: v for k, v in _asked(question).items() if v is not None},
        cut_off=published.shown(question.cut_off, body.zone),
        value=answer.value,
        release_id=answer.release_id,
        zone=body.zone,
        dossiers=[
            explanation.row_of(dataclasses.asdict(witness), proof.record, proof.problem, body.zone)
            for witness, proof in zip(answer.witnesses, proofs, strict=False)
        ],
    )
    explanation.print_explanation(told, form, language)
    if any(proof.problem for proof in proofs):
        raise proving.unproven(proofs)


def _asked(question: object) -> dict[str, str | None]:
    names = ("jurisdiction", "figure", "policy", "unit", "competent_unit", "channel", "procedure")
    return {name: getattr(question, name) for name in names}
