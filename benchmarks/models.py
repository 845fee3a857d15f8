"""The build of the models for a whole province: against the same statements in one psql session, and for a day's change.

Belongs here: these two comparisons. Does not: sealing, the gate and publishing, or what delivering costs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.ground import Ground, settle
from benchmarks.rounds import line, seconds_of, take_turns, title
from orchestration import dbt_project
from orchestration.dbt_project import Prepared
from orchestration.settings import PROJECT, Settings, load_settings
from warehouse.database import Database, open_database
from warehouse.server.launcher import EmbeddedServer

_DATABASE = "province"
_CONFIG = PROJECT / "demo" / "thai_nguyen.yml"
#: Days the province moves on to and is built at; weekends among them, on which little happens.
_DAYS = 3


@dataclass(slots=True)
class _Builds:
    """Whole builds of one database by dbt, and what dbt sent in the last of them, by psql."""

    settings: Settings
    database: Database
    prepared: Prepared
    script: Path
    statements: dict[str, list[str]] = field(default_factory=dict)

    def by_dbt(self) -> float:
        """Every model and every test of rows, as a first run has them."""
        settle(self.database)
        self.statements.clear()
        return seconds_of(self._build)

    def by_psql(self) -> float:
        """The statements of models and tests, node by node in the order in which dbt began them, one session."""
        nodes = {node: lines for node, lines in self.statements.items() if node.startswith(("model.", "test."))}
        if not nodes:
            raise RuntimeError("dbt has not built before")
        sent = (statement.rstrip().rstrip(";") + ";\n" for lines in nodes.values() for statement in lines)
        self.script.write_text("set role motcua_transformer;\n" + "".join(sent), encoding="utf-8")
        settle(self.database)
        return seconds_of(self._psql)

    def _build(self) -> None:
        problems = dbt_project.build(
            self.settings, self.database, self.prepared, lambda _: None, on_statement=self._heard
        )
        if problems:
            raise RuntimeError("; ".join(problems))

    def _heard(self, node: str, statement: str) -> None:
        self.statements.setdefault(node, []).append(statement)

    def _psql(self) -> None:
        program = EmbeddedServer(self.settings.home).bin_path("psql")
        subprocess.run(
            [str(program), "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", "-f", str(self.script)],
            check=True, env=os.environ | {"PGOPTIONS": dbt_project.planning_options(), **self._address()},
        )  # fmt: skip

    def _address(self) -> dict[str, str]:
        to = self.database
        return {
            "PGHOST": to.host, "PGPORT": str(to.port), "PGUSER": to.user, "PGPASSWORD": to.password,
            "PGDATABASE": to.name,
        }  # fmt: skip


def measure(ground: Ground, rounds: int) -> None:
    """Prints both comparisons."""
    folder = ground.folder / "province"
    _demo("province", "--folder", str(folder), "--database", _DATABASE)
    settings = load_settings(_CONFIG, [], _DATABASE)
    with open_database(settings.home, _DATABASE) as database:
        went_on = []
        for _ in range(_DAYS):
            _demo("advance", "--folder", str(folder), "--days", "1")
            _demo("province", "--folder", str(folder), "--database", _DATABASE)
            went_on.append(_last_build(database))
        # After the days: what psql has written is not what the last build left, and the next would be whole.
        builds = _Builds(settings, database, dbt_project.prepare(settings), ground.folder / "sent.sql")
        seconds = take_turns({"dbt": builds.by_dbt, "psql": builds.by_psql}, rounds)
    title(
        "models: 346,000 dossiers, 2.1 million steps, every model and every test of rows",
        f"  median of {rounds} rounds (least to most), in turn, in one database of a server of its own.",
    )
    line("the statements that dbt sent, in one psql session", seconds["psql"], seconds["psql"])
    line("the whole build by dbt", seconds["dbt"], seconds["psql"])
    whole = median(seconds["dbt"])
    for took, touched, because in went_on:
        told = f"whole: {because}" if because else f"{touched:,} dossiers touched"
        print(f"  a day on, {told:<48} {took:6.2f} s  {took / whole:.0%} of the whole build")


def _demo(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "demo", *arguments], check=True, stdout=subprocess.DEVNULL, cwd=PROJECT)


def _last_build(database: Database) -> tuple[float, int, str | None]:
    """Seconds of the build that ended last, dossiers it touched, why it was whole if it was."""
    with database.connect() as connection:
        [(took, because)] = connection.execute(
            "select extract(epoch from ended_at - started_at), because from audit.build order by build_id desc limit 1"
        ).fetchall()
        [(touched,)] = connection.execute("select count(*) from intermediate.int_dossier__touched").fetchall()
    return float(took), int(touched), because
