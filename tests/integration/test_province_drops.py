"""The province's drops landed: three formats of one register, decisions with an empty list, a queue; pseudonyms held to
their key; databases from before brought up to date.

Belongs here: what reaches the database. Does not: reading files (tests/unit/extractors/test_office_drops.py), or that
people cannot be named (tests/guarantees/test_promise_14_personal_values_stay_outside.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from contracts.failures import DeliveryRefused, SourceUnavailable
from extractors import drops
from orchestration.secrets import KEY_VARIABLE, pseudonym_key
from tests import province_drops as made
from tests.conftest import Deployed
from tests.guarantees.partial_runs import deliver, session_on
from warehouse.filestore import keep
from warehouse.landing import Arrival, Landed, land
from warehouse.pseudonym_key import PseudonymKeyChanged
from warehouse.quarantine import Which, each

STREAMS = ("workbook", "csv", "unicode_text")
BOOKS = """
    select d.stream, d.rows_read, d.rows_landed, d.rows_quarantined,
        (select count(distinct q.row_number) from raw.quarantine as q where q.delivery_id = d.delivery_id and q.whole_row),
        (select count(*) from raw.quarantine as q where q.delivery_id = d.delivery_id and not q.whole_row)
    from audit.delivery as d order by d.delivery_id
"""


@pytest.fixture
def province(empty_database: Deployed, tmp_path: Path) -> Iterator[Deployed]:
    """Units with a register in each format, a decision and a day's queue; nothing landed yet."""
    rows = [made.row(number) for number in range(1, 31)]
    rows[3] = made.row(4, due="01/01/0001", status="Xong")
    rows[4] = made.row(5, received="hôm nay")
    stop = tmp_path / "one_stop"
    made.write_workbook(stop / "H55.1" / "H55.1_20230331.xlsx", rows, [["Tổng cộng", "", "30 hồ sơ"]])
    made.write_csv(stop / "H55.2" / "H55.2_20230331.csv", rows)
    made.write_unicode_text(stop / "H55.3" / "H55.3_20230331.txt", rows)
    made.write_decision(tmp_path / "decisions" / "decisions" / "QD_12_20230214.xlsx", 12, new=3, abolished=0)
    with made.deployed_drops(tmp_path, f"drops_{uuid.uuid4().hex[:8]}", "one_stop", "decisions") as ready:
        yield ready
    with psycopg.connect(empty_database.database.url, autocommit=True) as connection:
        connection.execute(f"drop database {ready.database.name} with (force)".encode())


def test_the_books_balance_with_rows_and_with_fields(province: Deployed) -> None:
    deliver(province, source="one_stop")
    assert province.ask(BOOKS) == [
        ("workbook", 31, 29, 2, 2, 2),
        ("csv", 30, 29, 1, 1, 2),
        ("unicode_text", 30, 29, 1, 1, 2),
    ]
    lines, total = each(province.database, Which("one_stop"), 100)
    assert total == len(lines) == 3 * 3 + 2  # the totals line lacks its code and its receipt
    assert {(line["field"], line["whole_row"]) for line in lines} == {
        ("Ngày hẹn trả", False), ("Trạng thái", False), ("Ngày tiếp nhận", True), ("Số hồ sơ", True),
    }  # fmt: skip
    for stream in STREAMS:
        assert province.ask(
            f"select count(*), count(due_at), count(status) from raw.one_stop__{stream} where received_at is not null"
        ) == [(29, 28, 28)]
    deliver(province, source="one_stop")
    assert province.ask("select outcome, count(*) from audit.delivery_attempt group by 1 order by 1") == [
        ("already_landed", 3), ("landed", 3),
    ]  # fmt: skip


def test_one_person_has_one_pseudonym_in_every_format(province: Deployed) -> None:
    deliver(province, source="one_stop")
    seen = {
        found for stream in STREAMS
        for found in province.ask(f"select distinct applicant_identity, applicant_name from raw.one_stop__{stream}")
    }  # fmt: skip
    assert len(seen) == 1
    key = pseudonym_key(province.settings.home, {})
    assert province.ask("select fingerprint from audit.pseudonym_key") == [(key.fingerprint,)]


