"""The test suites that every backend passes; run them on your own with pytest.

A backend of your own is held to the contract by a test class of a few lines:

    class TestMine(ByteStoreContract):
        def open(self) -> ByteStore:
            return MyByteStore()

`KVBackendContract` does the same for `BaseKVBackend`. The suites need pytest only to be collected.
`check_byte_store` runs one without it:

>>> from sage.platform.storage import MemoryByteStore
>>> check_byte_store(MemoryByteStore) > 20
True
"""

from sage.platform.storage.contract.backend import KVBackendContract, check_kv_backend
from sage.platform.storage.contract.engine import ByteStoreContract, check_byte_store

__all__ = ["ByteStoreContract", "KVBackendContract", "check_byte_store", "check_kv_backend"]
