"""The root of every error that SAGE raises on purpose, and the two that every layer needs.

A SAGE error is always two things: a `SageError`, for those who catch whatever SAGE raises, and
the nearest builtin, for those who do not know SAGE.

>>> try:
...     raise NotRegistered("queue type", "carrier_pigeon", ["python", "rpc_queue"])
... except LookupError as error:
...     print(error)
no queue type is registered as 'carrier_pigeon'; registered are: python, rpc_queue
"""

from collections.abc import Iterable
from importlib.metadata import EntryPoint

__all__ = ["AlreadyRegistered", "CannotLoad", "MissingExtra", "NotRegistered", "SageError"]


class SageError(Exception):
    """What SAGE raises on purpose; its text says what was given, what was expected, what to do.

    A subclass's constructor takes objects and writes the sentence. Errors cross processes whole:
    unpickling restores the sentence and the attributes without calling the constructor again.

    >>> import pickle
    >>> str(pickle.loads(pickle.dumps(MissingExtra("sage-platform", "redis", "redis"))))
    "redis is not installed; run: pip install 'sage-platform[redis]'"
    """

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.args, self.__dict__)


class NotRegistered(SageError, LookupError):
    """A name was asked for that nothing is registered under.

    Attributes:
        kind: What was looked for, such as `"queue type"`.
        name: The name that was asked for.

    >>> print(NotRegistered("colour", "mauve", [], hint="Import the package that has it"))
    no colour is registered as 'mauve'; registered are: none. Import the package that has it
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, hint: str = "") -> None:
        listed = ", ".join(sorted(known)) or "none"
        sentence = f"no {kind} is registered as {name!r}; registered are: {listed}"
        super().__init__(f"{sentence}. {hint}" if hint else sentence)
        self.kind = kind
        self.name = name


class AlreadyRegistered(SageError, ValueError):
    """A second, different thing was to be registered under a name that is taken.

    Attributes:
        kind: What was to be registered, such as `"queue type"`.
        name: The name that is taken.

    >>> print(AlreadyRegistered("queue type", "python", "the first", "the second"))
    queue type 'python' is already 'the first'; pass replace=True to put 'the second' in its place
    """

    def __init__(self, kind: str, name: str, present: object, given: object) -> None:
        super().__init__(
            f"{kind} {name!r} is already {present!r}; "
            f"pass replace=True to put {given!r} in its place"
        )
        self.kind = kind
        self.name = name


class MissingExtra(SageError, ImportError):
    """An optional part needs a library that is not installed.

    Args:
        distribution: The distribution that has the extra, such as `"sage-platform"`.
        extra: The extra to install.
        library: The library that could not be imported.

    >>> print(MissingExtra("sage-platform", "ray", "ray"))
    ray is not installed; run: pip install 'sage-platform[ray]'
    """

    def __init__(self, distribution: str, extra: str, library: str) -> None:
        super().__init__(f"{library} is not installed; run: pip install '{distribution}[{extra}]'")
        self.extra = extra


class CannotLoad(SageError, ImportError):
    """An installed package declares a thing by an entry point and does not provide it.

    Args:
        kind: What was asked for, such as `"queue type"`.
        point: The entry point that failed.
        cause: What it failed with.

    >>> from importlib.metadata import EntryPoint
    >>> point = EntryPoint("pigeon", "pigeons:Queue", "sage.queue_types")
    >>> what, why = str(CannotLoad("queue type", point, ImportError("no pigeons"))).split(", ", 1)
    >>> print(what)
    queue type 'pigeon' could not be loaded from pigeons:Queue
    """

    def __init__(self, kind: str, point: EntryPoint, cause: Exception) -> None:
        dist = point.dist
        who = "an unknown distribution" if dist is None else f"{dist.name} {dist.version}"
        super().__init__(
            f"{kind} {point.name!r} could not be loaded from {point.value}, which {who} declares "
            f"in {point.group}: {type(cause).__name__}: {cause}; "
            "repair, upgrade or uninstall that distribution"
        )


def _restore(
    kind: type[SageError], args: tuple[object, ...], state: dict[str, object]
) -> SageError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
