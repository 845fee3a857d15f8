"""Keeping personal values out of what people read: quarantine entries, refusals and records shown as evidence.

Belongs here: what is hidden, and how a record is shown without its personal fields. Does not: what lands (pseudonyms.py),
or which fields are personal (contracts). Where it is not sure which part of a text is personal, all of it is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.records import QuarantinedField
from contracts.source import StreamContract
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
