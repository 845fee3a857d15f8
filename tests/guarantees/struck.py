"""A small deployment with every kind of way in, and everything of it that must be the same whatever happened on the way.

Belongs here: making the deployment, commands on it, and reading what is published and what the ledger holds, without the
numbers and instants that differ between any two runs. Does not: faults, or asserting.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql

from demo.provincial.database import ensure_database
from orchestration.settings import PROJECT, load_settings
from tests.conftest import CONFIG, COPY_OF_DATABASE, Deployed, administer
from tests.guarantees.made_deliveries import cases_of, write_cases
from warehouse.database import open_database
from warehouse.home import locate_home

#: Two tables: that the sources have one with people in it, and one that is read in several pages.
_STEPS: dict[str, Any] = {
    "name": "steps", "owner": "nobody", "cadence": "never", "zone": "Asia/Ho_Chi_Minh",
    "licence": "made for a test", "credit": "made for a test", "maximum_age_hours": 48,
    "streams": [{
        "name": "step", "meaning": "a made step",
        "layout": {"kind": "table", "table": "step", "changed_at": "changed", "page_rows": 4, "overlap_seconds": 900},
        "delivery": "incremental", "key": ["id"], "version": {"by": "field", "field": "changed"},
        "fields": [
            {"name": "id", "type": "integer", "required": True, "meaning": "number"},
            {"name": "person", "personal": True, "personal_kind": "identity", "meaning": "who"},
            {"name": "changed", "type": "instant", "format": "%Y-%m-%d %H:%M:%S%.f", "required": True, "meaning": "when"},
        ],
    }],
}  # fmt: skip
_MADE_STEPS = (
    "create table step (id bigint primary key, person text, changed timestamp);"
    "insert into step select n, lpad(n::text, 12, '9'), timestamp '2015-03-01 08:00' + n * interval '1 hour'"
    " from generate_series(1, 12) as n"
)
KEY = {"MOTCUA_PSEUDONYM_KEY": "sixteen bytes and more, for tests alone"}


@dataclass(frozen=True)
class Place:
    """A deployment file and the database it is tried on."""

    config: Path
    deployed: Deployed
    overrides: tuple[str, ...] = ()

    def run(self, *overrides: str) -> list[str]:
        """The arguments of a run."""
        given = [part for override in (*self.overrides, *overrides) for part in ("--set", override)]
        return ["run", *self.on(), *given]

    def on(self, config: Path | None = None) -> list[str]:
        """The options that name deployment and database."""
        return ["--config", str(config or self.config), "--database", self.deployed.database.name]


@contextmanager
def place(config: Path, *overrides: str, template: str | None = None) -> Iterator[Place]:
    """A database for a deployment file, empty or a copy of another; dropped at the end."""
    name = f"struck_{uuid.uuid4().hex[:8]}"
    settings = load_settings(config, list(overrides), name)
    if template is not None:
        with open_database(settings.home, "postgres") as through:
            administer(through, COPY_OF_DATABASE, name, template)
    with open_database(settings.home, name) as found:
        yield Place(config, Deployed(settings, found), overrides)
        administer(found, sql.SQL("drop database {} with (force)"), name)


@contextmanager
def deployment(folder: Path, sampled: Path) -> Iterator[Path]:
    """Boston's sample but for one case, so that the bytes are known to nobody, and a table that is read page by page."""
    cases = cases_of(sampled / "boston311" / "cases.csv")
    write_cases(folder / "cases" / "cases.csv", cases[:-1])
    (folder / "steps.yml").write_text(yaml.safe_dump(_STEPS), "utf-8")
    deployed = yaml.safe_load(CONFIG.read_text("utf-8"))
    deployed["sources"]["boston311"]["path"] = str(folder / "cases")
    deployed["sources"]["cartas"]["path"] = str(sampled / "cartas")
    deployed["sources"]["steps"] = {
        "jurisdiction": "boston", "contract": "steps.yml", "database": {"file": "steps_url"},
    }  # fmt: skip
    (folder / "struck.yml").write_text(yaml.safe_dump(deployed), "utf-8")
    name = f"steps_{uuid.uuid4().hex[:8]}"
    with ensure_database(locate_home(PROJECT, os.environ), name) as source:
        with psycopg.connect(source.owner_url) as connection:
            connection.execute(_MADE_STEPS)
        (folder / "steps_url").touch(mode=0o600)
        (folder / "steps_url").write_text(source.reader_url)
        yield folder / "struck.yml"
        with psycopg.connect(source.owner_url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(f"{name}_chi_doc")))


