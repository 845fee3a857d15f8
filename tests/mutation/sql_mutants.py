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
MACRO_COLUMNS = frozenset({"opens_1_at", "opens_2_at", "has_24_hours", "minutes_before_next", "working_day_number"})
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
        self._left_out = _of_a_key if with_macros else _of_a_macro
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
            for place, node in enumerate(tree.walk(prune=self._left_out)):
                if self._left_out(node):
                    continue
                for number, change in enumerate(changes(node)):
                    seen[change.told] += 1
                    again = f" #{seen[change.told]}" if seen[change.told] > 1 else ""
                    yield Mutant(f"{part}: {change.told}{again}", self.sql(part, self._changed(tree, place, number)))

    def _changed(self, tree: exp.Expression, place: int, number: int) -> str:
        """The text of a part in which the node at this place of the walk is changed in this way."""
        copy = tree.copy()
        node = next(found for at, found in enumerate(copy.walk(prune=self._left_out)) if at == place)
        instead = list(changes(node))[number].instead
        if node is copy:
            copy = instead
        elif isinstance(node.parent, exp.Condition) and isinstance(instead, exp.Connector | exp.Binary):
            node.replace(exp.paren(instead, copy=False))
        else:
            node.replace(instead)
        return copy.sql(DIALECT, comments=False)


def _of_a_macro(node: exp.Expression) -> bool:
    if isinstance(node, exp.Case):
        return any(column.name in MACRO_COLUMNS for column in node.find_all(exp.Column))
    return _of_a_key(node)


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
