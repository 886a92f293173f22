"""The bytes that all queues of one server may hold together. One event loop, no locks."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, Protocol

__all__ = ["ITEM_OVERHEAD", "Budget"]

ITEM_OVERHEAD: Final = 64  # what an item takes beside its own bytes: the object and its place


class Waiting(Protocol):
    """A queue whose putters wait for bytes."""

    def wake_putters(self) -> None:
        """Let them try again."""


class Budget:
    """What is left of it, and who waits for more.

    Args:
        limit: Bytes of all items together, each counted with `ITEM_OVERHEAD`.

    Attributes:
        left: Bytes that are free.

    >>> budget = Budget(1000)
    >>> stored, size = budget.take([bytes(500), bytes(300), bytes(200)])
    >>> len(stored), size, budget.left
    (2, 928, 72)
    """

    def __init__(self, limit: int) -> None:
        self.left = limit
        self._waiting: dict[Waiting, None] = {}  # in the order in which they came

    def take(self, items: Sequence[bytes]) -> tuple[Sequence[bytes], int]:
        """Count those of the items, from the first on, that there is room for.

        Returns:
            These items, and what they take.
        """
        size = sum(map(len, items)) + len(items) * ITEM_OVERHEAD
        if size > self.left:
            sizes = [0, *accumulate(len(item) + ITEM_OVERHEAD for item in items)]
            count = bisect_right(sizes, self.left) - 1
            items, size = items[:count], sizes[count]
        self.left -= size
        return items, size

    def reserve(self, size: int) -> bool:
        """Set bytes aside, if there are so many; `left` is given them back when they are used."""
        if size > self.left:
            return False
        self.left -= size
        return True

    def give(self, size: int) -> None:
        """Count so many bytes no more; who waits for room tries again."""
        self.left += size
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            for queue in waiting:
                queue.wake_putters()

    def wait(self, queue: Waiting) -> None:
        """Wake this queue's putters, once, when there is more room."""
        self._waiting[queue] = None
