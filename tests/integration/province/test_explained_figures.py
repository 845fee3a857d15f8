"""Every kind of published figure explains itself, in the release that stands and in the one before, in Python and in SQL.

Belongs here: cells of the forms, rates, the ranking, figures of briefs and claims, of a province with all its systems. Does not:
figures at cut-offs and changed bytes (tests/guarantees/test_promise_12_*), or the grammar of addresses.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from html.parser import HTMLParser

import psycopg
import pytest

from contracts.failures import UsageError
from orchestration.cli.opened import reading
from orchestration.proving import held_against_bytes
from reporting.brief_figures import brief_figures
from reporting.claims import claims
from reporting.explaining.explain import explain
from reporting.explaining.model import Explanation
from reporting.explaining.page import explanation_fragment, explanation_page
from reporting.explaining.resolving import RANKING, RATES
from reporting.explaining.told import as_json
from reporting.figure_ids import Address, parse_address
from reporting.forms import FormVariant, Language
from reporting.official import BLOCKS_II07B, COLUMNS_II06A, chosen_period, form_ii06a, ranking
from reporting.published import Body, published_body
from tests.integration.province.conftest import Later
from tests.integration.province.made_province import Province

J = "thai_nguyen"


@pytest.fixture(scope="module", params=[pytest.param("before", marks=pytest.mark.walk), "now"])
def release(request: pytest.FixtureRequest, later: Later) -> int | None:
    """The release of the first run, as it was, and the one that stands now, three days later."""
    return later.release_before if request.param == "before" else None


@pytest.fixture(scope="module")
def connection(later: Later, release: int | None) -> Iterator[psycopg.Connection]:
    with reading(later.province.database, release) as opened:
        yield opened


@pytest.fixture(scope="module")
def body(connection: psycopg.Connection) -> Body:
    return published_body(connection, J)


def _held(connection: psycopg.Connection, address: str, limit: int = 2) -> Explanation:
    told = explain(connection, parse_address(address), limit)
    assert told.problems == (), address
    assert len(told.things) == min(limit, told.total), address
    # What it calls itself is the same figure again.
    assert explain(connection, told.address, limit).address == told.address
    return told


def test_the_total_of_the_form_in_every_column(connection: psycopg.Connection, body: Body) -> None:
    [total] = form_ii06a(connection, body, "2023H1", "day", FormVariant.fields, Language.en)[-1:]
    for place, column in enumerate(COLUMNS_II06A, 3):
        told = _held(connection, f"{J}/2023H1/ii06a.{place}/day", 1)
        assert (told.address.column, told.value) == (column, total[column])


def test_lines_of_the_form_by_their_number(connection: psycopg.Connection, body: Body, release: int | None) -> None:
    choice, counted = random.Random(f"lines {release}"), 0
    for variant in FormVariant:
        rows = form_ii06a(connection, body, "2023H1", "day", variant, Language.en)
        busy = [line for line, row in enumerate(rows, 1) if row["received_total"] > 0 and row["row_kind"] != "total"]
        for line in choice.sample(busy, 6):
            column = choice.choice(COLUMNS_II06A[:8])
            told = _held(connection, f"{J}/2023H1/ii06a.{column}/day;variant={variant};line={line}")
            assert told.value == rows[line - 1][column]
            assert told.address.narrowed.keys() <= {"variant", "level", "field", "unit"}
            counted += told.total
    assert counted > 0


def test_every_rate_of_the_whole_and_of_units(connection: psycopg.Connection) -> None:
    for name in RATES:
        for tail in ("", ";unit=H55.21", ";unit=H55.09"):
            told = _held(connection, f"{J}/2023H1/rate.{name}{tail}")
            [above, below] = told.parts
            assert told.value == round(Decimal(100 * above.found) / below.found, 2)  # type: ignore[operator, arg-type]
            # What is told first is what holds the rate down.
            if above.found != below.found:
                assert told.things[0].counts["numerator"] == 0


def test_the_ranking_is_counted_anew(connection: psycopg.Connection, body: Body) -> None:
    rows = ranking(connection, body, "district")
    for row in (rows[0], rows[-1]):
        for column in RANKING:
            told = _held(connection, f"{J}/as_of/ranking.{column};unit={row['unit']}")
            assert (None if told.value is None else float(told.value)) == row[column]


def test_what_a_brief_and_claims_print_is_an_address(connection: psycopg.Connection, body: Body) -> None:
    figures = brief_figures(connection, body, chosen_period(connection, body, "2023H1"))
    assert len(figures) > 15
    for figure in figures.values():
        assert _held(connection, str(figure.id)).value == figure.value
    for row in claims(connection, J, Language.en):
        told = _held(connection, row["id"])
        assert told.value == Decimal(str(row["ours"])), row["id"]


def test_cells_of_the_form_of_procedures(connection: psycopg.Connection) -> None:
    for block in BLOCKS_II07B:
        for part in ("total", "province", "commune", "no_level", "at_province", "at_district", "at_commune"):
            told = _held(connection, f"{J}/2023H1/ii07b.{block}_{part}")
            assert [found.found for found in told.parts] == [told.value]


def test_a_procedure_under_the_one_stop_mechanism_shows_the_row_that_says_so(
    later: Later, connection: psycopg.Connection
) -> None:
    """Beside the catalogue's own: the first of a unit of that level which takes it in, read again from the kept bytes."""
    told = held_against_bytes(
        later.province.settings(), later.province.database,
        explain(connection, parse_address(f"{J}/2023H1/ii07b.one_stop_at_commune"), 10_000),
    )  # fmt: skip
    assert told.problems == () and told.total == len(told.things) == told.value > 1
    communes = {
        number
        for (number,) in later.province.ask(
            "select unit_number from staging.stg_provincial__unit where level = 'commune'"
        )
    }
    for thing in told.things:
        catalogue, given = thing.landed
        assert (catalogue.source, catalogue.stream) == ("decisions", "catalogue")
        assert (given.source, given.stream) == ("provincial", "procedure_unit")
        assert (given.proof, given.record_sha256) == ("", given.row_sha256)
        code, unit, _ = given.record.split(",")
        assert code == thing.code and int(unit) in communes


