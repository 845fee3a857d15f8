"""Rows of a long list written as XlsxWriter writes them, in a tenth of its time.

Belongs here: the XML of such rows, and their place in a workbook that has the first and the last of them. Does not: any other
part of a workbook (workbook.py). The library takes 8 µs a cell: 25 s of processor time for the 339,287 dossiers of a half
year. A test holds every byte against what the library writes.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import IO, Any

Value = str | int | datetime | None
#: Day 0 of a spreadsheet's calendar, for days after February 1900.
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  (cells know no zone)
#: Most characters of a cell, as the format has it.
_LONGEST = 32_767
_SPELT_AS_CODE = re.compile("(_x[0-9a-fA-F]{4}_)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
#: So much of a sheet is moved at a time.
_BLOCK = 1 << 20


class Rows:
    """The rows of a sheet from one on, in order: the library writes the first and the last, and these stand between them."""

    def __init__(self, sheet: Any, formats: Mapping[str, Any], first: int) -> None:
        self._sheet, self._formats, self._next = sheet, formats, first
        # The library numbers a style when it is first used, and has no public word for the number.
        self._numbers = {kind: formats[kind]._get_xf_index() for kind in ("text", "instant", "whole")}
        self._held: Sequence[Value] | None = None
        self._between: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (gone with this object)
        self._letters: list[str] = []
        self.first, self.last = first, first

    def add(self, values: Sequence[Value]) -> None:
        """The next row."""
        if not self._letters:
            self._letters = [_letters(column) for column in range(len(values))]
            self._by_library(values)
            return
        if self._held is not None:
            self._between.write(self._xml(self._held).encode())
            self._next += 1
        self._held = values

    def end(self) -> None:
        """No row follows."""
        if self._held is not None:
            self._by_library(self._held)
            self._held = None

    def placed_in(self, book: bytes, sheet: int) -> bytes:
        """The workbook with these rows in its sheet of this number, each file of it in its place with its date."""
        if not self._between.tell():
            return book
        target, name = io.BytesIO(), f"xl/worksheets/sheet{sheet}.xml"
        with zipfile.ZipFile(io.BytesIO(book)) as there, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
            for entry in there.infolist():
                content = there.read(entry)
                fresh = zipfile.ZipInfo(entry.filename, entry.date_time)
                fresh.compress_type, fresh.external_attr = entry.compress_type, entry.external_attr
                fresh.create_system = entry.create_system
                with made.open(fresh, "w") as file:
                    for block in self._around(content) if entry.filename == name else [content]:
                        file.write(block)
        return target.getvalue()

    def _around(self, content: bytes) -> Iterator[bytes]:
        before, found, after = content.partition(f'<row r="{self.last + 1}">'.encode())
        assert found, "the library wrote the last row"
        yield before
        self._between.seek(0)
        while block := self._between.read(_BLOCK):
            yield block
        yield found + after

    def _by_library(self, values: Sequence[Value]) -> None:
        for column, value in enumerate(values):
            if value is None:
                self._sheet.write_blank(self._next, column, None, self._formats["text"])
            elif isinstance(value, datetime):
                self._sheet.write_datetime(self._next, column, value, self._formats["instant"])
            elif isinstance(value, int):
                self._sheet.write_number(self._next, column, value, self._formats["whole"])
            else:
                self._sheet.write_string(self._next, column, value, self._formats["text"])
        self.last = self._next
        self._next += 1

    def _xml(self, values: Sequence[Value]) -> str:
        row = self._next + 1
        text, whole, instant = (self._numbers[kind] for kind in ("text", "whole", "instant"))
        cells = [f'<row r="{row}">']
        for letters, value in zip(self._letters, values, strict=True):
            if isinstance(value, str):
                cells.append(f'<c r="{letters}{row}" s="{text}" t="inlineStr">{_inline(value)}</c>')
            elif value is None:
                cells.append(f'<c r="{letters}{row}" s="{text}"/>')
            elif isinstance(value, int):
                cells.append(f'<c r="{letters}{row}" s="{whole}"><v>{value:.16G}</v></c>')
            else:
                since = value - _DAY_ZERO
                serial = since.days + (since.seconds + since.microseconds / 1_000_000) / 86_400
                cells.append(f'<c r="{letters}{row}" s="{instant}"><v>{serial:.16G}</v></c>')
        cells.append("</row>")
        return "".join(cells)


@lru_cache(maxsize=4096)
def _inline(text: str) -> str:
    """A text as a cell holds it. Most stand in many rows: names of units, verdicts, the hash of a file."""
    text = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", _SPELT_AS_CODE.sub(r"_x005F\1", text[:_LONGEST]))
    kept = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<is><t{kept}>{escaped}</t></is>"


def _letters(column: int) -> str:
    """The name of a column: A to Z, AA and on."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
