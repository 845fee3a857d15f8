"""A brief composed of given figures: wordings, numbers as papers print them, names of figures.

Belongs here: composing and spelling, without a database. Does not: whose figures these are (tests/integration).
"""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from contracts.failures import UsageError
from orchestration.settings import PROJECT
from reporting.brief import compose, figure_told, laid_out, names_vi, spelt, wordings
from reporting.brief_figures import Cell, Figure
from reporting.figure_ids import FigureId, parse_figure_id
from reporting.forms import BriefForm
from reporting.numerals import count_vi, day_vi, percent_vi, sentence_case
from tests.unit.reporting.somewhere import BODY, PERIOD

#: The article's numbers as its text prints them (Thái Nguyên, 3 July 2023), by the names of the claims.
ARTICLE = {
    "received": "339.981", "resolved": "339.287", "on_time": "338.202", "on_time_rate": "99,68%", "visits": "49.850",
    "decisions": "30", "in_decisions": "746", "new_procedures": "365", "abolished_procedures": "381", "in_force": "1.878",
    "in_force_province": "1.464", "in_force_district": "286", "in_force_commune": "128", "interlinked_same_level": "73",
    "interlinked_across": "59", "workflows": "1.878", "workflow_rate": "100%", "districts": "9", "communes": "177",
}  # fmt: skip
NOT_LETTERS_OF_VIETNAMESE = re.compile(r"[^\w\s.,;:()/%{}+–-]")


def _claims() -> dict[str, dict[str, Any]]:
    told = yaml.safe_load((PROJECT / "demo" / "thai_nguyen.yml").read_text(encoding="utf-8"))
    return dict(told["claims"])


def _figures(**values: object) -> dict[str, Figure]:
    return {
        name: Figure(FigureId("j", "H1", name), Decimal(str(value)), Cell("rpt_x", f"key of {name}", ("column",)))
        for name, value in values.items()
    }


def _text(**values: object) -> str:
    return laid_out(compose(BODY, PERIOD, _figures(**values), ()), BriefForm.text)


@pytest.mark.parametrize(
    ("number", "printed"), [(0, "0"), (128, "128"), (1878, "1.878"), (339981, "339.981"), (1234567, "1.234.567")]
)
def test_counts(number: int, printed: str) -> None:
    assert count_vi(number) == printed


@pytest.mark.parametrize(
    ("share", "printed"),
    [
        ("99.68", "99,68%"), ("100.00", "100%"), ("99.50", "99,5%"), ("0", "0%"), ("99.675", "99,68%"), ("90.07", "90,07%"),
        ("10", "10%"), ("1234.5", "1.234,5%"),
    ],
)  # fmt: skip
def test_shares(share: str, printed: str) -> None:
    assert percent_vi(Decimal(share)) == printed


def test_days_and_capitals() -> None:
    assert (day_vi(date(2023, 6, 30)), day_vi(date(2024, 2, 9))) == ("30/6/2023", "9/2/2024")
    assert sentence_case("quý I năm 2023") == "Quý I năm 2023"
    assert sentence_case("đến nay") == "Đến nay"


def test_the_articles_claims_are_spelt_as_the_article_spells_them() -> None:
    """Every claim of the deployment file, put in as if it were the published figure."""
    claims = _claims()
    # The article's first number is claimed twice: it does not say whether what was carried over is in it.
    assert set(claims) - set(ARTICLE) == {"received_other_reading"}
    values = {claim["definition"]: claim["claimed"] for name, claim in claims.items() if name in ARTICLE}
    text = _text(**values)
    for name, printed in ARTICLE.items():
        definition = claims[name]["definition"]
        numbers = re.findall(rf"\[(\d+)\] j/H1/{definition}:", text)
        assert len(numbers) == 1, name
        assert re.search(rf"(?<![\d.,]){re.escape(printed)} \[{numbers[0]}\]", text), (name, printed)
    assert "6 tháng đầu năm 2023, tổng số hồ sơ được tiếp nhận là 339.981 [3] hồ sơ, đã xử lý 339.287 [4]" in text
    assert "trong đó xử lý đúng hạn 338.202 [5] hồ sơ, đạt tỷ lệ 99,68% [6]." in text
    assert "(từ ngày 1/1/2023 đến ngày 30/6/2023)" in text and "Đến ngày 30/6/2023, tổng số TTHC" in text


