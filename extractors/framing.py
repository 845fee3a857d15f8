"""Where records begin and end in delimited text, and how many fields each has: on bytes, in blocks, vectorised.

Belongs here: record boundaries, field counts, stray quotes, over-long and cut-off records. Does not: the meaning of a
record, its decoding or its columns (delimited.py, jsonlines.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.records import SHOWN_VALUE_LENGTH
from extractors.text_records import shown

Positions = NDArray[np.int64]

_NEWLINE, _RETURN = 10, 13
#: What is kept of a record that is too long: enough to show it.
_KEPT_OF_OVERLONG = SHOWN_VALUE_LENGTH * 4
#: The first bytes of a UTF-8 character whose last ones were cut off.
_CUT_CHARACTER = re.compile(rb"(?:[\xC0-\xFF]|[\xE0-\xFF][\x80-\xBF]|[\xF0-\xFF][\x80-\xBF]{2})\Z")


@dataclass(frozen=True, slots=True)
class Frame:
    """How records are told apart. Without a delimiter each line is a record of one field."""

    delimiter: bytes | None
    quote: bytes | None
    max_record_bytes: int
    newline_required: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records in file order. `starts` and `ends` (without the line end) are offsets into `data`.

    `widths` counts the fields of each record, `faults` says what is wrong with a record (by its index in the block).
    `number` is the first record's place in the file (from 1), `offset` and `line` where `data` begins in the text.
    """

    data: bytes
    starts: Positions
    ends: Positions
    widths: Positions
    number: int
    offset: int
    line: int
    quoted: bool = False
    faults: dict[int, str] = field(default_factory=dict)

    def record(self, index: int) -> bytes:
        """One record's bytes, without its line end."""
        return self.data[self.starts[index] : self.ends[index]]

    def records(self, chosen: Positions) -> pl.Series:
        """The bytes of the records at these indexes, each without its line end."""
        places = zip(self.starts[chosen].tolist(), self.ends[chosen].tolist(), strict=True)
        return pl.Series("record", [self.data[start:end] for start, end in places], dtype=pl.Binary)


def blocks(chunks: Iterable[bytes], frame: Frame, name: str) -> Iterator[Block]:
    """The records of a text that arrives in chunks.

    Memory stays within a few chunks and `max_record_bytes`, however long a record is.
    Raises DeliveryRefused (TRUNCATED) when the last record was cut off.
    """
    source = iter(chunks)
    carry, number, offset, line = b"", 1, 0, 1
    while True:
        chunk = next(source, None)
        data = carry + chunk if chunk else carry
        found = _locate(data, frame) if data else None
        if found is not None:
            block, end = _block(data, found, frame, number, offset, line)
            yield block
            lines = data.count(b"\n", 0, end) if block.quoted else block.starts.size
            number, line, offset = number + block.starts.size, line + lines, offset + end
            data = data[end:]
        if chunk is None:
            if data:
                yield _last(data, frame, name, number, offset, line)
            return
        carry = data
        if len(carry) > frame.max_record_bytes + 2:
            block, carry, length, lines = _overlong(carry, source, frame, name, (number, offset, line))
            yield block
            number, line, offset = number + 1, line + lines, offset + length


class _State(Enum):
    START = 1  # at the start of a field
    PLAIN = 2  # in a field without quotes
    QUOTED = 3  # between quotes
    AFTER = 4  # right after a quote inside quotes: the end of the field, or the first of a doubled one


