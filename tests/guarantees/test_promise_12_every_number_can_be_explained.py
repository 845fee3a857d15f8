"""Promise 12: every published number can be explained, down to the bytes it came from.

Belongs here: figures against the dossiers behind them, dossiers against the kept bytes, and bytes that were changed.
Does not: whether the figures are right (tests/integration/test_truth.py).
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from psycopg import Error
from psycopg.errors import InsufficientPrivilege

from contracts.failures import UsageError
from contracts.order import Order
from orchestration.cli.opened import reading
from orchestration.proving import held_against_bytes, prove
from reporting.explaining.conditions import FIGURES
from reporting.explaining.explain import explain
from reporting.explaining.model import Explanation
from reporting.figure_ids import Address
from tests.conftest import CONFIG, Deployed
from tests.guarantees.made_deliveries import WRITTEN, cases_of
from warehouse import ledger, releases
from warehouse.filestore import place_of

Motcua = Callable[..., subprocess.CompletedProcess[str]]
BOSTON = ZoneInfo("America/New_York")
CUT_OFFS = [datetime(y, m, d, tzinfo=BOSTON) for y, m, d in
            ((2015, 4, 1), (2015, 7, 1), (2015, 10, 1), (2016, 1, 1), (2016, 1, 13))]  # fmt: skip
SPLITS = ("unit", "competent_unit", "channel", "procedure")


def _address(figure: str, policy: str, cut_off: datetime, **narrowed: str) -> Address:
    return Address("boston", cut_off.isoformat(), figure, policy, narrowed)


def _explain(deployed: Deployed, address: Address, limit: int = 100_000) -> Explanation:
    with reading(deployed.database) as connection:
        return explain(connection, address, limit)


def _value(deployed: Deployed, address: Address) -> int:
    """The figure as a reader of marts would add it up, without the code that explains."""
    conditions = "".join(f" and {split}_key = %s" for split in address.narrowed)
    [(value,)] = deployed.ask(
        f"select coalesce(sum({address.what}), 0) from marts.fct_timeliness"
        f" where jurisdiction = %s and policy = %s and cut_off = %s{conditions}",
        "boston", address.policy, datetime.fromisoformat(address.when), *(f"boston/{v}" for v in address.narrowed.values()),
        role="motcua_bi",
    )  # fmt: skip
    return int(value)


def _codes(deployed: Deployed, split: str) -> list[str]:
    rows = deployed.ask(f"select distinct substr({split}_key, 8) from marts.fct_dossier order by 1")
    return [code for (code,) in rows]


def _assert_explained(deployed: Deployed, address: Address, proofs: int, choice: random.Random) -> int:
    told = _explain(deployed, address)
    assert told.problems == ()
    assert told.value == told.total == len(told.things) == _value(deployed, address), address
    assert len({thing.code for thing in told.things}) == told.total
    chosen = choice.sample(told.things, min(proofs, told.total))
    proved = held_against_bytes(deployed.settings, deployed.database, replace(told, things=tuple(chosen)))
    assert proved.holds, address
    for thing in proved.things:
        assert [row.proof for row in thing.landed] == [""]
        # The record begins with its number: the very dossier, not only some row of the file.
        assert thing.landed[0].record.split(",")[0] == thing.code
    return told.total


@pytest.mark.parametrize("figure", FIGURES)
def test_figures_of_every_kind_have_their_dossiers(boston: Deployed, figure: str) -> None:
    choice = random.Random(figure)
    total = 0
    for policy in ("instant", "day"):
        addresses = [_address(figure, policy, choice.choice(CUT_OFFS))]
        for split in SPLITS:
            code = choice.choice(_codes(boston, split))
            addresses.append(_address(figure, policy, choice.choice(CUT_OFFS), **{split: code}))
        total += sum(_assert_explained(boston, address, 3, choice) for address in addresses)
    # No dossier of Boston ends otherwise than by being closed, and none waits for anybody (those of the province do:
    # tests/integration/province).
    assert (total > 0) == (figure not in {"closed_otherwise", "pending_waiting", "pending_paused"})


def test_late_of_every_unit_at_every_cut_off(boston: Deployed) -> None:
    choice = random.Random(12)
    for cut_off in CUT_OFFS:
        units = _codes(boston, "unit")
        by_unit = [
            _assert_explained(
                boston, _address("late", "instant", cut_off, unit=unit), int(cut_off == CUT_OFFS[0]), choice
            )
            for unit in units
        ]
        assert len(units) == 14
        assert sum(by_unit) == _value(boston, _address("late", "instant", cut_off)) > 0


@pytest.mark.parametrize("cut_off", CUT_OFFS, ids=lambda moment: moment.date().isoformat())
def test_the_late_dossiers_are_those_of_the_file(boston: Deployed, deliveries: Path, cut_off: datetime) -> None:
    """Found again from the delivered text by other means: csv, strptime and the zone's rules."""
    expected = set()
    for case in cases_of(deliveries / "boston311" / "cases.csv"):
        received, due, closed = (_instant(case[name]) for name in ("OPEN_DT", "TARGET_DT", "CLOSED_DT"))
        if received and due and closed and received < cut_off and closed < cut_off and closed > due:
            expected.add(case["CASE_ENQUIRY_ID"])
    told = _explain(boston, _address("late", "instant", cut_off))
    assert {thing.code for thing in told.things} == expected
    assert len(expected) == told.value > 1_000


