"""A consumer's life on the server: as long as its stream beats, its leases hold."""

import queue
import threading
from collections.abc import Iterator

from sage.common.forks import keep_for_ever
from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.channels import Channel
from sage.kernel.runtime.communication.rpc.forks import grpc_forks

__all__ = ["ConsumerSession"]

GOODBYE_SECONDS = 2.0  # how long a close waits for the server to take the last acknowledgements


class ConsumerSession:
    """Beats from gRPC's own thread; acknowledgements that nobody waits for go the same way.

    Args:
        channel: The connection.
        welcome: What the server answered to Hello.
    """

    def __init__(self, channel: Channel, welcome: wire.Welcome) -> None:
        grpc_forks.add(self)
        self.name = welcome.session
        self._beat_seconds = welcome.lease_seconds / 3
        self._outbox: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._call = channel.session(self._frames(), metadata=channel.metadata, wait_for_ready=True)
        if not self._call.add_callback(self._ended.set):
            self._ended.set()

    @property
    def alive(self) -> bool:
        """Whether the server still keeps it, as far as we know."""
        return not self._ended.is_set()

    def ack(self, delivery: int) -> None:
        """Acknowledge soon, without waiting for an answer."""
        self._outbox.put(delivery)

    def close(self) -> None:
        """Send what is left to acknowledge and end; what is lent goes back to the queue."""
        self._outbox.put(None)
        self._ended.wait(GOODBYE_SECONDS)
        self._call.cancel()

    def become_child(self) -> None:
        """Never end: in a forked child that would wait for gRPC's threads."""
        keep_for_ever(self)

    def _frames(self) -> Iterator[bytes]:
        beat = wire.encode(wire.Beat(self.name))
        yield beat
        while True:
            try:
                first = self._outbox.get(timeout=self._beat_seconds)
            except queue.Empty:
                yield beat
                continue
            deliveries, last = self._collect(first)
            if deliveries:
                yield wire.encode(wire.Acks(deliveries))
            if last:
                return

    def _collect(self, first: int | None) -> tuple[list[int], bool]:
        """Take all that waits to be acknowledged; True when the session ends after it."""
        deliveries: list[int] = []
        delivery = first
        while delivery is not None:
            deliveries.append(delivery)
            try:
                delivery = self._outbox.get_nowait()
            except queue.Empty:
                return deliveries, False
        return deliveries, True
