"""What can go wrong with a store, one class for each thing a caller can do about it."""

import re

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
    """The root of every error that a store raises on its own account.

    >>> issubclass(StoreClosed, StoreError)
    True
    """


class InvalidKey(StoreError, ValueError):
    """The key or namespace has no form that every backend can hold.

    >>> from sage.platform.storage import open_store
    >>> try:
    ...     open_store("memory://").get(7)
    ... except InvalidKey as error:
    ...     print(error)
    key 7 cannot be used: expected text that has a UTF-8 form
    """

    def __init__(self, what: str, given: object, expected: str) -> None:
        super().__init__(f"{what} {given!r} cannot be used: expected {expected}")


class StoreClosed(StoreError, ValueError):
    """The store was closed before this call; open it again.

    >>> from sage.platform.storage import open_store
    >>> store = open_store("memory://")
    >>> store.close()
    >>> store.get("key")
    Traceback (most recent call last):
    sage.platform.storage.errors.StoreClosed: memory:// is closed; open it again with open_store()
    """

    def __init__(self, store: str) -> None:
        super().__init__(f"{store} is closed; open it again with open_store()")


class StoreUnavailable(StoreError, ConnectionError):
    """The backend did not do it: no connection, no room, or it refused.

    Attributes:
        in_doubt: Whether a write may have happened all the same; False: nothing was changed.

    >>> from sage.platform.storage import open_store
    >>> try:
    ...     open_store("rocksdb:///dev/null/store")
    ... except StoreUnavailable as error:
    ...     print(error.in_doubt)
    False
    """

    def __init__(self, store: str, verb: str, why: object, *, in_doubt: bool = False) -> None:
        super().__init__(f"{store} could not {verb}: {why}{_DOUBT * in_doubt}")
        self.in_doubt = in_doubt


class StoreTimeout(StoreError, TimeoutError):
    """The backend did not answer in time.

    Attributes:
        in_doubt: Whether a write may have happened all the same; False: nothing was changed.

    >>> print(StoreTimeout("redis://host:6379/0", "get", "no answer in 5 s"))
    redis://host:6379/0 did not get in time: no answer in 5 s
    """

    def __init__(self, store: str, verb: str, why: object, *, wrote: bool = False) -> None:
        super().__init__(f"{store} did not {verb} in time: {why}{_DOUBT * wrote}")
        self.in_doubt = wrote


class StoreCorrupted(StoreError, ValueError):
    """What is stored is not what was written; nothing was thrown away.

    >>> from sage.common.codec import PickleCodec
    >>> from sage.platform.storage import KeyValueStore, MemoryByteStore
    >>> engine = MemoryByteStore()
    >>> KeyValueStore(engine, codec=PickleCodec()).set("key", {1, 2})
    >>> try:
    ...     KeyValueStore(engine).get("key")
    ... except StoreCorrupted as error:
    ...     print("the bytes are still there:", engine.has(b"default:key"))
    the bytes are still there: True
    """

    def __init__(self, store: str, why: object) -> None:
        super().__init__(f"{store} is damaged or was not written by this library: {why}")


class StoreLocked(StoreError, BlockingIOError):
    """Another opener holds the files; close it first.

    >>> import tempfile
    >>> from sage.platform.storage import open_store
    >>> with tempfile.TemporaryDirectory() as folder, open_store(f"rocksdb://{folder}/db"):
    ...     try:
    ...         open_store(f"rocksdb://{folder}/db")
    ...     except StoreLocked:
    ...         print("one opener at a time")
    one opener at a time
    """

    def __init__(self, store: str, why: object) -> None:
        super().__init__(f"{store} is open elsewhere: {why}; close it there, or use another path")


class StoreForked(StoreError, RuntimeError):
    """A store was opened before a fork and is used in the child, where writes would be lost.

    >>> isinstance(StoreForked("rocksdb:/path"), RuntimeError)
    True
    """

    def __init__(self, store: str) -> None:
        super().__init__(
            f"{store} cannot be used in a process forked after a store was opened, for its writes "
            "would be lost; start processes with the spawn method, or open the first store in them"
        )


class UnknownStore(StoreError, ValueError):
    """The URL names no store.

    >>> from sage.platform.storage import open_store
    >>> try:
    ...     open_store("rocksdb://path")
    ... except UnknownStore as error:
    ...     print(str(error).partition("; ")[0])
    no store at 'rocksdb://path': a path has three slashes: rocksdb:///path
    """

    def __init__(self, url: object, why: str) -> None:
        shown = re.sub(r"//[^/@]*@", "//***@", url) if isinstance(url, str) else url  # a password
        super().__init__(
            f"no store at {shown!r}: {why}; expected memory://, rocksdb:///path or redis://host:port/0"
        )
