"""`motcua claims`: what others reported, beside what the published rows say.

Belongs here: its options and layout. Does not: the figures (reporting/claims).
"""

from __future__ import annotations

from datetime import date

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language

_SHOWN = ("figure", "claimed", "ours", "difference", "definition")


def claims(
    jurisdiction: options.JurisdictionOption = None,
    release: options.Release = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """List figures that others reported beside ours: claimed, ours, the difference, by which definition.

    A claim is data of the deployment file, and never an input to our figure.

    Examples:

      motcua claims --config demo/thai_nguyen.yml

      motcua claims --language vi

      motcua claims --format json
    """
    from contracts.failures import UsageError
    from reporting import layout
    from reporting.claims import about
    from reporting.claims import claims as reported
    from reporting.gaps import ALL_FIGURES, find_gaps

    with opened(config, database) as (settings, found), reading(found, release) as connection:
        rows = reported(connection, jurisdiction, language)
        gaps = find_gaps(connection, jurisdiction, release)
    if not rows:
        raise UsageError(
            "no reported claim is published here", hint=f"Claims stand under `claims:` in {settings.config.name}."
        )
    spans = [tuple(map(date.fromisoformat, row["period"].split(".."))) for row in rows]
    if form is Form.table:
        head = rows[0]
        title = f"{head['who']}, {head['reported_on']}, {head['period']}"
        rows = [{name: _at_least(row, language) if name == "claimed" else row[name] for name in _SHOWN} for row in rows]
        layout.print_rows(rows, form, language, title=title)
        first, end = min(span[0] for span in spans), max(span[1] for span in spans)
        layout.print_gaps(gaps.touching(ALL_FIGURES, first=first, end=end), language)
    elif form is Form.json:
        told = [
            {**row, "gaps": gaps.touching({about(row["definition"])}, first=span[0], end=span[1])}
            for row, span in zip(rows, spans, strict=True)
        ]
        layout.print_rows(told, form, language, title="")
    else:
        layout.print_rows(rows, form, language, title="")


def _at_least(row: dict[str, object], language: Language) -> object:
    if not row["at_least"]:
        return row["claimed"]
    word = "trên" if language is Language.vi else "over"
    number = f"{row['claimed']:,}"
    return f"{word} {number.replace(',', '.') if language is Language.vi else number}"
