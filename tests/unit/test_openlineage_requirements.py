"""What the judge of events requires (tests/openlineage) is what the OpenLineage project says: held against its own classes.

Belongs here: requirements.yml beside the classes that openlineage-python's authors generate from the published schemas, in
the locked version that builds our events. Does not: the events of runs. The schemas themselves come in no package we may install
from, and are copied from nowhere else.
"""

from __future__ import annotations

import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attr
import pytest
import yaml
from openlineage.client import event_v2, generated
from openlineage.client.generated import base

TOLD: dict[str, Any] = yaml.safe_load(Path("tests/openlineage/requirements.yml").read_text(encoding="utf-8"))
PLACES = {
    "run": base.RunFacet, "job": base.JobFacet, "dataset": base.DatasetFacet, "input": base.InputDatasetFacet,
    "output": base.OutputDatasetFacet,
}  # fmt: skip
PARTS = {
    "run": event_v2.Run, "job": event_v2.Job, "inputs": event_v2.InputDataset, "outputs": event_v2.OutputDataset,
}  # fmt: skip
#: JSON's word for what a class takes.
WORDS = {str: "string", bool: "boolean", int: "integer", list: "array", dict: "object"}


def class_of(facet: str) -> Any:
    """The generated class of a facet, by the name its version ends with."""
    name = TOLD["facets"][facet]["version"].rpartition("/")[2]
    modules = (
        importlib.import_module(f"{generated.__name__}.{found.name}")
        for found in pkgutil.iter_modules(generated.__path__)
    )
    [known] = [made for m in modules if (made := getattr(m, name, None)) and made.__module__ == m.__name__]
    return known


def without_none(kind: Any) -> Any:
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        [kind] = [one for one in typing.get_args(kind) if one is not types.NoneType]
    return kind


def differences(told: dict[str, Any], known: Any, where: str) -> Iterator[str]:
    """Where a body of ours is not as the class it stands for: what it may hold, what must be there, and of which kind."""
    kinds = {name: without_none(kind) for name, kind in typing.get_type_hints(known).items()}
    fields = {one.name: one for one in attr.fields(known)}
    required = {name for name, one in fields.items() if one.default is attr.NOTHING}
    if set(told.get("required", [])) != required:
        yield f"{where} requires {sorted(told.get('required', []))}, and {known.__name__} {sorted(required)}"
    for name, body in told.get("properties", {}).items():
        at = f"{where}.{name}"
        if name not in fields:
            yield f"{at} is not known to {known.__name__}"
            continue
        yield from of_kind(body, kinds[name], at)


def of_kind(body: dict[str, Any], kind: Any, where: str) -> Iterator[str]:
    plain = typing.get_origin(kind) or kind
    if attr.has(plain):
        yield from differences(body, plain, where)
    elif "enum" not in body and body["type"] != WORDS[plain]:
        yield f"{where} is told as {body['type']}, and is {kind}"
    inside = without_none(typing.get_args(kind)[-1]) if plain in {list, dict} else None
    within = body.get("items") or body.get("additionalProperties")
    if inside is not None and isinstance(within, dict):
        yield from of_kind(within, inside, f"{where}[]")


@pytest.mark.parametrize("facet", sorted(TOLD["facets"]))
def test_each_facet_is_required_as_its_authors_have_it(facet: str) -> None:
    told, known = TOLD["facets"][facet], class_of(facet)
    name = told["version"].rpartition("/")[2]
    assert known._get_schema() == f"https://openlineage.io/spec/{told['version']}.json#/$defs/{name}"
    assert [place for place, kind in PLACES.items() if issubclass(known, kind)] == [told["place"]]
    assert list(differences(told, known, facet)) == []


def test_an_event_and_its_parts_are_required_as_their_authors_have_them() -> None:
    told = TOLD["event"]
    assert told["properties"]["schemaURL"] == {"const": event_v2.RunEvent._get_schema()}
    fields = {one.name: one for one in attr.fields(event_v2.RunEvent)}
    assert set(told["properties"]) == set(fields)
    # We send what may be left out as well: every event says its state, what it reads and what it writes.
    assert {name for name, one in fields.items() if one.default is attr.NOTHING} <= set(told["required"])
    states = {state.value for state in event_v2.RunState}
    assert set(told["properties"]["eventType"]["enum"]) == states
    for part, known in PARTS.items():
        body = told["properties"][part]
        body = body.get("items", body)
        assert set(body["required"]) == {one.name for one in attr.fields(known) if one.default is attr.NOTHING}
        assert set(body["properties"]) == {one.name for one in attr.fields(known)}


@pytest.mark.parametrize("spoil", ["required", "unknown", "type"])
def test_a_wrong_word_would_be_noticed(spoil: str) -> None:
    told = yaml.safe_load(yaml.safe_dump(TOLD["facets"]["columnLineage"]))
    body = told["properties"]["fields"]["additionalProperties"]["properties"]["inputFields"]["items"]
    if spoil == "required":
        body["required"].remove("field")
    elif spoil == "unknown":
        body["properties"]["feld"] = {"type": "string"}
    else:
        body["properties"]["field"] = {"type": "integer"}
    assert len(list(differences(told, class_of("columnLineage"), "columnLineage"))) == 1
