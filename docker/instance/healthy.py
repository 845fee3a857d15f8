"""Asks a container's own server whether it serves: `python healthy.py code` or `page`. Exit code 0 when it does.

Belongs here: questions that cost little, asked every few seconds (Dagster's own commands import all of it first: seconds
of a core). Does not: whether runs succeed.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Callable


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


QUESTIONS: dict[str, Callable[[], bool]] = {"code": code, "page": page}

if __name__ == "__main__":
    sys.exit(0 if QUESTIONS[sys.argv[1]]() else 1)
