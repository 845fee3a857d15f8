"""What is asked of a table: the pages of what changed, rows that carry no stamp, whole tables.

Belongs here: SELECTs built by SQLAlchemy, for any dialect. Does not: running them. Pure.

Names are always quoted: the contract spells them as the source does. Pages go by key, never by OFFSET, which would read
everything before the page again and lose rows that move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    column,
    literal,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from contracts.source import StreamContract, TableLayout


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of a page: its stamp and key. As `text`, in the server's own spelling of them."""

    changed_at: Any
    key: tuple[Any, ...]
    text: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Stamps from `begin` on and before `end`; None leaves that side open. In the column's own kind of time."""

    begin: Any = None
    end: Any = None


@dataclass(frozen=True)
class TableQueries:
    """The questions to one table. `types` are its columns' types as the database tells them."""

    stream: StreamContract
    layout: TableLayout
    types: Mapping[str, TypeEngine[Any]]
    #: PostgreSQL walks an index by (a, b) > (x, y); SQL Server and Oracle do not know that, MySQL knows and scans.
    compares_rows: bool

    def page(self, span: Span, after: Place | None, rows: int) -> Select[Any]:
        """The next rows within the span, ordered by stamp and key."""
        changed_at = self._changed_at
        wanted: list[ColumnElement[bool]] = [changed_at.is_not(None)]
        if span.begin is not None:
            wanted.append(changed_at >= literal(span.begin, self._type(self._stamp)))
        if span.end is not None:
            wanted.append(changed_at < literal(span.end, self._type(self._stamp)))
        if after is not None:
            wanted.append(self._beyond(after))
        return self._rows.where(*wanted).order_by(changed_at, *self._key).limit(rows)

    def unstamped(self) -> Select[Any]:
        """Rows without a stamp, which no page would ever bring."""
        return self._rows.where(self._changed_at.is_(None)).order_by(*self._key)

    def whole(self) -> Select[Any]:
        """Every row, ordered by key: the same contents give the same text."""
        return self._rows.order_by(*self._key)

    @cached_property
    def _table(self) -> TableClause:
        schema, name = table_name(self.layout)
        columns: list[ColumnClause[Any]] = [
            column(_exact(field.name), self._type(field.name)) for field in self.stream.fields
        ]
        return table(_exact(name), *columns, schema=None if schema is None else _exact(schema))

    @property
    def _rows(self) -> Select[Any]:
        return select(*(self._table.c[field.name] for field in self.stream.fields))

    @property
    def _key(self) -> Sequence[ColumnElement[Any]]:
        return [self._table.c[name] for name in self.stream.key]

    @property
    def _stamp(self) -> str:
        assert self.layout.changed_at is not None  # asked of tables that are read by it
        return self.layout.changed_at

    @property
    def _changed_at(self) -> ColumnElement[Any]:
        return self._table.c[self._stamp]

    def _type(self, name: str) -> TypeEngine[Any]:
        return self.types[name]

    def _beyond(self, after: Place) -> ColumnElement[bool]:
        names = [self._stamp, *self.stream.key]
        columns = [self._table.c[name] for name in names]
        values = [
            self._value(name, value, after.text)
            for name, value in zip(names, [after.changed_at, *after.key], strict=True)
        ]
        if self.compares_rows:
            return tuple_(*columns) > tuple_(*values)
        steps = []
        for at in range(len(columns)):
            equal = [left == right for left, right in zip(columns[:at], values[:at], strict=True)]
            steps.append(and_(*equal, columns[at] > values[at]))
        # The first condition says nothing new, but it is one that an index on the stamp can begin at.
        return and_(columns[0] >= values[0], or_(*steps))

    def _value(self, name: str, value: Any, text: bool) -> ColumnElement[Any]:
        if text:
            return cast(literal(value, String()), self._type(name))
        return literal(value, self._type(name))


def table_name(layout: TableLayout) -> tuple[str | None, str]:
    """Schema, if the contract names one before a point, and table."""
    schema, point, name = layout.table.rpartition(".")
    return (schema if point else None), name


def _exact(name: str) -> quoted_name:
    return quoted_name(name, quote=True)
