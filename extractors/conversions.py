"""One field's text to its type, for a whole column at once, and why a value could not be converted.

Belongs here: what each field type of a contract accepts. Does not: rows, required fields, deliveries (values.py).
Nothing is coerced: a value that is not exactly of the type stays behind, to be quarantined. A personal value becomes its
pseudonym here, before anything else sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.failures import UsageError
from contracts.source import FieldContract
from extractors.moments import MomentFormat, compile_format, read_moments, why_unreadable
from extractors.pseudonyms import Pseudonyms
from extractors.zones import DAY, RepeatedHour, utc_from_wall_clock, why_no_instant

_INTEGER = r"^-?(?:0|[1-9][0-9]*)$"
_NUMBER = r"^-?(?:0|[1-9][0-9]{0,27})(?:\.[0-9]{1,10})?$"
_NUMBER_TYPE = pl.Decimal(38, 10)


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a field's text becomes values.

    `convert` takes a String column and gives the typed one, null where the text was null or did not convert.
    `reason` says for one text that did not convert why (without repeating the text).
    """

    convert: Callable[[pl.Series], pl.Series]
    reason: Callable[[str], str]


def conversion(
    field: FieldContract, zone: str, repeated: RepeatedHour, pseudonyms: Pseudonyms | None = None
) -> Conversion:
    """The conversion of a field of a source in this zone.

    Raises ContractError for a format that cannot be read, UsageError for a personal field without a key.
    """
    if field.personal:
        if pseudonyms is None:
            raise UsageError(
                f"the field {field.name} is personal, and no pseudonym key was given to read it with",
                hint="Pass `pseudonyms` (orchestration/secrets.py makes them) to extractors.drops.read.",
            )
        return Conversion(lambda column: pseudonyms.of(column, field.personal_kind), lambda text: "is not text")
    if field.type == "instant":
        moment = compile_format(field.format or "")
        return Conversion(
            lambda column: _instants(column, moment, zone, repeated), lambda text: _no_instant(text, moment, zone)
        )
    if field.type == "date":
        moment = compile_format(field.format or "")
        return Conversion(lambda column: _dates(column, moment), lambda text: why_unreadable(text, moment))
    if field.type == "integer":
        return Conversion(_integers, _no_integer)
    if field.type == "number":
        return Conversion(_numbers, _no_number)
    if field.type == "boolean":
        return _boolean(field)
    if field.enumeration is not None:
        return _enumeration(field.enumeration)
    return Conversion(lambda column: column, lambda text: "is not text")


def _instants(column: pl.Series, moment: MomentFormat, zone: str, repeated: RepeatedHour) -> pl.Series:
    present = column.is_not_null().to_numpy()
    moments = read_moments(column.drop_nulls(), moment)
    known = moments.readable
    if moments.offset is None:
        utc = moments.local.copy()
        utc[known], sure = utc_from_wall_clock(moments.local[known], zone, repeated)
        known = known.copy()
        known[known] = sure
    else:
        utc = moments.local - moments.offset
        known = known & (utc >= -719_162 * DAY) & (utc < 2_932_897 * DAY)
    return _spread(utc, known, present, column.name).cast(pl.Datetime("us", "UTC"))


def _dates(column: pl.Series, moment: MomentFormat) -> pl.Series:
    present = column.is_not_null().to_numpy()
    moments = read_moments(column.drop_nulls(), moment)
    days = (moments.local // DAY).astype(np.int32)
    return _spread(days, moments.readable, present, column.name).cast(pl.Date)


def _spread(
    values: NDArray[np.int64] | NDArray[np.int32], known: NDArray[np.bool_], present: NDArray[np.bool_], name: str
) -> pl.Series:
    """Values of the rows that are present, back among the others; null where absent or not known."""
    if present.all() and known.all():
        return pl.Series(name, values)
    full = np.zeros(present.size, values.dtype)
    full[present] = values
    kept = present.copy()
    kept[present] = known
    return pl.select(pl.when(pl.Series(kept)).then(pl.Series(name, full))).to_series().alias(name)


def _no_instant(text: str, moment: MomentFormat, zone: str) -> str:
    moments = read_moments(pl.Series([text], dtype=pl.String), moment)
    if not moments.readable[0]:
        return why_unreadable(text, moment)
    if moment.has_offset:
        return "lies outside the years 1 to 9999 in UTC"
    return why_no_instant(datetime(1970, 1, 1) + timedelta(microseconds=int(moments.local[0])), zone)


def _integers(column: pl.Series) -> pl.Series:
    return _only(column, column.str.contains(_INTEGER)).cast(pl.Int64, strict=False)


def _no_integer(text: str) -> str:
    if re.fullmatch(_INTEGER, text):
        return "is an integer beyond 64 bits"
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return "is not a plain integer (no leading zeros, no plus sign; if they mean something, the field is text)"
    return "is not an integer" + _blanks(text)


def _numbers(column: pl.Series) -> pl.Series:
    return _only(column, column.str.contains(_NUMBER)).cast(_NUMBER_TYPE, strict=False)


def _no_number(text: str) -> str:
    if re.fullmatch(r"-?[0-9]+\.[0-9]{11,}", text):
        return "has more than 10 decimal places"
    if re.fullmatch(r"-?[0-9]{1,3}(?:[., ][0-9]{3})*,[0-9]+", text):
        return "has a decimal comma; a number is written with a point and no grouping"
    return "is not a number (plain digits, a point, at most 28 digits before and 10 after it)" + _blanks(text)


def _boolean(field: FieldContract) -> Conversion:
    yes, no = list(field.true_values), list(field.false_values)

    def convert(column: pl.Series) -> pl.Series:
        true = column.is_in(yes)
        return _only(true, true | column.is_in(no))

    known = f"{_told(field.true_values)} for true, {_told(field.false_values)} for false"
    return Conversion(convert, lambda text: f"is not a known truth value ({known}){_blanks(text)}")


def _enumeration(values: tuple[str, ...]) -> Conversion:
    known = list(values)

    def reason(text: str) -> str:
        return f"is none of the {len(known)} known values ({_told(values)}){_blanks(text)}"

    return Conversion(lambda column: _only(column, column.is_in(known)), reason)


def _only(column: pl.Series, mask: pl.Series) -> pl.Series:
    """The column with null where the mask does not hold (the column itself, uncopied, when it holds everywhere)."""
    if mask.all(ignore_nulls=True):
        return column
    return pl.select(pl.when(mask).then(column)).to_series().alias(column.name)


def _told(values: tuple[str, ...]) -> str:
    return ", ".join(values[:12]) + (", …" if len(values) > 12 else "")


def _blanks(text: str) -> str:
    return "; it has white space around it" if text != text.strip() else ""
