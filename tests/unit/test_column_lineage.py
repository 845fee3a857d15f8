"""Where columns come from, read off small queries that are worked by hand: each kind of SQL the models use.

Belongs here: SQL as text. Does not: the models themselves (tests/integration/test_column_lineage.py).
"""

from __future__ import annotations

import pytest

from contracts.failures import ContractError
from contracts.lineage import Edge, Source
from orchestration.column_lineage import edges_of_models

KNOWN = {
    "s": {"a": ["id", "x", "y", "kind"], "b": ["id", "z", "y"], "way": ["origin", "target"]},
}


def told(sql: str) -> dict[str, set[tuple[str, str]]]:
    """Of each column its sources and how they are taken, in short."""
    found: dict[str, set[tuple[str, str]]] = {}
    for edge in edges_of_models([("m", "model", sql)], KNOWN):
        source = edge.source
        name = "" if source is None else source.table + (f".{source.column}" if source.column else "")
        found.setdefault(edge.column, set()).add((name, edge.kind))
    return found


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('select id, x as renamed from "db"."s"."a"', {"id": {("a.id", "unchanged")}, "renamed": {("a.x", "unchanged")}}),
        ("select cast(x as text) as c, x + 1 as d, (x) as e from s.a",
         {"c": {("a.x", "computed")}, "d": {("a.x", "computed")}, "e": {("a.x", "unchanged")}}),
        ("select 'word' as c, null as n, cast(null as text) as t, 1 + 2 as three from s.a",
         {name: {("", "constant")} for name in ("c", "n", "t", "three")}),
        # Through CTEs with the names of aliases and tables, and through a subquery.
        ("with b as (select x as y, id from s.a), c as (select b.y, q.z from b join s.b as q on q.id = b.id)"
         " select c.y, t.z from c join (select z as z from c) as t on true",
         {"y": {("a.x", "unchanged")}, "z": {("b.z", "unchanged")}}),
        # By place, not by name; a branch that has nothing adds nothing, one that has a word adds it.
        ("select id, x as v, 'a' as w from s.a union all select y, null, y from s.b",
         {"id": {("a.id", "unchanged"), ("b.y", "unchanged")}, "v": {("a.x", "unchanged")},
          "w": {("", "constant"), ("b.y", "unchanged")}}),
        # Conditions that choose a value are what it is made of; conditions that choose rows are not.
        ("select case when kind = 'k' then x end as v from s.a where y > 3",
         {"v": {("a.kind", "computed"), ("a.x", "computed")}}),
        ("select count(*) as n, count(*) filter (where y > 0) as p, sum(1) as m, sum(x) as t from s.a group by kind",
         {"n": {("a", "rows")}, "p": {("a", "rows"), ("a.y", "computed")}, "m": {("a", "rows")}, "t": {("a.x", "computed")}}),
        ("with one as (select 1 as each_row from s.a) select sum(each_row) as n from one", {"n": {("a", "rows")}}),
        ("select row_number() over (partition by kind order by y desc) as place from s.a",
         {"place": {("a.kind", "computed"), ("a.y", "computed")}}),
        ("select (select max(b.z) from s.b as b where b.id = a.id) as top from s.a as a", {"top": {("b.z", "computed")}}),
        ("select exists (select 1 from s.b as b where b.y = a.y) as there from s.a as a",
         {"there": {("b.y", "computed"), ("a.y", "computed")}}),
        ("select g.day as day from generate_series((select min(x) from s.a), (select max(z) from s.b), 1) as g (day)",
         {"day": {("a.x", "computed"), ("b.z", "computed")}}),
        # What is followed goes round; the second round brings what the first began with.
        ("with recursive w (origin, last, seen) as (select origin, target, 0 from s.way union all"
         " select w.origin, w.seen, w.last from w) select origin, last, seen from w",
         {"origin": {("way.origin", "unchanged")}, "last": {("way.target", "unchanged"), ("", "constant")},
          "seen": {("way.target", "unchanged"), ("", "constant")}}),
        # Names without a table, where only one of those joined has such a column.
        ("select x, z from s.a join s.b using (id)", {"x": {("a.x", "unchanged")}, "z": {("b.z", "unchanged")}}),
    ],
)  # fmt: skip
def test_worked_by_hand(sql: str, expected: dict[str, set[tuple[str, str]]]) -> None:
    assert told(sql) == expected


@pytest.mark.parametrize(
    "sql", ["select nothing from s.a", "select y from s.a join s.b on a.id = b.id", "select q.x from s.a", "selec x"]
)
def test_what_cannot_be_told_is_an_error_with_the_models_name(sql: str) -> None:
    with pytest.raises(ContractError, match=r"m\.model"):
        told(sql)


def test_edges_name_what_they_are_of() -> None:
    assert list(edges_of_models([("m", "one", "select x from s.a"), ("m", "two", "select 1 as c")], KNOWN)) == [
        Edge("m", "one", "x", Source("s", "a", "x"), "unchanged"),
        Edge("m", "two", "c", None, "constant"),
    ]
