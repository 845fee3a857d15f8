"""Keeping personal values out of what people read: quarantine entries, refusals and records shown as evidence.

Belongs here: what is hidden, and how a record is shown without its personal fields. Does not: what lands (pseudonyms.py),
or which fields are personal (contracts). Where it is not sure which part of a text is personal, all of it is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from contracts.records import QuarantinedField
from contracts.source import KEPT_TABLE, DelimitedLayout, StreamContract
from extractors.delimited import split_record
from extractors.pseudonyms import hidden
from extractors.text_records import TextRecords

#: A shorter personal value stands in too many others by chance.
_TELLING_LENGTH = 3


def discreet(
    stream: StreamContract, records: TextRecords, faults: Sequence[QuarantinedField]
) -> tuple[TextRecords, list[QuarantinedField]]:
    """The records and faults of a stream with personal fields, without a personal value in what they show.

    A record that could not be split into fields shows nothing. Of the others, personal fields show nothing, and no
    field shows a value that holds a personal value of the same row (a column may have been shifted, or copied).
    """
    unreadable = tuple(replace(fault, value=hidden(fault.value)) for fault in records.unreadable)
    personal = {field.name for field in stream.personal_fields}
    named = _named(records, personal, {fault.row_number for fault in faults})
    told = []
    for fault in faults:
        value = fault.value.casefold()
        if fault.field in personal or any(name in value for name in named.get(fault.row_number, ())):
            fault = replace(fault, value=hidden(fault.value))
        told.append(fault)
    return replace(records, unreadable=unreadable), told


def _named(records: TextRecords, personal: set[str], rows: set[int]) -> dict[int, list[str]]:
    """The personal values of these rows, as they are looked for in other values."""
    found: dict[int, list[str]] = {}
    for index, number in enumerate(records.numbers) if rows else ():
        if number in rows:
            texts = (records.columns[name][index] for name in sorted(personal))
            found[number] = [
                text.strip().casefold() for text in texts if text is not None and len(text.strip()) >= _TELLING_LENGTH
            ]
    return found


def masked(stream: StreamContract, text: str, names: Sequence[str]) -> str:
    """A record as evidence shows it: personal fields, and what the contract does not know, are hidden.

    `names` are the columns' names in file order (of no use to JSON). A record that is not of that shape shows nothing.
    """
    if stream.layout.kind in {"delimited", "table"}:
        layout = stream.layout if isinstance(stream.layout, DelimitedLayout) else KEPT_TABLE
        try:
            values = split_record(text, layout.delimiter, layout.quote)
        except ValueError:
            return hidden(text)
        if len(values) != len(names):
            return hidden(text)
        shown = _masked_values(stream, dict(zip(names, values, strict=True)))
        return layout.delimiter.join(_quoted(str(value), layout) for value in shown.values())
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return hidden(text)
    if isinstance(record, dict):
        return orjson.dumps(_masked_values(stream, record)).decode()
    if isinstance(record, list) and len(record) <= len(names):
        by_name = dict(zip(names, record, strict=False))
        return orjson.dumps(list(_masked_values(stream, by_name).values())).decode()
    return hidden(text)


def _masked_values(stream: StreamContract, record: dict[str, Any]) -> dict[str, Any]:
    plain = {field.name for field in stream.fields if not field.personal}
    names = [
        text
        for field in stream.personal_fields
        if len(text := _plain_text(record.get(field.name)).strip().casefold()) >= _TELLING_LENGTH
    ]
    masked_record: dict[str, Any] = {}
    for key, value in record.items():
        text = _plain_text(value)
        if key not in plain or any(name in text.casefold() for name in names):
            value = hidden(text) if text else value
        masked_record[key] = value
    return masked_record


def _plain_text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()


def _quoted(text: str, layout: DelimitedLayout) -> str:
    quote = layout.quote
    if quote is None or not any(sign in text for sign in (layout.delimiter, quote, "\n", "\r")):
        return text
    return f"{quote}{text.replace(quote, quote * 2)}{quote}"