def test_a_question_goes_through_the_verdicts_once(copy_of_boston: Deployed) -> None:
    """With statistics of dossiers and none of the few deliveries, which is how a server has them after a minute."""
    scans = "select seq_scan, idx_scan from pg_stat_user_tables where relid = 'marts.fct_dossier_verdict'::regclass"
    copy_of_boston.do("analyze marts.fct_dossier, marts.fct_dossier_verdict")
    [before] = copy_of_boston.ask(scans)
    with reading(copy_of_boston.database) as connection:
        explain(connection, _address("late", "instant", CUT_OFFS[0]))
        connection.execute("select pg_stat_force_next_flush()")
    [after] = copy_of_boston.ask(scans)
    # Once to count; of the first twenty each is found by its key.
    assert 1 <= after[0] - before[0] <= 2 and after[1] - before[1] <= 25


def _instant(written: str) -> datetime | None:
    # A time that comes twice is the first, which is what fold=0 means. Compared in UTC: within one zone Python compares
    # the clock's hands.
    return datetime.strptime(written, WRITTEN).replace(tzinfo=BOSTON).astimezone(UTC) if written else None


def test_a_figure_that_does_not_add_up_is_told(copy_of_boston: Deployed, motcua: Motcua) -> None:
    address = _address("late", "instant", CUT_OFFS[0])
    whole = _value(copy_of_boston, address)
    copy_of_boston.do(
        "update marts.fct_timeliness set late = late + 1 where timeliness_key = (select min(timeliness_key)"
        " from marts.fct_timeliness where policy = 'instant' and cut_off = %s)",
        CUT_OFFS[0],
    )
    told = _explain(copy_of_boston, address)
    [problem] = told.problems
    assert f"fct_timeliness.late is published as {whole + 1:,}, and {whole:,} were counted" == problem
    on = ("--config", str(CONFIG), "--database", copy_of_boston.database.name)
    for form in ("table", "json", "html"):
        shown = motcua("explain", str(address), *on, "--limit", "1", "--format", form)
        assert (shown.returncode, problem in shown.stderr, problem in shown.stdout) == (1, True, True), form
    with pytest.raises(UsageError):
        _explain(copy_of_boston, _address("lateness", "instant", CUT_OFFS[0]))


@contextmanager
def _tampered(deployed: Deployed, change: Callable[[bytes], bytes | None]) -> Iterator[None]:
    """The kept file of Boston's delivery changed, or taken away, for the block; it is put back as it was."""
    [(sha256,)] = deployed.ask("select file_sha256 from audit.delivery where source = 'boston311'")
    place = place_of(deployed.settings.home, sha256)
    aside = place.with_name("aside")
    place.rename(aside)
    try:
        changed = change(aside.read_bytes())
        if changed is not None:
            place.write_bytes(changed)
        yield
    finally:
        aside.replace(place)


