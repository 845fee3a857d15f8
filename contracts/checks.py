"""What a check said, and the verdict that follows: one pure function.

Belongs here: the result type and the rule. Does not: running checks (expectations/) or publishing (warehouse/release).
The database derives the same verdict again from the stored rows (warehouse/schema/060_publish.sql); a test holds the
two against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["pass", "fail"]
#: `fail` refuses the run for good; `hold` until somebody overrides it, with a reason; `warn` marks the release.
Severity = Literal["fail", "hold", "warn"]


#: What a check says that is green and measures nothing.
HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check on the candidates. `observed` is JSON-able; `failing` is the query for all rows that failed, each as
    JSON in its one column `key`, and empty when nothing failed or nobody can say what (the check crashed: it did not run
    to its end, `ran` is false).
    """

    name: str
    succeeded: bool
    message: str
    observed: dict[str, Any] = field(default_factory=dict)
    failing: str = ""
    ran: bool = True
    severity: Severity = "fail"


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check that every release needs, and why."""

    name: str
    reason: str
    severity: Severity = "fail"


def reasons_against(
    required: Iterable[RequiredCheck], results: Iterable[CheckResult], overridden: Collection[str] = ()
) -> tuple[str, ...]:
    """Why these results do not allow a release; empty means they do.

    A required check that is missing or crashed counts as failed, whatever its severity, and so does an empty list of
    them. One that only warns is no reason, nor is one that holds and is overridden; an overridden failure still is one.
    """
    by_name = {result.name: result for result in results}
    wanted = list(required)
    if not wanted:
        return ("no required check is defined",)
    reasons = []
    for check in wanted:
        result = by_name.get(check.name)
        if result is None:
            reasons.append(f"{check.name}: did not run")
        elif not result.ran or (not result.succeeded and check.severity == "fail"):
            reasons.append(f"{check.name}: {result.message}")
        elif not result.succeeded and check.severity == "hold" and check.name not in overridden:
            reasons.append(f"{check.name}: {result.message} (held)")
    return tuple(sorted(reasons))


def verdict(
    required: Iterable[RequiredCheck], results: Iterable[CheckResult], overridden: Collection[str] = ()
) -> Verdict:
    """`pass` when nothing speaks against a release, else `fail`."""
    return "fail" if reasons_against(required, results, overridden) else "pass"
