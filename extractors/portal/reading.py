"""One stream of the portal read: by what changed, as a whole list, or once for each value of another stream.

Belongs here: what to ask for, from where to where, and where the next reading goes on. Does not: paging (walking.py),
sending (client.py) or files (keeping.py).

A reading goes from where the last landed batch ended, less the contract's overlap, to the portal's own clock at its
beginning. What has landed is told by its hash and left out, so a reading that failed in the middle is simply taken up
again, and a dossier that the portal committed late, behind the newest stamp, is still met.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from contracts.extraction import Extracted, Wanted
from contracts.failures import ContractError, SourceUnavailable
from contracts.source import ServiceLayout, SourceContract, StreamContract
from extractors.ahead import in_order
from extractors.page_records import split_records
from extractors.portal.client import PortalClient
from extractors.portal.connection import PortalConnection, refuse_writing
from extractors.portal.keeping import PAGES_IN_A_FILE, KeptBatch, Repeats, Tail
from extractors.portal.stamps import Stamps, Stretch
from extractors.portal.walking import Page, walk_list, walk_stretch

#: What a position says: the newest stamp that landed, and which records of the overlap have been read.
_CHANGED_AT, _REMEMBERED = "changed_at", "remembered"
_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
#: Stretches for each thread, so that one busy month does not leave the others idle; none is shorter than a day.
_STRETCHES_A_THREAD = 4
_SHORTEST_STRETCH = timedelta(days=1)
#: That each thread may have ready. A page of dossiers is 0.7 MB.
_PAGES_READY = 3


def read_service(
    source: SourceContract, stream: StreamContract, wanted: Wanted, connection: PortalConnection
) -> Iterator[Extracted]:
    """What the portal holds for a stream and has not landed yet, batch by batch.

    Raises SourceUnavailable (what was read before it comes out as a batch first), ContractError and UsageError.
    """
    layout = stream.layout
    if not isinstance(layout, ServiceLayout):
        raise ContractError(f"{source.name}.{stream.name} is no service of the portal")
    refuse_writing(layout.service)
    given_up = threading.Event()
    with PortalClient(connection, given_up) as client:
        if layout.changed_at is None:
            yield _whole(source, stream, layout, wanted, client)
        else:
            yield from _Changes(source, stream, layout, wanted, client, given_up).read()


def _whole(
    source: SourceContract, stream: StreamContract, layout: ServiceLayout, wanted: Wanted, client: PortalClient
) -> Extracted:
    """A whole list as one batch: a full delivery holds every record that exists."""
    batch = KeptBatch(wanted.folder, layout.service, timed=False)
    try:
        if layout.for_each is not None:
            for value in _values(source, stream, layout, client):
                batch.add(client.ask(layout.service, {str(layout.parameter): value}), [], None)
        elif layout.page_size is not None:
            for page in walk_list(client, layout.service, layout.page_size):
                batch.add(page.reply, [], None)
        if batch.pages == 0:
            # Also what an empty paged list is told by: that it is empty is judged where it lands.
            batch.add(client.ask(layout.service, {}), [], None)
        return batch.end(f"{layout.service}.pages", None)
    except BaseException:
        batch.drop()
        raise


def _values(source: SourceContract, stream: StreamContract, layout: ServiceLayout, client: PortalClient) -> list[str]:
    """The values for each of which a service is asked: those of a field of another stream, each once, in order."""
    name, _, field = str(layout.for_each).partition(".")
    try:
        other = source.stream(name)
        other.field(field)
    except KeyError as error:
        raise ContractError(
            f"{source.name}.{stream.name}: for_each names no field of a stream: {layout.for_each}"
        ) from error
    if not isinstance(other.layout, ServiceLayout) or other.layout.for_each is not None or layout.parameter is None:
        raise ContractError(
            f"{source.name}.{stream.name}: for_each needs `parameter`, and a stream that is read as one list"
        )
    size = other.layout.page_size
    service = other.layout.service
    refuse_writing(service)
    replies = [client.ask(service, {})] if size is None else [page.reply for page in walk_list(client, service, size)]
    records = [msgspec.json.decode(record) for reply in replies for record in split_records(reply.records)]
    return sorted({str(record.get(field) or "") for record in records if isinstance(record, dict)} - {""})


@dataclass(frozen=True, slots=True)
class _Changes:
    """A stream that can be asked for what changed."""

    source: SourceContract
    stream: StreamContract
    layout: ServiceLayout
    wanted: Wanted
    client: PortalClient
    given_up: threading.Event

    def read(self) -> Iterator[Extracted]:
        """The batches."""
        stamps = Stamps.of(self.source, self.stream, str(self.layout.changed_at))
        stretch, landed_until = self._stretch(stamps)
        if stretch.start is not None and stretch.end is not None and stretch.start >= stretch.end:
            return
        repeats = self._repeats(stamps, stretch, landed_until)
        lanes: list[Callable[[], Iterator[Page]]] = [
            partial(walk_stretch, self.client, self.layout.service, self._size, stamps, part)
            for part in self._parts(stamps, stretch)
        ]
        workers = self.client.connection.concurrency
        with closing(in_order(lanes, workers, _PAGES_READY, self.given_up)) as pages:
            yield from self._batches(pages, repeats, stamps)

    @property
    def _size(self) -> int:
        return self.layout.page_size or 1_000

    def _stretch(self, stamps: Stamps) -> tuple[Stretch, str | None]:
        """From where to where, and the newest stamp that landed (None when nothing did, or it does not matter)."""
        wanted, clock = self.wanted, self.client.clock()
        if wanted.backfill:
            start = stamps.text(wanted.changed_from) if wanted.changed_from is not None else None
            return Stretch(start, stamps.text(wanted.changed_to or clock)), None
        now = stamps.text(clock)
        if wanted.position is None:
            return Stretch(None, now), None
        landed_until = str(wanted.position[_CHANGED_AT])
        start = self._overlapped(stamps, landed_until)
        if now <= start:
            raise SourceUnavailable(
                f"{self.layout.service}: the portal's clock says {clock:%Y-%m-%d %H:%M:%S} UTC, which is before what has"
                f" landed from it (up to {landed_until})",
                hint="Tell the portal's operator. Reading goes on when its clock is right again; nothing is lost.",
            )
        return Stretch(start, now), landed_until

    def _repeats(self, stamps: Stamps, stretch: Stretch, landed_until: str | None) -> Repeats:
        if stretch.start is None and not self.wanted.backfill:
            return Repeats(frozenset(), frozenset(), "", self.wanted.digest)
        since = stamps.instant(stretch.start) if stretch.start is not None else _BEGINNING
        tail = () if self.wanted.backfill else (self.wanted.position or {}).get(_REMEMBERED, ())
        return Repeats(self.wanted.known(since), frozenset(tail), landed_until, self.wanted.digest)

    def _parts(self, stamps: Stamps, stretch: Stretch) -> list[Stretch]:
        """The stretch in parts, for several threads; it begins where the portal's first record does."""
        threads = self.client.connection.concurrency
        if threads == 1 or stretch.end is None:
            return [stretch]
        first = next(walk_stretch(self.client, self.layout.service, 1, stamps, stretch), None)
        if first is None or first.newest is None:
            return [stretch]
        start, end = stamps.instant(first.newest), stamps.instant(stretch.end)
        step = max((end - start) / (threads * _STRETCHES_A_THREAD), _SHORTEST_STRETCH)
        cuts: list[str | None] = [stretch.start]
        while (start := start + step) < end:
            cuts.append(stamps.text(start))
        return [Stretch(*pair) for pair in zip(cuts, [*cuts[1:], stretch.end], strict=True)]

    def _batches(self, pages: Iterator[Page], repeats: Repeats, stamps: Stamps) -> Iterator[Extracted]:
        batch, tail = self._new_batch(), Tail(self.wanted.digest)
        try:
            try:
                for page in pages:
                    tail.pages.append(page)
                    places = repeats.of(page)
                    if len(places) == len(page.stamps):
                        continue
                    batch.add(page.reply, places, page.newest)
                    if batch.pages == PAGES_IN_A_FILE:
                        full, batch = batch, self._new_batch()
                        yield self._extracted(full, tail, stamps)
            except SourceUnavailable:
                # What was read up to here need not be read again.
                if batch.pages:
                    rest, batch = batch, self._new_batch()
                    yield self._extracted(rest, tail, stamps)
                raise
            if batch.pages:
                rest, batch = batch, self._new_batch()
                yield self._extracted(rest, tail, stamps)
        finally:
            batch.drop()

    def _new_batch(self) -> KeptBatch:
        return KeptBatch(self.wanted.folder, self.layout.service, timed=True)

    def _extracted(self, batch: KeptBatch, tail: Tail, stamps: Stamps) -> Extracted:
        name = f"{self.layout.service}-to-{batch.newest or 'unknown'}.pages"
        if self.wanted.backfill or batch.newest is None:
            return batch.end(name, None)
        # A batch from the overlap may end before what has landed; the position never goes back.
        newest = max(batch.newest, str((self.wanted.position or {}).get(_CHANGED_AT, "")))
        return batch.end(name, {_CHANGED_AT: newest, _REMEMBERED: tail.digests(self._overlapped(stamps, newest))})

    def _overlapped(self, stamps: Stamps, stamp: str) -> str:
        """Where a reading begins again after one that came to a stamp."""
        return stamps.text(stamps.instant(stamp) - timedelta(seconds=self.layout.overlap_seconds))
