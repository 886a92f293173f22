"""Bytes in this process's memory: the reference that the other backends are compared with."""

import heapq
import itertools
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from sage.platform.storage.engine import ABSENT, Entry, Page
from sage.platform.storage.errors import StoreClosed
from sage.platform.storage.limits import check_limit, check_ttl

__all__ = ["MemoryByteStore"]

_NEVER = float("inf")
_Slot = tuple[bytes, int, float]  # value, version, deadline


class MemoryByteStore:
    """A `ByteStore` that lives and ends with its process. Nothing blocks but a short lock.

    Args:
        clock: Seconds that never go back, by which keys expire.

    >>> store = MemoryByteStore()
    >>> _ = store.set(b"lease", b"node-1", ttl=30)
    >>> store.get(b"lease"), store.get(b"other")
    (b'node-1', None)
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._slots: dict[bytes, _Slot] = {}
        self._deadlines: list[tuple[float, bytes]] = []
        self._ordered: list[bytes] | None = None  # keys in order; None when keys came or went
        self._versions = itertools.count(1)
        self._closed = False

    def __repr__(self) -> str:
        return "memory://"

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None when the key is missing or has expired."""
        slot = self._find(key)
        return None if slot is None else slot[0]

    def read(self, key: bytes) -> Entry | None:
        """Return value, version and remaining seconds; None when missing."""
        slot = self._find(key)
        if slot is None:
            return None
        value, version, deadline = slot
        return Entry(value, version, None if deadline == _NEVER else deadline - self._clock())

    def has(self, key: bytes) -> bool:
        """Say whether the key holds a value that has not expired."""
        return self._find(key) is not None

    def set(
        self,
        key: bytes,
        value: bytes,
        *,
        ttl: float | None = None,
        if_version: int | None = None,
    ) -> int | None:
        """Store a value; see `ByteStore.set`."""
        check_ttl(ttl)
        with self._lock:
            slot = self._find(key)
            if if_version is not None and if_version != (ABSENT if slot is None else slot[1]):
                return None
            return self._put(key, value, ttl)

    def delete(self, key: bytes) -> bool:
        """Remove a key and say whether it was there."""
        return self.delete_many([key]) == 1

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return those of the keys that hold a value."""
        with self._lock:
            found = {key: self._find(key) for key in keys}
        return {key: slot[0] for key, slot in found.items() if slot is not None}

    def set_many(self, items: Mapping[bytes, bytes], *, ttl: float | None = None) -> None:
        """Store all of the items in one step."""
        check_ttl(ttl)
        with self._lock:
            self._check_open()
            for key, value in items.items():
                self._put(key, value, ttl)

    def delete_many(self, keys: Sequence[bytes]) -> int:
        """Remove the keys in one step and return how many were there."""
        with self._lock:
            gone = [key for key in set(keys) if self._find(key) is not None]
            for key in gone:
                del self._slots[key]
            if gone:
                self._ordered = None
        return len(gone)

    def scan(self, prefix: bytes = b"", *, cursor: bytes | None = None, limit: int = 1000) -> Page:
        """Return the next page of the keys that start with the prefix, here in order."""
        check_limit(limit)
        with self._lock:
            self._expire()
            keys = self._in_order()
            start = bisect_left(keys, prefix) if cursor is None else bisect_right(keys, cursor)
            page = keys[start : start + limit]
            met = tuple(key for key in page if key.startswith(prefix))
            following = keys[start + limit : start + limit + 1]
        more = bool(following) and following[0].startswith(prefix)
        return Page(met, met[-1] if more else None)

    def sync(self) -> None:
        """Return at once: memory keeps no disk."""
        self._check_open()

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._closed = True
            self._slots, self._deadlines, self._ordered = {}, [], None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed("memory://")

    def _find(self, key: bytes) -> _Slot | None:
        self._check_open()
        slot = self._slots.get(key)
        if slot is None or (slot[2] != _NEVER and slot[2] <= self._clock()):
            return None
        return slot

    def _put(self, key: bytes, value: bytes, ttl: float | None) -> int:
        self._expire()
        deadline = _NEVER if ttl is None else self._clock() + ttl
        if ttl is not None:
            heapq.heappush(self._deadlines, (deadline, key))
        if key not in self._slots:
            self._ordered = None
        version = next(self._versions)
        self._slots[key] = (value, version, deadline)
        return version

    def _expire(self) -> None:
        """Drop what is past its time, so that keys nobody asks for again do not pile up."""
        self._check_open()
        while self._deadlines and self._deadlines[0][0] <= self._clock():
            deadline, key = heapq.heappop(self._deadlines)
            slot = self._slots.get(key)
            if slot is not None and slot[2] == deadline:
                del self._slots[key]
                self._ordered = None

    def _in_order(self) -> list[bytes]:
        if self._ordered is None:
            self._ordered = sorted(self._slots)
        return self._ordered
