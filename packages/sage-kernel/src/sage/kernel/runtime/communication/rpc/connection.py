"""One queue's way to its server: calls, tried again where that is safe, and woken by close."""

import re
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

import grpc
import msgspec

from sage.common.forks import keep_for_ever
from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.channels import (
    Address,
    CannotTrust,
    Channel,
    ChannelPool,
)
from sage.kernel.runtime.communication.rpc.forks import grpc_forks
from sage.platform.queue import (
    ItemTooLarge,
    QueueClosed,
    QueueError,
    QueueForked,
    QueueUnavailable,
)

__all__ = ["Connection"]

R = TypeVar("R")

TOO_LARGE = re.compile(r"\((\d+) vs\. (\d+)\)")  # in gRPC's words: what it got, what it takes


class Connection:
    """Calls of one queue to one server; safe to share by threads.

    A broken connection is made again by the next call. A call that broke is made again up to
    `retry_count` times: each request may be repeated, since puts are numbered and what a get was
    lent goes back to the queue with its session.

    Args:
        name: The queue's name, for messages.
        address: The server.
        pool: Where the channel comes from.
        timeout: Seconds to wait for a connection, and for an answer beyond what a call may take.
        retry_count: How often a call that broke is made again.
        knock: A cheap request that tells whether the server answers.
    """

    def __init__(
        self,
        name: str,
        address: Address,
        pool: ChannelPool,
        *,
        timeout: float,
        retry_count: int,
        knock: wire.Request,
    ) -> None:
        self.name = name
        self.address = address
        self.last_error: str | None = None
        self._pool = pool
        self._timeout = timeout
        self._retry_count = retry_count
        self._knock = knock
        self._lock = threading.Lock()
        self._channel: Channel | None = None
        self._under_way: set[Any] = set()
        self._closed = False

    def ask(self, request: wire.Request) -> wire.Reply:
        """Ask what is answered at once; blocks for `timeout` seconds at most."""
        frame = wire.encode(request)

        def call(channel: Channel) -> bytes:
            data: bytes = channel.call(
                frame, timeout=self._timeout, metadata=channel.metadata, wait_for_ready=True
            )
            return data

        return wire.decode_reply(self.attempt(call))

    def ask_and_wait(self, request: wire.Put | wire.Get, wait: float) -> wire.Reply:
        """Ask what may take `wait` seconds, or for ever below 0; `close` wakes the caller."""
        left = seconds_left(wait)

        def call(channel: Channel) -> bytes:
            self.knock(channel)
            frame = wire.encode(msgspec.structs.replace(request, wait=left()))
            limit = None if wait < 0 else left() + self._timeout
            under_way = channel.call.future(frame, timeout=limit, metadata=channel.metadata)
            with self.tracked(under_way):
                data: bytes = under_way.result()
                return data

        return wire.decode_reply(self.attempt(call))

    def attempt(self, call: Callable[[Channel], R]) -> R:
        """Make a call, again while the connection breaks and tries are left.

        Raises:
            QueueClosed: The queue was closed meanwhile.
            QueueUnavailable: The server cannot be reached, does not answer, or refuses us.
            ItemTooLarge: No frame takes what was put.
        """
        for tries_left in range(self._retry_count, -1, -1):
            channel = self.channel()
            try:
                answer = call(channel)
            except grpc.FutureCancelledError as error:
                raise QueueClosed(self.name) from error
            except ValueError as error:  # what gRPC says of a channel that was closed meanwhile
                if channel.closed:
                    raise QueueClosed(self.name) from error
                raise
            except grpc.RpcError as error:
                self._note(channel, error)
                if tries_left == 0 or error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise self._unavailable(error) from error
            else:
                channel.state = "ready"
                return answer
        raise AssertionError("the last try either returns or raises")

    def knock(self, channel: Channel) -> None:
        """Wait for the connection, `timeout` seconds at most, unless it was there just now."""
        if channel.state != "ready":
            frame = wire.encode(self._knock)
            channel.call(
                frame, timeout=self._timeout, metadata=channel.metadata, wait_for_ready=True
            )

    def tracked(self, under_way: Any) -> "_Tracked":
        """Return a block within which `close` cancels a call."""
        return _Tracked(self, under_way)

    def channel(self) -> Channel:
        """Return the channel, taken from the pool at first need.

        Raises:
            QueueClosed: This connection was closed.
            QueueForked: This process was forked from one that used gRPC.
            QueueUnavailable: The authorities to trust cannot be read.
        """
        channel = self._channel
        if channel is not None and not self._closed:
            return channel
        with self._lock:
            if self._closed:
                raise QueueClosed(self.name)
            if grpc_forks.inherited:
                raise QueueForked(self.name)
            if self._channel is None:
                try:
                    self._channel = self._pool.take(self.address)
                except CannotTrust as error:
                    why = str(error)
                    raise QueueUnavailable(self.name, str(self.address), why) from error
            return self._channel

    def renew(self) -> None:
        """Drop the channel and wait for a new one."""
        with self._lock:
            channel, self._channel = self._channel, None
        if channel is not None:
            self._pool.retire(channel)
            self._pool.give_back(channel)
        self.ask(self._knock)

    def close(self) -> None:
        """Cancel what is under way and let go of the channel. Idempotent."""
        with self._lock:
            self._closed = True
            channel, self._channel = self._channel, None
            under_way = list(self._under_way)
        for call in under_way:
            call.cancel()
        if channel is not None:
            self._pool.give_back(channel)

    def become_child(self) -> None:
        """Let go of what is the parent's, without ending it."""
        keep_for_ever(self._under_way)
        self._lock = threading.Lock()
        self._channel = None
        self._under_way = set()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def status(self) -> dict[str, object]:
        """Tell how the connection stands; see RPCQueueDescriptor.get_connection_status."""
        channel = self._channel
        state = "closed" if self._closed else "idle" if channel is None else channel.state
        return {
            "connected": state == "ready",
            "address": str(self.address),
            "state": state,
            "shared_by": 0 if channel is None else channel.users,
            "last_error": self.last_error,
        }

    def _note(self, channel: Channel, error: grpc.RpcError) -> None:
        if self._closed:
            raise QueueClosed(self.name) from error
        if error.code() is not grpc.StatusCode.UNAUTHENTICATED:
            channel.state = "broken"
        self.last_error = self._why(error)

    def _unavailable(self, error: grpc.RpcError) -> QueueError:
        if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:  # no frame takes what was put
            said = TOO_LARGE.search(error.details() or "")
            if said is not None:
                limit = wire.item_limit(int(said[2]))
                return ItemTooLarge(self.name, size=int(said[1]), limit=limit)
        return QueueUnavailable(self.name, str(self.address), self._why(error))

    def _why(self, error: grpc.RpcError) -> str:
        code, details = error.code(), error.details()
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return (
                f"no answer within {self._timeout:g} s ({details}); "
                "is a server there, and do both use TLS or neither?"
            )
        if code is grpc.StatusCode.UNAVAILABLE:
            return f"the connection broke ({details})"
        return f"{details}"


class _Tracked:
    def __init__(self, connection: Connection, under_way: Any) -> None:
        self._connection = connection
        self._under_way = under_way

    def __enter__(self) -> None:
        with self._connection._lock:
            self._connection._under_way.add(self._under_way)
            closed = self._connection._closed
        if closed:
            self._under_way.cancel()

    def __exit__(self, *_: object) -> None:
        with self._connection._lock:
            self._connection._under_way.discard(self._under_way)


def seconds_left(wait: float) -> Callable[[], float]:
    """Return a function that tells what is left of `wait` seconds; FOREVER stays so."""
    if wait < 0:
        return lambda: wire.FOREVER
    end = monotonic() + wait
    return lambda: max(0.0, end - monotonic())
