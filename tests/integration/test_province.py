"""The province in a box at a hundredth of its size: every system read by its own way in, dirt included, and the published
figures are those it was made to have.

Belongs here: whole runs over all stand-ins at once. Does not: single readers (tests of extractors, of the portal, of
tables), or the generator's own promises (tests/unit/demo).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest

from demo.box import CONFIG, standing
from demo.province.generate import advance, generate
from orchestration.delivering import deliver_stream
from orchestration.running import RunSummary, run_job
from orchestration.session import NoProgress, Stretch, open_session
from orchestration.settings import Settings, load_settings
from tests.conftest import Deployed
from tests.form_rows import differences_from_the_provinces_account
from warehouse.database import Database, open_database
from warehouse.server.launcher import EmbeddedServer

ZONE = "Asia/Ho_Chi_Minh"
#: The half year as form II.06a counts it, from dossiers and verdicts.
COUNTED = """
    with period as (select %s::timestamp at time zone %s as a, %s::timestamp at time zone %s as b),
    dossier as (
        select d.*, v.verdict, period.a, period.b,
            (d.resolved_at >= a and d.resolved_at < b and d.closed_otherwise_at is null) is true as done,
            coalesce(d.resolved_at, d.closed_otherwise_at) as ended_at
        from marts.fct_dossier as d
        inner join marts.fct_dossier_verdict as v on v.dossier_key = d.dossier_key and v.policy = 'day'
        inner join marts.dim_unit as u on u.unit_key = d.unit_key
        cross join period
        where %s::text is null or %s in (u.level, u.statistics_code, split_part(u.parent_unit_key, '/', 2))
    )
    select count(*) filter (where received_at < a and (ended_at is null or ended_at >= a)) as opening,
        count(*) filter (where received_at >= a and received_at < b) as received,
        count(*) filter (where done) as resolved,
        count(*) filter (where done and verdict = 'early') as early,
        count(*) filter (where done and verdict = 'on_due_day') as on_due_day,
        count(*) filter (where done and verdict in ('early', 'on_due_day')) as on_time,
        count(*) filter (where done and verdict = 'late') as late,
        count(*) filter (where not done and closed_otherwise_at >= a and closed_otherwise_at < b) as closed_otherwise,
        count(*) filter (where received_at < b and (ended_at is null or ended_at >= b)) as pending
    from dossier