def _flip_one_bit(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


CHANGES: dict[str, Callable[[bytes], bytes | None]] = {"a bit flipped": _flip_one_bit, "missing": lambda _: None}


@pytest.mark.parametrize("change", CHANGES)
def test_bytes_that_were_changed_or_lost_are_told(boston: Deployed, motcua: Motcua, change: str) -> None:
    arguments = (
        "explain", "--config", str(CONFIG), "--database", boston.database.name, "--jurisdiction", "boston",
        "--figure", "late", "--unit", "PWDx", "--limit", "5",
    )  # fmt: skip
    with _tampered(boston, CHANGES[change]):
        broken = motcua(*arguments)
    assert broken.returncode == 1
    assert "5 of 5 rows cannot be proved: the kept file is missing or no longer has its hash" in broken.stderr
    whole = motcua(*arguments)
    assert (whole.returncode, whole.stderr) == (0, "")


def test_a_row_that_is_not_the_landed_one_is_told(boston: Deployed) -> None:
    """The file is whole, and the row number points at another record of it, or at none."""
    told = _explain(boston, _address("late", "instant", CUT_OFFS[0], unit="PWDx"), 1)
    [row] = told.things[0].landed
    moved, beyond = replace(row, row_number=row.row_number + 1), replace(row, row_number=10_000_000)
    right, wrong, none = prove(boston.settings, boston.database, [row, moved, beyond])
    assert right.problem == "" and right.record_sha256 == row.row_sha256
    assert wrong.problem == "the record in the file is not the one that landed"
    assert "there is no record 10,000,000" in none.problem


@pytest.mark.parametrize("model", ["fct_timeliness", "dim_policy", "fct_dossier_verdict"])
def test_the_sql_on_record_makes_what_is_published(sample: Deployed, model: str) -> None:
    """Asked again, as the role that builds, it gives the published rows and no others."""
    [(sql,)] = sample.ask(
        "select t.sql from audit.model_made as m inner join audit.model_text as t on t.sha256 = m.sha256 where m.model = %s",
        model,
    )
    listed = ", ".join(column for column in _columns(sample, model))
    for one, other in ((f"({sql})", f"marts.{model}"), (f"marts.{model}", f"({sql})")):
        differing = (
            f"select count(*) from (select {listed} from {one} as a except select {listed} from {other} as b) as d"
        )
        assert sample.ask(differing.replace("%", "%%")) == [(0,)]
    assert sample.ask(f"select count(*) > 0 from marts.{model}") == [(True,)]


def _columns(deployed: Deployed, table: str) -> list[str]:
    rows = deployed.ask("select unnest(columns) from release.mart where name = %s", table)
    return [name for (name,) in rows]


def test_a_wording_is_kept_once_and_a_changed_one_beside_it(copy_of_sample: Deployed) -> None:
    """A run with nothing new notes nothing; a changed as-of instant builds again by the same words."""
    noted = "select count(*), count(distinct run_id) from audit.model_made"
    before = copy_of_sample.ask(noted)
    assert before[0][0] > 100 and before[0][1] == 1
    assert copy_of_sample.run().failure is None
    assert copy_of_sample.ask(noted) == before
    for change in ("update audit.model_text set sql = ''", "delete from audit.model_made"):
        with pytest.raises(InsufficientPrivilege, match="evidence"):
            copy_of_sample.do(change)


def test_a_release_rolled_back_to_tells_the_run_that_made_it(copy_of_sample: Deployed) -> None:
    """Its own run built nothing; the contents, the checks and the SQL are those of the release it restores."""
    database = copy_of_sample.database
    [(first, made_by)] = copy_of_sample.ask("select release_id, run_id from release.release")
    for target in (first, first + 1):
        run_id = ledger.open_run(database, "test", {}, None)
        releases.roll_back(database, run_id, target, Order("to try it", "a test"))
        ledger.close_run(database, run_id, "published", None)
    address = _address("late", "instant", CUT_OFFS[0])
    told = _explain(copy_of_sample, address, 1)
    assert (told.release.kind, told.release.restores, told.run.run_id) == ("rollback", first + 1, made_by)
    assert told.release.is_published and told.holds and told.checks and told.statements[0].model == "fct_timeliness"
    with reading(database, first + 1) as connection:
        between = explain(connection, address, 1)
    assert (between.release.is_published, between.release.restores, between.run.run_id) == (False, first, made_by)
    assert between.holds and (between.value, between.total) == (told.value, told.total)


def test_sql_tells_the_same_to_whoever_may_ask(sample: Deployed) -> None:
    """audit.explain against what explains in Python, for every figure; the inspector may, BI may not."""
    for place, figure in enumerate(FIGURES):
        address = _address(figure, ("instant", "day")[place % 2], CUT_OFFS[place % len(CUT_OFFS)])
        told = _explain(sample, address, 3)
        rows = sample.ask("select * from audit.explain(%s, null, 3)", str(address), role="motcua_inspector")
        assert [row[1] for row in rows[:1]] == ([told.total] if told.total else []), address
        assert [(row[2], row[15], row[16], row[17]) for row in rows] == [
            (thing.code, row.file_sha256, row.row_number, row.row_sha256)
            for thing in told.things
            for row in thing.landed
        ], address
    for role in ("motcua_bi", "motcua_bi_unit", "motcua_loader"):
        with pytest.raises(InsufficientPrivilege):
            sample.ask("select * from audit.explain('boston/as_of/ranking.judged')", role=role)


@pytest.mark.parametrize(
    ("address", "says"),
    [("late", "no address"), ("boston//late", "no address"), ("boston/2015-04-01/lateness", "names no figure"),
     ("hue/2015-04-01/late", "names no figure")],
)  # fmt: skip
def test_sql_refuses_what_names_nothing(sample: Deployed, address: str, says: str) -> None:
    with pytest.raises(Error, match=says):
        sample.ask("select * from audit.explain(%s)", address, role="motcua_inspector")
    with pytest.raises(Error, match="does not exist or was refused"):
        sample.ask("select * from audit.explain('boston/2015-04-01/late', 999)", role="motcua_inspector")
