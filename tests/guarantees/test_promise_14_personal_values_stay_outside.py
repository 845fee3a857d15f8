"""Promise 14, personal data: no personal value of a file appears in the database, a message, a log or what a command prints.

Belongs here: planting names and numbers in every kind of drop, clean and dirty, and looking for them everywhere. Does not:
who may read which room (test_promise_14_no_one_reads_what_they_may_not.py).
"""

from __future__ import annotations

import hashlib
import hmac
import io
import logging
import re
import traceback
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from contracts.failures import MotcuaError
from contracts.source import StreamContract
from extractors.evidence import record_text
from extractors.row_hashes import RowHashes
from orchestration.cli import quarantine as quarantine_command
from orchestration.cli.main import tell
from orchestration.proving import prove
from orchestration.secrets import KEY_VARIABLE, pseudonym_key
from reporting.explaining.model import Landed
from reporting.forms import Form, Language
from tests import province_drops as made
from tests.conftest import Deployed
from tests.guarantees.partial_runs import deliver
from warehouse.filestore import readable

#: Letters that no other text in these files is made of, so that what is found was planted.
_LETTERS = "ẰẲẴẶỀỂỄỆỒỔỖỘỜỞỠỢỪỬỮỰ"
NAMES = st.text(_LETTERS, min_size=6, max_size=12).map(lambda text: f"Ngô {text.title()} Mật")
IDENTITIES = st.integers(0, 10**8 - 1).map(lambda number: f"9871{number:08}")
#: What else is wrong with the row of a person. The last ones put their name where it does not belong.
DIRT: dict[str, Callable[[str], dict[str, str]]] = {
    "nothing": lambda name: {},
    "no receipt": lambda name: {"received": ""},
    "a receipt in words": lambda name: {"received": "sáng thứ hai"},
    "a due date that is none": lambda name: {"due": "31/02/2023 08:00"},
    "an unknown state": lambda name: {"status": "đã chuyển"},
    "no code": lambda name: {"code": ""},
    "a name for a state": lambda name: {"status": f"trả cho {name}"},
    "a name for a due date": lambda name: {"due": name.upper()},
    "a name for a receipt": lambda name: {"received": f"{name}, 8 giờ"},
}
#: What is wrong with a file as a whole (comma-separated text).
WRECKS: dict[str, Callable[[str], str]] = {
    "whole": lambda person: "",
    "a line too short": lambda person: f"77,{person}\r\n",
    "a line too long": lambda person: ",".join(["x"] * 12 + [person, person]) + "\r\n",
    "cut off": lambda person: f"78,H55.12-230314-0078,,,,{person}",
    "an open quote": lambda person: f'79,"{person}\r\n',
}


@dataclass
class Register:
    """The rows of one file, the format it is written in, and who is in it."""

    people: list[tuple[str, str, str]]
    style: str
    wreck: str
    tag: str = field(default_factory=lambda: uuid.uuid4().hex[:10])

    def secrets(self) -> list[str]:
        """What must not be found."""
        return [text for name, identity, _ in self.people for text in (name, identity)]

    def rows(self) -> list[made.Row]:
        """A row a person, each with its dirt. The code carries a tag: no two files are alike."""
        rows = []
        for number, (name, identity, dirt) in enumerate(self.people, 1):
            changed = {"code": f"H55.12-{self.tag}-{number}", "who": name, "identity": identity} | DIRT[dirt](name)
            rows.append(made.row(number, **changed))
        return rows

    def write(self, folder: Path) -> None:
        """Writes it below the folder of the source."""
        unit = folder / f"H55.{self.tag}"
        name = f"H55.{self.tag}_20230331"
        if self.style == "workbook":
            made.write_workbook(unit / f"{name}.xlsx", self.rows(), [["Tổng", "", *self.secrets()[:1]]])
        elif self.style == "no head":
            first, *others = self.rows()
            made.write_workbook(unit / f"{name}.xlsx", others, head=list(first.values()))
        elif self.style == "unicode_text":
            made.write_unicode_text(unit / f"{name}.txt", self.rows())
        else:
            wreck = WRECKS[self.wreck](", ".join(self.people[0][:2]))
            made.write_csv(unit / f"{name}.csv", self.rows(), more=wreck)


