import gc

import pytest

from sage.platform.storage import MemoryByteStore


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_key_expires_at_its_second(clock):
    store = MemoryByteStore(clock=clock)
    store.set(b"key", b"value", ttl=10)
    clock.now += 9.99
    assert store.get(b"key") == b"value"
    clock.now += 0.01
    assert store.get(b"key") is None


def test_keys_that_nobody_asks_for_again_do_not_pile_up(clock):
    store = MemoryByteStore(clock=clock)
    for number in range(1000):
        store.set(b"%d" % number, b"x" * 100, ttl=1)
        clock.now += 0.1
    gc.collect()
    assert len(store._slots) <= 11
    assert len(store._deadlines) <= 11


def test_a_key_set_again_outlives_its_first_deadline(clock):
    store = MemoryByteStore(clock=clock)
    store.set(b"key", b"one", ttl=1)
    store.set(b"key", b"two", ttl=5)
    clock.now += 2
    store.set(b"other", b"")
    assert store.get(b"key") == b"two"


def test_scans_come_in_order():
    store = MemoryByteStore()
    for key in (b"b", b"a", b"c"):
        store.set(key, b"")
    assert store.scan(limit=2).keys == (b"a", b"b")
    assert store.scan(limit=2, cursor=store.scan(limit=2).cursor).keys == (b"c",)
