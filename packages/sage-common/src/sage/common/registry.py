"""One place where upper layers and third parties put what a lower layer calls by name.

>>> greetings: Registry[str] = Registry("greeting")
>>> _ = greetings.register("en", "hello")
>>> greetings.get("en")
'hello'
>>> with greetings.register("en", "good day", replace=True):
...     greetings.get("en")
'good day'
>>> greetings.get("en")
'hello'
"""

import threading
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from types import TracebackType
from typing import Generic, TypeVar

from sage.common.errors import AlreadyRegistered, CannotLoad, MissingExtra, NotRegistered

__all__ = ["Registration", "Registry"]

T = TypeVar("T")


class Registration:
    """What `register` returns: undo it by hand, or use it as a `with` block (tests do).

    Undoing puts back what was there before. Undoing twice, or after someone else has replaced
    the entry, changes nothing.

    >>> colours: Registry[str] = Registry("colour")
    >>> with colours.register("red", "rouge"):
    ...     print("red" in colours)
    True
    >>> "red" in colours
    False
    """

    def __init__(self, undo: Callable[[], None]) -> None:
        self._undo = undo

    def undo(self) -> None:
        """Put back what was registered before; does nothing when that is already so."""
        self._undo()

    def __enter__(self) -> "Registration":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.undo()


class Registry(Generic[T]):
    """Things by name, registered by code or found through entry points; safe for threads.

    Args:
        kind: What is registered, in a word or two, for messages: `"queue type"`.
        entry_point_group: Group of entry points that third parties may declare; None for none.
            An entry point is read when its name is first asked for, never before.
        check: Called with each thing before it enters; raises TypeError when it does not fit.
        hint: A sentence appended to the error for an unknown name, from that name.
        error: What is raised for an unknown name.

    >>> Registry("planet").get("vulcan")
    Traceback (most recent call last):
    sage.common.errors.NotRegistered: no planet is registered as 'vulcan'; registered are: none
    """

    def __init__(
        self,
        kind: str,
        *,
        entry_point_group: str | None = None,
        check: Callable[[T], None] | None = None,
        hint: Callable[[str], str] | None = None,
        error: type[NotRegistered] = NotRegistered,
    ) -> None:
        self._kind = kind
        self._group = entry_point_group
        self._check = check
        self._hint = hint
        self._error = error
        self._things: dict[str, T] = {}
        self._lock = threading.RLock()

    def register(self, name: str, thing: T, *, replace: bool = False) -> Registration:
        """Register a thing under a name and return how to undo it.

        Registering the same thing again is no error: modules may be imported twice.

        Args:
            name: What it will be asked for by; not empty.
            thing: What `get` will return.
            replace: Put it in the place of a different thing of that name.

        Raises:
            AlreadyRegistered: A different thing has the name and `replace` is False.
            TypeError: The thing is None or does not fit this registry.
            ValueError: The name is empty.
        """
        if not name:
            raise ValueError(f"a {self._kind} needs a name, got an empty one")
        if thing is None:
            raise TypeError(f"{self._kind} {name!r} needs a thing to register, got None")
        if self._check is not None:
            self._check(thing)
        with self._lock:
            before = self._things.get(name)
            if before is not None and not replace and not _same(before, thing):
                raise AlreadyRegistered(self._kind, name, before, thing)
            self._things[name] = thing
        return Registration(lambda: self._undo(name, thing, before))

    def unregister(self, name: str) -> T:
        """Remove what is registered under a name and return it.

        Raises:
            NotRegistered: Nothing is.
        """
        with self._lock:
            if name not in self._things:
                raise self._unknown(name)
            return self._things.pop(name)

    def get(self, name: str) -> T:
        """Return what is registered under a name, reading its entry point at first need.

        Raises:
            NotRegistered: Nothing is, and no entry point declares it.
            CannotLoad: An entry point declares it, and fails or gives what does not fit.
            MissingExtra: What it declares needs a library that is not installed.
        """
        thing = self._things.get(name)
        return self._load(name) if thing is None else thing

    def __contains__(self, name: object) -> bool:
        """Tell whether `get` would find the name; loads nothing."""
        return name in self._things or name in self._declared()

    def __iter__(self) -> Iterator[str]:
        """Iterate over all names, registered and declared, sorted; loads nothing."""
        return iter(sorted({*self._things, *self._declared()}))

    def _load(self, name: str) -> T:
        declared = self._declared().get(name)
        if declared is None:
            raise self._unknown(name)
        try:
            thing: T = declared.load()
            with self._lock:
                if name not in self._things:  # loading may itself have registered it
                    self.register(name, thing)
                return self._things[name]
        except MissingExtra:
            raise
        except Exception as error:
            raise CannotLoad(self._kind, declared, error) from error

    def _declared(self) -> dict[str, EntryPoint]:
        if self._group is None:
            return {}
        return {point.name: point for point in entry_points(group=self._group)}

    def _unknown(self, name: str) -> NotRegistered:
        hint = self._hint(name) if self._hint is not None else ""
        return self._error(self._kind, name, self, hint=hint)

    def _undo(self, name: str, thing: T, before: T | None) -> None:
        with self._lock:
            if self._things.get(name) is not thing:
                return
            if before is None:
                del self._things[name]
            else:
                self._things[name] = before


def _same(one: object, other: object) -> bool:
    """Tell whether two things are one, or one function or class loaded twice (a reload)."""
    if one is other:
        return True
    names = [
        (getattr(thing, "__module__", None), getattr(thing, "__qualname__", "<"))
        for thing in (one, other)
    ]
    return names[0] == names[1] and "<" not in names[0][1]
