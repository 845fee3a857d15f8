"""Several iterators worked at once, each in a thread, their items given in the iterators' order.

Belongs here: threads and the bounds on what they hold. Does not: knowing what the items are.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")

_CHECK_SECONDS = 0.2


class _End:
    """The end of an iterator, or what it failed of."""

    def __init__(self, failure: BaseException | None) -> None:
        self.failure = failure


class _Lane(Generic[Item]):
    """One iterator and what its thread has ready."""

    def __init__(self, make: Callable[[], Iterator[Item]], depth: int, given_up: threading.Event) -> None:
        self._make, self._given_up = make, given_up
        self.ready: queue.Queue[Item | _End] = queue.Queue(depth)

    def work(self) -> None:
        """Runs in a thread."""
        failure: BaseException | None = None
        try:
            for item in self._make():
                if not self._put(item):
                    return
        except BaseException as error:  # noqa: BLE001  # raised again where the item would have come out
            failure = error
        self._put(_End(failure))

    def _put(self, item: Item | _End) -> bool:
        while not self._given_up.is_set():
            try:
                self.ready.put(item, timeout=_CHECK_SECONDS)
            except queue.Full:
                continue
            return True
        return False


def in_order(
    makers: Sequence[Callable[[], Iterator[Item]]], workers: int, depth: int, given_up: threading.Event
) -> Generator[Item]:
    """The items of the first iterator, then of the second, and so on, `workers` of them being worked at a time.

    Each of these has `depth` items ready at most, and one in the making.
    What an iterator raises comes out in its place. Closing it sets `given_up` and waits for the threads, as does the end.
    """
    lanes = [_Lane(make, depth, given_up) for make in makers]
    waiting: queue.SimpleQueue[_Lane[Item]] = queue.SimpleQueue()
    for lane in lanes:
        waiting.put(lane)
    # Daemons: a reading that nobody closed must not keep the program from ending.
    threads = [
        threading.Thread(target=_work, args=(waiting, given_up), name=f"ahead-{at}", daemon=True)
        for at in range(min(workers, len(lanes)))
    ]
    try:
        for thread in threads:
            thread.start()
        for lane in lanes:
            while not isinstance(item := lane.ready.get(), _End):
                yield item
            if item.failure is not None:
                raise item.failure
    finally:
        given_up.set()
        for thread in threads:
            if thread.ident is not None:
                thread.join()


def _work(waiting: queue.SimpleQueue[_Lane[Item]], given_up: threading.Event) -> None:
    """Works one lane after the other until none is waiting."""
    while not given_up.is_set():
        try:
            lane = waiting.get_nowait()
        except queue.Empty:
            return
        lane.work()
