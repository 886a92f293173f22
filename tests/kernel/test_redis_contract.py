"""Redis Streams queues keep the contract of queues that lend, against a real server."""

import pytest

import sage.kernel
from sage.kernel.runtime.communication.redis_stream import RedisStreamQueueDescriptor
from sage.platform.queue.contract import LeasingQueueContract

assert sage.kernel
pytestmark = pytest.mark.redis


class TestOnRedis(LeasingQueueContract):
    @pytest.fixture(autouse=True)
    def _server(self, redis_url: str) -> None:
        self.url = redis_url

    def make(self, *, maxsize: int = 0) -> RedisStreamQueueDescriptor:
        return RedisStreamQueueDescriptor(
            self.url, maxsize=maxsize, lease_seconds=2, max_deliveries=3
        )
