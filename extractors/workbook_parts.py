"""What must be known of an XLSX file from its own XML, because the workbook reader does not tell it.

Belongs here: which cells hold a spreadsheet error (the reader gives them as empty), and how far a sheet reaches (it
lays the sheet out densely: one stray cell at the far corner would take all memory). Does not: values (workbook.py).
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

_CELL_IN_ERROR = re.compile(rb"<(?:\w+:)?c\s([^>]*\bt=\"e\"[^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb"\br=\"([A-Z]{1,3})([0-9]+)\"")
_ERROR_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: More than a full sheet of 40 columns; the reader needs some 40 bytes a cell.
_MOST_CELLS = 42_000_000
_MOST_BYTES = 2 << 30


class NotAWorkbook(Exception):
    """The file is no XLSX that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that holds an error: its place (from 0) and what it shows (#N/A …)."""

    row: int
    column: int
    text: str


def cell_errors(file: Path, sheet: str) -> list[CellError]:
    """The cells of a sheet that hold an error. Raises NotAWorkbook, also for a sheet too large to be laid out."""
    try:
        with zipfile.ZipFile(file) as archive:
            part = archive.getinfo(_part_of(archive, sheet))
            if part.file_size > _MOST_BYTES:
                raise NotAWorkbook(f"its sheet {sheet!r} takes {part.file_size:,} bytes unpacked")
            xml = archive.read(part)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        KeyError,
        ElementTree.ParseError,
        RuntimeError,
        EOFError,
        NotImplementedError,
        UnicodeError,
        ValueError,
    ) as error:
        raise NotAWorkbook(f"its parts cannot be read ({error})") from error
    except Exception as error:
        if type(error).__module__ in {"zlib", "_lzma"} or isinstance(error, OSError):
            raise NotAWorkbook(f"its parts cannot be unpacked ({error})") from error
        raise
    _refuse_far_cells(xml, sheet)
    return [found for attributes, body in _CELL_IN_ERROR.findall(xml) if (found := _error(attributes, body))]


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    root = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    sheets = [entry for entry in root.iter() if entry.tag.endswith("}sheet")]
    wanted = [entry.get(_RELATION) for entry in sheets if entry.get("name") == sheet]
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    for relation in relations:
        if relation.get("Id") in wanted:
            target = relation.get("Target") or ""
            return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    raise KeyError(f"no part for sheet {sheet!r}")


def _refuse_far_cells(xml: bytes, sheet: str) -> None:
    references = _REFERENCE.findall(xml)
    if not references:
        return
    columns = max(_column(letters) for letters in {letters for letters, _ in references}) + 1
    rows = max(int(number) for number in {number for _, number in references})
    if rows * columns > _MOST_CELLS:
        raise NotAWorkbook(f"its sheet {sheet!r} reaches to row {rows:,}, column {columns:,}; delete the far cells")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _error(attributes: bytes, body: bytes) -> CellError | None:
    place = _REFERENCE.search(attributes)
    if place is None:
        return None
    value = _ERROR_VALUE.search(body)
    return CellError(int(place[2]) - 1, _column(place[1]), value[1].decode("utf-8", "replace") if value else "an error")
