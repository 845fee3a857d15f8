"""Which models a going-on build must make, on a manifest as small as the question.

Belongs here: each rule alone. Does not: that the real models are left rightly (tests/integration/test_built_by_changes.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.affected import DELIVERIES, affected_models


def _model(
    *parents: str, kind: str = "table", macros: tuple[str, ...] = (), text: str = "", **meta: Any
) -> dict[str, Any]:
    return {"parents": parents, "kind": kind, "macros": macros, "text": text, "meta": meta}


#: Two streams by their views, what ranks deliveries, and what reads them in each of the ways there are.
_MODELS = {
    "ranked": _model("audit.delivery", tells_deliveries=True),
    "stg_a": _model("raw.a", kind="view"),
    "stg_b": _model("raw.b", kind="view"),
    "of_a": _model("stg_a", "ranked"),
    "of_b": _model("stg_b", "ranked"),
    "after_a": _model("of_a", "reference.label"),
    "any_delivery": _model("ranked"),
    "of_lists": _model("ranked", deliveries_of=["full"]),
    "compares": _model("of_b", macros=("macro.motcua.goes_on",)),
    "after_comparing": _model("compares", kind="incremental"),
    "calendar": _model("reference.office", text="select zone, count(*) from office where alias_of is null"),
    "after_calendar": _model("calendar", text="select as_of from days"),
    "pending": _model("reference.office", text="select zone from office where received_at < office.as_of"),
    "yesterday": _model("reference.office", macros=("macro.calls",)),
    "whole_row": _model("reference.office", text="select office.* from office"),
}
#: One that names an instant is called by another.
_MACROS = {
    "macro.calls": {"macro_sql": "{{ before() }}", "depends_on": {"macros": ["macro.before", "macro.calls"]}},
    "macro.before": {"macro_sql": "day_before_as_of", "depends_on": {"macros": []}},
}
_ALWAYS = {"ranked", "compares", "after_comparing"}


def _manifest() -> dict[str, Any]:
    sources = {parent for model in _MODELS.values() for parent in model["parents"] if "." in parent}
    return {
        "nodes": {
            name: {
                "name": name, "resource_type": "model", "raw_code": model["text"],
                "config": {"materialized": model["kind"], "meta": model["meta"]},
                "depends_on": {"nodes": list(model["parents"]), "macros": list(model["macros"])},
            }
            for name, model in _MODELS.items()
        },
        "macros": _MACROS,
        "sources": {name: dict(zip(("schema", "name"), name.split("."), strict=True)) for name in sources},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "kinds", "expected"),
    [
        (set(), set(), {"any_delivery"}),
        ({("raw", "a")}, {"incremental"}, {"any_delivery", "of_a", "after_a"}),
        ({("raw", "b")}, {"full"}, {"any_delivery", "of_b", "of_lists"}),
        ({("reference", "label")}, set(), {"any_delivery", "after_a"}),
        # Where an instant moved on alone, what reads the zone is left; where the office is another, nothing of it.
        ({("reference", "office (instants)")}, set(), {"any_delivery", "pending", "yesterday", "whole_row"}),
        (
            {("reference", "office"), ("reference", "office (instants)")},
            set(),
            {"any_delivery", "calendar", "after_calendar", "pending", "yesterday", "whole_row"},
        ),
        # Every build has deliveries of its own: what matters is whose.
        ({DELIVERIES}, set(), {"any_delivery"}),
    ],
)
def test_what_reads_something_that_changed_is_made(
    changed: set[tuple[str, str]], kinds: set[str], expected: set[str]
) -> None:
    assert affected_models(_manifest(), changed, kinds) == _ALWAYS | expected
