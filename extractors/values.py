"""Text records to typed records: which rows land, which are quarantined and why, and whether a column changed type.

Belongs here: judging rows and whole deliveries by their fields' conversions. Does not: what a single field type accepts
(conversions.py) or reading files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.records import ROW_HASH, ROW_NUMBER, QuarantinedField, RecordBatch
from contracts.source import FieldContract, StreamContract
from extractors.conversions import Conversion, conversion
from extractors.discretion import discreet
from extractors.pseudonyms import Pseudonyms, without_blanks
from extractors.text_records import TextRecords, shown

#: With fewer values than this a share says little: in a delivery of five, three typing mistakes are no change of type.
#: Such rows are quarantined one by one all the same.
RETYPED_AT_LEAST = 20

_EMPTY = "is empty, and the field is required"


class Typing:
    """Types the records of one delivery, block by block, and remembers per field how many values failed."""

    def __init__(self, stream: StreamContract, zone: str, name: str, pseudonyms: Pseudonyms | None = None) -> None:
        """`zone` is the source's; `name` is the delivery's for messages.

        Raises ContractError for a format, UsageError when the stream has personal fields and there are no `pseudonyms`.
        """
        self._stream, self._name = stream, name
        self._conversions: list[tuple[FieldContract, Conversion]] = [
            (field, conversion(field, zone, stream.repeated_hour, pseudonyms)) for field in stream.fields
        ]
        self._land_null = {field.name for field in stream.fields if field.unreadable == "land_null"}
        self._values: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._examples: dict[str, QuarantinedField] = {}

    def batch(self, records: TextRecords) -> RecordBatch:
        """The records with every field typed.

        A value that does not convert keeps its row out, or lands as null where the field's contract says so.
        """
        faults = list(records.field_faults)
        known = {(fault.row_number, fault.field) for fault in faults}
        bad = self._out_already(records, known)
        typed: list[pl.Series] = []
        faulted = Counter(field for _, field in known)
        for field, convert in self._conversions:
            column = records.columns[field.name]
            if field.personal:
                column = without_blanks(column)
            values = convert.convert(column)
            failed = _failures(column, values, field)
            if failed is not None:
                if field.name not in self._land_null:
                    bad |= failed
                faults += self._told(field, convert, column, failed, records, known)
            self._values[field.name] += column.len() - column.null_count() + faulted[field.name]
            typed.append(values.alias(field.column))
        if self._stream.personal_fields:
            records, faults = discreet(self._stream, records, faults)
        for fault in faults:
            if fault.reason != _EMPTY:
                self._failed[fault.field] += 1
                self._examples.setdefault(fault.field, fault)
        return self._assembled(records, typed, bad, faults)

    def _out_already(self, records: TextRecords, known: set[tuple[int, str]]) -> NDArray[np.bool_]:
        """Which rows the reader's own findings keep out."""
        rows = {row for row, field in known if field not in self._land_null}
        if not rows:
            return np.zeros(records.columns.height, np.bool_)
        return np.fromiter((number in rows for number in records.numbers), np.bool_, records.columns.height)

    def finish(self) -> None:
        """Raises DeliveryRefused (COLUMN_RETYPED) when too large a share of a field's values did not convert."""
        retyped = []
        for field in self._stream.fields:
            values, failed = self._values[field.name], self._failed[field.name]
            if values >= RETYPED_AT_LEAST and failed > self._stream.retyped_share * values:
                fault = self._examples[field.name]
                example = f"for example {fault.value[:60]!r} {fault.reason}"
                retyped.append(f"{field.name}: {failed:,} of {values:,} values, {example}")
        if retyped:
            raise DeliveryRefused(
                DeliveryProblem.COLUMN_RETYPED,
                f"{self._name}: columns of {self._stream.name} no longer hold what the contract says. "
                + "; ".join(retyped),
                hint="if the source changed for good, change the field's type, format or enumeration in its contract",
            )

    def _told(
        self,
        field: FieldContract,
        convert: Conversion,
        column: pl.Series,
        failed: NDArray[np.bool_],
        records: TextRecords,
        known: set[tuple[int, str]],
    ) -> list[QuarantinedField]:
        faults = []
        for index in np.flatnonzero(failed).tolist():
            number, text = records.numbers[index], column[index]
            if (number, field.name) not in known:
                reason = _EMPTY if text is None else convert.reason(text)
                faults.append(QuarantinedField(number, field.name, shown(text or ""), reason))
        return faults

    def _assembled(
        self, records: TextRecords, typed: list[pl.Series], bad: NDArray[np.bool_], faults: list[QuarantinedField]
    ) -> RecordBatch:
        rows = pl.DataFrame(
            [
                pl.Series(ROW_NUMBER, records.numbers, dtype=pl.Int64),
                records.hashes.alias(ROW_HASH),
                *typed,
            ]
        )
        quarantined = int(bad.sum())
        if quarantined:
            rows = rows.filter(pl.Series(~bad))
        if self._land_null:
            out = {records.numbers[index] for index in np.flatnonzero(bad).tolist()}
            faults = [fault if fault.row_number in out else replace(fault, whole_row=False) for fault in faults]
        order: dict[str, int] = defaultdict(int, {field.name: at for at, field in enumerate(self._stream.fields)})
        every = sorted([*records.unreadable, *faults], key=lambda fault: (fault.row_number, order[fault.field]))
        return RecordBatch(rows, records.read, len(records.unreadable) + quarantined, tuple(every))


def _failures(column: pl.Series, values: pl.Series, field: FieldContract) -> NDArray[np.bool_] | None:
    """Which rows fail this field: text that did not convert, or none where it is required. None when no row does."""
    if values.null_count() == (0 if field.required else column.null_count()):
        return None
    failed = values.is_null() if field.required else values.is_null() & column.is_not_null()
    return failed.to_numpy()
