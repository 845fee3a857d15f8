"""The gateway itself: login, sessions that end, reading services, and refusal of everything that writes.

Belongs here: the protocol, and misbehaving on order. Does not: data (holdings.py) or what is ordered (faults.py).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from demo.portal.faults import LOGIN, Fault, Schedule
from demo.portal.holdings import PAGED, Holdings, Records

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_LONGEST_PAGE = 5_000
_HTML = "<!doctype html><html><body><h1>Hệ thống đang bảo trì</h1></body></html>"

#: How a service's gateway wraps its answers: as documented, the result as text inside `message`, or as text/plain with a
#: bare sentence where the list is empty. `spaced` is written with blanks and escapes, as some libraries do.
Style = Literal["plain", "double_encoded", "plain_text", "spaced"]


@dataclass(frozen=True, slots=True)
class Setup:
    """How the stand-in behaves. `now` is where its clock stands; None is the real one. The session's password is secret."""

    folder: Path
    username: str = "thainguyen"
    password: str = field(default="chi-de-thu", repr=False)
    destination: str = "VN:GOV:000.00.00.G22:dvcqg"
    login_path: str = "/auth/login"
    call_path: str = "/dvcqg/call"
    now: datetime | None = None
    session_calls: int | None = None
    session_seconds: float = 3600.0
    styles: dict[str, Style] = field(
        default_factory=lambda: {"LayQDCB": "double_encoded", "LayDanhMucCoQuan": "plain_text"}
    )
    faults: list[Fault] = field(default_factory=list)
    incidents: Path | None = None


@dataclass(slots=True)
class _Session:
    until: datetime
    calls_left: float


