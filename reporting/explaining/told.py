"""An explanation in words and plain values: what its looks share.

Belongs here: naming the figure, its definition and what stands for proof, in either language; and the whole as JSON. Does not:
layout (text.py, page.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from reporting.explaining.asking import Asked
from reporting.explaining.model import Code, Explanation, Landed, Run, Thing
from reporting.forms import Language
from reporting.labels import label, labels
from reporting.numerals import count_vi, percent_vi
from reporting.official import BLOCKS_II07B
from reporting.published import shown

#: What stands as proof when the kept bytes hold the very record that landed.
AGREES = "agrees"
_METRICS = "docs/metrics.md"
#: What of a landed row stands in CSV.
_FLAT = (
    "role", "system", "record_code", "source", "stream", "file_name", "file_sha256", "row_number", "row_sha256", "record",
    "proof", "delivery_id", "delivery_version", "landed_at", "run_id",
)  # fmt: skip


def value_in_words(told: Explanation | Asked, language: Language) -> str:
    """The figure as it is read: 339,981; 99.68 %; – where the published cell is empty."""
    if told.value is None:
        return "–"
    if told.shape == "percent":
        return percent_vi(told.value) if language is Language.vi else f"{told.value:.2f} %"
    if told.shape == "share":
        return percent_vi(told.value * 100) if language is Language.vi else f"{told.value * 100:.4f} %"
    return number(int(told.value), language)


def number(value: int | None, language: Language) -> str:
    """A whole number with its thousands parted."""
    if value is None:
        return "–"
    return count_vi(value) if language is Language.vi else f"{value:,}"


def name_of(told: Explanation | Asked, language: Language) -> str:
    """What the figure is called; a cell of II.07b by its block and its level."""
    for block in BLOCKS_II07B:
        if told.label.startswith(f"ii07b_{block}_"):
            level = told.label.removeprefix(f"ii07b_{block}_")
            return f"{label(f'form_ii07b_{block}', language)}: {in_words(level, language)}"
    return in_words(told.label, language)


def in_words(name: str, language: Language) -> str:
    """A label; a name without one stands for itself."""
    return label(name, language) if name in labels() else name.removeprefix("definition_").replace("_", " ")


def definition_of(told: Explanation | Asked, language: Language) -> str:
    """What it counts, in a sentence, and where that is defined with a worked example."""
    text = in_words(told.definition, language)
    return f"{text} ({_METRICS}#{told.section})"


def asked_of(told: Explanation, language: Language) -> list[tuple[str, str]]:
    """What the figure is about: whose, when, under which policy, narrowed to what."""
    english = language is Language.en
    lines = [("jurisdiction", told.body.name if english else told.body.name_vi)]
    if told.period is not None:
        lines.append(("period", f"{told.period['name' if english else 'name_vi']}: {_span(told)}"))
    elif told.end is not None:
        lines.append(("cut_off", shown(told.end, told.body.zone)))
    if told.policy is not None:
        lines.append(("policy", f"{told.policy['policy']} ({told.policy['name' if english else 'name_vi']})"))
    lines += [(name, value or "–") for name, value in told.address.narrowed.items()]
    return [(in_words(name, language), value) for name, value in lines]


def policy_in_words(told: Explanation) -> str:
    """How lateness is judged, as the published policy says."""
    names = ("compares", "due_basis", "missing_due", "supplement_time", "most_supplements", "closed_otherwise")
    policy = told.policy or {}
    return ", ".join(f"{name} {policy[name]}" for name in names if policy.get(name) is not None)


def code_in_words(code: Code) -> str:
    """Which program: version and commit."""
    if code.version is None:
        return "–"
    return f"motcua {code.version}" + (f" {code.commit}" if code.commit else "")


def proof_in_words(row: Landed, language: Language) -> str:
    """What the kept bytes said, or that nobody asked them."""
    if row.proof is None:
        return label("not_read", language)
    return label("agrees", language) if row.proof == "" else row.proof


def local(value: Any, zone: str) -> Any:
    """A fact as JSON has it; instants as the jurisdiction's clock shows them."""
    if isinstance(value, datetime):
        return shown(value, zone)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > 19 and value[10:11] == "T":  # an instant out of jsonb
        return _reread(value, zone)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value) if isinstance(value, UUID) else value


