"""The pages of a province's releases against the published tables, number by number, three days apart.

Belongs here: what stands on the pages, as their model has it; few of the ten thousand are rendered. Does not: whole sites as
files (tests/integration/test_release_pages.py), or a browser (tests/system).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal

import pytest

from orchestration import site
from orchestration.cli.opened import reading
from reporting.forms import Language
from reporting.pages import account
from reporting.pages.gathered import Release
from reporting.pages.model import Evidence, Link, Number, Row, Table
from reporting.pages.site import evidence_pages, pages_in
from reporting.pages.told import Told
from tests.integration.province.conftest import Later
from tests.integration.province.made_province import Province
from tests.read_pages import Page, text_of


def _gathered(province: Province, release: int) -> Release:
    before = site.release_before(province.database, release)
    with ExitStack() as stack:
        connection = stack.enter_context(reading(province.database, release))
        then = None if before is None else stack.enter_context(reading(province.database, before))
        return site.gathered(connection, then, before, None)


@pytest.fixture(scope="module")
def releases(later: Later) -> dict[int, Release]:
    """The release before and the one after, both read from the later warehouse."""
    [(now,)] = later.province.ask("select release_id from release.pointer")
    return {number: _gathered(later.province, number) for number in (later.release_before, now)}


@pytest.fixture(scope="module")
def pages(releases: dict[int, Release]) -> dict[str, Evidence]:
    """Every page of the release after, in Vietnamese."""
    made = list(evidence_pages(Told(releases[max(releases)], Language.vi)))
    named = {page.page: page for page in made}
    assert len(named) == len(made) > 4500
    return named


@pytest.fixture(scope="module")
def front(releases: dict[int, Release], tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The page of the release after, rendered; the pages behind it are not."""
    file = tmp_path_factory.mktemp("bìa") / "index.html"
    file.write_bytes(
        next(content for name, content in pages_in(releases[max(releases)], Language.vi) if name == "index.html")
    )
    return Page(file)


def _numbers(tables: tuple[Table, ...]) -> Iterator[Number]:
    for table in tables:
        for row in table.rows:
            yield from (cell for cell in row.cells if isinstance(cell, Number))


def _values(row: Row) -> tuple[int | Decimal | None, ...]:
    return tuple(cell.value for cell in row.cells if isinstance(cell, Number))


def test_every_number_leads_to_a_page_with_the_place_it_names(pages: dict[str, Evidence]) -> None:
    places = {
        name: {row.anchor for table in page.tables for row in table.rows} | {table.name for table in page.tables}
        for name, page in pages.items()
    }
    seen = 0
    for page in pages.values():
        linked = [cell for table in page.tables for row in table.rows for cell in row.cells if isinstance(cell, Link)]
        for target in [n.target for n in _numbers(page.tables) if n.target] + [
            cell.target for cell in (*linked, *page.trail)
        ]:
            seen += 1
            assert target.page in pages, (page.page, target)
            assert not target.anchor or target.anchor in places[target.page], (page.page, target)
    assert seen > 20_000


def test_every_cell_of_the_forms_has_a_page_with_its_published_value(
    releases: dict[int, Release], pages: dict[str, Evidence], later: Later
) -> None:
    told = Told(releases[max(releases)], Language.vi)
    columns = "received_total, received_online, carried_over, resolved_total, early, on_time, late, pending_total"
    for variant in ("fields", "levels"):
        published = later.province.ask(
            f"select form_row_key, {columns} from marts.rpt_form_ii06a where period = '2023H1' and policy = 'day'"
            " and variant = %s order by row_place",
            variant,
        )
        rows = told.release.forms[variant]
        assert len(rows) == len(published) > 100
        for row, (key, *values) in zip(rows, published, strict=True):
            for column, value in zip(columns.split(", "), values, strict=True):
                page = pages[told.cell(row, column, variant).target.page]  # type: ignore[union-attr]
                assert page.number is not None and page.number.value == value
                assert key in page.sql and page.address.startswith("thai_nguyen/2023H1/ii06a.")
                # The delivered files behind it hold as many dossiers as it counts.
                behind = [table for table in page.tables if table.name == "files-behind"]
                assert sum(number.value or 0 for number in _numbers(tuple(behind))) == value
    [form] = later.province.ask("select * from (select one_stop_district, workflow_at_commune, in_authority_total"
                                " from marts.rpt_form_ii07b where period = '2023H1') as f")  # fmt: skip
    for column, value in zip(("one_stop_district", "workflow_at_commune", "in_authority_total"), form, strict=True):
        page = pages[told.procedures_cell(column).target.page]  # type: ignore[union-attr]
        assert page.number is not None and page.number.value == value


