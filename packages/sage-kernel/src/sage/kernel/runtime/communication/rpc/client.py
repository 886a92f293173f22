"""The client: a queue on a server, used like `queue.Queue`."""

import atexit
import itertools
import queue
import threading
import uuid
import weakref
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.batches import PutStream
from sage.kernel.runtime.communication.rpc.channels import Address, ChannelPool
from sage.kernel.runtime.communication.rpc.codec import ItemCodec, PickleRefused
from sage.kernel.runtime.communication.rpc.connection import Connection, seconds_left
from sage.kernel.runtime.communication.rpc.forks import grpc_forks
from sage.kernel.runtime.communication.rpc.session import ConsumerSession
from sage.platform.queue import (
    DEFAULT_RPC_PORT,
    BatchFull,
    ItemTooLarge,
    Lease,
    LeaseLost,
    QueueClosed,
    QueueConflict,
    QueueError,
)
from sage.platform.queue.checks import check_timeout

__all__ = ["RPCQueue"]

R = TypeVar("R", bound=wire.Reply)

CODECS = ("msgpack", "pickle")


class RPCQueue:
    """A live queue on an RPC server; safe to share by threads.

    Made through `RPCQueueDescriptor`, which says what each option means. It connects at its first
    operation, and again after the connection broke.

    Args:
        pool: Where connections are shared; None opens one of its own.

    >>> from sage.kernel.runtime.communication.rpc import RPCQueueServer
    >>> with RPCQueueServer(port=0) as server:
    ...     jobs = RPCQueue(queue_id="jobs", port=server.port)
    ...     jobs.put_many(["a", "b", "c"])
    ...     print(jobs.get_many(2), jobs.qsize())
    ...     jobs.close()
    ['a', 'b'] 1
    """

    def __init__(
        self,
        *,
        queue_id: str,
        host: str = "localhost",
        port: int = DEFAULT_RPC_PORT,
        connection_timeout: float = 30.0,
        retry_count: int = 3,
        enable_pooling: bool = True,
        maxsize: int = 0,
        tls: bool | str = False,
        token: str | None = None,
        codec: str = "msgpack",
        pool: ChannelPool | None = None,
    ) -> None:
        _close_dropped()
        if codec not in CODECS:
            raise ValueError(f"codec must be one of {', '.join(CODECS)}, got {codec!r}")
        self.name = queue_id
        self._maxsize = maxsize
        self._address = Address(host, port, tls, token).with_token()
        self._pool = pool if enable_pooling and pool is not None else ChannelPool()
        self._timeout = connection_timeout
        self._retry_count = retry_count
        self._codec = ItemCodec(queue_id, pickle=codec == "pickle")
        self._lock = threading.Lock()
        self._session: ConsumerSession | None = None
        self._producers = threading.local()
        self._connection = Connection(
            self.name,
            self._address,
            self._pool,
            timeout=self._timeout,
            retry_count=self._retry_count,
            knock=wire.Size(self.name, self._maxsize),
        )
        grpc_forks.add(self)
        _say_goodbye_at_exit(self)

    # ---- putting ----

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        """Put an item; returns when the server has stored it.

        Raises:
            queue.Full: There was no room in time.
            ItemTooLarge: The server takes no item of that size.
            QueueUnavailable: No answer, and none after `retry_count` more tries.
            CodecError: The item has no form in the queue's codec.
        """
        data = self._codec.encode(item)
        wait = _wait(block, timeout)
        producer, number = self._next_number()
        request = wire.Put(self.name, self._maxsize, producer, number, data, 0.0)
        reply = self._connection.ask(request)
        if isinstance(reply, wire.Full) and wait:
            reply = self._connection.ask_and_wait(request, wait)
        if isinstance(reply, wire.Full):
            raise queue.Full
        self._expect(reply, wire.Done)

    def put_many(self, items: Iterable[object], timeout: float | None = None) -> None:
        """Put items in order, in batches of which several are under way; returns when all are
        stored.

        Raises:
            BatchFull: There was no room in time; `stored` says how many went in.
            QueueUnavailable: The connection broke, and tries again did not help.
        """
        producer, first = self._next_number()
        wait = _wait(True, timeout)
        stream = PutStream(self.name, self._maxsize, producer, first, items, self._codec, wait)
        connection = self._connection
        try:
            connection.attempt(lambda channel: stream.send(connection, channel, self._timeout))
        finally:
            self._producers.numbers = itertools.count(stream.next_number)
        if isinstance(stream.refusal, wire.Full):
            raise BatchFull(self.name, stored=stream.stored)
        if stream.refusal is not None:
            self._refuse(stream.refusal)

    # ---- taking ----

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Take the first item; it is acknowledged when this returns.

        Raises:
            queue.Empty: No item came in time.
            QueueUnavailable: No answer, and none after `retry_count` more tries.
        """
        return self._take(1, _wait(block, timeout))[0]

    def get_many(self, max_items: int, timeout: float | None = None) -> list[object]:
        """Take up to `max_items`; wait only for the first.

        Raises:
            queue.Empty: No item came in time.
        """
        return self._take(max_items, _wait(True, timeout))

    def lease(self, block: bool = True, timeout: float | None = None) -> Lease:
        """Borrow the first item until it is acknowledged or given back.

        Raises:
            queue.Empty: No item came in time.
        """
        session, lent = self._borrow(1, _wait(block, timeout))
        delivery, deliveries, reason, data = lent[0]
        settler = _Settler(self, session.name)
        return Lease(self._codec.decode(data), deliveries, reason, delivery, settler)

    def settle(self, request: wire.Ack | wire.Nack) -> None:
        """Acknowledge or give back; what a lease calls.

        Raises:
            LeaseLost: It is no longer lent.
        """
        try:
            reply = self._connection.ask(request)
        except QueueClosed as error:  # closing gave everything back
            raise LeaseLost(self.name, delivery=request.delivery) from error
        if isinstance(reply, wire.Refused) and reply.why in ("lost", "no-session"):
            raise LeaseLost(self.name, delivery=request.delivery)
        self._expect(reply, wire.Done)

    # ---- looking ----

    def qsize(self) -> int:
        """Count the items that wait on the server."""
        return self._count().size

    def empty(self) -> bool:
        """Tell whether no item waits."""
        return self._count().size == 0

    def full(self) -> bool:
        """Tell whether a put would wait."""
        return self._count().full

    def get_connection_status(self) -> dict[str, object]:
        """Tell how the connection stands; see RPCQueueDescriptor."""
        return self._connection.status()

    # ---- the connection ----

    def reconnect(self) -> None:
        """Drop the connection and make a new one now; what was leased goes back to the queue."""
        self._leave()
        self._connection.renew()

    def delete(self) -> None:
        """End the queue on the server for everyone; callers that wait are woken."""
        self._expect(self._connection.ask(wire.Delete(self.name)), wire.Done)

    def close(self) -> None:
        """Let go of the connection; callers that wait raise QueueClosed. Idempotent."""
        self._leave()
        self._connection.close()

    def become_child(self) -> None:
        """Let go of what is the parent's: a forked child must not even end it."""
        self._lock = threading.Lock()
        self._session = None
        self._connection.become_child()

    def __del__(self) -> None:
        connection = getattr(self, "_connection", None)  # missing where an option was refused
        if connection is not None and not connection.closed:
            _dropped.append((self._session, connection))

    def _leave(self) -> None:
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    # ---- inside ----

    def _next_number(self) -> tuple[str, int]:
        """Return this thread's producer name and its next number: a thread's puts are in order,
        so that the server need remember only the last (ADR-0005).
        """
        mine = self._producers
        if not hasattr(mine, "name"):
            mine.name = uuid.uuid4().hex
            mine.numbers = itertools.count()
        return mine.name, next(mine.numbers)

    def _take(self, most: int, wait: float) -> list[object]:
        session, lent = self._borrow(most, wait)
        values = [self._codec.decode(data) for _, _, _, data in lent]
        for delivery, *_ in lent:
            session.ack(delivery)
        return values

    def _borrow(
        self, most: int, wait: float
    ) -> tuple[ConsumerSession, list[tuple[int, int, str, bytes]]]:
        left = seconds_left(wait)
        while True:
            session = self._consumer()
            reply = self._lend(session, most, wait, left())
            if isinstance(reply, wire.Refused) and reply.why == "no-session":
                self._drop(session)
                continue
            lent = self._expect(reply, wire.Items).lent
            if not lent:
                raise queue.Empty
            return session, lent

    def _lend(self, session: ConsumerSession, most: int, wait: float, left: float) -> wire.Reply:
        request = wire.Get(session.name, most, 0.0)
        try:
            reply = self._connection.ask(request)
            if isinstance(reply, wire.Items) and not reply.lent and wait:
                reply = self._connection.ask_and_wait(request, left)
        except BaseException:
            self._drop(session)  # it may have been lent what we never saw: let that go back
            raise
        return reply

    def _consumer(self) -> ConsumerSession:
        session = self._session
        if session is not None and session.alive:
            return session
        hello = wire.Hello(self.name, self._maxsize)
        welcome = self._expect(self._connection.ask(hello), wire.Welcome)
        with self._lock:
            if self._session is None or not self._session.alive:
                self._session = ConsumerSession(self._connection.channel(), welcome)
            return self._session

    def _drop(self, session: ConsumerSession) -> None:
        with self._lock:
            if self._session is session:
                self._session = None
        session.close()

    def _count(self) -> wire.Count:
        return self._expect(self._connection.ask(wire.Size(self.name, self._maxsize)), wire.Count)

    def _expect(self, reply: wire.Reply, kind: type[R]) -> R:
        return reply if isinstance(reply, kind) else self._refuse(reply)

    def _refuse(self, reply: wire.Reply) -> NoReturn:
        if not isinstance(reply, wire.Refused):
            raise QueueError(f"queue {self.name!r}: the server answered {reply!r}")
        first, second = reply.numbers
        if reply.why == "too-large":
            raise ItemTooLarge(self.name, size=first, limit=second)
        if reply.why == "conflict":
            raise QueueConflict(self.name, "maxsize", live=first, wanted=second)
        if reply.why == "pickle":
            raise PickleRefused(self.name, "the server")
        if reply.why == "closed":
            raise QueueClosed(self.name)
        raise QueueError(f"queue {self.name!r}: the server refused: {reply.why}")


