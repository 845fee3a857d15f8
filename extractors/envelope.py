"""What a portal service answers, opened: its error code, its message and its list of records as bytes.

Belongs here: the envelope in every form seen (plain, with the result as text inside `message`, bare text that says that
all went well). Does not: judging an error code (portal/faults.py) or reading a record (pages.py).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

_NOTHING = msgspec.Raw(b"")
#: A sentence, not a document: "Lấy dữ liệu thành công". Gateways answer so where a list would be empty.
_TOLD_WELL = re.compile(r"\A[^{}\[\]<>]{0,200}thành công[^{}\[\]<>]{0,100}\Z", re.IGNORECASE)
_LONGEST_SENTENCE = 1_200


class _Envelope(msgspec.Struct):
    error_code: Any = None
    message: Any = None
    result: msgspec.Raw = _NOTHING


_decoder = msgspec.json.Decoder(_Envelope)


class UnreadableReply(Exception):
    """A body that is no answer of the portal: cut off, a page of HTML, no JSON."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer. `code` is "" when all is well; `records` is a JSON array, or None when the answer holds none."""

    code: str
    message: str
    records: bytes | msgspec.Raw | None


def opened(body: bytes) -> Opened:
    """The answer in a body. Raises UnreadableReply."""
    if not _is_text(body):
        raise UnreadableReply(f"the body is no text in UTF-8 ({len(body):,} bytes)")
    try:
        outer = _decoder.decode(body)
        inner = _inner(outer.message)
        holder = outer if inner is None else inner
        records = _records(holder.result)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        if _says_well(body):
            return Opened("", "", b"[]")
        kind = "empty" if not body.strip() else "a page of HTML" if body.lstrip()[:1] == b"<" else "no readable JSON"
        raise UnreadableReply(f"the body is {kind} ({len(body):,} bytes)") from error
    code = _code(outer.error_code) or _code(holder.error_code)
    return Opened(code, "" if inner is not None else _text(outer.message), records)


def _is_text(body: bytes) -> bool:
    """Whether the body is UTF-8. The decoder looks at no more than it gives out, and records are given out as sent."""
    # bytes.decode takes ten times as long, and makes text that nobody wants.
    try:
        pl.Series([body], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _inner(message: Any) -> _Envelope | None:
    """The envelope that some gateways put into `message` as text."""
    if not isinstance(message, str) or not message.lstrip().startswith("{"):
        return None
    return _decoder.decode(message.encode())


def _records(result: msgspec.Raw) -> bytes | msgspec.Raw | None:
    # Not `not result`: the truth of a Raw is no documented thing.
    start = bytes(memoryview(result)[:1])
    if start == b"[":
        return result
    if start == b"n":
        return b"[]"
    if start == b"":
        return None
    raise msgspec.DecodeError("the result is no list")


def _code(value: Any) -> str:
    """An error code as text, "" for those that say that all is well: 0, "0", "00", or none at all."""
    text = "" if value is None else str(value).strip()
    return "" if text.strip("0") == "" else text


def _text(message: Any) -> str:
    return message if isinstance(message, str) else ""


def _says_well(body: bytes) -> bool:
    if len(body) > _LONGEST_SENTENCE:
        return False
    try:
        return _TOLD_WELL.match(unicodedata.normalize("NFC", body.decode("utf-8-sig").strip())) is not None
    except UnicodeDecodeError:
        return False