"""


@dataclass(frozen=True, slots=True)
class Province:
    """A made province whose systems are up, and the warehouse it was read into."""

    folder: Path
    arguments: list[str]
    database: Database

    def settings(self, database: str | None = None, *more: str) -> Settings:
        given = [value for flag, value in pairwise(self.arguments) if flag == "--set"]
        return load_settings(CONFIG, [*given, *more], database or self.database.name)

    def truth(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "truth.json").read_text(encoding="utf-8")))

    def ledger(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "ledger.parquet")

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.database.connect() as connection:
            return connection.execute(query.encode(), values).fetchall()

    def counted(self, begin: str, end: str, part: str | None = None) -> dict[str, int]:
        with self.database.connect() as connection:
            cursor = connection.execute(COUNTED, (begin, ZONE, end, ZONE, part, part))
            assert cursor.description is not None
            return dict(zip([column.name for column in cursor.description], cursor.fetchone() or (), strict=True))


def _run(settings: Settings, stretch: Stretch | None = None) -> RunSummary:
    summary = run_job(settings, NoProgress(), stretch or Stretch())
    assert summary.failure is None, (summary.failure, summary.reasons, summary.silent)
    return summary


@pytest.fixture(scope="module")
def province(session_server: EmbeddedServer, session_folder: Path) -> Iterator[Province]:
    folder = session_folder / "tỉnh thu nhỏ"
    generate(folder, scale=0.01)
    with standing(folder) as arguments:
        given = [value for flag, value in pairwise(arguments) if flag == "--set"]
        settings = load_settings(CONFIG, given, "province")
        with open_database(settings.home, "province") as database:
            _run(settings)
            yield Province(folder, arguments, database)


def _differences(ours: dict[str, int], theirs: dict[str, Any]) -> dict[str, tuple[int, Any]]:
    return {name: (value, theirs[name]) for name, value in ours.items() if value != theirs[name]}


def test_the_half_year_and_each_month(province: Province) -> None:
    truth = province.truth()
    assert _differences(province.counted("2023-01-01", "2023-07-01"), truth["half_year"]) == {}
    for month in truth["half_year_by_month"]:
        year, number = map(int, month["month"].split("-"))
        assert _differences(province.counted(f"{year}-{number:02}-01", f"{year}-{number + 1:02}-01"), month) == {}


def test_every_district_and_level(province: Province) -> None:
    truth = province.truth()
    districts = dict(province.ask("select statistics_code, unit_code from marts.dim_unit where level = 'district'"))
    for district in truth["half_year_by_district"]:
        if district["district"] == "province":
            ours = province.counted("2023-01-01", "2023-07-01", "province")
        else:
            own = province.counted("2023-01-01", "2023-07-01", district["district"])
            below = province.counted("2023-01-01", "2023-07-01", districts[district["district"]])
            ours = {name: own[name] + below[name] for name in own}
        assert _differences(ours, district) == {}, district["name"]
    for level, theirs in truth["half_year_by_level"].items():
        assert _differences(province.counted("2023-01-01", "2023-07-01", level), theirs) == {}, level


def test_published_figures_and_claims(province: Province) -> None:
    truth = province.truth()
    rows = province.ask(
        "select sum(received), sum(resolved) from marts.fct_timeliness where policy = 'day'"
        " and cut_off = '2023-07-01'::timestamp at time zone %s",
        ZONE,
    )
    month_on = "sum(case when {} >= '2023-01-01' then {} end)"
    [(received, on_time)] = province.ask(
        f"select {month_on.format('received_month', 'received')}, {month_on.format('resolved_month', 'on_time')}"
        " from marts.fct_timeliness where policy = 'day' and cut_off = '2023-07-01'::timestamp at time zone %s",
        ZONE,
    )
    assert rows and (received, on_time) == (truth["half_year"]["received"], truth["half_year"]["on_time"])
    claims = {row[0]: (row[1], row[2]) for row in province.ask("select claim, ours, claimed from marts.rpt_claim")}
    # The catalogue and the units do not shrink with the scale: they must be the article's.
    whole = (
        "decisions", "in_decisions", "new_procedures", "abolished_procedures", "in_force", "in_force_province",
        "in_force_district", "in_force_commune", "interlinked_same_level", "interlinked_across", "workflows",
        "workflow_rate", "districts", "communes",
    )  # fmt: skip
    assert {name: claims[name] for name in whole if claims[name][0] != claims[name][1]} == {}
    scaled = {"received": "received", "resolved": "resolved", "on_time": "on_time"}
    assert {claim: claims[claim][0] for claim in scaled} == {
        claim: truth["half_year"][name] for claim, name in scaled.items()
    }
    assert claims["visits"][0] == truth["visits"]


def test_the_official_forms_row_by_row(province: Province) -> None:
    assert differences_from_the_provinces_account(province.ask, province.truth()) == {}


def test_the_union_is_what_counts(province: Province) -> None:
    """Which system holds which dossier is on record, and each dossier is one, under however many codes."""
    coverage = pl.read_parquet(province.folder / "coverage.parquet")
    found = province.ask(
        "select split_part(d.dossier_key, '/', 2), bool_or(r.system = 'provincial'), bool_or(r.system = 'one_stop'),"
        " bool_or(r.system = 'portal') from marts.fct_dossier as d"
        " inner join marts.fct_dossier_record as r on r.dossier_key = d.dossier_key group by 1"
    )
    ours = {row[0]: row[1:] for row in found}
    counted = coverage.filter("counted")
    theirs = {
        row["dossier_code"]: (row["in_provincial"], row["in_one_stop"], row["in_portal"])
        for row in counted.iter_rows(named=True)
    }
    assert ours == theirs
    rules = dict(province.ask("select identified_by, count(*) from marts.fct_dossier_record group by 1"))
    assert set(rules) == {"own_code", "same_code", "other_code", "agency_id_order", "only_here"}


_RECOVERED = {
    "NgayKetThucXuLy": ("resolved_at", "resolved_from"),
    "NgayHenTra": ("due_at", "due_from"),
}
_SPEAKER = {"progress": "steps"}


def test_wrong_values_are_recovered_from_where_the_rule_says(province: Province) -> None:
    planted = province.ledger().filter(pl.col("caught_as") == "recovered")
    assert set(planted["kind"]) >= {"d04_finish_empty", "d09_due_year_one", "d12_finish_before_receipt"}
    for row in planted.iter_rows(named=True):
        value, speaker = _RECOVERED[row["field"]]
        [(ours, said)] = province.ask(
            f"select ({value} at time zone %s)::text, {speaker} from marts.fct_dossier where dossier_code = %s",
            ZONE, row["dossier_code"],
        )  # fmt: skip
        assert said == _SPEAKER.get(row["rule"], row["rule"]), row
        # A one-stop register writes no seconds.
        assert ours[:16] == row["expected"][:16], row


def test_no_edit_after_the_date_had_passed_rescues(province: Province) -> None:
    planted = province.ledger().filter(pl.col("caught_as") == "never_rescues")
    assert set(planted["kind"]) == {"d12_due_edited_after_it_passed", "x05_supplement_deleted"}
    for row in planted.iter_rows(named=True):
        [(due,)] = province.ask(
            "select (due_at at time zone %s)::text from marts.fct_dossier where dossier_code = %s",
            ZONE, row["dossier_code"],
        )  # fmt: skip
        assert due[:19] == row["expected"][:19], row


def test_what_the_systems_do_not_say_alike_is_listed(province: Province) -> None:
    kinds = {
        "d07_missing_in_province": "missing_in_province", "d07_missing_on_portal": "missing_on_portal",
        "d07_twice_on_portal": "twice_on_portal", "d01_pause_shown_as_finished": "status_differs",
        "d07_last_update_missing_on_portal": "status_differs", "d04_one_status": "status_differs",
    }  # fmt: skip
    listed = {
        tuple(row)
        for row in province.ask("select split_part(dossier_key, '/', 2), kind from marts.fct_sync_difference")
    }
    coverage = pl.read_parquet(province.folder / "coverage.parquet").filter("counted")
    on_portal = set(coverage.filter("in_portal")["dossier_code"])
    for row in province.ledger().filter(pl.col("kind").is_in(list(kinds))).iter_rows(named=True):
        if row["kind"] == "d07_missing_in_province" and row["dossier_code"] not in on_portal:
            # Known to a one-stop office alone: missing on the portal as well.
            assert (row["dossier_code"], "missing_on_portal") in listed, row
        else:
            assert (row["dossier_code"], kinds[row["kind"]]) in listed, row


def test_what_cannot_be_read_is_in_quarantine_and_in_no_figure(province: Province) -> None:
    ledger = province.ledger()
    held = province.ask("select source, stream, whole_row, count(*) from raw.quarantine group by 1, 2, 3")
    rows = {(source, stream): count for source, stream, whole, count in held if whole}
    fields = {(source, stream): count for source, stream, whole, count in held if not whole}
    planted = ledger.filter(pl.col("caught_as") == "row_quarantined").group_by("system", "stream").len()
    assert {(row[0], row[1]): row[2] for row in planted.iter_rows()} == {
        key: len({tuple(number) for number in province.ask(
            "select delivery_id, row_number from raw.quarantine where source = %s and stream = %s and whole_row", *key
        )}) for key in rows
    }  # fmt: skip
    unreadable = ledger.filter(pl.col("caught_as") == "field_quarantined").group_by("system", "stream").len()
    for system, stream, count in unreadable.iter_rows():
        assert fields[system, stream] == count
    gone = ledger.filter(~pl.col("in_totals") & (pl.col("dossier_code") != ""))["dossier_code"].to_list()
    assert province.ask("select count(*) from marts.fct_dossier where dossier_code = any(%s)", gone) == [(0,)]


def test_new_procedures_without_a_code_are_found_by_name(province: Province) -> None:
    planted = province.ledger().filter(pl.col("kind") == "x06_new_without_code")
    ours = province.ask(
        "select split_part(procedure_key, '/', 2) from marts.fct_decision_line where action = 'new' and coded_by = 'name'"
    )
    assert sorted(row[0] for row in ours) == sorted(planted["expected"].to_list()) != []


def test_nothing_was_written_to_the_portal(province: Province) -> None:
    incidents = province.folder / "portal_incidents.txt"
    assert not incidents.exists() or incidents.read_text(encoding="utf-8") == ""


def test_a_run_with_nothing_new_does_nothing(province: Province) -> None:
    before = province.ask("select count(*) from audit.delivery")
    summary = _run(province.settings())
    assert (summary.changed, summary.published) == (False, True)
    assert province.ask("select count(*) from audit.delivery") == before
    last = province.ask("select outcome from audit.run order by started_at desc limit 1")
    checks = "select count(*) from release.check_result where run_id = %s"
    assert last == [("unchanged",)] and province.ask(checks, summary.run_id) == [(0,)], "nothing was built or checked"


#: Everything a table says but where its rows stand in which kept batch: that differs with how the source was read.
_CONTENTS = """
    select encode(sha256(string_agg(line, E'\\n' order by line)::bytea), 'hex') from (
        select (to_jsonb(t) - 'release_from' - 'file_sha256' - 'row_number')::text as line from {} as t
    ) as lines