def test_a_release_from_before_the_table_counts_no_cell_it_cannot(copy_of_province: Callable[[str], Province]) -> None:
    """Told as not counted, and not as a contradiction."""
    old = copy_of_province("before_the_table")
    with old.database.connect() as connection:  # as its version made it: published figures, and no such table on record
        connection.execute("set session_replication_role = replica")
        connection.execute("truncate marts.bridge_procedure_unit")
        connection.execute("update release.release set content = content - 'bridge_procedure_unit'")
    with reading(old.database) as connection:
        one_stop, workflow = (
            explain(connection, parse_address(f"{J}/2023H1/ii07b.{block}_total"), 2)
            for block in ("one_stop", "workflow")
        )
    assert one_stop.value > 1 and [part.found for part in one_stop.parts] == [None]
    assert (one_stop.problems, one_stop.things) == ((), ())
    assert [part.found for part in workflow.parts] == [workflow.value]


def test_procedures_and_units_stand_in_files_that_agree(later: Later, connection: psycopg.Connection) -> None:
    """In the row of the list that said so first, read again from the kept bytes."""
    for address in (
        f"{J}/2023H1/in_force_at_end", f"{J}/2023H1/communes", f"{J}/2023H1/districts_and_cities",
        f"{J}/2023H1/ii07b.in_authority_province", f"{J}/2023H1/procedures_new",
    ):  # fmt: skip
        told = held_against_bytes(
            later.province.settings(), later.province.database, explain(connection, parse_address(address), 10_000)
        )
        assert told.problems == () and told.total == len(told.things) > 1, address
        for thing in told.things:
            [row] = thing.landed
            assert (row.proof, row.record_sha256) == ("", row.row_sha256), address
            assert row.delivery_id is not None and row.run is not None, address
            # The record is that thing's, and not just any row of the file.
            assert str(thing.facts.get("procedure_name") or thing.facts["name"]) in row.record, address


def test_events_and_steps_bear_the_hash_of_their_record(later: Later, connection: psycopg.Connection) -> None:
    """The facts carry none: it is that of the record in the kept file, and another record has another."""
    told = held_against_bytes(
        later.province.settings(), later.province.database,
        explain(connection, parse_address(f"{J}/2023H1/ii06a.late/day"), 5, steps=True),
    )  # fmt: skip
    rows = [row for thing in told.things for row in thing.landed]
    assert {row.role for row in rows} >= {"record", "step"} and not told.problems
    assert all(re.fullmatch("[0-9a-f]{64}", row.record_sha256) for row in rows)
    assert all(row.record_sha256 == row.row_sha256 for row in rows if row.role == "record")
    steps = {row.place: row.record_sha256 for row in rows if row.role == "step"}
    assert len(set(steps.values())) == len(steps) > 5
    said = [row for thing in as_json(told, Language.en)["dossiers"] for row in thing["landed"]]
    assert [row["record_sha256"] for row in said] == [row.record_sha256 for row in rows]


def test_sql_counts_the_same_dossiers_and_rows(
    later: Later, connection: psycopg.Connection, release: int | None
) -> None:
    addresses = [
        f"{J}/2023-07-01/late/day", f"{J}/2023-07-01/pending_waiting/day", f"{J}/2023-07-01/pending_overdue/qd766;unit=H55.21",
        f"{J}/as_of/ranking.judged;unit=H55.21", f"{J}/2023H1/on_time_of_resolved/day",
        *(f"{J}/2023H1/rate.{name};unit=H55.21" for name in RATES),
        *(f"{J}/2023H1/ii06a.{column}/day;variant=fields;level=commune" for column in COLUMNS_II06A),
        f"{J}/2023H1/ii06a.early/day;variant=fields;line=3",
    ]  # fmt: skip
    for text in addresses:
        told = explain(connection, parse_address(text), 4, steps=True)
        rows = later.province.ask("select * from audit.explain(%s, %s, 4)", text, release)
        assert {row[1] for row in rows} == ({told.total} if told.total else set()), text
        theirs = {(row[2], row[14], row[15], row[16], row[17], str(row[20])) for row in rows}
        ours = {
            (
                thing.code,
                one.file_name,
                one.file_sha256,
                one.row_number,
                one.row_sha256,
                str(one.run and one.run.run_id),
            )
            for thing in told.things
            for one in thing.landed
        }
        assert theirs == ours, text
        assert {row[2]: row[3] for row in rows} == {thing.code: dict(thing.counts) for thing in told.things}, text


