"""What can go wrong with a store, one class for each thing a caller can do about it."""

from sage.common.errors import SageError

__all__ = [
    "InvalidKey",
    "StoreClosed",
    "StoreCorrupted",
    "StoreError",
    "StoreForked",
    "StoreLocked",
    "StoreTimeout",
    "StoreUnavailable",
    "UnknownStore",
]

_DOUBT = "; it is not known whether it was written: read before you write again"


class StoreError(SageError):
    """The root of every error that a store raises on its own account."""


class InvalidKey(StoreError, ValueError):
    """The key or namespace has no form that every backend can hold."""

    def __init__(self, what: str, given: object, expected: str) -> None:
        super().__init__(f"{what} {given!r} cannot be used: expected {expected}")


class StoreClosed(StoreError, ValueError):
    """The store was closed before this call; open it again."""

    def __init__(self, store: str) -> None:
        super().__init__(f"{store} is closed; open it again with open_store()")


class StoreUnavailable(StoreError, ConnectionError):
    """The backend did not do it: no connection, no room, or it refused.

    Attributes:
        in_doubt: Whether a write may have happened all the same; False: nothing was changed.
    """

    def __init__(self, store: str, verb: str, why: object, *, in_doubt: bool = False) -> None:
        super().__init__(f"{store} could not {verb}: {why}{_DOUBT * in_doubt}")
        self.in_doubt = in_doubt


class StoreTimeout(StoreError, TimeoutError):
    """The backend did not answer in time.

    Attributes:
        in_doubt: Whether a write may have happened all the same; False: nothing was changed.
    """

    def __init__(self, store: str, verb: str, why: object, *, in_doubt: bool = False) -> None:
        super().__init__(f"{store} did not {verb} in time: {why}{_DOUBT * in_doubt}")
        self.in_doubt = in_doubt


class StoreCorrupted(StoreError, ValueError):
    """What is stored is not what was written; nothing was thrown away."""

    def __init__(self, store: str, why: object) -> None:
        super().__init__(f"{store} is damaged or was not written by this library: {why}")


class StoreLocked(StoreError, BlockingIOError):
    """Another opener holds the files; close it first."""

    def __init__(self, store: str, why: object) -> None:
        super().__init__(f"{store} is open elsewhere: {why}; close it there, or use another path")


class StoreForked(StoreError, RuntimeError):
    """A store was opened before a fork and is used in the child, where writes would be lost."""

    def __init__(self, store: str) -> None:
        super().__init__(
            f"{store} cannot be used in a process forked after a store was opened, for its writes "
            "would be lost; start processes with the spawn method, or open the first store in them"
        )


class UnknownStore(StoreError, ValueError):
    """The URL names no store."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(
            f"no store at {url!r}: {why}; expected memory://, rocksdb:///path or redis://host:port/0"
        )