@dataclass(frozen=True, slots=True)
class _Settler:
    queue: RPCQueue
    session: str

    def ack(self, delivery: object) -> None:
        assert isinstance(delivery, int)
        self.queue.settle(wire.Ack(self.session, delivery))

    def nack(self, delivery: object, delay: float, reason: str) -> None:
        assert isinstance(delivery, int)
        self.queue.settle(wire.Nack(self.session, delivery, delay, reason))


def _wait(block: bool, timeout: float | None) -> float:
    if not block:
        return 0.0
    seconds = check_timeout(timeout)
    return wire.FOREVER if seconds is None else seconds


# What queues leave behind that were dropped, not closed. Module state, as what it mirrors is the
# collector's: it must neither wait nor take a lock, so that the next queue closes these.
_dropped: deque[tuple[ConsumerSession | None, Connection]] = deque()


def _close_dropped() -> None:
    if grpc_forks.inherited:
        _dropped.clear()  # it is the parent's
    with suppress(IndexError):
        while True:
            session, connection = _dropped.popleft()
            if session is not None:
                session.close()
            connection.close()


def _say_goodbye_at_exit(live: RPCQueue) -> None:
    """Close it when the interpreter ends, so that the last acknowledgements arrive."""
    reference = weakref.ref(live)

    def close() -> None:
        still_there = reference()
        if still_there is not None:
            still_there.close()

    atexit.register(close)
    weakref.finalize(live, atexit.unregister, close).atexit = False
