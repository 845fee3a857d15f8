"""Promise 11, the quarantine's way out: kept bytes read again by a mended contract lose nothing and count once.

Belongs here: replaying a dirty delivery, twice, and breaking off in the middle. Does not: what is quarantined at all
(test_promise_11_nothing_is_lost.py).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from contracts.failures import DeliveryRefused, UsageError
from contracts.records import RecordBatch
from extractors import drops
from orchestration import replaying
from orchestration.replaying import Wanted, replay
from orchestration.settings import PROJECT, load_settings
from tests.conftest import CONFIG, Deployed
from tests.guarantees.made_deliveries import cases_of, close_one_later, write_cases
from tests.guarantees.partial_runs import deliver
from warehouse import deliveries

Motcua = Callable[..., "subprocess.CompletedProcess[str]"]
CHANNEL, UNKNOWN = "Carrier Pigeon", "Fax"
BOOKS = (
    "select d.delivery_id, d.rows_read, d.rows_landed, d.rows_quarantined,"
    " (select count(*) from raw.boston311__case as r where r._delivery_id = d.delivery_id),"
    " (select count(distinct row_number) from raw.quarantine as q where q.delivery_id = d.delivery_id),"
    " d.retracted_at is null, d.superseded_by from audit.delivery as d where d.source = 'boston311' order by 1"
)
ROWS = "select md5(string_agg(r::text, '|' order by _row_number)) from raw.boston311__case as r where _delivery_id = %s"


def mended(folder: Path, file: Path, deliveries_folder: Path, **entry: Any) -> Path:
    """Boston's deployment file with a contract of its own, in which the channel's field reads otherwise."""
    contract = yaml.safe_load((PROJECT / "extractors" / "contracts" / "boston311.yml").read_text("utf-8"))
    [field] = [field for field in contract["streams"][0]["fields"] if field["name"] == "Source"]
    field.update(entry)
    (folder / "boston311.yml").write_text(yaml.safe_dump(contract), "utf-8")
    deployment = yaml.safe_load(CONFIG.read_text("utf-8"))
    deployment["sources"]["boston311"] |= {"contract": "boston311.yml", "path": str(file)}
    deployment["sources"]["cartas"]["path"] = str(deliveries_folder / "cartas")
    (folder / "mended.yml").write_text(yaml.safe_dump(deployment), "utf-8")
    return folder / "mended.yml"


@pytest.fixture
def dirty(copy_of_sample: Deployed, sampled: Path, tmp_path: Path) -> Path:
    """A newer delivery, landed, with three channels that the contract does not know."""
    cases = cases_of(sampled / "boston311" / "cases.csv")
    close_one_later(cases)
    for place, channel in ((5, CHANNEL), (6, CHANNEL), (7, UNKNOWN)):
        cases[place]["Source"] = channel
    file = write_cases(tmp_path / "cases.csv", cases)
    deliver(copy_of_sample, f"sources.boston311.path={file}")
    return file


def _known() -> list[str]:
    contract = yaml.safe_load((PROJECT / "extractors" / "contracts" / "boston311.yml").read_text("utf-8"))
    [field] = [field for field in contract["streams"][0]["fields"] if field["name"] == "Source"]
    return [*field["enumeration"], CHANNEL]


def test_a_mended_contract_reads_kept_bytes_again(
    copy_of_sample: Deployed, dirty: Path, sampled: Path, tmp_path: Path, motcua: Motcua
) -> None:
    database = copy_of_sample.database
    _, (second, read, landed, quarantined, *_, superseded) = copy_of_sample.ask(BOOKS)
    assert (quarantined, landed, superseded) == (3, read - 3, None)
    rows = copy_of_sample.ask(ROWS, second)
    config = mended(tmp_path, dirty, sampled, enumeration=_known())
    on = ("--config", str(config), "--database", database.name, "--format", "json")
    dirty.unlink()

    def asked(*arguments: str) -> Any:
        finished = motcua("quarantine", *arguments, *on)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    [line] = asked("list")
    assert (line["field"], line["rows"], line["deliveries"], line["last_delivery"]) == ("Source", 3, 1, second)
    assert [fault["value"] for fault in asked("list", "--each")] == [CHANNEL, CHANNEL, UNKNOWN]
    shown = asked("show", str(second), "9")
    assert UNKNOWN in shown["record"] and [fault["field"] for fault in shown["faults"]] == ["Source"]

    [told] = asked("replay", "--source", "boston311")
    third = told["delivery_id"]
    assert (told["replaces"], told["rows_read"], told["rows_quarantined"]) == (second, read, 1)
    books = copy_of_sample.ask(BOOKS)
    assert books[1:] == [
        (second, read, read - 3, 3, read - 3, 3, False, third),
        (third, read, read - 1, 1, read - 1, 1, True, None),
    ]
    assert copy_of_sample.ask(ROWS, second) == rows, "landed rows are never rewritten"
    assert _last_attempt(copy_of_sample) == ("landed", read, read - 1, 1, third)

    [again] = asked("replay", "--source", "boston311")
    assert (again["delivery_id"], again["replaces"]) == (third, None)
    assert copy_of_sample.ask(BOOKS) == books, "twice is once"
    assert _last_attempt(copy_of_sample) == ("already_landed", 0, 0, 0, third)
    [left] = asked("list")
    assert (left["rows"], left["last_row"]) == (1, 9)
    with pytest.raises(UsageError, match="read again"):
        deliveries.restore(database, second)
    assert motcua("quarantine", "replay", "--delivery", str(second), *on).returncode == 2


@pytest.mark.walk
def test_what_was_read_again_is_published_and_explained(
    copy_of_sample: Deployed, dirty: Path, sampled: Path, tmp_path: Path, motcua: Motcua
) -> None:
    """The figures before lacked two dossiers; after the replay and a run they are there, each proved once."""
    on = ("--config", str(mended(tmp_path, dirty, sampled, enumeration=_known())),
          "--database", copy_of_sample.database.name, "--jurisdiction", "boston", "--format", "json")  # fmt: skip
    replayed = motcua("quarantine", "replay", "--source", "boston311", *on[:4])
    assert (replayed.returncode, "1 of them otherwise: motcua run" in replayed.stdout) == (0, True), replayed.stderr
    ran = motcua("run", "-q", *on[:4])
    assert ran.returncode == 0, ran.stderr
    [received] = copy_of_sample.ask("select count(*) from marts.fct_dossier where jurisdiction = 'boston'")
    found = json.loads(motcua("explain", "--figure", "received", "--channel", CHANNEL, *on).stdout)
    assert (found["value"], {dossier["proof"] for dossier in found["dossiers"]}) == (2, {"agrees"})
    assert received == (len(cases_of(dirty)) - 1,)
    # The file stands once in the account of deliveries, and not as one withdrawn.
    assert copy_of_sample.ask(
        "select count(*), count(*) filter (where status = 'retracted') from marts.fct_delivery"
        " where source = 'boston311' and file_sha256 = (select file_sha256 from audit.delivery order by delivery_id desc limit 1)"
    ) == [(1, 0)]


class _PowerCut(Exception):
    """Something no one foresaw."""


def test_what_breaks_off_leaves_what_stood(
    copy_of_sample: Deployed, dirty: Path, sampled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(mended(tmp_path, dirty, sampled, enumeration=_known()), [], copy_of_sample.database.name)
    books = copy_of_sample.ask(BOOKS)

    def crashing(*given: Any, **named: Any) -> Iterator[RecordBatch]:
        yield from drops.read(*given, **named)
        raise _PowerCut

    class Reading:
        read = staticmethod(crashing)

    with monkeypatch.context() as patched, pytest.raises(_PowerCut):
        patched.setattr(replaying, "drops", Reading)
        replay(settings, copy_of_sample.database, Wanted("boston311"))
    assert copy_of_sample.ask(BOOKS) == books
    assert copy_of_sample.ask("select outcome from audit.delivery_attempt order by attempt_id desc limit 1") == [
        ("failed",)
    ]
    refusing = load_settings(
        mended(tmp_path, dirty, sampled, enumeration=["Nothing it holds"]), [], copy_of_sample.database.name
    )
    with pytest.raises(DeliveryRefused):
        replay(refusing, copy_of_sample.database, Wanted("boston311"))
    assert copy_of_sample.ask(BOOKS) == books
    assert copy_of_sample.ask("select outcome from audit.run order by started_at desc limit 1") == [("failed",)]


def test_the_same_bytes_count_once_whoever_writes_the_ledger(copy_of_sample: Deployed) -> None:
    """Not by care but by constraints: what is superseded is withdrawn, and bytes that count stand once."""
    with pytest.raises(psycopg.errors.CheckViolation, match="superseded_is_withdrawn"):
        copy_of_sample.do("update audit.delivery set superseded_by = delivery_id where delivery_id = 1")
    with pytest.raises(psycopg.errors.UniqueViolation, match="delivery_lands_once"):
        copy_of_sample.do(
            "insert into audit.delivery (source, stream, kind, file_sha256, file_name, bytes, version, version_rule,"
            " rows_read, rows_landed, rows_quarantined) select source, stream, kind, file_sha256, file_name, bytes, version,"
            " version_rule, rows_read, rows_landed, rows_quarantined from audit.delivery where delivery_id = 1"
        )


def _last_attempt(deployed: Deployed) -> tuple[Any, ...]:
    return deployed.ask(
        "select outcome, rows_read, rows_landed, rows_quarantined, delivery_id from audit.delivery_attempt"
        " order by attempt_id desc limit 1"
    )[0]
