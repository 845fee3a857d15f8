"""Orders: what no run does by itself, why it is done and who says so.

Belongs here: that pair, complete or refused. Does not: what is ordered.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.failures import UsageError


@dataclass(frozen=True, slots=True)
class Order:
    """A reason and a person, both on record with what they order. Raises UsageError when either is empty."""

    because: str
    person: str

    def __post_init__(self) -> None:
        for name in ("because", "person"):
            object.__setattr__(self, name, getattr(self, name).strip())
        if not self.because or not self.person:
            raise UsageError("this needs a reason and a person", hint="--because 'why' --by NAME")
