"""Values by text key on any `ByteStore`: codec, namespaces, conditions, a mapping view."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sage.common.codec import Codec, CodecError
from sage.platform.storage.backend import BaseKVBackend, PathType
from sage.platform.storage.engine import ABSENT, ByteStore
from sage.platform.storage.errors import StoreCorrupted
from sage.platform.storage.limits import (
    check_codec,
    check_namespace,
    check_version,
    encode_key,
)
from sage.platform.storage.snapshot import read_snapshot, remove_snapshot, write_snapshot

__all__ = ["KeyPage", "KeyValueStore", "StoreView", "Versioned"]

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Versioned:
    """A value with what is needed to write it again only if nobody else did.

    Attributes:
        value: The value.
        version: Give it to `set_if` to write only when the key is unchanged.
        ttl: Seconds left before the key expires; None when it stays.

    >>> from sage.platform.storage import open_store
    >>> store = open_store("memory://")
    >>> store.set("count", 1)
    >>> seen = store.read("count")
    >>> store.set_if("count", seen.value + 1, seen.version) is not None
    True
    """

    value: object
    version: int
    ttl: float | None = None


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Some of the keys, as text, that `KeyValueStore.scan` meets.

    Attributes:
        keys: Keys, possibly none even when more pages follow.
        cursor: Give it to `scan` for the next page; None when this was the last.

    >>> from sage.platform.storage import open_store
    >>> store = open_store("memory://")
    >>> store.set_many({"a": 1, "b": 2})
    >>> store.scan()
    KeyPage(keys=('a', 'b'), cursor=None)
    """

    keys: tuple[str, ...]
    cursor: bytes | None


