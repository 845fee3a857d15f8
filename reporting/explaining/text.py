"""An explanation for the terminal: the claim first, then its dossiers and rows, then what made and judged it.

Belongs here: layout. Does not: words (told.py), or HTML (page.py).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from reporting.explaining.asking import Asked
from reporting.explaining.model import Explanation, Landed, Thing
from reporting.explaining.told import (
    asked_of,
    code_in_words,
    definition_of,
    in_words,
    name_of,
    number,
    policy_in_words,
    proof_in_words,
    value_in_words,
)
from reporting.forms import Language
from reporting.labels import label
from reporting.numerals import sentence_case
from reporting.published import shown

_WIDTH = 160
_INSTANTS = ("received_at", "due_at", "resolved_at")


def print_published(asked: Asked, language: Language) -> None:
    """The figure as it is published and its definition: known before anything is counted."""
    console = _console()
    console.print(f"{name_of(asked, language)} = {value_in_words(asked, language)}", style="bold", markup=False)
    console.print(f"  {asked.address}", markup=False, soft_wrap=True)
    console.print(f"  {definition_of(asked, language)}", markup=False, soft_wrap=True)
    console.file.flush()


def print_counted(told: Explanation, language: Language) -> None:
    """What it is about and what was counted: known before any file is read."""
    console = _console()
    about = ", ".join(f"{name} {value}" for name, value in asked_of(told, language))
    console.print(f"  {about}, {label('release', language)} {told.release.release_id}", markup=False, soft_wrap=True)
    if told.policy is not None:
        console.print(f"  {label('policy', language)}: {policy_in_words(told)}", markup=False, soft_wrap=True)
    for part in told.parts:
        where = f"marts.{part.table}, {' + '.join(part.columns)}"
        published = "" if part.published is None else f"{number(part.published, language)}; "
        found = label("not_countable", language) if part.found is None else number(part.found, language)
        counted = f"{label('counted_again', language)}: {found} ({' + '.join(part.adds)})"
        console.print(f"  {in_words(part.name, language)}, {where}: {published}{counted}", markup=False, soft_wrap=True)
    console.print(f"  {label(f'found_{told.kind}', language)}: {number(told.total, language)}", markup=False)
    console.file.flush()


def print_evidence(told: Explanation, language: Language, *, sql: bool) -> None:
    """What stands behind it: things with their rows, files, the release and what made it."""
    console = _console()
    if told.things:
        _print_things(console, told, language)
        _print_files(console, told, language)
    _print_origin(console, told, language)
    for statement in told.statements if sql else ():
        console.print(f"\n-- {statement.model}: {statement.meaning}", markup=False, soft_wrap=True)
        console.print(statement.sql, markup=False, soft_wrap=True)
    for problem in told.problems:
        console.print(f"{label('does_not_match', language)}: {problem}", style="bold red", markup=False, soft_wrap=True)


def _print_things(console: Console, told: Explanation, language: Language) -> None:
    dossiers = told.kind == "dossiers"
    table = Table(header_style="bold")
    for name in ("thing", *(_INSTANTS if dossiers else ()), "system", "file_name", "row_number", "proof"):
        heading = ("dossier_code" if dossiers else told.kind) if name == "thing" else name
        table.add_column(label(heading, language), justify="right" if name == "row_number" else "left", overflow="fold")
    for thing in told.things:
        facts = [_minute(thing.facts[name], told.body.zone) for name in _INSTANTS] if dossiers else []
        for place, row in enumerate(thing.landed or (None,)):
            about = [_thing_in_words(thing), *facts] if place == 0 else [""] * (1 + len(facts))
            table.add_row(*about, *_row_in_words(row, language))
    console.print(table)


def _minute(moment: datetime | None, zone: str) -> str:
    return "–" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _thing_in_words(thing: Thing) -> str:
    name = thing.facts.get("name")
    told = f"{thing.code} {name}" if name else thing.code
    taken = [part for part, added in thing.counts.items() if added < 0]
    only = [part for part, added in thing.counts.items() if added == 0]
    marks = [f"−1 {part}" for part in taken] + [f"not in {part}" for part in only]
    return f"{told} ({', '.join(marks)})" if marks else told


def _row_in_words(row: Landed | None, language: Language) -> tuple[str, str, str, str]:
    if row is None:
        return "–", "–", "–", "–"
    what = row.system if row.role == "record" else f"{row.system}: {row.code}"
    proof = proof_in_words(row, language)
    if row.proof == "" and row.record_sha256:
        proof += f": {row.record_sha256[:16]}…"
    return what, row.file_name, str(row.row_number), proof


def _print_files(console: Console, told: Explanation, language: Language) -> None:
    rows = [row for thing in told.things for row in thing.landed]
    proved = [row for row in rows if row.proof == ""]
    listed = f"{number(len(told.things), language)} / {number(told.total, language)}"
    console.print(f"{label('listed', language)}: {listed} (--limit, --format json)")
    console.print(f"{label('proved', language)}: {number(len(proved), language)} / {number(len(rows), language)}")
    for (sha, _), row in sorted({(row.file_sha256, row.stream): row for row in rows}.items()):
        console.print(f"{label('file', language)} {row.file_name}: SHA-256 {sha}", markup=False, soft_wrap=True)
        landed = "–" if row.landed_at is None else row.landed_at.isoformat(timespec="seconds")
        program = "–" if row.run is None else f"{row.run.run_id}, {code_in_words(row.run.code)}"
        console.print(f"  {landed}, delivery {row.delivery_id}, run {program}", markup=False, soft_wrap=True)
    if proved:
        first = proved[0]
        console.print(f"{label('kept_record', language)} {first.file_name}:{first.row_number}", markup=False)
        console.print(f"  {first.record}", markup=False, soft_wrap=True)


def _print_origin(console: Console, told: Explanation, language: Language) -> None:
    release, zone = told.release, told.body.zone
    state = label("release_now" if release.is_published else "release_then", language)
    restored = "" if release.restores is None else f", rollback → {release.restores}"
    console.print(
        f"{sentence_case(label('release', language))} {release.release_id}{restored} ({state}),"
        f" {shown(release.created_at, zone)}, SHA-256 {release.content_sha256}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    console.print(f"  run {told.run.run_id}, {code_in_words(told.run.code)}", markup=False, soft_wrap=True)
    green = [check for check in told.checks if check.succeeded]
    console.print(f"  {label('checks_green', language)}: {len(green)} / {len(told.checks)}")
    for check in told.checks:
        if not check.succeeded:
            console.print(f"    {check.name}: {check.message}", markup=False, soft_wrap=True)
    listed = ", ".join(f"{statement.model} {statement.sha256[:12]}…" for statement in told.statements)
    console.print(f"  SQL: {listed or label('sql_not_noted', language)} (--sql)", markup=False, soft_wrap=True)


def _console() -> Console:
    return Console(width=None if Console().is_terminal else _WIDTH, highlight=False)