def test_the_page_says_what_the_tables_hold(front: Page, later: Later) -> None:
    province, tables = later.province, front.tables()
    assert len(front.bytes) < 1_000_000
    assert not [caption for caption, table in tables.items() if table.numbers_without_link()]
    ranked = province.ask(
        "select unit_name, unit_rank, on_time, judged from marts.rpt_unit_ranking where level = 'commune' order by unit_rank"
    )
    table = tables["Xếp hạng, xã, phường, thị trấn"]
    assert [(row[0], row[1], row[3], row[4]) for row in table.rows()] == [
        (name, str(rank), _vi(on_time), _vi(judged)) for name, rank, on_time, judged in ranked
    ]
    differing = province.ask("select sum(dossiers) from marts.rpt_sync_difference group by kind order by 1 desc")
    assert tables["Hồ sơ khác nhau"].column("Số hồ sơ") == [_vi(number) for (number,) in differing]
    steps = province.ask(
        "select workflow_step, sum(steps)::bigint, sum(steps_over)::bigint from marts.rpt_step_bottleneck"
        ' group by workflow_step order by workflow_step collate "C"'
    )
    assert [tuple(row[:3]) for row in tables["Các bước trong quy trình nội bộ"].rows()] == [
        (step, _vi(all_of), _vi(over)) for step, all_of, over in steps
    ]
    claims = province.ask("select figure_vi, ours from marts.rpt_claim order by place")
    ours = tables["Số đã công bố và số của hệ thống"].column("Số của hệ thống")
    for (figure, value), told in zip(claims, ours, strict=True):
        assert told.replace(".", "").replace(",", ".").rstrip("%") == f"{value.normalize():f}", figure


def _vi(value: int) -> str:
    return f"{int(value):,}".replace(",", ".")


def test_the_headline_is_the_half_year_and_its_months_stand_beside_it(front: Page, later: Later) -> None:
    cards = {text_of(li[0]): text_of(li[1]) for li in front.every("li") if "card" in li.get("class", "")}
    [(received, resolved, late)] = later.province.ask(
        "select received_online + received_direct_postal, resolved_total, late from marts.rpt_form_ii06a"
        " where period = '2023H1' and policy = 'day' and variant = 'levels' and row_kind = 'total'"
    )
    assert (cards["Tiếp nhận"], cards["Đã giải quyết"]) == (_vi(received), _vi(resolved))
    assert cards["Giải quyết quá hạn"] == _vi(late) and cards["Tỷ lệ đúng hạn"].endswith("%")
    months = front.tables()["Số liệu theo kỳ"]
    assert months.column("Kỳ") == [f"Tháng {month} năm 2023" for month in range(1, 7)]
    assert sum(int(text.replace(".", "")) for text in months.column("Tiếp nhận")) == received


def test_what_changed_is_told_and_the_first_release_has_nothing_before_it(
    front: Page, releases: dict[int, Release], later: Later
) -> None:
    assert account.changes(Told(releases[min(releases)], Language.vi)) is None
    compared = releases[max(releases)].known.changes
    assert compared is not None
    table = front.tables()["Số liệu thay đổi"]
    assert len(table.rows()) == len(compared["figures"]) > 0
    # The old release reads as it did: its own counts, not today's.
    [(late,)] = later.province.ask(
        "select count(*) from marts.fct_dossier_verdict where policy = 'day' and verdict = 'late'"
        " and resolved_at >= '2023-01-01 00:00:00+07' and resolved_at < '2023-07-01 00:00:00+07'"
    )
    moved = {row["figure"]: row["difference"] for row in compared["figures"] if row["policy"] == "day"}
    forms = [releases[number].forms["levels"][-1]["late"] for number in sorted(releases)]
    assert forms[1] == late and forms[1] - forms[0] == moved.get("late", 0)


def test_no_page_names_a_dossier(
    releases: dict[int, Release], pages: dict[str, Evidence], later: Later, front: Page
) -> None:
    codes = {code for (code,) in later.province.ask("select dossier_code from marts.fct_dossier")}
    assert len(codes) > 5000
    told = "\n".join([repr(list(pages.values())), front.bytes.decode()])
    words = set(re.findall(r"[\w.\-]+", told))
    assert not words & codes
    # The very same search finds one that is there.
    assert set(re.findall(r"[\w.\-]+", f"{told[:100]} {min(codes)} ")) & codes


def test_made_by_shows_the_statement_that_was_sent(pages: dict[str, Evidence], later: Later) -> None:
    page = pages["sql-rpt_form_ii06a"]
    [(sql,)] = later.province.ask(
        "select t.sql from audit.model_made as m inner join audit.model_text as t on t.sha256 = m.sha256"
        " inner join audit.run as r on r.run_id = m.run_id where m.model = 'rpt_form_ii06a' order by r.run_number desc limit 1"
    )
    assert page.statements[0][2] == sql


def test_an_explanation_agrees_with_the_page(pages: dict[str, Evidence], later: Later) -> None:
    from reporting.explaining.explain import explain
    from reporting.figure_ids import parse_address

    asked = [page for page in pages.values() if page.address]
    assert len(asked) > 4500
    with reading(later.province.database, None) as connection:
        for page in asked[:: len(asked) // 12]:
            told = explain(connection, parse_address(page.address), 1)
            assert page.number is not None and told.holds
            value = None if told.value is None else told.value * (100 if told.shape == "share" else 1)
            assert value == page.number.value, page.address
