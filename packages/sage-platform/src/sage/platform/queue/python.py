"""Queues of the standard library: between threads, or between a process and its children."""

import multiprocessing
import os
import threading
from contextlib import suppress
from multiprocessing.context import get_spawning_popen
from weakref import WeakValueDictionary

from sage.platform.queue._processes import ProcessQueue
from sage.platform.queue._threads import ThreadQueue
from sage.platform.queue.checks import check_count, check_flag
from sage.platform.queue.descriptor import BaseQueueDescriptor
from sage.platform.queue.errors import QueueConflict, QueueError, QueueNotInherited
from sage.platform.queue.registry import Queue

__all__ = ["PythonQueueDescriptor", "PythonQueues"]


class PythonQueueDescriptor(BaseQueueDescriptor):
    """A queue in memory: between the threads of one process, or between processes.

    The live queue is reached by name within the process. With `use_multiprocessing`, child
    processes reach it too, by any start method: the descriptor was among the child's arguments,
    or was there when the child was forked. The live queue stays until `delete()`.

    Args:
        maxsize: Items it holds; 0 for no bound, or for that of the live queue.
        use_multiprocessing: Share it with child processes; items are then pickled.
        queue_id: The queue's name; None makes one up.
        reaches: The name of the live queue, where it is not `queue_id`.

    Raises:
        ValueError: An argument is out of its range.

    >>> import queue
    >>> letters = PythonQueueDescriptor(maxsize=1, queue_id="letters")
    >>> letters.put("a")
    >>> try:
    ...     letters.put("b", timeout=0.01)
    ... except queue.Full:
    ...     print("no room after 10 ms")
    no room after 10 ms
    >>> PythonQueueDescriptor(queue_id="letters").get()
    'a'
    >>> letters.delete()
    """

    queue_type = "python"
    options = ("maxsize", "use_multiprocessing")

    def __init__(
        self,
        maxsize: int = 0,
        use_multiprocessing: bool = False,
        queue_id: str | None = None,
        *,
        reaches: str | None = None,
    ) -> None:
        self.maxsize = check_count("maxsize", maxsize)
        self.use_multiprocessing = check_flag("use_multiprocessing", use_multiprocessing)
        self._made_up_in = os.getpid() if queue_id is None else None
        super().__init__(queue_id, reaches=reaches)
        if self.use_multiprocessing:
            live_python_queues.open_before_fork(self)

    def open_queue(self) -> Queue:
        """Open and return the live queue of this name.

        Raises:
            QueueConflict: It is live with another `maxsize`, or between other parties.
            QueueNotInherited: This child process was not given that process queue.
        """
        live_python_queues.opened(self)
        inherit = self.use_multiprocessing and self._made_up_in != os.getpid()
        if inherit and multiprocessing.parent_process() is not None:
            self._refuse_unless_inherited()
        return super().open_queue()

    def delete(self) -> None:
        """End the live queue for everyone, with all that is in it; blocked callers are woken."""
        super().delete()
        live_python_queues.forget_ended(self.name)

    def __reduce__(self) -> tuple[object, ...]:
        # A child is being started: its queue goes with it, as multiprocessing's own queues do.
        if self.use_multiprocessing and get_spawning_popen() is not None:
            return _inherit, (self.to_dict(), self.queue_instance)
        return super().__reduce__()

    def _refuse_unless_inherited(self) -> None:
        if not live_python_queues.holds(self.name):
            raise QueueNotInherited(self.name)


class PythonQueues:
    """The live Python queues of this process, by name: what the registry calls to open one."""

    def __init__(self) -> None:
        self._live: dict[str, ThreadQueue | ProcessQueue] = {}
        # By identity: of two equal ones, one may go and the other stay.
        self._unopened: WeakValueDictionary[int, PythonQueueDescriptor] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._watches_forks = False

    def __call__(self, queue_id: str, maxsize: int, use_multiprocessing: bool) -> Queue:
        """Return the live queue of that name, made now if there was none."""
        kind = ProcessQueue if use_multiprocessing else ThreadQueue
        with self._lock:
            self._watch_forks()
            live = self._live.get(queue_id)
            if live is None or live.ended:
                live = self._live[queue_id] = kind(queue_id, maxsize)
        if not isinstance(live, kind):
            was = isinstance(live, ProcessQueue)
            raise QueueConflict(
                queue_id, "use_multiprocessing", live=was, wanted=use_multiprocessing
            )
        if maxsize not in (0, live.maxsize):
            raise QueueConflict(queue_id, "maxsize", live=live.maxsize, wanted=maxsize)
        return live

    def adopt(self, live: ProcessQueue) -> None:
        """Enter a queue that a parent process handed down."""
        with self._lock:
            self._live.setdefault(live.name, live)

    def holds(self, name: str) -> bool:
        """Tell whether a queue of that name is live here."""
        return name in self._live

    def forget_ended(self, name: str) -> None:
        """Let go of the queue of that name, unless a new one has come in the place of the ended."""
        with self._lock:
            live = self._live.get(name)
            if live is not None and live.ended:
                del self._live[name]
            for descriptor in list(self._unopened.values()):
                if descriptor.name == name:  # a fork need not bring it back
                    self._unopened.pop(id(descriptor), None)

    def open_before_fork(self, descriptor: PythonQueueDescriptor) -> None:
        """Open the queue of this descriptor by the next fork at the latest: the child has it too.

        A fork pickles no arguments, so that nothing else tells what a child was given.
        """
        with self._lock:
            self._watch_forks()
            self._unopened[id(descriptor)] = descriptor

    def opened(self, descriptor: PythonQueueDescriptor) -> None:
        """Leave what becomes of this descriptor's queue to its user from now on."""
        self._unopened.pop(id(descriptor), None)

    def _watch_forks(self) -> None:
        if not self._watches_forks and hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._before_fork, after_in_child=self._after_fork)
            self._watches_forks = True

    def _before_fork(self) -> None:
        for descriptor in list(self._unopened.values()):
            if self._unopened.pop(id(descriptor), None) is not None:  # else it was deleted just now
                with suppress(QueueError):  # it is for whoever uses it to see
                    descriptor.qsize()

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        for live in self._live.values():
            live.become_child()


live_python_queues = PythonQueues()


def _inherit(data: dict[str, object], live: ProcessQueue) -> PythonQueueDescriptor:
    live_python_queues.adopt(live)
    return PythonQueueDescriptor.from_dict(data)
