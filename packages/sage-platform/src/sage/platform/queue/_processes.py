"""A queue between the processes of one family: a parent and the children that inherit it."""

import multiprocessing
import multiprocessing.connection  # teaches the pickler how a pipe goes to a child: before it runs
import pickle
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext

from sage.platform.queue._batches import remaining
from sage.platform.queue.checks import check_timeout
from sage.platform.queue.errors import QueueClosed

__all__ = ["ProcessQueue"]

# A reader that finds another one reading waits so long for it, then looks again.
READING_SECONDS = 0.05

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
        self._forget_users()

    def _forget_users(self) -> None:
        self._users = 0  # calls of this process that use the pipe: the last one closes it
        self._counting = threading.Lock()

    def become_child(self) -> None:
        """Start anew in a forked child: what its parent has not sent yet is its parent's."""
        self._forget_users()
        self._pipe._after_fork()  # type: ignore[attr-defined]  # by itself only in a Process

    def __getstate__(self) -> dict[str, object]:
        own = ("_users", "_counting")
        return {name: value for name, value in self.__dict__.items() if name not in own}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._forget_users()

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        """Put an item; raise `queue.Full` where there is no room in time."""
        data = pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL)  # here: its error is ours
        seconds = check_timeout(timeout) if block else None
        with self._using():
            if self._room is not None and not self._room.acquire(block, seconds):
                raise queue.Full
            if self._ended.is_set() and self._room is not None:
                self._room.release()  # wakes the next one that waits, who raises too
            self._refuse_when_ended()
            self._pipe.put(data)

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Take the first item; raise `queue.Empty` where none comes in time."""
        with self._using():
            data = self._get_in(timeout) if block else self._get_now()
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
        with self._using():
            self._ended.set()
            self._pipe.put(END)
            if self._room is not None:
                self._room.release()

    def _get_in(self, timeout: float | None) -> bytes:
        # Wait for bytes without the readers' lock: multiprocessing waits with it, and a consumer
        # that is killed while it waits would take it along.
        left = remaining(timeout)
        arrived: Connection = self._pipe._reader  # type: ignore[attr-defined]
        while True:
            if not multiprocessing.connection.wait([arrived], left()):
                raise queue.Empty
            try:
                return self._pipe.get(True, READING_SECONDS)
            except queue.Empty:  # someone else has it, or is at it
                continue

    def _get_now(self) -> bytes:
        left = remaining(IN_FLIGHT_SECONDS)
        while self._pipe.qsize() > 0 and left():
            try:
                return self._pipe.get(True, 0.01)
            except queue.Empty:
                continue
        raise queue.Empty

    @contextmanager
    def _using(self) -> Iterator[None]:
        self._refuse_when_ended()
        with self._counting:
            self._users += 1
        try:
            yield
        finally:
            with self._counting:
                self._users -= 1
                last = self._ended.is_set() and not self._users
            if last:
                self._pipe.close()
                self._pipe.join_thread()

    def _refuse_when_ended(self) -> None:
        if self._ended.is_set():
            raise QueueClosed(self.name)
