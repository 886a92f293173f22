"""Many items at once, for live queues that only know one at a time."""

import queue
import sys
from collections.abc import Callable, Iterable
from time import monotonic

from sage.platform.queue.checks import check_count, check_timeout
from sage.platform.queue.errors import BatchFull
from sage.platform.queue.registry import Queue

__all__ = ["get_many", "put_many", "remaining"]


def remaining(timeout: float | None) -> Callable[[], float | None]:
    """Return a function that tells the seconds left of `timeout`, never below 0; None for ever.

    Raises:
        ValueError: The time-out is negative or no number.
    """
    seconds = check_timeout(timeout)
    if seconds is None:
        return lambda: None
    end = monotonic() + seconds
    return lambda: max(0.0, end - monotonic())


def put_many(live: Queue, name: str, items: Iterable[object], timeout: float | None) -> None:
    """Put items by the queue's own `put_many`, or one by one."""
    own = getattr(live, "put_many", None)
    if own is not None:
        own(items, timeout)
        return
    left = remaining(timeout)
    for stored, item in enumerate(items):
        try:
            live.put(item, True, left())
        except queue.Full:
            raise BatchFull(name, stored=stored) from None


def get_many(live: Queue, max_items: int, timeout: float | None) -> list[object]:
    """Take items by the queue's own `get_many`, or one by one."""
    max_items = min(check_count("max_items", max_items, least=1), sys.maxsize)
    own: Callable[[int, float | None], list[object]] | None = getattr(live, "get_many", None)
    if own is not None:
        return own(max_items, timeout)
    taken = [live.get(True, timeout)]
    while len(taken) < max_items:
        try:
            taken.append(live.get(False))
        except queue.Empty:
            break
    return taken
