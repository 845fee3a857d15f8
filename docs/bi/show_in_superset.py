"""The dashboard of docs/bi/superset in a real Superset of its own, on loopback: imported, asked, photographed, ended.

Belongs here: that round, for `make superset`. Does not: the dashboard (superset/*.yaml), or Superset's own settings in use:
this one lives for as long as the program runs, with a key and a password that nobody is told.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import yaml

EXPORT = Path(__file__).parent / "superset"
ROUNDS = 5
#: An export names the folder its files lie in; Superset strips it.
FOLDER = "motcua"
_SETTINGS = """
SECRET_KEY = {key!r}
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
TALISMAN_ENABLED = False
WTF_CSRF_ENABLED = False
LANGUAGES = {{"vi": {{"flag": "vn", "name": "Tiếng Việt"}}, "en": {{"flag": "us", "name": "English"}}}}
D3_FORMAT = {{"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", "\u00a0₫"]}}
"""


def packed(target: Path, url: str) -> None:
    """The export as one file, with the address of a database instead of the one that stands in it."""
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(EXPORT.rglob("*.yaml")):
            content = file.read_text("utf-8")
            if file.parent.name == "databases":
                described = yaml.safe_load(content)
                described["sqlalchemy_uri"] = url.replace("postgresql://", "postgresql+psycopg2://", 1)
                content = yaml.safe_dump(described, allow_unicode=True)
            archive.writestr(f"{FOLDER}/{file.relative_to(EXPORT).as_posix()}", content)


def main(
    superset: Annotated[Path, typer.Option(help="The command `superset` of an environment that has it.")],
    url: Annotated[
        str, typer.Option(help="The database, as `motcua db url --as bi` prints it.", envvar="MOTCUA_BI_URL")
    ],
    screenshot: Annotated[Path | None, typer.Option(help="Where the picture goes (PNG); needs Chromium.")] = None,
    chromium: Annotated[Path, typer.Option(help="The browser.")] = Path("/usr/bin/chromium"),
) -> None:
    """Import the dashboard into a Superset of its own, ask every chart, and take its picture.

    Example:

      MOTCUA_BI_URL="$(motcua db url --as bi)" python docs/bi/show_in_superset.py --superset .tools/superset/bin/superset
    """
    with tempfile.TemporaryDirectory(prefix="superset-") as folder:
        password = secrets.token_urlsafe(24)
        environment = _prepared(superset, Path(folder), password)
        packed(Path(folder) / "motcua.zip", url)
        _said("import-dashboards", superset, environment, "-p", f"{folder}/motcua.zip", "-u", "admin")
        with _serving(superset, environment) as address, httpx.Client(base_url=address, timeout=120) as client:
            given = {"username": "admin", "password": password, "provider": "db"}
            token = client.post("/api/v1/security/login", json=given).raise_for_status().json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            _ask(client)
            if screenshot is not None:
                _photograph(address, password, chromium, screenshot)


def _prepared(superset: Path, folder: Path, password: str) -> dict[str, str]:
    settings = folder / "superset_config.py"
    settings.write_text(_SETTINGS.format(key=secrets.token_urlsafe(42), folder=folder), "utf-8")
    environment = {
        **os.environ, "SUPERSET_CONFIG_PATH": str(settings), "SUPERSET_HOME": str(folder), "FLASK_APP": "superset",
    }  # fmt: skip
    _said("db", superset, environment, "upgrade")
    names = ("--username", "admin", "--firstname", "a", "--lastname", "b", "--email", "a@example.org")
    _said("fab", superset, environment, "create-admin", *names, "--password", password)
    _said("init", superset, environment)
    return environment


def _said(command: str, superset: Path, environment: dict[str, str], *arguments: str) -> None:
    began = time.monotonic()
    ended = subprocess.run(
        [str(superset), command, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise SystemExit(f"superset {command} failed:\n{ended.stderr[-4000:]}")
    print(f"{time.monotonic() - began:6.1f} s  superset {command}", flush=True)


@contextmanager
def _serving(superset: Path, environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [str(superset), "run", "-h", "127.0.0.1", "-p", str(port), "--with-threads"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(240):
            if server.poll() is not None:
                raise SystemExit("superset did not start")
            try:
                httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _ask(client: httpx.Client) -> None:
    """Every chart of the dashboard, again and again and never from the cache: what it answers and how long the last took."""
    charts: list[dict[str, Any]] = client.get("/api/v1/dashboard/motcua/charts").raise_for_status().json()["result"]
    if len(charts) != len(list((EXPORT / "charts").glob("*.yaml"))):
        raise SystemExit(f"{len(charts)} charts were imported")
    for chart in sorted(charts, key=lambda chart: chart["id"]):
        took = []
        for _ in range(ROUNDS):
            began = time.monotonic()
            answered = client.get(f"/api/v1/chart/{chart['id']}/data/", params={"force": "true"})
            took.append(time.monotonic() - began)
            if answered.status_code != 200:
                raise SystemExit(f"{chart['slice_name']}: {answered.text[:2000]}")
        [result] = answered.json()["result"]
        if result["error"] or not result["data"]:
            raise SystemExit(f"{chart['slice_name']}: {result['error'] or 'no rows'}")
        first = result["data"][0] if len(result["data"]) == 1 else ""
        print(
            f"{1000 * sorted(took)[ROUNDS // 2]:6.0f} ms  {chart['slice_name']}: {len(result['data'])} rows {first}",
            flush=True,
        )


def _photograph(address: str, password: str, chromium: Path, target: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1500})
        page.goto(f"{address}/login/")
        page.fill("input#username, input[name=username]", "admin")
        page.fill("input#password, input[name=password]", password)
        page.press("input#password, input[name=password]", "Enter")
        page.wait_for_load_state("networkidle")
        page.goto(f"{address}/superset/dashboard/motcua/?standalone=2")
        page.wait_for_load_state("networkidle", timeout=120_000)
        page.wait_for_timeout(5_000)
        page.screenshot(path=str(target))
        browser.close()
    print(f"picture: {target}", flush=True)


if __name__ == "__main__":
    typer.run(main)
