"""The order in which dbt begins nodes: the longest chain first, and none before a thread is free.

Belongs here: that order, on small graphs and by dbt's own queue. Does not: what a build makes (tests/integration).
"""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import networkx

from orchestration.node_order import LongestFirst, longest_first


def _graph(*edges: tuple[str, str]) -> Any:
    """What is read, and who reads it."""
    return networkx.DiGraph(edges)


class _Manifest:
    """Every node is a table, but those called a test or a view."""

    def expect(self, name: str) -> Any:
        kind = "test" if name.startswith("test") else "model"
        return SimpleNamespace(
            name=name, resource_type=kind,
            config=SimpleNamespace(materialized="view" if name.startswith("view") else "table", incremental_strategy=None),
        )  # fmt: skip


def _queue(graph: Any, threads: int) -> LongestFirst:
    queue = LongestFirst(graph, _Manifest(), set(graph.nodes))
    queue.threads = threads
    return queue


def test_a_chain_counts_by_its_tables() -> None:
    """a - b - c and a - test - d; a view and a test are no length of their own."""
    graph = _graph(("a", "b"), ("b", "view"), ("view", "c"), ("a", "test"), ("test", "d"))
    places = longest_first(graph, {"a", "b", "c", "d"})
    assert places == {"a": 0, "b": 1, "view": 2, "c": 2, "test": 2, "d": 2}
    assert longest_first(networkx.DiGraph(), set()) == {}


_EDGES = (
    ("root", "report"),
    ("root", "other"),
    ("root", "chain"),
    ("chain", "test"),
    ("test", "middle"),
    ("middle", "end"),
)


def test_what_the_longest_chain_waits_for_comes_first() -> None:
    """One thread: a test that holds a chain up comes before reports that nothing waits for."""
    queue, begun = _queue(_graph(*_EDGES), 1), []
    while not queue.empty():
        node = queue.get()
        begun.append(node.name)
        queue.mark_done(node.name)
    assert begun == ["root", "chain", "test", "middle", "end", "other", "report"]


def test_nothing_begins_before_a_thread_is_free() -> None:
    """Two threads: of three that are ready two begin; the third waits, and what becomes ready meanwhile goes before it."""
    queue = _queue(_graph(*_EDGES), 2)
    queue.mark_done(queue.get().name)
    assert [queue.get().name for _ in range(2)] == ["chain", "other"]
    taken: list[str] = []
    waiting = threading.Thread(target=lambda: taken.append(queue.get().name), daemon=True)
    waiting.start()
    waiting.join(0.2)
    assert (waiting.is_alive(), taken) == (True, [])
    queue.mark_done("chain")
    waiting.join(10)
    assert taken == ["test"]


def test_what_is_done_after_all_have_begun_is_waited_for() -> None:
    queue = _queue(_graph(("a", "b")), 2)
    queue.mark_done(queue.get().name)
    last = queue.get().name
    assert (last, queue.empty()) == ("b", True)
    queue.mark_done(last)
    queue.join()
