"""Deliveries dropped as files: finding them, telling their version from their name, and reading them.

Belongs here: the way in for files of any layout. Does not: the layouts themselves (delimited.py, workbook.py,
jsonlines.py) or keeping what was found.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable
from contracts.records import DroppedFile, RecordBatch
from contracts.source import KEPT_TABLE, SourceContract, StreamContract, VersionByFileName
from extractors.ahead import in_order
from extractors.delimited import read_delimited
from extractors.jsonlines import read_jsonlines
from extractors.pages import read_pages
from extractors.pseudonyms import Pseudonyms
from extractors.row_hashes import RowHashes
from extractors.text_records import TextRecords
from extractors.values import Typing
from extractors.workbook import read_workbook
from extractors.zones import end_of_day

#: Files that a program is still writing, or that belong to an editor.
_UNFINISHED = re.compile(
    r"\A(?:\.|~\$)|(?:~|\.(?:tmp|temp|part|partial|filepart|crdownload|download|swp|bak|lock))\Z", re.IGNORECASE
)


def find_deliveries(source: SourceContract, path: Path, only: str | None = None) -> list[DroppedFile]:
    """The files of every stream (or of one) under the path (a folder, or one file), by stream and name; hidden ones left
    out.

    Raises SourceUnavailable when the path is missing or unreadable, or when a stream asked for has no file in the folder.
    """
    try:
        if path.is_file():
            return [found for found in _single_file(source, path) if only in {None, found.stream}]
        if not path.is_dir():
            raise SourceUnavailable(
                f"{source.name}: there is nothing at {path}", hint="check `path` in the deployment file"
            )
        streams = [stream for stream in source.streams if only in {None, stream.name}]
        return [found for stream in streams for found in _in_folder(source, stream, path)]
    except OSError as error:
        raise SourceUnavailable(f"{source.name}: {path} cannot be read: {error.strerror or error}") from error


def read(
    stream: StreamContract, source: SourceContract, file: Path, name: str, *, pseudonyms: Pseudonyms | None = None
) -> Generator[RecordBatch]:
    """One file's records, typed, in file order and bounded memory; `name` is the name it was delivered under.

    Personal fields come as `pseudonyms`. A stream that may be empty gives no batch when it is. Raises SourceUnavailable,
    UsageError for personal fields without a key, and DeliveryRefused when the file as a whole cannot be taken. That may
    come at the end, after batches were given out: what is done with them must be undone then.
    """
    typing = Typing(stream, source.zone, name, pseudonyms)
    hashes = RowHashes.of_stream(stream, pseudonyms)
    # Records are told apart and hashed in a thread while those before are typed: one alone was what all others waited for.
    making = in_order([lambda: _text_records(stream, file, name, hashes)], 1, 1, threading.Event())
    try:
        with closing(making) as ahead:
            for records in ahead:
                yield typing.batch(records)
        typing.finish()
    except DeliveryRefused as refusal:
        if not stream.personal_fields:
            raise
        raise refusal.discreet() from None


def file_name_version(rule: VersionByFileName, name: str, zone: str) -> datetime:
    """The version a file's name tells: the midnight that ends its day in the zone, in UTC.

    Raises DeliveryRefused (NO_VERSION) when the name does not match the whole pattern or holds no date.
    """
    match = re.fullmatch(rule.pattern, PurePath(name).name)
    if match is None:
        raise DeliveryRefused(
            DeliveryProblem.NO_VERSION,
            f"{name!r} does not match {rule.pattern!r}, so its version is unknown",
            hint="rename the file as the contract's `version` says",
        )
    try:
        return end_of_day(datetime.strptime(match["date"] or "", rule.format), zone)
    except ValueError as error:
        raise DeliveryRefused(
            DeliveryProblem.NO_VERSION,
            f"{match['date']!r} in {name!r} is no date written as {rule.format}",
        ) from error


def _text_records(stream: StreamContract, file: Path, name: str, hashes: RowHashes) -> Iterator[TextRecords]:
    layout = stream.layout
    if layout.kind == "delimited":
        return read_delimited(stream, layout, file, name, hashes)
    if layout.kind == "workbook":
        return read_workbook(stream, layout, file, name, hashes)
    if layout.kind == "jsonlines":
        return read_jsonlines(stream, layout, file, name, hashes)
    if layout.kind == "table":
        return read_delimited(stream, KEPT_TABLE, file, name, hashes)
    return read_pages(stream, layout, file, name, hashes)


def _single_file(source: SourceContract, path: Path) -> list[DroppedFile]:
    streams = [stream for stream in source.streams if fnmatchcase(path.name, PurePath(stream.files).name)]
    if not streams and len(source.streams) == 1:
        streams = list(source.streams)
    if not streams:
        patterns = ", ".join(f"{stream.name} ({stream.files})" for stream in source.streams)
        raise SourceUnavailable(f"{source.name}: {path.name} belongs to none of the streams {patterns}")
    return [DroppedFile(source.name, stream.name, path) for stream in streams]


def _in_folder(source: SourceContract, stream: StreamContract, folder: Path) -> list[DroppedFile]:
    files = sorted(
        file
        for file in folder.glob(stream.files)
        if file.is_file() and not any(_UNFINISHED.search(part) for part in file.relative_to(folder).parts)
    )
    if not files:
        raise SourceUnavailable(
            f"{source.name}: no file of stream {stream.name} ({stream.files}) in {folder}",
            hint="is the delivery late, or does the source name its files differently now?",
        )
    return [DroppedFile(source.name, stream.name, file) for file in files]
