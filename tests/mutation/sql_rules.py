"""What may be done to a piece of SQL so that it means something else: one small change at a time, on sqlglot's trees.

Belongs here: the rules, each from a node to its changed forms. Does not: walking statements (sql_mutants), or running them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

DIALECT = "postgres"
#: What dbt puts before the name of a table whose rows a unit test gives.
GIVEN = "__dbt__cte__"
_LONGEST = 110
_BOUNDARY: dict[type[exp.Expression], tuple[type[exp.Expression], ...]] = {
    exp.LT: (exp.LTE, exp.GTE),
    exp.LTE: (exp.LT, exp.GT),
    exp.GT: (exp.GTE, exp.LTE),
    exp.GTE: (exp.GT, exp.LT),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.NullSafeEQ: (exp.NullSafeNEQ,),
    exp.NullSafeNEQ: (exp.NullSafeEQ, exp.NEQ),
    exp.Add: (exp.Sub,),
    exp.Sub: (exp.Add,),
}
_OTHER_END: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.Min: exp.Max,
    exp.Max: exp.Min,
    exp.Least: exp.Greatest,
    exp.Greatest: exp.Least,
    exp.Lag: exp.Lead,
    exp.Lead: exp.Lag,
    exp.FirstValue: exp.LastValue,
    exp.LastValue: exp.FirstValue,
}


@dataclass(frozen=True, slots=True)
class Change:
    """In words, and what stands in the node's place."""

    told: str
    instead: exp.Expression


def changes(node: exp.Expression) -> Iterator[Change]:
    """Every change of this very node; its children have their own."""
    for rule in _RULES:
        yield from rule(node)


def text(node: exp.Expression) -> str:
    """A node in one line, cut in its middle when it is long."""
    line = " ".join(node.sql(DIALECT, comments=False).split())
    half = _LONGEST // 2
    return line if len(line) <= _LONGEST else f"{line[:half]} … {line[-half:]}"


def _compared(node: exp.Expression) -> Iterator[Change]:
    for other in _BOUNDARY.get(type(node), ()):
        changed = other(this=node.args["this"].copy(), expression=node.args["expression"].copy())
        yield Change(f"{text(node)} -> {text(changed)}", changed)


def _connected(node: exp.Expression) -> Iterator[Change]:
    """A conjunct or an alternative goes; of a chain each once."""
    if not isinstance(node, exp.And | exp.Or):
        return
    word = node.key
    for gone, stays in ((node.left, node.right), (node.right, node.left)):
        if not isinstance(gone, type(node)):
            yield Change(f"drop from {word}: {text(gone)}", stays.copy())
    other = exp.Or if isinstance(node, exp.And) else exp.And
    changed = other(this=node.left.copy(), expression=node.right.copy())
    yield Change(f"{word} -> {changed.key}: {text(node)}", exp.paren(changed, copy=False))


def _lone_condition(node: exp.Expression) -> Iterator[Change]:
    parent = node.parent
    alone = isinstance(parent, exp.Where | exp.Having) or (isinstance(parent, exp.Join) and node.arg_key == "on")
    if alone and not isinstance(node, exp.And):
        assert parent is not None
        yield Change(f"drop {'on' if isinstance(parent, exp.Join) else parent.key}: {text(node)}", exp.true())


def _denied(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.Not):
        yield Change(f"drop not: {text(node)}", node.this.copy())
    elif isinstance(node, exp.Is | exp.In | exp.Exists | exp.Between) and not isinstance(node.parent, exp.Not):
        yield Change(f"not: {text(node)}", exp.Not(this=exp.paren(node.copy(), copy=False)))
    elif isinstance(node, exp.Neg):
        yield Change(f"drop minus: {text(node)}", node.this.copy())


def _listed(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.In) and len(node.expressions) > 1:
        for place, gone in enumerate(node.expressions):
            changed = node.copy()
            changed.set("expressions", [e.copy() for at, e in enumerate(node.expressions) if at != place])
            yield Change(f"drop {text(gone)} from {text(node)}", changed)


def _fallen_back(node: exp.Expression) -> Iterator[Change]:
    if not isinstance(node, exp.Coalesce):
        return
    arguments = [node.this, *node.expressions]
    for place, gone in enumerate(arguments):
        left = [argument.copy() for at, argument in enumerate(arguments) if at != place]
        if not left:
            continue
        changed = left[0] if len(left) == 1 else exp.Coalesce(this=left[0], expressions=left[1:])
        yield Change(f"drop {text(gone)} from {text(node)}", changed)


