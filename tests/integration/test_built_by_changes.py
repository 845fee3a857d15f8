"""What a build writes that goes on from the last one is what a whole build writes, whatever was delivered in between.

Belongs here: builds over random deliveries, and when a build must be whole. Does not: the deliveries (shuffled_deliveries).
The province's own history goes the same way in tests/integration/province/test_province_moves_on.py.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
import yaml

from orchestration import building, dbt_project
from orchestration.session import NoProgress, open_session
from orchestration.settings import Settings, load_settings
from tests.conftest import Deployed
from tests.integration.shuffled_deliveries import Deliveries
from warehouse.database import Database, open_database

#: Everything that is made of dossiers' records and no report that is always made whole.
MODELS = (
    "+fct_dossier_verdict", "+fct_dossier_event", "+fct_dossier_step", "+fct_dossier_record", "+fct_digitisation",
    "+fct_sync_difference", "int_dossier__applicant", "+fct_timeliness",
)  # fmt: skip
#: Everything, reports too, or, when a build goes on, what reads anything that changed (orchestration/affected.py).
EVERYTHING = ()
#: As-of days of builds, one after the other: the next day, the same again, a weekend later, and one more.
DAYS = ("2023-03-02", "2023-03-03", "2023-03-03", "2023-03-06", "2023-03-07")
#: Everything but what is said about the build itself: what is news in it, and what stands there no more.
_CONTENTS = """
    select encode(sha256(convert_to(string_agg(line::text, E'\\n' order by line::text), 'UTF8')), 'hex')
    from (
        select to_jsonb(t) - 'is_news' as line
        from {} as t
        where to_jsonb(t) -> 'is_news' is null
            or coalesce(to_jsonb(t) ->> 'unit_code', to_jsonb(t) ->> 'limit_unit') is not null
    ) as lines
