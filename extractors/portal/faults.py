"""What can go wrong with the portal, told apart in this one place: what passes, what stays, and how long to wait.

Belongs here: judging transport errors, statuses and error codes, and the pauses between tries. Does not: sending.
Passing are time-outs, connection errors, 408, 429, 5xx and bodies that are no answer; a session can be renewed; all else
stays, whatever the number of tries.
"""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, sleep_using_event, wait_random_exponential

from contracts.failures import SourceUnavailable
from extractors.envelope import Opened
from extractors.portal.connection import PortalConnection

Result = TypeVar("Result")

#: No table of the portal's error codes is public. What its gateways say of a session is, in either language.
_OF_A_SESSION = re.compile(r"session|token|phiên", re.IGNORECASE)
_LONGEST_QUOTE = 200


class PassingFault(Exception):
    """A fault that another try may not meet. `retry_after` is the pause the other side asked for, in seconds."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class SessionRefused(PassingFault):
    """The session is not accepted any more; the next try needs a new one."""


class Abandoned(Exception):
    """The reading was given up by its reader; no request is to be sent any more."""


def judge_transport(error: httpx.TransportError, connection: PortalConnection) -> PassingFault | SourceUnavailable:
    """What a request that got no reply failed of."""
    if _is_of_trust(error):
        return SourceUnavailable(
            f"{connection.host} shows a certificate that is not trusted",
            hint="Set `ca_file` to the gateway's own authority; verification is never turned off.",
        )
    if isinstance(error, httpx.TimeoutException):
        return PassingFault("no answer in time")
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return PassingFault(f"the connection failed ({type(error).__name__})")
    return SourceUnavailable(
        f"{connection.host} cannot be asked ({type(error).__name__})", hint="Check `address` in the deployment file."
    )


def judge_status(response: httpx.Response, what: str, *, in_session: bool) -> None:
    """Raises PassingFault, SessionRefused or SourceUnavailable unless the status is a success."""
    status = response.status_code
    if status < 300:
        return
    if status == 401 and in_session:
        raise SessionRefused("HTTP 401")
    if status in {408, 429} or status >= 500:
        raise PassingFault(f"HTTP {status}", _retry_after(response))
    raise SourceUnavailable(
        f"{what}: refused with HTTP {status}",
        hint="Asking again will not help: check address, paths, destination code and the account's rights.",
    )


def judge_answer(answer: Opened, what: str, connection: PortalConnection, *, in_session: bool) -> None:
    """Raises SessionRefused or SourceUnavailable unless the error code says that all is well."""
    if not answer.code:
        return
    if in_session and _OF_A_SESSION.search(answer.message):
        raise SessionRefused(f"error code {answer.code}")
    told = connection.without_secrets(" ".join(answer.message.split()))[:_LONGEST_QUOTE]
    raise SourceUnavailable(
        f"{what}: refused with error code {connection.without_secrets(answer.code)[:20]}"
        + (f" ({told})" if told else ""),
        hint="Asking again will not help: check the account, its destination code and agency.",
    )


def persistently(
    work: Callable[[], Result], what: str, connection: PortalConnection, given_up: threading.Event
) -> Result:
    """Does the work until it succeeds, meets a fault that stays, or has been tried often enough.

    Raises SourceUnavailable, or Abandoned when the reader has given up.
    """

    def attempt() -> Result:
        if given_up.is_set():
            raise Abandoned
        return work()

    tries = Retrying(
        retry=retry_if_exception_type(PassingFault),
        stop=lambda state: (
            state.attempt_number >= connection.attempts or _asked_pause(state) > connection.longest_pause_seconds
        ),
        wait=lambda state: max(
            _asked_pause(state),
            wait_random_exponential(connection.first_pause_seconds, connection.longest_pause_seconds)(state),
        ),
        sleep=sleep_using_event(given_up),
        reraise=True,
    )
    try:
        return tries(attempt)
    except PassingFault as fault:
        count = tries.statistics["attempt_number"]
        times = "one try" if count == 1 else f"{count} tries"
        asked = f", and asks to wait {fault.retry_after:,.0f} s" if fault.retry_after else ""
        raise SourceUnavailable(
            f"{what}: {connection.host} gave no usable answer in {times}: {fault.reason}{asked}",
            hint="Run again later: what has landed is kept, and the reading goes on from there.",
        ) from fault


def _asked_pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    return (error.retry_after or 0.0) if isinstance(error, PassingFault) else 0.0


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds to wait by the reply's `Retry-After`, which is a number or an instant of the server's clock."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    until = http_instant(text)
    if until is None:
        return None
    now = http_instant(response.headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def http_instant(text: str) -> datetime | None:
    """An instant as HTTP writes it; None for anything else."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _is_of_trust(error: BaseException) -> bool:
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return True
        link = link.__cause__ or link.__context__
    return False