def _branched(node: exp.Expression) -> Iterator[Change]:
    if not isinstance(node, exp.Case):
        return
    branches = node.args["ifs"]
    for place, branch in enumerate(branches):
        changed = node.copy()
        if len(branches) > 1:
            changed.set("ifs", [b.copy() for at, b in enumerate(branches) if at != place])
        else:
            changed = node.args["default"].copy() if node.args.get("default") else exp.null()
        yield Change(f"drop when {text(branch.this)}", changed)
    for place in range(len(branches) - 1):
        changed = node.copy()
        one, two = changed.args["ifs"][place : place + 2]
        first, second = one.args["true"].copy(), two.args["true"].copy()
        if first != second:
            one.set("true", second)
            two.set("true", first)
            yield Change(f"swap then {text(first)} and {text(second)} of {text(node)}", changed)
    if node.args.get("default") is not None and not isinstance(node.args["default"], exp.Null):
        changed = node.copy()
        changed.set("default", None)
        yield Change(f"drop else {text(node.args['default'])} of {text(node)}", changed)


def _joined(node: exp.Expression) -> Iterator[Change]:
    if not isinstance(node, exp.Join) or node.args.get("on") is None:
        return
    changed = node.copy()
    is_left = node.side == "LEFT"
    changed.set("side", None if is_left else "LEFT")
    changed.set("kind", "INNER" if is_left else None)
    yield Change(
        f"{'left -> inner' if is_left else 'inner -> left'} join {node.alias_or_name.removeprefix(GIVEN)}", changed
    )


def _doubled(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.Select) and node.args.get("distinct") and not node.args["distinct"].args.get("on"):
        changed = node.copy()
        changed.set("distinct", None)
        yield Change("drop distinct", changed)
    elif isinstance(node, exp.Union):
        changed = node.copy()
        changed.set("distinct", not node.args.get("distinct"))
        yield Change("union -> union all" if node.args.get("distinct") else "union all -> union", changed)
    elif isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct) and len(node.this.expressions) == 1:
        yield Change(f"drop distinct: {text(node)}", exp.Count(this=node.this.expressions[0].copy()))


def _constant(node: exp.Expression) -> Iterator[Change]:
    only_asked_for_rows = isinstance(node.parent, exp.Select) and isinstance(node.parent.parent, exp.Exists)
    if (
        isinstance(node, exp.Literal)
        and node.is_int
        and not node.find_ancestor(exp.DataType)
        and not only_asked_for_rows
    ):
        other = "0" if node.this == "1" else str(int(node.this) + 1)
        about = node.parent if node.parent is not None else node
        yield Change(f"{node.this} -> {other} in {text(about)}", exp.Literal.number(other))
    elif isinstance(node, exp.Boolean):
        yield Change(f"{node.this} -> {not node.this}", exp.Boolean(this=not node.this))


def _other_end(node: exp.Expression) -> Iterator[Change]:
    other = _OTHER_END.get(type(node))
    if other is not None:
        changed = other(**{name: _copied(value) for name, value in node.args.items()})
        yield Change(f"{text(node)} -> {changed.key}", changed)


def _copied(value: object) -> object:
    if isinstance(value, list):
        return [_copied(entry) for entry in value]
    return value.copy() if isinstance(value, exp.Expression) else value


def _ordered(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.Ordered) and node.find_ancestor(exp.Window, exp.ArrayAgg, exp.GroupConcat):
        changed = node.copy()
        changed.set("desc", not node.args.get("desc"))
        yield Change(f"order turned: {text(node)}", changed)


def _partitioned(node: exp.Expression) -> Iterator[Change]:
    keys = node.args.get("partition_by") if isinstance(node, exp.Window) else None
    for place, gone in enumerate(keys or []):
        changed = node.copy()
        changed.set("partition_by", [key.copy() for at, key in enumerate(keys or []) if at != place])
        yield Change(f"drop partition by {text(gone)}: {text(node)}", changed)


_RULES: tuple[Callable[[exp.Expression], Iterator[Change]], ...] = (
    _compared, _connected, _lone_condition, _denied, _listed, _fallen_back, _branched, _joined, _doubled, _constant,
    _other_end, _ordered, _partitioned,
)  # fmt: skip
