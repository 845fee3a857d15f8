"""The province's systems kept up for a pipeline elsewhere: told where, reached by name, gone when told to stop."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from orchestration.settings import PROJECT
from warehouse.server.launcher import EmbeddedServer


def _wait_for(file: Path, program: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 120
    while not file.exists():
        assert program.poll() is None, "the program ended before the systems were up"
        assert time.monotonic() < until, "the systems did not come up"
        time.sleep(0.1)
    return file.read_text(encoding="utf-8").strip()


def test_the_systems_are_up_until_told_to_stop(session_server: EmbeddedServer, tmp_path: Path) -> None:
    folder, ready = tmp_path / "province", tmp_path / "ready"
    program = subprocess.Popen(
        [
            sys.executable, "-m", "demo", "stand", "--folder", str(folder), "--scale", "0.002",
            "--reached-as", "localhost", "--ready-file", str(ready),
        ],
        cwd=PROJECT,
    )  # fmt: skip
    try:
        address = _wait_for(ready, program)
        place = urlsplit(address)
        assert (place.scheme, place.hostname) == ("http", "localhost")
        assert (folder / "secrets" / "portal_address").read_text(encoding="utf-8").strip() == address
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{address}/nothing", timeout=10)
        with psycopg.connect((folder / "secrets" / "provincial_url").read_text(encoding="utf-8").strip()) as connection:
            row = connection.execute('select count(*) from "HoSos"').fetchone()
        assert row is not None
        assert row[0] > 100
    finally:
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=30) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(place.port or 0))) != 0, "the portal outlived the program"
