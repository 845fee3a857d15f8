"""The verdict as a table: what each weight makes of each word, alone and together.

Belongs here: the pure function. Does not: the same verdict in the database (promise 2 holds the two against each other).
"""

from __future__ import annotations

import pytest

from contracts.checks import CheckResult, RequiredCheck, Severity, reasons_against, verdict

GREEN, RED, CRASHED = (True, True), (False, True), (False, False)


def _required(severity: Severity, name: str = "check") -> RequiredCheck:
    return RequiredCheck(name, "for the test", severity)


def _said(word: tuple[bool, bool], name: str = "check") -> CheckResult:
    return CheckResult(name, word[0], "as it went", ran=word[1])


@pytest.mark.parametrize(
    ("severity", "word", "overridden", "reasons"),
    [
        ("fail", GREEN, False, ()), ("hold", GREEN, False, ()), ("warn", GREEN, False, ()),
        ("fail", RED, False, ("check: as it went",)), ("hold", RED, False, ("check: as it went (held)",)),
        ("warn", RED, False, ()),
        ("fail", CRASHED, False, ("check: as it went",)), ("hold", CRASHED, False, ("check: as it went",)),
        ("warn", CRASHED, False, ("check: as it went",)),
        ("fail", None, False, ("check: did not run",)), ("hold", None, False, ("check: did not run",)),
        ("warn", None, False, ("check: did not run",)),
        ("fail", RED, True, ("check: as it went",)), ("hold", RED, True, ()), ("warn", RED, True, ()),
        ("hold", CRASHED, True, ("check: as it went",)), ("hold", None, True, ("check: did not run",)),
    ],
)  # fmt: skip
def test_one_check(
    severity: Severity, word: tuple[bool, bool] | None, overridden: bool, reasons: tuple[str, ...]
) -> None:
    results = [] if word is None else [_said(word)]
    borne = {"check"} if overridden else {"another"}
    assert reasons_against([_required(severity)], results, borne) == reasons
    assert verdict([_required(severity)], results, borne) == ("fail" if reasons else "pass")


def test_nothing_required_lets_nothing_through() -> None:
    assert reasons_against([], [_said(GREEN)]) == ("no required check is defined",)
    assert verdict([], []) == "fail"


def test_every_check_is_looked_at_and_the_reasons_are_in_order() -> None:
    required = [_required("hold", "b"), _required("warn", "w"), _required("fail", "a"), _required("fail", "c")]
    results = [_said(RED, "b"), _said(RED, "w"), _said(GREEN, "c"), _said(RED, "unasked")]
    assert reasons_against(iter(required), iter(results)) == ("a: did not run", "b: as it went (held)")
    assert reasons_against(required, results, ["b"]) == ("a: did not run",)


def test_what_is_not_said_otherwise_refuses() -> None:
    """A check without a weight fails; a result without a word about its run ran."""
    assert RequiredCheck("n", "r").severity == "fail"
    told = CheckResult("n", False, "m")
    assert (told.ran, told.severity, told.observed, told.failing) == (True, "fail", {}, "")
