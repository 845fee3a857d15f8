"""The server of a site: files of its folder and no other, dossiers for the key and nobody else, no name but loopback's.

Belongs here: answers, without a database. Does not: explanations themselves (tests/integration).
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from contracts.failures import MotcuaError, UsageError
from orchestration.serving import COOKIE, Server, Site
from reporting.forms import Language

KEY = "the-key-of-this-test"
HIDDEN = '<p data-served hidden><a href="/explain?address=a">dossiers</a></p>'


def _explain(address: str, release: int | None, language: Language) -> str:
    if address == "broken":
        raise MotcuaError("the file store is gone")
    if address != "j/2023H1/late":
        raise UsageError(f"{address!r} names no figure", hint="Name one.")
    return f"<p>{address} of {release} in {language}</p>"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "trang"
    (folder / "release-1" / "evidence").mkdir(parents=True)
    (folder / "index.html").write_text("index", encoding="utf-8")
    (folder / "release-1" / "index.html").write_text("mục lục", encoding="utf-8")
    (folder / "release-1" / "evidence" / "a.html").write_text(HIDDEN, encoding="utf-8")
    (folder / "release-1" / "evidence" / "style.css").write_text("p {}", encoding="utf-8")
    (folder / ".release-2.making").mkdir()
    (folder / ".release-2.making" / "index.html").write_text("unfinished", encoding="utf-8")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (folder / "elsewhere.html").symlink_to(tmp_path / "secret")
    return Site(folder, KEY, _explain)


WITH_KEY = f"{COOKIE}={KEY}"


def test_pages_are_served_with_their_kind(site: Site) -> None:
    assert site.answer("/", "").content == b"index"
    page = site.answer("/release-1/", "")
    assert (page.content.decode(), page.kind) == ("mục lục", "text/html; charset=utf-8")
    assert site.answer("/release-1/evidence/style.css", "").kind == "text/css"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret", "/..%2fsecret", "/%2e%2e/secret", "/release-1/../../secret", "//etc/passwd", "/elsewhere.html",
        "/.release-2.making/index.html", "/nothing.html", "/release-1/evidence", "/a%00b", "/%ff",
    ],
)  # fmt: skip
def test_nothing_else_is_served(site: Site, path: str) -> None:
    answer = site.answer(path, WITH_KEY)
    assert answer.status is HTTPStatus.NOT_FOUND and b"secret" not in answer.content


def test_the_way_to_dossiers_shows_with_the_key_alone(site: Site) -> None:
    page = "/release-1/evidence/a.html"
    assert site.answer(page, "").content.decode() == HIDDEN
    assert site.answer(page, f"{COOKIE}=another").content.decode() == HIDDEN
    assert site.answer(page, WITH_KEY).content.decode() == HIDDEN.replace(" hidden", "")


def test_the_key_becomes_a_cookie_and_leaves_the_address(site: Site) -> None:
    admitted = site.answer(f"/?key={KEY}", "")
    headers = dict(admitted.headers)
    assert admitted.status is HTTPStatus.SEE_OTHER and headers["Location"] == "/"
    assert "HttpOnly" in headers["Set-Cookie"] and "SameSite=Strict" in headers["Set-Cookie"]
    refused = site.answer("/?key=guessed", "")
    assert refused.status is HTTPStatus.FORBIDDEN and not refused.headers


def test_a_figure_is_explained_to_the_key_alone(site: Site) -> None:
    asked = "/explain?address=j/2023H1/late&release=3&language=en"
    assert site.answer(asked, "").status is HTTPStatus.FORBIDDEN
    assert site.answer(asked, WITH_KEY).content == b"<p>j/2023H1/late of 3 in en</p>"
    assert site.answer("/explain?address=j/2023H1/late", WITH_KEY).content == b"<p>j/2023H1/late of None in vi</p>"


@pytest.mark.parametrize(
    ("query", "status"),
    [("address=x", 404), ("", 404), ("address=broken", 500), ("address=j/2023H1/late&release=-1", 400),
     ("address=j/2023H1/late&release=²", 400)],
)  # fmt: skip
def test_what_cannot_be_explained_is_said(site: Site, query: str, status: int) -> None:
    answer = site.answer(f"/explain?{query}", WITH_KEY)
    assert answer.status == status and answer.kind.startswith("text/plain")


@pytest.fixture
def server(site: Site) -> Iterator[Server]:
    with Server(site, 0) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def _asked(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


def test_it_listens_on_loopback_and_answers_to_no_other_name(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"
    status, headers, content = _asked(server, "/")
    assert (status, content) == (200, b"index")
    assert "default-src 'none'" in headers["Content-Security-Policy"] and headers["Cache-Control"] == "no-store"
    for host in ("evil.example", f"evil.example:{server.server_port}", ""):
        assert _asked(server, "/", Host=host)[0] == 421
    assert _asked(server, "/", Host=f"localhost:{server.server_port}")[0] == 200


def test_only_reading_is_understood(server: Server) -> None:
    assert _asked(server, "/", "HEAD")[2] == b""
    assert _asked(server, "/", "POST")[0] == 501