"""


@contextmanager
def _deployment(folder: Path, server: Deployed) -> Iterator[tuple[Callable[[str], Settings], Database]]:
    """A jurisdiction with three systems that nobody asks; gives its settings as of a day."""
    body = {
        "name": "x", "name_vi": "x", "zone": "Asia/Ho_Chi_Minh", "as_of": "2023-03-02", "policies": ["day", "qd766"],
        "default_policy": "day", "calendar": "vietnam", "time_rules": "vietnam", "cut_offs": ["2023-03-01"],
    }  # fmt: skip
    nobody = {"env": "NOBODY_ASKS"}
    service = {"address": nobody, "username": "x", "destination": "x", "agency": "000.00.00.H55", "password": nobody}
    sources = {
        "provincial": {"jurisdiction": "x", "database": nobody},
        "portal": {"jurisdiction": "x", "service": service},
        "one_stop": {"jurisdiction": "x", "path": str(folder)},
    }
    config = folder / "x.yml"
    config.write_text(yaml.safe_dump({"name": "x", "jurisdictions": {"x": body}, "sources": sources}), "utf-8")
    name = f"changes_{uuid.uuid4().hex[:8]}"

    def as_of(day: str) -> Settings:
        return load_settings(config, [f"jurisdictions.x.as_of={day}"], name)

    try:
        with open_database(as_of("2023-03-02").home, name) as database:
            yield as_of, database
    finally:
        with psycopg.connect(server.database.url, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())


def _build(settings: Settings, models: tuple[str, ...]) -> str | None:
    """Builds, and says why it was whole; None when it went on from the last one."""
    with open_session(settings, NoProgress(), None) as session:
        problems = building.build_models(session, dbt_project.prepare(settings), lambda _: None, models)
        assert problems == []
        with session.database.connect() as connection:
            [(because,)] = connection.execute(
                "select because from audit.build order by build_id desc limit 1"
            ).fetchall()
    return None if because is None else str(because)


def _contents(database: Database) -> dict[str, str]:
    with database.connect() as connection:
        tables = connection.execute(
            "select schemaname || '.' || tablename from pg_tables where schemaname in ('intermediate', 'candidate')"
            " and tablename not like '%touched' order by 1"
        ).fetchall()
        return {name: connection.execute(_CONTENTS.format(name).encode()).fetchall()[0][0] for (name,) in tables}


@pytest.mark.parametrize(
    ("seed", "models", "days"),
    [
        pytest.param(1, EVERYTHING, DAYS[:4], marks=pytest.mark.walk),
        pytest.param(2, MODELS, DAYS, marks=pytest.mark.long),
    ],
)
def test_going_on_gives_what_a_whole_build_gives(
    empty_database: Deployed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    models: tuple[str, ...],
    days: tuple[str, ...],
) -> None:
    monkeypatch.setenv("DBT_INDIRECT_SELECTION", "empty")  # the models: what is tested of rows is not the question here
    with _deployment(tmp_path, empty_database) as (as_of, database):
        with open_session(as_of("2023-03-02"), NoProgress(), None):
            pass  # the tables are there from now on
        why: list[str | None] = []
        for number, day in enumerate(days):
            with database.connect() as connection:
                deliveries = Deliveries(connection, Random(seed * 100 + number), made=number * 100)
                if number == 0:
                    deliveries.begin()
                else:
                    deliveries.limits = dict.fromkeys(("1.001", "1.002", "1.003", "1.004"), (5, "Ngày làm việc"))
                deliveries.day(number + 1)
            why.append(_build(as_of(day), models))
        assert why == ["nothing was built before", *[None] * (len(days) - 1)]
        [(touched, every)] = _counts(database)
        assert touched > 0, "the last day's deliveries touched dossiers"
        went_on = _contents(database)
        with database.connect() as connection:
            connection.execute("update audit.build set ended_at = null")
        assert _build(as_of(days[-1]), models) == "the build before did not end"
        whole = _contents(database)
        assert {name for name in whole if went_on[name] != whole[name]} == set()
        assert every > 100


def test_what_comes_bit_by_bit_is_looked_at_for_what_it_touches(empty_database: Deployed) -> None:
    """A source that a model built by what changed reads, and that int_code__touched does not, would change nothing."""
    manifest = dbt_project.prepare(empty_database.settings).manifest
    read = set(building.sources_of_models_built_by_changes(manifest))
    bit_by_bit = {
        ("raw", f"{contract.name}__{stream.name}")
        for contract in empty_database.settings.all_contracts
        for stream in contract.streams
        if stream.delivery == "incremental"
    }
    looked_at = building.sources_of(manifest, ["model.motcua.int_code__touched"])
    assert read & bit_by_bit, "the province's streams"
    assert read & bit_by_bit <= set(looked_at)


def test_what_reads_the_last_build_comes_before_it_is_replaced(empty_database: Deployed) -> None:
    """Two models without an order between them run in either: whichever came first would decide what is touched."""
    nodes = dbt_project.prepare(empty_database.settings).manifest["nodes"]
    models = {node["name"]: name for name, node in nodes.items() if node["resource_type"] == "model"}
    read = [
        (models[node["name"]], models[before])
        for node in nodes.values()
        for before in re.findall(r"as_built\('\w+', '(\w+)'\)", node["raw_code"])
        if before != node["name"]
    ]
    assert len(read) > 3
    assert [(reader, table) for reader, table in read if reader not in _before(nodes, table)] == []


def _before(nodes: dict[str, Any], model: str) -> set[str]:
    """Every node that a model waits for."""
    waiting, seen = [model], set[str]()
    while waiting:
        found = set(nodes.get(waiting.pop(), {}).get("depends_on", {}).get("nodes", [])) - seen
        seen |= found
        waiting += found
    return seen


@pytest.mark.walk
def test_what_another_hand_wrote_is_built_anew(copy_of_sample: Deployed) -> None:
    """One row of a candidate changed after the build: going on would publish it for ever."""
    [(key, unit)] = copy_of_sample.ask("select dossier_key, unit_key from candidate.fct_dossier order by 1 limit 1")
    copy_of_sample.do("update candidate.fct_dossier set unit_key = 'boston/nobody' where dossier_key = %s", key)
    copy_of_sample.do("update audit.run set inputs = 'others'")  # something is new, so that a run builds
    assert copy_of_sample.run().failure is None
    because = copy_of_sample.ask("select because from audit.build order by build_id desc limit 1")
    assert because == [("candidate.fct_dossier is not as the last build left it",)]
    assert copy_of_sample.ask("select unit_key from candidate.fct_dossier where dossier_key = %s", key) == [(unit,)]


def _counts(database: Database) -> list[tuple[int, int]]:
    with database.connect() as connection:
        return connection.execute(
            "select (select count(*) from intermediate.int_dossier__touched), (select count(*) from candidate.fct_dossier)"
        ).fetchall()


def test_where_nothing_changed_nothing_is_made(copy_of_sample: Deployed) -> None:
    """As a run is that was ended after its models were built: it goes on to the gate. What a rerun makes is made once."""

    def made(settings: Settings) -> set[str]:
        heard: list[str] = []
        with open_session(settings, NoProgress(), None) as session:
            prepared = dbt_project.prepare(settings)
            problems = building.build_models(session, prepared, lambda event: heard.append(node_of(event)))
            assert problems == []
            models = {name for name, node in prepared.manifest["nodes"].items() if node["resource_type"] == "model"}
            assert models <= session.left_alone | set(heard)
        return set(heard)

    def node_of(event: dict[str, Any]) -> str:
        return str(event["data"]["node_info"]["unique_id"])

    settings, before = copy_of_sample.settings, _contents(copy_of_sample.database)
    assert made(settings) == set()
    copy_of_sample.do("update audit.delivery set version = version + interval '1 s'")
    assert "model.motcua.int_delivery__ranked" in made(settings), "the table of deliveries is read by models"
    assert made(settings) == set()
    after = _contents(copy_of_sample.database)
    assert before["candidate.fct_delivery"] != after["candidate.fct_delivery"], "it tells the version"
    assert before["candidate.fct_dossier"] == after["candidate.fct_dossier"]