class _Walker:
    """Finds the end of one record byte by byte, over as many pieces as it takes. The slow way, for odd records."""

    def __init__(self, frame: Frame) -> None:
        quote, delimiter = frame.quote or b"\n", frame.delimiter or b"\n"
        self._quote, self._delimiter = quote, delimiter
        self._has_delimiter = frame.delimiter is not None
        self._stop = re.compile(b"[" + re.escape(b"\n" + quote) + b"]")
        self._inside = re.compile(
            b"[^" + re.escape(quote) + b"]*+(?:" + re.escape(quote * 2) + b"[^" + re.escape(quote) + b"]*+)*+"
        )
        self.begin()

    def begin(self) -> None:
        """Stand before a new record."""
        self._state, self.delimiters, self.stray = _State.START, 0, False

    @property
    def quote_open(self) -> bool:
        """Whether a quote was opened and not closed."""
        return self._state is _State.QUOTED

    def end_of_record(self, data: bytes, position: int) -> int:
        """The offset of the line end that ends the record, or -1 when it goes on after this piece."""
        size = len(data)
        while position < size:
            if self._state is _State.QUOTED:
                inside = self._inside.match(data, position)
                position = inside.end() if inside else position
                if position < size:
                    self._state, position = _State.AFTER, position + 1
                continue
            byte = data[position : position + 1]
            if self._state is _State.AFTER and byte == self._quote != b"\n":
                self._state, position = _State.QUOTED, position + 1
                continue
            if self._state is _State.AFTER and byte not in (self._delimiter, b"\n", b"\r"):
                self.stray = True
            position, ended = self._plain(data, position)
            if ended:
                return position
        return -1

    def _plain(self, data: bytes, position: int) -> tuple[int, bool]:
        """Walk on outside quotes: to the record's end (True), or past the next quote or the end of the piece."""
        stop = self._stop.search(data, position)
        until = stop.start() if stop else len(data)
        if self._has_delimiter:
            self.delimiters += data.count(self._delimiter, position, until)
        before = data[until - 1 : until] if until > position else b""
        at_field_start = before == self._delimiter if before else self._state is _State.START
        self._state = _State.START if at_field_start else _State.PLAIN
        if stop is None:
            return until, False
        if data[until] == _NEWLINE:
            return until, True
        if at_field_start:
            self._state = _State.QUOTED
        else:
            self.stray = True
        return until + 1, False


@dataclass(frozen=True, slots=True)
class _Found:
    newlines: Positions
    widths: Positions
    quoted: bool = False
    stray: tuple[int, ...] = ()


def _locate(data: bytes, frame: Frame) -> _Found | None:
    """The line ends that end records, with field counts; None when no record is whole."""
    array = np.frombuffer(data, np.uint8)
    mask = array == _NEWLINE
    if frame.delimiter is not None:
        mask |= array == frame.delimiter[0]
    marks = np.flatnonzero(mask)
    quoted = frame.quote is not None and frame.quote in data
    if quoted and frame.quote is not None and frame.delimiter is not None:
        quotes = np.flatnonzero(array == frame.quote[0])
        if not _well_quoted(array, quotes, frame):
            return _walk(data, frame)
        marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    at = np.flatnonzero(array[marks] == _NEWLINE)
    if at.size == 0:
        return None
    return _Found(marks[at], np.diff(at, prepend=-1), quoted)


def _well_quoted(array: NDArray[np.uint8], quotes: Positions, frame: Frame) -> bool:
    """Whether every quote stands where RFC 4180 allows one. Only then does counting quotes tell inside from outside."""
    if frame.quote is None or frame.delimiter is None:
        return True
    quote, delimiter = frame.quote[0], frame.delimiter[0]
    before = array[np.maximum(quotes[0::2] - 1, 0)]
    opening = (before == delimiter) | (before == _NEWLINE) | (before == quote) | (quotes[0::2] == 0)
    last = array.size - 1
    next_at = np.minimum(quotes[1::2] + 1, last)
    after = array[next_at]
    closing = (after == delimiter) | (after == _NEWLINE) | (after == quote) | (quotes[1::2] == last)
    returns = after == _RETURN
    if returns.any():
        closing |= returns & ((array[np.minimum(next_at + 1, last)] == _NEWLINE) | (next_at == last))
    return bool(opening.all() and closing.all())


def _walk(data: bytes, frame: Frame) -> _Found | None:
    walker = _Walker(frame)
    newlines: list[int] = []
    widths: list[int] = []
    stray: list[int] = []
    position = 0
    while (end := walker.end_of_record(data, position)) >= 0:
        if walker.stray:
            stray.append(len(newlines))
        newlines.append(end)
        widths.append(walker.delimiters + 1)
        walker.begin()
        position = end + 1
    if not newlines:
        return None
    return _Found(np.array(newlines, np.int64), np.array(widths, np.int64), True, tuple(stray))


def _block(data: bytes, found: _Found, frame: Frame, number: int, offset: int, line: int) -> tuple[Block, int]:
    ends = found.newlines.astype(np.int64)
    end = int(ends[-1]) + 1
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    if b"\r" in data:
        array = np.frombuffer(data, np.uint8)
        # A line end may be CR LF; the CR is part of it. (An empty record at offset 0 has nothing before it.)
        ends = ends - ((array[np.maximum(ends - 1, 0)] == _RETURN) & (ends > starts))
    faults = dict.fromkeys(found.stray, "a quote inside a field that is not quoted, or text after a closing quote")
    if frame.delimiter is not None:
        faults |= _forbidden_bytes(data[:end], starts, ends, frame)
    for index in np.flatnonzero(ends - starts > frame.max_record_bytes).tolist():
        faults[index] = _overlong_reason(int(ends[index] - starts[index]), frame)
    return Block(data[:end], starts, ends, found.widths, number, offset, line, found.quoted, faults), end


