"""One queue on the server: its items, who waits, what is lent. One event loop, no locks."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sage.kernel.runtime.communication.rpc.budget import ITEM_OVERHEAD, Budget

__all__ = ["Again", "Lent", "QueueEnded", "StoredQueue"]

LOAN_BYTES = 1024 * 1024  # in one answer: it ends with the item that reaches this
PRODUCERS_REMEMBERED = 10_000  # per queue, the latest ones; each thread of a client is one


class QueueEnded(Exception):
    """The queue was deleted while a call waited on it."""


@dataclass(slots=True)
class Again:
    """An item that was delivered before. A fresh one is its bare bytes: that halves the memory."""

    payload: bytes
    deliveries: int
    reason: str


@dataclass(slots=True)
class Lent:
    """An item that a consumer has."""

    payload: bytes
    deliveries: int
    reason: str
    session: str


Loan: TypeAlias = tuple[int, Lent]


@dataclass(slots=True, eq=False)
class _Getter:
    session: str
    most: int
    came: "asyncio.Future[list[Loan]]"


@dataclass(slots=True, eq=False)
class _Putter:
    needs: int  # bytes of its next item
    came: "asyncio.Future[bool]"


class StoredQueue:
    """Items in order, bounded; those who wait are served in the order in which they came.

    Args:
        name: The queue's name.
        maxsize: Items that may wait; 0 for no bound. What comes back is let in beyond it.
        budget: The bytes that this queue may hold together with others.
        max_deliveries: What comes back after so many deliveries is buried; 0 for never.
        bury: Takes what was delivered too often.
        next_delivery: Gives delivery numbers, each once in the server's life.
    """

    def __init__(
        self,
        name: str,
        maxsize: int,
        *,
        budget: Budget,
        max_deliveries: int,
        bury: Callable[[Again], None],
        next_delivery: Callable[[], int],
    ) -> None:
        self.name = name
        self.maxsize = maxsize
        self.ended = False
        self._budget = budget
        self._held = 0  # of it, by this queue
        self._max_deliveries = max_deliveries
        self._bury = bury
        self._next_delivery = next_delivery
        self._items: deque[bytes | Again] = deque()
        self._lent: dict[int, Lent] = {}
        self._delayed: set[asyncio.TimerHandle] = set()
        self._getters: deque[_Getter] = deque()
        self._putters: deque[_Putter] = deque()
        self._promised = 0  # room of putters that were woken and have not run yet
        self._stored: dict[str, int] = {}  # producer -> the last number it stored, latest last

    def __len__(self) -> int:
        return len(self._items)

    @property
    def full(self) -> bool:
        """Whether a put would wait: for a place here, or for bytes of the server."""
        return 0 < self.maxsize <= len(self._items) or self._budget.left <= ITEM_OVERHEAD

    async def put(self, producer: str, first: int, items: Sequence[bytes], wait: float) -> int:
        """Store items in order as there is room; return how many are stored when time is up.

        Items that this producer has stored before, by their numbers from `first` on, count as
        stored and are not stored again.

        Raises:
            QueueEnded: The queue was deleted meanwhile.
        """
        deadline = _deadline(wait)
        done = 0
        heads_the_line = False
        while True:
            if self.ended:
                raise QueueEnded
            known = self._stored.get(producer, -1)
            done = max(done, min(len(items), known + 1 - first))
            if done == len(items):
                break
            room = self._free() if heads_the_line or not self._putters else 0
            stored, size = self._budget.take(items[done : done + room] if room > 0 else ())
            if stored:
                self._held += size
                done += len(stored)
                self._remember(producer, first + done - 1)
                self._items.extend(stored)
                self._serve()
            elif not await self._wait_for_room(_size(items[done]), deadline, heads_the_line):
                break
            else:
                heads_the_line = True
        self.wake_putters()
        return done

    async def get(self, session: str, most: int, wait: float) -> list[Loan]:
        """Lend up to `most` items to a session; wait for the first, and return [] when none came.

        Raises:
            QueueEnded: The queue was deleted meanwhile.
        """
        if self._items and not self._getters:
            return self._lend(session, most)
        if wait == 0:
            return []
        loop = asyncio.get_running_loop()
        getter = _Getter(session, most, loop.create_future())
        self._getters.append(getter)
        timer = loop.call_later(wait, self._give_up, getter) if wait > 0 else None
        try:
            return await getter.came
        except asyncio.CancelledError:
            self._forget(getter)
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def ack(self, session: str, delivery: int) -> bool:
        """Forget a lent item; False when it is not lent to this session under this number."""
        return self.ack_all(session, [delivery]) == 1

    def ack_all(self, session: str, deliveries: Sequence[int]) -> int:
        """Forget those of these items that are lent to this session; return how many were."""
        settled = [self._reclaim(session, delivery) for delivery in deliveries]
        sizes = [_size(lent.payload) for lent in settled if lent is not None]
        self._held -= sum(sizes)
        self._budget.give(sum(sizes))
        return len(sizes)

    def nack(self, session: str, delivery: int, delay: float, reason: str) -> bool:
        """Take a lent item back; False when it is not lent to this session under this number."""
        lent = self._reclaim(session, delivery)
        if lent is not None:
            self._take_back(lent, delay, reason)
        return lent is not None

    def end_session(self, session: str, reason: str) -> None:
        """Take back, in their order, all items that a session has; it waits for no more."""
        for getter in [getter for getter in self._getters if getter.session == session]:
            self._give_up(getter)
        for delivery in sorted(self._lent, reverse=True):
            if self._lent[delivery].session == session:
                self._take_back(self._lent.pop(delivery), 0, reason)

    def insert(self, item: Again) -> None:
        """Store an item at the end, whatever the bound: a dead letter must not get lost."""
        self._held += _size(item.payload)
        self._items.append(item)
        self._serve()

    def end(self) -> None:
        """Forget everything, and wake everyone who waits with QueueEnded."""
        self.ended = True
        self._items.clear()
        self._lent.clear()
        for timer in self._delayed:
            timer.cancel()
        self._delayed.clear()
        waiting: list[asyncio.Future[Any]] = [each.came for each in self._putters]
        waiting += [each.came for each in self._getters]
        for came in waiting:
            if not came.done():
                came.set_exception(QueueEnded())
        self._putters.clear()
        self._getters.clear()
        held, self._held = self._held, 0
        self._budget.give(held)

    # ---- items ----

    def _lend(self, session: str, most: int) -> list[Loan]:
        loans: list[Loan] = []
        size = 0
        while self._items and len(loans) < most and size < LOAN_BYTES:
            item = self._items.popleft()
            if isinstance(item, bytes):
                lent = Lent(item, 1, "", session)
            else:
                lent = Lent(item.payload, item.deliveries + 1, item.reason, session)
            size += len(lent.payload)
            delivery = self._next_delivery()
            self._lent[delivery] = lent
            loans.append((delivery, lent))
        self.wake_putters()
        return loans

    def _reclaim(self, session: str, delivery: int) -> Lent | None:
        lent = self._lent.get(delivery)
        if lent is None or lent.session != session:
            return None
        return self._lent.pop(delivery)

    def _take_back(self, lent: Lent, delay: float, reason: str) -> None:
        item = Again(lent.payload, lent.deliveries, reason)
        if 0 < self._max_deliveries <= lent.deliveries:
            self._held -= _size(item.payload)  # its bytes go with it
            self._bury(item)
        elif delay > 0:
            self._delay(item, delay)
        else:
            self._return(item)

    def _delay(self, item: Again, delay: float) -> None:
        def due() -> None:
            self._delayed.discard(timer)
            self._return(item)

        timer = asyncio.get_running_loop().call_later(delay, due)
        self._delayed.add(timer)

    def _return(self, item: Again) -> None:
        self._items.appendleft(item)
        self._serve()

    def _remember(self, producer: str, last: int) -> None:
        self._stored.pop(producer, None)
        self._stored[producer] = last
        if len(self._stored) > PRODUCERS_REMEMBERED:
            del self._stored[next(iter(self._stored))]

    # ---- those who wait ----

    def _free(self) -> int:
        if not self.maxsize:
            return 1 << 62
        return self.maxsize - len(self._items) - self._promised

    async def _wait_for_room(self, size: int, deadline: float | None, heads_the_line: bool) -> bool:
        loop = asyncio.get_running_loop()
        if deadline is not None and deadline <= loop.time():
            return False
        putter = _Putter(size, loop.create_future())
        (self._putters.appendleft if heads_the_line else self._putters.append)(putter)
        self.wake_putters()
        timer = loop.call_at(deadline, self._too_late, putter) if deadline is not None else None
        try:
            got = await putter.came
        except asyncio.CancelledError:
            self._leave_line(putter)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if got:
            self._use_promise(putter)
        return got

    def _too_late(self, putter: _Putter) -> None:
        if not putter.came.done():
            self._putters.remove(putter)
            putter.came.set_result(False)
            self.wake_putters()  # the next one may need fewer bytes

    def _leave_line(self, putter: _Putter) -> None:
        if putter.came.cancelled():
            if putter in self._putters:
                self._putters.remove(putter)
        elif putter.came.exception() is None and putter.came.result():
            self._use_promise(putter)
        self._budget.give(0)  # its bytes may be for another queue
        self.wake_putters()

    def _use_promise(self, putter: _Putter) -> None:
        self._promised -= 1
        self._budget.left += putter.needs

    def wake_putters(self) -> None:
        """Promise room to those who wait for it, in their order, as far as there is any."""
        while self._putters and self._free() > 0:
            if self._putters[0].came.done():  # cancelled, and it has not run yet
                self._putters.popleft()
                continue
            if not self._budget.reserve(self._putters[0].needs):
                self._budget.wait(self)
                return
            self._putters.popleft().came.set_result(True)
            self._promised += 1

    def _serve(self) -> None:
        while self._getters and self._items:
            getter = self._getters.popleft()
            if not getter.came.done():  # else it was cancelled, and has not run yet
                getter.came.set_result(self._lend(getter.session, getter.most))

    def _give_up(self, getter: _Getter) -> None:
        if not getter.came.done():
            self._getters.remove(getter)
            getter.came.set_result([])

    def _forget(self, getter: _Getter) -> None:
        """Its caller has gone: leave the line, or hand back what it was given unseen."""
        if getter.came.cancelled():
            if getter in self._getters:
                self._getters.remove(getter)
        elif getter.came.exception() is None:
            for delivery, lent in reversed(getter.came.result()):
                if self._lent.pop(delivery, None) is not None:
                    self._return(Again(lent.payload, lent.deliveries - 1, lent.reason))


def _size(payload: bytes) -> int:
    return len(payload) + ITEM_OVERHEAD


def _deadline(wait: float) -> float | None:
    return None if wait < 0 else asyncio.get_running_loop().time() + wait
