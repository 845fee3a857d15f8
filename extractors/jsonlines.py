"""JSON lines to text records: one object a line, each value checked against the field's type before it becomes text.

Belongs here: JSON's own strictness (types, repeated keys, exact numbers) and drift of keys. Does not: finding lines
(framing.py) or typing text (values.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.records import QuarantinedField
from contracts.source import FieldContract, JsonLinesLayout, StreamContract
from extractors.byte_chunks import utf8_chunks
from extractors.framing import Block, Frame, blocks
from extractors.header import refuse_drift
from extractors.row_hashes import RowHashes
from extractors.text_records import TextRecords, row_text_schema, shown

#: A string token, and whether a colon follows it (then it is a key). Only used on lines that are valid JSON.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"(\s*+:)?+', re.DOTALL)
#: A number that a 64-bit float or integer may not hold: 16 digits or more, or an exponent.
_DELICATE_NUMBER = re.compile(rb"[0-9][0-9.]{15,}|[0-9][eE][-+]?[0-9]")
#: orjson writes 254 levels at most.
_DEEPEST = 200
_MOST_UNKNOWN_KEYS = 50
_KINDS = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    Decimal: "a number",
    dict: "an object",
    list: "a list",
}
_WANTED = {
    "text": "text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "date": "text",
    "instant": "text",
}


class _Keys:
    """The keys seen in a delivery: unknown ones, and the contract's that never came."""

    def __init__(self, stream: StreamContract) -> None:
        self._stream = stream
        self._known = frozenset(field.name for field in stream.fields)
        self._missing = set(self._known)
        self._unknown: dict[str, None] = {}

    def saw(self, record: dict[str, Any]) -> None:
        """Take note of one record's keys."""
        if self._missing:
            self._missing -= record.keys()
        if not record.keys() <= self._known and len(self._unknown) < _MOST_UNKNOWN_KEYS:
            self._unknown.update(dict.fromkeys(key for key in record if key not in self._known))

    def check(self, name: str) -> None:
        """Raises DeliveryRefused for keys that were added, renamed, or absent from every record."""
        if self._unknown or self._missing:
            refuse_drift(self._stream, [*(self._known - self._missing), *self._unknown], self._known, name)


def read_jsonlines(
    stream: StreamContract, layout: JsonLinesLayout, file: Path, name: str, hashes: RowHashes
) -> Iterator[TextRecords]:
    """The records of a file, block by block; `name` is the file's name for messages.

    Raises SourceUnavailable, and DeliveryRefused: at once for an empty or cut-off file, at the end for drift of keys.
    """
    frame = Frame(None, None, layout.max_record_bytes, layout.final_newline == "required")
    keys = _Keys(stream)
    seen = readable = False
    for block in blocks(utf8_chunks(file, "utf-8", name), frame, name):
        seen = True
        records = _records(stream, block, keys, hashes)
        readable = readable or records.columns.height > 0
        yield records
    if not seen and stream.empty == "refused":
        raise DeliveryRefused(
            DeliveryProblem.EMPTY, f"{name} holds no record", hint="ask the source for the file again"
        )
    if readable:
        keys.check(name)


def _records(stream: StreamContract, block: Block, keys: _Keys, hashes: RowHashes) -> TextRecords:
    chosen: list[int] = []
    unreadable: list[QuarantinedField] = []
    field_faults: list[QuarantinedField] = []
    texts: dict[str, list[str | None]] = {field.name: [] for field in stream.fields}
    for index in range(block.starts.size):
        line, number = block.record(index), block.number + index
        record = block.faults.get(index) or _object(line)
        if isinstance(record, str):
            unreadable.append(QuarantinedField(number, "", shown(line), record))
            continue
        keys.saw(record)
        chosen.append(index)
        exact = _exact(line) if _DELICATE_NUMBER.search(line) else None
        for field in stream.fields:
            text, fault = _text(field, record.get(field.name), None if exact is None else exact.get(field.name))
            texts[field.name].append(text)
            if fault:
                value = orjson.dumps(record[field.name]).decode()
                field_faults.append(QuarantinedField(number, field.name, shown(value), fault))
    at = np.array(chosen, np.int64)
    return TextRecords(
        pl.DataFrame(texts, schema=row_text_schema(list(texts))),
        (at + block.number).tolist(),
        hashes.of(block.records(at)),
        tuple(unreadable),
        tuple(field_faults),
    )


def _object(line: bytes) -> dict[str, Any] | str:
    """The line's object, or why there is none."""
    if not line.strip():
        return "the line is empty"
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"is no valid JSON: {error}"
    if not isinstance(record, dict):
        return f"is {_KINDS.get(type(record), 'null')}, not an object"
    keys, depth = _measure(record)
    if depth > _DEEPEST:
        return f"is nested more than {_DEEPEST} levels deep"
    if sum(1 for colon in _STRING.findall(line) if colon) != keys:
        return "an object in it names a key twice"
    return record


def _measure(record: Any) -> tuple[int, int]:
    """How many keys all objects in it have together, and how deep it is nested.

    By levels, not by recursion: nesting is the sender's choice.
    """
    keys = depth = 0
    level = [record]
    while level:
        depth += 1
        keys += sum(len(value) for value in level if isinstance(value, dict))
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
    return keys, depth


def _exact(line: bytes) -> dict[str, Any] | None:
    """The line's object with numbers as Decimal; None when one of them is beyond what Python reads."""
    try:
        exact: dict[str, Any] = json.loads(line, parse_float=Decimal)
    except (ValueError, ArithmeticError):
        return None
    return exact


def _text(field: FieldContract, value: Any, exact: Any) -> tuple[str | None, str]:
    """A JSON value as the text its field's conversion judges, and what is wrong with its kind (empty when nothing is).

    `exact` is the value with its numbers as Decimal, when that may differ.
    """
    if value is None or value == "":
        return None, ""
    if field.type == "json":
        return _canonical(value, exact)
    if isinstance(value, str):
        if field.type in {"integer", "number"}:
            return None, "is text, where a number belongs"
        return (None, "holds a NUL character") if "\0" in value else (value, "")
    if isinstance(value, bool) and field.type == "boolean":
        return (field.true_values if value else field.false_values)[0], ""
    if isinstance(value, int | float) and not isinstance(value, bool) and field.type in {"integer", "number"}:
        return _number(value if exact is None else exact), ""
    return None, f"is {_KINDS[type(value)]}, where {_WANTED[field.type]} belongs"


def _number(value: int | float | Decimal) -> str:
    if isinstance(value, int):
        return str(value)
    decimal = Decimal(repr(value)) if isinstance(value, float) else value
    # Written without an exponent, as the conversion wants it; not for exponents that would fill the memory.
    return f"{decimal:f}" if decimal.is_finite() and abs(decimal.adjusted()) <= 40 else str(decimal)


def _canonical(value: Any, exact: Any) -> tuple[str | None, str]:
    """Keys sorted, no blanks. Numbers that a float would change are told instead of changed."""
    if exact is not None and not _floats_hold(exact):
        return None, "holds a number with more digits than can be kept in it"
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return (None, "holds a NUL character") if "\\u0000" in text else (text, "")


def _floats_hold(exact: Any) -> bool:
    stack = [exact]
    while stack:
        current = stack.pop()
        if isinstance(current, Decimal):
            if Decimal(repr(float(current))) != current:
                return False
        elif isinstance(current, int):
            if not -(2**63) <= current < 2**63:
                return False
        elif isinstance(current, dict | list):
            stack.extend(current.values() if isinstance(current, dict) else current)
    return True
