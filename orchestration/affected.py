"""What a build that goes on from the last one need not make again: models that read nothing which changed since.

Belongs here: that question, answered from the manifest alone. Does not: what changed (warehouse/builds.py says), or
which rows of a model are written anew (dbt_project/macros/touched.sql).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from warehouse.builds import INSTANTS, instants_of
from warehouse.contents import Table

#: The table of deliveries changes with every one of them. What follows from a stream's rows is affected by that stream's.
DELIVERIES = ("audit", "delivery")
#: Models whose rows say what is otherwise than in the last build are made in every build.
_COMPARES = "macro.motcua.goes_on"
#: A model that says of each delivery where it stands among those of its stream, and nothing else (meta.tells_deliveries).
_TELLS_DELIVERIES = "tells_deliveries"
#: The kinds of streams whose deliveries matter to a model that reads no stream's rows (meta.deliveries_of).
_DELIVERIES_OF = "deliveries_of"

#: What reads them: their names, or all columns of something.
_READS_INSTANTS = re.compile(rf"\b(?:{'|'.join(INSTANTS)})\b|(?:\bselect|\.)\s*\*")


def affected_models(manifest: Mapping[str, Any], changed: Set[Table], kinds: Set[str]) -> set[str]:
    """Names of the models that a going-on build must make: all that read, through whatever, a table that changed.

    `changed` names tables (schema, name), a raw table where a delivery of its stream came or stands elsewhere; `kinds`
    are the streams' (full, snapshot, incremental). Of a small table whose instants alone moved on (`instants_of`) models are
    affected that name one. Views and seeds stand as they are: they change with the project only.
    """
    question = _Question(manifest, changed, kinds)
    return {
        node["name"]
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view" and question.is_affected(name)
    }


class _Question:
    """Whether a node is affected; each answer is found once."""

    def __init__(self, manifest: Mapping[str, Any], changed: Set[Table], kinds: Set[str]) -> None:
        self._nodes, self._sources = manifest["nodes"], manifest["sources"]
        self._macros = manifest.get("macros", {})
        self._changed, self._kinds = changed, kinds
        self._known: dict[str, bool] = {}

    def is_affected(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> bool:
        if name in self._sources:
            return self._table(name) in self._changed
        if self._meta(name).get(_TELLS_DELIVERIES) or _COMPARES in self._nodes[name]["depends_on"].get("macros", []):
            return True
        return any(
            self._deliveries_matter(name)
            if self._is_of_deliveries(parent)
            else self.is_affected(parent) or self._instants_matter(name, parent)
            for parent in self._parents(name)
        )

    def _instants_matter(self, name: str, parent: str) -> bool:
        """A calendar, which reads of a jurisdiction the zone, is the same tomorrow."""
        moved = parent in self._sources and instants_of(self._table(parent)) in self._changed
        return moved and any(map(_READS_INSTANTS.search, self._texts(name)))

    def _texts(self, name: str) -> Iterator[str]:
        """What a model says itself, and what the macros say that it calls."""
        yield self._nodes[name].get("raw_code", "")
        waiting, seen = list(self._nodes[name]["depends_on"].get("macros", [])), set[str]()
        while waiting:
            macro = waiting.pop()
            if macro in self._macros and macro not in seen:
                seen.add(macro)
                yield self._macros[macro]["macro_sql"]
                waiting += self._macros[macro]["depends_on"].get("macros", [])

    def _deliveries_matter(self, name: str) -> bool:
        """A model that joins a stream's rows with their deliveries changes with that stream, which is asked for itself."""
        stated = self._meta(name).get(_DELIVERIES_OF)
        if stated is not None:
            return not self._kinds.isdisjoint(stated)
        return not any(self._is_of_a_stream(parent) for parent in self._parents(name))

    def _is_of_deliveries(self, name: str) -> bool:
        if name in self._sources:
            return self._table(name) == DELIVERIES
        return bool(self._meta(name).get(_TELLS_DELIVERIES))

    def _is_of_a_stream(self, name: str) -> bool:
        """Whether that is a raw table, or a view of one."""
        if name in self._sources:
            return bool(self._table(name)[0] == "raw")
        node = self._nodes[name]
        return node["config"]["materialized"] == "view" and any(map(self._is_of_a_stream, self._parents(name)))

    def _parents(self, name: str) -> list[str]:
        return [] if name in self._sources else list(self._nodes[name]["depends_on"].get("nodes", []))

    def _meta(self, name: str) -> Mapping[str, Any]:
        return {} if name in self._sources else self._nodes[name]["config"].get("meta", {})

    def _table(self, name: str) -> Table:
        return self._sources[name]["schema"], self._sources[name]["name"]
