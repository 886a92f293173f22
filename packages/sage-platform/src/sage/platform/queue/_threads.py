"""A queue between the threads of one process."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable

from sage.platform.queue._batches import remaining
from sage.platform.queue.errors import BatchFull, QueueClosed

__all__ = ["ThreadQueue"]


class ThreadQueue:
    """What `queue.Queue` does, and it can be ended: blocked callers then raise QueueClosed.

    Args:
        name: For messages.
        maxsize: Items it holds; 0 for no bound.
    """

    def __init__(self, name: str, maxsize: int = 0) -> None:
        self.name = name
        self.maxsize = maxsize
        self.become_child()

    def become_child(self) -> None:
        """Start anew: a forked child has no claim on its parent's items, nor on its locks."""
        self._items: deque[object] = deque()
        self._lock = threading.Lock()
        self._not_empty = threading.Condition(self._lock)
        self._not_full = threading.Condition(self._lock)
        self._getters = 0  # callers that wait: nobody is woken where nobody waits
        self._putters = 0
        self._ended = False

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        """Put an item; raise `queue.Full` where there is no room in time."""
        with self._lock:
            if self._ended or 0 < self.maxsize <= len(self._items):
                self._wait_for_room(block, timeout)
            self._items.append(item)
            if self._getters:
                self._not_empty.notify()

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Take the first item; raise `queue.Empty` where none comes in time."""
        with self._lock:
            if self._ended or not self._items:
                self._wait_for_item(block, timeout)
            item = self._items.popleft()
            if self._putters:
                self._not_full.notify()
            return item

    def put_many(self, items: Iterable[object], timeout: float | None = None) -> None:
        """Put items in order; raise BatchFull with how many went in."""
        left = remaining(timeout)
        for stored, item in enumerate(items):
            try:
                self.put(item, True, left())
            except queue.Full:
                raise BatchFull(self.name, stored=stored) from None

    def get_many(self, max_items: int, timeout: float | None = None) -> list[object]:
        """Take up to `max_items`; wait only for the first."""
        with self._lock:
            if self._ended or not self._items:
                self._wait_for_item(True, timeout)
            taken = [self._items.popleft() for _ in range(min(max_items, len(self._items)))]
            if self._putters:
                self._not_full.notify(len(taken))
            return taken

    def qsize(self) -> int:
        """Count the items."""
        return len(self._items)

    def empty(self) -> bool:
        """Tell whether there is no item."""
        return not self._items

    def full(self) -> bool:
        """Tell whether a put would wait."""
        return 0 < self.maxsize <= len(self._items)

    @property
    def ended(self) -> bool:
        """Whether `delete` was called."""
        return self._ended

    def delete(self) -> None:
        """End it: forget its items, wake everyone who waits."""
        with self._lock:
            self._ended = True
            self._items.clear()
            self._not_empty.notify_all()
            self._not_full.notify_all()

    def _wait_for_room(self, block: bool, timeout: float | None) -> None:
        self._putters += 1
        try:
            self._wait(self._not_full, lambda: not self.full(), block, timeout, queue.Full)
        finally:
            self._putters -= 1

    def _wait_for_item(self, block: bool, timeout: float | None) -> None:
        self._getters += 1
        try:
            self._wait(self._not_empty, lambda: bool(self._items), block, timeout, queue.Empty)
        finally:
            self._getters -= 1

    def _wait(
        self,
        changed: threading.Condition,
        ready: Callable[[], bool],
        block: bool,
        timeout: float | None,
        late: type[Exception],
    ) -> None:
        left = remaining(timeout if block else 0)
        while True:
            if self._ended:
                raise QueueClosed(self.name)
            if ready():
                return
            seconds = left()
            if seconds == 0:
                raise late
            changed.wait(seconds)
