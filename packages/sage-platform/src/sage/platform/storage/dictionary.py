"""A key-value backend in a dict that keeps the objects themselves."""

import threading
from collections.abc import Callable

from sage.common.codec import Codec
from sage.platform.storage.backend import BaseKVBackend, PathType
from sage.platform.storage.limits import check_codec, encode_key
from sage.platform.storage.snapshot import read_snapshot, remove_snapshot, write_snapshot

__all__ = ["DictKVBackend"]


class DictKVBackend(BaseKVBackend):
    """Keeps live objects: what was set is what `get` returns, not a copy (ADR-0008).

    Safe to share by threads. Only saving encodes; with the default codec tuples and sets come
    back from a file as lists.

    Args:
        codec: How values are written by `store_data_to_disk`; `PickleCodec()` for any object.

    >>> backend = DictKVBackend()
    >>> plan = ["retrieve"]
    >>> backend.set("plan", plan)
    >>> plan.append("answer")
    >>> backend.get("plan"), backend.get("missing")
    (['retrieve', 'answer'], None)
    """

    def __init__(self, *, codec: Codec | None = None) -> None:
        self._codec = check_codec(codec)
        self._lock = threading.Lock()
        self._data: dict[str, object] = {}
        # Reading one key of a dict is one step, whoever writes meanwhile: no lock, no wrapper.
        self._get: Callable[[str], object] = self._data.get

    def __repr__(self) -> str:
        return f"DictKVBackend({len(self._data)} keys)"

    def get_all_keys(self) -> list[str]:
        """Return every key, oldest first."""
        with self._lock:
            return list(self._data)

    def has(self, key: str) -> bool:
        """Say whether the key holds a value, None included."""
        return key in self._data

    def get(self, key: str) -> object:
        """Return the object that was set, or None when the key is missing."""
        return self._get(key)

    def set(self, key: str, value: object) -> None:
        """Keep the object itself under the key.

        Raises:
            InvalidKey: The key is not text, or has no UTF-8 form.
        """
        if type(key) is not str or not key.isascii():
            encode_key(key)
        with self._lock:
            self._data[key] = value

    def delete(self, key: str) -> None:
        """Remove the key; one that is missing is no error."""
        with self._lock:
            self._data.pop(key, None)

    def clear(self) -> None:
        """Remove every key."""
        with self._lock:
            self._data.clear()

    def load_data_to_memory(self, path: PathType) -> None:
        """Replace what this backend holds by what the file holds; see `BaseKVBackend`."""
        loaded = read_snapshot(path, self._codec)
        with self._lock:  # one step for readers too
            self._data, self._get = loaded, loaded.get

    def store_data_to_disk(self, path: PathType) -> None:
        """Write everything to one file; a failure leaves an earlier file as it was.

        Raises:
            CodecError: A value has no form in the codec.
            OSError: The disk is full or the folder missing.
        """
        with self._lock:
            copy = dict(self._data)
        write_snapshot(path, copy, self._codec)

    def clear_disk_data(self, path: PathType) -> None:
        """Remove the file if it is there."""
        remove_snapshot(path)
