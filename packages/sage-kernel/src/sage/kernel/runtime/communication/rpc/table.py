"""All queues and sessions of one server: what each message means."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.budget import ITEM_OVERHEAD, Budget
from sage.kernel.runtime.communication.rpc.codec import PICKLED
from sage.kernel.runtime.communication.rpc.stored import Again, QueueEnded, StoredQueue
from sage.platform.queue.checks import check_count, check_seconds

__all__ = ["DEAD", "Limits", "QueueTable"]

DEAD = ".dead"  # the dead-letter queue of `jobs` is `jobs.dead`
SMALL = 1024  # bytes of an item
LARGEST_FRAME = 2**31 - 1  # gRPC counts the bytes of a message in 31 bits


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server allows.

    Attributes:
        max_items: Items that a queue holds whose descriptor names no `maxsize`.
        max_item_bytes: Bytes of one encoded item.
        max_bytes: Bytes of all items of all queues together, the lent ones too, each counted
            with 64 more for what the server keeps beside it. Beyond that a put waits for room,
            as it does where its own queue is full.
        max_deliveries: Deliveries after which an item that comes back is a dead letter;
            0 for never.
        lease_seconds: A consumer that was silent for so long is taken for dead.
        allow_pickle: Let items in that are pickled.

    >>> Limits(max_items=10).max_deliveries
    16
    """

    max_items: int = 100_000
    max_item_bytes: int = 4 * 1024 * 1024
    max_bytes: int = 1024 * 1024 * 1024
    max_deliveries: int = 16
    lease_seconds: float = 30.0
    allow_pickle: bool = False

    def check(self) -> None:
        """Raise ValueError when a limit is out of its range."""
        check_count("max_items", self.max_items, least=1)
        most = wire.item_limit(LARGEST_FRAME)
        check_count("max_item_bytes", self.max_item_bytes, least=1, most=most)
        check_count("max_bytes", self.max_bytes, least=self.max_item_bytes + ITEM_OVERHEAD)
        check_count("max_deliveries", self.max_deliveries)
        check_seconds("lease_seconds", self.lease_seconds)


class _Refusal(Exception):
    def __init__(self, reply: wire.Refused) -> None:
        super().__init__(reply.why)
        self.reply = reply


@dataclass(slots=True)
class _Session:
    queue: StoredQueue
    heard: float