"""


def _contents(database: Database, schema: str) -> dict[str, str | None]:
    with database.connect() as connection:
        names = [row[0] for row in connection.execute("select name from release.mart order by name").fetchall()]
        return {
            name: (connection.execute(_CONTENTS.format(f'{schema}."{name}"').encode()).fetchone() or (None,))[0]
            for name in names
        }


def test_a_backfill_in_any_order_gives_the_same(province: Province) -> None:
    settings = province.settings("backfilled")
    months = [(5, 6), (2, 3), (6, 8), (1, 2), (3, 4), (4, 5)]
    body = settings.deployment.jurisdictions["thai_nguyen"]
    stretches = [Stretch(body.instant(f"2023-{a:02}-01"), body.instant(f"2023-{b:02}-01")) for a, b in months]
    with open_database(settings.home, "backfilled") as database:
        for stretch in [*stretches, Stretch(None, body.instant("2023-01-01"))]:
            with open_session(settings, NoProgress(), None, stretch) as session:
                for source in ("provincial", "portal"):
                    for stream in session.settings.contracts[source].streams:
                        deliver_stream(session, source, stream)
        _run(settings)
        assert _contents(database, "marts") == _contents(province.database, "marts")


#: Where secrets are kept on purpose, readable by their owner alone.
_KEPT_SECRETS = {"pseudonym_key", "provincial.json", "passwords.json", "server.json", "readers.json"}


def _traces(province: Province, told: str) -> Iterator[tuple[str, str]]:
    """Everything a run leaves behind outside raw rows and kept files: what it said, its history and logs, the database."""
    yield "output", told
    state = province.settings().home.state
    for file in sorted(state.rglob("*")):
        if file.is_file() and file.name not in _KEPT_SECRETS and not _is_private(file):
            yield str(file.relative_to(state)), file.read_bytes().decode("utf-8", "replace")
    tables = province.ask(
        "select format('%%I.%%I', schemaname, tablename) from pg_tables where schemaname in"
        " ('audit', 'release', 'reference', 'intermediate', 'candidate', 'marts', 'history') order by 1"
    )
    raw = province.ask(
        "select format('%%I.%%I', schemaname, tablename) from pg_tables where schemaname = 'raw' order by 1"
    )
    for (table,) in [*tables, *raw]:
        rows = province.ask(f"select string_agg(t::text, E'\\n') from {table} as t")
        yield table, str(rows[0][0])


def _is_private(file: Path) -> bool:
    """A secret's own place: a private file of a line or two."""
    return file.stat().st_mode & 0o077 == 0 and file.stat().st_size < 400


