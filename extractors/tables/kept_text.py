"""Rows of a driver as records of kept text, byte for byte what PostgreSQL's COPY writes of the same values.

Belongs here: one value's text, one record's text. Does not: files, or reading the text again (delimited.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.failures import DeliveryProblem, DeliveryRefused

_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def header(names: Iterable[str]) -> bytes:
    """The first line of a batch."""
    return (",".join(_quoted(name) for name in names) + "\n").encode()


def record(names: tuple[str, ...], values: Iterable[Any]) -> bytes:
    """One row without its line end. Raises DeliveryRefused for a value that has no text of its own here."""
    texts = []
    for at, value in enumerate(values):
        if value is None:
            texts.append("")
            continue
        render = _RENDER.get(type(value))
        if render is None:
            raise DeliveryRefused(
                DeliveryProblem.COLUMN_RETYPED,
                f"{names[at]} holds values of a kind that cannot be read ({type(value).__name__})",
                hint="read it through a view that casts the column to text, numbers or dates",
            )
        texts.append(render(value))
    return ",".join(texts).encode("utf-8", "surrogatepass")


def _quoted(text: str) -> str:
    if text and _NEEDS_QUOTES.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


def _moment(value: datetime) -> str:
    if value.tzinfo is not None:
        return _moment(value.astimezone(UTC).replace(tzinfo=None)) + "+00"
    text = value.isoformat(sep=" ", timespec="seconds")
    return text if value.microsecond == 0 else f"{text}.{value.microsecond:06}".rstrip("0")


def _float(value: float) -> str:
    text = repr(value).removesuffix(".0")
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text)


def _decimal(value: Decimal) -> str:
    return format(value, "f") if value.is_finite() else _float(float(value))


def _bytes(value: bytes) -> str:
    return "\\x" + value.hex()


_RENDER: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    int: str,
    bool: lambda value: "t" if value else "f",
    float: _float,
    Decimal: _decimal,
    datetime: _moment,
    date: date.isoformat,
    bytes: _bytes,
    bytearray: _bytes,
    UUID: str,
}
