"""`motcua run`: the whole pipeline, with live progress.

Belongs here: its options, the display, the summary. Does not: the pipeline (orchestration/running).
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.deployment import instant
from contracts.failures import UsageError
from orchestration.cli import options
from reporting.forms import Form

if TYPE_CHECKING:
    from orchestration.running import RunSummary

STAGES = {
    "prepare": "prepare   database, contracts",
    "deliver": "deliver   sources → raw",
    "transform": "transform raw → candidates (dbt)",
    "check": "check     the gate",
    "publish": "publish   candidates → marts",
}


class Lines:
    """Progress as lines, each with the seconds since the start; the same on a terminal, in colour there."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self._started = time.perf_counter()
        self._stage = ""
        self._status: Any = None

    def stage(self, name: str) -> None:
        """A stage begins: its heading once, and on a terminal a spinner until the next."""
        if name == self._stage:
            return
        self.end()
        self._stage = name
        self._console.print(f"{self._clock()} [bold]{STAGES.get(name, name)}[/bold]")
        if self._console.is_terminal:
            self._status = self._console.status(f"{name} …")
            self._status.start()

    def step(self, name: str, *, detail: str = "", rows: int | None = None, seconds: float | None = None) -> None:
        """One thing done: what, how many rows, how long."""
        counted = f"{rows:>10,} rows" if rows is not None else " " * 15
        lasted = f"{seconds:6.2f} s" if seconds is not None else " " * 8
        self._console.print(f"{self._clock()}   {name:<34} {counted} {lasted}  {detail}", markup=False, soft_wrap=True)

    def end(self) -> None:
        """Takes the spinner away."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _clock(self) -> str:
        return f"{time.perf_counter() - self._started:6.1f} s"


def run(
    config: options.Config = None,
    settings_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY.PATH=VALUE", help="Override one entry of the deployment file; repeatable."),
    ] = None,
    database: options.Database = None,
    form: Annotated[
        Form,
        typer.Option("--format", "-f", help="table: lines for people; json: a summary on standard output."),
    ] = Form.table,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    changed_from: Annotated[
        str | None,
        typer.Option("--changed-from", metavar="DATE", help="Backfill: read again what sources changed from here on."),
    ] = None,
    changed_to: Annotated[
        str | None, typer.Option("--changed-to", metavar="DATE", help="Backfill: … and before this (half-open).")
    ] = None,
) -> None:
    """Extract, land, transform, check and publish, once.

    Running it again with the same deliveries changes nothing. A run that fails or is refused leaves what is published
    as it was.

    Examples:

      motcua run

      motcua run --config demo/boston.yml --set sources.boston311.path=corrected.csv

      motcua run --database trial --set sources.boston311.path=other.csv --format json

      motcua run --config demo/thai_nguyen.yml --changed-from 2023-03-01 --changed-to 2023-04-01
    """
    from orchestration.running import run_job
    from orchestration.session import Stretch
    from orchestration.settings import load_settings

    if form is Form.csv:
        raise UsageError("a run's summary has no CSV form", hint="--format json, or no --format.")
    settings = load_settings(config, settings_ or (), database)
    zone = next(iter(settings.deployment.jurisdictions.values())).zone
    stretch = Stretch(_moment(changed_from, zone), _moment(changed_to, zone))
    display = Lines(quiet=quiet)
    try:
        summary = run_job(settings, display, stretch)
    finally:
        display.end()
    if quiet:
        for warning in summary.warnings:
            print(f"motcua: {warning}", file=sys.stderr)
    if form is Form.json:
        print(json.dumps(_as_json(summary), ensure_ascii=False, indent=2))
    elif summary.failure is None or (summary.silent and summary.published):
        what = (
            f"release {summary.release_id} is published"
            if summary.changed
            else f"release {summary.release_id} stands, nothing changed"
        )
        quarantined = sum(delivery["quarantined"] for delivery in summary.deliveries if delivery["new"])
        if quarantined:
            print(f"{quarantined:,} rows of this run are in quarantine: motcua quarantine list")
        counts_dossiers = any(body.cut_offs for body in settings.deployment.jurisdictions.values())
        following = (
            "motcua figures, motcua explain --figure late" if counts_dossiers else "motcua catalogue changes --help"
        )
        print(f"{what} ({summary.seconds:.1f} s). Next: {following}")
    if summary.failure is not None:
        raise summary.failure


def _moment(text: str | None, zone: str) -> datetime | None:
    if text is None:
        return None
    try:
        return instant(text, zone)
    except ValueError:
        raise UsageError(f"{text!r} is no date or time", hint="Write it as 2023-03-01 or 2023-03-01T07:00.") from None


def _as_json(summary: RunSummary) -> dict[str, Any]:
    failure = summary.failure
    return {
        "run_id": summary.run_id, "seconds": round(summary.seconds, 2), "published": summary.published,
        "changed": summary.changed, "release_id": summary.release_id, "reasons": list(summary.reasons),
        "warnings": list(summary.warnings), "sources_unavailable": summary.silent,
        "deliveries": summary.deliveries, "problem": failure.message if failure else None,
        "exit_code": failure.exit_code if failure else 0,
    }  # fmt: skip
