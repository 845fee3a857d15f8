"""Due dates and working time of 340,000 dossiers, against a bare rewrite of the same rows by the same server.

Belongs here: that comparison, on the shipped models' own SQL. Does not: whether they are right (tests/integration/working_time).
"""

from __future__ import annotations

from functools import partial

import psutil
import psycopg
import yaml

from benchmarks.ground import Ground, settle
from benchmarks.rounds import line, seconds_of, take_turns, title
from expectations.suite import required_checks
from orchestration import dbt_project
from orchestration.settings import Settings, load_settings
from warehouse.database import open_database
from warehouse.migrate import migrate
from warehouse.reference import store_reference

DOSSIERS = 340_000
_CALENDARS = (
    "national_calendar", "national_hours", "national_day", "working_rule", "int_calendar__named", "int_calendar__stretch",
    "int_calendar__day", "int_calendar__working_day", "int_calendar__bucket",
)  # fmt: skip
_ASKED = """select dossier_key, 1::bigint as place, received_at + interval '20 hours' as asked_at,
        (received_at + interval '20 hours')::date as asked_on, received_at + interval '60 hours' as came_at,
        900::bigint as waited_minutes from intermediate.int_dossier__limited"""
_WAITED = """select dossier_key, 'thai_nguyen'::text as jurisdiction, 'supplement'::text as kind, asked_at as from_at,
        came_at as until_at, 0::bigint as worked_from, 900::bigint as worked_until"""
#: What the two models read, in the province's shape: a half year of receipts in working hours, one in ten in calendar
#: days, the last ones still open. Of the 346,141 dossiers that `make demo` makes, 7,399 are asked for papers and 15,606 wait
#: for a payment or are stopped: 2.1 and 4.5 %. Beside that, one in ten asked for papers.
_INPUTS = f"""
    create table intermediate.int_dossier__limited as
    select dossier_key, jurisdiction, zone, received_at, (received_at at time zone zone)::date as received_on,
        time_limit, limit_unit, limit_from, n
    from (select n, 'thai_nguyen/H55.' || n % 200 || '-230101-' || n as dossier_key, 'thai_nguyen'::text as jurisdiction,
        'Asia/Ho_Chi_Minh'::text as zone,
        '2023-01-03 07:00+07'::timestamptz + n % 175 * interval '1 day' + n % 600 * interval '61 seconds' as received_at,
        (1 + n % 30)::bigint as time_limit, case when n % 10 = 0 then 'calendar_days' else 'working_days' end as limit_unit,
        'dossier'::text as limit_from
    from generate_series(1, {DOSSIERS}) as n) as made;
    create table intermediate.int_dossier__current as
    select dossier_key, jurisdiction, zone, received_at, received_on, resolved_at,
        (resolved_at at time zone zone)::date as resolved_on, null::timestamptz as closed_otherwise_at
    from (select dossier_key, jurisdiction, zone, received_at, received_on,
        case when received_at < '2023-06-20' then received_at + time_limit * interval '19 hours' end as resolved_at
    from intermediate.int_dossier__limited) as ended;
    create table intermediate.int_supplement__waited as {_ASKED} where n % 47 = 5;
    create table intermediate.int_dossier__interrupted as {_WAITED} from intermediate.int_supplement__waited
    union all select dossier_key, jurisdiction, 'payment', received_at + interval '22 hours',
        received_at + interval '30 hours', 0, 240 from intermediate.int_dossier__limited where n % 23 = 7;
    create table intermediate.many_supplements as {_ASKED} where n % 10 = 5;
    create table intermediate.many_interruptions as {_WAITED} from intermediate.many_supplements;
    create table intermediate.no_supplements (like intermediate.int_supplement__waited);
    create table intermediate.no_interruptions (like intermediate.int_dossier__interrupted);
    analyze intermediate.int_dossier__limited, intermediate.int_dossier__current, intermediate.int_supplement__waited,
        intermediate.int_dossier__interrupted, intermediate.many_supplements, intermediate.many_interruptions;
"""
_BARE = {
    "due": "select dossier_key, jurisdiction, zone, received_at, received_on, time_limit, limit_unit, limit_from"
    " from intermediate.int_dossier__limited",
    "time": "select dossier_key, jurisdiction, zone, received_at, received_on, resolved_at, resolved_on, closed_otherwise_at"
    " from intermediate.int_dossier__current",
}


