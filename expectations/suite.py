"""The suite as data: reading and validating suite.yml.

Belongs here: the checks' names, reasons and rules. Does not: Great Expectations, so that knowing what is required
costs no import of it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.checks import RequiredCheck, Severity
from contracts.yaml_text import parsed
from expectations.bounds import Bound, Side
from expectations.failing import EXPECTED, FAILING, failing_rows

SUITE = Path(__file__).parent / "suite.yml"


class ExpectationRule(BaseModel):
    """One Great Expectations expectation by its type name, with its arguments."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str

    @property
    def arguments(self) -> dict[str, Any]:
        """Everything but the type."""
        return dict(self.model_extra or {})


class Check(BaseModel):
    """One entry of suite.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    reason: str = Field(min_length=10)
    #: What to do when it fails, for whoever finds the run refused.
    hint: str = Field(min_length=10)
    table: str | None = None
    #: The column that names a row of the table.
    key: str | None = None
    expectations: tuple[ExpectationRule, ...] = ()
    violations: str | None = None
    #: A query with a row for each `subject` and its `value`; the bounds say which values break the rule.
    measured: str | None = None
    least: Bound | None = None
    most: Bound | None = None
    severity: Severity = "fail"

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.violations is not None, self.measured is not None, bool(self.expectations)]
        if sum(kinds) != 1:
            raise ValueError(f"{self.name}: give one of `violations`, `measured`, or `table` with `expectations`")
        if not bool(self.expectations) == (self.table is not None) == (self.key is not None):
            raise ValueError(f"{self.name}: `expectations` need a `table` and its `key`, nothing else does")
        if (self.measured is not None) != bool(self.bounds):
            raise ValueError(f"{self.name}: what is `measured` needs `least` or `most`, and nothing else has them")
        unknown = [rule.type for rule in self.expectations if rule.type not in FAILING]
        if unknown:
            raise ValueError(f"{self.name}: nothing tells which rows fail {unknown[0]} (expectations/failing.py)")
        return self

    @property
    def bounds(self) -> dict[Side, Bound]:
        """The bounds of what is measured."""
        given: dict[Side, Bound | None] = {"least": self.least, "most": self.most}
        return {side: bound for side, bound in given.items() if bound is not None}

    @property
    def breaking(self) -> str | None:
        """The query whose every row breaks the rule; None for expectations on a table."""
        if self.measured is None:
            return self.violations.strip() if self.violations is not None else None
        beyond = " or ".join(bound.broken(side) for side, bound in self.bounds.items())
        return f"select * from ({self.measured.strip()}) as measured where {beyond}"

    @property
    def expected(self) -> str:
        """What holds when it is green, in words."""
        if self.bounds:
            return "; ".join(f"{b.in_words(side)}: {b.because.strip()}" for side, b in self.bounds.items())
        if self.violations is not None:
            return "no row that breaks the rule"
        return "; ".join(f"{rule.arguments['column']} {EXPECTED[rule.type]}" for rule in self.expectations)

    @property
    def failing(self) -> str:
        """The query for all rows that fail this check, each as JSON in its one column `key`."""
        queries = [self.breaking] if self.breaking is not None else []
        if self.table is not None and self.key is not None:
            queries = [failing_rows(self.table, self.key, rule.type, rule.arguments) for rule in self.expectations]
        return " union all ".join(f"select to_jsonb(f) as key from ({query}) as f" for query in queries)


@cache
def load_suite(path: Path = SUITE) -> tuple[Check, ...]:
    """Every check, in the file's order. Raises ValueError when the file is not a suite."""
    checks = tuple(Check.model_validate(entry) for entry in parsed(path.read_text(encoding="utf-8")))
    if len({check.name for check in checks}) != len(checks):
        raise ValueError(f"{path}: a check is named twice")
    return checks


def suite_fingerprint() -> str:
    """SHA-256 of the suite's text: with another suite, other candidates may pass."""
    return hashlib.sha256(SUITE.read_bytes()).hexdigest()


def required_checks() -> tuple[RequiredCheck, ...]:
    """What every release needs."""
    return tuple(RequiredCheck(check.name, check.reason.strip(), check.severity) for check in load_suite())
