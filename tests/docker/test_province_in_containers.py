"""The profile `province`: systems made up in one container, read by the pipeline in another."""

from __future__ import annotations

import json

import pytest

from tests.docker.conftest import Stack

pytestmark = pytest.mark.docker
THAI_NGUYEN = ("--config", "demo/thai_nguyen.yml")


def test_a_province_is_read_over_the_network_and_its_figures_come_out(stack: Stack) -> None:
    stack.up("province")
    stack.motcua("run", "--quiet", *THAI_NGUYEN)
    truth = json.loads(stack.inside("province", "cat", "demo/deliveries/thai_nguyen/truth.json").stdout)
    told = stack.motcua("claims", "--format", "json", *THAI_NGUYEN).stdout
    ours = {row["figure"]: row["ours"] for row in json.loads(told)}
    half_year = truth["half_year"]
    assert (ours["dossiers received"], ours["dossiers processed"], ours["processed on time"]) == (
        half_year["received"], half_year["resolved"], half_year["on_time"],
    )  # fmt: skip
    assert ours["procedures in force"] == truth["catalogue"]["in_force_at_end"] == 1_878


def test_the_pipeline_reaches_the_provinces_database_as_a_reader_only(stack: Stack) -> None:
    tried = stack.inside(
        "code", "python", "-c",
        "import psycopg, pathlib\n"
        "url = pathlib.Path('demo/deliveries/thai_nguyen/secrets/provincial_url').read_text().strip()\n"
        "with psycopg.connect(url) as connection:\n"
        "    print(connection.execute('select count(*) from \"HoSos\"').fetchone()[0])\n"
        "    connection.rollback()\n"
        "    connection.read_only = False\n"
        "    connection.execute('delete from \"HoSos\"')\n",
        check=False,
    )  # fmt: skip
    assert int(tried.stdout) > 1_000
    assert "InsufficientPrivilege" in tried.stderr


def test_the_province_ends_when_told(stack: Stack) -> None:
    stack.engine.podman("stop", "--time", "30", stack.name("province"))
    code = stack.engine.podman("inspect", stack.name("province"), "--format={{.State.ExitCode}}").stdout
    assert code.strip() == "0"
