"""docker/ says the same as the rest of the project, and gives no container more than it needs."""

from __future__ import annotations

import re
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import PROJECT

DOCKER = PROJECT / "docker"
DEVELOPMENT = {"pytest", "pytest-xdist", "mypy", "ruff", "hypothesis", "sqlfluff", "pre-commit", "import-linter"}


def _pins(lock: Path) -> set[str]:
    """Name and version; a few packages are there in two, for different machines."""
    return set(re.findall(r"^([a-z0-9_.-]+==[^ ;\\]+)", lock.read_text(), re.MULTILINE))


def _services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((DOCKER / "compose.yml").read_text())["services"]
    return found


def test_the_image_has_the_projects_versions_without_those_for_development() -> None:
    all_of_it, image = _pins(PROJECT / "requirements.lock"), _pins(DOCKER / "requirements.lock")
    assert image - all_of_it == set()
    for name in DEVELOPMENT:
        assert any(pin.startswith(f"{name}==") for pin in all_of_it), name
        assert not any(pin.startswith(f"{name}==") for pin in image), name
    entries = re.split(r"^(?=[a-z])", (DOCKER / "requirements.lock").read_text(), flags=re.MULTILINE)[1:]
    assert len(entries) == len(image)
    assert all("--hash=sha256:" in entry for entry in entries)


def test_installer_and_image_carry_the_projects_numbers() -> None:
    dockerfile, makefile = (DOCKER / "Dockerfile").read_text(), (PROJECT / "Makefile").read_text()
    version = re.findall(r"^UV_VERSION := (.*)$", makefile, re.MULTILINE)
    assert re.findall(r"^ARG UV_VERSION=(.*)$", dockerfile, re.MULTILINE) == version
    builder = re.findall(r"^ARG HATCHLING_VERSION=(.*)$", dockerfile, re.MULTILINE)
    assert [f"hatchling=={number}" for number in builder] == [
        pin for pin in _pins(PROJECT / "requirements.lock") if pin.startswith("hatchling==")
    ]
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    ours = {service["image"] for service in _services().values() if "build" in service}
    assert ours == {f"${{MOTCUA_IMAGE:-motcua:{project}}}"}


def test_base_images_are_held_to_a_full_version() -> None:
    named = re.findall(r"^ARG PYTHON_IMAGE=(.*)$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    named += [service["image"] for service in _services().values() if "build" not in service]
    assert len(named) == 2
    for image in named:
        assert re.fullmatch(r"docker\.io/library/[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+", image), image


def test_every_service_is_tight() -> None:
    for name, service in _services().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "cap_add", "devices", "pid", "ipc", "userns_mode"} & set(service), name
        assert name == "postgres" or "build" in service


def test_ports_are_published_on_loopback_only() -> None:
    published = {name: service["ports"] for name, service in _services().items() if "ports" in service}
    assert set(published) == {"webserver"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_the_page_and_the_daemon_have_no_secrets_and_no_way_to_the_database() -> None:
    services = _services()
    for name in ("webserver", "daemon"):
        assert not {"secrets", "environment", "networks"} & set(services[name])
        assert services[name]["volumes"] == ["dagster:/var/lib/motcua/dagster"]
    assert {name for name, service in services.items() if "database" in service.get("networks", [])} == {
        "postgres", "code", "motcua", "province",
    }  # fmt: skip


def test_secrets_are_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"

    def make() -> dict[str, str]:
        subprocess.run([DOCKER / "make-secrets", folder], check=True, capture_output=True)
        return {file.name: file.read_text() for file in folder.iterdir()}

    made = make()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    wanted = yaml.safe_load((DOCKER / "compose.yml").read_text())["secrets"]
    assert set(made) == set(wanted)
    password = made["motcua_password"].strip()
    assert made["database_url"] == f"postgresql://motcua_app:{password}@postgres:5432/motcua\n"
    assert len({*made.values()}) == len(made)
    assert all(len(value.strip()) >= 48 for value in made.values())
    assert make() == made