class QueueTable:
    """Answers requests; every queue is made when it is first named.

    Args:
        limits: What the server allows.
        clock: Seconds that never go back; tests give their own.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._budget = Budget(limits.max_bytes)
        self._queues: dict[str, StoredQueue] = {}
        self._sessions: dict[str, _Session] = {}
        self._deliveries = itertools.count(1)

    async def answer(self, request: wire.Request) -> wire.Reply:
        """Do what a request asks; may wait as long as it says."""
        try:
            match request:
                case wire.Put():
                    return await self._put(request)
                case wire.Get():
                    return await self._get(request)
                case wire.Ack(session=session, delivery=delivery):
                    return self._settled(self._session(session).queue.ack(session, delivery))
                case wire.Nack(session=session, delivery=delivery):
                    queue = self._session(session).queue
                    back = queue.nack(session, delivery, request.delay, request.reason)
                    return self._settled(back)
                case wire.Hello():
                    return self._welcome(self.queue(request.queue, request.maxsize))
                case wire.Size():
                    queue = self.queue(request.queue, request.maxsize)
                    return wire.Count(len(queue), queue.full)
                case wire.Delete(queue=name):
                    return self._delete(name)
        except _Refusal as refusal:
            return refusal.reply
        except QueueEnded:
            return wire.Refused("closed")

    async def put_batch(
        self, head: wire.PutMany, batch: wire.Batch, frame: bytes, wait: float
    ) -> wire.Reply:
        """Store a batch of a stream, which came in `frame`; wait for room for `wait` seconds."""
        try:
            self._check(batch.items, frame)
            queue = self.queue(head.queue, head.maxsize)
            stored = await queue.put(head.producer, batch.sequence, batch.items, wait)
        except _Refusal as refusal:
            return refusal.reply
        except QueueEnded:
            return wire.Refused("closed")
        return wire.Done(stored) if stored == len(batch.items) else wire.Full(stored)

    def queue(self, name: str, maxsize: int) -> StoredQueue:
        """Return the queue of that name, made now if there was none."""
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = self._make(name, maxsize or self.limits.max_items)
        elif maxsize not in (0, queue.maxsize):
            raise _Refusal(wire.Refused("conflict", (queue.maxsize, maxsize)))
        return queue

    # ---- sessions ----

    def hear(self, session: str, frame: wire.SessionFrame) -> bool:
        """Take in what a consumer says; False when its session has ended."""
        known = self._sessions.get(session)
        if known is None:
            return False
        known.heard = self._clock()
        if isinstance(frame, wire.Acks):
            known.queue.ack_all(session, frame.deliveries)
        return True

    def end_session(self, session: str, reason: str) -> None:
        """Take back what a consumer has; does nothing when its session has ended."""
        known = self._sessions.pop(session, None)
        if known is not None:
            known.queue.end_session(session, reason)

    def end_silent_sessions(self) -> list[str]:
        """End the sessions that were silent for too long; return which."""
        latest = self._clock() - self.limits.lease_seconds
        silent = [name for name, known in self._sessions.items() if known.heard < latest]
        for name in silent:
            self.end_session(name, f"its consumer was silent for {self.limits.lease_seconds:g} s")
        return silent

    def _welcome(self, queue: StoredQueue) -> wire.Reply:
        name = uuid.uuid4().hex
        self._sessions[name] = _Session(queue, self._clock())
        return wire.Welcome(name, self.limits.lease_seconds)

    def _session(self, name: str) -> _Session:
        known = self._sessions.get(name)
        if known is None:
            raise _Refusal(wire.Refused("no-session"))
        if known.queue.ended:
            raise _Refusal(wire.Refused("closed"))
        return known

    # ---- requests ----

    async def _put(self, request: wire.Put) -> wire.Reply:
        items = [request.item]
        self._check(items, request.item)
        queue = self.queue(request.queue, request.maxsize)
        stored = await queue.put(request.producer, request.sequence, items, request.wait)
        return wire.Done(1) if stored else wire.Full(0)

    async def _get(self, request: wire.Get) -> wire.Reply:
        queue = self._session(request.session).queue
        loans = await queue.get(request.session, max(1, request.most), request.wait)
        if request.session not in self._sessions:  # it ended while this call waited
            queue.end_session(request.session, "its consumer had gone")
            raise _Refusal(wire.Refused("no-session"))
        return wire.Items(
            [(number, lent.deliveries, lent.reason, lent.payload) for number, lent in loans]
        )

    def _settled(self, settled: bool) -> wire.Reply:
        return wire.Done(1) if settled else wire.Refused("lost")

    def _delete(self, name: str) -> wire.Reply:
        queue = self._queues.pop(name, None)
        if queue is not None:
            queue.end()
        return wire.Done(int(queue is not None))

    def _check(self, items: list[bytes], frame: bytes) -> None:
        limit = self.limits.max_item_bytes
        if len(frame) > limit and (largest := max(map(len, items), default=0)) > limit:
            raise _Refusal(wire.Refused("too-large", (largest, limit)))
        # That byte is in no text, so that most frames of small items are cleared by one look at
        # them; a look at the whole of large ones would cost more than one at each item's first.
        small = len(frame) < SMALL * len(items)
        if self.limits.allow_pickle or (small and PICKLED not in frame):
            return
        if PICKLED in [item[:1] for item in items]:
            raise _Refusal(wire.Refused("pickle"))

    def _make(self, name: str, maxsize: int) -> StoredQueue:
        def bury(item: Again) -> None:
            self.queue(name + DEAD, 0).insert(item)

        keeps = name.endswith(DEAD)  # a dead letter has nowhere further to go
        return StoredQueue(
            name,
            maxsize,
            budget=self._budget,
            max_deliveries=0 if keeps else self.limits.max_deliveries,
            bury=bury,
            next_delivery=self._deliveries.__next__,
        )

    async def watch(self) -> None:
        """End silent sessions for ever; a task of the server."""
        while True:
            await asyncio.sleep(self.limits.lease_seconds / 4)
            self.end_silent_sessions()
