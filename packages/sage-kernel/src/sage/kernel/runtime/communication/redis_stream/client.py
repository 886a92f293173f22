"""The client: a queue in a Redis stream, used like `queue.Queue`."""

import itertools
import os
import queue
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import compress, islice
from time import monotonic

from sage.common.codec import MsgpackCodec
from sage.kernel.runtime.communication.redis_stream import scripts
from sage.kernel.runtime.communication.redis_stream.leases import Held, Renewer
from sage.kernel.runtime.communication.redis_stream.server import SLICE_SECONDS, RedisServer
from sage.platform.queue import (
    BatchFull,
    Lease,
    LeaseLost,
    QueueClosed,
    QueueConflict,
    QueueUnavailable,
)
from sage.platform.queue.checks import check_timeout

__all__ = ["RedisStreamQueue"]

BATCH_ITEMS = 256  # to one script
BATCH_BYTES = 256 * 1024  # to one script
LARGE_BYTES = 4096  # from here on, what Lua copies costs more than the commands it saves
FIRST_ITEMS = 16  # from the caller's iterator; after that as many as their size allows
READ_ITEMS = 2048
READ_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Item:
    held: Held
    deliveries: int
    reason: str
    data: bytes


class RedisStreamQueue:
    """A live queue in a Redis stream; safe to share by threads.

    Made through `RedisStreamQueueDescriptor`, which says what each option means.
    """

    def __init__(
        self,
        name: str,
        server: RedisServer,
        *,
        maxsize: int,
        lease_seconds: float,
        max_deliveries: int,
    ) -> None:
        self.name = name
        self._server = server
        self._keys = scripts.keys_of(name)
        self._dead = scripts.keys_of(f"{name}.dead")[0]
        self._max_deliveries = 0 if name.endswith(".dead") else max_deliveries
        self._lease_seconds = lease_seconds
        self._codec = MsgpackCodec()
        self._slice = min(SLICE_SECONDS, lease_seconds / 4)
        self._begin()
        self.maxsize: int = server.run(scripts.BOUND, self._keys, [maxsize])
        if maxsize not in (0, self.maxsize):
            raise QueueConflict(name, "maxsize", live=self.maxsize, wanted=maxsize)

    def _begin(self) -> None:
        """Start as a consumer and producer of one's own; a forked child does so again."""
        self._process = os.getpid()
        self._consumer = uuid.uuid4().hex
        self._producers = threading.local()
        self._next_look = 0.0
        self._renewer = Renewer(self._renew, self._lease_seconds / 3)

    # ---- putting ----

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        """Put an item; returns when Redis has stored it.

        Raises:
            queue.Full: There was no room in time.
            QueueUnavailable: No answer within the connection's time-out.
            CodecError: The item has no form in MessagePack.
        """
        stored = self._store([self._codec.encode(item)], _end(block, timeout))
        if not stored:
            raise queue.Full

    def put_many(self, items: Iterable[object], timeout: float | None = None) -> None:
        """Put items in order, thousands to a round trip; returns when all are stored.

        Raises:
            BatchFull: There was no room in time; `stored` says how many went in.
            CodecError: An item has no form in MessagePack; those before it are stored.
        """
        end = _end(True, timeout)
        encoded = map(self._codec.encode, items)
        stored = 0
        step = FIRST_ITEMS
        failure: Exception | None = None
        while failure is None:
            batch, failure = _read(encoded, step)
            if not batch:
                break
            went_in = self._store(batch, end)
            stored += went_in
            step = max(1, min(READ_ITEMS, READ_BYTES * len(batch) // sum(map(len, batch))))
            if went_in < len(batch):
                raise BatchFull(self.name, stored=stored)
        if failure is not None:
            raise failure

    def _store(self, items: list[bytes], end: float | None) -> int:
        producer, first = self._next_numbers(len(items))
        if not self.maxsize and _is_large(items):
            self._server.append(self._keys[0], producer, first, items)
            return len(items)
        done = 0
        while True:
            batches = list(_batches(producer, first, items, done))
            done += self._send(batches)
            if done >= len(items) or not self._wait_for_room(end):
                return done

    def _send(self, batches: list[list[object]]) -> int:
        if not self.maxsize:
            return sum(self._server.run_all(scripts.PUT, self._keys, batches))
        # Room may come up between two batches: the second must not pass the first's rest.
        sent = 0
        for batch in batches:
            stored: int = self._server.run(scripts.PUT, self._keys, batch)
            sent += stored
            if stored < len(batch) - 2:
                break
        return sent

    def _wait_for_room(self, end: float | None) -> bool:
        left = self._slice if end is None else min(self._slice, end - monotonic())
        if left <= 0:
            return False
        # BLPOP takes whole milliseconds and holds 0 for ever.
        self._server.wait("BLPOP", self._keys[5], max(0.001, round(left, 3)))
        return True

    def _next_numbers(self, count: int) -> tuple[str, int]:
        if self._process != os.getpid():
            self._begin()
        mine = self._producers
        if not hasattr(mine, "key"):
            mine.key = f"{self._keys[0]}:producer:{uuid.uuid4().hex}"
            mine.next = itertools.count()
        first = next(mine.next)
        mine.next = itertools.count(first + count)
        return mine.key, first

    # ---- taking ----

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Take the first item; it is acknowledged when this returns.

        Raises:
            queue.Empty: No item came in time.
        """
        return self._take(1, _end(block, timeout))[0]

    def get_many(self, max_items: int, timeout: float | None = None) -> list[object]:
        """Take up to `max_items`; wait only for the first.

        Raises:
            queue.Empty: No item came in time.
        """
        return self._take(max_items, _end(True, timeout))

    def lease(self, block: bool = True, timeout: float | None = None) -> Lease:
        """Borrow the first item; the lease is renewed until it is settled or this is closed.

        Raises:
            queue.Empty: No item came in time.
        """
        item = self._borrow(1, _end(block, timeout))[0]
        self._renewer.hold(item.held)
        value = self._codec.decode(item.data)
        return Lease(value, item.deliveries, item.reason, item.held, self)

    def ack(self, delivery: object) -> None:
        """Forget a lent item; what a lease calls.

        Raises:
            LeaseLost: It is no longer lent under this number.
        """
        assert isinstance(delivery, Held)
        self._renewer.drop(delivery)
        if not self._settle(scripts.ACK, [*delivery])[0]:
            raise LeaseLost(self.name, delivery=delivery)

    def nack(self, delivery: object, delay: float, reason: str) -> None:
        """Take a lent item back; what a lease calls.

        Raises:
            LeaseLost: It is no longer lent under this number.
        """
        assert isinstance(delivery, Held)
        self._renewer.drop(delivery)
        milliseconds = round(delay * 1000)
        tail = [milliseconds, reason, self._max_deliveries, self._dead]
        if not self._settle(scripts.NACK, [*delivery, *tail])[0]:
            raise LeaseLost(self.name, delivery=delivery)

    def _settle(self, script: str, arguments: list[object]) -> list[int]:
        """Run a script of leases; its answer says of each whether it was still ours."""
        try:
            answer: list[int] = self._server.run(script, self._keys, [self._consumer, *arguments])
        except QueueClosed:  # closing gave everything back
            return [0]
        return answer

    def _take(self, most: int, end: float | None) -> list[object]:
        while True:
            items = self._borrow(most, end)
            values = [self._codec.decode(item.data) for item in items]
            settled = self._settle(scripts.ACK, [part for item in items for part in item.held])
            ours = list(compress(values, settled))
            if ours:  # else this process was frozen for longer than a lease: others have them
                return ours

    def _borrow(self, most: int, end: float | None) -> list[_Item]:
        if self._process != os.getpid():
            self._begin()
        woken_by: list[bytes] = []
        while True:
            look = monotonic() >= self._next_look
            if look:
                self._next_look = monotonic() + self._lease_seconds / 4
            items, back_in = self._server.run(
                scripts.TAKE,
                self._keys,
                [
                    self._consumer,
                    most,
                    round(self._lease_seconds * 1000),
                    self._max_deliveries,
                    int(look),
                    self._dead,
                    *woken_by,
                ],
            )
            if items:
                return [_item(*item) for item in items]
            left = self._slice if end is None else min(self._slice, end - monotonic())
            if left <= 0:
                raise queue.Empty
            if back_in > 0:
                left = min(left, back_in / 1000)
            items, woken_by = self._wait_for_item(most, left)
            if items:
                return items

    def _wait_for_item(self, most: int, seconds: float) -> tuple[list[_Item], list[bytes]]:
        """Wait in Redis for what is new, or for word that something came back."""
        stream, wake = self._keys[0], self._keys[4]
        command = ["XREADGROUP", "GROUP", "sage", self._consumer, "COUNT", most, "BLOCK"]
        answer = self._server.wait(
            *command, max(1, round(seconds * 1000)), "STREAMS", stream, wake, ">", ">"
        )
        items: list[_Item] = []
        woken_by: list[bytes] = []
        for key, entries in answer or []:
            if key == wake.encode():
                woken_by += [entry for entry, _ in entries]
                continue
            for entry, told in entries:
                before, reason = int(told.get(b"n", 0)), told.get(b"r", b"")
                items.append(_item(entry, 1, before, reason, told[b"d"]))
        if items and woken_by:  # what woke us is for someone else now
            self._server.run(
                scripts.TAKE,
                self._keys,
                [self._consumer, 0, 0, self._max_deliveries, 0, self._dead, *woken_by],
            )
        return items, woken_by

    def _renew(self, held: list[Held]) -> None:
        arguments = [self._consumer, *(part for each in held for part in each)]
        self._server.run(scripts.RENEW, self._keys, arguments)

    # ---- looking ----

    def qsize(self) -> int:
        """Count the items that wait."""
        size: int = self._server.run(scripts.SIZE, self._keys, [])
        return size

    def empty(self) -> bool:
        """Tell whether no item waits."""
        return self.qsize() == 0

    def full(self) -> bool:
        """Tell whether a put would wait."""
        return 0 < self.maxsize <= self.qsize()

    # ---- the end ----

    def delete(self) -> None:
        """End the queue for everyone; callers that wait are woken."""
        self._renewer.stop()
        self._server.do("DEL", *self._keys)

    def close(self) -> None:
        """Give back what is lent and let go of the connection; callers that wait are woken."""
        try:
            if self._process == os.getpid():
                self._give_back(self._renewer.stop())
        finally:
            self._server.close()

    def _give_back(self, leases: list[Held]) -> None:
        tail = [0, "its consumer closed the queue", self._max_deliveries, self._dead]
        with suppress(QueueUnavailable):  # then they come back when the leases end
            for held in leases:
                self._settle(scripts.NACK, [*held, *tail])


def _read(encoded: Iterator[bytes], most: int) -> tuple[list[bytes], Exception | None]:
    """Return the next items, and the error that ends them: the caller's own, or the codec's."""
    batch: list[bytes] = []
    try:
        batch.extend(islice(encoded, most))  # keeps what came before an error
    except Exception as error:
        return batch, error
    return batch, None


def _batches(producer: str, first: int, items: list[bytes], start: int) -> Iterator[list[object]]:
    """Cut items into the arguments of one script each: at least one item, then as many as fit."""
    while start < len(items):
        end, size = start + 1, len(items[start])
        while end < min(len(items), start + BATCH_ITEMS) and size < BATCH_BYTES:
            size += len(items[end])
            end += 1
        yield [producer, first + start, *items[start:end]]
        start = end


def _is_large(items: list[bytes]) -> bool:
    return sum(map(len, items)) >= LARGE_BYTES * len(items)


def _item(entry: bytes, count: int, before: int, reason: bytes, data: bytes) -> _Item:
    return _Item(Held(entry.decode(), count), before + count, reason.decode(), data)


def _end(block: bool, timeout: float | None) -> float | None:
    if not block:
        return 0.0
    seconds = check_timeout(timeout)
    return None if seconds is None else monotonic() + seconds
