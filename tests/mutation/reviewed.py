"""Mutants that somebody looked at and that change nothing: a list with the reason for each, beside what is mutated.

Belongs here: reading reviewed.yml and holding survivors against it. Does not: the reasons (the file).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).parent / "reviewed.yml"


class Reviewed(BaseModel):
    """One reason, and the mutants of one subject it holds for, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str
    because: str = Field(min_length=20)
    mutants: tuple[str, ...] = Field(min_length=1)


@cache
def reviewed() -> tuple[Reviewed, ...]:
    """The whole list. Raises ValueError when a mutant is named twice."""
    entries = tuple(Reviewed.model_validate(entry) for entry in yaml.safe_load(_FILE.read_text(encoding="utf-8")))
    named = [(entry.subject, name) for entry in entries for name in entry.mutants]
    if len(set(named)) != len(named):
        raise ValueError(f"{_FILE.name}: a mutant is named twice")
    return entries


def reviewed_of(subject: str) -> frozenset[str]:
    """The names of a subject's mutants that change nothing."""
    return frozenset(name for entry in reviewed() if entry.subject == subject for name in entry.mutants)
