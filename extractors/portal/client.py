"""One question at a time to the gateway: session, pace, tries, and the reply opened.

Belongs here: sending. Does not: what to ask (reading.py), or what a fault means (faults.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx
import msgspec

from contracts.failures import SourceUnavailable
from extractors.envelope import UnreadableReply, opened
from extractors.portal.connection import PortalConnection, refuse_writing
from extractors.portal.faults import (
    Abandoned,
    PassingFault,
    SessionRefused,
    http_instant,
    judge_answer,
    judge_status,
    judge_transport,
    persistently,
)

#: A page of 1,000 dossiers is 0.7 MB. What is larger than this is no page, and memory is bounded.
_LONGEST_BODY = 128 << 20
#: A whole reply may take this many times the time-out of one wait.
_WHOLE_REPLY = 10


@dataclass(frozen=True, slots=True)
class Reply:
    """One answered question. `records` is a JSON array; `at` the server's clock."""

    service: str
    parameters: dict[str, str]
    status: int
    body: bytes = field(repr=False)
    records: bytes | msgspec.Raw = field(repr=False)
    at: datetime


class _LoginReply(msgspec.Struct):
    session: str = ""


class _Pace:
    """At most so many requests a second, evenly spaced, over all threads."""

    def __init__(self, per_second: float, given_up: threading.Event) -> None:
        self._gap, self._given_up = 1.0 / per_second, given_up
        self._lock, self._next = threading.Lock(), 0.0

    def wait(self) -> None:
        """Returns when the next request may be sent. Raises Abandoned."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now and self._given_up.wait(turn - now):
            raise Abandoned


class PortalClient:
    """An open way to the gateway. Its threads share one session, which is renewed when it is refused."""

    def __init__(self, connection: PortalConnection, given_up: threading.Event) -> None:
        """Nothing is sent yet. `given_up` ends every wait."""
        self.connection = connection
        self._given_up = given_up
        self._pace = _Pace(connection.requests_per_second, given_up)
        self._lock, self._session = threading.Lock(), ""
        # Neither proxies nor passwords come from the environment: what is asked is what the deployment says.
        self._http = httpx.Client(
            verify=connection.trust(), timeout=connection.timeout_seconds, trust_env=False, follow_redirects=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def clock(self) -> datetime:
        """What time it is at the other side. Logs in."""
        return persistently(self._log_in, "login", self.connection, self._given_up)

    def ask(self, service: str, parameters: dict[str, str], check: Callable[[Reply], None] | None = None) -> Reply:
        """A service's answer; `check` may raise PassingFault over it, and then it is asked again.

        Raises SourceUnavailable, and UsageError for a service that is not on the list of those that read.
        """
        refuse_writing(service)

        def once() -> Reply:
            reply = self._call(service, parameters)
            if check is not None:
                check(reply)
            return reply

        return persistently(once, service, self.connection, self._given_up)

    def _call(self, service: str, parameters: dict[str, str]) -> Reply:
        session = self._session or self._renewed("")
        question = {**parameters, "session": session, "madonvi": self.connection.agency, "service": service}
        try:
            response, body = self._send(self.connection.call_path, question)
            judge_status(response, service, in_session=True)
            try:
                answer = opened(body)
            except UnreadableReply as error:
                raise PassingFault(str(error)) from error
            judge_answer(answer, service, self.connection, in_session=True)
        except SessionRefused:
            self._renewed(session)
            raise
        if answer.records is None:
            raise PassingFault("the answer holds no result")
        return Reply(service, parameters, response.status_code, body, answer.records, _clock_of(response))

    def _renewed(self, refused: str) -> str:
        """A session other than the one refused; the first thread that needs one logs in for all."""
        with self._lock:
            if self._session == refused:
                self._session = ""
                self._log_in()
            return self._session

    def _log_in(self) -> datetime:
        """Takes a new session, and gives the server's clock."""
        connection = self.connection
        response, body = self._send(
            connection.login_path, {"username": connection.username, "password": connection.password}
        )
        judge_status(response, "login", in_session=False)
        try:
            answer = opened(body)
            session = msgspec.json.decode(body, type=_LoginReply).session
        except (UnreadableReply, msgspec.MsgspecError) as error:
            raise PassingFault("the body is no answer to a login") from error
        judge_answer(answer, "login", connection, in_session=False)
        if not session:
            raise SourceUnavailable(f"login: {connection.host} gave no session", hint="Check `login_path`.")
        self._session = session
        return _clock_of(response)

    def _send(self, path: str, content: dict[str, str]) -> tuple[httpx.Response, bytes]:
        self._pace.wait()
        headers = {"Content-Type": "application/json", "dstcode": self.connection.destination}
        deadline = time.monotonic() + _WHOLE_REPLY * self.connection.timeout_seconds
        try:
            with self._http.stream(
                "POST", self.connection.url(path), content=msgspec.json.encode(content), headers=headers
            ) as response:
                parts, size = [], 0
                for part in response.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if size > _LONGEST_BODY:
                        raise SourceUnavailable(
                            f"{self.connection.host} sent a reply of more than {_LONGEST_BODY:,} bytes"
                        )
                    if time.monotonic() > deadline:
                        raise PassingFault("the reply came too slowly")
                return response, b"".join(parts)
        except httpx.TransportError as error:
            # `from None`: the library's own error carries the request, and that the password.
            raise judge_transport(error, self.connection) from None
        except httpx.DecodingError:
            raise PassingFault("the body could not be unpacked") from None


def _clock_of(response: httpx.Response) -> datetime:
    """The server's clock by its `Date`; ours when it tells none."""
    return http_instant(response.headers.get("date", "")) or datetime.now(UTC)
