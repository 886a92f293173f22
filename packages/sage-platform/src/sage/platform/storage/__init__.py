"""Key-value storage: one contract over memory, Redis and RocksDB, and a dict of live objects.

`open_store` opens a backend by URL and encodes values; the rest of the program stays the same
whichever it is:

>>> from sage.platform.storage import open_store
>>> with open_store("memory://") as store:          # or redis://localhost:6379/0, rocksdb:///path
...     store.set("node/1", {"state": "ready"}, ttl=30)
...     store.set_if_absent("leader", "node/1", ttl=10)
...     store.get("node/1")
True
{'state': 'ready'}

`DictKVBackend` keeps the objects themselves and saves them to a file on request:

>>> cache = DictKVBackend()
>>> cache.set("plan", ("retrieve", "answer"))
>>> cache.get("plan")
('retrieve', 'answer')

Redis and RocksDB are extras: `pip install 'sage-platform[redis]'`, `'sage-platform[rocksdb]'`.
"""

from sage.platform.storage.backend import BaseKVBackend
from sage.platform.storage.dictionary import DictKVBackend
from sage.platform.storage.engine import ABSENT, ByteStore, Entry, Page
from sage.platform.storage.errors import (
    InvalidKey,
    StoreClosed,
    StoreCorrupted,
    StoreError,
    StoreForked,
    StoreLocked,
    StoreTimeout,
    StoreUnavailable,
    UnknownStore,
)
from sage.platform.storage.memory import MemoryByteStore
from sage.platform.storage.opening import open_store
from sage.platform.storage.store import KeyPage, KeyValueStore, StoreView, Versioned

__all__ = [
    "ABSENT",
    "BaseKVBackend",
    "ByteStore",
    "DictKVBackend",
    "Entry",
    "InvalidKey",
    "KeyPage",
    "KeyValueStore",
    "MemoryByteStore",
    "Page",
    "StoreClosed",
    "StoreCorrupted",
    "StoreError",
    "StoreForked",
    "StoreLocked",
    "StoreTimeout",
    "StoreUnavailable",
    "StoreView",
    "UnknownStore",
    "Versioned",
    "open_store",
]
