"""The address of a published figure: one line of text that names it, and by which it is found again in any release.

Belongs here: spelling and reading addresses, and which kinds there are. Does not: finding the figure (meaning.py), or what its
definition says (docs/metrics.md).

    jurisdiction / when / what [/ policy] [;name=value …]

    thai_nguyen/2023H1/on_time_of_resolved/day                  a figure of a brief: a period, a definition, a policy
    thai_nguyen/2023-07-01T00:00:00+07:00/late/day;unit=H55.09   a figure at a cut-off, of one unit
    thai_nguyen/2023H1/ii06a.late/day;variant=levels;level=district   a cell of form II.06a: its column, its row
    thai_nguyen/2023H1/ii07b.one_stop_district                   a cell of form II.07b
    thai_nguyen/2023H1/rate.article;unit=H55.09                  an on-time rate
    thai_nguyen/as_of/ranking.unit_rank;unit=H55.09              a place in the ranking
    thai_nguyen/2023-01-01..2023-07-01/claim.communes            ours beside what somebody reported

An address says no release: the same figure of another release bears the same one. Values are written as they are but for
what the grammar needs (/ ; = % and white space), which is percent-encoded; an empty value means "without": `level=` is the row
of what has no level.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import unquote

from contracts.failures import UsageError

#: What may narrow a figure, in the order in which it is written.
NARROWING = ("variant", "level", "field", "unit", "competent_unit", "channel", "procedure", "line")
#: What stands before the point where a figure is a cell of a table; without a point it is a figure or a definition.
TABLES = ("ii06a", "ii07b", "rate", "ranking", "claim")
#: Of these an empty value says something: the row of what has none.
_MAY_BE_EMPTY = frozenset({"level", "field"})
_RESERVED = re.compile(r"[/;=%\s]")
_EXAMPLES = "thai_nguyen/2023H1/late_in_period/day, thai_nguyen/2023-07-01/late/day;unit=H55.09"


@dataclass(frozen=True, slots=True)
class FigureId:
    """Whose, when, what; `policy` is None where no dossier is judged. The short form of an address, of a period's figure."""

    jurisdiction: str
    period: str
    definition: str
    policy: str | None = None

    def __str__(self) -> str:
        return str(Address(self.jurisdiction, self.period, self.definition, self.policy))


@dataclass(frozen=True, slots=True)
class Address:
    """Whose, when, what, judged by which policy, and what narrows it. `when` is a period, an instant or a span of days.

    str() and parse_address() are each other's inverse.
    """

    jurisdiction: str
    when: str
    what: str
    policy: str | None = None
    narrowed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        ordered = {name: self.narrowed[name] for name in NARROWING if name in self.narrowed}
        unknown = sorted(set(self.narrowed) - set(ordered))
        if unknown:
            raise UsageError(
                f"a figure is not narrowed by {', '.join(unknown)}", hint=f"Known: {', '.join(NARROWING)}."
            )
        empty = [name for name, value in ordered.items() if not value and name not in _MAY_BE_EMPTY]
        parts = [self.jurisdiction, self.when, self.what, *([] if self.policy is None else [self.policy])]
        if empty or not all(parts):
            raise UsageError("an address has no empty part", hint=f"Examples: {_EXAMPLES}")
        object.__setattr__(self, "narrowed", MappingProxyType(ordered))

    @property
    def table(self) -> str | None:
        """Which form or list it is a cell of; None for a figure by its name."""
        head, point, _ = self.what.partition(".")
        return head if point and head in TABLES else None

    @property
    def column(self) -> str:
        """The column of that form or list, or the name of the figure."""
        return self.what if self.table is None else self.what.partition(".")[2]

    def __str__(self) -> str:
        parts = (self.jurisdiction, self.when, self.what, self.policy)
        path = "/".join(_written(part) for part in parts if part is not None)
        return path + "".join(f";{name}={_written(value)}" for name, value in self.narrowed.items())

    def __hash__(self) -> int:
        return hash(str(self))


def parse_address(text: str) -> Address:
    """The parts of an address. Raises UsageError when it has not three or four, an empty or an unknown one."""
    path, *tail = text.strip().split(";")
    parts = [unquote(part, errors="strict") if _is_sound(part) else "" for part in path.split("/")]
    narrowed: dict[str, str] = {}
    for pair in tail:
        name, equals, value = pair.partition("=")
        if not equals or name in narrowed or not _is_sound(value):
            raise UsageError(f"{pair!r} does not narrow a figure", hint=f"Write name=value, each once: {_EXAMPLES}")
        narrowed[name] = unquote(value)
    if len(parts) not in {3, 4} or not all(parts):
        raise UsageError(
            f"{text!r} names no figure",
            hint=f"jurisdiction/period/definition, or …/policy, then ;name=value: {_EXAMPLES}",
        )
    return Address(parts[0], parts[1], parts[2], parts[3] if len(parts) == 4 else None, narrowed)


def parse_figure_id(text: str) -> FigureId:
    """The parts of a short address. Raises UsageError when it has not three or four, an empty one, or is narrowed."""
    address = parse_address(text)
    if address.narrowed:
        raise UsageError(f"{text!r} names no figure of a period as a whole", hint="motcua explain knows such figures.")
    return FigureId(address.jurisdiction, address.when, address.what, address.policy)


def _written(value: str) -> str:
    return _RESERVED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), value)


def _is_sound(part: str) -> bool:
    """Whether what is percent-encoded in it is text."""
    try:
        unquote(part, errors="strict")
    except UnicodeDecodeError:
        return False
    return True
