"""The pages in Debian's Chromium: as files and as served, both languages, light and dark, on a phone, printed, without script.

Belongs here: what only a browser shows: messages, requests, room, contrast as painted, what is reached by clicking. axe checks
WCAG 2.2 A and AA. Does not: numbers (test_province_pages.py). Pictures are kept in the folder that MOTCUA_SCREENSHOTS
names, else in the test's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from demo.box import CONFIG
from orchestration.cli.opened import opened
from orchestration.cli.site import explainer
from orchestration.serving import Server, Site
from reporting.evidence.keys import make_pair
from tests.in_process import finished
from tests.integration.province.conftest import Later

pytestmark = pytest.mark.system
#: axe would fetch style sheets itself, which the pages forbid.
STANDARD = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "preload": False,
}
SIGNED = {"MOTCUA_EVIDENCE_KEY": make_pair().private_pem}
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
LANGUAGES = {"vi": "index.html", "en": "index.en.html"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if shutil.which("chromium") is None:
        subprocess.run(["apt-get", "update", "-qq"], check=True, capture_output=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-core"]
        subprocess.run(
            install, check=True, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
    found = shutil.which("chromium")
    assert found is not None
    with sync_playwright() as player:
        running = player.chromium.launch(executable_path=found, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture(scope="module")
def release(later: Later) -> int:
    [(number,)] = later.province.ask("select release_id from release.pointer")
    return int(number)


@pytest.fixture(scope="module")
def folder(later: Later, release: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of both releases."""
    out = tmp_path_factory.mktemp("trang")
    both = [part for number in (later.release_before, release) for part in ("--release", str(number))]
    on = ("--config", str(CONFIG), "--database", later.province.database.name)
    # Signed, so that the page of the proof has what it is about.
    made = finished(
        ("evidence", str(release), "--out", str(tmp_path_factory.mktemp("bằng chứng") / "pack"), *on), SIGNED
    )
    assert made.returncode == 0, made.stderr
    told = finished(("site", "build", "--out", str(out), *both, *on), SIGNED)
    assert told.returncode == 0, told.stderr
    return out


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("MOTCUA_SCREENSHOTS")
    where = Path(given) if given else tmp_path_factory.mktemp("ảnh")
    where.mkdir(parents=True, exist_ok=True)
    return where