_MODELS = ["int_dossier__due", "int_dossier__working_time"]
#: The rows as the two models have written them, read from there and written once more.
_WRITTEN = {
    "int_dossier__due": "select dossier_key, jurisdiction, rule, received_at, time_limit, limit_unit, limit_from,"
    " counted_from_day, first_due_at, first_due_on, supplements_counted, due_at, due_on from intermediate.int_dossier__due",
    "int_dossier__working_time": "select dossier_key, jurisdiction, received_at, ended_at, elapsed_minutes,"
    " supplement_minutes, payment_minutes, stopped_minutes, spent_minutes, minutes_a_day"
    " from intermediate.int_dossier__working_time",
}


def _settings(ground: Ground) -> Settings:
    config = ground.folder / "working_time.yml"
    body = {
        "name": "Thái Nguyên", "name_vi": "Thái Nguyên", "zone": "Asia/Ho_Chi_Minh", "calendar": "vietnam",
        "time_rules": "vietnam", "as_of": "2023-07-01", "policies": ["day"], "default_policy": "day",
    }  # fmt: skip
    sources = {"boston311": {"jurisdiction": "thai_nguyen", "path": "nowhere"}}
    deployment = {"name": "working_time", "jurisdictions": {"thai_nguyen": body}, "sources": sources}
    config.write_text(yaml.safe_dump(deployment, allow_unicode=True), encoding="utf-8")
    return load_settings(config, database="working_time")


def _rewrite(connection: psycopg.Connection, query: str) -> float:
    """The seconds of a table made of a query, and thrown away."""
    seconds = seconds_of(lambda: connection.execute(f"create table intermediate.made as {query}".encode()))
    connection.execute("drop table intermediate.made")
    return seconds


def _waiting(model: str, share: str) -> str:
    """The same statement where that share of the dossiers was asked for papers."""
    for name, other in (("int_supplement__waited", "supplements"), ("int_dossier__interrupted", "interruptions")):
        model = model.replace(f'"{name}"', f'"{share}_{other}"')
    return model


def measure(ground: Ground, rounds: int) -> None:
    """Prints the comparison."""
    settings = _settings(ground)
    with open_database(settings.home, "working_time") as database:
        migrate(database, settings.all_contracts, required_checks())
        store_reference(database, settings.deployment, settings.contracts)
        prepared = dbt_project.prepare(settings)
        problems = dbt_project.build(settings, database, prepared, lambda _: None, _CALENDARS)
        if problems:
            raise RuntimeError("; ".join(problems))
        models = dbt_project.compiled(settings, database, prepared, _MODELS)
        with database.connect("motcua_transformer", autocommit=True) as connection:
            for setting in dbt_project.PLANNING.items():
                connection.execute("select set_config(%s, %s, false)", setting)
            connection.execute(_INPUTS.encode())
            for name, query in models.items():
                connection.execute(f"create table intermediate.{name} as {query}".encode())
            # One process at work, so that what it is busy with is all there is.
            connection.execute("set max_parallel_workers_per_gather = 0")
            settle(database)
            process = psutil.Process(connection.info.backend_pid)
            turns = {
                "read": list(_BARE.values()),
                "written": list(_WRITTEN.values()),
                "models": list(models.values()),
                "many": [_waiting(model, "many") for model in models.values()],
                "no": [_waiting(model, "no") for model in models.values()],
            }
            worked: dict[str, list[float]] = {name: [] for name in turns}

            def turn(name: str, queries: list[str]) -> float:
                before = process.cpu_times()
                seconds = sum(_rewrite(connection, query) for query in queries)
                after = process.cpu_times()
                worked[name].append(after.user + after.system - before.user - before.system)
                return seconds

            seconds = take_turns({name: partial(turn, name, queries) for name, queries in turns.items()}, rounds)
    title(
        f"working: due dates and working time of {DOSSIERS:,} dossiers",
        f"  median of {rounds} rounds (least to most), in turn, each into new tables of the same server.",
    )
    line("bare: the rows the two models write, written again", seconds["written"], seconds["written"])
    line("bare: the rows they read, written again", seconds["read"], seconds["written"])
    told = {
        "no": "due dates and working time, nobody waiting",
        "models": "due dates and working time, as in the province",
        "many": "due dates and working time, one in ten asked for papers",
    }
    for name, what in told.items():
        line(what, seconds[name], seconds["written"])
    line("server process busy: rows written", worked["written"], worked["written"])
    line("server process busy: rows read", worked["read"], worked["written"])
    for name, what in told.items():
        line(f"server process busy: {what}", worked[name], worked["written"])