def test_rows_of_all_systems_are_proved(later: Later, connection: psycopg.Connection) -> None:
    told = explain(connection, parse_address(f"{J}/2023-07-01/late/day"), 4, steps=True)
    proved = held_against_bytes(later.province.settings(), later.province.database, told)
    assert proved.holds
    rows = [row for thing in proved.things for row in thing.landed]
    assert {row.proof for row in rows} == {""} and all(row.record for row in rows)
    assert {row.role for row in rows} >= {"record", "step"}
    assert len({row.system for row in rows}) > 1
    assert all(row.run is not None and row.run.code.version for row in rows)


def test_a_figure_of_before_is_not_one_of_now(later: Later) -> None:
    address = Address(J, "2023H1", "ii06a.late", "day")
    with reading(later.province.database, later.release_before) as then, reading(later.province.database) as now:
        old, new = explain(then, address), explain(now, address)
    assert (old.release.release_id, new.release.release_id) == (later.release_before, later.summary.release_id)
    assert (old.release.is_published, new.release.is_published) == (False, True)
    assert old.run.run_id != new.run.run_id and old.holds and new.holds


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        (f"{J}/2023H1/lateness", "Near it: late"),
        (f"{J}/2023H9/ii06a.late", "Over: "),
        (f"{J}/2023H1/ii06a.99", "Columns: received_total"),
        (f"{J}/2023H1/ii06a.late/day;line=9999", "motcua form"),
        (f"{J}/2023H1/ii06a.late/day;line=first", "line=1"),
        (f"{J}/2023H1/rate.fair", "Rates: article"),
        (f"{J}/2023H1/rate.article;unit=H99", "H55.09"),
        (f"{J}/2023H1/rate.article;channel=online", "It is by: unit"),
        (f"{J}/as_of/ranking.unit_rank", "Name a unit"),
        (f"{J}/2023H1/late/day", "Write a day"),
        ("hue/2023H1/ii06a.late", "Published: "),
        (f"{J}/2023H1/ii06a.late/lenient", "Policies: "),
    ],
)
def test_what_names_nothing_is_told_with_what_there_is(connection: psycopg.Connection, address: str, hint: str) -> None:
    with pytest.raises(UsageError) as told:
        explain(connection, parse_address(address))
    assert hint in str(told.value.hint)


class _Page(HTMLParser):
    """What of a page matters here: its tags, ids, the targets of links, attributes that make a request."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        told = dict(attrs)
        self.ids += [str(told["id"])] if "id" in told else []
        self.links += [str(told[name]) for name in ("href", "src", "action") if name in told]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_as_a_page_in_both_languages(later: Later, connection: psycopg.Connection) -> None:
    told = explain(connection, parse_address(f"{J}/2023H1/rate.article;unit=H55.21"), 3)
    told = held_against_bytes(later.province.settings(), later.province.database, told)
    page = _Page()
    text = explanation_page(told, Language.vi)
    page.feed(text)
    assert page.open == [] and len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags) and "http" not in re.sub(
        r"http-equiv", "", text
    )
    assert "tỷ lệ đúng hạn" in text and "On time of the processed" in text and len(text) < 1_000_000
    assert explanation_page(told, Language.vi) == text
    for thing in told.things:
        assert thing.code in text and all(row.file_sha256 in text for row in thing.landed)


def test_what_names_bring_into_a_page_is_text(connection: psycopg.Connection) -> None:
    told = explain(connection, parse_address(f"{J}/2023H1/ii06a.late/day"), 1)
    [first] = told.things
    spoilt = type(told)(**{
        **{name: getattr(told, name) for name in told.__dataclass_fields__},
        "things": (type(first)(first.key, "<script>alert(1)</script>", first.counts, first.facts, first.landed),),
        "problems": ("<b>bold</b>",),
    })  # fmt: skip
    fragment = str(explanation_fragment(spoilt, Language.en))
    assert "<script>" not in fragment and "<b>" not in fragment and "&lt;script&gt;" in fragment


def test_as_json_it_has_all_of_it(connection: psycopg.Connection) -> None:
    told = explain(connection, parse_address(f"{J}/2023H1/rate.qd766"), 2)
    found = json.loads(json.dumps(as_json(told, Language.vi), ensure_ascii=False))
    assert found["value"] == float(told.value or 0) and found["holds"] is True
    assert [part["counted"] for part in found["parts"]] == [part.found for part in told.parts]
    assert [dossier["code"] for dossier in found["dossiers"]] == [thing.code for thing in told.things]
    assert found["sql"][0]["model"] == "rpt_rate" and len(found["checks"]) == 45
