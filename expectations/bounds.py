"""Bounds of what a check measures: the number, or one for each subject, with the reason beside it.

Belongs here: reading bounds, the condition that a measured row breaks them, saying them in words. Does not: what is
measured (suite.yml), or proposing other bounds (proposals.py).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Side = Literal["least", "most"]
WORDS: dict[Side, str] = {"least": "at least", "most": "at most"}
_BEYOND: dict[Side, str] = {"least": "<", "most": ">"}


class Bound(BaseModel):
    """One bound. `each` gives subjects numbers of their own; a subject that is not in it has no bound."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float | None = None
    each: dict[str, float] = Field(default_factory=dict)
    because: str = Field(min_length=10)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.value is None) == (not self.each):
            raise ValueError("a bound is either one `value` or one number for `each` subject")
        return self

    def broken(self, side: Side) -> str:
        """The condition on the columns `subject` and `value`; a value that is null (nothing to divide by) breaks none."""
        if self.value is not None:
            return f"value {_BEYOND[side]} {self.value!r}"
        cases = " ".join(f"when {_quoted(subject)} then {number!r}" for subject, number in self.each.items())
        return f"value {_BEYOND[side]} case subject {cases} end"

    def in_words(self, side: Side) -> str:
        """For people: the side and the number, subject by subject."""
        if self.value is not None:
            return f"{WORDS[side]} {self.value:g}"
        return f"{WORDS[side]} " + ", ".join(f"{number:g} ({subject})" for subject, number in self.each.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
