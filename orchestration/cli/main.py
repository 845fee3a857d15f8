"""`motcua`: the commands and how their failures are told.

Belongs here: assembling the command groups, and the one place where failures become exit codes. Does not: heavy imports;
`motcua --help` must answer at once, so commands import their work when they run.
"""

from __future__ import annotations

import errno
import signal
import sys
from types import FrameType
from typing import NoReturn

import typer

from contracts.failures import DiskFull, MotcuaError
from orchestration.cli import (
    backup,
    brief,
    catalogue,
    claims,
    db,
    delivery,
    evidence,
    explain,
    figures,
    form,
    gate,
    keys,
    lineage,
    office,
    period,
    quarantine,
    ranking,
    release,
    run,
    site,
    ui,
)

HELP = """
From administrative dossiers to published figures that anyone can check.

Examples:

  motcua run                                        run the whole pipeline (demo/thai_nguyen.yml)

  motcua figures --by unit                          published figures, by unit

  motcua form ii06a --period 2023H1                 an official form, in its printed order

  motcua brief --period 2023H1                      a period's figures as the press writes them

  motcua ranking --level district                   units by on-time rate, and the change since the day before

  motcua explain --figure late --unit PWDx          which dossiers a figure counts, down to file and row

  motcua lineage fct_dossier.due_at                 from which columns a column is made, up to the sources' files

  motcua release list                               what was published, and what was refused

  motcua site build --out DIR                       the release's page, with the evidence of every figure beside it

  motcua evidence 3 --out DIR                       all that proves a release, signed, in one folder

Exit codes: 0 good, 1 the gate refused or a proof failed, 2 wrong usage or input, 3 a source or the database is unavailable.
"""

app = typer.Typer(
    help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, rich_markup_mode="markdown"
)
app.command("run")(run.run)
app.command("figures")(figures.figures)
app.command("claims")(claims.claims)
app.command("brief")(brief.brief)
app.command("office")(office.office)
app.command("ranking")(ranking.ranking)
app.command("explain")(explain.explain)
app.command("lineage")(lineage.lineage)
app.command("evidence")(evidence.evidence)
app.command("verify")(evidence.verify)
app.command("ui")(ui.ui)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(form.app, name="form")
app.add_typer(gate.app, name="gate")
app.add_typer(delivery.app, name="delivery")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(keys.app, name="keys")
app.add_typer(period.app, name="period")
app.add_typer(release.app, name="release")
app.add_typer(site.app, name="site")
app.add_typer(db.app, name="db")


def main() -> None:
    """The program. Tells a failure in words and leaves with its exit code."""
    # Python ends at SIGTERM without leaving its `with` blocks: the run would stay open in the ledger, the server up.
    signal.signal(signal.SIGTERM, _leave)
    try:
        app()
    except MotcuaError as failure:
        tell(failure)
        sys.exit(failure.exit_code)
    except OSError as error:
        # Whatever was being written: the store of files, a log, the history of runs.
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        full = DiskFull(
            f"the disk is full: {error.filename or 'a file of its own'} could not be written",
            hint="Make room, then run again. What readers see is as it was.",
        )
        tell(full)
        sys.exit(full.exit_code)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def tell(failure: MotcuaError) -> None:
    """One sentence and what to do next, on standard error."""
    print(f"motcua: {failure.message}", file=sys.stderr)
    if failure.hint:
        print(f"  → {failure.hint}", file=sys.stderr)
