"""A file's bytes as UTF-8, piece by piece, whatever encoding the contract names.

Belongs here: reading, byte order marks, transcoding, and telling where a file stops being text in that encoding.
Does not: knowing what a record is (framing.py).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable

#: Measured from 1 to 16 MB: reading, typing and rendering take the same processor time with 4 and 8 MB, a tenth more with 2;
#: and what is under way between the threads of a landing is a multiple of it.
CHUNK_BYTES = 4 << 20

_MARKS = (
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    # After UTF-32, whose little-endian mark begins with the same two bytes.
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_OTHER_KINDS = (
    (b"PK\x03\x04", "a zip archive or workbook"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file"),
    (b"%PDF-", "a PDF"),
)


def is_utf8(encoding: str) -> bool:
    """Whether the encoding is UTF-8, with or without a byte order mark."""
    return codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}


def _bytes_of(file: Path) -> Iterator[bytes]:
    """The file's bytes in chunks. Raises SourceUnavailable when it cannot be opened or read."""
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise SourceUnavailable(f"{file.name} cannot be read: {error.strerror or error}") from error


def utf8_chunks(file: Path, encoding: str, name: str) -> Iterator[bytes]:
    """The file's text as UTF-8 without a byte order mark. UTF-8 input is passed on unchecked (see `checked_text`).

    Raises SourceUnavailable, and DeliveryRefused (WRONG_ENCODING, MALFORMED) for a file of another kind.
    """
    chunks = _bytes_of(file)
    first = next(chunks, b"")
    _refuse_other_kinds(first, encoding, name)
    if is_utf8(encoding):
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks
    else:
        yield from _transcoded(first, chunks, encoding, name)


def checked_text(data: bytes, offset: int, line: int, name: str) -> str:
    """The bytes as text; they begin at byte `offset` and line `line` of the file.

    Raises DeliveryRefused (WRONG_ENCODING), naming the first byte and line that is not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        at_line = line + data.count(b"\n", 0, error.start)
        raise _undecodable(name, "utf-8", offset + error.start, at_line, data[error.start]) from error


def _refuse_other_kinds(first: bytes, encoding: str, name: str) -> None:
    for magic, kind in _OTHER_KINDS:
        if first.startswith(magic):
            raise DeliveryRefused(
                DeliveryProblem.MALFORMED,
                f"{name} is {kind}, where its contract says text",
                hint="deliver the plain text file, or set `layout` in the contract",
            )
    declared = codecs.lookup(encoding).name
    mark_of = next((kind for mark, kind in _MARKS if first.startswith(mark)), None)
    if mark_of is not None and not declared.startswith(mark_of.lower()):
        raise DeliveryRefused(
            DeliveryProblem.WRONG_ENCODING,
            f"{name} is {mark_of} (it begins with that byte order mark), where its contract says {encoding}",
            hint=f"set `encoding: {mark_of.lower()}` in the contract if the source changed for good",
        )


def _transcoded(first: bytes, rest: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    passed, lines, chunk = 0, 1, first
    at_start = True
    while True:
        waiting = len(decoder.getstate()[0]) if chunk else 0
        following = next(rest, b"") if chunk else b""
        try:
            text = decoder.decode(chunk, final=not following)
            if at_start:
                text = text.removeprefix("\ufeff")
            encoded = text.encode("utf-8")
        except UnicodeDecodeError as error:
            bad = passed - waiting + error.start
            before = error.object[: error.start].decode(encoding, "ignore")
            raise _undecodable(name, encoding, bad, lines + before.count("\n"), error.object[error.start]) from error
        except UnicodeError as error:
            raise DeliveryRefused(
                DeliveryProblem.WRONG_ENCODING, f"{name} is not {encoding} (near byte {passed:,}): {error}"
            ) from error
        at_start = at_start and not text
        lines += text.count("\n")
        passed += len(chunk)
        yield encoded
        if not following:
            return
        chunk = following


def _undecodable(name: str, encoding: str, offset: int, line: int, byte: int) -> DeliveryRefused:
    return DeliveryRefused(
        DeliveryProblem.WRONG_ENCODING,
        f"{name} is not {encoding}: byte 0x{byte:02X} at offset {offset:,} (line {line:,}) cannot be decoded",
        hint="ask the source which encoding it writes, and set `encoding` in the contract",
    )