def _forbidden_bytes(data: bytes, starts: Positions, ends: Positions, frame: Frame) -> dict[int, str]:
    """Records with a NUL anywhere, or with a carriage return on its own outside quotes."""
    faults: dict[int, str] = {}
    if b"\r" in data:
        array = np.frombuffer(data, np.uint8)
        returns = np.flatnonzero(array == _RETURN)
        owner = np.searchsorted(starts, returns, side="right") - 1
        alone = returns < ends[owner]
        if frame.quote is not None and frame.quote in data:
            quotes = np.flatnonzero(array == frame.quote[0])
            # Counted from the record's own start: a stray quote in another record must not matter here.
            alone &= (np.searchsorted(quotes, returns) - np.searchsorted(quotes, starts[owner])) % 2 == 0
        faults |= dict.fromkeys(owner[alone].tolist(), "a carriage return on its own in a field that is not quoted")
    if b"\0" in data:
        zeros = np.flatnonzero(np.frombuffer(data, np.uint8) == 0)
        owners = np.unique(np.searchsorted(starts, zeros, side="right") - 1)
        faults |= dict.fromkeys(owners.tolist(), "the record holds a NUL character")
    return faults


def _overlong_reason(length: int, frame: Frame) -> str:
    return f"the record is {length:,} bytes long, more than the {frame.max_record_bytes:,} its contract allows"


def _last(data: bytes, frame: Frame, name: str, number: int, offset: int, line: int) -> Block:
    """The record after the last line end."""
    walker = _Walker(frame)
    walker.end_of_record(data, 0)
    _refuse_cut_off(walker, frame, name, number, data)
    found = _Found(np.array([len(data)]), np.array([walker.delimiters + 1]), True, (0,) if walker.stray else ())
    return _block(data, found, frame, number, offset, line)[0]


def _refuse_cut_off(walker: _Walker, frame: Frame, name: str, number: int, data: bytes) -> None:
    if walker.quote_open:
        why = "opens a quote that is never closed"
    elif frame.newline_required:
        why = "has no line end"
    else:
        return
    if number == 1 and b"\r" in data:
        told = f"{name} ends its lines in carriage returns alone, where LF or CR LF is wanted"
        raise DeliveryRefused(DeliveryProblem.MALFORMED, told)
    raise DeliveryRefused(
        DeliveryProblem.TRUNCATED,
        f"{name} was cut off: its last record ({number:,}) {why}",
        hint="ask for the file again; if the source never ends its last line, set `final_newline: optional`",
        quoting=shown(data)[:80],
    )


def _overlong(
    carry: bytes, source: Iterator[bytes], frame: Frame, name: str, at: tuple[int, int, int]
) -> tuple[Block, bytes, int, int]:
    """Walk to the end of a record that is too long, keeping only its beginning. `at` is its number, offset and line.

    Returns it as a block of its own, what follows it, and the bytes and lines it took with its line end.
    """
    walker = _Walker(frame)
    piece: bytes | None = carry
    length = lines = 0
    kept, last = b"", b""
    while piece is not None:
        end = walker.end_of_record(piece, 0)
        own = piece if end < 0 else piece[:end]
        kept += own[: max(0, _KEPT_OF_OVERLONG - len(kept))]
        last = own[-1:] or last
        length += len(own)
        lines += piece.count(b"\n", 0, len(own) + 1)
        if end >= 0:
            return _beginning(kept, length, last, frame, at), piece[end + 1 :], length + 1, lines
        piece = next(source, None)
    _refuse_cut_off(walker, frame, name, at[0], kept)
    return _beginning(kept, length, last, frame, at), b"", length, lines


def _beginning(kept: bytes, length: int, last: bytes, frame: Frame, at: tuple[int, int, int]) -> Block:
    """What was kept of a record that is too long, cut between two characters."""
    kept = kept.removesuffix(b"\r") if len(kept) == length else _CUT_CHARACTER.sub(b"", kept)
    fault = {0: _overlong_reason(length - (last == b"\r"), frame)}
    return Block(kept, np.zeros(1, np.int64), np.array([len(kept)]), np.ones(1, np.int64), *at, True, fault)
