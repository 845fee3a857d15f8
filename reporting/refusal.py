"""Why the gate refused a run, or that it did not, on one screen.

Belongs here: laying it out. Does not: finding it out (orchestration/judged hands it over).
"""

from __future__ import annotations

import json
import textwrap
from typing import Any

from reporting.check_words import in_vietnamese
from reporting.forms import Form, Language
from reporting.labels import label

_WIDTH = 118
_MARGIN = 14
_MARKS = {"fail": "✗", "hold": "‖", "warn": "!"}
_OUTCOMES = {"published": "gate_published", "refused": "gate_refused", "unchanged": "gate_stands"}


def print_judgement(told: dict[str, Any], form: Form, language: Language) -> None:
    """Prints a run's judgement: JSON with everything, or words with the first failed rows of each check."""
    if form is Form.json:
        print(json.dumps(told, ensure_ascii=False, indent=2, default=str))
        return
    print(_heading(told, language))
    for reason in told["reasons"]:
        print(f"  {reason}")
    for check in told["failed"]:
        print()
        print("\n".join(_check(check, language)))
    if told["failed"] and told["landed_since"]:
        print(f"\n{label('gate_landed', language)}:")
        for landed in told["landed_since"]:
            print(
                f"  {_delivery(landed)}, {landed['version']}, {landed['rows_landed']:,} {label('gate_rows', language)}"
            )


def _heading(told: dict[str, Any], language: Language) -> str:
    what = f"{label('release', language)} {told['release_id']}" if told["release_id"] else f"run {told['run_id']}"
    if told["checks"] == 0:
        ended = label("gate_not_reached", language)
        return f"{what}: {ended}" + (f": {told['problem']}" if told["problem"] else "")
    outcome = _OUTCOMES.get(told["outcome"])
    said = label(outcome, language) if outcome else told["outcome"]
    red = len(told["failed"])
    green = f"{red} / {told['checks']} {label('gate_red', language)}" if red else label("gate_green", language)
    return f"{what} ({told['started_at']}) {said}. {green}."


def _check(check: dict[str, Any], language: Language) -> list[str]:
    lines = [f"{_MARKS[check['severity']]} {check['check']}: {check['message']}"]
    if check["severity"] != "fail":
        lines += _entry(label("gate_weighs", language), label(f"gate_{check['severity']}", language))
    if check["overridden"]:
        said = check["overridden"]
        lines += _entry(
            label("gate_overridden", language), f"{said['made_for']}, {said['made_at']:%Y-%m-%d}: {said['because']}"
        )
    meaning, advice = _words(check, language)
    lines += _entry(label("gate_meaning", language), meaning)
    lines += _entry(label("gate_expected", language), check["expected"])
    rows = [f"{check['keys']:,} {label('gate_rows', language)}"] if check["keys"] else [check["message"]]
    rows += [_compact(key) for key in check["first"]]
    left = check["keys"] - len(check["first"])
    if check["first"] and left > 0:
        rows.append(f"… {left:,} {label('gate_more', language)}")
    lines += [
        line
        for place, row in enumerate(rows)
        for line in _entry("" if place else label("gate_observed", language), row)
    ]
    for place, delivery in enumerate(check["deliveries"]):
        words = f"{_delivery(delivery)}: {delivery['keys']:,} {label('gate_rows', language)}"
        lines += _entry("" if place else label("gate_came_with", language), words)
    return lines + _entry(label("gate_next", language), advice)


def _words(check: dict[str, Any], language: Language) -> tuple[str, str]:
    """Why the check is there and what to do: the suite's own words, or their Vietnamese."""
    if language is Language.en:
        return check["meaning"], check["next"]
    if check["check"] not in in_vietnamese():
        return (label("gate_no_longer", language),) * 2
    return in_vietnamese()[check["check"]]


def _delivery(delivery: dict[str, Any]) -> str:
    return f"{delivery['delivery_id']} {delivery['source']}.{delivery['stream']} {delivery['file_name']}"


def _compact(key: dict[str, Any]) -> str:
    return ", ".join(f"{name} {'–' if value is None else value}" for name, value in key.items())


def _entry(name: str, text: str) -> list[str]:
    first, *rest = textwrap.wrap(text, _WIDTH - _MARGIN - 2) or [""]
    return [f"  {name:<{_MARGIN}}{first}", *[f"  {'':<{_MARGIN}}{line}" for line in rest]]