class Gateway:
    """The running stand-in. `incidents` are attempts to write: a run with any has failed. `skew` moves its clock."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.holdings = Holdings(setup.folder)
        self.holdings.refresh()
        self.schedule = Schedule(setup.faults)
        self.incidents: list[dict[str, str]] = []
        self._sessions: dict[str, _Session] = {}
        self.skew = timedelta()
        self._last_page: bytes | None = None

    def clock(self) -> datetime:
        """What time it is here. A given clock stands: one that ran from there would be behind itself when started anew."""
        return (datetime.now(UTC) if self.setup.now is None else self.setup.now) + self.skew

    async def login(self, request: Request) -> Response:
        """`POST {login}`: a session for an account."""
        faults = self.schedule.due(LOGIN)
        if (broken := await self._broken(faults)) is not None:
            return broken
        given = await _object(request)
        if request.headers.get("dstcode") != self.setup.destination:
            return self._answer({"error_code": "-10", "message": "Không xác định được đích đến (dstcode)"})
        if (given.get("username"), given.get("password")) != (self.setup.username, self.setup.password):
            return self._answer({"error_code": "-2", "message": "Tài khoản hoặc mật khẩu không đúng"})
        await asyncio.to_thread(self.holdings.refresh)
        session = secrets.token_urlsafe(24)
        lasting = timedelta(seconds=self.setup.session_seconds)
        self._sessions[session] = _Session(datetime.now(UTC) + lasting, self.setup.session_calls or float("inf"))
        return self._answer({"error_code": 0, "message": "", "session": session})

    async def call(self, request: Request) -> Response:
        """`POST {call}`: one service."""
        asked = await _object(request)
        service = str(asked.get("service", ""))
        if service.startswith(("DongBo", "CapNhat")):
            return self._breach(service, "a service that writes was called")
        faults = self.schedule.due(service)
        if any(fault.kind == "expired_session" for fault in faults):
            self._sessions.clear()
        if (broken := await self._broken(faults)) is not None:
            return broken
        if not self._in_session(str(asked.get("session", ""))):
            return self._answer({"error_code": "-1", "message": "Phiên làm việc không hợp lệ hoặc đã hết hạn"})
        records = self.holdings.of(service)
        if records is None:
            return self._answer({"error_code": "-9", "message": f"Không có dịch vụ {service}"})
        for fault in faults:
            if fault.kind == "shifting_page":
                self._shift(records, asked, fault.records)
        body, plain_text = self._body(service, _chosen(service, records, asked))
        if any(fault.kind == "duplicate_page" for fault in faults) and self._last_page is not None:
            body = self._last_page
        self._last_page = body
        if any(fault.kind == "truncated_json" for fault in faults):
            body = body[: len(body) * 2 // 3]
        return Response(body, headers=self._dated(), media_type="text/plain" if plain_text else "application/json")

    def _body(self, service: str, records: pl.DataFrame) -> tuple[bytes, bool]:
        style = self.setup.styles.get(service, "plain")
        listed = records.write_json().encode()
        if style == "double_encoded":
            return _json({"error_code": "00", "message": '{"result":' + listed.decode() + "}"}), False
        if style == "plain_text" and records.is_empty():
            return "Lấy dữ liệu thành công".encode(), True
        if style == "spaced":
            return json.dumps(
                {"error_code": "0", "message": "", "result": json.loads(listed)}, indent=1
            ).encode(), False
        return b'{"error_code":"0","message":"","result":' + listed + b"}", style == "plain_text"

    async def _broken(self, faults: list[Fault]) -> Response | None:
        """Waits as ordered; gives what is answered instead of the answer, if anything is."""
        for fault in faults:
            if fault.kind in {"latency", "time_out"}:
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "clock_skew":
                self.skew = timedelta(seconds=fault.seconds)
        for fault in faults:
            if fault.kind == "too_many_requests":
                return Response(status_code=429, headers={**self._dated(), "Retry-After": f"{fault.seconds:.0f}"})
            if fault.kind == "server_error":
                return Response("lỗi", status_code=500, headers=self._dated())
            if fault.kind == "refused":
                return Response("không có quyền", status_code=403, headers=self._dated())
            if fault.kind == "wrong_content_type":
                return Response(_HTML, media_type="text/html", headers=self._dated())
            if fault.kind == "cut_connection":
                return _Cut()
        return None

    def _in_session(self, token: str) -> bool:
        session = self._sessions.get(token)
        if session is None or datetime.now(UTC) >= session.until or session.calls_left <= 0:
            return False
        session.calls_left -= 1
        return True

    def _shift(self, records: Records, asked: dict[str, Any], count: int) -> None:
        """The first records that are asked for change at this moment."""
        first, end = records.window(_text(asked, "tuNgayCapNhat"), _text(asked, "denNgayCapNhat"))
        stamp = self.clock().astimezone(ZONE).strftime("%Y%m%d%H%M%S")
        for _ in range(min(count, end - first)):
            records.touch(first, stamp)

    def _breach(self, service: str, what: str) -> Response:
        incident = {"service": service, "what": what, "at": self.clock().isoformat()}
        self.incidents.append(incident)
        if self.setup.incidents is not None:
            with self.setup.incidents.open("a", encoding="utf-8") as file:
                file.write(json.dumps(incident) + "\n")
        return Response("chỉ được đọc", status_code=403, headers=self._dated())

    def _answer(self, content: dict[str, object]) -> Response:
        return Response(_json(content), media_type="application/json", headers=self._dated())

    def _dated(self) -> dict[str, str]:
        return {"Date": format_datetime(self.clock().astimezone(UTC), usegmt=True)}


class _Cut(Response):
    """Half a body, and then nothing: the server closes the connection under it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends less than it announced."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"error_code":"0","result":[', "more_body": True})


def application(gateway: Gateway) -> Starlette:
    """The gateway as an ASGI application."""
    setup = gateway.setup
    return Starlette(
        routes=[
            Route(setup.login_path, gateway.login, methods=["POST"]),
            Route(setup.call_path, gateway.call, methods=["POST"]),
        ]
    )


def _chosen(service: str, records: Records, asked: dict[str, Any]) -> pl.DataFrame:
    if service != PAGED:
        code = _text(asked, "maTTHC") or _text(asked, "mahoso")
        return records.naming(code) if code else records.rows
    first, end = records.window(_text(asked, "tuNgayCapNhat"), _text(asked, "denNgayCapNhat"))
    size = min(int(_text(asked, "kichThuoc") or "100"), _LONGEST_PAGE)
    begin = first + (int(_text(asked, "trang") or "1") - 1) * size
    return records.rows[begin : max(begin, min(begin + size, end))]


def _text(asked: dict[str, Any], name: str) -> str:
    return str(asked.get(name, ""))


async def _object(request: Request) -> dict[str, Any]:
    found = json.loads(await request.body())
    return found if isinstance(found, dict) else {}


def _json(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
