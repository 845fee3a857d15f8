"""The names a delivery gives its columns, held against its contract.

Belongs here: which drift a header shows (added, dropped, renamed, repeated) and how it is told. Does not: finding the
header in a file, or the values below it.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from contracts.failures import DeliveryProblem, DeliveryRefused
from contracts.source import StreamContract

_HINT = "if the source changed for good, change its contract; if not, ask the source for the file again"


#: In a stream with personal fields, what stands in place of the names is shown only when at least this share of the
#: contract's names is there: below it, the row is more likely a record than a header.
_HEADER_SHARE = 0.5


def plain_name(name: str) -> str:
    """A column name as contracts write it: letters composed (NFC), as some systems write ệ in two or three signs."""
    return unicodedata.normalize("NFC", name)


def check_header(stream: StreamContract, names: Sequence[str], name: str) -> None:
    """Raises DeliveryRefused (COLUMN_REPEATED, _RENAMED, _DROPPED or _ADDED) unless the names are the contract's.

    Their order may differ.
    """
    _refuse_record(stream, names, {field.name for field in stream.fields}, name)
    twice = [column for column, times in Counter(names).items() if times > 1]
    if twice:
        raise DeliveryRefused(
            DeliveryProblem.COLUMN_REPEATED, f"{name} names {listed(twice)} more than once", hint=_HINT
        )
    refuse_drift(stream, names, {field.name for field in stream.fields}, name)


def refuse_drift(stream: StreamContract, seen: Iterable[str], expected: Iterable[str], name: str) -> None:
    """Raises DeliveryRefused when the names seen are not the expected ones; does nothing when they are."""
    seen, expected = list(seen), set(expected)
    _refuse_record(stream, seen, expected, name)
    added = [column for column in seen if column not in expected]
    dropped = [field.name for field in stream.fields if field.name in expected and field.name not in seen]
    renamed = likely_renames(dropped, added)
    if renamed:
        pairs = ", ".join(f"{old!r} is probably now {new!r}" for old, new in renamed)
        rest = _rest(set(dropped) - {old for old, _ in renamed}, set(added) - {new for _, new in renamed})
        raise DeliveryRefused(
            DeliveryProblem.COLUMN_RENAMED, f"{name}: columns of {stream.name} were renamed: {pairs}{rest}", hint=_HINT
        )
    if dropped:
        raise DeliveryRefused(
            DeliveryProblem.COLUMN_DROPPED, f"{name} lacks {listed(dropped)}{_rest(set(), set(added))}", hint=_HINT
        )
    if added:
        raise DeliveryRefused(
            DeliveryProblem.COLUMN_ADDED,
            f"{name} holds {listed(added)}, unknown to the contract",
            hint=_HINT,
        )


def _refuse_record(stream: StreamContract, seen: Iterable[str], expected: set[str], name: str) -> None:
    """Refuses what may be a record with people in it, without saying what stands there."""
    known = len(expected & set(seen))
    if stream.personal_fields and known < _HEADER_SHARE * len(expected):
        raise DeliveryRefused(
            DeliveryProblem.COLUMN_DROPPED,
            f"{name} names {known} of the {len(expected)} columns of {stream.name} where its contract says the names"
            " stand; what else stands there is not shown, as it may be personal",
            hint=_HINT,
        )


def likely_renames(dropped: Sequence[str], added: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of (old, new) names that resemble each other, each name used once, the best pair first."""
    ratios = sorted(
        (-difflib.SequenceMatcher(None, old.casefold(), new.casefold()).ratio(), old, new)
        for old in dropped
        for new in added[:200]
    )
    pairs: list[tuple[str, str]] = []
    for negative, old, new in ratios:
        free = all(old != first and new != second for first, second in pairs)
        if free and -negative >= 0.6:
            pairs.append((old, new))
    return pairs


def listed(names: Iterable[str]) -> str:
    """Column names for a message: at most ten of them, an empty one told as such."""
    names = list(names)
    told = ", ".join(repr(column[:80]) if column else "a column without a name" for column in names[:10])
    return told + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _rest(dropped: set[str], added: set[str]) -> str:
    told = ""
    if dropped:
        told += f"; it lacks {listed(sorted(dropped))}"
    if added:
        told += f"; it holds {listed(sorted(added))}, unknown to the contract"
    return told
