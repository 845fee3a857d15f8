"""`motcua release`: what was published, what was refused, and going back.

Belongs here: its options and layout. Does not: the release store (warehouse/releases).
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.failures import UsageError
from orchestration.cli import options
from orchestration.cli.opened import opened, reading
from reporting.forms import Form, Language

if TYPE_CHECKING:
    from warehouse.releases import Release

#: So many failed rows of a check are shown with a release; `motcua gate explain --limit` shows as many as are wanted.
_FIRST = 20
app = typer.Typer(help="Releases: list, show, compare, roll back, keep, clean.", no_args_is_help=True)


@app.command("list")
def list_all(
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """List every release, refused ones included, newest first."""
    from reporting import layout
    from warehouse import releases

    with opened(config, database) as (_, found), reading(found):
        held = releases.list_releases(found)
    rows: list[dict[str, Any]] = [
        {
            "release_id": str(r.release_id), "current": "●" if r.current else "", "kind": r.kind, "verdict": r.verdict,
            "created_at": r.created_at.isoformat(timespec="seconds"), "content": r.content_sha256[:16],
            "reasons": _in_words(r),
            "warnings": "; ".join(r.warnings),
        }
        for r in held
    ]  # fmt: skip
    if form is Form.json:
        print(json.dumps([dataclasses.asdict(r) for r in held], default=str, indent=2, ensure_ascii=False))
    else:
        layout.print_rows(rows, form, language, title=found.name)


def _in_words(release: Release) -> str:
    told = list(release.reasons)
    if release.restores is not None:
        why = f": {release.because} ({release.asked_by})" if release.because else ""
        told.append(f"restores release {release.restores}{why}")
    if release.pinned_because is not None:
        told.append(f"pinned: {release.pinned_because}")
    if release.cleaned_at is not None:
        told.append(f"cleaned on {release.cleaned_at.date()}")
    return "; ".join(told)


@app.command()
def show(
    release_id: Annotated[int, typer.Argument(help="Its number, as `motcua release list` shows it.")],
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Show one release as JSON: verdict, checks with what they observed, how many rows failed each and the first of them,
    tables with rows and hashes, how old each source was (when it last answered before the release, the newest version it
    had delivered by then), and the deliveries that are missing in it (null when its rows were cleaned away).
    """
    from reporting.gaps import ALL_FIGURES, find_gaps
    from warehouse import contacts, refusals, releases

    with opened(config, database) as (_, found), reading(found) as connection:
        chosen = [r for r in releases.list_releases(found) if r.release_id == release_id]
        if not chosen:
            raise UsageError(f"there is no release {release_id}", hint="`motcua release list` shows them.")
        failed = refusals.failures_of(connection, chosen[0].run_id, _FIRST)
        checks = [
            {
                "name": said.name, "succeeded": said.succeeded, "severity": said.severity, "message": said.message,
                "observed": said.observed,
                "failed": dataclasses.asdict(failed[said.name]) if said.name in failed else None,
            }
            for said in releases.checks_of(found, chosen[0].run_id)
        ]  # fmt: skip
        sources = [dataclasses.asdict(age) for age in contacts.source_ages(found, chosen[0].created_at)]
        gone = chosen[0].cleaned_at is not None
        gaps = None if gone else find_gaps(connection, None, release_id).touching(ALL_FIGURES)
    shown = {**dataclasses.asdict(chosen[0]), "sources": sources, "gaps": gaps, "checks": checks}
    print(json.dumps(shown, default=str, indent=2, ensure_ascii=False))


@app.command()
def diff(
    before: Annotated[int, typer.Argument(metavar="A", help="A kept release.")],
    after: Annotated[int, typer.Argument(metavar="B", help="The one it is compared with.")],
    cut_off: Annotated[
        str | None, typer.Option("--cut-off", metavar="T", help="A cut-off of both. Default: the last.")
    ] = None,
    policy: options.Policy = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="SPLIT", help="unit, procedure, channel, …; several with commas.")
    ] = None,
    jurisdiction: options.JurisdictionOption = None,
    form: options.Format = Form.table,
    language: options.Language = Language.en,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Say what moved between two releases, and why: figures, rows by table, the dossiers and the deliveries behind them.

    Without --policy, under every policy of both.

    Examples:

      motcua release diff 1 2

      motcua release diff 1 2 --by unit --policy day --cut-off 2023-07-01 --format json
    """
    from orchestration.comparing import Comparison, compare
    from reporting.figures import parse_split
    from reporting.release_diff import print_diff

    asked = Comparison(before, after, jurisdiction, cut_off, policy, parse_split(by))
    # The newer one's snapshot first: rows of the older one are read in it too, and are there if that is still kept when
    # the second begins.
    with opened(config, database) as (_, found), reading(found, after) as now, reading(found, before) as then:
        print_diff(compare(then, now, asked), form, language)


@app.command()
def rollback(
    release_id: Annotated[int, typer.Argument(help="The release whose contents shall be published again.")],
    because: options.Because,
    by: options.Person = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Publish an old release's contents again, as a new release and on record.

    Example:

      motcua release rollback 1 --because 'a delivery was cut off; reported on 3 July'
    """
    from orchestration.rolling_back import roll_back
    from warehouse import releases

    order = options.ordered(because, by)
    with opened(config, database) as (settings, found):
        with reading(found):
            held = releases.list_releases(found)
        standing = next((r for r in held if r.current), None)
        wanted = next((r for r in held if r.release_id == release_id and r.verdict == "pass"), None)
        if standing is not None and wanted is not None and wanted.content_sha256 == standing.content_sha256:
            print(
                f"the contents of release {release_id} are published already (release {standing.release_id}); nothing changed"
            )
            return
        done = roll_back(settings, found, release_id, order)
    print(f"release {done.release_id} published: the contents of release {release_id} ({done.moved:,} row changes)")


@app.command()
def pin(
    release_id: Annotated[int, typer.Argument(help="The release that shall be kept.")],
    because: options.Because,
    by: options.Person = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Keep a release whatever is cleaned, until it is unpinned."""
    from warehouse import retention

    with opened(config, database) as (_, found):
        retention.pin(found, release_id, options.ordered(because, by))
    print(f"release {release_id} is kept until it is unpinned")


@app.command()
def unpin(
    release_id: Annotated[int, typer.Argument(help="The release that need not be kept any more.")],
    because: options.Because,
    by: options.Person = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Take a pin back. The release stays until the next cleaning."""
    from warehouse import retention

    with opened(config, database) as (_, found):
        retention.unpin(found, release_id, options.ordered(because, by))
    print(f"release {release_id} is no longer pinned")


@app.command()
def clean(
    keep: Annotated[int, typer.Option("--keep", min=1, metavar="N", help="So many of the newest stay.")],
    because: options.Because,
    by: options.Person = None,
    config: options.Config = None,
    database: options.Database = None,
) -> None:
    """Remove the superseded rows of older releases. The published one, pinned ones and those of closed periods stay.

    Readers at work lose nothing. A release that was cleaned stays on record and says so when it is asked for.

    Example:

      motcua release clean --keep 30 --because 'a month is enough'
    """
    from warehouse import retention

    with opened(config, database) as (_, found):
        done = retention.clean(found, keep, options.ordered(because, by))
    rows = sum(done.removed.values())
    print(f"{len(done.cleaned)} releases cleaned ({rows:,} rows removed), {len(done.kept)} kept: {_listed(done.kept)}")


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
