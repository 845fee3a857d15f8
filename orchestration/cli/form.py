"""`motcua form`: the official forms of a reporting period.

Belongs here: its options and the order of columns shown. Does not: the forms (reporting/official).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, FormVariant, Language

app = typer.Typer(help="The official forms of a reporting period.", no_args_is_help=True)


@app.callback()
def form() -> None:
    """The official forms (biểu mẫu báo cáo, Thông tư 01/2020/TT-VPCP)."""


@app.command()
def ii06a(
    period: options.Period = None,
    variant: Annotated[
        FormVariant, typer.Option("--variant", help="Rows by field, or by unit (06 các cấp), under each level.")
    ] = FormVariant.fields,
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    policy: options.Policy = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Print form II.06a/VPCP/KSTT: dossiers received, resolved and pending in a period.

    Examples:

      motcua form ii06a --period 2023H1

      motcua form ii06a --period 2023H1 --variant levels --language vi

      motcua form ii06a --period 2023M03 --policy day --format csv
    """
    from reporting import layout, official, published
    from reporting.gaps import DOSSIERS, find_gaps

    with opened(config, database) as (_, found), reading(found, release) as connection:
        body = published.published_body(connection, jurisdiction)
        judged_by = published.chosen_policy(body, policy)
        chosen = official.chosen_period(connection, body, period)
        rows = official.form_ii06a(connection, body, chosen["period"], judged_by, variant, language)
        gaps = find_gaps(connection, body.jurisdiction, release)
    if form is Form.table:
        rows = [official.under_printed_titles(row) for row in rows]
    elif form is Form.json:
        rows = official.beside_gaps(rows, gaps, DOSSIERS, chosen)
    layout.print_rows(rows, form, language, title=official.form_title("form_ii06a", body, chosen, language))
    if form is Form.table:
        layout.print_gaps(official.gaps_of_form(gaps, DOSSIERS, chosen), language)


@app.command()
def ii07b(
    period: options.Period = None,
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Print form II.07b/VPCP/KSTT: procedures in force, under the one-stop mechanism, with a workflow, at a period's end.

    Examples:

      motcua form ii07b --period 2023H1

      motcua form ii07b --period 2023H1 --language vi --format json
    """
    from contracts.failures import UsageError
    from reporting import layout, official, published
    from reporting.gaps import CATALOGUE, find_gaps
    from reporting.labels import label

    with opened(config, database) as (_, found), reading(found, release) as connection:
        body = published.published_body(connection, jurisdiction)
        chosen = official.chosen_period(connection, body, period)
        rows = official.form_ii07b(connection, body, chosen["period"])
        gaps = find_gaps(connection, body.jurisdiction, release)
    if not rows:
        raise UsageError(
            f"no catalogue of {body.jurisdiction} was known by the end of {chosen['period']}",
            hint="Catalogue exports are deliveries: motcua delivery list",
        )
    if form is Form.table:
        rows = [{**row, "block": label(f"form_ii07b_{row['block']}", language)} for row in rows]
    elif form is Form.json:
        rows = official.beside_gaps(rows, gaps, CATALOGUE, chosen)
    layout.print_rows(rows, form, language, title=official.form_title("form_ii07b", body, chosen, language))
    if form is Form.table:
        layout.print_gaps(official.gaps_of_form(gaps, CATALOGUE, chosen), language)