def test_no_secret_and_no_person_in_what_a_run_leaves(
    province: Province, motcua: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """The whole run is done again, for another as-of instant, and everything it left is searched."""
    again = ["--set", "jurisdictions.thai_nguyen.as_of=2023-07-02", "--format", "json", "--database", "province"]
    finished = motcua("run", *province.arguments, *again)
    assert finished.returncode == 0, finished.stderr
    private = province.folder / "secrets"
    url = (private / "provincial_url").read_text(encoding="utf-8").strip()
    state = province.settings().home.state
    secrets = {
        (private / "portal_password").read_text(encoding="utf-8").strip(), urlsplit(url).password or "",
        (state / "pseudonym_key").read_text(encoding="utf-8").strip(),
    }  # fmt: skip
    assert len(secrets) == 3 and all(len(secret) > 15 for secret in secrets)
    people = pl.read_parquet(province.folder / "portal" / "LayDanhSachHoSo.parquet")
    identities = set(people["SoGiayToChuHoSo"].drop_nulls().to_list()) - {""}
    phones = set(people["SoDienThoai"].drop_nulls().to_list()) - {""}
    assert len(identities) > 1_000 and len(phones) > 1_000
    for place, text in _traces(province, finished.stdout + finished.stderr):
        assert not [secret for secret in secrets if secret in text], f"a secret in {place}"
        assert "Thử Nghiệm" not in text, f"a name in {place}"
        numbers = set(re.findall(r"(?<![0-9a-f.])[0-9]{9,12}(?![0-9a-f.])", text))
        assert not numbers & (identities | phones), f"an identity or phone number in {place}"


def test_days_pass_and_corrections_come(province: Province) -> None:
    """Last in this module: the province is three days older afterwards."""
    standing_before = province.ask("select release_id from release.pointer")
    deliveries = province.ask("select max(delivery_id) from audit.delivery")
    advance(province.folder, 3)
    with standing(province.folder) as arguments:
        later = Province(province.folder, arguments, province.database)
        summary = _run(later.settings())
        assert summary.changed and later.ask("select release_id from release.pointer") != standing_before
        now = later.truth()["half_year_as_known_now"]
        assert _differences(later.counted("2023-01-01", "2023-07-01"), now) == {}
        assert now["received"] > later.truth()["half_year"]["received"], "a late delivery belongs to the half year"
        read = (
            "select sum(rows_read) from audit.delivery where delivery_id > %s and source = 'provincial' and stream = %s"
        )
        [(steps,)] = later.ask(read, deliveries[0][0], "progress")
        [(every,)] = later.ask("select count(distinct id) from raw.provincial__progress")
        assert 0 < steps < 0.05 * every, "only what changed was read again"


def test_fixtures_are_used(province: Province, boston: Deployed) -> None:
    """Boston's database and the province's stand side by side on one server, by the same models."""
    assert boston.ask("select distinct jurisdiction from marts.fct_dossier") == [("boston",)]
    assert province.ask("select distinct jurisdiction from marts.fct_dossier") == [("thai_nguyen",)]
