"""A PostgreSQL of the user's own, named by MOTCUA_DATABASE_URL: Debian's, as a login that is no superuser.

Belongs here: what must also work on somebody else's server. Needs Debian's `postgresql` package (installed when root and
missing), hence `make test-system`.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from demo.__main__ import unpack
from orchestration.instance import free_port
from tests.conftest import CONFIG

pytestmark = pytest.mark.system
Program = Callable[..., "subprocess.CompletedProcess[str]"]


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found and os.geteuid() == 0:
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        subprocess.run(["apt-get", "-qq", "install", "--no-install-recommends", "postgresql"], check=True)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("Debian's postgresql is not installed, and only root can install it")
    return found[-1].parent


@pytest.fixture(scope="module")
def own_server() -> Iterator[str]:
    """A URL with an awkward password; the login owns its database, may create roles, and nothing more."""
    binaries = _binaries()
    as_whom: dict[str, Any] = {"cwd": "/"}
    folder = Path(tempfile.mkdtemp(prefix="motcua-own-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        as_whom |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        os.chown(folder, account.pw_uid, account.pw_gid)
    port = free_port()

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(binaries / program), "-D", str(folder / "data"), *arguments], check=True, stdout=-3, **as_whom
        )

    call("initdb", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-E", "UTF8")
    call(
        "pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-p {port} -k '' -h 127.0.0.1 -c timezone=Asia/Tokyo", "start"
    )
    try:
        with psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", autocommit=True) as administrator:
            administrator.execute("create role builder login createrole password 'b@/:x'")
            administrator.execute("create database boston owner builder")
        yield f"postgresql://builder:b%40%2F%3Ax@127.0.0.1:{port}/boston"
    finally:
        call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("deliveries")
    unpack(folder)
    return [part for name in ("boston311", "cartas") for part in ("--set", f"sources.{name}.path={folder / name}")]


def test_the_whole_pipeline_on_a_server_of_ones_own(
    own_server: str, sources: list[str], motcua_process: Program, truth: Callable[[str], dict[str, Any]]
) -> None:
    """Its time zone is Tokyo's: no figure may depend on the server's."""
    for expected in ("is published", "nothing changed"):
        ran = motcua_process("run", "-q", "--config", str(CONFIG), *sources, MOTCUA_DATABASE_URL=own_server)
        assert ran.returncode == 0, ran.stderr
        assert expected in ran.stdout
    cut_offs = truth("boston311_2015q1")["cutoffs"]
    told = motcua_process("figures", "--format", "json", "--cut-off", *cut_offs, MOTCUA_DATABASE_URL=own_server)
    for row in json.loads(told.stdout):
        theirs = cut_offs[row["cut_off"]]["overall"]
        assert {name: row[name] for name in theirs if name in row} == {k: v for k, v in theirs.items() if k in row}


def test_what_it_may_not_do_there_it_says(own_server: str, motcua_process: Program) -> None:
    for command, says in (
        (["db", "start"], "not motcua's to start"),
        (["db", "url", "--as", "bi"], "grant motcua_bi to"),
    ):
        finished = motcua_process(*command, MOTCUA_DATABASE_URL=own_server)
        assert finished.returncode == 2
        assert says in finished.stderr
    finished = motcua_process("figures", "--database", "another", MOTCUA_DATABASE_URL=own_server)
    assert finished.returncode == 3
    assert "may not create one" in finished.stderr


def test_a_backup_and_its_way_back_there(own_server: str, motcua: Program, tmp_path: Path) -> None:
    """Into an empty database an administrator made, with the programs of the server's version where they are at hand."""
    with psycopg.connect(_as_administrator(own_server), autocommit=True) as administrator:
        administrator.execute("create database brought_back owner builder")
    url = {"MOTCUA_DATABASE_URL": own_server}
    made = motcua("backup", str(tmp_path / "kept"), "--config", str(CONFIG), **url)
    assert made.returncode == 0, made.stderr
    restored = motcua("restore", str(tmp_path / "kept"), "--database", "brought_back", **url)
    assert restored.returncode == 0, restored.stderr
    assert "release 1 proved" in restored.stdout
    figures = ("figures", "--jurisdiction", "boston", "--by", "unit", "--format", "json")
    told = [motcua(*figures, "--database", name, **url) for name in ("boston", "brought_back")]
    assert [finished.returncode for finished in told] == [0, 0], told[1].stderr
    assert told[0].stdout == told[1].stdout
    assert motcua("restore", str(tmp_path / "kept"), "--database", "brought_back", **url).returncode == 2


def test_a_reader_of_one_unit_there(own_server: str, motcua: Program) -> None:
    url = {"MOTCUA_DATABASE_URL": own_server}
    made = motcua("db", "grant", "park", "--unit", "PARK", "--jurisdiction", "boston", "--config", str(CONFIG), **url)
    assert made.returncode == 0, made.stderr
    query = "select count(*), count(*) filter (where unit_key = 'boston/PARK') from marts.fct_dossier"
    with psycopg.connect(made.stdout.strip()) as reader, psycopg.connect(own_server) as owner:
        [(seen, of_park)] = reader.execute(query).fetchall()
        [(every, theirs)] = owner.execute(query).fetchall()
    assert 0 < seen == of_park == theirs < every
    assert motcua("db", "revoke", "park", "--config", str(CONFIG), **url).returncode == 0


def _as_administrator(url: str) -> str:
    return f"postgresql://postgres@127.0.0.1:{urlsplit(url).port}/postgres"