def _nth(release: str) -> str:
    return f"(select count(*) from release.release as r where r.release_id <= {release})"


#: What the ledger holds, by name: all but numbers drawn from sequences (a broken transaction leaves a gap) and instants.
_LEDGER = {
    "deliveries": "select source, stream, kind, file_sha256, file_name, bytes, version, version_rule, rows_read,"
    " rows_landed, rows_quarantined, retracted_at is null, regexp_replace(retracted_because, '\\d+', 'N'),"
    " superseded_by is null from audit.delivery where kind <> 'incremental' order by 1, 2, 4, 7, 10, 12",
    # A reading that was cut off goes on where it stood, and its pages end elsewhere: other files, the same rows.
    "readings": "select source, stream, sum(rows_read), sum(rows_landed), sum(rows_quarantined), max(version)"
    " from audit.delivery where kind = 'incremental' and retracted_at is null group by 1, 2 order by 1, 2",
    "rows that are no delivery's": "select count(*) from raw.quarantine as q"
    " where not exists (select from audit.delivery as d where d.delivery_id = q.delivery_id)",
    "quarantine": "select source, stream, file_name, row_number, field, value, reason, whole_row, count(*)"
    " from raw.quarantine group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5",
    "arrivals": "select source, stream, office, file_name, file_sha256, version, came_at, delivery_id is null, problem"
    " from audit.arrival order by 1, 2, 3, 4, 5",
    "positions": "select source, stream, position from audit.position order by 1, 2",
    "list states": "select source, stream, version from audit.list_state order by 1, 2, 3",
    "releases": f"select kind, restores is null, {_nth('held.restores')}, verdict, reasons, content_sha256,"
    " warnings, because, asked_by"
    " from release.release as held order by release_id",
    "pointer": "select r.content_sha256 from release.pointer as p inner join release.release as r using (release_id)",
    "pins": f"select {_nth('pin.release_id')}, because, unpinned_because from release.pin as pin order by pinned_at",
    "closed periods": f"select jurisdiction, period, from_cut_off, to_cut_off, {_nth('p.release_id')}, figures, because"
    " from release.closed_period as p order by 1, 2",
    "cleaned": f"select {_nth('c.release_id')}, because from release.cleaned as c order by 1",
    "overrides": "select name, because, made_for from release.check_override order by 1, 2",
    "scopes": "select unit_key from release.reader_scope order by 1",
    "key": "select fingerprint from audit.pseudonym_key",
}
_ROWS = (
    "select count(*), md5(string_agg(row, '|' order by row collate \"C\")) from ("
    " select (to_jsonb(r) - %s::text[])::text as row from {}.{} as r) as rows"
)
#: What is told by numbers drawn from sequences; of a reading in pages also the place of a row in its page.
_NUMBERS = ["_delivery_id", "release_from", "release_to"]


def standing(deployed: Deployed) -> dict[str, Any]:
    """Everything that has to be the same: contents readers see, the ledger, landed rows, history."""
    if deployed.ask("select to_regclass('audit.schema_state') is null") == [(True,)]:
        return {}
    found: dict[str, Any] = {name: deployed.ask(query.replace("%", "%%")) for name, query in _LEDGER.items()}
    found["published"] = deployed.published()["content"]
    tables = deployed.ask(
        "select schemaname, tablename from pg_tables where schemaname in ('raw', 'history')"
        " and tablename <> 'quarantine' order by 1, 2"
    )
    with deployed.database.connect() as connection:
        for schema, table in tables:
            query = sql.SQL(_ROWS).format(sql.Identifier(schema), sql.Identifier(table))
            in_pages = any(table == f"{source}__{stream}" for source, stream, *_ in found["readings"])
            without = [*_NUMBERS, *(["_row_number"] if in_pages else [])]
            found[f"{schema}.{table}"] = connection.execute(query, (without,)).fetchall()
    return found


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is not the same in both, by name."""
    return {
        name: (one.get(name), other.get(name))
        for name in {*one, *other}
        if one.get(name) != other.get(name)
    }  # fmt: skip
