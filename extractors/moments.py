"""Dates and times as a source writes them: one strict reading of a strptime format, for whole columns at once.

Belongs here: compiling a format, text to calendar values and back. Does not: time zones (zones.py).
Stricter than strptime on purpose: %m is two digits and %Y four, so that 1/5/15 is told, not guessed; a format that
admits single digits says %-m. Formats of fixed width are read by slicing digits out of the bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.failures import ContractError

Numbers = NDArray[np.int64]

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
#: directive: (part, pattern of its text, width when it is fixed)
_DIRECTIVES: dict[str, tuple[str, str, int | None]] = {
    "%Y": ("year", "[0-9]{4}", 4),
    "%y": ("short_year", "[0-9]{2}", 2),
    "%m": ("month", "[0-9]{2}", 2),
    "%-m": ("month", "[0-9]{1,2}", None),
    "%b": ("month_name", "|".join(name[:3] for name in _MONTHS), None),
    "%B": ("month_name", "|".join(_MONTHS), None),
    "%d": ("day", "[0-9]{2}", 2),
    "%-d": ("day", "[0-9]{1,2}", None),
    "%H": ("hour", "[0-9]{2}", 2),
    "%-H": ("hour", "[0-9]{1,2}", None),
    "%I": ("hour12", "[0-9]{2}", 2),
    "%-I": ("hour12", "[0-9]{1,2}", None),
    "%M": ("minute", "[0-9]{2}", 2),
    "%S": ("second", "[0-9]{2}", 2),
    "%f": ("fraction", "[0-9]{1,6}", None),
    # With its point, and only where there is a fraction: databases write whole seconds without one.
    "%.f": ("fraction", r"\.[0-9]{1,6}|", None),
    "%p": ("half", "[AaPp][Mm]", 2),
    "%z": ("offset", "[+-][0-9]{4}", 5),
    "%:z": ("offset", "[+-][0-9]{2}:[0-9]{2}", 6),
}
_SHORTHANDS = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y"}
_TIME_PARTS = {"hour", "hour12", "minute", "second", "fraction", "half", "offset"}
#: Day number (since 1970) of the first of each month from 0000-01 on, and one more to tell the last one's length.
_FIRST_OF_MONTH = np.arange("0000-01", "10000-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
_DAY, _SECOND = 86_400_000_000, 1_000_000


@dataclass(frozen=True, slots=True)
class MomentFormat:
    """A compiled format: its pieces in order, each a directive or literal text."""

    text: str
    pieces: tuple[str, ...]
    pattern: str
    width: int | None

    @property
    def parts(self) -> frozenset[str]:
        """The parts of a moment that it names: year, month, day, hour …"""
        return frozenset(_DIRECTIVES[piece][0] for piece in self.pieces if piece in _DIRECTIVES)

    @property
    def has_offset(self) -> bool:
        """Whether each value names its own offset from UTC."""
        return "offset" in self.parts

    @property
    def has_time(self) -> bool:
        """Whether it names a time of day."""
        return bool(self.parts & _TIME_PARTS)


@dataclass(frozen=True, slots=True)
class Moments:
    """Values read: microseconds since 1970 as written, what their offsets add, and which of them could be read."""

    local: Numbers
    offset: Numbers | None
    readable: NDArray[np.bool_]


@lru_cache(maxsize=256)
def compile_format(text: str) -> MomentFormat:
    """The format, ready to read with. Raises ContractError for a directive or combination that cannot be read."""
    expanded = text
    for short, long in _SHORTHANDS.items():
        expanded = expanded.replace(short, long)
    pieces = tuple(re.findall(r"%%|%[-:.]?.|[^%]+|%$", expanded, re.DOTALL))
    unknown = [piece for piece in pieces if piece.startswith("%") and piece not in _DIRECTIVES and piece != "%%"]
    if unknown:
        raise ContractError(f"format {text!r}: {unknown[0]} is not understood", hint=f"known: {' '.join(_DIRECTIVES)}")
    parts = [_DIRECTIVES[piece][0] for piece in pieces if piece in _DIRECTIVES]
    _refuse_incomplete(text, parts)
    widths = [_width(piece) for piece in pieces]
    total = None if None in widths else sum(width for width in widths if width is not None)
    pattern = "".join(
        f"(?P<{_DIRECTIVES[piece][0]}>{_DIRECTIVES[piece][1]})" if piece in _DIRECTIVES else _escaped(_literal(piece))
        for piece in pieces
    )
    return MomentFormat(text, pieces, pattern, total)


def read_moments(column: pl.Series, moment: MomentFormat) -> Moments:
    """Every value of a String column without nulls, read."""
    if moment.text.endswith("%.f"):
        whole = compile_format(moment.text.removesuffix("%.f"))
        # Nearly every column holds whole seconds throughout, and is then read by position: ten times faster.
        if (column.str.len_bytes() == whole.width).all():
            return read_moments(column, whole)
    if moment.width is None:
        parts, readable = _parts_by_pattern(column, moment)
    else:
        parts, readable = _parts_by_position(column, moment, moment.width)
    return _assembled(parts, readable)


def why_unreadable(value: str, moment: MomentFormat) -> str:
    """Why a value that `read_moments` could not read is none, for a person."""
    example = render(datetime(2015, 12, 31, 16, 30), moment)
    if re.fullmatch(moment.pattern, value) is None:
        return f"is not written as {moment.text} (for example {example})"
    return "is no day of the calendar or no time of the day"


def render(value: datetime, moment: MomentFormat) -> str:
    """A moment written in the format; one without an offset of its own is written as if it were UTC."""
    offset = value.utcoffset() or timedelta()
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta() else "+"
    texts = {
        "%Y": f"{value.year:04}",
        "%y": f"{value.year % 100:02}",
        "%m": f"{value.month:02}",
        "%-m": str(value.month),
        "%b": _MONTHS[value.month - 1][:3],
        "%B": _MONTHS[value.month - 1],
        "%d": f"{value.day:02}",
        "%-d": str(value.day),
        "%H": f"{value.hour:02}",
        "%-H": str(value.hour),
        "%I": f"{(value.hour + 11) % 12 + 1:02}",
        "%-I": str((value.hour + 11) % 12 + 1),
        "%M": f"{value.minute:02}",
        "%S": f"{value.second:02}",
        "%f": f"{value.microsecond:06}",
        "%.f": f".{value.microsecond:06}" if value.microsecond else "",
        "%p": "AM" if value.hour < 12 else "PM",
        "%z": f"{sign}{minutes // 60:02}{minutes % 60:02}",
        "%:z": f"{sign}{minutes // 60:02}:{minutes % 60:02}",
    }
    return "".join(texts.get(piece, _literal(piece)) for piece in moment.pieces)


def _literal(piece: str) -> str:
    return "%" if piece == "%%" else piece


def _escaped(literal: str) -> str:
    """For Python's and polars' regular expressions alike (re.escape escapes blanks, which polars refuses)."""
    return re.sub(r"[\\.^$|?*+()\[\]{}]", r"\\\g<0>", literal)


def _width(piece: str) -> int | None:
    return _DIRECTIVES[piece][2] if piece in _DIRECTIVES else len(_literal(piece).encode())


def _refuse_incomplete(text: str, parts: list[str]) -> None:
    have = set(parts)
    problem = ""
    if len(have) != len(parts):
        problem = "names a part twice"
    elif len(have & {"year", "short_year"}) != 1 or len(have & {"month", "month_name"}) != 1 or "day" not in have:
        problem = "must name one year, one month and the day"
    elif ("hour12" in have) != ("half" in have) or {"hour", "hour12"} <= have:
        problem = "must name the hour as %H, or as %I with %p"
    elif have & {"minute", "offset"} and not have & {"hour", "hour12"}:
        problem = "names minutes or an offset and no hour"
    elif ("second" in have and "minute" not in have) or ("fraction" in have and "second" not in have):
        problem = "leaves out a part between two others"
    if problem:
        raise ContractError(f"format {text!r} {problem}")


def _parts_by_position(
    column: pl.Series, moment: MomentFormat, width: int
) -> tuple[dict[str, Numbers], NDArray[np.bool_]]:
    fits = (column.str.len_bytes() == width).to_numpy()
    whole = bool(fits.all())
    fitting = column if whole else column.filter(pl.Series(fits))
    joined = "".join(fitting.to_list()).encode() if fitting.len() < 64 else fitting.str.join("").item().encode()
    # One row a position: each directive then reads contiguous bytes.
    digits = np.ascontiguousarray(np.frombuffer(joined, np.uint8).reshape(-1, width).T) if joined else None
    parts: dict[str, Numbers] = {}
    readable = np.ones(fitting.len(), np.bool_)
    at = 0
    for piece in moment.pieces if digits is not None else ():
        size = _width(piece) or 0
        rows = digits[at : at + size] if digits is not None else np.zeros((0, 0), np.uint8)
        at += size
        if piece in _DIRECTIVES:
            parts[_DIRECTIVES[piece][0]] = _part(rows, piece, readable)
        else:
            for row, byte in zip(rows, _literal(piece).encode(), strict=True):
                readable &= row == byte
    if whole:
        return parts, readable
    spread = {name: np.zeros(column.len(), np.int64) for name in parts}
    for name, values in parts.items():
        spread[name][fits] = values
    everywhere = np.zeros(column.len(), np.bool_)
    everywhere[fits] = readable
    return spread, everywhere


def _part(rows: NDArray[np.uint8], piece: str, readable: NDArray[np.bool_]) -> Numbers:
    """The numbers of one directive; marks what is not written as it should be unreadable."""
    if piece == "%p":
        letters = rows | 0x20  # lower case
        readable &= ((letters[0] == ord("a")) | (letters[0] == ord("p"))) & (letters[1] == ord("m"))
        afternoon: Numbers = (letters[0] == ord("p")).astype(np.int64)
        return afternoon
    if piece in {"%z", "%:z"}:
        readable &= (rows[0] == ord("+")) | (rows[0] == ord("-"))
        if piece == "%:z":
            readable &= rows[3] == ord(":")
        hours, minutes = _digits(rows[1:3], readable), _digits(rows[-2:], readable)
        return _offset(np.where(rows[0] == ord("-"), -1, 1), hours, minutes, readable)
    return _digits(rows, readable)


def _digits(rows: NDArray[np.uint8], readable: NDArray[np.bool_]) -> Numbers:
    value = np.zeros(rows.shape[1], np.int32)
    for row in rows:
        digit = row - np.uint8(48)  # wraps round below "0", so that one comparison is enough
        readable &= digit <= 9
        value *= 10
        value += digit
    return value.astype(np.int64)


def _offset(sign: Numbers, hours: Numbers, minutes: Numbers, readable: NDArray[np.bool_]) -> Numbers:
    readable &= (hours <= 23) & (minutes <= 59)
    return (sign * (hours * 3_600 + minutes * 60) * _SECOND).astype(np.int64)


def _parts_by_pattern(column: pl.Series, moment: MomentFormat) -> tuple[dict[str, Numbers], NDArray[np.bool_]]:
    groups = column.str.extract_groups("^" + moment.pattern + "$").struct.unnest()
    readable = (~groups.to_series(0).is_null()).to_numpy().copy()
    parts: dict[str, Numbers] = {}
    for group in groups.get_columns():
        parts[group.name] = _group_numbers(group, readable)
    return parts, readable


def _group_numbers(group: pl.Series, readable: NDArray[np.bool_]) -> Numbers:
    if group.name == "month_name":
        names = {full[:size]: at for at, full in enumerate(_MONTHS, 1) for size in (3, len(full))}
        return _int64(group.replace_strict(names, default=0, return_dtype=pl.Int64))
    if group.name == "half":
        return _int64(group.str.to_lowercase() == "pm")
    if group.name == "fraction":
        return _int64(group.str.strip_prefix(".").str.pad_end(6, "0"))
    if group.name == "offset":
        sign = np.where((group.str.slice(0, 1) == "-").fill_null(False).to_numpy(), -1, 1)
        return _offset(sign, _int64(group.str.slice(1, 2)), _int64(group.str.slice(-2, 2)), readable)
    return _int64(group)


def _int64(series: pl.Series) -> Numbers:
    numbers: Numbers = series.cast(pl.Int64, strict=False).fill_null(0).to_numpy().astype(np.int64)
    return numbers


def _assembled(parts: dict[str, Numbers], readable: NDArray[np.bool_]) -> Moments:
    zero = np.zeros(readable.size, np.int64)
    if not parts:
        return Moments(zero, None, readable)
    year = parts.get("year", zero)
    if "short_year" in parts:
        year = parts["short_year"] + np.where(parts["short_year"] < 69, 2000, 1900)  # POSIX
    month = parts.get("month", parts.get("month_name", zero))
    readable &= (year >= 1) & (month >= 1) & (month <= 12)
    index = np.where(readable, year * 12 + month - 1, 0)
    first = _FIRST_OF_MONTH[index]
    day = parts["day"]
    readable &= (day >= 1) & (day <= _FIRST_OF_MONTH[index + 1] - first)
    hour = parts.get("hour", zero)
    if "hour12" in parts:
        readable &= (parts["hour12"] >= 1) & (parts["hour12"] <= 12)
        hour = parts["hour12"] % 12 + 12 * parts["half"]
    minute, second = parts.get("minute", zero), parts.get("second", zero)
    readable &= (hour <= 23) & (minute <= 59) & (second <= 59)
    local = (first + day - 1) * _DAY + (hour * 3_600 + minute * 60 + second) * _SECOND + parts.get("fraction", zero)
    return Moments(np.where(readable, local, 0), parts.get("offset"), readable)
