"""An explanation: one published figure, what it means, what it counts, where that stands, and what made and judged it.

Belongs here: its shape, and what it says about itself (does it hold?). Does not: finding (explain.py) or looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from reporting.figure_ids import Address
from reporting.published import Body

Shape = Literal["count", "percent", "share", "rank"]
Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """One published number that the figure is or is made of, beside what was counted without it.

    `name` is value, numerator, denominator, on_time or judged; `adds` names what is added up in it. `published` is None where
    the number stands in no cell of its own, `found` where the published tables hold nothing that could be counted.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    adds: tuple[str, ...]
    published: int | None
    found: int | None


@dataclass(frozen=True, slots=True)
class Code:
    """The program that did something: version, commit, lock file and dbt project, as noted then; None where not noted."""

    version: str | None = None
    commit: str | None = None
    requirements_lock_sha256: str | None = None
    dbt_project_sha256: str | None = None
    tools: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the pipeline: what came of it and which program it was of."""

    run_id: UUID
    run_number: int
    started_at: datetime
    outcome: str
    code: Code


@dataclass(frozen=True, slots=True)
class Landed:
    """One row that landed and tells of the thing counted: where it stands in which file, who brought it.

    `role` is record (the thing itself), event or step. `row_sha256` is None where the published tables do not carry it: then
    the file's hash vouches for the row. `proof` is None until somebody read the bytes; then "" where they agree, or what does
    not, and `record_sha256` is what the record hashes to as it stands there, of rows without a hash of their own as well.
    """

    role: str
    system: str
    code: str
    says: Mapping[str, Any]
    source: str
    stream: str
    file_name: str
    file_sha256: str
    row_number: int
    row_sha256: str | None
    delivery_id: int | None
    version: datetime | None
    landed_at: datetime | None
    retracted_because: str | None
    run: Run | None
    record: str = ""
    record_sha256: str = ""
    proof: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands: stream, file, row."""
        return f"{self.source}.{self.stream}", self.file_sha256, self.row_number


@dataclass(frozen=True, slots=True)
class Thing:
    """One dossier (or procedure, visit, decision, unit) that is counted, and in which parts: 1, or -1 where it is taken off."""

    key: str
    code: str
    counts: Mapping[str, int]
    facts: Mapping[str, Any]
    landed: tuple[Landed, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """The SQL of one model as it was sent to the database in the build behind the release."""

    model: str
    sql: str
    sha256: str
    meaning: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the gate on that run."""

    name: str
    succeeded: bool
    message: str


@dataclass(frozen=True, slots=True)
class Release:
    """The release the figure stands in. `is_published`: it is the one readers see now."""

    release_id: int
    kind: str
    restores: int | None
    created_at: datetime
    content_sha256: str
    is_published: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One explained figure. `things` are those listed, `total` is how many there are; `problems` is what does not match.

    `value` is a count, per cent (two decimals), a share (six) or a rank; None where the published cell is empty.
    `label`, `definition` and `section` (of docs/metrics.md) are names to look up, so that it may be told in any language.
    """

    address: Address
    body: Body
    shape: Shape
    value: Decimal | None
    label: str
    definition: str
    section: str
    columns: Mapping[str, str]
    period: Mapping[str, Any] | None
    begin: datetime | None
    end: datetime | None
    policy: Mapping[str, Any] | None
    kind: str
    parts: tuple[Part, ...]
    things: tuple[Thing, ...]
    total: int
    statements: tuple[Statement, ...]
    release: Release
    run: Run
    checks: tuple[Check, ...]
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Nothing that was looked at contradicts it."""
        return not self.problems

    @property
    def proofs(self) -> Sequence[str]:
        """What the kept bytes said of each row that was read."""
        return [row.proof for thing in self.things for row in thing.landed if row.proof is not None]

    def proved(self, proofs: Mapping[Place, tuple[str, str, str]]) -> Explanation:
        """The same with what the kept bytes say of each place: the record's text and hash, and "" or what does not agree."""
        things = tuple(
            replace(thing, landed=tuple(_proved(row, proofs) for row in thing.landed)) for thing in self.things
        )
        told = replace(self, things=things)
        broken = [proof for proof in told.proofs if proof]
        if broken:
            problem = f"{len(broken)} of {len(told.proofs)} rows cannot be proved: {broken[0]}"
            return replace(told, problems=(*self.problems, problem))
        return told


def _proved(row: Landed, proofs: Mapping[Place, tuple[str, str, str]]) -> Landed:
    found = proofs.get(row.place)
    return row if found is None else replace(row, record=found[0], record_sha256=found[1], proof=found[2])
