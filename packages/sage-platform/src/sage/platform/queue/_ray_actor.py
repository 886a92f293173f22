"""The actor that holds a Ray queue, and the client that calls it."""

import asyncio
import queue
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Any

from sage.common.errors import MissingExtra
from sage.platform.queue._batches import remaining
from sage.platform.queue.checks import check_timeout
from sage.platform.queue.errors import (
    BatchFull,
    QueueClosed,
    QueueConflict,
    QueueUnavailable,
)

try:
    import ray
    from ray.exceptions import RayActorError
except ImportError as error:  # the one place that needs it; named so that pip finds it
    raise MissingExtra("sage-platform", "ray", "ray") from error

__all__ = ["RayQueue"]

NAMESPACE = "sage-queues"
CALLS_AT_ONCE = 10_000  # blocked gets and puts that the actor holds; Ray's own bound is 1000
BATCH_ITEMS = 1024


class QueueActor:
    """One queue in one asynchronous actor; time-outs run here, where the items are."""

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._items: deque[object] = deque()
        self._changed = asyncio.Condition()

    async def maxsize(self) -> int:
        """Return the bound it was made with."""
        return self._maxsize

    async def qsize(self) -> int:
        """Count the items."""
        return len(self._items)

    async def put(self, items: list[object], timeout: float | None) -> int:
        """Store items in order as there is room; return how many went in, in time."""
        stored = 0
        left = remaining(timeout)
        async with self._changed:
            while stored < len(items):
                if not await self._wait(lambda: not self._full(), left()):
                    break
                room = self._maxsize - len(self._items) if self._maxsize else len(items)
                batch = items[stored : stored + room]
                self._items.extend(batch)
                stored += len(batch)
                self._changed.notify_all()
        return stored

    async def get(self, max_items: int, timeout: float | None) -> list[object]:
        """Take up to `max_items`, waiting for the first; an empty list says that none came."""
        async with self._changed:
            if not await self._wait(lambda: bool(self._items), timeout):
                return []
            taken = [self._items.popleft() for _ in range(min(max_items, len(self._items)))]
            self._changed.notify_all()
            return taken

    def _full(self) -> bool:
        return 0 < self._maxsize <= len(self._items)

    async def _wait(self, ready: Any, timeout: float | None) -> bool:
        if ready():
            return True
        if timeout == 0:
            return False
        try:
            await asyncio.wait_for(self._changed.wait_for(ready), timeout)
        except TimeoutError:
            return False
        return True


class RayQueue:
    """The client: finds the actor by name, or makes it."""

    def __init__(self, name: str, maxsize: int) -> None:
        self.name = name
        self._refuse_without_ray()
        actor: Any = ray.remote(QueueActor).options(
            name=name,
            namespace=NAMESPACE,
            get_if_exists=True,
            lifetime="detached",
            max_concurrency=CALLS_AT_ONCE,
            num_cpus=0,
        )
        self._actor = actor.remote(maxsize)
        self.maxsize: int = self._call(self._actor.maxsize.remote())
        if maxsize not in (0, self.maxsize):
            raise QueueConflict(name, "maxsize", live=self.maxsize, wanted=maxsize)

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        """Put an item; raise `queue.Full` where there is no room in time."""
        if not self._call(self._reach().put.remote([item], _seconds(block, timeout))):
            raise queue.Full

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Take the first item; raise `queue.Empty` where none comes in time."""
        taken: list[object] = self._call(self._reach().get.remote(1, _seconds(block, timeout)))
        if not taken:
            raise queue.Empty
        return taken[0]

    def put_many(self, items: Iterable[object], timeout: float | None = None) -> None:
        """Put items in order, a batch to a call; raise BatchFull with how many went in."""
        left = remaining(timeout)
        rest = iter(items)
        stored = 0
        failure: Exception | None = None
        while failure is None:
            batch: list[object] = []
            try:
                batch.extend(islice(rest, BATCH_ITEMS))
            except Exception as error:  # the caller's own: raised when what came before is stored
                failure = error
            if not batch:
                break
            went_in: int = self._call(self._reach().put.remote(batch, left()))
            stored += went_in
            if went_in < len(batch):
                raise BatchFull(self.name, stored=stored)
        if failure is not None:
            raise failure

    def get_many(self, max_items: int, timeout: float | None = None) -> list[object]:
        """Take up to `max_items`; wait only for the first."""
        taken: list[object] = self._call(
            self._reach().get.remote(max_items, _seconds(True, timeout))
        )
        if not taken:
            raise queue.Empty
        return taken

    def qsize(self) -> int:
        """Count the items."""
        size: int = self._call(self._reach().qsize.remote())
        return size

    def empty(self) -> bool:
        """Tell whether there is no item."""
        return self.qsize() == 0

    def full(self) -> bool:
        """Tell whether a put would wait."""
        return 0 < self.maxsize <= self.qsize()

    def delete(self) -> None:
        """End the actor, with all that is in it; callers that wait are woken."""
        ray.kill(self._reach())

    def _reach(self) -> Any:
        self._refuse_without_ray()
        return self._actor

    def _refuse_without_ray(self) -> None:
        if not ray.is_initialized():  # a call would start a Ray of its own, without this queue
            why = "Ray does not run in this process; call ray.init(address=...) first"
            raise QueueUnavailable(self.name, "ray", why)

    def _call(self, reference: Any) -> Any:
        try:
            return ray.get(reference)
        except RayActorError as error:
            raise QueueClosed(self.name) from error


def _seconds(block: bool, timeout: float | None) -> float | None:
    return check_timeout(timeout) if block else 0
