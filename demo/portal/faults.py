"""Faults to order: which, on which service, at which call, how often. Data, not code.

Belongs here: their schema, and counting calls. Does not: misbehaving (server.py does that as told).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

#: The name under which logging in is counted.
LOGIN = "login"
ANY = "*"

Kind = Literal[
    "latency",
    "too_many_requests",
    "server_error",
    "time_out",
    "cut_connection",
    "truncated_json",
    "wrong_content_type",
    "expired_session",
    "duplicate_page",
    "shifting_page",
    "clock_skew",
    "refused",
]


class Fault(BaseModel):
    """One fault: from the `call`-th call of a `service` on (counted from 1, `*` is any call), `times` times.

    `times: 0` is for ever. `seconds` is the delay of `latency` and `time_out`, the `Retry-After` of `too_many_requests`,
    and how far `clock_skew` moves the server's clock. `records` is how many change under a `shifting_page`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    service: str = ANY
    call: int = Field(default=1, ge=1)
    times: int = Field(default=1, ge=0)
    seconds: float = 1.0
    records: int = Field(default=1, ge=1)


_faults = TypeAdapter(list[Fault])


def load_faults(file: Path) -> list[Fault]:
    """The faults in a YAML or JSON file: a list of entries as in Fault."""
    return _faults.validate_python(yaml.safe_load(file.read_text("utf-8")) or [])


class Schedule:
    """Counts the calls of each service and says which faults each meets."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.calls: Counter[str] = Counter()

    def due(self, service: str) -> list[Fault]:
        """Counts one call, and gives its faults."""
        self.calls[service] += 1
        self.calls[ANY] += 1
        return [
            fault
            for fault in self.faults
            if fault.service in {service, ANY} and self._is_due(fault, self.calls[fault.service])
        ]

    @staticmethod
    def _is_due(fault: Fault, call: int) -> bool:
        return call >= fault.call and (fault.times == 0 or call < fault.call + fault.times)
