"""What the suites are written with, so that they need no test library."""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sage.platform.storage.engine import ByteStore

__all__ = ["increment", "list_all", "race", "raises", "run_all", "wait_until"]

_T = TypeVar("_T")


def run_all(suite: object) -> int:
    names = [name for name in dir(suite) if name.startswith("test_")]
    for name in names:
        getattr(suite, name)()
    return len(names)


def list_all(store: ByteStore, prefix: bytes = b"", limit: int = 1000) -> list[bytes]:
    met: dict[bytes, None] = {}
    page = store.scan(prefix, limit=limit)
    while page.cursor is not None:
        met.update(dict.fromkeys(page.keys))
        page = store.scan(prefix, cursor=page.cursor, limit=limit)
    met.update(dict.fromkeys(page.keys))
    return list(met)


def increment(store: ByteStore, key: bytes) -> bool:
    entry = store.read(key)
    assert entry is not None
    step = b"%d" % (int(entry.value) + 1)
    return store.set(key, step, if_version=entry.version) is not None


def race(threads: int, work: Callable[[int], _T]) -> list[_T]:
    gate = threading.Barrier(threads)

    def begin(who: int) -> _T:
        gate.wait(10)
        return work(who)

    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # let threads meet in the middle of a call, not between two
    try:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(begin, range(threads)))
    finally:
        sys.setswitchinterval(often)


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(400):
        if true():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it did not become true within 2 s")


@contextmanager
def raises(kind: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kind:
        return
    raise AssertionError(f"expected {kind.__name__}, and nothing was raised")
