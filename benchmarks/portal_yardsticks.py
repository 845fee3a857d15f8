"""What the reading of the portal is held against: clients that do less.

Belongs here: the client that throws pages away, and the clients that decode every record and throw it away. Does not: the
program's own reading (portal.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from benchmarks.processors import Processors
from extractors.portal import PortalConnection

ROWS, PAGE = 340_000, 1_000
#: Bytes: a dossier has 28 fields.
_LEAST_RECORD = 500


@dataclass(slots=True)
class Yardsticks:
    """Clients that ask for every page by its number, with the library that the program asks with."""

    connection: PortalConnection
    processors: Processors
    size: int = 0

    def thrown_away(self) -> float:
        """Every page read and thrown away."""
        sizes: list[int] = []
        seconds = self._timed("null", lambda body: sizes.append(sum(map(len, body))))
        if min(sizes) < PAGE * _LEAST_RECORD:
            raise RuntimeError("the stand-in gave less than a page")
        self.size = sum(sizes)
        return seconds

    def decoded(self) -> float:
        """Every record made an object by the fastest decoder that is general, and thrown away."""
        return self._timed("decoded", lambda body: _counted(msgspec.json.decode(b"".join(body))))

    def decoded_plainly(self) -> float:
        """The same by Python's own decoder: a script of ten lines."""
        return self._timed("json", lambda body: _counted(json.loads(b"".join(body))))

    def _timed(self, name: str, take: Callable[[Iterator[bytes]], object]) -> float:
        reached = self.connection
        with httpx.Client(headers={"dstcode": reached.destination}, trust_env=False) as client:
            account = {"username": reached.username, "password": reached.password}
            session = client.post(reached.url(reached.login_path), json=account).json()["session"]

            def ask(page: int) -> None:
                asked = {"session": session, "service": "LayDanhSachHoSo", "trang": str(page), "kichThuoc": str(PAGE)}
                with client.stream("POST", reached.url(reached.call_path), json=asked) as response:
                    take(response.iter_bytes())

            def every() -> None:
                for page in range(ROWS // PAGE):
                    ask(page + 1)

            return self.processors.noting(name, every)


def _counted(answer: Any) -> None:
    if len(answer["result"]) != PAGE:
        raise RuntimeError("the stand-in gave less than a page")
