"""`motcua office`: the files that offices and inspectors work with.

Belongs here: its options, the order in which files are made and written. Does not: what stands in them (reporting/office_forms,
reporting/office_lists).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import FormVariant, Language, OfficeFiles

if TYPE_CHECKING:
    import psycopg

    from reporting.gaps import Gaps
    from reporting.office_forms import Occasion

#: Variants of II.06a by the name of their files.
_II06A = {"ii06a": FormVariant.fields, "ii06a_levels": FormVariant.levels}


def office(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go; made if it is not there.")],
    only: Annotated[
        list[OfficeFiles] | None,
        typer.Option("--only", help="Only these, one or more. Default: all, the forms first."),
    ] = None,
    period: options.Period = None,
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    policy: options.Policy = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Write a period's files for offices: forms II.06a and II.07b as printed (XLSX and PDF), the late list and the
    inspector's table (XLSX).

    Each file stands as soon as it is named: the forms after a few seconds, last the inspector's table of every dossier, which
    takes most of the time. The same release gives the same bytes. II.07b is left out where no catalogue was known by the
    period's end.

    Examples:

      motcua office --period 2023H1 --out reports

      motcua office --period 2023H1 --out reports --only forms

      motcua office --period 2023H1 --release 3 --out as_reported
    """
    from reporting import official, published
    from reporting.gaps import DOSSIERS, find_gaps
    from reporting.office_forms import Occasion

    with opened(config, database) as (_, found), reading(found, release) as connection:
        body = published.published_body(connection, jurisdiction)
        judged_by = published.chosen_policy(body, policy)
        chosen = official.chosen_period(connection, body, period)
        gaps = find_gaps(connection, body.jurisdiction, release)
        occasion = Occasion(body, chosen, judged_by, official.gaps_of_form(gaps, DOSSIERS, chosen))
        for name, content in _books(connection, occasion, gaps, only or list(OfficeFiles)):
            out.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
            print(f"{hashlib.sha256(content).hexdigest()}  {out / name}", flush=True)


def _books(
    connection: psycopg.Connection, occasion: Occasion, gaps: Gaps, wanted: list[OfficeFiles]
) -> Iterator[tuple[str, bytes]]:
    """Each file with its name, what takes long last."""
    from contracts.failures import UsageError
    from reporting import office_lists, official

    body, period = occasion.body, occasion.period["period"]
    forms = {
        name: official.form_ii06a(connection, body, period, occasion.policy, variant, Language.vi)
        for name, variant in _II06A.items()
    }
    if not all(forms.values()):
        raise UsageError(
            f"no dossiers of {body.jurisdiction} are published by {period}", hint="Try motcua catalogue changes."
        )
    if OfficeFiles.forms in wanted:
        yield from _forms(occasion, forms)
        yield from _form_of_procedures(connection, occasion, gaps)
    if OfficeFiles.late in wanted:
        late = office_lists.late_dossiers(connection, occasion)
        yield "late_dossiers.xlsx", office_lists.book_of_late(occasion, late, official.as_of(connection, body))
    if OfficeFiles.inspection in wanted:
        resolved = office_lists.resolved_dossiers(connection, occasion)
        total = forms["ii06a_levels"][-1]
        yield "inspection.xlsx", office_lists.book_of_resolved(occasion, resolved, total)


def _forms(occasion: Occasion, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[tuple[str, bytes]]:
    """II.06a, by the names of its files."""
    from reporting import office_forms, office_pdf

    for name, variant in _II06A.items():
        yield f"{name}.xlsx", office_forms.book_ii06a(occasion, rows[name], variant)
        yield f"{name}.pdf", office_pdf.pdf_ii06a(occasion, rows[name], variant)


def _form_of_procedures(connection: psycopg.Connection, occasion: Occasion, gaps: Gaps) -> Iterator[tuple[str, bytes]]:
    """II.07b, where there is one."""
    from reporting import office_forms, office_pdf, official
    from reporting.gaps import CATALOGUE

    blocks = official.form_ii07b(connection, occasion.body, occasion.period["period"])
    if blocks:
        of_catalogue = replace(occasion, gaps=official.gaps_of_form(gaps, CATALOGUE, dict(occasion.period)))
        yield "ii07b.xlsx", office_forms.book_ii07b(of_catalogue, blocks)
        yield "ii07b.pdf", office_pdf.pdf_ii07b(of_catalogue, blocks)