REGISTERS = st.builds(
    Register,
    st.lists(st.tuples(NAMES, IDENTITIES, st.sampled_from(list(DIRT))), min_size=1, max_size=30),
    st.sampled_from(["workbook", "csv", "csv", "unicode_text", "no head"]),
    st.sampled_from(list(WRECKS)),
)


@pytest.fixture(scope="module")
def province(session_server: object, session_folder: Path) -> Iterator[Deployed]:
    """A deployment of one-stop drops. The files of earlier examples stay: an office's folder grows."""
    folder = session_folder / f"province {uuid.uuid4().hex[:8]}"
    folder.mkdir()
    for writer, name in (
        (made.write_workbook, "a.xlsx"),
        (made.write_csv, "a.csv"),
        (made.write_unicode_text, "a.txt"),
    ):
        writer(folder / "one_stop" / "H55.1" / name.replace("a.", "H55.1_20230101."), [made.row(1)])
    with made.deployed_drops(folder, f"personal_{uuid.uuid4().hex[:8]}", "one_stop") as ready:
        # Before any example: delivered with the first of them, they would be the later ones where its name comes first.
        deliver(ready, source="one_stop")
        yield ready
    address = ready.database.url.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(ready.database.name)))


def _found(text: str, secrets: Sequence[str]) -> list[str]:
    """Which secrets stand in a text, in whatever case or composition."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return [secret for secret in secrets if unicodedata.normalize("NFC", secret).casefold() in plain]


def _whole_database(deployed: Deployed) -> str:
    tables = deployed.ask(
        "select n.nspname, c.relname from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^(pg_|information_schema)'"
    )
    rows: list[str] = []
    with deployed.database.connect() as connection:
        for schema, name in tables:
            query = sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, name))
            rows += [str(line[0]) for line in connection.execute(query)]
    assert len(rows) > 10, "there was nothing to search"
    return "\n".join(rows)


def _told_while(act: Callable[[], Any]) -> str:
    """Everything an act says: what it prints, logs and raises, with the whole traceback."""
    told, logged = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(logged)
    logging.getLogger().addHandler(handler)
    with redirect_stdout(told), redirect_stderr(told):
        try:
            act()
        except MotcuaError as failure:
            tell(failure)
            told.write("".join(traceback.format_exception(failure)) + failure.hint)
        finally:
            logging.getLogger().removeHandler(handler)
    return told.getvalue() + logged.getvalue()


def _print_quarantine(deployed: Deployed, form: Form) -> None:
    on = (form, Language.vi, deployed.settings.config, deployed.database.name)
    quarantine_command.list_all(None, None, False, 100, *on)
    quarantine_command.list_all(None, None, True, 10_000, *on)
    newest = deployed.ask(
        "select distinct delivery_id, row_number from raw.quarantine"
        " where delivery_id = (select max(delivery_id) from raw.quarantine) order by row_number limit 3"
    )
    for delivery_id, row_number in newest:
        quarantine_command.show(delivery_id, row_number, *on)


def _witnesses(deployed: Deployed) -> list[Landed]:
    """Landed rows as evidence is asked for them, three of each file at most."""
    found = []
    for stream in ("workbook", "csv", "unicode_text"):
        found += deployed.ask(
            f"select 'record', 'one_stop', r.dossier_code, '{{}}'::jsonb, d.source, d.stream, d.file_name,"
            f" d.file_sha256, r._row_number, encode(r._row_sha256, 'hex'), d.delivery_id, d.version, d.landed_at, null, null"
            f" from raw.one_stop__{stream} as r inner join audit.delivery as d on d.delivery_id = r._delivery_id"
            f" where d.delivery_id = (select max(delivery_id) from audit.delivery"
            f" where stream = '{stream}' and rows_landed > 0)"
            " order by r._row_number limit 3"
        )
    return [Landed(*values) for values in found]


@pytest.mark.walk
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    # A smaller example would say no more, and each one is a delivery: shrinking took five minutes.
    phases=[Phase.explicit, Phase.generate],
)
@given(register=REGISTERS)
def test_no_personal_value_gets_out(province: Deployed, register: Register) -> None:
    register.write(province.settings.path_of("one_stop"))
    secrets = register.secrets()
    assert secrets
    told = _told_while(lambda: deliver(province, source="one_stop"))
    assert _found(told, secrets) == [], "in what the run says"
    assert _found(_whole_database(province), secrets) == [], "in the database"
    for form in (Form.table, Form.json, Form.csv):
        printed = _told_while(lambda form=form: _print_quarantine(province, form))  # type: ignore[misc]
        assert _found(printed, secrets) == [], "in the quarantine's listing"
    proofs = prove(province.settings, province.database, _witnesses(province))
    assert proofs
    assert {proof.problem for proof in proofs} == {""}
    assert _found("\n".join(proof.record for proof in proofs), secrets) == [], "in evidence"
    _remove_refused(province)


@pytest.mark.parametrize("style", ["csv", "unicode_text", "workbook"])
def test_an_identity_number_cannot_be_tried_against_a_record(province: Deployed, style: str) -> None:
    """Whoever reads all of the database and knows all of a record but the number: the right number looks like any other.

    What marts hold is made of raw by SQL, so what cannot be had from raw cannot be had from them.
    """
    person = ("Ngô Thử Mật", "987100112233", "nothing")
    Register([person, person], style, "whole").write(province.settings.path_of("one_stop"))
    deliver(province, source="one_stop")
    stream = province.settings.contracts["one_stop"].stream(style)
    records = [_as_guessed(province, stream, one) for one in _witnesses(province) if one.stream == style]
    assert records and all(person[1] in record for record in records)
    told = _whole_database(province)
    # All that could be a key: every word of the database in which one could hide.
    keys = {word.encode() for word in re.findall(r"[0-9A-Za-z_-]{12,}", told)}
    assert len(keys) > 10
    for record in (record.encode() for record in records):
        assert hashlib.sha256(record).hexdigest() not in told
        assert not [key for key in keys if hmac.new(key, record, "sha256").hexdigest() in told]
    right = RowHashes.of_stream(stream, pseudonym_key(province.settings.home, {}))
    assert all(right.one(record.encode()).hex() in told for record in records), "the guesses were not of what landed"


def _as_guessed(deployed: Deployed, stream: StreamContract, witness: Landed) -> str:
    with readable(deployed.settings.home, witness.file_sha256) as file:
        return record_text(stream, file, witness.row_number, RowHashes())[0]


def test_without_the_key_it_is_told_why_a_row_cannot_be_proved(
    province: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "another key, long enough")
    proofs = prove(province.settings, province.database, _witnesses(province))
    assert proofs and all("keyed, and the pseudonym key here has the fingerprint" in proof.problem for proof in proofs)
    assert all(KEY_VARIABLE in proof.hint and proof.record == "" for proof in proofs)


def _remove_refused(deployed: Deployed) -> None:
    """Takes a refused file out of the folder, as its office would: it would stop every later delivery of its stream."""
    last = deployed.ask("select file_name, outcome from audit.delivery_attempt order by attempt_id desc limit 1")
    for name, outcome in last:
        if outcome == "refused":
            for file in deployed.settings.path_of("one_stop").rglob(name):
                file.unlink()


def test_a_program_that_fails_keeps_people_to_itself(
    province: Deployed, motcua_process: Callable[..., CompletedProcess[str]], session_folder: Path
) -> None:
    """The installed program on a file it must refuse: its output, its log files and its state, but for the kept bytes."""
    name, identity = "Ngô ẰẲẴẶỀỂ Mật", "987100000001"
    people = [(name, identity, "a name for a state")] * 3
    register = Register(people, "csv", "cut off")
    register.write(province.settings.path_of("one_stop"))
    finished = motcua_process("run", "--config", str(province.settings.config), "--database", province.database.name)
    assert finished.returncode == 2, finished.stderr
    assert "was cut off" in finished.stderr
    listed = motcua_process(
        "quarantine", "list", "--each", "--config", str(province.settings.config), "--database", province.database.name
    )
    assert listed.returncode == 0
    assert _found(finished.stdout + finished.stderr + listed.stdout + listed.stderr, [name, identity]) == []
    home = province.settings.home
    searched = [path for folder in (home.state, home.logs) for path in folder.rglob("*") if path.is_file()]
    searched += [path for path in (home.server / "data").rglob("*") if path.is_file()]
    planted = [secret.encode() for secret in (name, name.casefold(), name.upper(), identity)]
    assert len(searched) > 10
    assert [path for path in searched if path.exists() and any(secret in path.read_bytes() for secret in planted)] == []
    kept = [path for path in home.files.rglob("*") if path.is_file() and planted[0] in path.read_bytes()]
    assert kept, "the bytes as received are kept all the same"
    _remove_refused(province)
