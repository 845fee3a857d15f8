"""Mutants of a query: each part of it (a CTE, or the query after the last one) with one change.

Belongs here: taking a query apart, naming what was changed so that the name lasts, and putting it together again. Does not:
which changes there are (sql_rules), or running them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from tests.mutation.sql_rules import DIALECT, changes

#: The part after the last CTE.
LAST = "result"
#: Columns by which the expansion of a macro of working time is known. The macros are a subject of their own (their analysis
#: working_time_cases): mutated in every model that calls them, they would be most of the mutants, each many times.
MACRO_COLUMNS = frozenset({"opens_1_at", "has_24_hours", "minutes_before_next", "bucket_minutes"})
#: What that analysis gives its macros comes from a table of this name, and differs from one expansion to the next.
_GIVEN_TO_MACROS = "trial"
#: What macros/dialect/text.sql writes for a null in a key of hashed columns.
_NULL_IN_KEY = "-"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A query with one change. The name says where and what, and stays while that part of the query stays."""

    name: str
    sql: str


class Parts:
    """A query with CTEs in parts of text, each of which can be replaced."""

    def __init__(self, query: exp.Query, with_macros: bool = False) -> None:
        self._with_macros = with_macros
        self._left_out = _of_a_key if with_macros else _of_a_macro_or_key
        query = _as_whole(query)
        found = query.args.get("with_")
        self._ctes: list[exp.CTE] = list(found.expressions) if found is not None else []
        self._recursive = bool(found is not None and found.args.get("recursive"))
        body = query.copy()
        body.set("with_", None)
        self.trees: dict[str, exp.Expression] = {cte.alias: cte for cte in self._ctes} | {LAST: body}
        self._texts = {name: tree.sql(DIALECT, comments=False) for name, tree in self.trees.items()}

    def sql(self, part: str = "", instead: str = "") -> str:
        """The whole query, with a part in other words."""
        texts = {**self._texts, part: instead} if part else self._texts
        opened = "with recursive " if self._recursive else "with "
        ctes = ", ".join(texts[cte.alias] for cte in self._ctes)
        return f"{opened}{ctes} {texts[LAST]}" if self._ctes else texts[LAST]

    def mutants(self, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[Mutant]:
        """All mutants of the parts that are wanted, in an order that is the same each time."""
        for part, tree in self.trees.items():
            if not wanted(part):
                continue
            seen: Counter[str] = Counter()
            for places, node in self._changeable(tree):
                for number, change in enumerate(changes(node)):
                    seen[change.told] += 1
                    again = f" #{seen[change.told]}" if seen[change.told] > 1 else ""
                    yield Mutant(f"{part}: {change.told}{again}", self.sql(part, self._changed(tree, places, number)))

    def _changeable(self, tree: exp.Expression) -> Iterator[tuple[list[int], exp.Expression]]:
        """Each node that may be changed, and at which places of the walk it stands: a macro's at those of all its expansions."""
        nodes = list(tree.walk(prune=self._left_out))
        together = _together(nodes) if self._with_macros else {place: [place] for place in range(len(nodes))}
        for place, places in sorted(together.items()):
            if not self._left_out(nodes[place]):
                yield places, nodes[place]

    def _changed(self, tree: exp.Expression, places: list[int], number: int) -> str:
        """The text of a part in which the nodes at these places of the walk are changed in this way."""
        copy = tree.copy()
        nodes = list(copy.walk(prune=self._left_out))
        for node in (nodes[place] for place in places):
            instead = list(changes(node))[number].instead
            if node is copy:
                copy = instead
            elif isinstance(node.parent, exp.Condition) and isinstance(instead, exp.Connector | exp.Binary):
                node.replace(exp.paren(instead, copy=False))
            else:
                node.replace(instead)
        return copy.sql(DIALECT, comments=False)


def _together(nodes: list[exp.Expression]) -> dict[int, list[int]]:
    """Place by place, where the same text of a macro stands as well: a macro is written once, so that a change of it is one in
    all its expansions. Places of a later expansion are left out."""
    place_of = {id(node): place for place, node in enumerate(nodes)}
    expansions: dict[str, list[list[int]]] = {}
    for node in nodes:
        if _of_a_macro(node):
            own = [place_of[id(inner)] for inner in node.walk(prune=_of_a_key)]
            expansions.setdefault(_shape(node), []).append(own)
    together = {place: [place] for place in range(len(nodes))}
    for first, *others in expansions.values():
        together |= {places[0]: list(places) for places in zip(first, *others, strict=True)}
    again = {place for _, *others in expansions.values() for places in others for place in places}
    return {place: places for place, places in together.items() if place not in again}


def _shape(expansion: exp.Expression) -> str:
    """The text of a macro, whatever calendars and whatever else it was given: both are numbered as they come."""
    names: dict[str, str] = {}
    copy = expansion.copy()
    for column in copy.find_all(exp.Column):
        given = column.table == _GIVEN_TO_MACROS
        number = names.setdefault(column.sql(DIALECT) if given else column.table, f"_{len(names)}")
        column.replace(exp.column(number) if given else exp.column(column.name, number))
    return copy.sql(DIALECT, comments=False)


def _of_a_macro(node: exp.Expression) -> bool:
    """Whether this is a case that a macro wrote, and not one that stands around it."""
    if not isinstance(node, exp.Case):
        return False
    own = node.walk(prune=lambda inner: inner is not node and isinstance(inner, exp.Case))
    return any(isinstance(inner, exp.Column) and inner.name in MACRO_COLUMNS for inner in own)


def _of_a_macro_or_key(node: exp.Expression) -> bool:
    return _of_a_macro(node) or _of_a_key(node)


def _of_a_key(node: exp.Expression) -> bool:
    return isinstance(node, exp.Coalesce) and any(
        isinstance(other, exp.Literal) and other.this == _NULL_IN_KEY for other in node.expressions
    )


def _as_whole(query: exp.Query) -> exp.Query:
    """Without the condition that stands for \"all rows\" where a model built by changes would name the touched ones."""

    def dropped(node: exp.Expression) -> exp.Expression | None:
        if isinstance(node, exp.Where) and _is_always(node.this):
            return None
        if isinstance(node, exp.And):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if _is_always(one):
                    return other
        return node

    whole = query.transform(dropped)
    assert isinstance(whole, exp.Query)
    return whole


def _is_always(node: exp.Expression) -> bool:
    return isinstance(node, exp.EQ) and node.left == node.right and isinstance(node.left, exp.Literal)


def parse(statement: str) -> exp.Query:
    """A query as a tree. Raises ValueError for anything else."""
    tree = sqlglot.parse_one(statement, read=DIALECT)
    if not isinstance(tree, exp.Query):
        raise ValueError(f"not a query: {statement[:80]}")
    return tree
