"""What a forked child does with stores that its parent opened: nothing, and it says so."""

import ctypes
import os
import weakref
from collections.abc import Callable
from functools import cache
from typing import NoReturn, Protocol

from sage.platform.storage.errors import StoreError

__all__ = ["Inherited", "Refusal", "Registry", "keep_for_ever", "registry"]


class Inherited(Protocol):
    """A store that must be told when it finds itself in a child."""

    def become_child(self) -> None:
        """Refuse all use from now on; called in the child, before any other code."""


class Refusal:
    """Stands where a database was that must not be used any more."""

    def __init__(self, error: Callable[[str], StoreError], name: str) -> None:
        self._error = error
        self._name = name

    def get(self, key: object) -> NoReturn:
        """Refuse."""
        raise self._error(self._name)

    def __getattr__(self, name: str) -> NoReturn:
        raise self._error(self._name)


def keep_for_ever(value: object) -> None:
    """Never free it: closing the parent's database here would wait for threads that are not."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


class Registry:
    """The stores of this process that are open, told apart from those of its parent.

    Attributes:
        stores: Those opened here and not closed.
        inherited: Whether a parent had opened one before this process was forked from it: then
            the threads that the library shares between all its databases are missing here.
    """

    def __init__(self) -> None:
        self.stores: weakref.WeakSet[Inherited] = weakref.WeakSet()
        self.inherited = False
        os.register_at_fork(after_in_child=self._after_fork)

    def _after_fork(self) -> None:
        self.inherited = True
        mine = list(self.stores)
        self.stores.clear()
        for store in mine:
            store.become_child()


@cache
def registry() -> Registry:
    """Return the one registry of this process, made when the first store is opened."""
    return Registry()
