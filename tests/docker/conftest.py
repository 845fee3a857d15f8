"""One engine, one image and one stack for all tests of containers.

Belongs here: fixtures. Does not: assertions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestration.settings import PROJECT
from tests.docker import engine as engines
from tests.docker.engine import Engine, Finished

SERVERS = ("postgres", "code", "webserver", "daemon")


@dataclass(frozen=True, slots=True)
class Stack:
    """compose.yml brought up, service by service: its own waiting for health needs systemd's timers here."""

    engine: Engine
    file: Path
    secrets: Path

    def compose(self, *arguments: str, check: bool = True) -> Finished:
        """Runs Compose for podman."""
        return self.engine.call(
            "podman-compose", f"--file={self.file}", "--profile=cli", "--profile=province", *arguments, check=check
        )

    def up(self, *services: str) -> None:
        """Starts services in the order given, each healthy by its own check before the next."""
        for service in services:
            self.compose("up", "-d", "--no-deps", service)
            until = time.monotonic() + 120
            while (answer := self.engine.podman("healthcheck", "run", self.name(service), check=False)).returncode:
                if time.monotonic() > until:
                    raise AssertionError(f"{service}: {answer.stdout}{answer.stderr}{self.logs(service)}")
                time.sleep(1)

    def motcua(self, *arguments: str) -> Finished:
        """`docker compose run --rm motcua …`, as the runbook says it."""
        return self.compose("run", "--rm", "--no-deps", "-T", "motcua", *arguments)

    def inside(self, service: str, *command: str, check: bool = True) -> Finished:
        """Runs a program in a service's container."""
        return self.engine.podman("exec", self.name(service), *command, check=check)

    def page(self, wish: str) -> dict[str, Any]:
        """What tests/docker/page.py does on Dagster's page."""
        told = self.engine.call(sys.executable, str(PROJECT / "tests" / "docker" / "page.py"), wish).stdout
        found: dict[str, Any] = json.loads(told)
        return found

    def logs(self, service: str) -> str:
        """Everything a container said."""
        finished = self.engine.podman("logs", self.name(service))
        return finished.stdout + finished.stderr

    def name(self, service: str) -> str:
        return f"motcua_{service}_1"


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        pytest.skip("needs Debian and root: containers are run without an engine of their own")
    folder = Path(tempfile.mkdtemp(prefix="motcua-docker-", dir="/var/tmp"))
    started = engines.start(folder)
    try:
        yield started
    finally:
        engines.stop(started)


@pytest.fixture(scope="session")
def image(engine: Engine) -> str:
    engines.make_images(engine)
    return engines.IMAGE


@pytest.fixture(scope="session")
def stack(engine: Engine, image: str) -> Stack:
    """Everything up, and Boston published by `docker compose run --rm motcua run`."""
    secrets = engine.folder / "secrets"
    subprocess.run([PROJECT / "docker" / "make-secrets", secrets], check=True)
    file = engine.folder / "compose.json"
    file.write_text(json.dumps(engines.one_network(engines.resolved_compose(engine, secrets))))
    ready = Stack(engine, file, secrets)
    ready.up("postgres")
    ready.compose("up", "--no-deps", "deliveries")
    ready.motcua("run", "--quiet")
    ready.up("code", "webserver", "daemon")
    return ready
