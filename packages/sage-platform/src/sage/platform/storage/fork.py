"""What a forked child does with stores that its parent opened: nothing, and it says so."""

import ctypes
import os
import weakref
from functools import cache
from typing import NoReturn, Protocol

from sage.platform.storage.errors import StoreForked

__all__ = ["Forked", "Inherited", "keep_for_ever", "open_here"]


class Inherited(Protocol):
    """A store that must be told when it finds itself in a child."""

    def become_child(self) -> None:
        """Refuse all use from now on; called in the child, before any other code."""


class Forked:
    """Stands in a child where the database was, and refuses every use of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, key: object) -> NoReturn:
        """Refuse."""
        raise StoreForked(self._name)

    def __getattr__(self, name: str) -> NoReturn:
        raise StoreForked(self._name)


def keep_for_ever(value: object) -> None:
    """Never free it: closing the parent's database here would wait for threads that are not."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


@cache
def open_here() -> "weakref.WeakSet[Inherited]":
    """The stores of this process that are open, told apart from the parent's after a fork."""
    stores: weakref.WeakSet[Inherited] = weakref.WeakSet()

    def after_fork() -> None:
        inherited = list(stores)
        stores.clear()
        for store in inherited:
            store.become_child()

    os.register_at_fork(after_in_child=after_fork)
    return stores