def test_a_list_without_a_line_is_a_delivery_of_nothing(province: Deployed) -> None:
    # The catalogue's export is not there: its stream stays silent, the decision's lists land all the same.
    with pytest.raises(SourceUnavailable, match="no file of stream catalogue"):
        deliver(province, source="decisions")
    assert province.ask("select stream, rows_read, rows_landed from audit.delivery order by delivery_id") == [
        ("head", 1, 1), ("new_procedure", 3, 3), ("amended_procedure", 0, 0), ("abolished_procedure", 0, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["full", "snapshot"])
def test_the_ledger_takes_nothing_for_an_increment_only(province: Deployed, kind: str) -> None:
    deliver(province, source="one_stop")
    with pytest.raises(psycopg.errors.CheckViolation, match="only_increments_are_empty"):
        province.do("update audit.delivery set kind = %s, rows_read = 0, rows_landed = 0, rows_quarantined = 0", kind)


def test_another_key_is_a_named_error(province: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "0123456789abcdef-one")
    deliver(province, source="one_stop")
    rows = province.ask("select count(*) from raw.one_stop__csv")
    monkeypatch.setenv(KEY_VARIABLE, "0123456789abcdef-two")
    made.write_csv(province.settings.path_of("one_stop") / "H55.2" / "H55.2_20230430.csv", [made.row(77)])
    with pytest.raises(PseudonymKeyChanged, match="personal values have landed in drops_") as caught:
        deliver(province, source="one_stop")
    assert "0123456789abcdef" not in str(caught.value) + caught.value.hint
    assert province.ask("select count(*) from raw.one_stop__csv") == rows
    monkeypatch.setenv(KEY_VARIABLE, "0123456789abcdef-one")
    deliver(province, source="one_stop")
    assert province.ask("select count(*) from raw.one_stop__csv") == [(rows[0][0] + 1,)]
    for statement in ("update audit.pseudonym_key set fingerprint = fingerprint", "delete from audit.pseudonym_key"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            province.do(statement, role="motcua_loader")


def test_a_database_from_before_is_brought_up_to_date(province: Deployed) -> None:
    deliver(province, source="one_stop")
    entries = province.ask("select count(*) from raw.quarantine")
    for statement in (
        "drop table audit.pseudonym_key",
        "alter table raw.quarantine drop column whole_row",
        "alter table audit.delivery drop constraint only_increments_are_empty",
        "alter table audit.delivery add constraint delivery_rows_read_check check (rows_read > 0)",
        "update audit.schema_state set digest = 'older'",
    ):
        province.do(statement)
    with pytest.raises(SourceUnavailable, match="no file of stream catalogue"):
        deliver(province, source="decisions")
    assert (0,) in province.ask("select rows_read from audit.delivery")
    # What was quarantined before had been quarantined whole.
    assert province.ask("select whole_row, count(*) from raw.quarantine group by 1") == [(True, entries[0][0])]


def test_files_in_a_row_share_a_connection_and_not_their_fate(province: Deployed, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    files = [
        made.write_csv(folder / "H55.7_20230401.csv", [made.row(1)]),
        made.write_csv(folder / "H55.8_20230401.csv", [made.row(2)], more="3,cut off"),
        made.write_csv(folder / "H55.9_20230401.csv", [made.row(3)]),
    ]
    landed: list[Landed | str] = []
    with session_on(province) as session, session.database.connect("motcua_loader") as loader:
        source = session.settings.contracts["one_stop"]
        stream = source.stream("csv")
        for file in files:
            kept = keep(session.settings.home, file)
            version = drops.file_name_version(stream.version, kept.name, source.zone)  # type: ignore[arg-type]
            arrival = Arrival(session.run_id, source.name, stream, kept, version, "file_name")
            records = drops.read(stream, source, kept.path, kept.name, pseudonyms=session.pseudonyms(stream))
            try:
                landed.append(land(session.database, arrival, records, loader))
            except DeliveryRefused as refusal:
                landed.append(refusal.problem.value)
            assert loader.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert landed[1] == "truncated"
    assert province.ask("select count(*) from raw.one_stop__csv") == [(2,)]
    assert province.ask("select file_name, outcome from audit.delivery_attempt order by attempt_id") == [
        (files[0].name, "landed"), (files[1].name, "refused"), (files[2].name, "landed"),
    ]  # fmt: skip
