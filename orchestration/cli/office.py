"""`motcua office`: the files that offices and inspectors work with.

Belongs here: its options, the order in which files are made and written. Does not: what stands in them (reporting/office_forms,
reporting/office_lists).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import FormVariant, Language

if TYPE_CHECKING:
    import psycopg

    from reporting.gaps import Gaps
    from reporting.office_forms import Occasion

#: Variants of II.06a by the name of their files.
_II06A = {"ii06a": FormVariant.fields, "ii06a_levels": FormVariant.levels}


def office(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go; made if it is not there.")],
    period: options.Period = None,
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    policy: options.Policy = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Write a period's files for offices: forms II.06a and II.07b as printed (XLSX and PDF), the late list and the
    inspector's table (XLSX).

    The same release gives the same bytes. II.07b is left out where no catalogue was known by the period's end.

    Examples:

      motcua office --period 2023H1 --out reports

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
        books = _books(
            connection, Occasion(body, chosen, judged_by, official.gaps_of_form(gaps, DOSSIERS, chosen)), gaps
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, content in books.items():
        (out / name).write_bytes(content)
        print(f"{hashlib.sha256(content).hexdigest()}  {out / name}")


def _books(connection: psycopg.Connection, occasion: Occasion, gaps: Gaps) -> dict[str, bytes]:
    """Each file by its name."""
    from contracts.failures import UsageError
    from reporting import office_forms, office_lists, office_pdf, official
    from reporting.gaps import CATALOGUE

    body, period = occasion.body, occasion.period["period"]
    books: dict[str, bytes] = {}
    total: dict[str, int] = {}
    for name, variant in _II06A.items():
        rows = official.form_ii06a(connection, body, period, occasion.policy, variant, Language.vi)
        if not rows:
            raise UsageError(
                f"no dossiers of {body.jurisdiction} are published by {period}", hint="Try motcua catalogue changes."
            )
        books[f"{name}.xlsx"] = office_forms.book_ii06a(occasion, rows, variant)
        books[f"{name}.pdf"] = office_pdf.pdf_ii06a(occasion, rows, variant)
        total = rows[-1]
    blocks = official.form_ii07b(connection, body, period)
    if blocks:
        of_catalogue = replace(occasion, gaps=official.gaps_of_form(gaps, CATALOGUE, dict(occasion.period)))
        books["ii07b.xlsx"] = office_forms.book_ii07b(of_catalogue, blocks)
        books["ii07b.pdf"] = office_pdf.pdf_ii07b(of_catalogue, blocks)
    late = office_lists.late_dossiers(connection, occasion)
    books["late_dossiers.xlsx"] = office_lists.book_of_late(occasion, late, official.as_of(connection, body))
    resolved = office_lists.resolved_dossiers(connection, occasion)
    books["inspection.xlsx"] = office_lists.book_of_resolved(occasion, resolved, total)
    return books
