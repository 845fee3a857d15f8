"""Working ahead: the next items are made in a thread while the current one is used.

Belongs here: that, for any iterable. Does not: knowing what the items are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def read_ahead(items: Iterable[Item], ahead: int = 2) -> Generator[Item]:
    """The same items in the same order, made in one thread of their own, at most `ahead` of them before they are used.

    Two keep both sides busy when items take unequal time; one is enough for items that are alike, and holds less memory.

    What making an item raises comes out where that item would have. Close it (contextlib.closing) to leave early: that
    waits for the item being made and closes `items`, so that nothing goes on behind the caller's back.
    """
    iterator, end = iter(items), object()
    try:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as worker:
            try:
                coming = deque(worker.submit(next, iterator, end) for _ in range(ahead))
                while (item := coming.popleft().result()) is not end:
                    coming.append(worker.submit(next, iterator, end))
                    yield item  # type: ignore[misc]  # everything but `end` is an item
            finally:
                worker.shutdown(cancel_futures=True)
    finally:
        if isinstance(iterator, Generator):
            iterator.close()
