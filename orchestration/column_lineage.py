"""From which columns each column of a model comes, read off the SQL that dbt sends.

Belongs here: that reading, from text alone (sqlglot). Does not: compiling the models (orchestration/dbt_project), keeping
the answer (warehouse/column_lineage) or showing it (reporting/descent).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from contracts.failures import ContractError
from contracts.lineage import Edge, Kind, Source

if TYPE_CHECKING:
    from sqlglot import MappingSchema, exp
    from sqlglot.optimizer.scope import Scope

#: Of these rules. What they find otherwise than an earlier version did is another answer to the same project.
METHOD = "1"

#: Each schema's tables with their columns.
Columns = Mapping[str, Mapping[str, Iterable[str]]]
_DIALECT = "postgres"
_Found = dict[Source | None, Kind]
_ORDER: tuple[Kind, ...] = ("unchanged", "computed", "rows", "constant")


def edges_of_models(models: Iterable[tuple[str, str, str]], known: Columns) -> Iterator[Edge]:
    """Where every column of these models (schema, name, SQL) comes from, in their order and that of their columns.

    `known` holds the columns of every table that the SQL reads. A column that depends on no other is there once, as a
    constant; one that counts rows names the tables whose rows they are. Conditions of joins and filters are no source.
    Raises ContractError where a column cannot be told for certain.
    """
    from sqlglot import MappingSchema

    # Only names matter here: of every type it is said that it is text.
    tables: dict[str, object] = {
        room: {table: dict.fromkeys(names, "text") for table, names in held.items()} for room, held in known.items()
    }
    schema = MappingSchema(tables, dialect=_DIALECT)
    for room, name, sql in models:
        yield from _edges_of(room, name, sql, schema)


def _edges_of(room: str, name: str, sql: str, schema: MappingSchema) -> Iterator[Edge]:
    import sqlglot
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    try:
        parsed = sqlglot.parse_one(sql, dialect=_DIALECT)
        _forget_database(parsed)
        root = build_scope(
            qualify(parsed, schema=schema, dialect=_DIALECT, quote_identifiers=False, identify=False)
        )  # fmt: skip
    except SqlglotError as error:
        raise ContractError(f"where the columns of {room}.{name} come from cannot be read: {error}") from error
    if root is None:
        raise ContractError(f"{room}.{name} is no query")
    walk = _Walk(f"{room}.{name}", root)
    for column in _query_of(root).named_selects:
        for source, kind in sorted(walk.sources_of(column).items(), key=lambda found: (str(found[0]), found[1])):
            yield Edge(room, name, column, source, kind)


def _forget_database(parsed: exp.Expr) -> None:
    from sqlglot import exp

    for table in parsed.find_all(exp.Table):
        table.set("catalog", None)


class _Walk:
    """Follows columns of one query through its CTEs, subqueries and unions down to tables; each is followed once."""

    def __init__(self, name: str, root: Scope) -> None:
        self._name, self._root = name, root
        self._scopes = {id(scope.expression): scope for scope in root.traverse()}
        self._known: dict[tuple[int, str], _Found] = {}
        self._before: dict[tuple[int, str], _Found] = {}
        self._following: set[tuple[int, str]] = set()
        self._counting: set[int] = set()
        self._met_itself = False

    def sources_of(self, name: str) -> _Found:
        """The sources of a column of the whole query."""
        found = self.output(self._root, name)
        # A recursive CTE reads itself: followed again with what was found, until nothing is added.
        while self._met_itself and self._known != self._before:
            self._before, self._known, self._met_itself = self._known, {}, False
            found = self.output(self._root, name)
        return found or {None: "constant"}

    def output(self, scope: Scope, name: str) -> _Found:
        """The sources of what a (sub)query calls `name`; none where it is null."""
        key = (id(scope), name)
        if key not in self._known:
            self._known[key] = self._before.get(key, {})
            self._following.add(key)
            self._known[key] = self._output(scope, name)
            self._following.discard(key)
        elif key in self._following:
            self._met_itself = True
        return self._known[key]

    def _output(self, scope: Scope, name: str) -> _Found:
        names = _query_of(scope).named_selects
        if name not in names:
            raise ContractError(f"{self._name}: no part of its SQL has the column {name}")
        place = names.index(name)
        if scope.set_operation_scopes:
            return _together(
                self.output(part, _query_of(part).named_selects[place]) for part in scope.set_operation_scopes
            )
        return self._expression(scope, _query_of(scope).selects[place].unalias())

    def _expression(self, scope: Scope, expression: exp.Expr) -> _Found:
        from sqlglot import exp

        while isinstance(expression, exp.Paren):
            expression = expression.this
        if isinstance(expression, exp.Column):
            return self._column(scope, expression)
        found = _taken(self._parts(scope, expression))
        if not found and expression.find(exp.AggFunc):
            return self._rows(scope)  # the sum of a constant that a subquery gives each row
        return found or ({} if _is_null(expression) else {None: "constant"})

    def _parts(self, scope: Scope, expression: exp.Expr) -> Iterator[_Found]:
        """What an expression that is more than a column takes together."""
        from sqlglot import exp

        for part in expression.walk(prune=lambda node: isinstance(node, exp.Query)):
            if isinstance(part, exp.Column):
                yield self._column(scope, part)
            elif isinstance(part, exp.Query):
                yield from self._subquery(_scope_of(scope, part), asked_whether=_is_condition(part))
            elif isinstance(part, exp.AggFunc) and not part.find(exp.Column, exp.Query):
                yield self._rows(scope)  # count(*), sum(1)

    def _subquery(self, scope: Scope, *, asked_whether: bool) -> Iterator[_Found]:
        """A query inside an expression: what it gives; of one that asks whether there is a row, what it asks too."""
        for name in _query_of(scope).named_selects:
            yield self.output(scope, name)
        if asked_whether:
            for branch in scope.set_operation_scopes or [scope]:
                where = branch.expression.args.get("where")
                if where is not None:
                    yield from self._parts(branch, where)

    def _column(self, scope: Scope, column: exp.Column) -> _Found:
        from sqlglot import exp
        from sqlglot.optimizer.scope import Scope

        holder: Scope | None = scope
        while holder is not None and column.table not in holder.selected_sources:
            holder = holder.parent
        if holder is None:
            raise ContractError(f"{self._name}: {column.sql()} names nothing that its SQL reads")
        _, source = holder.selected_sources[column.table]
        if isinstance(source, Scope):
            if isinstance(source.expression, exp.Query):
                return self.output(self._followed(source), column.name)
            return self._function(source, source.expression)
        if not isinstance(source.this, exp.Identifier):
            return self._function(holder, source)
        return {Source(source.db, source.name, column.name): "unchanged"}

    def _followed(self, scope: Scope) -> Scope:
        """Inside a recursive CTE, its name stands for a scope that nobody has looked into: the CTE itself is meant."""
        from sqlglot import exp

        expression: exp.Expr | None = scope.expression
        if self._scopes.get(id(expression)) is scope:
            return scope
        while expression is not None and not isinstance(expression.parent, exp.CTE):
            expression = expression.parent
        return self._scopes[id(expression)]

    def _function(self, scope: Scope, function: exp.Expr) -> _Found:
        """A function in place of a table (generate_series): its rows are made of what it is given."""
        return _taken(self._parts(scope, function))

    def _rows(self, scope: Scope) -> _Found:
        """Whose rows a count counts: of the tables that its query joins."""
        from sqlglot import exp
        from sqlglot.optimizer.scope import Scope

        if scope.set_operation_scopes:
            if id(scope) in self._counting:
                return {}
            self._counting.add(id(scope))
            found = _together([self._rows(part) for part in scope.set_operation_scopes])
            self._counting.discard(id(scope))
            return found
        parts = []
        for _, source in scope.selected_sources.values():
            if not isinstance(source, Scope):
                parts.append(self._rows_of_table(source))
            elif isinstance(source.expression, exp.Query):
                parts.append(self._rows(self._followed(source)))
        return _together(parts)

    def _rows_of_table(self, table: exp.Table) -> _Found:
        from sqlglot import exp

        return {Source(table.db, table.name, None): "rows"} if isinstance(table.this, exp.Identifier) else {}


def _query_of(scope: Scope) -> exp.Query:
    from sqlglot import exp

    assert isinstance(scope.expression, exp.Query)
    return scope.expression


def _together(parts: Iterable[_Found]) -> _Found:
    """Of a source that comes in several ways, that it is computed with counts more than that it is passed on."""
    found: _Found = {}
    for part in parts:
        for source, kind in part.items():
            found[source] = max(kind, found.get(source, kind), key=_ORDER.index)
    return found


def _taken(parts: Iterable[_Found]) -> _Found:
    """The sources of an expression that is more than a column: computed, whatever else they were; constants play no part."""
    return {source: "rows" if kind == "rows" else "computed" for source, kind in _together(parts).items() if source}


def _is_null(expression: exp.Expr) -> bool:
    from sqlglot import exp

    while isinstance(expression, exp.Cast | exp.Paren):
        expression = expression.this
    return isinstance(expression, exp.Null)


def _is_condition(query: exp.Expr) -> bool:
    from sqlglot import exp

    around = query.parent
    while isinstance(around, exp.Subquery | exp.Paren):
        around = around.parent
    return isinstance(around, exp.Exists | exp.In)


def _scope_of(scope: Scope, query: exp.Expr) -> Scope:
    """The scope of a query inside an expression of this one."""
    inner = query.unnest()
    for child in scope.subquery_scopes:
        if child.expression is inner:
            return child
    raise ContractError(f"a part of the SQL cannot be followed: {inner.sql(dialect='postgres')[:200]}")
