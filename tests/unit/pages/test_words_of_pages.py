"""Words, numbers and colours of the pages: each in both languages, spelt as each language does, readable on every ground.

Belongs here: what needs no database. Does not: what stands on a page (tests/integration).
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from contracts.yaml_text import parsed
from expectations.suite import load_suite
from reporting.brief import names_vi
from reporting.forms import Language
from reporting.pages import rendering, words
from reporting.pages.model import Number
from reporting.pages.sections import COURSE, HEADLINES

FOLDER = rendering._TEMPLATES.parent
PAIRS = {
    name: parsed((FOLDER / name).read_text(encoding="utf-8")) for name in ("words.yml", "checks.yml", "definitions.yml")
}


@pytest.mark.parametrize(("file", "texts"), [("words.yml", 2), ("checks.yml", 2), ("definitions.yml", 4)])
def test_every_word_stands_in_both_languages(file: str, texts: int) -> None:
    for name, told in PAIRS[file].items():
        assert len(told) == texts and all(isinstance(text, str) and text.strip() for text in told), name
        half = texts // 2
        for english, vietnamese in zip(
            told[::2] if half == 2 else told[:1], told[1::2] if half == 2 else told[1:], strict=True
        ):
            if file == "words.yml":
                assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", vietnamese)), name


def test_every_template_and_section_asks_for_words_that_are_there() -> None:
    asked = set()
    for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.j2")]:
        asked |= set(re.findall(r"\b(?:word|head)\(\s*[\"'](\w+)[\"']", path.read_text(encoding="utf-8")))
    assert len(asked) > 100 and asked <= PAIRS["words.yml"].keys(), asked - PAIRS["words.yml"].keys()


def test_every_check_of_the_suite_has_a_name_and_no_other() -> None:
    assert {check.name for check in load_suite()} == PAIRS["checks.yml"].keys()


def test_every_figure_of_a_brief_is_defined() -> None:
    assert names_vi().keys() <= PAIRS["definitions.yml"].keys()
    assert {*HEADLINES, *COURSE} <= PAIRS["definitions.yml"].keys()


@pytest.mark.parametrize(
    ("number", "vi", "en"),
    [
        (Number(339_981), "339.981", "339,981"),
        (Number(0), "0", "0"),
        (Number(-12_345), "−12.345", "−12,345"),
        (Number(None), "–", "–"),
        (Number(Decimal("99.68"), "percent"), "99,68%", "99.68%"),
        (Number(Decimal("100.00"), "percent"), "100%", "100%"),
        (Number(Decimal("99.1"), "percent"), "99,1%", "99.1%"),
        (Number(Decimal("-0.0147"), "points"), "−0,01 điểm %", "−0.01 pp"),
        (Number(1_085, "change"), "+1.085", "+1,085"),
        (Number(-3, "change"), "−3", "−3"),
        (Number(0, "change"), "0", "0"),
        (Number(1234, "place"), "1234", "1234"),
        (Number(49_850, "count", None, "trên {value}"), "trên 49.850", "trên 49,850"),
    ],
)
def test_numbers_are_spelt_as_the_language_does(number: Number, vi: str, en: str) -> None:
    assert (words.spelt(number, Language.vi), words.spelt(number, Language.en)) == (vi, en)


def _colours(block: str) -> dict[str, str]:
    return {name: _long(colour) for name, colour in re.findall(r"--(\w+): (#[0-9a-f]+);", block)}


def _long(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(sign * 2 for sign in colour[1:])


def _brightness(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_brightness(one), _brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert _contrast("#000000", "#ffffff") == 21
    assert round(_contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("place", [0, 1, 2], ids=["light", "dark", "printed"])
def test_text_can_be_read_on_every_ground(place: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", rendering.style(), re.DOTALL)
    assert len(blocks) == 3
    colours = _colours(blocks[0]) | _colours(blocks[place])
    for ground in ("paper", "raised", "sum", "target"):
        # Printed pages keep no ground of a target but the light one.
        for text in ("ink", "faint", "accent"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    # Bars are told apart from the paper and from each other without colours.
    assert _contrast(colours["accent"], colours["quiet"]) >= 3
    assert _contrast(colours["accent"], colours["paper"]) >= 3


def test_what_stands_between_backquotes_is_code_and_all_of_it_is_escaped() -> None:
    assert rendering.marked("run `motcua verify A & B` now") == "run <code>motcua verify A &amp; B</code> now"
    assert rendering.marked("<b> and `<len>`") == "&lt;b&gt; and <code>&lt;len&gt;</code>"
    assert rendering.marked("nothing to mark") == "nothing to mark"
