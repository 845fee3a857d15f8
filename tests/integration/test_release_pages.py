"""The pages of a release of Boston: numbers as published, each with its page, nothing asked of anybody, the same bytes again.

Belongs here: whole sites of the sampled Boston and of Brazil's catalogue. Does not: what only a province has
(province/test_province_pages.py), or a browser (tests/system).
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Deployed
from tests.read_pages import Page, dangling, site_in

Motcua = Callable[..., subprocess.CompletedProcess[str]]


def _built(motcua: Motcua, out: Path, *arguments: str, database: str = "sampled") -> subprocess.CompletedProcess[str]:
    return motcua("site", "build", "--out", str(out), "--database", database, *arguments)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trang công bố")


@pytest.fixture
def site(sample: Deployed, motcua: Motcua, out: Path) -> dict[str, Page]:
    """Boston's site, built once."""
    if not (out / "index.html").exists():
        told = _built(motcua, out, "--jurisdiction", "boston", database=sample.database.name)
        assert told.returncode == 0, told.stderr
    return site_in(out)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_link_leads_somewhere_and_nothing_is_asked(site: dict[str, Page]) -> None:
    assert len(site) > 1000
    assert not dangling(site)
    assert not {name: page.asks() for name, page in site.items() if page.asks()}
    assert max(len(page.bytes) for page in site.values()) < 1_000_000
    assert sum(b' lang="vi"' in page.bytes[:60] for page in site.values()) == len(site) / 2


def test_every_number_of_the_page_leads_to_its_explanation(site: dict[str, Page]) -> None:
    for name in ("release-1/index.html", "release-1/index.en.html"):
        tables = site[name].tables()
        assert len(tables) > 5
        for caption, table in tables.items():
            assert not table.numbers_without_link(), (name, caption)


def test_pages_are_sound_html(site: dict[str, Page]) -> None:
    evidence = [name for name in site if "/evidence/" in name]
    for name in ["index.html", "index.en.html", "release-1/index.html", "release-1/index.en.html", *evidence[::97]]:
        page = site[name]
        [heading] = page.every("h1")
        assert heading.text
        for table in page.every("table"):
            assert all(cell.get("scope") for cell in table.iter("{http://www.w3.org/1999/xhtml}th"))
    assert len({hash(site[name].text()) for name in evidence[::97]}) == len(evidence[::97])


def test_the_form_is_what_is_published(sample: Deployed, site: dict[str, Page]) -> None:
    for variant, label in (("fields", "label"), ("levels", "coalesce(unit_key, '')")):
        published = sample.ask(
            "select received_total, received_online, received_direct_postal, carried_over, resolved_total, early, on_time, late,"
            " pending_total, pending_in_time, pending_overdue, closed_otherwise, resolved_no_due, pending_no_due"
            " from marts.rpt_form_ii06a where jurisdiction = 'boston' and period = '2015Q4' and policy = 'instant'"
            f" and variant = %s order by row_place, {label}",
            variant,
        )
        for ending, mark in ((".html", "."), (".en.html", ",")):
            [table] = site[f"release-1/evidence/form-ii06a-{variant}{ending}"].tables().values()
            told = [tuple(row[2:]) for row in table.rows()]
            assert told == [tuple(f"{value:,}".replace(",", mark) for value in row) for row in published]
            assert not table.numbers_without_link()
            # The page behind each cell tells the same number, large.
            for line, row in zip(told, table.cells, strict=True):
                for value, cell in zip(line[::5], row[2::5], strict=True):
                    target = cell[0].get("href")
                    assert target is not None
                    page = site[f"release-1/evidence/{target}"]
                    [shown] = [p.text for p in page.every("p") if p.get("class") == "lead-number"]
                    assert shown == value


@pytest.mark.walk
def test_the_same_release_gives_the_same_bytes(
    sample: Deployed, site: dict[str, Page], motcua_process: Motcua, out: Path, tmp_path: Path
) -> None:
    # In another process, with another hash seed and another locale and zone of the machine.
    told = motcua_process(
        "site", "build", "--out", str(tmp_path), "--database", sample.database.name, "--jurisdiction", "boston",
        PYTHONHASHSEED="7", TZ="America/Lima", LC_ALL="C",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert _hashes(tmp_path) == _hashes(out)


def test_a_catalogue_without_dossiers_has_its_page(sample: Deployed, motcua: Motcua, tmp_path: Path) -> None:
    told = _built(motcua, tmp_path, "--jurisdiction", "brazil", database=sample.database.name)
    assert told.returncode == 0, told.stderr
    site = site_in(tmp_path)
    assert not dangling(site)
    [table] = [t for caption, t in site["release-1/index.en.html"].tables().items() if caption.startswith("Procedures")]
    published = sample.ask(
        "select snapshot_after, count(*) filter (where action = 'new'), count(*) filter (where action = 'amended')"
        " from marts.fct_catalogue_change where jurisdiction = 'brazil' group by 1 order by 1"
    )
    plain = [int(text.replace(",", "")) for text in table.column("New")]
    assert plain == [row[1] for row in published]
    assert [int(text.replace(",", "")) for text in table.column("Amended")] == [row[2] for row in published]


def test_a_release_that_contradicts_itself_has_no_page(
    copy_of_sample: Deployed, motcua: Motcua, out: Path, site: dict[str, Page], tmp_path: Path
) -> None:
    copy_of_sample.do(
        "update marts.rpt_form_ii06a set late = late + 1, resolved_total = resolved_total + 1 where form_row_key ="
        " (select form_row_key from marts.rpt_form_ii06a where jurisdiction = 'boston' and period = '2015Q4'"
        " and policy = 'instant' and variant = 'levels' and row_kind = 'line' order by row_place limit 1)"
    )
    (tmp_path / "release-1").mkdir()
    (tmp_path / "release-1" / "index.html").write_text("the page that stood", encoding="utf-8")
    told = _built(motcua, tmp_path, "--jurisdiction", "boston", database=copy_of_sample.database.name)
    assert told.returncode == 1
    assert "the published dossiers come to" in told.stderr and "(levels)" in told.stderr
    assert _hashes(tmp_path) == {"release-1/index.html": hashlib.sha256(b"the page that stood").hexdigest()}


def test_what_cannot_be_built_is_said(sample: Deployed, motcua: Motcua, tmp_path: Path) -> None:
    name = sample.database.name
    nowhere = _built(motcua, tmp_path, "--jurisdiction", "nowhere", database=name)
    assert nowhere.returncode == 2 and "boston" in nowhere.stderr
    gone = _built(motcua, tmp_path, "--release", "99", "--jurisdiction", "boston", database=name)
    assert gone.returncode == 2 and "99" in gone.stderr
    period = _built(motcua, tmp_path, "--jurisdiction", "boston", "--period", "2016Q1", database=name)
    assert period.returncode == 2 and "not over" in period.stderr
    (tmp_path / "a file").write_text("", encoding="utf-8")
    blocked = _built(motcua, tmp_path / "a file", "--jurisdiction", "boston", database=name)
    assert blocked.returncode == 2 and "cannot be written" in blocked.stderr
    nothing = motcua("site", "serve", "--out", str(tmp_path), "--database", name)
    assert nothing.returncode == 2 and "no site" in nothing.stderr
