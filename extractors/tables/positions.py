"""Where a reading begins and where it left off, in the source's own time.

Belongs here: positions, windows of a backfill, wall clocks of the source's zone to instants and back. Does not: queries.
Pure.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.extraction import Position, Wanted
from contracts.failures import DeliveryProblem, DeliveryRefused, UsageError
from contracts.source import StreamContract, TableLayout
from extractors.tables.statements import Place, Span

#: Before it, no date of ours and no overlap begins.
_FIRST = datetime(1, 1, 1)


def span_wanted(layout: TableLayout, wanted: Wanted, zone: str, *, aware: bool) -> Span:
    """The stretch of stamps to read. `aware`: the column holds instants; otherwise the zone's wall clock."""
    if wanted.backfill:
        return Span(_in_column(wanted.changed_from, zone, aware), _in_column(wanted.changed_to, zone, aware))
    if wanted.position is None:
        return Span()
    begin = _noted(wanted.position) or _FIRST
    overlap = timedelta(seconds=layout.overlap_seconds)
    earliest = _FIRST.replace(tzinfo=begin.tzinfo)
    begin = earliest if begin - earliest < overlap else begin - overlap
    if (begin.tzinfo is not None) == aware:
        return Span(begin)
    return Span(_in_column(instant_of(begin, zone), zone, aware))


def instant_of(stamp: datetime, zone: str) -> datetime:
    """A stamp as an instant; an hour that clocks show twice is its first, so that nothing after it is missed."""
    return stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=ZoneInfo(zone))


def position_after(place: Place, now: datetime, zone: str, stream: StreamContract) -> Position:
    """Where to go on after a batch that ended there.

    Never beyond the source's own clock: a single row stamped in the year 9999 would hide every change after it. Such
    rows come again each time and are known by their hash.
    """
    stamp = stamp_of(place, stream)
    if instant_of(stamp, zone) > now:
        limit = now if stamp.tzinfo is not None else now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return {"changed_at": limit.isoformat(), "key": []}
    return {"changed_at": stamp.isoformat(), "key": [_plain(value) for value in place.key]}


def stamp_of(place: Place, stream: StreamContract) -> datetime:
    """The moment of a row's stamp. Raises DeliveryRefused (COLUMN_RETYPED) when it is none (PostgreSQL's infinity)."""
    stamp = place.changed_at
    if isinstance(stamp, datetime):
        return stamp
    try:
        return datetime.fromisoformat(str(stamp))
    except ValueError:
        raise DeliveryRefused(
            DeliveryProblem.COLUMN_RETYPED,
            f"{stream.name}: the column that says when a row changed holds {str(stamp)[:40]!r}, which is no moment",
            hint="correct the row at the source: what changed after it cannot be told",
        ) from None


def _noted(position: Position) -> datetime | None:
    try:
        return datetime.fromisoformat(position["changed_at"])
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            "the stored position of this stream is not one of a table's reading",
            hint="Did the stream's layout change? Reading it from the beginning needs its position taken away.",
        ) from None


def _in_column(instant: datetime | None, zone: str, aware: bool) -> datetime | None:
    if instant is None:
        return None
    return instant.astimezone(UTC) if aware else instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int) else str(value)
