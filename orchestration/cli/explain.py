"""`motcua explain`: from a figure to its definition, its dossiers, to file, row and bytes, and to what made and judged it.

Belongs here: its options, the address they make, and the order of the proof. Does not: finding (reporting/explaining) or records
(extractors/evidence).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import ExplanationForm, FormVariant, Language

if TYPE_CHECKING:
    import psycopg

    from reporting.explaining.model import Explanation
    from reporting.figure_ids import Address


def explain(
    address: Annotated[
        str | None,
        typer.Argument(metavar="ADDRESS", help="A figure's address, as brief, claims and explain print it."),
    ] = None,
    figure: Annotated[
        str | None,
        typer.Option(
            "--figure",
            metavar="NAME",
            help="late, on_time, …; ii06a.COLUMN, ii07b.COLUMN, rate.NAME, ranking.unit_rank.",
        ),
    ] = None,
    jurisdiction: options.JurisdictionOption = None,
    policy: options.Policy = None,
    cut_off: Annotated[
        str | None, typer.Option("--cut-off", metavar="T", help="A published cut-off. Default: the last.")
    ] = None,
    period: options.Period = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="U", help="Only this unit.")] = None,
    competent_unit: Annotated[
        str | None, typer.Option("--competent-unit", metavar="U", help="Only this body answerable.")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", metavar="C", help="Only this channel.")] = None,
    procedure: Annotated[str | None, typer.Option("--procedure", metavar="P", help="Only this procedure.")] = None,
    variant: Annotated[FormVariant | None, typer.Option("--variant", help="Of II.06a: by fields or by levels.")] = None,
    line: Annotated[
        int | None, typer.Option("--line", min=1, help="Of II.06a: the row by its number. Default: the total.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="How many dossiers to prove and print; all are counted.")
    ] = 20,
    steps: Annotated[bool, typer.Option("--steps", help="Prove the rows of processing steps as well.")] = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the SQL that made the figure (JSON and HTML always have it).")
    ] = False,
    release: options.Release = None,
    form: Annotated[ExplanationForm, typer.Option("--format", "-f", help="Output form.")] = ExplanationForm.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Explain a published figure: what it means, its dossiers, each with files, rows and hashes read again from the kept bytes.

    What is counted anew from the published facts must be what is published; exit code 1 says that it is not, or that bytes are
    not those that landed. SQL has the same: select * from audit.explain('ADDRESS').

    Examples:

      motcua explain --figure late --unit H55.09

      motcua explain thai_nguyen/2023H1/on_time_of_resolved/day

      motcua explain --figure ii06a.late --period 2023H1 --variant levels --line 3 --sql

      motcua explain --figure rate.article --period 2023H1 --release 1 --format html > rate.html

      motcua explain --figure pending_overdue --unit H55.21 --format json --limit 100000
    """
    from contracts.failures import UsageError
    from orchestration.proving import DoesNotHold, held_against_bytes
    from reporting.explaining import text
    from reporting.explaining.explain import counted
    from reporting.explaining.resolving import resolve
    from reporting.figure_ids import parse_address

    given = {
        "variant": variant, "line": line, "unit": unit, "competent_unit": competent_unit, "channel": channel,
        "procedure": procedure,
    }  # fmt: skip
    narrowed = {name: str(value) for name, value in given.items() if value is not None}
    parts = (figure, jurisdiction, policy, cut_off, period)
    if (address is None) == (figure is None) or (address is not None and (any(parts) or narrowed)):
        raise UsageError("name one figure: by its address alone, or with --figure", hint="motcua explain --help")
    with opened(config, database) as (settings, found):
        with reading(found, release) as connection:
            if address is None:
                assert figure is not None
                asked = _address_of(connection, (figure, jurisdiction, policy), cut_off, period, narrowed)
            else:
                asked = parse_address(address)
            figure_found = resolve(connection, asked)
            if form is ExplanationForm.table:
                text.print_published(figure_found, language)
            told = counted(connection, figure_found, limit, steps=steps)
        if form is ExplanationForm.table:
            text.print_counted(told, language)
        told = held_against_bytes(settings, found, told)
    _print(told, form, language, sql=sql)
    if told.problems:
        raise DoesNotHold("; ".join(told.problems), hint="docs/runbooks/evidence.md says what to do.")


def _address_of(
    connection: psycopg.Connection,
    named: tuple[str, str | None, str | None],
    cut_off: str | None,
    period: str | None,
    narrowed: dict[str, str],
) -> Address:
    """The address that options make: without a time, the last cut-off, or the last period that is over."""
    from contracts.failures import UsageError
    from reporting import official, published
    from reporting.explaining.conditions import FIGURES
    from reporting.figure_ids import Address

    figure, jurisdiction, policy = named
    body = published.published_body(connection, jurisdiction)
    at_cut_off, ranks = figure in FIGURES, figure.startswith("ranking.")
    if (period and (at_cut_off or ranks)) or (cut_off and not at_cut_off):
        raise UsageError(
            f"{figure} is {'of a cut-off' if at_cut_off else 'as of the release' if ranks else 'of a period'}",
            hint="Use --cut-off for late, on_time, …, --period for forms, rates and definitions.",
        )
    if at_cut_off:
        when = cut_off or "last"
    elif ranks:
        when = "as_of"
    else:
        when = period or str(official.chosen_period(connection, body, None)["period"])
    return Address(body.jurisdiction, when, figure, policy, narrowed)


def _print(told: Explanation, form: ExplanationForm, language: Language, *, sql: bool) -> None:
    from reporting.explaining import text
    from reporting.explaining import told as words
    from reporting.layout import as_csv

    if form is ExplanationForm.table:
        text.print_evidence(told, language, sql=sql)
    elif form is ExplanationForm.json:
        print(json.dumps(words.as_json(told, language), ensure_ascii=False, indent=2))
    elif form is ExplanationForm.csv:
        print(as_csv(list(words.flat_rows(told))), end="")
    else:
        from reporting.explaining.page import explanation_page

        print(explanation_page(told, language), end="")
