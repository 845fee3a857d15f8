"""`motcua claims`: what others reported, beside what the published rows say.

Belongs here: its options and layout. Does not: the figures (reporting/claims).
"""

from __future__ import annotations

from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language

_SHOWN = ("figure", "claimed", "ours", "difference", "definition")


def claims(
    jurisdiction: options.JurisdictionOption = None,
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
    from reporting.claims import claims as reported

    with opened(config, database) as (settings, found), reading(found) as connection:
        rows = reported(connection, jurisdiction, language)
    if not rows:
        raise UsageError(
            "no reported claim is published here", hint=f"Claims stand under `claims:` in {settings.config.name}."
        )
    if form is Form.table:
        about = rows[0]
        title = f"{about['who']}, {about['reported_on']}, {about['period']}"
        rows = [{name: _at_least(row, language) if name == "claimed" else row[name] for name in _SHOWN} for row in rows]
        layout.print_rows(rows, form, language, title=title)
    else:
        layout.print_rows(rows, form, language, title="")


def _at_least(row: dict[str, object], language: Language) -> object:
    if not row["at_least"]:
        return row["claimed"]
    word = "trên" if language is Language.vi else "over"
    number = f"{row['claimed']:,}"
    return f"{word} {number.replace(',', '.') if language is Language.vi else number}"
