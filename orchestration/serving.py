"""A site that was built, served on this machine; to an inspector also the dossiers behind each number.

Belongs here: requests and answers, and who is told what. Does not: pages (reporting/pages), explanations (reporting/explaining),
or any other machine: it listens on loopback alone, and answers to no other name, so that no page elsewhere can ask it.

Whoever has the key is an inspector: the key is made at the start, is said once on the terminal, and lives in a cookie after
that. Everybody else sees the public pages.
"""

from __future__ import annotations

import hmac
import mimetypes
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from contracts.failures import MotcuaError, UsageError
from reporting.forms import Language

#: An address, a release (None: the one that stands) and a language to a page.
Explain = Callable[[str, int | None, Language], str]
COOKIE = "motcua_inspector"
#: What a page has for inspectors, hidden as long as nobody serves it.
_HIDDEN, _SHOWN = b"<p data-served hidden>", b"<p data-served>"
_POLICY = "default-src 'none'; style-src 'unsafe-inline' 'self'; img-src data:; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered."""

    status: HTTPStatus
    content: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A built folder, the key of inspectors, and how a figure is explained."""

    folder: Path
    key: str
    explain: Explain

    def answer(self, target: str, cookies: str) -> Answer:
        """What a GET of a target is answered. Never raises for what was asked."""
        asked = urlsplit(target)
        given = {name: values[-1] for name, values in parse_qs(asked.query).items()}
        if "key" in given:
            return self._admitted(given["key"])
        inspector = self._is_key(_cookie(cookies))
        if asked.path == "/explain":
            return self._explained(given, inspector=inspector)
        return self._file(unquote(asked.path, errors="replace"), inspector=inspector)

    def _is_key(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.key.encode())

    def _admitted(self, given: str) -> Answer:
        """The key in an address becomes a cookie, and leaves the address."""
        if not self._is_key(given):
            return _said(HTTPStatus.FORBIDDEN, "this is not the key")
        cookie = f"{COOKIE}={self.key}; HttpOnly; SameSite=Strict; Path=/"
        return Answer(HTTPStatus.SEE_OTHER, headers=(("Location", "/"), ("Set-Cookie", cookie)))

    def _explained(self, given: dict[str, str], *, inspector: bool) -> Answer:
        if not inspector:
            return _said(HTTPStatus.FORBIDDEN, "single dossiers are for inspectors: open the address with the key")
        release = given.get("release", "")
        if release and not (release.isascii() and release.isdigit()):
            return _said(HTTPStatus.BAD_REQUEST, "a release is a number")
        language = Language.en if given.get("language") == "en" else Language.vi
        try:
            page = self.explain(given.get("address", ""), int(release) if release else None, language)
        except UsageError as error:
            return _said(HTTPStatus.NOT_FOUND, f"{error.message}. {error.hint or ''}")
        except MotcuaError as error:
            return _said(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error.message}. {error.hint or ''}")
        return Answer(HTTPStatus.OK, page.encode())

    def _file(self, path: str, *, inspector: bool) -> Answer:
        """A file of the folder, and nothing else: no hidden one, none that a link leads to elsewhere."""
        wanted = path.lstrip("/") or "index.html"
        if wanted.endswith("/"):
            wanted += "index.html"
        parts = wanted.split("/")
        if "\0" in wanted or any(part.startswith(".") or not part for part in parts):
            return _said(HTTPStatus.NOT_FOUND, "there is no such page")
        file = self.folder.joinpath(*parts)
        root = self.folder.resolve()
        if not file.is_file() or root not in file.resolve().parents:
            return _said(HTTPStatus.NOT_FOUND, "there is no such page")
        content = file.read_bytes()
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if kind == "text/html":
            kind += "; charset=utf-8"
            content = content.replace(_HIDDEN, _SHOWN) if inspector else content
        return Answer(HTTPStatus.OK, content, kind)


def _cookie(text: str) -> str:
    found = SimpleCookie(text).get(COOKIE)
    return "" if found is None else found.value


def _said(status: HTTPStatus, text: str) -> Answer:
    return Answer(status, f"{text}\n".encode(), "text/plain; charset=utf-8")


class Server(ThreadingHTTPServer):
    """The server of a site on loopback; port 0 is a free one."""

    daemon_threads = True

    def __init__(self, site: Site, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.site = site

    @property
    def address(self) -> str:
        """Where it is reached from this machine."""
        return f"http://127.0.0.1:{self.server_port}/"

    def names(self) -> set[str]:
        """The names by which it may be asked: another one is some page's trick to reach it."""
        return {f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}"}


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.headers.get("Host", "") not in self.server.names():
            self._send(_said(HTTPStatus.MISDIRECTED_REQUEST, "this server answers on loopback alone"))
            return
        self._send(self.server.site.answer(self.path, self.headers.get("Cookie", "")))

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in (
            ("Content-Type", answer.kind), ("Content-Length", str(len(answer.content))), ("Cache-Control", "no-store"),
            ("Content-Security-Policy", _POLICY), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            *answer.headers,
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a line would hold the key, or which dossier somebody looked at."""


def new_key() -> str:
    """A key that nobody guesses."""
    return secrets.token_urlsafe(24)
