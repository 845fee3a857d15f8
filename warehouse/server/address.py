"""What others learn about the server: where it is and how it is doing.

Belongs here: plain values. Does not: finding them out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class ServerAddress:
    """How to reach a running server as its superuser. The password is left out of `repr`."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def url(self, database: str) -> str:
        """`postgresql://…` for `database`, every part quoted. Contains the password: not for logs."""
        user, password, name = (quote(part, safe="") for part in (self.user, self.password, database))
        return f"postgresql://{user}:{password}@{self.host}:{self.port}/{name}"


@dataclass(frozen=True)
class ServerStatus:
    """The server as it is now. `pid` and `port` are None when it is not running; `version` is the binaries'."""

    running: bool
    pid: int | None
    port: int | None
    data_directory: Path
    in_use: bool
    keep: bool
    version: str
