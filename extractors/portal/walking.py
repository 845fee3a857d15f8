"""Every record of a stretch of time or of a list, however the pages shift while they are read.

Belongs here: which page to ask for next, and when there is proof that nothing is left. Does not: sending questions
(client.py), or what is done with pages (reading.py).

A stretch is walked by narrowing it: the next question begins at the newest stamp seen, never at a page number, so a
record that changes meanwhile (and so leaves for the end of time) moves nothing that is still unread. Numbers are needed
only where one second, or a list without stamps, fills more than a page; such pages are read until they come twice the
same. What comes twice is told apart later by its hash. Only an empty page proves the end: how many records the portal is
willing to put on a page is its own affair.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from contracts.failures import SourceUnavailable
from extractors.page_records import split_records
from extractors.portal.client import PortalClient, Reply
from extractors.portal.faults import PassingFault
from extractors.portal.stamps import Stamps, Stretch

#: How often pages that shift are read again before the reading is put off.
_PASSES = 8


@dataclass(frozen=True, slots=True)
class Page:
    """A page with records, and each one's stamp (empty for a list without stamps)."""

    reply: Reply
    stamps: list[str] = field(repr=False)

    @property
    def newest(self) -> str | None:
        """The latest stamp on it: the last one, as they stand in order."""
        return next(filter(None, reversed(self.stamps)), None)


def walk_stretch(client: PortalClient, service: str, size: int, stamps: Stamps, stretch: Stretch) -> Iterator[Page]:
    """The pages of a stretch, in the order of their stamps; records may come more than once."""
    start, fullest = stretch.start, 0
    while True:
        second = _Second(client, service, size, stamps, Stretch(start, stretch.end))
        page = second.page(1, None)
        if page is None:
            return
        yield page
        fullest = max(fullest, len(page.stamps))
        beyond = page if second.is_left_by(page) else (yield from second.numbered_pages(page, fullest))
        if beyond is None:
            return
        start = beyond.newest


def walk_list(client: PortalClient, service: str, size: int) -> list[Page]:
    """The pages of a list that has no stamps, as they were when they came twice the same."""
    before: list[bytes] | None = None
    for _ in range(_PASSES):
        pages: list[Page] = []
        while True:
            asked = {"trang": str(len(pages) + 1), "kichThuoc": str(size)}
            last = pages[-1] if pages else None
            reply = client.ask(service, asked, lambda found, last=last: _refuse_repetition(found, last))  # type: ignore[misc]
            if _is_empty(reply):
                break
            pages.append(Page(reply, []))
        seen = [_digest(page.reply) for page in pages]
        if seen == before:
            return pages
        before = seen
    raise _never_still(service)


@dataclass(frozen=True, slots=True)
class _Second:
    """Numbered pages of what begins at one second (the start of the stretch)."""

    client: PortalClient
    service: str
    size: int
    stamps: Stamps
    stretch: Stretch

    def page(self, number: int, before: Page | None) -> Page | None:
        """The page of that number; None when it is empty. `before` is the one that was read before it."""
        asked = {
            "trang": str(number),
            "kichThuoc": str(self.size),
            "tuNgayCapNhat": self.stretch.start or "",
            "denNgayCapNhat": self.stretch.end or "",
        }
        told: list[str] = []

        def check(reply: Reply) -> None:
            _refuse_repetition(reply, before)
            told[:] = self.stamps.check(reply, self.stretch)

        reply = self.client.ask(self.service, asked, check)
        return Page(reply, told) if told else None

    def is_left_by(self, page: Page) -> bool:
        """Whether the page reaches a later second."""
        newest = page.newest
        return newest is not None and (self.stretch.start is None or newest > self.stretch.start)

    def numbered_pages(self, first: Page, fullest: int) -> Generator[Page, None, Page | None]:
        """The pages after the first, until one is empty or leaves the second; again until nothing shifted meanwhile.

        Returns the page that left (given out like the others), or None at the end of the stretch.
        """
        before: list[bytes] | None = None
        page: Page | None = first
        given = {_digest(first.reply)}
        for _ in range(_PASSES):
            seen: list[bytes] = []
            rows = 0
            while page is not None:
                digest = _digest(page.reply)
                if digest not in given:
                    given.add(digest)
                    yield page
                if self.is_left_by(page):
                    break
                seen.append(digest)
                rows = len(page.stamps)
                page = self.page(len(seen) + 1, page)
            # A single page with room left on it cannot have pushed anything to another.
            if seen == before or (page is None and len(seen) == 1 and rows < fullest):
                return page
            before, page = seen, self.page(1, None)
        raise _never_still(self.service)


def _never_still(service: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"{service}: its pages keep changing while they are read",
        hint="Run again when the portal is less busy: what has landed is kept.",
    )


def _digest(reply: Reply) -> bytes:
    return hashlib.sha256(reply.records, usedforsecurity=False).digest()


def _is_empty(reply: Reply) -> bool:
    return not split_records(reply.records)


def _refuse_repetition(reply: Reply, before: Page | None) -> None:
    """Raises PassingFault when the page is the one before it over again."""
    if before is not None and not _is_empty(reply) and _digest(reply) == _digest(before.reply):
        raise PassingFault(f"page {reply.parameters['trang']} is the page before it over again")
