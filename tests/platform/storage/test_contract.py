"""Every backend against the suites that third parties get."""

import pytest

from sage.common.codec import PickleCodec
from sage.platform.storage import (
    DictKVBackend,
    KeyValueStore,
    MemoryByteStore,
    open_store,
)
from sage.platform.storage.contract import (
    ByteStoreContract,
    KVBackendContract,
    check_byte_store,
    check_kv_backend,
)


class TestMemoryBytes(ByteStoreContract):
    def open(self):
        return MemoryByteStore()


@pytest.mark.redis
class TestRedisBytes(ByteStoreContract):
    @pytest.fixture(autouse=True)
    def _take_opener(self, opener):
        self.open = lambda: opener("redis")


class TestRocksBytes(ByteStoreContract):
    @pytest.fixture(autouse=True)
    def _take_opener(self, opener):
        self.open = lambda: opener("rocksdb")


class TestDictBackend(KVBackendContract):
    def open(self):
        return DictKVBackend()


class TestDictBackendPickled(KVBackendContract):
    def open(self):
        return DictKVBackend(codec=PickleCodec())


@pytest.mark.redis
@pytest.mark.parametrize("backend", ["memory", "redis", "rocksdb"])
class TestStoreByUrl(KVBackendContract):
    @pytest.fixture(autouse=True)
    def _take_url(self, urls, backend):
        self.open = lambda: open_store(urls[backend])

    def shut(self, backend):
        backend.close()


# The suites are worth what they catch: each of these backends breaks one promise.


class Forgets(MemoryByteStore):
    def set(self, key, value, *, ttl=None, if_version=None):
        version = super().set(key, value, ttl=ttl, if_version=if_version)
        if value == b"two":
            super().delete(key)
        return version


class IgnoresVersions(MemoryByteStore):
    def set(self, key, value, *, ttl=None, if_version=None):
        return super().set(key, value, ttl=ttl)


class NeverExpires(MemoryByteStore):
    def set(self, key, value, *, ttl=None, if_version=None):
        return super().set(key, value, if_version=if_version)


class RepeatsVersions(MemoryByteStore):
    def set(self, key, value, *, ttl=None, if_version=None):
        version = super().set(key, value, ttl=ttl, if_version=if_version)
        return version and 1


class ScansTooMuch(MemoryByteStore):
    def scan(self, prefix=b"", *, cursor=None, limit=1000):
        return super().scan(prefix[:1], cursor=cursor, limit=limit)


class StopsAfterOnePage(MemoryByteStore):
    def scan(self, prefix=b"", *, cursor=None, limit=1000):
        page = super().scan(prefix, cursor=cursor, limit=limit)
        return type(page)(page.keys, None)


class StaysOpen(MemoryByteStore):
    def close(self):
        pass


@pytest.mark.parametrize(
    "broken",
    [
        Forgets,
        IgnoresVersions,
        NeverExpires,
        RepeatsVersions,
        ScansTooMuch,
        StopsAfterOnePage,
        StaysOpen,
    ],
)
def test_the_suite_catches_a_backend_that_breaks_a_promise(broken):
    with pytest.raises(AssertionError):
        check_byte_store(broken)


class LosesNone(DictKVBackend):
    def has(self, key):
        return self.get(key) is not None


class KeepsOldKeys(DictKVBackend):
    def load_data_to_memory(self, path):
        before = {key: self.get(key) for key in self.get_all_keys()}
        super().load_data_to_memory(path)
        for key, value in before.items():
            if not self.has(key):
                self.set(key, value)


class DropsBeforeReading(DictKVBackend):
    def load_data_to_memory(self, path):
        self.clear()
        super().load_data_to_memory(path)


@pytest.mark.parametrize("broken", [LosesNone, KeepsOldKeys, DropsBeforeReading])
def test_the_suite_for_backends_catches_one_too(broken):
    with pytest.raises(AssertionError):
        check_kv_backend(broken)


def test_the_suites_run_every_test_they_have():
    names = [name for name in dir(ByteStoreContract) if name.startswith("test_")]
    assert check_byte_store(MemoryByteStore) == len(names) == 29
    names = [name for name in dir(KVBackendContract) if name.startswith("test_")]
    assert check_kv_backend(lambda: KeyValueStore(MemoryByteStore())) == len(names) == 10