class Watched:
    """A page with everything it said and asked for."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("requestfailed", lambda request: self.said.append(f"failed: {request.url}"))
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)

    def assert_quiet(self, own: str) -> None:
        assert not self.said
        strangers = [url for url in self.asked if not url.startswith((own, "data:"))]
        assert not strangers

    def assert_accessible(self) -> None:
        found: dict[str, Any] = Axe().run(self.page, options=STANDARD).response
        told = [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]]
        assert not told
        assert len(found["passes"]) > 15


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("look", "width", "height", "scheme"),
    [("desk", 1200, 1000, "light"), ("dark", 1200, 1000, "dark"), ("phone", 390, 844, "light")],
)
def test_the_page_in_every_look(
    browser: Browser,
    folder: Path,
    release: int,
    pictures: Path,
    language: str,
    look: str,
    width: int,
    height: int,
    scheme: Any,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    watched = Watched(context)
    watched.page.goto((folder / f"release-{release}" / LANGUAGES[language]).as_uri())
    watched.page.screenshot(path=pictures / f"{language}-{look}.png", full_page=True)
    watched.assert_quiet(folder.as_uri())
    # Self-contained: the one file and the empty picture that stands for an icon.
    assert len([url for url in watched.asked if url.startswith("file:")]) == 1
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.page.locator("html").get_attribute("lang") == language
    assert watched.page.locator("figure svg").count() >= 6
    watched.assert_accessible()
    context.close()


@pytest.mark.parametrize("name", ["form-ii06a-levels", "form-ii07b", "files", "checks", "steps", "sync", "changes", "catalogue",
                                  "channels", "claims", "proof", "sql-rpt_form_ii06a"])  # fmt: skip
def test_pages_beside_it(browser: Browser, folder: Path, release: int, pictures: Path, name: str) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    watched = Watched(context)
    watched.page.goto((folder / f"release-{release}" / "evidence" / f"{name}.html").as_uri())
    watched.page.screenshot(path=pictures / f"{name}.png")
    watched.assert_quiet(folder.as_uri())
    watched.assert_accessible()
    assert watched.page.locator("body").evaluate("body => getComputedStyle(body).margin") == "0px"  # its style was read
    # A number and what stands after it are not read as one: 0 and a hash, 2.813 and a hash.
    gap = "cells => cells.map(cell => parseFloat(getComputedStyle(cell).paddingLeft))"
    assert all(pixels > 8 for pixels in watched.page.locator(".n + td:not(.n), .n + th:not(.n)").evaluate_all(gap))
    context.close()


def test_without_script_nothing_is_missing(browser: Browser, folder: Path, release: int) -> None:
    told = []
    for script in (True, False):
        context = browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto((folder / f"release-{release}" / "index.html").as_uri())
        told.append(page.inner_text("body"))
        context.close()
    assert told[0] == told[1] and len(told[0]) > 5000


def test_a_reader_follows_a_number_and_comes_back(browser: Browser, folder: Path, release: int, pictures: Path) -> None:
    context = browser.new_context()
    watched = Watched(context)
    page = watched.page
    page.goto((folder / "index.html").as_uri())
    page.click(f"text=Bản công bố số {release}")
    number = page.locator(".card.leading .number a").first
    told = number.inner_text()
    number.click()
    assert page.locator(".lead-number").inner_text() == told
    page.screenshot(path=pictures / "evidence.png", full_page=True)
    watched.assert_accessible()
    page.click("text=English")
    assert page.locator(".lead-number").inner_text() == told.replace(".", ",")
    # On to the form's cell, and to the delivered file behind it.
    page.locator("caption:has-text('Form II.06a') ~ tbody a").first.click()
    page.locator("#files-behind tbody a").first.click()
    assert page.locator("tr:target").count() == 1
    page.click(f"text=Back to release {release}")
    page.click("text=All releases")
    assert page.locator("html").get_attribute("lang") == "en"
    watched.assert_quiet(folder.as_uri())
    context.close()


def test_printed_it_is_whole(browser: Browser, folder: Path, release: int, pictures: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((folder / f"release-{release}" / "index.html").as_uri())
    row = page.locator("#ranking-commune tbody tr").last
    assert not row.is_visible()
    page.emulate_media(media="print")
    assert row.is_visible() and not page.locator("nav").is_visible()
    page.pdf(path=pictures / "printed.pdf", prefer_css_page_size=True)
    assert (pictures / "printed.pdf").stat().st_size > 50_000
    context.close()


def test_an_inspector_reaches_the_dossiers_and_nobody_else(
    browser: Browser, folder: Path, release: int, later: Later, pictures: Path
) -> None:
    with opened(CONFIG, later.province.database.name) as (settings, found):
        site = Site(folder, "key-of-the-test", explainer(settings, found, 3))
        with Server(site, 0) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                _walk(browser, server, release, pictures)
            finally:
                server.shutdown()
                thread.join()


def _walk(browser: Browser, server: Server, release: int, pictures: Path) -> None:
    for key in ("", "?key=key-of-the-test"):
        context = browser.new_context()
        watched = Watched(context)
        page = watched.page
        page.goto(server.address + key)
        page.click(f"text=Bản công bố số {release}")
        page.locator("#late-fields td.n a").first.click()
        told = page.locator(".lead-number").inner_text()
        way = page.locator("text=Các hồ sơ phía sau con số này")
        assert way.is_visible() == bool(key)
        if key:
            way.click()
            # It is held against the kept bytes: here the deployment's own files and key.
            assert f"= {told}" in page.title()
            assert page.locator("details.thing").count() > 0
            page.screenshot(path=pictures / "dossiers.png", full_page=True)
        watched.assert_quiet(server.address)
        context.close()
