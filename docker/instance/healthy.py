"""Asks a container's own server whether it serves: `python healthy.py code`, `page` or `province`. Exit code 0 when it does.

Belongs here: questions that cost little, asked every few seconds (Dagster's own commands import all of it first: seconds
of a core). Does not: whether runs succeed.
"""

from __future__ import annotations

import json
import socket
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit


def code() -> bool:
    """The gRPC server has loaded the definitions."""
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with grpc.insecure_channel("127.0.0.1:4000") as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service="DagsterApi"), timeout=5
        )
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def page() -> bool:
    """The web server answers as Dagster's."""
    with urllib.request.urlopen("http://127.0.0.1:3000/server_info", timeout=5) as answer:
        return "dagster_version" in json.load(answer)


def province() -> bool:
    """The province's systems are up, and its portal takes connections."""
    place = urlsplit(Path("/tmp/standing").read_text(encoding="utf-8").strip())
    with socket.create_connection(("127.0.0.1", place.port or 80), timeout=5):
        return True


QUESTIONS: dict[str, Callable[[], bool]] = {"code": code, "page": page, "province": province}

if __name__ == "__main__":
    sys.exit(0 if QUESTIONS[sys.argv[1]]() else 1)
