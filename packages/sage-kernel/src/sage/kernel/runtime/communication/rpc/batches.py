"""Many items in one stream of batches, several under way; taken up again where it broke."""

import queue
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.channels import Channel
from sage.kernel.runtime.communication.rpc.codec import ItemCodec
from sage.kernel.runtime.communication.rpc.connection import Connection, seconds_left

__all__ = ["PutStream"]

FIRST_ITEMS = 16  # in the first batch; after that as many as their size allows
BATCH_ITEMS = 1024
BATCH_BYTES = 1024 * 1024
WINDOW = 8  # batches under way: the next ones are read from the caller only as these are stored


class PutStream:
    """One `put_many`: how far it is, so that another stream can go on after a break.

    Args:
        queue: The queue's name.
        maxsize: As the descriptor has it.
        producer: Whose numbers the items get.
        first: The first item's number.
        items: What to put; an error it raises is raised by `send`, after those before are stored.
        codec: Gives their bytes.
        wait: Seconds for all items together; below 0 for ever.

    Attributes:
        stored: How many items the server has confirmed.
        next_number: The number after the last item that was sent.
        refusal: Why the server stopped, or None.
    """

    def __init__(
        self,
        queue: str,
        maxsize: int,
        producer: str,
        first: int,
        items: Iterable[object],
        codec: ItemCodec,
        wait: float,
    ) -> None:
        self.stored = 0
        self.next_number = first
        self.refusal: wire.Reply | None = None
        self._head = (queue, maxsize, producer)
        self._items = iter(items)
        self._codec = codec
        self._spare: list[bytes] = []  # read, and too much for the batch before
        self._step = FIRST_ITEMS
        self._failure: Exception | None = None
        self._window: deque[tuple[int, bytes]] = deque()  # items, and the frame that holds them
        self._left = seconds_left(wait)

    def send(self, connection: Connection, channel: Channel, grace: float) -> None:
        """Send until all items are stored or one is refused.

        Raises:
            grpc.RpcError: The stream broke; call it again to go on.
        """
        connection.knock(channel)
        left = self._left()
        outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        replies = channel.put_many(
            iter(outbox.get, None),
            timeout=None if left < 0 else left + grace,
            metadata=channel.metadata,
        )
        with connection.tracked(replies):
            try:
                outbox.put(wire.encode(wire.PutMany(*self._head, left)))
                for _, frame in self._window:  # sent before the stream broke, and not confirmed
                    outbox.put(frame)
                self._exchange(outbox, replies)
            finally:
                outbox.put(None)
                replies.cancel()
        if self._failure is not None and self.refusal is None:
            raise self._failure

    def _exchange(
        self, outbox: "queue.SimpleQueue[bytes | None]", replies: Iterator[bytes]
    ) -> None:
        while self.refusal is None:
            while len(self._window) < WINDOW and (frame := self._next_frame()) is not None:
                outbox.put(frame)
            if not self._window:
                return
            self._take(wire.decode_reply(next(replies)))

    def _take(self, reply: wire.Reply) -> None:
        count, _ = self._window.popleft()
        if isinstance(reply, wire.Done):
            self.stored += count
            return
        self.refusal = reply
        if isinstance(reply, wire.Full):
            self.stored += reply.stored

    def _next_frame(self) -> bytes | None:
        """Take the next items into the window; return their batch, encoded."""
        items = self._spare or self._read()
        if not items:
            return None
        self._spare = []
        frame = wire.encode(wire.Batch(self.next_number, items))
        while len(frame) > 2 * BATCH_BYTES and len(items) > 1:  # larger ones came than before
            half = len(items) // 2
            items, self._spare = items[:half], items[half:] + self._spare
            frame = wire.encode(wire.Batch(self.next_number, items))
        self._step = max(1, min(BATCH_ITEMS, BATCH_BYTES * len(items) // len(frame)))
        self.next_number += len(items)
        self._window.append((len(items), frame))
        return frame

    def _read(self) -> list[bytes]:
        if self._failure is not None:
            return []
        given: list[object] = []
        try:
            given.extend(islice(self._items, self._step))
        except Exception as error:  # the caller's own: raised when what came before is stored
            self._failure = error
        encoded, failure = self._codec.encode_many(given)
        self._failure = failure or self._failure
        return encoded
