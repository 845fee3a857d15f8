"""Numbers and days as Vietnamese papers print them: 339.981, 99,68%, 30/6/2023.

Belongs here: spelling one value. Does not: labels (reporting/labels), or which value is told (reporting/brief).
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal


def count_vi(value: int) -> str:
    """A whole number with points between the thousands: 339.981."""
    return f"{value:,}".replace(",", ".")


def percent_vi(value: Decimal) -> str:
    """A share in per cent, two decimals at most, none for show: 99,68%, 99,5%, 100%."""
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    whole, decimals = f"{rounded:,.2f}".split(".")
    decimals = decimals.rstrip("0")
    return whole.replace(",", ".") + (f",{decimals}" if decimals else "") + "%"


def day_vi(day: date) -> str:
    """A day without leading noughts: 30/6/2023."""
    return f"{day.day}/{day.month}/{day.year}"


def sentence_case(text: str) -> str:
    """The text with a capital first letter, the rest untouched: "quý I năm 2023" gives "Quý I năm 2023"."""
    return text[:1].upper() + text[1:]
