"""Bytes in a folder of this machine, through RocksDB. Importing this needs the extra `rocksdb`."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sage.common.forks import keep_for_ever
from sage.platform.storage._rocks import (
    CLOCK,
    Rdict,
    WriteBatch,
    WriteOptions,
    close,
    fault,
    note_synced,
    open_folder,
)
from sage.platform.storage.clock import SteadyClock
from sage.platform.storage.engine import ABSENT, Entry, Page
from sage.platform.storage.errors import StoreClosed, StoreCorrupted, StoreError, StoreForked
from sage.platform.storage.fork import Refusal, rocks_forks
from sage.platform.storage.limits import check_limit, check_ttl
from sage.platform.storage.record import PLAIN_SIZE, Record, pack, unpack

__all__ = ["RocksByteStore"]

_DATA, _DUE = b"k", b"x"  # first byte of: a key, a deadline; `m` is that of our own notes
_STRIPES = 64
_PURGE = 16


class RocksByteStore:
    """A `ByteStore` in a folder, for one opener at a time; its threads share it.

    A process forked after the first opening can use and open none: start processes with `spawn`.

    A write that returned survives the end of the process, killed or not; it survives a power cut
    after `sync`, or at once with `sync_always`. A last write cut short by a crash is dropped on
    opening; any other damage refuses to open or to read, and nothing is thrown away. What was
    synced, or there when the store was closed, is missed on opening, even where a log is gone.

    Args:
        path: The folder; made when missing, refused when it holds anything else.
        sync_always: Wait for the disk on every write.
        clock: What makes the store's clock from the milliseconds it had reached before.

    Raises:
        StoreLocked: The folder is open elsewhere.
        StoreCorrupted: The folder is damaged or was not written by this library.
        StoreForked: This process was forked from one that had opened a store.
        StoreUnavailable: The folder cannot be made or read.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with RocksByteStore(f"{folder.name}/db", sync_always=True) as store:
    ...     version = store.set(b"key", b"value")
    >>> with RocksByteStore(f"{folder.name}/db") as store:
    ...     store.read(b"key").version == version
    True
    >>> folder.cleanup()
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        sync_always: bool = False,
        clock: Callable[[int], SteadyClock] | None = None,
    ) -> None:
        self._name = f"rocksdb:{Path(path)}"
        self._locks = tuple(threading.Lock() for _ in range(_STRIPES))
        self._writing = WriteOptions()
        self._writing.sync = sync_always
        if rocks_forks.inherited:
            raise StoreForked(self._name)
        self._db: Rdict | Refusal
        self._path = Path(path)
        self._db, floor = open_folder(self._name, self._path)
        self._clock = SteadyClock(floor=floor) if clock is None else clock(floor)
        self._find: Callable[[bytes], bytes | None] = self._db.get
        rocks_forks.add(self)

    def __repr__(self) -> str:
        return self._name

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None when the key is missing or has expired."""
        try:
            data = self._find(b"k" + key)
        except Exception as error:
            raise fault(self._name, "get", error) from error
        if data is None:
            return None
        if len(data) >= PLAIN_SIZE and data[0] == 1:
            return data[PLAIN_SIZE:]
        record = self._unpack(key, data)
        return None if self._expired(record) else record.value

    def read(self, key: bytes) -> Entry | None:
        """Return value, version and remaining seconds at one instant; None when missing."""
        record = self._record(key)
        if record is None:
            return None
        left = None if record.deadline is None else (record.deadline - self._clock.now()) / 1000
        return Entry(record.value, record.version, left)

    def has(self, key: bytes) -> bool:
        """Say whether the key holds a value that has not expired."""
        return self._record(key) is not None

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
        with self._locks[hash(key) % _STRIPES]:
            if if_version is not None:
                record = self._record(key)
                if if_version != (ABSENT if record is None else record.version):
                    return None
            version = self._next_version()
            if ttl is None:
                self._put(key, pack(version, value))
            else:
                self._write("set", self._batch({key: value}, version, ttl))
        if ttl is not None:
            self._purge()
        return version

    def delete(self, key: bytes) -> bool:
        """Remove a key and say whether it was there."""
        return self.delete_many([key]) == 1

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return those of the keys that hold a value, at one instant."""
        with self._guard("get_many"):
            found: list[bytes | None] = self._db.get([b"k" + key for key in keys]) or []
        records = {
            key: self._unpack(key, data)
            for key, data in zip(keys, found, strict=True)
            if data is not None
        }
        return {key: one.value for key, one in records.items() if not self._expired(one)}

    def set_many(self, items: Mapping[bytes, bytes], *, ttl: float | None = None) -> None:
        """Store all of the items in one step."""
        check_ttl(ttl)
        with self._hold(items):
            self._write("set_many", self._batch(items, self._next_version(), ttl))
        if ttl is not None:
            self._purge()

    def delete_many(self, keys: Sequence[bytes]) -> int:
        """Remove the keys in one step and return how many were there."""
        with self._hold(keys):
            batch = WriteBatch(raw_mode=True)
            gone = [key for key in set(keys) if self._record(key) is not None]
            for key in gone:
                batch.delete(_DATA + key)
            self._write("delete", batch)
        return len(gone)

    def scan(self, prefix: bytes = b"", *, cursor: bytes | None = None, limit: int = 1000) -> Page:
        """Return the next page of the keys that start with the prefix, here in order."""
        check_limit(limit)
        met: list[bytes] = []
        start = _DATA + (prefix if cursor is None else cursor + b"\x00")
        with self._guard("scan"):
            for key, data in self._walk(start, _DATA + prefix):
                if len(met) == limit:
                    return Page(tuple(met), met[-1])
                if not self._expired(self._unpack(key[1:], data)):
                    met.append(key[1:])
        return Page(tuple(met), None)

    def sync(self) -> None:
        """Return when every write so far is on the disk."""
        with self._guard("sync"):
            number = self._db.latest_sequence_number()
            self._db.flush_wal(sync=True)
        note_synced(self._path, number)

    def close(self) -> None:
        """Release the folder. In a forked child it does nothing: the folder is the parent's.

        Raises:
            StoreUnavailable: What was in memory could not be flushed; it is in the log.
        """
        db, closed = self._db, Refusal(StoreClosed, self._name)
        if isinstance(db, Refusal):
            return
        rocks_forks.discard(self)
        mark = self._clock.now().to_bytes(8, "big")
        with self._hold_all():  # writes under way return first, later ones are refused
            self._db, self._find = closed, closed.get
        try:
            with self._guard("close"):
                db.put(CLOCK, mark, self._writing)
        finally:
            with self._guard("close"):
                number = db.latest_sequence_number()
                close(db)
            note_synced(self._path, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Reading

    def _record(self, key: bytes) -> Record | None:
        try:  # not _guard: a generator would cost more than the read
            data = self._find(b"k" + key)
        except Exception as error:
            raise fault(self._name, "get", error) from error
        if data is None:
            return None
        record = self._unpack(key, data)
        return None if self._expired(record) else record

    def _unpack(self, key: bytes, data: bytes) -> Record:
        try:
            return unpack(data)
        except ValueError as error:
            raise StoreCorrupted(f"key {key!r} in {self._name}", error) from error

    def _expired(self, record: Record) -> bool:
        return record.deadline is not None and record.deadline <= self._clock.now()

    def _walk(self, start: bytes, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        place = self._db.iter()
        place.seek(start)
        while place.valid():
            key = place.key()
            if not key.startswith(prefix):
                return
            yield key, place.value()
            place.next()
        place.status()  # an iterator that met damage ends as one that met the end does

    # Writing

    def _next_version(self) -> int:
        # Grows with every write, is kept on disk, and is read under the key's lock: per key it
        # never comes twice, not even after a delete or a restart.
        try:
            return self._db.latest_sequence_number() + 1
        except Exception as error:
            raise fault(self._name, "set", error) from error

    def _batch(self, items: Mapping[bytes, bytes], version: int, ttl: float | None) -> WriteBatch:
        batch = WriteBatch(raw_mode=True)
        deadline = None
        if ttl is not None:
            now = self._clock.now()
            deadline = now + max(1, round(ttl * 1000))
            batch.put(CLOCK, now.to_bytes(8, "big"))
            for key in items:
                batch.put(_DUE + deadline.to_bytes(8, "big") + key, b"")
        for key, value in items.items():
            batch.put(_DATA + key, pack(version, value, deadline))
        return batch

    def _put(self, key: bytes, data: bytes) -> None:
        try:
            self._db.put(b"k" + key, data, self._writing)
        except Exception as error:
            raise fault(self._name, "set", error) from error

    def _write(self, verb: str, batch: WriteBatch) -> None:
        with self._guard(verb):
            self._db.write(batch, self._writing)

    @contextmanager
    def _hold(self, keys: Sequence[bytes] | Mapping[bytes, bytes]) -> Iterator[None]:
        with ExitStack() as held:
            for stripe in sorted({hash(key) % _STRIPES for key in keys}):
                held.enter_context(self._locks[stripe])
            yield

    @contextmanager
    def _hold_all(self) -> Iterator[None]:
        with ExitStack() as held:
            for lock in self._locks:
                held.enter_context(lock)
            yield

    def _purge(self) -> None:
        """Remove a few keys that are past their time, so that they do not pile up."""
        now = self._clock.now()
        due: list[bytes] = []
        with self._guard("set"):
            for entry, _ in self._walk(_DUE, _DUE):
                if int.from_bytes(entry[1:9], "big") > now or len(due) == _PURGE:
                    break
                due.append(entry)
        for entry in due:
            self._drop(entry)

    def _drop(self, entry: bytes) -> None:
        deadline, key = int.from_bytes(entry[1:9], "big"), entry[9:]
        batch = WriteBatch(raw_mode=True)
        batch.delete(entry)
        with self._hold([key]):
            with self._guard("set"):
                data = self._db.get(_DATA + key)
            if data is not None and self._unpack(key, data).deadline == deadline:
                batch.delete(_DATA + key)
            self._write("set", batch)

    # Faults

    @contextmanager
    def _guard(self, verb: str) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # rocksdict raises bare Exception
            raise fault(self._name, verb, error) from error

    def become_child(self) -> None:
        """Refuse all use in a forked child, where RocksDB has no threads and writes are lost."""
        keep_for_ever(self._db)
        forked = Refusal(StoreForked, self._name)
        self._db, self._find = forked, forked.get
        self._locks = tuple(threading.Lock() for _ in range(_STRIPES))
