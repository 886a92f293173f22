"""A queue between the processes of one family: a parent and the children that inherit it."""

import multiprocessing
import pickle
import queue
from multiprocessing.context import SpawnContext

from sage.platform.queue._batches import remaining
from sage.platform.queue.errors import QueueClosed

__all__ = ["ProcessQueue"]

# How long a get that may not wait gives an item that is counted but still in the pipe. It is
# there in microseconds unless its producer was killed halfway.
IN_FLIGHT_SECONDS = 1.0

END = b""  # no pickle is empty


class ProcessQueue:
    """What `queue.Queue` does, between processes; items are pickled when they are put.

    It pickles only while a child process is being started, as `multiprocessing.Queue` does.

    Args:
        name: For messages.
        maxsize: Items it holds; 0 for no bound.
    """

    def __init__(self, name: str, maxsize: int = 0) -> None:
        # Locks of a spawn context work in forked children too; the other way round they do not.
        context: SpawnContext = multiprocessing.get_context("spawn")
        self.name = name
        self.maxsize = maxsize
        self._pipe: multiprocessing.Queue[bytes] = context.Queue()
        self._room = context.Semaphore(maxsize) if maxsize else None
        self._ended = context.Event()

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        """Put an item; raise `queue.Full` where there is no room in time."""
        data = pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL)  # here: its error is ours
        if block and timeout is not None and timeout < 0:
            raise ValueError(f"timeout must be a number of seconds from 0 up, got {timeout}")
        self._refuse_when_ended()
        if self._room is not None and not self._room.acquire(block, timeout if block else None):
            raise queue.Full
        if self._ended.is_set() and self._room is not None:
            self._room.release()  # wakes the next one that waits, who raises too
        self._refuse_when_ended()
        self._pipe.put(data)

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Take the first item; raise `queue.Empty` where none comes in time."""
        if block and timeout is not None and timeout < 0:
            raise ValueError(f"timeout must be a number of seconds from 0 up, got {timeout}")
        self._refuse_when_ended()
        data = self._pipe.get(True, timeout) if block else self._get_now()
        if data == END:
            self._pipe.put(END)  # for the next one that waits
            raise QueueClosed(self.name)
        if self._room is not None:
            self._room.release()
        item: object = pickle.loads(data)
        return item

    def qsize(self) -> int:
        """Count the items that were put and not yet taken."""
        return 0 if self._ended.is_set() else self._pipe.qsize()

    def empty(self) -> bool:
        """Tell whether there is no item."""
        return self.qsize() == 0

    def full(self) -> bool:
        """Tell whether a put would wait."""
        return bool(self.maxsize) and self.qsize() >= self.maxsize

    @property
    def ended(self) -> bool:
        """Whether `delete` was called."""
        return self._ended.is_set()

    def delete(self) -> None:
        """End it in every process: wake everyone who waits; the items are lost."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._pipe.put(END)
        if self._room is not None:
            self._room.release()
        self._pipe.close()
        self._pipe.join_thread()

    def _get_now(self) -> bytes:
        left = remaining(IN_FLIGHT_SECONDS)
        while self._pipe.qsize() > 0 and left():
            try:
                return self._pipe.get(True, 0.01)
            except queue.Empty:
                continue
        raise queue.Empty

    def _refuse_when_ended(self) -> None:
        if self._ended.is_set():
            raise QueueClosed(self.name)
