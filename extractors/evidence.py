"""One record found again in the kept bytes: its own text and the hash of it, to hold against what was landed.

Belongs here: a second, simple way to the record, line by line, that shares no code with the fast readers of text; and
showing it without its personal fields.
Does not: typing, or comparing with the database (warehouse and reporting do that).
"""

from __future__ import annotations

import codecs
import itertools
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from contracts.failures import SourceUnavailable, UsageError
from contracts.source import KEPT_TABLE, DelimitedLayout, StreamContract
from extractors.delimited import split_record
from extractors.discretion import masked
from extractors.header import plain_name
from extractors.row_hashes import RowHashes
from extractors.workbook import canonical_row, header_names, read_sheet


def record_text(stream: StreamContract, file: Path, row_number: int, hashes: RowHashes) -> tuple[str, str]:
    """The record at that place (ROW_NUMBER) in the file: its text without line end, and its hash in hex.

    A workbook's row is given as canonical JSON of its cells, a record of the portal as canonical JSON of its own. The
    hash is of the text in UTF-8, which for a UTF-8 file are the record's own bytes. Raises SourceUnavailable, UsageError
    when the file has no such record, and for a workbook DeliveryRefused.
    """
    return _found(stream, file, {row_number}, hashes)[row_number]


def shown_records(
    stream: StreamContract, file: Path, row_numbers: Collection[int], hashes: RowHashes
) -> dict[int, tuple[str, str]]:
    """The same for many records of a file in one pass, for people to read: personal fields are hidden in the texts.

    The hash is the whole record's.
    """
    found = _found(stream, file, set(row_numbers), hashes)
    if not stream.personal_fields:
        return found
    names = _names(stream, file)
    return {number: (masked(stream, text, names), digest) for number, (text, digest) in found.items()}


def shown_record(stream: StreamContract, file: Path, row_number: int, hashes: RowHashes) -> tuple[str, str]:
    """One of them."""
    return shown_records(stream, file, [row_number], hashes)[row_number]


def _found(stream: StreamContract, file: Path, wanted: set[int], hashes: RowHashes) -> dict[int, tuple[str, str]]:
    if min(wanted) < 1:
        raise UsageError(f"record numbers begin with 1, not {min(wanted)}")
    last, count = max(wanted), 0
    found: dict[int, tuple[str, str]] = {}
    records: Iterator[str | dict[str, Any]] = _records(stream, file)
    for count, record in enumerate(records, 1):
        if count in wanted:
            # Of the thousands of a page only those are spelt out that were asked for: it takes half of the time.
            text = _canonical(record) if isinstance(record, dict) else record
            encoded = text.encode("utf-8", "surrogateescape")
            found[count] = encoded.decode("utf-8", "replace"), hashes.one(encoded).hex()
        if count == last:
            return found
    raise UsageError(f"{file.name} has {count:,} records; there is no record {last:,}")


def _canonical(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _records(stream: StreamContract, file: Path) -> Iterator[str] | Iterator[dict[str, Any]]:
    layout = stream.layout
    if layout.kind == "workbook":
        sheet = read_sheet(layout, file, file.name)
        return (canonical_row(cells, sheet.errors.get(index, [])).decode() for index, cells in enumerate(sheet.rows))
    if layout.kind in {"delimited", "table"}:
        return _delimited_records(_text_layout(stream), file)
    if layout.kind == "service":
        return _page_records(file)
    return (line.removesuffix("\r") for line in _lines(file, "utf-8"))


def _names(stream: StreamContract, file: Path) -> list[str]:
    """The names of the columns in file order; none where each record names its own."""
    layout = stream.layout
    if layout.kind == "workbook":
        return header_names(read_sheet(layout, file, file.name), layout.header_row)
    if layout.kind in {"delimited", "table"}:
        text_layout = _text_layout(stream)
        header = next(itertools.islice(_delimited_records(text_layout, file), text_layout.header_row - 1, None))
        return [plain_name(name) for name in split_record(header, text_layout.delimiter, text_layout.quote)]
    return []


def _text_layout(stream: StreamContract) -> DelimitedLayout:
    return stream.layout if isinstance(stream.layout, DelimitedLayout) else KEPT_TABLE


def _lines(file: Path, encoding: str) -> Iterator[str]:
    """Lines ended by LF, without it; bytes that are not text come through as they are (surrogateescape)."""
    if codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"
    try:
        with file.open(encoding=encoding, errors="surrogateescape", newline="\n") as text:
            for number, line in enumerate(text):
                yield (line.removeprefix("\ufeff") if number == 0 else line).removesuffix("\n")
    except OSError as error:
        raise SourceUnavailable(f"{file.name} cannot be read: {error.strerror or error}") from error


def _page_records(file: Path) -> Iterator[dict[str, Any]]:
    """The records of the portal's kept pages; a page without a list of them has none."""
    try:
        with file.open("rb") as kept:
            while header := kept.readline():
                body = kept.read(json.loads(header)["length"]).decode("utf-8", "replace")
                kept.readline()
                try:
                    answer = json.loads(body)
                    if "result" not in answer:
                        answer = json.loads(answer["message"])
                except json.JSONDecodeError:
                    continue
                yield from answer["result"] or ()
    except OSError as error:
        raise SourceUnavailable(f"{file.name} cannot be read: {error.strerror or error}") from error


def _delimited_records(layout: DelimitedLayout, file: Path) -> Iterator[str]:
    """Lines put together again where a quoted field holds line breaks."""
    lines = _lines(file, layout.encoding)
    for first in lines:
        if layout.quote is None or layout.quote not in first:
            yield first.removesuffix("\r")
            continue
        parts = [first]
        is_open = _open_after(first, layout.delimiter, layout.quote, is_open=False)
        while is_open and (following := next(lines, None)) is not None:
            parts.append(following)
            is_open = _open_after(following, layout.delimiter, layout.quote, is_open=True)
        yield "\n".join(parts).removesuffix("\r")


def _open_after(line: str, delimiter: str, quote: str, *, is_open: bool) -> bool:
    """Whether a quoted field is open at the end of the line. Only a quote at a field's very start opens one."""
    position = 0
    while True:
        if not is_open and line.startswith(quote, position):
            is_open, position = True, position + 1
        while is_open:
            position = line.find(quote, position) + 1
            if position == 0:
                return True
            if line.startswith(quote, position):
                position += 1
            else:
                is_open = False
        position = line.find(delimiter, position) + 1
        if position == 0:
            return False
