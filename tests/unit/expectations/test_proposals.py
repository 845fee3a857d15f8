"""Bounds proposed from good releases, and the bounds and failing rows that the suite may state at all.

Belongs here: what needs no database. Does not: the gate's own runs (tests/guarantees).
"""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from expectations.bounds import Bound
from expectations.proposals import FEWEST, Measured, as_yaml
from expectations.suite import Check, load_suite

ABOUT = {"reason": "only for this test", "hint": "only for this test", "measured": "select 'a' as subject, 1 as value"}
WHY = "only for this test"


def _check(**bounds: object) -> Check:
    return Check.model_validate({"name": "grows", **ABOUT, **bounds})


def _seen(*values: float, subject: str = "a") -> list[Measured]:
    return [Measured(place, {subject: (value, value)}) for place, value in enumerate(values, 7)]


def test_a_proposal_is_as_far_beyond_the_worst_as_that_is_from_the_median() -> None:
    """By hand: median 1.00, lowest 0.98, highest 1.05; so 0.96 and 1.10."""
    check = _check(least={"value": 0.5, "because": WHY}, most={"value": 2, "because": WHY})
    text = as_yaml([check], {"grows": _seen(1.0, 0.98, 1.05, 1.0, 1.01)})
    [entry] = yaml.safe_load(text)
    assert (entry["least"]["value"], entry["most"]["value"]) == (0.96, 1.1)
    assert "5 good releases (7 to 11): 0.98 to 1.05, median 1" in entry["most"]["because"]
    assert "stands at least 0.5" in text
    for side in ("least", "most"):
        Bound.model_validate(entry[side])


def test_proposals_are_rounded_away_from_what_was_good() -> None:
    check = _check(least={"value": 0.5, "because": WHY}, most={"value": 2, "because": WHY})
    [entry] = yaml.safe_load(as_yaml([check], {"grows": _seen(1.0, 0.99996, 1.00004, 1.0, 1.0)}))
    assert (entry["least"]["value"], entry["most"]["value"]) == (0.999, 1.001)


@pytest.mark.parametrize("values", [(1.0,) * FEWEST, tuple(1.0 + place / 9 for place in range(FEWEST - 1)), ()])
def test_nothing_is_proposed_from_too_little(values: tuple[float, ...]) -> None:
    text = as_yaml([_check(most={"value": 2, "because": WHY})], {"grows": _seen(*values)})
    assert yaml.safe_load(text) is None
    assert text.startswith("# grows (fail)")


def test_each_subject_has_its_own_and_keeps_its_number_when_it_says_nothing() -> None:
    check = _check(most={"each": {"a": 0.5, "b": 0.6}, "because": WHY})
    [entry] = yaml.safe_load(as_yaml([check], {"grows": _seen(0.1, 0.1, 0.1, 0.2, 0.1)}))
    assert entry["most"]["each"] == {"a": 0.3, "b": 0.6}


@pytest.mark.parametrize(
    "wrong",
    [
        {"most": None},
        {"most": {"value": 1, "because": "short"}},
        {"most": {"because": WHY}},
        {"most": {"value": 1, "each": {"a": 1}, "because": WHY}},
        {"most": {"value": 1, "because": WHY}, "violations": "select 1"},
        {"most": {"value": 1, "because": WHY}, "severity": "whatever"},
    ],
)
def test_a_bound_without_reason_or_number_is_no_suite(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _check(**wrong)


def test_a_rule_whose_failing_rows_nobody_could_list_is_no_suite() -> None:
    table = {"table": "candidate.fct_dossier", "key": "dossier_key"}
    rule = {"type": "expect_column_mean_to_be_between", "column": "row_number"}
    with pytest.raises(ValidationError, match="nothing tells which rows fail"):
        Check.model_validate({"name": "mean", "reason": WHY, "hint": WHY, **table, "expectations": [rule]})


def test_growth_only_warns_and_loss_refuses() -> None:
    """As people were told: a minimum fails, growth warns."""
    weighs = {(side, check.severity) for check in load_suite() for side in check.bounds if "volume" in check.name}
    assert weighs == {("least", "fail")}
    [growth] = [check for check in load_suite() if check.name.startswith("growth")]
    assert (list(growth.bounds), growth.severity) == (["most"], "warn")


def test_the_text_to_paste_word_by_word() -> None:
    """Each release counts with its value nearest to the bound, over all subjects or of the one. By hand: 0.9 - (1 - 0.9) and
    2.6 + (2.6 - 2.5), as subject b lies half above a.
    """
    grows = _check(least={"value": 0.5, "because": WHY}, most={"value": 2, "because": WHY})
    each = Check.model_validate(
        {"name": "each", **ABOUT, "most": {"each": {"b": 0.6, "Sở Y tế": 0.5}, "because": WHY}, "severity": "warn"}
    )
    unseen = Check.model_validate({"name": "unseen", **ABOUT, "most": {"value": 2, "because": WHY}})
    lows = (0.9, 1.0, 1.0, 1.0, 1.1)
    seen = {
        "grows": [Measured(p, {"a": (low, low + 1), "b": (low + 0.5, low + 1.5)}) for p, low in enumerate(lows, 7)],
        "each": [
            Measured(place, {"b": (0.0, high + 0.1), "Sở Y tế": (0.0, high)})
            for place, high in enumerate((0.1, 0.1, 0.2, 0.1, 0.1), 7)
        ],
    }
    assert as_yaml([grows, each, unseen, load_suite()[0]], seen).splitlines() == [
        "# grows (fail)",
        "#   stands at least 0.5; 5 good releases (7 to 11): 0.9 to 1.1, median 1",
        "#   stands at most 2; 5 good releases (7 to 11): 2.4 to 2.6, median 2.5",
        "- name: grows",
        '  least: {value: 0.8, because: "Proposed from 5 good releases (7 to 11): 0.9 to 1.1, median 1."}',
        '  most: {value: 2.7, because: "Proposed from 5 good releases (7 to 11): 2.4 to 2.6, median 2.5."}',
        "# each (warn)",
        "#   Sở Y tế: stands at most 0.5; 5 good releases (7 to 11): 0.1 to 0.2, median 0.1",
        "#   b: stands at most 0.6; 5 good releases (7 to 11): 0.2 to 0.3, median 0.2",
        "- name: each",
        '  most: {each: {"b": 0.4, "Sở Y tế": 0.3}, because: "Proposed from 5 good releases (7 to 11): 0.1 to 0.2, median 0.1;'
        ' 5 good releases (7 to 11): 0.2 to 0.3, median 0.2."}',
        "# unseen (fail)",
        "#   stands at most 2; 0 good releases measured it, 5 are needed",
    ]


def test_a_bound_as_a_condition_and_in_words() -> None:
    one = Bound.model_validate({"value": 0.5, "because": WHY})
    each = Bound.model_validate({"each": {"it's": 1, "b": 2.5}, "because": WHY})
    assert (one.broken("least"), one.broken("most")) == ("value < 0.5", "value > 0.5")
    assert each.broken("most") == "value > case subject when 'it''s' then 1.0 when 'b' then 2.5 end"
    assert (one.in_words("least"), each.in_words("most")) == ("at least 0.5", "at most 1 (it's), 2.5 (b)")
