"""The services of compose.yml at work: Boston published and told, a run from the page, and what each container may not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.docker.conftest import SERVERS, Stack

pytestmark = pytest.mark.docker


def _figures(stack: Stack) -> dict[str, Any]:
    told = stack.motcua("figures", "--jurisdiction", "boston", "--format", "json").stdout
    [row] = json.loads(told[told.index("[") :])
    found: dict[str, Any] = row
    return found


def test_boston_is_published_and_told(stack: Stack) -> None:
    figures = _figures(stack)
    assert figures["release"] == 1
    assert {name: figures[name] for name in ("received", "resolved", "pending", "late")} == {
        "received": 26_788, "resolved": 21_915, "pending": 4_873, "late": 4_640,
    }  # fmt: skip


def test_a_run_from_the_page_works_where_the_secrets_are_and_all_share_one_history(stack: Stack) -> None:
    ended = stack.page("launch")
    assert ended["status"] == "SUCCESS"
    statuses = stack.page("history")["statuses"]
    assert statuses[ended["run"]] == "SUCCESS"
    assert len(statuses) >= 2, "the run of the command line is part of the history"
    assert ended["run"] in stack.logs("code")


@pytest.mark.parametrize("service", SERVERS)
def test_a_container_has_no_rights_beyond_its_work(stack: Stack, service: str) -> None:
    status = stack.inside(service, "cat", "/proc/1/status").stdout
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert said["Uid"].split()[0] not in {"0"}
    assert {said[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0000000000000000"}
    assert said["NoNewPrivs"] == "1"
    written = stack.inside(service, "sh", "-c", "touch /here || touch /opt/here || touch /usr/here", check=False)
    assert written.returncode != 0
    assert "Read-only file system" in written.stderr


def test_secrets_are_where_they_are_needed_and_nowhere_else(stack: Stack) -> None:
    told = {service: stack.inside(service, "ls", "/run/secrets", check=False).stdout.split() for service in SERVERS}
    assert told == {
        "postgres": ["motcua_password", "postgres_password"],
        "code": ["database_url", "pseudonym_key"],
        "webserver": [],
        "daemon": [],
    }


def test_nothing_tells_a_secret(stack: Stack) -> None:
    files = sorted(stack.secrets.iterdir())
    assert [file.name for file in files] == ["database_url", "motcua_password", "postgres_password", "pseudonym_key"]
    for value in (file.read_text().strip() for file in files):
        for service in SERVERS:
            assert value not in stack.logs(service)
            assert value not in stack.engine.podman("inspect", stack.name(service)).stdout
            assert value not in stack.inside(service, "sh", "-c", "cat /proc/1/environ /proc/[2-9]*/environ").stdout
        for volume in ("home", "dagster", "deliveries"):
            place = stack.engine.podman("volume", "inspect", f"motcua_{volume}", "--format={{.Mountpoint}}").stdout
            searched = stack.engine.call(
                "grep", "--recursive", "--files-with-matches", value, place.strip(), check=False
            )
            assert (searched.returncode, searched.stdout) == (1, "")


def test_what_was_published_outlives_the_containers(stack: Stack) -> None:
    before, known = _figures(stack), stack.page("history")["statuses"]
    stack.compose("down")
    assert stack.engine.podman("ps", "--all", "--quiet").stdout == ""
    stack.up(*SERVERS)
    assert _figures(stack) == before
    assert stack.page("history")["statuses"] == known
    # Nothing new lies in the deliveries, and the kept files are still known.
    assert json.loads(stack.motcua("run", "--format", "json").stdout)["changed"] is False
