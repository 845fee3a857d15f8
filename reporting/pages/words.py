"""Words of the pages in the reader's language, and how numbers and days are spelt in it.

Belongs here: looking words up and spelling values. Does not: the words (words.yml, definitions.yml, checks.yml), or those that
the command line shares (reporting/labels).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from contracts.yaml_text import parsed
from reporting.forms import Language
from reporting.numerals import count_vi, day_vi, percent_vi, sentence_case
from reporting.pages.model import Number

_FOLDER = Path(__file__).parent
_MINUS = "−"
#: Not strftime's: that asks the process's locale.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@cache
def _pairs(file: str) -> dict[str, list[str]]:
    return dict(parsed((_FOLDER / file).read_text(encoding="utf-8")))


def word(name: str, language: Language, /, **said: object) -> str:
    """The word or sentence with its {braces} filled in. Raises KeyError for one that is not there."""
    text = _pairs("words.yml")[name][0 if language is Language.en else 1]
    return text.format(**said) if said else text


def definition_name(definition: str, language: Language) -> str:
    """What a headline figure is called."""
    return _pairs("definitions.yml")[definition][0 if language is Language.en else 1]


def definition_meaning(definition: str, language: Language) -> str:
    """What a headline figure counts, in one sentence."""
    return sentence_case(_pairs("definitions.yml")[definition][2 if language is Language.en else 3]) + "."


def check_name(check: str, language: Language) -> str:
    """What a check is called; one that the suite no longer has keeps its own name."""
    pair = _pairs("checks.yml").get(check)
    return check.replace("_", " ") if pair is None else pair[0 if language is Language.en else 1]


def title(text: str) -> str:
    """As a heading or a column's title."""
    return sentence_case(text)


def spelt(number: Number, language: Language) -> str:
    """The number as a reader of the language writes it; – where there is no value."""
    if number.value is None:
        return "–"
    told = _plain(number, language)
    return told if number.wording == "{value}" else number.wording.format(value=told)


def _plain(number: Number, language: Language) -> str:
    value = number.value
    assert value is not None
    if number.kind == "count":
        return count(int(value), language)
    if number.kind == "place":
        return str(value)
    if number.kind == "percent":
        return percent(Decimal(value), language)
    if number.kind == "points":
        exact = Decimal(value)
        return word("points_told", language, value=_signed(exact) + percent(abs(exact), language).removesuffix("%"))
    if number.kind == "change":
        return _signed(value) + count(abs(int(value)), language)
    return count(int(value), language)


def _signed(value: int | Decimal) -> str:
    return "" if value == 0 else "+" if value > 0 else _MINUS


def count(value: int, language: Language) -> str:
    """339.981 or 339,981; below zero with a true minus sign."""
    text = count_vi(abs(value)) if language is Language.vi else f"{abs(value):,}"
    return (_MINUS if value < 0 else "") + text


def percent(value: Decimal, language: Language) -> str:
    """99,68% or 99.68%, two decimals at most."""
    if language is Language.vi:
        return percent_vi(value)
    text = f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,.2f}".rstrip("0").rstrip(".")
    return f"{text}%"


def day(value: date, language: Language) -> str:
    """30/6/2023 or 30 June 2023."""
    return day_vi(value) if language is Language.vi else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def instant(value: datetime, zone: str, language: Language) -> str:
    """A moment by the jurisdiction's clock, to the minute: 00:00 ngày 1/7/2023 or 1 July 2023, 00:00."""
    local = value.astimezone(ZoneInfo(zone))
    if language is Language.vi:
        return f"{local:%H:%M} ngày {day_vi(local.date())}"
    return f"{day(local.date(), language)}, {local:%H:%M}"