def test_what_is_not_there_is_not_said() -> None:
    text = _text(received_in_period=10, resolved_in_period=7)
    assert "tổng số hồ sơ được tiếp nhận là 10 [1] hồ sơ, đã xử lý 7 [2] hồ sơ.\n" in text
    assert "tỷ lệ" not in text and "TTHC đang có hiệu lực" not in text and "huyện" not in text
    with pytest.raises(UsageError, match="nothing is published of j in H1"):
        _text(on_time_of_resolved=100)


def test_where_there_are_no_districts_none_are_told_of() -> None:
    assert "Trên địa bàn có 92 [1] xã, phường, thị trấn." in _text(districts_and_cities=0, communes=92)
    with pytest.raises(UsageError):
        _text(districts_and_cities=0, communes=0)


def test_markdown_and_json_tell_the_same() -> None:
    brief = compose(BODY, PERIOD, _figures(received_in_period=12345, resolved_in_period=9), [_gap()])
    markdown = laid_out(brief, BriefForm.markdown)
    assert "tiếp nhận là 12.345[^1] hồ sơ, đã xử lý 9[^2] hồ sơ." in markdown
    assert "[^1]: `j/H1/received_in_period`: tiếp nhận trong kỳ (marts.rpt_x, column)" in markdown
    assert "- one_stop H1.2 (Huyện Đại Từ): số lần giao còn thiếu: 1, [2023-01-31, 2023-02-01)" in markdown
    told = json.loads(laid_out(brief, BriefForm.json))
    assert told["paragraphs"] == [
        "6 tháng đầu năm 2023, tổng số hồ sơ được tiếp nhận là 12.345 hồ sơ, đã xử lý 9 hồ sơ."
    ]
    assert [(row["id"], row["value"], row["spelt"]) for row in told["figures"]] == [
        ("j/H1/received_in_period", 12345, "12.345"), ("j/H1/resolved_in_period", 9, "9"),
    ]  # fmt: skip
    assert told["release"] == 7 and told["gaps"] == [_gap()]


def _gap() -> dict[str, Any]:
    return {
        "source": "one_stop", "kind": "missing", "office": "H1.2", "office_name": "Huyện Đại Từ", "missing": 1,
        "from": "2023-01-31", "to": "2023-02-01", "reason": None,
    }  # fmt: skip


def test_every_wording_can_be_said() -> None:
    """No wording names a figure that nobody publishes, and each figure that has a name is told somewhere."""
    beside = {"body", "period", "Period", "first_day", "last_day"}
    told = {
        name
        for paragraph in wordings()
        for sentence in paragraph
        for wording in sentence
        for name in [*wording.named(), *wording.above_zero]
    }
    assert told - beside == set(names_vi())
    for text in [wording.text for part in wordings() for sentence in part for wording in sentence]:
        assert not NOT_LETTERS_OF_VIETNAMESE.findall(text) and text.endswith(".") and "  " not in text


def test_the_name_of_a_figure_is_read_as_it_is_written() -> None:
    for text in ("thai_nguyen/2023H1/on_time_of_resolved/day", "boston/2015Q1/visits_in_period"):
        assert str(parse_figure_id(text)) == text
    assert parse_figure_id("a/b/c/d").policy == "d" and parse_figure_id("a/b/c").policy is None
    for wrong in ("", "a/b", "a//c", "a/b/c/", "a/b/c/d/e"):
        with pytest.raises(UsageError, match="names no figure"):
            parse_figure_id(wrong)


def test_one_figure_is_found_by_its_id() -> None:
    brief = compose(BODY, PERIOD, _figures(received_in_period=12345, resolved_in_period=9), ())
    told = figure_told(brief, parse_figure_id("j/H1/received_in_period"), BriefForm.text)
    assert told.splitlines() == [
        "12.345", "j/H1/received_in_period: tiếp nhận trong kỳ (marts.rpt_x, column)",
        "bản công bố 7, row_key key of received_in_period",
    ]  # fmt: skip
    as_json = json.loads(figure_told(brief, parse_figure_id("j/H1/resolved_in_period"), BriefForm.json))
    assert (as_json["release"], as_json["value"], as_json["table"]) == (7, 9, "rpt_x")
    # Judged by a policy it would be another figure.
    with pytest.raises(UsageError, match="tells no figure j/H1/resolved_in_period/day"):
        figure_told(brief, parse_figure_id("j/H1/resolved_in_period/day"), BriefForm.text)


def test_rates_are_spelt_as_rates() -> None:
    [rate] = _figures(on_time_of_resolved="51.1").values()
    [count] = _figures(resolved_in_period="51").values()
    assert (spelt(rate), spelt(count)) == ("51,1%", "51")