class KeyValueStore(BaseKVBackend):
    """Encoded values in one namespace of a backend; `open_store` makes one from a URL.

    Values are copies: changing what `get` returned changes nothing in the store. Safe to share by
    threads. Every method may raise what `ByteStore` says, `InvalidKey` for a key that is not text,
    and `CodecError` for a value without a form.

    Args:
        engine: The backend; the store that `open_store` returned closes it.
        codec: How values become bytes; MessagePack when None.
        namespace: Keys of other namespaces are neither seen nor touched.

    >>> from sage.platform.storage import open_store
    >>> with open_store("memory://") as store:
    ...     store.set("session", {"user": "ada"}, ttl=60)
    ...     jobs = store.namespace("jobs")
    ...     jobs.set_many({"7": "done", "8": "running"})
    ...     print(store.get("session"), sorted(jobs.get_all_keys()))
    {'user': 'ada'} ['7', '8']
    """

    def __init__(
        self, engine: ByteStore, *, codec: Codec | None = None, namespace: str = "default"
    ) -> None:
        self._engine = engine
        self._codec = check_codec(codec)
        self._name = check_namespace(namespace)
        self._prefix = f"{namespace}:".encode()
        # Bound once: a read costs two look-ups less.
        self._get: Callable[[bytes], bytes | None] = engine.get
        self._decode: Callable[[bytes], object] = self._codec.decode

    def __repr__(self) -> str:
        return f"KeyValueStore({self._engine!r}, namespace={self._name!r})"

    def namespace(self, name: str) -> "KeyValueStore":
        """Return a store for other keys of the same backend; either may close it."""
        return KeyValueStore(self._engine, codec=self._codec, namespace=name)

    def view(self) -> "StoreView":
        """Return the store as a `MutableMapping`, for code that expects a dict."""
        return StoreView(self)

    # One key

    def has(self, key: str) -> bool:
        """Say whether the key holds a value, None included."""
        return self._engine.has(self._key(key))

    def get(self, key: str) -> object:
        """Return the value, or None when the key is missing or has expired."""
        try:
            data = self._get(self._prefix + key.encode())
        except (AttributeError, TypeError, UnicodeEncodeError):
            encode_key(key)  # says what is wrong with the key, if it is the key
            raise
        if data is None:
            return None
        try:
            return self._decode(data)
        except CodecError as error:
            raise self._damaged(key, error) from error

    def set(self, key: str, value: object, *, ttl: float | None = None) -> None:
        """Store the value in place of an earlier one, whose ttl ends with it.

        Args:
            key: Text.
            value: Anything the codec has a form for.
            ttl: Seconds until the key expires, above 0; None keeps it.
        """
        self._engine.set(self._key(key), self._codec.encode(value), ttl=ttl)

    def read(self, key: str) -> Versioned | None:
        """Return value, version and remaining seconds at one instant; None when missing."""
        entry = self._engine.read(self._key(key))
        if entry is None:
            return None
        return Versioned(self._open(key, entry.value), entry.version, entry.ttl)

    def set_if(
        self, key: str, value: object, version: int, *, ttl: float | None = None
    ) -> int | None:
        """Store the value only when the key still has this version; `ABSENT`: only when missing.

        Returns:
            The new version, or None when another write came first and nothing changed.

        Raises:
            ValueError: The version is none: `read` gives it, and None where the key is missing.

        >>> from sage.platform.storage import open_store
        >>> store = open_store("memory://")
        >>> store.set_if("leader", "node-1", ABSENT, ttl=10) is None
        False
        >>> store.set_if("leader", "node-2", ABSENT, ttl=10) is None
        True
        """
        check_version(version)
        data = self._codec.encode(value)
        return self._engine.set(self._key(key), data, ttl=ttl, if_version=version)

    def set_if_absent(self, key: str, value: object, *, ttl: float | None = None) -> bool:
        """Store the value only when the key is missing, and say whether that was so."""
        return self.set_if(key, value, ABSENT, ttl=ttl) is not None

    def delete(self, key: str) -> None:
        """Remove the key; one that is missing is no error."""
        self._engine.delete(self._key(key))

    # Many keys

    def get_many(self, keys: Iterable[str]) -> dict[str, object]:
        """Return those of the keys that hold a value, in one round trip."""
        names = {self._key(key): key for key in keys}
        found = self._engine.get_many(list(names))
        return {names[key]: self._open(names[key], data) for key, data in found.items()}

    def set_many(self, items: Mapping[str, object], *, ttl: float | None = None) -> None:
        """Store all of the items in one step, or none of them."""
        encode = self._codec.encode
        data = {self._key(key): encode(value) for key, value in items.items()}
        self._engine.set_many(data, ttl=ttl)

    def delete_many(self, keys: Iterable[str]) -> int:
        """Remove the keys in one step and return how many were there."""
        return self._engine.delete_many([self._key(key) for key in keys])

    def scan(self, prefix: str = "", *, cursor: bytes | None = None, limit: int = 1000) -> KeyPage:
        """Return the next page of the keys that start with the prefix, in no promised order.

        A key that is there during the whole scan is met at least once. A page holds about `limit`
        keys; its cursor is good for this store and prefix only.
        """
        page = self._engine.scan(self._key(prefix), cursor=cursor, limit=limit)
        start = len(self._prefix)
        return KeyPage(tuple(key[start:].decode() for key in page.keys), page.cursor)

    def iter_keys(self, prefix: str = "") -> Iterator[str]:
        """Yield each key that starts with the prefix once, asking page by page."""
        seen: set[str] = set()
        page = self.scan(prefix)
        while True:
            yield from (key for key in page.keys if key not in seen)
            if page.cursor is None:
                return
            seen.update(page.keys)
            page = self.scan(prefix, cursor=page.cursor)

    def get_all_keys(self) -> list[str]:
        """Return every key of this namespace; remote backends are asked page by page."""
        return list(self.iter_keys())

    def clear(self) -> None:
        """Remove every key of this namespace, a thousand at a time."""
        batch: list[str] = []
        for key in self.get_all_keys():
            batch.append(key)
            if len(batch) == _BATCH:
                self.delete_many(batch)
                batch = []
        if batch:
            self.delete_many(batch)

    # Files

    def load_data_to_memory(self, path: PathType) -> None:
        """Replace what this namespace holds by what the file holds; see `BaseKVBackend`.

        The file is read and checked first. The replacement itself is not one step.
        """
        loaded = read_snapshot(path, self._codec)
        self.clear()
        names = list(loaded)
        for start in range(0, len(names), _BATCH):
            self.set_many({name: loaded[name] for name in names[start : start + _BATCH]})

    def store_data_to_disk(self, path: PathType) -> None:
        """Write this namespace to one file; a failure leaves an earlier file as it was.

        Each key is read on its own instant; times to live are not kept in the file.
        """
        names = self.get_all_keys()
        found: dict[str, object] = {}
        for start in range(0, len(names), _BATCH):
            found.update(self.get_many(names[start : start + _BATCH]))
        write_snapshot(path, found, self._codec)

    def clear_disk_data(self, path: PathType) -> None:
        """Remove the file if it is there."""
        remove_snapshot(path)

    # The backend

    def sync(self) -> None:
        """Return when all that was written is as safe as the backend can make it.

        Raises:
            StoreUnavailable: The backend keeps a disk and cannot confirm.
        """
        self._engine.sync()

    def close(self) -> None:
        """Close the backend, for all of its namespaces. A second call does nothing."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _key(self, key: str) -> bytes:
        return self._prefix + encode_key(key)

    def _open(self, key: str, data: bytes) -> object:
        try:
            return self._decode(data)
        except CodecError as error:
            raise self._damaged(key, error) from error

    def _damaged(self, key: str, error: CodecError) -> StoreCorrupted:
        return StoreCorrupted(f"key {key!r} in {self!r}", error)


class StoreView(MutableMapping[str, object]):
    """A store that reads and writes like a dict; a missing key raises KeyError.

    >>> from sage.platform.storage import open_store
    >>> cache = open_store("memory://").view()
    >>> cache["plan"] = [1, 2]
    >>> cache.pop("plan"), "plan" in cache, len(cache)
    ([1, 2], False, 0)
    """

    def __init__(self, store: KeyValueStore) -> None:
        self._store = store

    def __getitem__(self, key: str) -> object:
        found = self._store.get_many([key])
        return found[key]

    def __setitem__(self, key: str, value: object) -> None:
        self._store.set(key, value)

    def __delitem__(self, key: str) -> None:
        if self._store.delete_many([key]) == 0:
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._store.has(key)

    def __iter__(self) -> Iterator[str]:
        return self._store.iter_keys()

    def __len__(self) -> int:
        """Count the keys, which asks the backend for all of them."""
        return sum(1 for _ in self._store.iter_keys())
