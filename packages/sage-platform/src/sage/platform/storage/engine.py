"""The bytes-level contract beneath every store: what a backend has to do, and no more.

A backend of your own implements `ByteStore` and passes `sage.platform.storage.contract`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

__all__ = ["ABSENT", "ByteStore", "Entry", "Page"]

ABSENT = 0
"""The version of a key that holds nothing; no write ever gets it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value with the version that its last write gave it.

    Attributes:
        value: The bytes stored.
        version: Above 0, and different for every write to this key; otherwise without meaning.
        ttl: Seconds left before the key expires; None when it stays.

    >>> from sage.platform.storage import MemoryByteStore
    >>> store = MemoryByteStore()
    >>> version = store.set(b"key", b"value")
    >>> store.read(b"key") == Entry(b"value", version)
    True
    """

    value: bytes
    version: int
    ttl: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the keys, as bytes, that `ByteStore.scan` meets.

    Attributes:
        keys: Keys, possibly none even when more pages follow.
        cursor: Where the next page starts; None when this was the last.

    >>> from sage.platform.storage import MemoryByteStore
    >>> store = MemoryByteStore()
    >>> store.set_many({b"a": b"", b"b": b"", b"c": b""})
    >>> first = store.scan(limit=2)
    >>> first.keys, store.scan(cursor=first.cursor)
    ((b'a', b'b'), Page(keys=(b'c',), cursor=None))
    """

    keys: tuple[bytes, ...]
    cursor: bytes | None


@runtime_checkable
class ByteStore(Protocol):
    """Bytes by key. Safe to share by threads; the opener closes it.

    Every method raises `StoreClosed` after `close`, `StoreUnavailable` when nothing was done, and
    `StoreTimeout` when a remote backend did not answer and a write is in doubt. No method retries
    a write.

    >>> from sage.platform.storage import MemoryByteStore
    >>> with MemoryByteStore() as store:
    ...     first = store.set(b"colour", b"red")
    ...     lost = store.set(b"colour", b"blue", if_version=ABSENT)
    ...     won = store.set(b"colour", b"green", if_version=first)
    ...     print(lost, won != first, store.get(b"colour"))
    None True b'green'
    """

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None when the key is missing or has expired."""

    def read(self, key: bytes) -> Entry | None:
        """Return value, version and remaining seconds at one instant; None when missing."""

    def has(self, key: bytes) -> bool:
        """Say whether the key holds a value that has not expired."""

    def set(
        self,
        key: bytes,
        value: bytes,
        *,
        ttl: float | None = None,
        if_version: int | None = None,
    ) -> int | None:
        """Store a value in one step and return its new version.

        Args:
            key: Any bytes.
            value: Any bytes.
            ttl: Seconds until the key expires, above 0; None keeps it, and ends an earlier ttl.
            if_version: Write only when the key has this version; `ABSENT` (0): only when missing.

        Returns:
            The new version, or None when the condition did not hold and nothing changed.

        Raises:
            ValueError: The ttl is not above 0, or not finite.
        """

    def delete(self, key: bytes) -> bool:
        """Remove a key and say whether it was there."""

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return those of the keys that hold a value, in one round trip."""

    def set_many(self, items: Mapping[bytes, bytes], *, ttl: float | None = None) -> None:
        """Store all of the items or, when it raises `StoreUnavailable`, none of them.

        Raises:
            ValueError: The ttl is not above 0, or not finite.
        """

    def delete_many(self, keys: Sequence[bytes]) -> int:
        """Remove the keys in one step and return how many were there."""

    def scan(self, prefix: bytes = b"", *, cursor: bytes | None = None, limit: int = 1000) -> Page:
        """Return the next page of the keys that start with the prefix, in no promised order.

        A key that is there during the whole scan is met at least once; one that comes or goes
        meanwhile may be met or not. A page holds about `limit` keys.

        Raises:
            ValueError: The limit is below 1.
        """

    def sync(self) -> None:
        """Return when all that was written is as safe as this backend can make it.

        Raises:
            StoreUnavailable: The backend keeps a disk and cannot confirm.
        """

    def close(self) -> None:
        """Release threads, files and connections. A second call does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
