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
    """The backend did not do it: no connection, no room, or it refused. Nothing was changed."""

    def __init__(self, store: str, verb: str, why: object) -> None:
        super().__init__(f"{store} could not {verb}: {why}")


class StoreTimeout(StoreError, TimeoutError):
    """The backend did not answer in time. A write may or may not have happened."""

    def __init__(self, store: str, verb: str, why: object, *, wrote: bool) -> None:
        doubt = "; it is not known whether it was written: read before you write again"
        super().__init__(f"{store} did not answer while asked to {verb}: {why}{doubt * wrote}")


class StoreCorrupted(StoreError, ValueError):
    """What is stored is not what was written; nothing was thrown away."""

    def __init__(self, store: str, why: object) -> None:
        super().__init__(f"{store} is damaged or was not written by this library: {why}")


class StoreLocked(StoreError, BlockingIOError):
    """Another opener holds the files; close it first."""

    def __init__(self, store: str, why: object) -> None:
        super().__init__(f"{store} is open elsewhere: {why}; close it there, or use another path")


class StoreForked(StoreError, RuntimeError):
    """The store was opened before a fork and is used in the child, where writes would be lost."""

    def __init__(self, store: str) -> None:
        super().__init__(
            f"{store} was opened before this process was forked; writes here would be lost: "
            "open it after the fork, or start processes with the spawn method"
        )


class UnknownStore(StoreError, ValueError):
    """The URL names no store."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(
            f"no store at {url!r}: {why}; expected memory://, rocksdb:///path or redis://host:port/0"
        )
