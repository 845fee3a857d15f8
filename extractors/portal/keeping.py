"""Pages gathered into files of the kept form, with what had been read before marked in them.

Belongs here: which records are repeats, and the files. Does not: asking for pages, or the form itself (pages.py).
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from contracts.extraction import Extracted, Position
from contracts.failures import SourceUnavailable
from extractors.page_records import canonical, records_at, split_records
from extractors.pages import PageHeader, write_page
from extractors.portal.client import Reply
from extractors.portal.walking import Page

#: Pages in one file. With 1,000 records a page 35 MB, and what a failure in the middle costs is one file at most.
PAGES_IN_A_FILE = 50
#: Whose records a position remembers when they are of the overlap.
_PAGES_REMEMBERED = 4


@dataclass(slots=True)
class Repeats:
    """Which records had been read: landed or kept by an earlier reading, or on a page before.

    Only records up to `known_until` can be `known` (None: all of them can; `tail` as `Tail.digests` gave it). Within a
    reading, records come again where a page ends inside a second, and where numbered pages are read again; no others are
    hashed (340,000 take 1.1 s).
    """

    known: frozenset[bytes]
    tail: frozenset[str]
    known_until: str | None
    digest: Callable[[bytes | memoryview], bytes]
    _seen: dict[str, set[bytes]] = field(default_factory=dict)

    def of(self, page: Page) -> list[int]:
        """The places of the page's repeats; the rest counts as read from now on."""
        asked = page.reply.parameters
        start, numbered = asked.get("tuNgayCapNhat", ""), asked.get("trang") != "1"
        for second in [second for second in self._seen if second and second < start]:
            del self._seen[second]
        if numbered or self.known_until is None:
            suspects = list(range(len(page.stamps)))
        else:
            watched, until = {"", page.newest} | self._seen.keys(), self.known_until
            suspects = [at for at, stamp in enumerate(page.stamps) if stamp in watched or stamp <= until]
        repeats = []
        for at, record in zip(suspects, records_at(page.reply.records, suspects, len(page.stamps)), strict=True):
            digest = self.digest(canonical(record))
            seen = self._seen.setdefault(page.stamps[at], set())
            if digest in seen or digest in self.known or _short(digest) in self.tail:
                repeats.append(at)
            seen.add(digest)
        return repeats


@dataclass(slots=True)
class Tail:
    """The last pages of a reading, for what the next one's overlap will bring again.

    What landed is known by its row; what was quarantined is not, and would come as new with every reading until the
    newest stamp has moved past the overlap.
    """

    digest: Callable[[bytes | memoryview], bytes]
    pages: deque[Page] = field(default_factory=lambda: deque(maxlen=_PAGES_REMEMBERED))

    def digests(self, since: str) -> list[str]:
        """The beginnings of the hashes of the records since a stamp."""
        found: dict[str, None] = {}
        for page in self.pages:
            if page.newest is None or page.newest < since:
                continue
            for stamp, record in zip(page.stamps, split_records(page.reply.records), strict=True):
                if stamp >= since:
                    found[_short(self.digest(canonical(msgspec.json.decode(record))))] = None
        return list(found)


def _short(digest: bytes) -> str:
    # 64 bits: with the at most 4,000 remembered, one record in 10 ** 15 would be taken for another.
    return digest[:8].hex()


@dataclass(slots=True)
class KeptBatch:
    """One file in the making. Without `timed`, nothing in it depends on when it was read: equal lists, equal bytes."""

    folder: Path
    service: str
    timed: bool
    pages: int = 0
    at: datetime | None = None
    newest: str | None = None
    _path: Path | None = None
    _file: BinaryIO | None = None

    def add(self, reply: Reply, repeats: list[int], newest: str | None) -> None:
        """Appends a page as sent. Raises SourceUnavailable when it cannot be written."""
        received = reply.at.isoformat() if self.timed else ""
        header = PageHeader(reply.service, reply.parameters, reply.status, len(reply.body), received, repeats)
        try:
            if self._file is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                descriptor, path = tempfile.mkstemp(dir=self.folder, prefix=f"{self.service}-", suffix=".pages")
                self._path, self._file = Path(path), open(descriptor, "wb")  # noqa: SIM115, PTH123  # closed by end()
            write_page(self._file, header, reply.body)
        except OSError as error:
            raise SourceUnavailable(
                f"{self.service}: pages cannot be written to {self.folder}: {error.strerror or error}"
            ) from error
        self.pages += 1
        self.at = reply.at
        self.newest = max(filter(None, (self.newest, newest)), default=None)

    def end(self, name: str, position: Position | None) -> Extracted:
        """The file, closed."""
        assert self._file is not None and self._path is not None and self.at is not None
        self._file.close()
        return Extracted(self._path, name, self.at, position)

    def drop(self) -> None:
        """Removes an unfinished file."""
        if self._file is not None and self._path is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
