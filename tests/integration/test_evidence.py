"""Evidence of real releases: what the manifest says is what the database and the files hold, and old packs stay the same.

Belongs here: packs made of a published deployment, by the program's own commands. Does not: damage of every kind
(tests/unit/evidence).
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from contracts.checks import CheckResult
from contracts.order import Order
from expectations.suite import load_suite
from orchestration import dbt_project, steps
from orchestration.cli.opened import reading
from orchestration.packing import pack_release
from orchestration.session import NoProgress
from orchestration.settings import PROJECT
from reporting.evidence.keys import make_pair, signer_of
from tests.conftest import CONFIG, Deployed
from tests.guarantees.partial_runs import ORDER, all_green, change_of, open_run, publish_unchecked, session_on
from tests.runbook import shown_files
from tests.unit.evidence.packs import payload_of
from warehouse import manifests, releases, retention

Motcua = Callable[..., subprocess.CompletedProcess[str]]
PAIR = make_pair()
KEYS = {"MOTCUA_EVIDENCE_KEY": PAIR.private_pem}


@pytest.fixture
def public(tmp_path: Path) -> Path:
    place = tmp_path / "nhà xuất bản.pub"
    place.write_text(PAIR.public_pem)
    return place


def _pack(deployed: Deployed, release_id: int, folder: Path) -> Path:
    signer = signer_of(PAIR.private_pem, "the test")
    with reading(deployed.database, release_id) as connection:
        pack_release(deployed.database, connection, release_id, folder, signer, NoProgress())
    return folder


def _bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _predicate(folder: Path, name: str = "manifest.json") -> Any:
    return payload_of(folder / name)["predicate"]


def _content_by_hand(file: Path) -> tuple[int, str]:
    """The rule of docs/runbooks/evidence.md, character by character."""
    text = file.read_bytes().decode()
    with file.open(encoding="utf-8", newline="") as opened:
        cells = list(csv.DictReader(opened))
    hashes = [hashlib.sha256(f"({row})".encode()).digest() for row in _rows(text)][1:]
    bits = next(bits for bits in range(25) if len(hashes) <= 32 * 2**bits)
    buckets: dict[str, list[bytes]] = {}
    for found, row in zip(hashes, cells, strict=True):
        placing = hashlib.sha256(row["dossier_key"].encode()).digest() if "dossier_key" in row else found
        buckets.setdefault("".join(f"{byte:08b}" for byte in placing)[:bits], []).append(found)
    together = (hashlib.sha256(b"".join(sorted(buckets[first]))).digest() for first in sorted(buckets))
    return len(hashes), hashlib.sha256(b"".join(together)).hexdigest()


def _rows(text: str) -> Iterator[str]:
    begun, quoted = 0, False
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "\n" and not quoted:
            yield text[begun:at]
            begun = at + 1


def test_a_published_release_goes_round(copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path, public: Path) -> None:
    on = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    folder = tmp_path / "chứng cứ"
    made = motcua("evidence", "1", "--out", str(folder), *on, **KEYS)
    assert made.returncode == 0, made.stderr
    assert "fct_dossier" in made.stderr, "progress is shown"
    assert PAIR.private_pem.splitlines()[1] not in made.stdout + made.stderr
    said = motcua("verify", str(folder), "--key", str(public), "--format", "json", "--quiet")
    assert (said.returncode, said.stderr) == (0, ""), said.stdout
    recorded = copy_of_sample.ask("select content from release.release where release_id = 1")[0][0]
    assert json.loads(said.stdout) == {
        "good": True, "release": 1, "files": 2 + len(recorded), "chain": [], "mismatches": [],
        "tables": {name: held["rows"] for name, held in sorted(recorded.items())},
    }  # fmt: skip
    assert "as it was signed" in motcua("verify", str(folder), MOTCUA_EVIDENCE_PUBLIC_KEY=str(public)).stdout
    for name, held in recorded.items():
        assert _content_by_hand(folder / "tables" / f"{name}.csv") == (held["rows"], held["sha256"]), name
    victim = folder / "tables" / "fct_dossier.csv"
    victim.write_bytes(victim.read_bytes().replace(b"PWDx", b"PWDy", 1))
    found = motcua("verify", str(folder), "--key", str(public))
    assert found.returncode == 1
    assert "tables/fct_dossier.csv: holds other rows than were published" in found.stdout
    found = motcua("verify", str(folder), "--key", str(public), "--format", "json")
    assert (found.returncode, json.loads(found.stdout)["good"]) == (1, False)


def test_a_table_reads_as_what_was_published(sample: Deployed, copy_of_sample: Deployed, tmp_path: Path) -> None:
    """By a common reader of delimited text, value for value; a backslash stands twice, times are UTC."""
    folder = _pack(copy_of_sample, 1, tmp_path / "pack")
    for table in ("fct_dossier", "dim_unit", "dim_procedure"):
        with (folder / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            columns, *rows = csv.reader(file)
        assert columns == copy_of_sample.ask("select columns from release.mart where name = %s", table)[0][0]
        listed = ", ".join(f"coalesce({column}::text, '')" for column in columns)
        wanted = copy_of_sample.ask(f"select {listed} from marts.{table}")
        short = {"t": "true", "f": "false"}
        booleans = {
            column
            for (column,) in copy_of_sample.ask(
                "select attname from pg_attribute where attrelid = %s::regclass and atttypid = 'boolean'::regtype",
                f"marts.{table}",
            )
        }
        read = [
            tuple(
                short.get(value, value) if column in booleans else value.replace("\\\\", "\\")
                for column, value in zip(columns, row, strict=True)
            )
            for row in rows
        ]
        assert sorted(read) == sorted(wanted), table


def test_the_script_of_the_runbook_finds_the_signed_hash(copy_of_sample: Deployed, tmp_path: Path) -> None:
    """As an inspector would run it who has no motcua: a file of a few lines, and Python."""
    folder = _pack(copy_of_sample, 1, tmp_path / "pack")
    script = tmp_path / "content_hash.py"
    script.write_text(shown_files("evidence.md")["content_hash.py"])
    signed = {subject["name"]: subject["digest"] for subject in payload_of(folder / "manifest.json")["subject"]}
    held = _predicate(folder)["tables"]
    for table, placed_by in (("dim_unit", []), ("fct_dossier_verdict", ["dossier_key"])):
        assert [held[table][part] for part in ("placed_by",) if part in held[table]] == placed_by
        found = subprocess.run(
            [sys.executable, "-I", str(script), str(folder / "tables" / f"{table}.csv"), *placed_by],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert signed[table] == {"motcuaBucketsSha256": found.stdout.strip()}


def test_the_manifest_says_what_is_so(copy_of_sample: Deployed, sampled: Path, tmp_path: Path) -> None:
    told = _predicate(_pack(copy_of_sample, 1, tmp_path / "pack"))
    held = copy_of_sample.ask("select run_id::text, created_by, created_at from release.release")[0]
    assert (told["run"]["run_id"], told["release"]["created_by"]) == held[:2]
    assert told["release"]["created_at"] == held[2].isoformat()
    assert told["previous"] is None
    delivered = {d["stream"]: d for d in told["inputs"]["deliveries"] if d["source"] == "boston311"}
    cases = (sampled / "boston311" / "cases.csv").read_bytes()
    assert delivered["case"]["file_sha256"] == hashlib.sha256(cases).hexdigest()
    assert delivered["case"]["rows_read"] == len(cases.splitlines()) - 1
    assert len(told["inputs"]["deliveries"]) == copy_of_sample.ask("select count(*) from audit.delivery")[0][0]
    assert told["inputs"]["as_built"] is True
    assert {check["name"] for check in told["checks"]} == {
        name for (name,) in copy_of_sample.ask("select name from release.required_check")
    }
    assert all(check["succeeded"] or check["severity"] == "warn" for check in told["checks"])
    program = told["built"]["program"]
    lock = (PROJECT / "requirements.lock").read_bytes()
    assert program["requirements_lock_sha256"] == hashlib.sha256(lock).hexdigest()
    assert f"dbt-core=={program['tools']['dbt-core']} ".encode() in lock
    assert f"great-expectations=={program['tools']['great-expectations']} ".encode() in lock
    if (PROJECT / ".git").exists():
        asked = subprocess.run(
            ["git", "-C", str(PROJECT), "rev-parse", "HEAD"], capture_output=True, check=True, text=True
        )
        assert program["commit"].removesuffix("-dirty") == asked.stdout.strip()
    text = json.dumps(told, ensure_ascii=False)
    assert str(copy_of_sample.settings.home.root) not in text
    assert copy_of_sample.database.password not in text


def test_the_manifest_names_the_invocation_of_dbt(copy_of_sample: Deployed, tmp_path: Path) -> None:
    """Of the build that made the candidates, or of the one before where it had nothing to make; null where none was noted."""
    [(noted, began, ended)] = copy_of_sample.ask("select dbt, started_at, ended_at from audit.build")
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert f"dbt-core=={noted['version']} " in lock
    assert began < datetime.fromisoformat(noted["generated_at"]) < ended
    copied = (
        "insert into audit.build (run_id, basis, standing, upto_delivery, as_whole, started_at, ended_at)"
        " select run_id, basis, standing, upto_delivery, false, started_at, ended_at from audit.build returning build_id"
    )
    with copy_of_sample.database.connect() as connection, connection.transaction(force_rollback=True):
        [(later,)] = connection.execute(copied.encode()).fetchall()
        built = manifests.facts_of(connection, 1)["built"]
        assert (built["build_id"], built["dbt"]) == (later, noted)
        connection.execute("update audit.build set dbt = null")
        assert manifests.facts_of(connection, 1)["built"]["dbt"] is None
    assert _predicate(_pack(copy_of_sample, 1, tmp_path / "pack"))["built"]["dbt"] == noted


def test_the_invocation_is_the_one_that_dbt_tells_of(copy_of_sample: Deployed) -> None:
    prepared = dbt_project.prepare(copy_of_sample.settings)
    heard: list[dict[str, Any]] = []
    ended: list[dict[str, str]] = []
    problems = dbt_project.build(
        copy_of_sample.settings, copy_of_sample.database, prepared, heard.append, ["stg_cartas__service"],
        on_ended=ended.append,
    )  # fmt: skip
    assert problems == [] and heard
    assert {event["info"]["invocation_id"] for event in heard} == {told["invocation_id"] for told in ended}
    assert ended[0]["generated_at"] >= heard[-1]["info"]["ts"][:19]


def test_inputs_are_those_that_stood_then(copy_of_sample: Deployed, tmp_path: Path) -> None:
    """Whatever was withdrawn since; and where the ledger no longer shows what the build noted, the manifest says so."""
    withdraw = (
        "update audit.delivery set retracted_because = 'x', retracted_at = (select started_at from audit.build) + %s::interval"
        " where source = 'boston311'"
    )
    copy_of_sample.do(withdraw, "1 hour")
    with copy_of_sample.database.connect("motcua_inspector") as connection:
        after = manifests.facts_of(connection, 1)["inputs"]
    copy_of_sample.do(withdraw, "-1 hour")
    with copy_of_sample.database.connect("motcua_inspector") as connection:
        before = manifests.facts_of(connection, 1)["inputs"]
    assert {delivery["source"] for delivery in after["deliveries"]} == {"boston311", "cartas"}
    assert {delivery["source"] for delivery in before["deliveries"]} == {"cartas"}
    assert (after["as_built"], before["as_built"]) == (True, False)


def test_what_was_borne_is_told_with_who_bore_it(copy_of_sample: Deployed, tmp_path: Path) -> None:
    odd = next(check.name for check in load_suite() if check.severity == "warn")
    with session_on(copy_of_sample) as session:
        change_of(copy_of_sample, 1)()
        releases.seal_candidates(session.database, session.run_id)
        said = [CheckResult(r.name, r.name != odd, "odd" if r.name == odd else r.message) for r in all_green()]
        releases.record_checks(session.database, session.run_id, said)
        assert steps.publish(session).verdict == "pass"
        copy_of_sample.do(
            "select release.override_check(%s, %s, 'looked into it', 'Nguyễn Văn A')", session.run_id, odd,
            role="motcua_publisher",
        )  # fmt: skip
    told = _predicate(_pack(copy_of_sample, 2, tmp_path / "pack"))
    [check] = [check for check in told["checks"] if not check["succeeded"]]
    assert (check["name"], check["severity"], check["message"], check["ran"]) == (odd, "warn", "odd", True)
    assert (check["overridden_because"], check["overridden_for"]) == ("looked into it", "Nguyễn Văn A")
    assert told["release"]["warnings"] == [f"{odd}: odd"]


def test_an_old_releases_pack_is_the_one_made_when_it_was_current(
    copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path, public: Path
) -> None:
    """Byte for byte; and releases that nobody made evidence of get their manifests with the next one."""
    first = _bytes_of(_pack(copy_of_sample, 1, tmp_path / "then"))
    for number in (1, 2):
        assert publish_unchecked(copy_of_sample, change_of(copy_of_sample, number)).changed
    assert releases.publish(copy_of_sample.database, open_run(copy_of_sample)).verdict == "fail"
    back, _ = releases.roll_back(copy_of_sample.database, open_run(copy_of_sample), 1, ORDER)
    [passed] = copy_of_sample.ask(
        "select array_agg(release_id order by release_id) from release.release where verdict = 'pass'"
    )
    assert (passed[0], back) == ([1, 2, 3, 5], 5)
    on = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    made = motcua("evidence", "5", "--out", str(tmp_path / "last"), *on, **KEYS)
    assert "manifests made now for releases before it: 2, 3\n" in made.stdout, made.stderr
    checked = motcua("verify", str(tmp_path / "last"), "--key", str(public), "--format", "json", "--quiet")
    assert (checked.returncode, json.loads(checked.stdout)["chain"]) == (0, [3, 2, 1])
    assert _bytes_of(_pack(copy_of_sample, 1, tmp_path / "now")) == first
    assert (tmp_path / "last" / "chain" / "release-1.json").read_bytes() == first["manifest.json"]
    rolled = _predicate(tmp_path / "last")
    assert (rolled["release"]["kind"], rolled["release"]["restores"]) == ("rollback", 1)
    assert (rolled["release"]["because"], rolled["release"]["asked_by"]) == (ORDER.because, ORDER.person)
    original = _predicate(tmp_path / "then")
    assert rolled["run"]["run_id"] != original["run"]["run_id"]
    for part in ("checks", "checked_in_run", "built", "inputs"):
        assert rolled[part] == original[part], "what came back was built and checked then"
    restored = {name: held for name, held in _bytes_of(tmp_path / "last").items() if name.startswith("tables/")}
    assert restored == {name: held for name, held in first.items() if name.startswith("tables/")}


def test_a_cleaned_release_has_a_manifest_and_no_pack(
    copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path, public: Path
) -> None:
    for number in (1, 2):
        assert publish_unchecked(copy_of_sample, change_of(copy_of_sample, number)).changed
    assert retention.clean(copy_of_sample.database, 1, Order("enough", "the test")).cleaned == (1, 2)
    on = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    refused = motcua("evidence", "1", "--out", str(tmp_path / "gone"), *on, **KEYS)
    assert (refused.returncode, "was cleaned on" in refused.stderr) == (2, True)
    assert not (tmp_path / "gone").exists()
    last = _pack(copy_of_sample, 3, tmp_path / "last")
    assert _predicate(last, "chain/release-1.json")["tables"].keys() == _predicate(last)["tables"].keys()
    checked = motcua("verify", str(last), "--key", str(public), "--format", "json", "--quiet")
    assert (checked.returncode, json.loads(checked.stdout)["chain"]) == (0, [2, 1])


def test_what_was_changed_past_the_program_is_not_signed(
    copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path
) -> None:
    with copy_of_sample.database.connect() as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update marts.dim_unit set unit_key = unit_key || '?' where unit_key = 'boston/PARK'")
    on = ("--config", str(CONFIG), "--database", copy_of_sample.database.name)
    refused = motcua("evidence", "1", "--out", str(tmp_path / "pack"), *on, **KEYS)
    assert (refused.returncode, "of dim_unit that are not the" in refused.stderr) == (1, True), refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_use_is_told(sample: Deployed, motcua: Motcua, tmp_path: Path, public: Path) -> None:
    on = ("--config", str(CONFIG), "--database", sample.database.name)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "open").write_text(PAIR.private_pem)
    (tmp_path / "open").chmod(0o644)
    for words, arguments, environment in (
        ("does not exist or was refused", ("evidence", "999", "--out", str(tmp_path / "a"), *on), KEYS),
        ("is not empty", ("evidence", "1", "--out", str(tmp_path / "full"), *on), KEYS),
        ("no key to sign evidence with", ("evidence", "1", "--out", str(tmp_path / "a"), *on), {}),
        (
            "mode 0644",
            ("evidence", "1", "--out", str(tmp_path / "a"), *on),
            {"MOTCUA_EVIDENCE_KEY_FILE": str(tmp_path / "open")},
        ),
        ("Missing option '--key'", ("verify", str(tmp_path)), {}),
        ("there is no folder", ("verify", str(tmp_path / "nowhere"), "--key", str(public)), {}),
        ("cannot be read", ("verify", str(tmp_path), "--key", str(tmp_path / "no.pub")), {}),
        ("holds no public key", ("verify", str(tmp_path), "--key", str(tmp_path / "open")), {}),
    ):
        told = motcua(*arguments, **environment)
        assert (told.returncode, words in told.stderr) == (2, True), (arguments, told.stderr)
    assert not (tmp_path / "a").exists()
    assert motcua("verify", str(tmp_path), "--key", str(public)).returncode == 1, (
        "a folder that is no pack proves nothing"
    )


def test_a_database_that_holds_no_evidence_is_told(
    copy_of_sample: Deployed, empty_database: Deployed, motcua: Motcua, tmp_path: Path
) -> None:
    copy_of_sample.do("drop table release.manifest")
    for deployed in (copy_of_sample, empty_database):
        on = ("--config", str(CONFIG), "--database", deployed.database.name)
        told = motcua("evidence", "1", "--out", str(tmp_path / "pack"), *on, **KEYS)
        assert (told.returncode, "made by an older version" in told.stderr) == (2, True), told.stderr
        assert list(tmp_path.iterdir()) == []


def test_keys_are_made_once(motcua: Motcua, tmp_path: Path) -> None:
    made = motcua("keys", "init", "--out", str(tmp_path / "keys"))
    assert made.returncode == 0, made.stderr
    private, other = (tmp_path / "keys" / name for name in ("evidence_key", "evidence_key.pub"))
    assert signer_of(private.read_text(), "it").public_key.keyid in made.stdout
    assert private.read_text().splitlines()[1] not in made.stdout
    before = (private.read_bytes(), other.read_bytes())
    again = motcua("keys", "init", "--out", str(tmp_path / "keys"))
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    assert (private.read_bytes(), other.read_bytes()) == before


def test_the_database_holds_the_chain_itself(copy_of_sample: Deployed, tmp_path: Path) -> None:
    """What would leave a hole, or is of another release, is refused; of two for one release the first stands."""
    for number in (1, 2):
        assert publish_unchecked(copy_of_sample, change_of(copy_of_sample, number)).changed
    third = (_pack(copy_of_sample, 3, tmp_path / "pack") / "manifest.json").read_bytes()
    database = copy_of_sample.database
    assert manifests.keep_manifest(database, 3, b'{"payload": "e30="}') == third
    publish_unchecked(copy_of_sample, change_of(copy_of_sample, 3))
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="no manifest of release 4 after release 3"):
        manifests.keep_manifest(database, 4, third)
    copy_of_sample.do("drop trigger rows_are_evidence on release.manifest")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        copy_of_sample.do("delete from release.manifest where release_id = 2")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        copy_of_sample.do("update release.manifest set previous_sha256 = sha256 where release_id = 3")
    with pytest.raises(psycopg.errors.CheckViolation):
        copy_of_sample.do("update release.manifest set envelope = envelope || ' ' where release_id = 3")