def as_json(told: Explanation, language: Language) -> dict[str, Any]:
    """All of it, JSON-able. What is counted stands under its kind: dossiers, procedures, visits, decision_lines, units."""
    zone = told.body.zone
    period = None if told.period is None else {name: local(value, zone) for name, value in told.period.items()
                                               if name != "release_from"}  # fmt: skip
    return {
        "address": str(told.address), "value": local(told.value, zone), "shape": told.shape,
        "name": name_of(told, language), "definition": definition_of(told, language), "columns": dict(told.columns),
        "jurisdiction": told.body.jurisdiction, "period": period,
        "cut_off": None if told.end is None or told.period is not None else shown(told.end, zone),
        "policy": None if told.policy is None else dict(told.policy), "narrowed": dict(told.address.narrowed),
        "release_id": told.release.release_id,
        "parts": [
            {"name": part.name, "table": part.table, "columns": list(part.columns), "adds": list(part.adds),
             "published": part.published, "counted": part.found}
            for part in told.parts
        ],
        "counted": told.total, "holds": told.holds, "problems": list(told.problems),
        told.kind: [_thing(thing, zone) for thing in told.things],
        "sql": [
            {"model": one.model, "sha256": one.sha256, "meaning": one.meaning, "reads": list(one.reads), "sql": one.sql}
            for one in told.statements
        ],
        "release": {
            "release_id": told.release.release_id, "kind": told.release.kind, "restores": told.release.restores,
            "created_at": shown(told.release.created_at, zone), "content_sha256": told.release.content_sha256,
            "is_published": told.release.is_published, "warnings": list(told.release.warnings),
        },
        "run": _run(told.run, zone),
        "checks": [{"name": check.name, "succeeded": check.succeeded, "message": check.message} for check in told.checks],
    }  # fmt: skip


def _thing(thing: Thing, zone: str) -> dict[str, Any]:
    """One thing; the row that speaks for it stands flat beside it, and again first among all its rows."""
    rows = [landed_row(row, zone) for row in thing.landed]
    first = dict(rows[0]) if rows else {}
    unread = any(row.proof is None for row in thing.landed)
    broken = [row.proof for row in thing.landed if row.proof]
    proof = None if unread and not broken else (broken[0] if broken else AGREES)
    told = {
        "code": thing.code,
        "counts": dict(thing.counts),
        **{name: local(value, zone) for name, value in thing.facts.items()},
    }
    return {**told, **first, "code": thing.code, "proof": proof if rows else None, "landed": rows}


def landed_row(row: Landed, zone: str) -> dict[str, Any]:
    """One landed row, JSON-able."""
    return {
        "role": row.role, "system": row.system, "record_code": row.code, "source": row.source, "stream": row.stream,
        "file_name": row.file_name, "file_sha256": row.file_sha256, "row_number": row.row_number,
        "row_sha256": row.row_sha256, "record": row.record, "record_sha256": row.record_sha256 or None,
        "proof": AGREES if row.proof == "" else row.proof,
        "delivery_id": row.delivery_id, "delivery_version": local(row.version, zone),
        "landed_at": None if row.landed_at is None else row.landed_at.isoformat(timespec="seconds"),
        "retracted_because": row.retracted_because,
        "run_id": None if row.run is None else str(row.run.run_id),
        "run": None if row.run is None else _run(row.run, zone),
        "says": {name: local(value, zone) for name, value in row.says.items()},
    }  # fmt: skip


def flat_rows(told: Explanation) -> Iterator[dict[str, Any]]:
    """One row a landed row, for CSV; a thing without any has one with the rest empty."""
    zone = told.body.zone
    empty = dict.fromkeys(_FLAT)
    facts = dict.fromkeys(name for thing in told.things for name in thing.facts)
    for thing in told.things:
        about = {"code": thing.code, **facts, **{name: local(value, zone) for name, value in thing.facts.items()}}
        for row in [landed_row(row, zone) for row in thing.landed] or [empty]:
            yield {**about, **{name: row[name] for name in empty}}


def _run(run: Run, zone: str) -> dict[str, Any]:
    return {
        "run_id": str(run.run_id), "run_number": run.run_number, "started_at": shown(run.started_at, zone),
        "outcome": run.outcome, "version": run.code.version, "commit": run.code.commit,
        "requirements_lock_sha256": run.code.requirements_lock_sha256,
        "dbt_project_sha256": run.code.dbt_project_sha256,
        "tools": None if run.code.tools is None else dict(run.code.tools),
    }  # fmt: skip


def _span(told: Explanation) -> str:
    period: Mapping[str, Any] = told.period or {}
    return f"[{period['period_from']}, {period['period_to']})"


def _reread(value: str, zone: str) -> str:
    try:
        return datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).isoformat()
    except ValueError:
        return value
