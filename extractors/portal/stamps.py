"""Change stamps: text like 20230630235959 that tells when the portal last changed a dossier, and orders them.

Belongs here: stamps as text and as instants, and a page seen by its stamps. Does not: asking for pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from contracts.failures import ContractError
from contracts.source import SourceContract, StreamContract
from extractors.portal.client import Reply
from extractors.portal.faults import PassingFault

#: The one form that is compared as text, digit by digit.
_FORMAT = "%Y%m%d%H%M%S"
_DIGITS = 14


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the portal's time in its own stamps, half-open; None is open."""

    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Stamps:
    """How one stream's records are stamped."""

    name: str
    zone: ZoneInfo
    decoder: msgspec.json.Decoder[list[Any]]

    @classmethod
    def of(cls, source: SourceContract, stream: StreamContract, name: str) -> Stamps:
        """Those in the field of that name. Raises ContractError for a form that cannot be compared as text."""
        if stream.field(name).format != _FORMAT:
            raise ContractError(f"{source.name}.{stream.name}: {name} must be written {_FORMAT} to be read by")
        stamped = msgspec.defstruct("Stamped", [("stamp", str, "")], rename={"stamp": name}, gc=False)
        return cls(name, ZoneInfo(source.zone), msgspec.json.Decoder(list[stamped]))  # type: ignore[valid-type]

    def text(self, instant: datetime) -> str:
        """An instant as a stamp, to the second before."""
        return instant.astimezone(self.zone).strftime(_FORMAT)

    def instant(self, stamp: str) -> datetime:
        """A stamp as an instant. Raises ValueError."""
        return datetime.strptime(stamp, _FORMAT).replace(tzinfo=self.zone).astimezone(UTC)

    def of_reply(self, reply: Reply) -> list[str]:
        """Each record's stamp, "" for one that has none to go by: such a record is judged where it lands."""
        try:
            found = [record.stamp for record in self.decoder.decode(reply.records)]
        except msgspec.ValidationError:
            records = msgspec.json.decode(reply.records)
            found = [record.get(self.name) if isinstance(record, dict) else "" for record in records]
        stamps = found if _are_stamps(found) else [stamp if _are_stamps([stamp]) else "" for stamp in found]
        # Digits may still be no date (20230231…). The last one is what the next question goes by.
        at = len(stamps)
        while (at := at - 1) >= 0 and not self._is_date(stamps[at]):
            stamps[at] = ""
        return stamps

    def _is_date(self, stamp: str) -> bool:
        try:
            self.instant(stamp)
        except ValueError:
            return False
        return True

    def check(self, reply: Reply, stretch: Stretch) -> list[str]:
        """The stamps of a page. Raises PassingFault for a page that is not of the stretch, or not in order.

        Both happen when a cache between the portal and us hands out another page; to go on from it would lose records.
        """
        stamps = self.of_reply(reply)
        told = [stamp for stamp in stamps if stamp] if "" in stamps else stamps
        if told != sorted(told):
            raise PassingFault(f"a page is not in the order of {self.name}")
        if told and (
            (stretch.start is not None and told[0] < stretch.start)
            or (stretch.end is not None and told[-1] >= stretch.end)
        ):
            raise PassingFault("a page holds records of another stretch of time than was asked for")
        return stamps


def _are_stamps(values: list[Any]) -> bool:
    """Whether all of them are digits, as many as a stamp has; looked at together, as nearly every page holds no other."""
    if not set(map(type, values)) <= {str} or not set(map(len, values)) <= {_DIGITS}:
        return False
    digits = "".join(values)
    return not digits or (digits.isascii() and digits.isdigit())
