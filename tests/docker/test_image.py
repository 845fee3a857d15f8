"""The image by itself: what its files say, what is in it, what is not."""

from __future__ import annotations

import subprocess
from importlib.metadata import version

import pytest

from orchestration.settings import PROJECT
from tests.docker.engine import Engine

pytestmark = pytest.mark.docker


def _inside(engine: Engine, image: str, script: str, *more: str) -> str:
    given = ("--rm", "--network=none", "--cap-drop=all", *more, "--entrypoint=sh")
    return engine.podman("run", *given, image, "-c", script).stdout


def test_the_dockerfile_and_compose_file_are_accepted(engine: Engine) -> None:
    for command in (
        ["hadolint", "--failure-threshold=info", str(PROJECT / "docker" / "Dockerfile")],
        ["docker-compose", "--file", str(PROJECT / "docker" / "compose.yml"), "--profile=*", "config", "--quiet"],
    ):
        told = subprocess.run(command, env=engine.environment, capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_it_runs_as_nobody_special_and_can_change_nothing(engine: Engine, image: str) -> None:
    assert _inside(engine, image, "id -u; id -g").split() == ["10001", "10001"]
    # Without the read-only root of compose.yml, which leaves nothing but the volumes and /tmp.
    find = "find / -xdev -type {} -writable 2>/dev/null || true"
    assert set(_inside(engine, image, find.format("d")).split()) == {
        "/tmp", "/run/lock", "/var/tmp", "/var/lib/motcua", "/var/lib/motcua/dagster", "/var/lib/motcua/deliveries",
        "/var/lib/motcua/home",
    }  # fmt: skip
    assert _inside(engine, image, find.format("f")).split() == []
    told = _inside(engine, image, "motcua --help", "--read-only", "--read-only-tmpfs=false")
    assert "Exit codes" in told


def test_it_holds_the_program_and_nothing_that_is_not_its_business(engine: Engine, image: str) -> None:
    names = set(_inside(engine, image, "find /opt/motcua -maxdepth 3 -not -path '*/.venv/*' -printf '%P\\n'").split())
    assert {"orchestration/cli", "dbt_project/models", "demo/boston.yml", "prebuilt/manifest.json"} <= names
    roots = {name.split("/")[0] for name in names if name}
    assert roots == {
        ".venv", "LICENSE", "contracts", "dbt_project", "demo", "docker", "expectations", "extractors", "orchestration",
        "prebuilt", "reporting", "warehouse",
    }  # fmt: skip
    assert _inside(engine, image, "ls /opt/motcua/docker").split() == ["instance", "requirements.lock"]
    assert _inside(engine, image, "ls /var/lib/motcua/*/").split() == [
        "/var/lib/motcua/dagster/:", "/var/lib/motcua/deliveries/:", "/var/lib/motcua/home/:"
    ]  # fmt: skip
    installed = _inside(engine, image, "ls /opt/motcua/.venv/lib/python3*/site-packages")
    assert "dagster" in installed.split()
    assert not {"pytest", "mypy", "ruff", "hypothesis", "hatchling"} & set(installed.split())


def test_the_manifest_was_made_when_the_image_was(engine: Engine, image: str) -> None:
    script = (
        "from pathlib import Path\n"
        "from orchestration.dbt_project import FINGERPRINT, fingerprint\n"
        "from orchestration.settings import load_settings\n"
        "print(fingerprint(load_settings()) == Path('/opt/motcua/prebuilt', FINGERPRINT).read_text())"
    )
    told = engine.podman("run", "--rm", "--network=none", "--entrypoint=python", image, "-c", script).stdout
    assert told.strip() == "True"


def test_it_can_say_which_program_it_is(engine: Engine, image: str) -> None:
    """Every run notes it, and ends there when it cannot."""
    script = (
        "from orchestration.program import program_of\n"
        "from orchestration.settings import load_settings\n"
        "print(program_of(load_settings())['version'])"
    )
    told = engine.podman("run", "--rm", "--network=none", "--entrypoint=python", image, "-c", script).stdout
    assert told.strip() == version("motcua")


def test_bytecode_is_there_for_what_is_imported(engine: Engine, image: str) -> None:
    missing = _inside(
        engine, image,
        "cd /opt/motcua && for f in orchestration/session.py .venv/lib/python3*/site-packages/dagster/__init__.py;"
        " do d=$(dirname $f); ls $d/__pycache__/$(basename $f .py).*.pyc >/dev/null || echo $f; done",
    )  # fmt: skip
    assert missing == ""
