"""In which order dbt begins the nodes that are ready: first those behind which the most tables wait.

Belongs here: that order. Does not: what depends on what, which dbt knows, or which nodes a build has (dbt_project.py).
"""

from __future__ import annotations

from typing import Any

import dbt.graph.selector
import networkx
from dbt.graph.queue import GraphQueue

#: Views take a moment, and of a test nothing else is made.
_TABLES = {"table", "incremental", "seed"}


class LongestFirst(GraphQueue):  # type: ignore[misc]  # dbt is not typed
    """dbt begins nodes as they become ready, so that reports which nothing waits for come before the tables at the end of a
    long chain, and one thread makes those alone at the end while the other has nothing to do.

    Here a thread that is free begins the node with the longest chain of tables behind it.
    """

    #: How many nodes dbt makes at a time.
    threads = 1

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next node, once a thread is free: dbt hands out all that are ready, and then they begin as they became so."""
        with self.lock:
            while len(self.in_progress) >= self.threads:
                self.some_task_done.wait()
        return super().get(block, timeout)

    def _get_scores(self, graph: Any) -> dict[str, int]:
        return longest_first(graph, {node for node in graph.nodes if self._is_table(node)})

    def _is_table(self, node_id: str) -> bool:
        node = self.manifest.expect(node_id)
        return node.resource_type in {"model", "seed"} and node.config.materialized in _TABLES


def longest_first(graph: Any, tables: set[str]) -> dict[str, int]:
    """For each node of a graph (from what is read to who reads it) its place: 0 for the longest chain of tables behind it."""
    behind: dict[str, int] = {}
    for node in reversed(list(networkx.topological_sort(graph))):
        behind[node] = (node in tables) + max((behind[reader] for reader in graph.successors(node)), default=0)
    longest = max(behind.values(), default=0)
    return {node: longest - length for node, length in behind.items()}


def begin_longest_first(threads: int) -> None:
    """From now on, in this process, where dbt makes so many nodes at a time."""
    LongestFirst.threads = threads
    dbt.graph.selector.GraphQueue = LongestFirst
