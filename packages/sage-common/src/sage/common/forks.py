"""What a forked child must not touch: what a library of its parent holds by threads.

A fork copies the memory of a process and one of its threads. A library with threads of its own,
such as gRPC or RocksDB, finds its locks and queues in the child and nobody who serves them: a
call hangs, crashes, or reports a write that never happens.
"""

import ctypes
import os
import threading
import weakref
from types import TracebackType
from typing import Protocol

__all__ = ["ForkedLock", "Forks", "Inherited", "keep_for_ever"]


class Inherited(Protocol):
    """What must be told when it finds itself in a forked child.

    >>> class Counter:
    ...     def become_child(self) -> None:
    ...         self.count = 0
    >>> counter: Inherited = Counter()
    """

    def become_child(self) -> None:
        """Let go of what is the parent's; called in the child, before any other code."""


class Forks:
    """What one library holds open in this process, told apart from what it held in the parent.

    There is one for each library whose threads do not survive a fork, made when its module is
    imported: the threads are the whole process's too.

    Attributes:
        used: Whether something was opened in this process, or in one that it was forked from.
        inherited: Whether the library was in use in the parent when this process was forked from
            it, be it closed by then: its threads are missing here.

    >>> forks = Forks()
    >>> forks.inherited
    False
    """

    def __init__(self) -> None:
        self.inherited = False
        self.used = False
        self._open: weakref.WeakSet[Inherited] = weakref.WeakSet()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def add(self, opened: Inherited) -> None:
        """Tell this one when it finds itself in a forked child; it is held weakly."""
        self.used = True
        self._open.add(opened)

    def discard(self, closed: Inherited) -> None:
        """Tell this one no more."""
        self._open.discard(closed)

    def _after_fork(self) -> None:
        self.inherited = self.used
        mine = list(self._open)
        self._open.clear()
        for each in mine:
            each.become_child()


def keep_for_ever(value: object) -> None:
    """Never free a value: what its end would do in a child waits for threads that are not there.

    >>> keep_for_ever(object())
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


class ForkedLock:
    """A lock that a forked child finds free, though a thread of its parent held it at the fork.

    For what such a thread cannot have left half done in the child, or that is done again there.

    >>> lock = ForkedLock()
    >>> with lock:
    ...     print("one at a time")
    one at a time
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def become_child(self) -> None:
        """Be free."""
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        _locks.add(self)
        self._lock.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()


_locks = Forks()  # module state, since what it mirrors is the process's own
