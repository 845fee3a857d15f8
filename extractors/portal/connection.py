"""How the portal is reached, and which of its services may be asked.

Belongs here: the address, the account, patience and pace, the allow-list. Does not: sending anything.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contracts.failures import UsageError

#: Everything that reads. `DongBo*` and `CapNhat*` are how a province writes to the portal, and are no business of ours.
_READS = re.compile(r"Lay[A-Za-z0-9]+|TraCuuHoSo")


@dataclass(frozen=True, slots=True)
class PortalConnection:
    """An account at the gateway, as a deployment describes it.

    `attempts` is how often one question is asked before the portal counts as unavailable; the pause between two begins
    with `first_pause_seconds` and doubles, and no pause is longer than `longest_pause_seconds`: a `Retry-After` beyond
    it ends the reading. `timeout_seconds` bounds each wait for the other side, ten times that a whole reply.
    """

    address: str
    login_path: str
    call_path: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    destination: str
    agency: str
    ca_file: Path | None = None
    timeout_seconds: float = 30.0
    requests_per_second: float = 50.0
    concurrency: int = 1
    attempts: int = 6
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 120.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError("the portal's address must begin with https:// (or http://) and a host")
        if parts.username is not None or parts.password is not None:
            raise UsageError("the portal's address holds a user name; give it as username and password instead")
        if parts.query or parts.fragment:
            raise UsageError("the portal's address must end with the adapter's path, without ? or #")
        if self.attempts < 1 or self.concurrency < 1 or self.requests_per_second <= 0 or self.timeout_seconds <= 0:
            raise UsageError("attempts, concurrency, requests a second and the time-out must be above zero")

    @property
    def host(self) -> str:
        """Where it is, for messages."""
        return urlsplit(self.address).netloc

    def url(self, path: str) -> str:
        """The address of one of the adapter's two endpoints."""
        return self.address.rstrip("/") + "/" + path.lstrip("/")

    def trust(self) -> ssl.SSLContext:
        """Whose certificates are believed: the system's, or those of `ca_file` alone. Raises UsageError."""
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"the certificates in {self.ca_file} cannot be read", hint="`ca_file` must hold PEM certificates"
            ) from error

    def without_secrets(self, text: str) -> str:
        """A text of the other side's, safe to show: it may quote what it was sent."""
        return text.replace(self.password, "***") if self.password else text


def refuse_writing(service: str) -> None:
    """Raises UsageError unless the service only reads."""
    if not _READS.fullmatch(service):
        raise UsageError(
            f"{service!r} is not on the list of the portal's reading services (Lay…, TraCuuHoSo)",
            hint="Nothing is ever written to the portal; correct `service` in the contract.",
        )
